"""An erased person leaves the read models and does not come back."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING

from domain.facts import SHAPES, CustomerFact
from projections import checkpoints, engine, people, sharing_history, subscription_history
from projections.engine.catch_up import _advance
from tests.controls import verified
from tests.examples import EXAMPLES
from tests.serving import PATIENCE

if TYPE_CHECKING:
    from domain.facts import Fact
    from tests.read_models.conftest import History

ADA = "customer:1"


def _life(history: History) -> list[Fact]:
    """Return a person's facts, at least one of each kind, so that each read model has rows of them."""
    others = [word for word in EXAMPLES if word != "erasure" and _is_about_a_person(word)]
    return [
        history.collection("order", ADA, 1, "O-1"),
        history.collection("contest_entry", "email:a@marker.test", 1, "C-1"),
        history.fact("opt_out_offer", ADA, 2, purpose="deliver_ads", also=[verified("email:a@marker.test")]),
        history.fact(
            "share", ADA, 3, recipient="post", purpose="deliver_order", categories=["user.name"], reference="O-1"
        ),
        history.fact("access_request", ADA, 3, request="q-1"),
        *(history.fact(word, ADA, 3, **EXAMPLES[word]) for word in others),
    ]


def _is_about_a_person(word: str) -> bool:
    return issubclass(SHAPES[f"pledger.{word}.v1"][0], CustomerFact)


def test_rows_go_in_the_erasing_transaction(history: History) -> None:
    """After an erasure no read model knows the person any more, without another catch-up."""
    first, *_ = history.tell(*_life(history))
    engine.catch_up(history.connection)
    assert all(history.rows_about_people().values())
    history.tell(history.fact("erasure", ADA, 4, reason="asked"))
    assert not any(history.rows_about_people().values())
    assert subscription_history.current(history.connection, [history.stream(first)]) == {}
    assert sharing_history.of(history.connection, [history.stream(first)]) == ()


def test_catching_up_later_over_old_events_brings_nothing_back(history: History) -> None:
    """Windows that end before the erasure, and one that holds it, both leave the person out."""
    receipts = history.tell(*_life(history), history.fact("erasure", ADA, 4, reason="asked"))
    engine.catch_up(history.connection, upto=receipts[4].position, window=2)
    assert not any(history.rows_about_people().values())
    engine.catch_up(history.connection)
    assert not any(history.rows_about_people().values())
    history.start_over()
    engine.catch_up(history.connection)
    assert not any(history.rows_about_people().values())


def test_an_erasure_waits_for_the_window_under_way(history: History) -> None:
    """A window that read before the erasure commits first, and the erasure then removes what it wrote."""
    history.tell(*_life(history))
    engine.prepare(history.connection)
    erasing = Thread(target=history.tell, args=[history.fact("erasure", ADA, 4, reason="asked")])
    (subscribing,) = [projection for projection in engine.PROJECTIONS if projection is subscription_history.PROJECTION]
    with history.connection.transaction():
        end = checkpoints.size(history.connection)
        assert _advance(history.connection, subscribing, 0, end) is not None
        erasing.start()
        erasing.join(timeout=0.3)
        assert erasing.is_alive()
    erasing.join(timeout=PATIENCE)
    assert not erasing.is_alive()
    assert not any(history.rows_about_people().values())


def test_a_race_with_a_new_checkpoint_heals_with_the_window_of_the_erasure(history: History) -> None:
    """Rows that an erasure could not wait for, since the checkpoint was new, go when its events are read."""
    receipts = history.tell(*_life(history))
    stream = history.stream(receipts[0])
    engine.catch_up(history.connection)
    history.installation.ledger._appender._purge = lambda _connection, _streams: None
    history.tell(history.fact("erasure", ADA, 4, reason="asked"))
    assert subscription_history.current(history.connection, [stream])
    engine.catch_up(history.connection)
    assert not any(history.rows_about_people().values())
    assert people.streams_of(history.connection, stream) == (stream,)


def test_purging_before_any_read_model_exists_does_nothing(history: History) -> None:
    """An erasure in a ledger whose read models were never made succeeds."""
    history.tell(*_life(history), history.fact("erasure", ADA, 4, reason="asked"))
    erased = "SELECT count(*) FROM events WHERE topic = 'CustomerErased.v1'"
    assert history.connection.execute(erased).fetchone() == (3,)  # Those of the linked person.
    assert history.connection.execute("SELECT to_regclass('subscriptions')").fetchone() == (None,)
