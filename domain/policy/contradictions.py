"""What a policy permits with one promise and forbids with another, found by trying every combination.

For each combination of act, data category, purpose, role and program, this makes the smallest history and lets the
judge judge it under each reading. A promise permits an act that tests it and does not break it. If a promise does not
look at categories or purposes, only a promise that forbids all of them contradicts it: that a cookie may serve a
purpose says nothing about what the cookie may hold. Which of two promises limits the other is for the readings to say.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from itertools import product
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar
from uuid import UUID

from domain.events import Event, company, customer, visitor
from domain.policy.judge import Judge
from domain.policy.loader import leaves
from domain.policy.model import Modality
from domain.records import evolve
from domain.records.company import Company
from domain.records.customer import Customer
from domain.records.visitor import Visitor
from domain.rules.common.base import Rule
from domain.rules.common.by_kind import RulesByKind
from domain.vocabulary import (
    ACT_OF_CAUSE,
    ADDRESS,
    DATA_CATEGORIES,
    DIRECT_MARKETING,
    EMAIL,
    NAME,
    PROGRAM_OF_CHANNEL,
    PURPOSES,
    Act,
    OptOutVia,
    Program,
    Reading,
    Role,
    ShareKind,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from domain.policy.model import Policy
    from domain.rules.common.base import Case

_STREAM: Final = UUID(int=1)
_LONG_BEFORE: Final = datetime(1999, 1, 1, tzinfo=UTC)
_AT: Final = datetime(2000, 1, 1, tzinfo=UTC)
_E = TypeVar("_E", bound=Event)
_REFERENCE: Final = "r"
_FACT: Final = "/ collected"
_CAUSE_OF_ACT: Final = {act: cause for cause, act in ACT_OF_CAUSE.items()}
_CHANNEL_OF: Final = {program: channel for channel, program in PROGRAM_OF_CHANNEL.items()}


class Combination(NamedTuple):
    """One combination: `what` is done, with data of which act and category, for what, to whom, in which program.

    A part that does not apply is None. `after_opt_out`: the person had left the program before the act.
    """

    what: str
    act: Act | None = None
    role: Role | None = None
    program: Program | None = None
    after_opt_out: bool = False
    category: str | None = None
    purpose: str | None = None


class Verdict(NamedTuple):
    """What a policy says of one combination: the promises that permit it, and those that forbid it by a code."""

    permits: frozenset[str]
    forbids: Mapping[str, str]


class Contradiction(NamedTuple):
    """One promise permits what another forbids: by which codes, under which readings, and in which combinations."""

    permits: str
    forbids: str
    codes: tuple[str, ...]
    combinations: Mapping[Reading, tuple[Combination, ...]]

    @property
    def example(self) -> Combination:
        """Return the first combination of the first reading that has any."""
        return next(iter(self.combinations.values()))[0]


def contradictions(policy: Policy) -> list[Contradiction]:
    """Return all contradictions of a policy, in the order of its promises."""
    codes: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    combinations: dict[tuple[str, str], dict[Reading, list[Combination]]] = defaultdict(lambda: defaultdict(list))
    for reading in Reading:
        for permitting, forbidding, code, combination in _under(policy, reading):
            codes[permitting, forbidding][code] = None
            combinations[permitting, forbidding][reading].append(combination)
    place = {promise.id: number for number, promise in enumerate(policy.promises)}
    return [
        Contradiction(*pair, tuple(codes[pair]), {reading: tuple(some) for reading, some in combinations[pair].items()})
        for pair in sorted(combinations, key=lambda pair: (place[pair[0]], place[pair[1]]))
    ]


def _under(policy: Policy, reading: Reading) -> Iterator[tuple[str, str, str, Combination]]:
    """Return each pair of promises with a combination on which they disagree."""
    groups: dict[Combination, dict[tuple[str | None, str | None], Verdict]] = defaultdict(dict)
    for combination, verdict in _Trial(policy, reading).verdicts():
        whole = combination._replace(category=None, purpose=None)
        groups[whole][combination.category, combination.purpose] = verdict
    for whole, verdicts in groups.items():
        for permitting in sorted(set().union(*(verdict.permits for verdict in verdicts.values()))):
            for category, purpose, covered in _looked_at(permitting, verdicts):
                forbidding = set.intersection(*(set(verdict.forbids) for verdict in covered)) - {permitting}
                for promise in sorted(forbidding):
                    combination = whole._replace(category=category, purpose=purpose)
                    yield permitting, promise, covered[0].forbids[promise], combination


def _looked_at(
    promise: str, verdicts: Mapping[tuple[str | None, str | None], Verdict]
) -> Iterator[tuple[str | None, str | None, list[Verdict]]]:
    """Return what a promise permits, with the verdicts that it covers; None: the promise does not look at it."""
    permitted = {pair for pair, verdict in verdicts.items() if promise in verdict.permits}
    by_category = {category: {pair for pair in verdicts if pair[0] == category} for category, _ in verdicts}
    by_purpose = {purpose: {pair for pair in verdicts if pair[1] == purpose} for _, purpose in verdicts}
    if permitted == verdicts.keys():
        yield None, None, list(verdicts.values())
    elif all(pairs <= permitted or pairs.isdisjoint(permitted) for pairs in by_category.values()):
        for category, pairs in by_category.items():
            if pairs <= permitted:
                yield category, None, [verdicts[pair] for pair in sorted(pairs, key=str)]
    elif all(pairs <= permitted or pairs.isdisjoint(permitted) for pairs in by_purpose.values()):
        for purpose, pairs in by_purpose.items():
            if pairs <= permitted:
                yield None, purpose, [verdicts[pair] for pair in sorted(pairs, key=str)]
    else:
        for category, purpose in sorted(permitted, key=str):
            yield category, purpose, [verdicts[category, purpose]]


class _Trial:
    """One policy under one reading, tried on every combination that a permission could be about."""

    def __init__(self, policy: Policy, reading: Reading) -> None:
        self.judge = Judge(policy, reading)
        rules = [(promise, rule) for promise, rule in self.judge.rules if rule.at_append]
        self.rules = RulesByKind(rules)
        self.permitting = {promise.id for promise in policy.promises if promise.modality is Modality.PERMISSION}
        permissions = [(promise, rule) for promise, rule in rules if promise in self.permitting]
        self.permissions = RulesByKind(permissions)
        self.concerned = {kind for _, rule in permissions for kind in rule.concerns}
        self.categories = _categories(policy)
        self.purposes = sorted({purpose for named in policy.purposes.values() for purpose in named} | set(PURPOSES))
        self.points = sorted({point for rule in _rules(policy) for point in getattr(rule, "points", ())})
        self.company = Company(_STREAM)
        for version, role in enumerate(policy.roles):
            registered = _event(
                company.RecipientRegistered,
                "/ company",
                version,
                _LONG_BEFORE,
                recipient=role.value,
                roles=(role,),
                categories=("user",),
            )
            evolve(self.company, registered)

    def verdicts(self) -> Iterator[tuple[Combination, Verdict]]:
        """Return the verdict on each combination."""
        if customer.CustomerEnrolled in self.concerned:
            yield from self._enrollments()
        if customer.DataShared in self.concerned:
            yield from self._shares()
        if visitor.CookieSet in self.concerned:
            for category, purpose in product(self.categories, self.purposes):
                event = _event(visitor.CookieSet, "/ cookie", cookie="c", purpose=purpose, categories=(category,))
                nobody = Customer(person=_STREAM)
                combination = Combination("cookie", category=category, purpose=purpose)
                yield combination, self._verdict(self.judge.case(nobody, self.company, event, Visitor(_STREAM)))

    def _enrollments(self) -> Iterator[tuple[Combination, Verdict]]:
        """Return the verdicts on enrolling a person by an act, and on the advertising that follows."""
        for act, program, has_left in product(_CAUSE_OF_ACT, Program, (False, True)):
            person = self._person(act, self.categories, program if has_left else None)
            enrolled = _event(
                customer.CustomerEnrolled,
                "/ enrolled",
                person.streams[_STREAM],
                program=program,
                cause=_CAUSE_OF_ACT[act],
                reference_code=_REFERENCE,
                relies_on=(min(person.by_position),),
            )
            verdict = self._verdict(self.judge.case(person, self.company, enrolled))
            yield Combination("enrollment", act, None, program, has_left), verdict
            evolve(person, enrolled)
            mailed = _event(
                customer.MessageSent,
                "/ mailed",
                person.streams[_STREAM],
                program=program,
                channel=_CHANNEL_OF[program],
                purpose=DIRECT_MARKETING,
                unsubscribe_link=True,
                message_id="m",
                relies_on=(enrolled.moment.position,),
            )
            # Who may be enrolled may be mailed: that is what a program is.
            mail = Verdict(verdict.permits, self._verdict(self.judge.case(person, self.company, mailed)).forbids)
            yield Combination("message", act, None, program, has_left), mail

    def _shares(self) -> Iterator[tuple[Combination, Verdict]]:
        for act, category in product(Act, self.categories):
            person = self._person(act, (category,))
            shared = _event(
                customer.DataShared,
                "/ shared",
                person.streams[_STREAM],
                recipient="",
                kind=ShareKind.SERVICE_PROVIDER,
                purpose="",
                categories=(category,),
                reference_code=_REFERENCE,
                relies_on=(min(person.by_position),),
            )
            for role, purpose in product(self.judge.policy.roles, self.purposes):
                event = shared.model_copy(update={"recipient": role.value, "purpose": purpose})
                case = self.judge.case(person, self.company, event)
                if any(rule.is_tested(case) for _, rule in self.permissions.of(customer.DataShared)):
                    combination = Combination("share", act, role, category=category, purpose=purpose)
                    yield combination, self._verdict(case)

    def _verdict(self, case: Case) -> Verdict:
        rules = self.rules.of(type(case.event))
        forbids = {
            one.promise: one.breach.code for one in reversed(self.judge.breaches_of(case, rules)) if not one.excused
        }
        tested = {promise for promise, rule in rules if rule.is_tested(case)}
        return Verdict(frozenset(tested & self.permitting - forbids.keys()), forbids)

    def _person(self, act: Act, categories: Iterable[str], left: Program | None = None) -> Customer:
        """Return a person about whom an act collected these categories, at every point that a rule asks for."""
        person = Customer(person=_STREAM, streams={_STREAM: 0})
        if left is not None:
            evolve(
                person, _event(customer.CustomerOptedOut, "/ left", 0, _LONG_BEFORE, program=left, via=OptOutVia.PORTAL)
            )
        requests = ("catalog", "updates") if act is Act.REGISTRATION else ()
        for number, point in enumerate(("", *self.points)):
            collected = _event(
                customer.DataCollected,
                f"/ at-{number}" if point else _FACT,
                person.streams[_STREAM],
                act=act,
                reference_code=_REFERENCE,
                collection_point=point or "point",
                notice=self.judge.policy.version,
                categories=tuple(categories),
                requests=requests,
            )
            evolve(person, collected)
        return person


def _event(cls: type[_E], fact: str, version: int = 0, at: datetime = _AT, /, **fields: Any) -> _E:  # noqa: ANN401 - any event's fields
    """Return an event by a fact of this name, behind a version of its stream."""
    source, fact_id = fact.split(" ", 1)
    return cls(
        originator_id=_STREAM,
        originator_version=version + 1,
        position=version + 1,
        occurred_at=at,
        source=source,
        fact_id=fact_id,
        actor="",
        policy="",
        **fields,
    )


def _rules(policy: Policy) -> list[Rule]:
    rules = (promise.under(reading) for promise in policy.promises for reading in Reading)
    return [rule for rule in rules if isinstance(rule, Rule)]


def _categories(policy: Policy) -> list[str]:
    """Return the categories that a rule's parameters or the table of roles name, and the usual contacts."""
    tables = [*(rule.model_dump(mode="json") for rule in _rules(policy)), *map(list, policy.roles.values())]
    return sorted({leaf for _, leaf in leaves(tables) if leaf in DATA_CATEGORIES} | {NAME, EMAIL, ADDRESS})
