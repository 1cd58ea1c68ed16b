-- Living people hold a contact point only after these ends of it any more: its other tombstones say whose it was.
UPDATE tombstones SET is_held = false, position = %(position)s
WHERE digest = %(digest)s AND is_held
    AND after_end NOT IN (SELECT coalesce(held.start, '-infinity') FROM unnest(%(held)s::timestamptz[]) AS held (start))
