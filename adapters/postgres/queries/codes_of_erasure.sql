-- The code of the erasure that ended at this position.
SELECT DISTINCT code FROM tombstones WHERE erased_by = %(erased_by)s
