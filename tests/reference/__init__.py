"""A slow second reading of the wire contract, written from it alone: it shares no code with `domain`."""
