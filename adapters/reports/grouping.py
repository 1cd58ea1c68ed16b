"""Group entries that differ only in their time and reference, so that a page shows them once.

Every entry is in exactly one group. Groups are in the order of their first entries, and entries in their own order.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from projections.access_report.parts import Note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from projections.access_report import AccessReport


class Ground(NamedTuple):
    """What an entry rests on: an `act` of the person, the `cause` of an enrollment, or a `fact` elsewhere."""

    sort: str
    code: str


class Group(NamedTuple):
    """Entries that are alike; `one` is an example of them."""

    one: Any
    same: tuple[Any, ...]
    grounds: tuple[Ground, ...] = ()

    @property
    def facts(self) -> tuple[str, ...]:
        """Return the facts that they come from."""
        return tuple(one.fact for one in self.same)

    @property
    def relies_on(self) -> tuple[str, ...]:
        """Return the facts that they rely on, each once."""
        return tuple(dict.fromkeys(fact for one in self.same for fact in one.relies_on))

    @property
    def references(self) -> tuple[str, ...]:
        """Return their references, each once."""
        given = (one.detail.get("reference") if isinstance(one, Note) else one.reference for one in self.same)
        return tuple(dict.fromkeys(name for name in given if name))

    @property
    def first(self) -> datetime:
        """Return when the first of them happened."""
        at: datetime = self.same[0].at
        return at

    @property
    def last(self) -> datetime:
        """Return when the last of them happened."""
        at: datetime = self.same[-1].at
        return at


def groups(report: AccessReport) -> dict[str, list[Group]]:
    """Return the groups of a page, by the name of the report's list; findings are grouped by promise, too."""
    known = _grounds(report)
    return {
        "collections": _alike(
            report.collections,
            *("act", "collection_point", "notice", "online", "source", "held_in", "withheld", "categories"),
            *("requests", "entry_corrected_by"),
        ),
        "uses": _on_grounds(report.uses, known, "purpose", "categories", "entry_corrected_by"),
        "sharing": _on_grounds(
            report.sharing, known, "recipient", "kind", "purpose", "categories", "entry_corrected_by"
        ),
        "messages": _alike(report.messages, "channel", "program", "purpose", "unsubscribe_link", "entry_corrected_by"),
        "refusals": _grouped(report.refusals, lambda one: one[2:]),
        "findings": _alike(report.findings, "promise", "what", "code", "excused", "entry_corrected_by"),
        "notes": _grouped(report.notes, _alike_notes),
    }


def _alike(entries: Iterable[Any], *names: str) -> list[Group]:
    return _grouped(entries, attrgetter(*names))


def _on_grounds(entries: Iterable[Any], known: Mapping[str, Ground], *names: str) -> list[Group]:
    common = attrgetter(*names)

    def grounds(one: Any) -> tuple[Ground, ...]:  # noqa: ANN401 - a use or a share
        return tuple(dict.fromkeys(known.get(fact, Ground("fact", fact)) for fact in one.relies_on))

    found = _grouped(entries, lambda one: (*common(one), grounds(one)))
    return [group._replace(grounds=grounds(group.one)) for group in found]


def _grouped(entries: Iterable[Any], alike: Callable[[Any], object]) -> list[Group]:
    found: dict[object, list[Any]] = {}
    for entry in entries:
        found.setdefault(alike(entry), []).append(entry)
    return [Group(same[0], tuple(same)) for same in found.values()]


def _alike_notes(one: Any) -> object:  # noqa: ANN401 - a note
    detail = sorted((key, value) for key, value in one.detail.items() if key != "reference" and value is not None)
    return one.what, tuple(detail), one.entry_corrected_by


def _grounds(report: AccessReport) -> dict[str, Ground]:
    """Return the ground that each fact gives; a collection goes before the enrollment that followed from it."""
    enrollments = {one.fact: Ground("cause", one.cause) for one in report.subscription_changes if one.cause}
    return enrollments | {one.fact: Ground("act", one.act) for one in report.collections}
