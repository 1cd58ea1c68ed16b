-- Replace the value keys of events by what is kept of them, or by nothing.
SELECT cut_value_keys(%(positions)s::bigint[], %(kept)s::bytea[])
