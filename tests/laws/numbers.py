"""How many histories a law generates: a part in `make test`, all in `make slow`, more in `make laws`."""

from __future__ import annotations

import os
from typing import Final

_PARTS: Final = 1.0 if "PLEDGER_TEST_WHOLE_LAWS" in os.environ else 0.2


def part_of(number: int) -> int:
    """Return as many of a law's histories, or of what they have to cover, as are asked for."""
    return round(number * _PARTS)


def least_of(number: int) -> int:
    """Return how many of a sort have to be covered: `number` in all histories, and half of its share in a part.

    What is rare in few histories varies more; at least one there has to be.
    """
    return number if _PARTS == 1 else max(1, round(number * _PARTS / 2))
