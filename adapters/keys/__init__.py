"""Keys and sealing: the holder of the key encryption key, the keys of streams, and sealed values."""
