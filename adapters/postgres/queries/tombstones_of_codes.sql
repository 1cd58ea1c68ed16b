-- All tombstones of the erasures that have these codes, those of contact points that living people hold among them.
SELECT digest, nullif(after_end, '-infinity'), until, code, is_contact, by_code, named, is_typed, is_held
FROM tombstones
WHERE code = ANY (%(codes)s::uuid[])
