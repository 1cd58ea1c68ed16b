"""A policy file cannot keep the loader busy."""

from __future__ import annotations

import time

import pytest

from domain.policy.loader import load_policy
from domain.policy.problems import PolicyInvalid


def test_a_key_of_many_parts_is_refused_at_once() -> None:
    """A key that would take a minute to read is refused, with its line."""
    started = time.monotonic()
    with pytest.raises(PolicyInvalid, match=r"policy.toml:2: text: a key has too many parts"):
        load_policy("# A policy.\n" + "a." * 50_000 + "b = 1\n", name="policy.toml", kinds={})
    assert time.monotonic() - started < 5
