"""The simulation of the demo: what is still to happen, in order of time, and the journal of facts.

The same deeds and the same seed give the same facts in the same order. A fact with a delay keeps its time and is
delivered later, as by a relay that was down. A deed at or after the end of the simulation is dropped.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from adapters.demo.people import START
from domain.times import rfc3339

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from adapters.demo.people import Browser, Shopper

NO_DELAY: Final = timedelta(0)
ONE_SECOND: Final = timedelta(seconds=1)
RELAYED_LATE: Final = 0.04
"""The share of a relay's facts that come late."""

Deed = Callable[[datetime], object]


class Simulation:
    """Holds the deeds to come and the facts recorded, for `days` days from `START`."""

    def __init__(self, rng: random.Random, days: int) -> None:
        self.rng = rng
        self.days = days
        self._closes = START + timedelta(days=days)
        self._serial = itertools.count()
        self._deeds: list[tuple[datetime, int, Deed]] = []
        self._journal: list[tuple[datetime, int, dict[str, Any]]] = []

    def at(self, when: datetime, deed: Deed) -> None:
        """Schedule `deed` at `when`, which is its argument."""
        if when < self._closes:
            heapq.heappush(self._deeds, (when.replace(microsecond=0), next(self._serial), deed))

    def after(self, when: datetime, low: float, high: float, deed: Deed) -> None:
        """Schedule `deed` between `low` and `high` hours after `when`."""
        self.at(when + timedelta(hours=self.rng.uniform(low, high)), deed)

    def day(self, fraction: float) -> datetime:
        """Return the time at which that fraction of the simulation is over, to the hour."""
        return START + timedelta(hours=round(fraction * self.days * 24))

    def record(  # noqa: PLR0913 - these are the parts of one fact, and of its delivery.
        self,
        name: str,
        word: str,
        when: datetime,
        data: dict[str, Any],
        about: Shopper | Browser | None = None,
        *,
        delay: timedelta = NO_DELAY,
    ) -> datetime:
        """Record a fact in the journal, and return its time.

        `name` is its source and id, `word` its type. The facts about one person, or browser, never share a second. A
        fact is delivered `delay` after its time.
        """
        source, fact_id = name.split(" ", 1)
        fact: dict[str, Any] = {"specversion": "1.0", "id": fact_id, "source": source, "type": f"pledger.{word}.v1"}
        if about:
            when = about.last = max(when, about.last + ONE_SECOND)
            fact["subject"] = about.subject
        fact["time"] = rfc3339(when)
        fact["data"] = data
        self._journal.append((when + delay, next(self._serial), fact))
        return when

    def relay_delay(self) -> timedelta:
        """Return the delay of a fact that the relay delivers: none for most, hours or days for a few."""
        if self.rng.random() < RELAYED_LATE:
            return timedelta(minutes=self.rng.randint(120, 2880))
        return NO_DELAY

    def play(self) -> Iterator[dict[str, Any]]:
        """Do every deed in order of time, and yield the facts in the order in which they are delivered."""
        while self._deeds:
            when, _, deed = heapq.heappop(self._deeds)
            deed(when)
        self._journal.sort(key=lambda entry: entry[:2])
        for _, _, fact in self._journal:
            yield fact
