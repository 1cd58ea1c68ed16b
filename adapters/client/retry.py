"""How often a request is tried again, and after which pauses."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from adapters.transient import backoff_seconds

FIRST_PAUSE_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 10.0


@dataclass(slots=True)
class Retry:
    """The tries of one request, for `seconds` in all, of which `spent` have gone into pauses."""

    seconds: float
    spent: float = 0.0
    tries: int = 0

    def pause(self, retry_after: str | None = None) -> float | None:
        """Return the seconds to wait before the next try, or None to give up.

        `retry_after` is the server's own header; the pause is at least that long.
        """
        longest = backoff_seconds(self.tries, FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
        self.tries += 1
        # Random, so that many clients that were sent away together do not come back together.
        seconds = random.uniform(longest / 2, longest)  # noqa: S311 - no secret
        if retry_after is not None and retry_after.isascii() and retry_after.isdigit():
            seconds = max(seconds, float(retry_after))
        if self.spent + seconds > self.seconds:
            return None
        self.spent += seconds
        return seconds
