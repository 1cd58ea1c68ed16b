"""Notices at the home page and at collection points, P02 and P03: every instant at which anything changes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from tests.reference.statuses import first_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.reference.history import Line

WITHIN: Final = timedelta(hours=1)
INSTANT: Final = timedelta(microseconds=1)


class Duty(NamedTuple):
    """A location must carry a version from one time on, until another (None: still)."""

    location: str
    version: str
    since: datetime
    until: datetime | None


class Notices:
    """What stood where, and what had to."""

    def __init__(self, lines: Sequence[Line], as_of: datetime) -> None:
        self.lines = lines
        self.as_of = as_of
        self.times = sorted({datetime.fromisoformat(one.at) for one in lines})

    def statuses(self) -> dict[str, str]:
        """Return the status of both promises."""
        points = sorted({one.data["collection_point"] for one in self.lines if one.kind.startswith("collection_point")})
        begun = self.times[0] if self.times else self.as_of
        home = [self.of_duty(duty) for duty in self.duties("homepage", [(begun, None)])]
        at_points = [self.of_duty(duty) for point in points for duty in self.duties(point, self.open_spans(point))]
        collected = [self.of_collection(one) for one in self.lines if one.kind == "collection"]
        return {"P02": first_of(home), "P03": first_of([*at_points, *collected])}

    def versions(self) -> Iterator[tuple[str, datetime, datetime | None]]:
        """Yield the versions in force, each since when and until when; "or of a publication": also of the same one."""
        told = [one for one in self.lines if one.kind == "policy_published"]
        for one, after in zip(told, [*told[1:], None], strict=True):
            until = datetime.fromisoformat(after.at) if after else None
            yield one.data["version"], datetime.fromisoformat(one.at), until

    def open_spans(self, point: str) -> list[tuple[datetime, datetime | None]]:
        """Return when an online point was registered. To register it again changes nothing."""
        spans: list[tuple[datetime, datetime | None]] = []
        for one in self.lines:
            if not one.kind.startswith("collection_point") or one.data["collection_point"] != point:
                continue
            at, is_open = datetime.fromisoformat(one.at), bool(spans) and spans[-1][1] is None
            binds = one.kind.endswith("registered") and one.data["online"]
            if binds and not is_open:
                spans.append((at, None))
            elif not binds and is_open:
                spans[-1] = (spans[-1][0], at)
        return spans

    def duties(self, location: str, spans: list[tuple[datetime, datetime | None]]) -> Iterator[Duty]:
        """Yield what a location had to carry, while it was open and a version was in force."""
        for opened, closed in spans:
            for version, since, until in self.versions():
                begins, ends = max(opened, since), min(filter(None, (closed, until)), default=None)
                if (ends is None or begins < ends) and begins <= self.as_of:
                    yield Duty(location, version, begins, ends)

    def carried(self, location: str, at: datetime) -> str | None:
        """Return the version that a location carries at a time: a posting replaces what stood there."""
        stands: str | None = None
        for one in self.lines:
            if datetime.fromisoformat(one.at) > at or one.data.get("location") != location:
                continue
            if one.kind == "notice_posted":
                stands = one.data["version"]
            elif one.kind == "notice_removed" and stands == one.data["version"]:
                stands = None
        return stands

    def of_duty(self, duty: Duty) -> str:
        """Return what became of a duty: broken by a gap after its first hour."""
        due, last = duty.since + WITHIN, duty.until or self.as_of + INSTANT
        looked_at = [at for at in (*self.times, due + INSTANT, duty.since, self.as_of) if duty.since <= at < last]
        shown = [at for at in looked_at if self.carried(duty.location, at) == duty.version]
        if any(at > due and at not in shown and at <= self.as_of for at in looked_at):
            return "broken"
        if self.as_of <= due and duty.until is None and self.as_of not in shown:
            return "open"
        return "kept" if shown else "untested"

    def of_collection(self, line: Line) -> str:
        """Return what became of a collection: it is at a registered point, which shows the version that it names."""
        at, point = datetime.fromisoformat(line.at), line.data["collection_point"]
        if not line.data["online"]:
            return "untested"
        duty = next((one for one in self.duties(point, self.open_spans(point)) if self._binds(one, at)), None)
        if duty is None:
            is_known = line.data["act"] == "inbound_message" or self.is_registered(point, at)
            return "untested" if is_known else "broken"
        if at - duty.since <= WITHIN:
            return "kept"
        shows = self.carried(point, at) == duty.version
        return "kept" if shows and line.data["notice"] == duty.version else "broken"

    def is_registered(self, point: str, at: datetime) -> bool:
        """Return whether a point is open at a time, online or not."""
        told = [
            one
            for one in self.lines
            if one.kind.startswith("collection_point")
            and one.data["collection_point"] == point
            and datetime.fromisoformat(one.at) <= at
        ]
        return bool(told) and told[-1].kind.endswith("registered")

    @staticmethod
    def _binds(duty: Duty, at: datetime) -> bool:
        return duty.since <= at and (duty.until is None or at < duty.until)
