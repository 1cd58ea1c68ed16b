"""Laws of repeats, on generated histories in which ids are used again and people are erased between.

Whatever is told, by which process and in which batches: a fact is taken for a repeat only of one with the same content,
each accepted fact is in the log once, and the tables of facts lead to nobody who has been erased.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from adapters.ledger import Receipt
from domain.errors import FactConflict
from tests.controls import RECIPIENTS, fact
from tests.laws.histories import facts_of, steps
from tests.reading import FactPlace, places_of, size_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from adapters.bootstrap import Installation
    from domain.errors import PledgerError
    from domain.facts import Fact
    from tests.laws.histories import Step

KINDS = (*("order", "contest_entry", "out", "mail", "access"), *("share",) * 4, "link", "cookie", *("erase",) * 3)
IDS = 10
"""So few that most ids are used for several facts."""
LEAST = 20
"""So often each situation must come up, or the laws were not put to the test."""
OF = ("of the erased", "of the living")


class Telling(NamedTuple):
    """Which fact is told, by which process, and whether it is the last of a batch."""

    which: int
    by_another: bool
    ends_batch: bool


TELLINGS = st.lists(st.builds(Telling, st.integers(0, 39), st.booleans(), st.booleans()), min_size=30, max_size=50)


class History:
    """What a ledger was told of one crowd, and what it answered."""

    def __init__(self, installation: Installation, met: Counter[str]) -> None:
        self.installation = installation
        self.met = met
        self.first: dict[str, Fact] = {}
        self.receipts: dict[str, Receipt] = {}
        self.before = size_of(installation)

    def take(self, told: Fact, answer: Receipt | PledgerError, when: str) -> None:
        """Hold an answer against what was stored first under the fact's name."""
        first = self.first.get(told.id)
        if isinstance(answer, FactConflict):
            assert first is not None
            assert first.content() != told.content()
            self.met[f"conflict {when}"] += 1
            return
        assert isinstance(answer, Receipt), answer
        assert answer.repeated is (first is not None)
        if first is None:
            self.first[told.id], self.receipts[told.id] = told, answer
            return
        assert first.content() == told.content()
        assert answer.refused is self.receipts[told.id].refused
        self.met[f"repeat {when}"] += 1
        self.met[f"repeat of a refusal {when}"] += answer.refused

    def streams(self) -> dict[str, tuple[set[UUID], bool]]:
        """Return on which streams the events of each stored fact are, and whether those have been erased.

        A fact that links has events on all streams of a person. What an erased person is owed is recalled on the stream
        of whoever came back, also by a fact told late of the erased; the fact itself does not stand there.
        """
        with self.installation.connect() as connection:
            rows = connection.execute(
                "SELECT position, stream_id, EXISTS (SELECT FROM events AS erased WHERE erased.stream_id = "
                "events.stream_id AND topic = 'CustomerErased.v1') FROM events "
                "WHERE position > %s AND topic <> 'SuppressionRecalled.v1'",
                (self.before,),
            ).fetchall()
        at = {position: (stream, is_erased) for position, stream, is_erased in rows}
        found = {}
        for fact_id, receipt in self.receipts.items():
            places = range(receipt.position - receipt.events + 1, receipt.position + 1)
            own = [at[place] for place in places if place in at]
            (is_erased,) = {is_erased for _, is_erased in own}  # All streams of a person are erased at once.
            found[fact_id] = ({stream for stream, _ in own}, is_erased)
        return found

    def is_stored_once(self) -> None:
        """Assert that the events of the accepted facts are all that was appended, one fact after the other."""
        end = self.before
        for receipt in sorted(self.receipts.values(), key=lambda one: one.position):
            assert receipt.position - receipt.events == end
            end = receipt.position
        assert end == size_of(self.installation)

    def leads_to_the_living_only(self, source: str) -> None:
        """Assert that places are known of the living and of nobody else, and that nothing stands there in clear."""
        streams = self.streams()
        living = {fact_id: own for fact_id, (own, is_erased) in streams.items() if not is_erased}
        places = places_of(self.installation, self.first, source)
        assert places.keys() == living.keys()
        for fact_id, place in places.items():
            receipt = self.receipts[fact_id]
            assert place == FactPlace(place.stream, receipt.position, receipt.events)
            assert place.stream in living[fact_id]
        with self.installation.connect() as connection:
            facts = str(connection.execute("SELECT facts::text FROM facts").fetchall())
            led_to = str(connection.execute("SELECT fact_places::text FROM fact_places").fetchall())
        for own, is_erased in streams.values():
            assert not any(_is_in(stream, facts) for stream in own)
            assert any(_is_in(stream, led_to) for stream in own) is not is_erased
        for text in (source, source.removeprefix("/"), "customer:", "@example.com"):
            assert not _is_in(text, facts + led_to)
        self.met["erased"] += sum(is_erased for _, is_erased in streams.values())


def _is_in(value: UUID | str, dump: str) -> bool:
    """Look for a value in any of the forms in which PostgreSQL writes it."""
    forms = (str(value), value.hex if isinstance(value, UUID) else value.encode().hex())
    return any(form in dump for form in forms)


def _batches(facts: Sequence[Fact], tellings: Sequence[Telling]) -> Iterator[tuple[bool, list[Fact]]]:
    batch: list[Fact] = []
    for place, telling in enumerate(tellings, 1):
        batch.append(facts[telling.which % len(facts)])
        if telling.ends_batch or place == len(tellings):
            yield telling.by_another, batch
            batch = []


def _refused_and_erased(subject: str, source: str) -> list[Fact]:
    """Return what is refused of anybody, and their erasure; generated refusals are few."""
    data = {"recipient": "nobody", "purpose": "deliver_order", "categories": ["user.name"], "mode": "enforce"}
    return [
        fact("share", 150, data, subject=subject, fact_id="refused", source=source),
        fact("erasure", 151, {"reason": "asked"}, subject=subject, fact_id="gone", source=source),
    ]


@pytest.mark.slow
def test_whatever_is_told(installation: Installation, other: Installation) -> None:
    """Ids used again by other kinds of facts, about others, by others, in and between batches, around erasures."""
    met: Counter[str] = Counter()
    installation.ledger.append_many(RECIPIENTS)

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(steps(20, KINDS, least=15), st.sampled_from(["enforce", "enforce", "record"]), TELLINGS)
    def check(taken: list[Step], mode: str, tellings: list[Telling]) -> None:
        crowd = str(uuid4())  # One ledger serves all histories, so each is of other people.
        made = facts_of(taken, crowd, mode)[len(RECIPIENTS) :]
        facts = [one.model_copy(update={"id": f"{place % IDS}"}) for place, one in enumerate(made)]
        facts += _refused_and_erased(f"customer:{crowd}1", f"/{crowd}")
        history = History(installation, met)
        # In the end all of it is told once more, and mostly meets what was stored before somebody was erased.
        for by_another, batch in [*_batches(facts, tellings), (True, facts), (False, facts)]:
            erased = {fact_id for fact_id, (_, is_erased) in history.streams().items() if is_erased}
            answers = (other if by_another else installation).ledger.append_many(batch)
            for one, answer in zip(batch, answers, strict=True):
                history.take(one, answer, "of the erased" if one.id in erased else "of the living")
        history.is_stored_once()
        history.leads_to_the_living_only(f"/{crowd}")

    check()
    print(dict(met))  # noqa: T201 - the coverage, for whoever runs it
    situations = [f"{what} {of}" for what in ("conflict", "repeat", "repeat of a refusal") for of in OF]
    assert all(met[situation] >= LEAST for situation in (*situations, "erased")), met
