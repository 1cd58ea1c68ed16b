"""What of the company's record stands when entries of it were corrected as wrong ones, and how it was until then.

A wrong entry counts up to its correction: a notice that was posted by mistake stood there until then, a version that
was published by mistake was in force. What it had replaced stands again from the correction on.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from domain.records.entries import by_moment
from domain.records.wrong_entries import WrongEntries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from domain.moments import Moment
    from domain.records.company import Company
    from domain.records.entries import Placed

    _P = TypeVar("_P", bound=Placed)


def restated(company: Company, corrected: Sequence[tuple[Moment, int]]) -> Company:
    """Return what of a record is left by these corrections, which are in order of time, each with its entry."""
    known = replace(company, wrong=WrongEntries(), restated_by={})
    before = []
    wrong: set[int] = set()
    left = known
    for moment, entry in corrected:
        if entry in wrong:
            continue
        wrong.add(entry)
        before.append((left, moment))
        left = _without(known, wrong)
    return replace(left, before=tuple(before))


def _without(company: Company, wrong: set[int]) -> Company:
    def left(timeline: Iterable[_P]) -> list[_P]:
        return [one for one in timeline if one.moment.position not in wrong]

    def all_left(timelines: dict[str, list[_P]]) -> dict[str, list[_P]]:
        return defaultdict(list, {name: own for name, timeline in timelines.items() if (own := left(timeline))})

    return replace(
        company,
        recipients=all_left(company.recipients),
        points=all_left(company.points),
        purposes=all_left(company.purposes),
        publications=left(company.publications),
        notices=all_left(company.notices),
        attestations=all_left(company.attestations),
        incidents=left(company.incidents),
        releases=left(company.releases),
    )


def spliced(company: Company, timeline_of: Callable[[Company], Sequence[Any]], nothing: Any) -> list[Any]:  # noqa: ANN401 - entries of any kind
    """Return a timeline as it counted all along, with an entry for each correction that changed what was so.

    Such an entry stands where the correction stands. `nothing` is the entry that says what is so without any.
    """
    found: list[Any] = []
    for (before, after), left in _spans(company):
        timeline = timeline_of(left)
        if before is not None:
            stood = [one for one in timeline if one.moment <= before]
            now = (stood[-1] if stood else nothing)._replace(moment=before)
            was = found[-1] if found else nothing
            found += [now] if now != was._replace(moment=before) else []
        found += [one for one in timeline if _is_within(one.moment, before, after)]
    return found


def spliced_by(company: Company, timeline_of: Callable[[Company], Sequence[Any]], of: str, nothing: Any) -> list[Any]:  # noqa: ANN401 - entries of any kind
    """Return a timeline of several things, told apart by the field `of`, as `spliced` does for each of them."""
    every = timeline_of(company.before[0][0]) if company.before else timeline_of(company)
    found: list[Any] = []
    for name in dict.fromkeys(getattr(one, of) for one in every):

        def own(left: Company, name: object = name) -> list[Any]:
            return [one for one in timeline_of(left) if getattr(one, of) == name]

        found += spliced(company, own, nothing._replace(**{of: name}))
    return sorted(found, key=by_moment)


def moments_of(company: Company) -> Iterator[Moment]:
    """Yield when the company did what acts are judged by, and corrected it."""
    yield from (one.moment for one in company.publications)
    yield from (one for moments in company.wrong.told.values() for one in moments)
    timelines: Iterable[Iterable[Any]] = (
        *company.recipients.values(),
        *company.points.values(),
        *company.purposes.values(),
        *company.notices.values(),
    )
    yield from (one.moment for timeline in timelines for one in timeline)


def _spans(company: Company) -> Iterator[tuple[tuple[Moment | None, Moment | None], Company]]:
    """Yield what of a record counted, and from which correction up to which one."""
    since = None
    for left, until in company.before:
        yield (since, until), left
        since = until
    yield (since, None), company


def _is_within(moment: Moment, since: Moment | None, until: Moment | None) -> bool:
    return (since is None or moment > since) and (until is None or moment <= until)
