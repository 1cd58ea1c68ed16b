"""Check pages for the notices that they must carry."""
