"""Judging a whole history: promise by promise, under every reading."""
