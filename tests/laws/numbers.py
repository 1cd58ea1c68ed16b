"""How many histories a law generates: a part in `make test`, all in `make slow`, more in `make laws`."""

from __future__ import annotations

import os
from typing import Final

_PARTS: Final = 1.0 if "PLEDGER_TEST_WHOLE_LAWS" in os.environ else 0.4


def part_of(number: int) -> int:
    """Return as many of a law's histories, or of what they have to cover, as are asked for."""
    return round(number * _PARTS)
