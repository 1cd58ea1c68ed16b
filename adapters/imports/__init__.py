"""Files of other systems, read as facts."""
