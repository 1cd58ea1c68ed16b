"""What every read model should say, worked out event by event from the log: slow, and obvious."""

from __future__ import annotations

from collections import Counter
from datetime import UTC
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from domain.events import Event, customer as events, deletions, links
from domain.events.suppressions import SuppressionRecalled
from domain.moments import Moment
from domain.records.contacts import ContactBook
from domain.records.customer import LAST, Customer
from domain.records.customer_fold import evolve
from domain.records.objections import all_objected_to
from domain.vocabulary import Program, covers, overlaps
from projections.access_report.requests import Requests
from projections.as_of import KnownAt
from projections.registry import PROJECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime
    from uuid import UUID

    from domain.policy.judge import Judge
    from projections.as_of import AsOf

_STEPS: dict[type[Event], tuple[str, str | None]] = {
    events.AccessRequested: ("asked", "access"),
    events.CorrectionRequested: ("asked", "correction"),
    events.ErasureRequested: ("asked", "erasure"),
    events.IdentityVerified: ("verified", None),
    events.IdentityNotVerified: ("not_verified", None),
    events.AccessReportIssued: ("report", "access"),
    events.CorrectionDeclined: ("declined", "correction"),
    events.RequestDenied: ("denied", None),
    events.RequestWithdrawn: ("withdrawn", None),
}
_KIND_OF = {"report": "access", "correction": "correction", "declined": "correction"}
Tables = dict[str, list[tuple[Any, ...]]]
BUCKET = 4096


def tables(log: list[Event]) -> Tables:
    """Return the rows of every read model, each table's in ascending order of position, or of their key."""
    erased = {event.originator_id for event in log if isinstance(event, events.CustomerErased)}
    made: Tables = {one.name: [] for one in PROJECTIONS}
    for event in log:
        if event.originator_id not in erased:
            for name, (before, after) in _rows(event):
                fact = (event.fact_position,) if name == "holdings" else ()
                made[name].append((event.position, *fact, event.originator_id, *before, event.occurred_at, *after))
    for event in log:
        if isinstance(event, links.CustomersUnlinked) and event.originator_id not in erased:
            for past, told in zip(event.answers, event.answered_by, strict=True):
                if past.request_code and past.what != "asked_there":
                    what = (past.request_code, past.what, _KIND_OF.get(past.what, past.kind), past.category, past.at)
                    made["requests"].append((told, event.originator_id, *what))
    made["requests"].sort(key=itemgetter(0, 1))
    counted: Counter[tuple[Any, ...]] = Counter()
    for event in log:
        assert event.position is not None
        bucket = (event.position - 1) // BUCKET
        for found in (("", ""), *outcomes(event)):
            counted[bucket, day(event), event.topic, detail(event), *found] += 1
    made["activity_counts"] = sorted((*key, number) for key, number in counted.items())
    return made


def day(event: Event) -> date:
    """Return the day of an event, in UTC."""
    return event.occurred_at.astimezone(UTC).date()


def detail(event: Event) -> str:
    """Return the detail of an event's activity."""
    fields = (getattr(event, name, None) for name in ("act", "purpose", "cause", "via", "program"))
    return next((str(field) for field in fields if field is not None), "")


def outcomes(event: Event) -> set[tuple[str, str]]:
    """Return the promises that an event broke, or was excused from."""
    return {(found.promise, "excused" if found.excused else "broken") for found in event.findings}


def _broken(event: Event, *, excused: bool = False) -> list[str]:
    return sorted({found.promise for found in event.findings if found.excused is excused})


def _rows(event: Event) -> list[tuple[str, tuple[tuple[Any, ...], tuple[Any, ...]]]]:  # noqa: C901, PLR0912, PLR0915 - one case for each sort of event
    """Return the rows that an event makes, each in two parts: what stands before its time and fact, and what after."""
    made: list[tuple[str, tuple[tuple[Any, ...], tuple[Any, ...]]]] = []

    def row(table: str, *before: Any, after: tuple[Any, ...] = ()) -> None:  # noqa: ANN401 - whatever a column holds
        made.append((table, (before, after)))

    if isinstance(event, events.ObjectionRaised):
        row("suppression_list", f"objection:{event.purpose}", False, "objection", [])  # noqa: FBT003 - a row
    match event:
        case links.CustomersLinked():
            row("people", event.person, list(event.others), [list(pair) for pair in event.same_codes])
        case links.CustomersUnlinked() if event.parted:
            row("people", event.person, list(event.together), [list(pair) for pair in event.same_codes])
        case events.CustomerEnrolled():
            row("subscriptions", event.program, "enrolled", event.cause, None, after=(_broken(event),))
            if event.relies_on and not _broken(event):
                row("suppression_list", event.program, True, event.cause, list(event.relies_on))  # noqa: FBT003 - a row
        case events.CustomerOptedOut():
            row("subscriptions", event.program, "opted_out", None, event.via, after=(_broken(event),))
            row("suppression_list", event.program, False, event.via, [])  # noqa: FBT003 - a row
        case SuppressionRecalled():
            if event.program is not None:
                row("subscriptions", event.program, "opted_out", None, "suppression_list", after=([],))
            objection = event.purpose and f"objection:{event.purpose}"
            row("suppression_list", event.program or objection or "under_13", False, "suppression_list", [])  # noqa: FBT003 - a row
        case events.AgeLearned():
            row("suppression_list", "under_13", False, "age_learned", [])  # noqa: FBT003 - a row
        case events.EnrollmentEnded():
            row("subscriptions", event.program, "ended", None, None, after=(_broken(event),))
        case events.DataShared():
            what = (event.recipient, event.kind, event.purpose, list(event.categories))
            found = (_broken(event), _broken(event, excused=True))
            row("sharing_history", *what, event.reference_code, list(event.relies_on), after=found)
        case events.DataCollected():
            giver = "buyer" if event.act == "gift" else "person"
            held = (list(event.categories), event.act, giver, bool(event.withheld))
            row(
                "holdings", "collection", *held, event.reference_code, list(event.requests) or None, None, after=(None,)
            )
        case events.EntryCorrected():
            row("holdings", "entry_correction", [], None, None, False, None, None, event.entry, after=(None,))  # noqa: FBT003 - a row
        case events.DataCorrected():
            corrected = ([event.category], None, "person", bool(event.withheld))
            row("holdings", "correction", *corrected, None, None, None, after=(None,))
            row("requests", event.request_code, "correction", "correction", event.category)
        case deletions.DataDeleted():
            how = "anonymised" if isinstance(event, deletions.DataAnonymised) else "deleted"
            if event.gone:
                gone = ([*event.gone], None, None, False, None, None, None)
                row("holdings", how, *gone, after=([*event.gone_from],))
        case _ if (step := _STEPS.get(type(event))) is not None:
            asked: Any = event
            row("requests", asked.request_code, *step, getattr(event, "category", None))
        case _:
            pass  # Counted, and in no other table.
    return made


def persons(log: Iterable[Event]) -> dict[UUID, frozenset[UUID]]:
    """Return all streams of the person whose stream each is; the company's is a person of its own here."""
    together: dict[UUID, set[UUID]] = {}
    for event in log:
        together.setdefault(event.originator_id, {event.originator_id})
    for event in standing_links(log):
        if event.others:
            joined = set().union(*(together.get(stream, {stream}) for stream in (event.originator_id, *event.others)))
            for stream in joined:
                together[stream] = joined
    return {stream: frozenset(joined) for stream, joined in together.items()}


def standing_links(log: Iterable[Event]) -> list[links.CustomersLinked]:
    """Return the links, each with those others alone whom nobody parted later in the log."""
    log = list(log)
    parted = [
        (event.position or 0, event.originator_id, other)
        for event in log
        if isinstance(event, links.CustomersUnlinked)
        for other in event.others
    ]
    left = []
    for event in log:
        if isinstance(event, links.CustomersLinked):
            told, own = event.position or 0, event.originator_id
            gone = {other for position, stream, other in parted if stream == own and position > told}
            left.append(event.model_copy(update={"others": tuple(set(event.others) - gone)}))
    return left


def living(log: list[Event]) -> dict[UUID, frozenset[UUID]]:
    """Return the same for customers, without those who were erased."""
    erased = {event.originator_id for event in log if isinstance(event, events.CustomerErased)}
    customers = {event.originator_id for event in log if isinstance(event, events.CustomerEvent)}
    return {one: all_of for one, all_of in persons(log).items() if one in customers - erased}


def let_in(log: list[Event], as_of: AsOf) -> list[Event]:
    """Return the events that a question as of a moment lets in."""
    if isinstance(as_of, KnownAt):
        return let_in(let_in(log, as_of.position), as_of.time)
    if as_of is None:
        return log
    if isinstance(as_of, int):
        return [event for event in log if (event.position or 0) <= as_of]
    return [event for event in log if event.occurred_at <= as_of]


def subscriptions(rows: Tables, streams: frozenset[UUID]) -> dict[str, str]:
    """Return the state of each of a person's subscriptions."""
    mine = [row for row in rows["subscriptions"] if row[1] in streams]
    return {row[2]: row[3] for row in sorted(mine, key=lambda row: (row[6], row[0]))}


def holdings(log: list[Event], streams: frozenset[UUID]) -> set[tuple[Any, ...]]:
    """Return each category that a person's collections and corrections brought, with what took its place first."""
    mine = sorted((event for event in log if event.originator_id in streams), key=lambda event: event.moment)
    wrong = {event.entry: event for event in mine if isinstance(event, events.EntryCorrected)}
    brought = [
        (event, category, "person" if isinstance(event, events.DataCorrected) or event.act != "gift" else "buyer")
        for event in mine
        if isinstance(event, events.DataCollected | events.DataCorrected)
        for category in (event.categories if isinstance(event, events.DataCollected) else (event.category,))
    ]
    deleted = {
        (place, category): event.position
        for event in mine
        if isinstance(event, deletions.DataDeleted)
        for place, category in zip(event.gone_from, event.gone, strict=True)
    }
    found: set[tuple[Any, ...]] = set()
    for event, category, giver in brought:
        later = [
            ("correction" if isinstance(other, events.DataCorrected) else "collection", other.position)
            for other, its, its_giver in brought
            if other.moment > event.moment
            and other.fact_position not in wrong
            and (
                covers(its, category)
                if isinstance(other, events.DataCorrected)
                else (its, its_giver) == (category, giver)
            )
        ]
        by = (
            ("entry_correction", wrong[event.fact_position].position)
            if event.fact_position in wrong
            else next(iter(later), None)
        )
        gone = deleted.get((event.moment.position, category))
        found.add((category, event.position, giver, bool(event.withheld), by, gone))
    return found


def requests(log: list[Event], streams: frozenset[UUID], as_of: AsOf = None) -> list[tuple[Any, ...]]:
    """Return a person's requests as their access report has them, as of a moment."""
    every, log = log, let_in(log, as_of)
    gone = {event.originator_id for event in every if isinstance(event, events.CustomerErased)}
    fold, person = Requests(), Customer(person=min(streams))
    living = streams - gone  # Of what was erased, only what was passed on is left.
    own = sorted((event for event in log if event.originator_id in living), key=lambda event: event.moment)
    for event in joining(log, living):
        for one, into in event.same_codes:
            person.unify(one, into)
    for event in own:
        code: str | None = getattr(event, "request_code", None)
        fold.take(event.model_copy(update={"request_code": person.stands_for(code)}) if code else event)
    for event in (one for one in every if isinstance(one, links.CustomersUnlinked) and one.originator_id in living):
        for past, place in zip(event.answers, event.answered_by, strict=True):
            if let_in([event.model_copy(update={"position": place, "occurred_at": past.at})], as_of):
                code = past.request_code and person.stands_for(past.request_code)
                alone = {"answers": (past.model_copy(update={"request_code": code}),), "answered_by": (place,)}
                fold.know([event.model_copy(update=alone)])
    words = {"open": None, "denied": "denied", "declined": "declined"}
    answers = {"access": "report", "correction": "correction", "erasure": "erased"}
    found = (
        (one.request, one.kind, one.category, one.at, one.fact, one.identity, answer, one.answered_at, one.answered_by)
        for one in fold.listed()
        for answer in [words.get(one.state, answers[one.kind])]
    )
    return sorted(found, key=repr)


def unanswered(log: list[Event]) -> set[tuple[Any, ...]]:
    """Return the requests for access and correction that erasures left unanswered, each with the erasure's position.

    A request has an answer if one was told that happened at its time or later.
    """
    together: dict[int, list[events.CustomerErased]] = {}
    for event in log:
        if isinstance(event, events.CustomerErased) and not event.is_late:
            together.setdefault(event.fact_position, []).append(event)
    found: set[tuple[Any, ...]] = set()
    for erased in together.values():
        streams, before = frozenset(one.originator_id for one in erased), erased[0].position or 0
        known = [event for event in log if (event.position or 0) < before]
        person = Customer(person=min(streams))
        for event in joining(known, streams):
            for pair in event.same_codes:
                person.unify(*pair)
        own: list[Any] = [one for one in known if one.originator_id in streams and hasattr(one, "request_code")]
        ends: list[Any] = [one for one in own if isinstance(one, events.RequestDenied | events.RequestWithdrawn)]

        named = erased[0].request_code and person.stands_for(erased[0].request_code)
        forget = [one for one in own if isinstance(one, events.ErasureRequested)]
        # They had asked under another record of theirs, where one of the two was erased alone.
        parted = [one for one in known if one.originator_id in streams and isinstance(one, links.CustomersUnlinked)]
        if any(getattr(one, "was_asked", None) for one in (*erased, *parted)):
            continue
        if any(_is_open(one, ends, person) or person.stands_for(one.request_code) == named for one in forget):
            continue
        past = [one for event in parted for one in _passed_on(event)]
        ends += [one for one in past if one.what in {"denied", "withdrawn"}]
        for kind, name, by, words in (
            (events.AccessRequested, "access", events.AccessReportIssued, {"report"}),
            (
                events.CorrectionRequested,
                "correction",
                events.DataCorrected | events.CorrectionDeclined,
                {"correction", "declined"},
            ),
        ):
            first: dict[str, Any] = {}
            answers = [*ends, *(one for one in own if isinstance(one, by)), *(one for one in past if one.what in words)]
            # What was asked on the other record as well goes on there.
            there = {one.request_code for one in past if one.what == "asked_there" and one.kind == name}
            asked = (
                one
                for one in own
                if type(one) is kind and one.request_code not in there and _is_open(one, answers, person)
            )
            for one in sorted(asked, key=attrgetter("moment")):
                first.setdefault(person.stands_for(one.request_code), one)
            found |= {(one.position, one.request_code, erased[-1].position) for one in first.values()}
    return found


class _Past(NamedTuple):
    """What was told of a request on another record of the person, which this one left when it alone was erased."""

    moment: Moment
    what: str
    request_code: str
    kind: str | None
    category: str | None


def _passed_on(event: links.CustomersUnlinked) -> list[_Past]:
    return [
        _Past(Moment(one.at, one.turn, place), one.what, one.request_code, one.kind, one.category)
        for one, place in zip(event.answers, event.answered_by, strict=True)
        if one.request_code
    ]


def _is_open(asked: Any, answers: list[Any], person: Customer) -> bool:  # noqa: ANN401 - any event about a request
    same = (one for one in answers if person.stands_for(one.request_code) == person.stands_for(asked.request_code))
    return not any(one.moment >= asked.moment and _is_about(one, asked) for one in same)


def _is_about(answer: Any, asked: Any) -> bool:  # noqa: ANN401 - any event about a request
    """Return whether an answer is to what was asked: the correction of another category is none."""
    corrects = isinstance(answer, events.DataCorrected) or getattr(answer, "what", None) == "correction"
    if not corrects or not isinstance(asked, events.CorrectionRequested):
        return True
    return overlaps(answer.category, asked.category)


def joining(log: list[Event], streams: frozenset[UUID]) -> list[Any]:
    """Return what says of a person's streams which codes stand for which: links that still join any, and unlinks."""
    standing = {event.position for event in standing_links(log) if event.others}
    own = (event for event in log if event.originator_id in streams)
    return [
        event
        for event in own
        if isinstance(event, links.CustomersUnlinked)
        or (isinstance(event, links.CustomersLinked) and event.position in standing)
    ]


def known_by(book: ContactBook, as_of: AsOf) -> ContactBook:
    """Return the contact points with what binds them as of a moment."""
    if isinstance(as_of, KnownAt):
        return known_by(known_by(book, as_of.position), as_of.time)
    if as_of is None:
        return book
    bound = {
        key: [
            one for one in known if (one.moment.position <= as_of if isinstance(as_of, int) else one.moment.at <= as_of)
        ]
        for key, known in book.bound.items()
    }
    return ContactBook(book.points, bound)


def suppressed(
    log: list[Event], streams: frozenset[UUID], judge: Judge, book: ContactBook
) -> dict[str, tuple[datetime, int | None]]:
    """Return what the judge says is suppressed for a person, since when and, for a program, by which event."""
    customer = Customer(person=min(streams))
    customer.contacts.points = {key: point for key, point in book.points.items() if key[0] in streams}
    customer.contacts.bound = book.bound
    counted = {event.position for event in joining(log, streams)}
    for event in log:
        if event.originator_id in streams and (
            not isinstance(event, links.CustomersLinked) or event.position in counted
        ):
            evolve(customer, event)
    found: dict[str, tuple[datetime, int | None]] = {}
    for program in Program:
        since = judge.standing(customer, program, LAST).out_since
        if since is not None:
            found[program.value] = (since.at, since.position)
    for purpose, one in all_objected_to(customer, LAST).items():
        found[f"objection:{purpose}"] = (one.moment.at, one.moment.position)
    child_since = customer.protections.child_since(LAST)
    if child_since is not None:
        found["under_13"] = (child_since.at, None)
    return found
