"""Generated histories with deletions and erasures: no deleted or erased value is in any report, and all others are."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from hypothesis import HealthCheck, given, settings, strategies as st

from adapters.contract import OWN
from adapters.ledger.opening import opened_at
from adapters.ledger.receipt import Receipt
from adapters.ledger.stream_reader import opened_events
from adapters.reports.html import as_html
from adapters.reports.text import as_text
from domain import ledger
from domain.audit.trace import MemoryStore
from domain.events.customer import DataCollected, DataCorrected
from domain.events.deletions import DataDeleted
from domain.facts.data import CollectionData, CorrectionData
from domain.policy.judge import Judge
from domain.records.customer import LAST
from domain.store import Sender
from domain.vocabulary import EMAIL
from projections.access_report import access_report
from tests.laws.histories import ACTS, facts_of, steps
from tests.laws.numbers import least_of, part_of
from tests.scenario import first_policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from adapters.bootstrap import Installation
    from domain.events import Event
    from domain.facts import Fact
    from tests.laws.histories import Step

KINDS: Final = (*ACTS, *ACTS[:3] * 2, "correct", *("delete",) * 5, "link", "link", "unlink", "erase", "age", "beside")
LEAST: Final = least_of(20)


def _marked(facts: Iterable[Fact], crowd: str) -> list[Fact]:
    """Return facts whose values are all different."""
    marked = []
    for number, fact in enumerate(facts):
        data = fact.data
        mark = f"mark{crowd}x{number}"
        if isinstance(data, CollectionData):
            texts = {name: f"{mark}.{name}@example.com" if name == EMAIL else f"{mark}.{name}@" for name in data.values}
            data = data.model_copy(update={"values": texts})
        elif isinstance(data, CorrectionData):
            data = data.model_copy(update={"value": f"{mark}.{data.category}@"})
        marked.append(fact.model_copy(update={"data": data}))
    return marked


def _in_memory(facts: Sequence[Fact], answers: Sequence[object]) -> tuple[MemoryStore, list[Event]]:
    """Tell the core over a store in memory what the ledger accepted, each fact at the position that it has there."""
    store = MemoryStore(Judge(first_policy()), LAST.at, OWN.addresses)
    log = []
    for fact, answer in zip(facts, answers, strict=True):
        assert isinstance(answer, Receipt), answer
        store.place = answer.position - answer.events
        made = ledger.handle(store, fact, Sender("test", vouches=True, is_officer=True)).events
        store.keep(made)
        log += made
    return store, log


def test_reports_have_what_is_kept_and_nothing_else(installation: Installation) -> None:
    """Every value that was told and neither deleted nor erased is in a report, and no other; the core says the same."""
    seen: Counter[str] = Counter()

    @settings(max_examples=part_of(60), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(steps(24, KINDS, least=6), st.integers(0, 24))
    def check(taken: list[Step], cut: int) -> None:
        crowd = uuid4().hex
        facts = _marked(facts_of(taken, crowd)[len(facts_of([])) :], crowd)
        answers = [*installation.ledger.append_many(facts[:cut]), *installation.ledger.append_many(facts[cut:])]
        store, log = _in_memory(facts, answers)
        with installation.connect() as connection:
            in_ledger = opened_at(connection, installation.keyring, [event.moment.position for event in log])
        for event in log:
            same = in_ledger[event.moment.position]
            assert type(same) is type(event)
            if isinstance(event, DataDeleted) and isinstance(same, DataDeleted):
                assert (same.gone, same.gone_from, same.occurred_at) == (event.gone, event.gone_from, event.occurred_at)
                seen["deletions"] += 1
                seen["values"] += len(event.gone)
        texts: dict[tuple[int, str], str] = {}
        for event in log:
            if isinstance(event, DataCollected | DataCorrected):
                values = event.values if isinstance(event, DataCollected) else {event.category: event.value}
                texts |= {(event.moment.position, name): text for name, text in (values or {}).items() if text}
        living = [stream for stream in store.events if stream in store.people and not store.people[stream].erased]
        kept = {texts[value.position, value.category] for value in store.values.kept(living)}
        seen["kept"] += len(kept)
        seen["erased"] += sum(store.people[stream].erased for stream in store.events if stream in store.people)
        assert _reported(installation, {in_ledger[event.moment.position].originator_id for event in log}, crowd) == kept

    check()
    assert min(seen.values()) >= LEAST, seen


def _reported(installation: Installation, streams: Iterable[UUID], crowd: str) -> set[str]:
    """Return the marked values in the reports of streams: in JSON, in the text and on the page."""
    found = set()
    for stream in streams:
        with installation.connect() as connection:
            opened = opened_events(connection, installation.keyring, [stream])
        report = access_report(opened, person=stream, policy=installation.policy)
        said = json.dumps(report.as_dict())
        shown = re.findall(rf"mark{crowd}x[0-9]+[a-z_.]*@[a-z.]*", said)
        page = as_html(report, policy=installation.policy, made_at=LAST.at.replace(year=2020))
        for other in (page, " ".join(as_text(report).split())):
            assert set(re.findall(rf"mark{crowd}x[0-9]+", other)) == {one.split(".")[0] for one in shown}
        found |= set(shown)
    return found
