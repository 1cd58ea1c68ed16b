"""Webhooks: other systems get each opt-out, correction and erasure, signed and in order, until they answer."""
