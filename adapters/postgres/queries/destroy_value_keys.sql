-- Destroy the keys of all values on erased streams.
SELECT destroy_value_keys(%(streams)s::uuid[])
