UPDATE head SET size = size + %(events)s WHERE one RETURNING size - %(events)s, clock_timestamp()
