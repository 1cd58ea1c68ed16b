"""Everything that touches the world: PostgreSQL, keys, settings, the command line. Nothing else may import it."""
