"""Every fact becomes events that come back from their rows as they were, and that hide what is personal."""

from __future__ import annotations

from typing import Any, get_args
from uuid import UUID

import pytest
from pydantic import BaseModel

from adapters.keys.key_file import KeyFile
from adapters.keys.keyring import Keyring
from adapters.keys.sealing import SealBroken
from adapters.postgres.mapper import to_event, to_row
from domain.errors import UnknownTopic
from domain.events import TOPICS, Event, Finding, Refusal, event_class
from domain.events.base import ENVELOPE
from domain.events.links import LinkProposed
from domain.facts import SHAPES, Fact
from tests.controls import VISITOR, example, fact, order, use, wrong_entry
from tests.examples import EXAMPLES, MARK
from tests.scenario import Shop

STREAM = UUID(int=5)
KEY = bytes(range(32))
OTHER_KEY = bytes(32)
SOURCES = Keyring(KeyFile(KEY), KEY)


def events_of(fact: Fact) -> tuple[Event, ...]:
    """Return the events that a fact makes on a stream without a past; a digest stands for each reference."""
    shop = Shop()
    shop.store.code = lambda stream, reference: f"{len(reference):032x}"  # type: ignore[method-assign]  # noqa: ARG005
    return shop.when(fact).events


WORDS = [word for word in EXAMPLES if word != "erasure"]
OF_OTHERS = [wrong_entry(1, "entry"), wrong_entry(1, "entry", VISITOR)]
"""Corrections of entries about the company and about a browser, which have no example: their type has a person's."""
MADE_OTHERWISE = {
    *("CustomersLinked.v1", "CustomersUnlinked.v1", "LinkProposed.v1", "CustomerErased.v1", "SuppressionRecalled.v1"),
    *("SuppressionEnded.v1", "SuppressionOwed.v1"),
    "EntrySetAside.v1",
    *("CollectionRefused.v1", "UseRefused.v1", "ShareRefused.v1", "EnrollmentRefused.v1", "EnrollmentEnded.v1"),
    *("CustomerRegistered.v1", "AccountOpened.v1", "IdentityNotVerified.v1"),
    *("VisitorActRefused.v1", "ReleaseRefused.v1"),
}


def assert_comes_back(event: Event) -> None:
    """Assert that a row gives back its event with the key, and the same without what is sealed without it."""
    row = to_row(event, KEY, SOURCES.source_code)
    # A browser has no key, and that of the erased is destroyed: the id of such a fact is not kept.
    lost = () if event.sealed_envelope else ("fact_id", "correlation", "causation")
    assert to_event(row, KEY) == event.model_copy(update=dict.fromkeys(lost))
    closed = to_event(row)
    assert closed == event.model_copy(update=dict.fromkeys((*event.sealed, *event.sealed_envelope, *lost)))
    assert closed.data_json() == event.data_json()
    assert to_row(closed, None, SOURCES.source_code).header() == row.header()
    assert MARK not in row.data
    assert MARK.encode() not in (row.sealed or b"")
    if row.sealed is not None:
        with pytest.raises(SealBroken):
            to_event(row, OTHER_KEY)
        with pytest.raises(SealBroken):
            to_event(row._replace(part=row.part + 1), KEY)


@pytest.mark.parametrize("told", OF_OTHERS, ids=["company", "browser"])
def test_a_correction_of_others_and_back(told: Fact) -> None:
    """It survives its row, whatever kind of subject the fact has."""
    for event in events_of(told):
        assert_comes_back(event)


@pytest.mark.parametrize("word", WORDS)
def test_fact_to_event_to_row_and_back(word: str) -> None:
    """Each fact of the wire contract makes events that survive their rows, with nothing personal in the clear."""
    for event in events_of(example(word)):
        assert_comes_back(event)


@pytest.mark.parametrize("word", WORDS)
def test_an_event_with_another_value(word: str) -> None:
    """It is the copy that pydantic makes, and the event stays as it was."""
    for event in events_of(example(word)):
        dumped = event.model_dump()
        other, copied = event.altered(position=77), event.model_copy(update={"position": 77})
        assert type(other) is type(event)
        assert other == copied
        assert other.model_dump(exclude_unset=True) == copied.model_dump(exclude_unset=True)
        assert event.model_dump() == dumped


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("recipient_registered", {"recipient": "workshop", "roles": [], "categories": []}),
        ("aggregate_released", {"release": "r-1", "dimensions": [], "cells": []}),
    ],
)
def test_an_empty_list_comes_back(kind: str, data: dict[str, Any]) -> None:
    """A list that may be empty on the wire is left out of the row, and comes back empty."""
    for event in events_of(fact(kind, 1, data, subject=None)):
        assert_comes_back(event)


def test_events_of_consequences_and_refusals() -> None:
    """What follows from a fact, and what stands in place of one, survives its row too, findings included."""
    shop = Shop().given(order(1))
    for outcome in (shop.when(use(2, "improve_site")), shop.when(use(3, "improve_site", mode="enforce"))):
        assert outcome.findings
        for event in outcome.events:
            assert_comes_back(event)


@pytest.mark.parametrize("topic", sorted(MADE_OTHERWISE))
def test_events_that_no_single_fact_makes(topic: str) -> None:
    """Events that the ledger makes by itself survive their rows as well."""
    samples = {
        "person": STREAM,
        "others": (UUID(int=8),),
        "parted": UUID(int=8),
        "together": (UUID(int=8),),
        "reports": (1,),
        "recalled": (1,),
        "same_codes": (("ab", "cd"),),
        "key_id": "k",
        "receipt": "ab",
        "size": 7,
        "root": "cd",
        "refused": "use",
        "because": (Finding(promise="P04", code="c", events=(1,), excused=True),),
        "program": "email_marketing",
        "reference_code": "ef",
        "reference": MARK,
        "request_code": "ab",
        "request": MARK,
        "method": MARK,
        "categories": ("user.name",),
        "purpose": "x",
        "recipient": "y",
    }
    cls = event_class(topic)
    if cls is LinkProposed:
        samples |= {"because": "not_vouched", "name": MARK, "evidence": MARK}
    (base,) = events_of(example("opt_out", also=[]))
    head = {name: getattr(base, name) for name in ENVELOPE}
    own = {name: value for name, value in samples.items() if name in cls.model_fields}
    assert_comes_back(cls.model_validate({**head, **own}))


def test_every_topic_is_covered() -> None:
    """The facts, and the few events made otherwise, are all the topics that there are."""
    facts = [*(example(word) for word in WORDS), *OF_OTHERS]
    made = {event.topic for told in facts for event in events_of(told)}
    assert made | MADE_OTHERWISE == set(TOPICS)
    assert set(EXAMPLES) == {kind.split(".")[1] for kind in SHAPES}


def test_registry_is_closed() -> None:
    """A topic that is not registered raises, an abstract class, a module path or another version among them."""
    for topic in ("", "Event.v1", "CustomerEvent.v1", "Refusal.v1", "DataCollected", "DataCollected.v2", "os.system"):
        with pytest.raises(UnknownTopic):
            event_class(topic)
    with pytest.raises(TypeError):
        TOPICS["Event.v1"] = Event  # type: ignore[index]


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_what_is_free_or_personal_is_sealed(topic: str) -> None:
    """Values, free text, references and buyers are sealed fields, and nothing sealed is coded."""
    cls = TOPICS[topic]
    personal = {
        "values",
        "value",
        "reason",
        "buyer",
        "finding",
        "reference",
        "request",
        "message_id",
        "method",
        "held_in",
    }
    personal |= {"reader", "evidence", "incident", "entry_name", "replacement_name"}
    if cls.stream_kind == "visitor":
        personal = set()  # The value of a signal is a code.
    for name in set(cls.model_fields) - ENVELOPE:
        assert name in cls.sealed or name not in personal, name
    assert not set(cls.sealed) & set(cls.coded)
    if topic == "CustomerErased.v1" or issubclass(cls, Refusal):
        assert cls.sealed == ()


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_no_field_is_a_float(topic: str) -> None:
    """No field of any event, nor of a model in it, admits a float, whose text form is not one, or just anything."""

    def parts(hint: object) -> set[object]:
        if isinstance(hint, type) and issubclass(hint, BaseModel):
            return set().union(*(parts(field.annotation) for field in hint.model_fields.values()))
        return {hint}.union(*(parts(inner) for inner in get_args(hint) if not isinstance(inner, str)))

    assert not {float, Any} & parts(TOPICS[topic])


def test_events_are_frozen() -> None:
    """An event does not change once it is made, and takes no field that it does not know."""
    (event,) = events_of(example("opt_out", also=[]))
    with pytest.raises(ValueError, match="frozen"):
        event.actor = "b"  # type: ignore[misc]
    with pytest.raises(ValueError, match="Extra inputs"):
        type(event).model_validate({**event.model_dump(), "shoe_size": 43})
