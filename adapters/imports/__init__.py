"""Files of other systems, read as facts of the wire contract."""
