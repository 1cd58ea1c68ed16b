"""When a request is tried again, and how long after.

Promise: pure but for the chance in a pause. What may pass is tried again until the patience is over: no connection, a
server that is busy (429), and faults of the server (5xx). A server's own Retry-After is kept to. Anything else is
final.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

FIRST_PAUSE_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 10.0
_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


def passes(status: int) -> bool:
    """Tell whether an answer with this status may be another one later."""
    return status in _PASSING


@dataclass(slots=True)
class Patience:
    """How long one request is tried: `seconds` in all, of which `spent` have gone into pauses."""

    seconds: float
    spent: float = 0.0
    tries: int = 0

    def pause(self, retry_after: str | None = None) -> float | None:
        """Give the seconds to wait before the next try; None: enough was tried."""
        longest = min(FIRST_PAUSE_SECONDS * 2**self.tries, LONGEST_PAUSE_SECONDS)
        self.tries += 1
        # By chance, so that many who were sent away together do not come back together.
        seconds = random.uniform(longest / 2, longest)  # noqa: S311 - no secret
        if retry_after is not None and retry_after.isascii() and retry_after.isdigit():
            seconds = max(seconds, float(retry_after))
        if self.spent + seconds > self.seconds:
            return None
        self.spent += seconds
        return seconds
