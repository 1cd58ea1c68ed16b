"""A burst of opt-outs from one source is noticed, whichever processes took them; no address is told."""

from __future__ import annotations

from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from adapters.bootstrap import opened
from adapters.http.metrics import Metrics
from adapters.ledger import utc_now
from adapters.queries.annulments import OptOutSpan, annul_opt_outs
from adapters.queries.doctor import installation_checks
from adapters.queries.health import ledger_load
from adapters.queries.opt_outs import SHOWN_DAYS, OptOutBurst, opt_out_bursts
from adapters.queries.status import ledger_status
from adapters.workers.opt_out_watch import watch_opt_outs
from domain.vocabulary import EMAIL
from projections import engine
from tests.controls import START, VERSION, fact

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from adapters.bootstrap import Installation
    from domain.facts import Fact

LIMIT = 3
OUT = {"program": "email_marketing", "via": "unsubscribe_link"}


@pytest.fixture
def installation(installation: Installation) -> Any:  # noqa: ANN401 - a generator of one
    """Return the ledger with a small limit."""
    settings = installation.settings.model_copy(update={"opt_out_burst": LIMIT})
    with opened(settings) as it:
        yield it


def outs(
    source: str, numbers: Sequence[int], *, subject: str = "email:stranger{}@example.org", via: str = "unsubscribe_link"
) -> list[Fact]:
    """Return opt-outs under as many names."""
    out = {**OUT, "via": via}
    return [fact("opt_out", 2, out, subject=subject.format(n), fact_id=f"out-{n}", source=source) for n in numbers]


def bursts(it: Installation, **later: float) -> list[tuple[str, int]]:
    """Return the sources with a burst, as of now or later, and how many opt-outs each has."""
    with it.connect() as connection:
        found = opt_out_bursts(it.settings, connection, utc_now() + timedelta(**later))
    return [(one.name, one.opt_outs) for one in found]


def test_processes_count_together(
    installation: Installation, in_processes: Callable[[Sequence[Sequence[Fact]]], list[list[dict[str, Any]]]]
) -> None:
    """Neither of two processes takes more than the limit from a source, and both together do."""
    told = [[*outs("/form", range(2)), *outs("/mail", range(3))], outs("/form", range(2, 4))]
    answers = in_processes(told)
    assert not [answer for part in answers for answer in part if "error" in answer]
    assert bursts(installation) == [("/form", 4)]
    with opened(installation.settings) as later:
        assert bursts(later) == [("/form", 4)]


def test_only_what_binds_an_address_counts(installation: Installation) -> None:
    """An opt-out under a number silences its own person; one that says its address is told of the address."""
    installation.ledger.append_many(outs("/form", range(9), subject="customer:{}"))
    assert bursts(installation) == []
    told = [(f"customer:{n}", {**OUT, "to": f"email:s{n}@example.org"}) for n in range(4)]
    installation.ledger.append_many(
        [fact("opt_out", 2, data, subject=subject, source="/link", fact_id=f"to {subject}") for subject, data in told]
    )
    assert bursts(installation) == [("/link", 4)]


def bought(on: float, subject: str, address: str, source: str) -> Fact:
    """Return an order with an address."""
    data = {"act": "order", "reference": "O-1", "values": {EMAIL: f"{address}@example.org"}, "notice": VERSION}
    point = {"collection_point": "web"}
    return fact("collection", on, data | point, subject=subject, fact_id=f"{subject} {address}", source=source)


def guests(numbers: Sequence[int]) -> list[Fact]:
    """Return orders of guests, each with an address of their own."""
    return [bought(1, f"guest:g{n}", f"s{n}", "/shop") for n in numbers]


@pytest.mark.parametrize("is_known_later", [False, True])
def test_under_numbers_whose_address_others_have(installation: Installation, *, is_known_later: bool) -> None:
    """Numbers that somebody makes up, with strangers' addresses, silence the strangers where they have no number."""
    made_up = [bought(1, f"customer:{n}", f"s{n}", "/form") for n in range(5)]
    told = [guests(range(5)), made_up, outs("/form", range(5), subject="customer:{}", via="portal")]
    for facts in [*told[1:], told[0]] if is_known_later else told:
        installation.ledger.append_many(facts)
    assert bursts(installation) == [("/form", 5)]


def test_addresses_given_beside_opt_outs_afterwards(installation: Installation) -> None:
    """Who first opts made-up numbers out, and then gives them strangers' addresses of an earlier time, is noticed."""
    installation.ledger.append_many([*guests(range(5)), *outs("/form", range(5), subject="customer:{}", via="portal")])
    assert bursts(installation) == []
    installation.ledger.append_many([bought(1, f"customer:{n}", f"s{n}", "/form") for n in range(5)])
    assert bursts(installation) == [("/form", 5)]


def test_one_number_with_one_address_after_another(installation: Installation) -> None:
    """One number that opts out with one stranger's address after another silences as many."""
    installation.ledger.append_many(guests(range(5)))
    for n in range(5):
        out = fact(
            "opt_out", 3 + 2 * n, {**OUT, "via": "portal"}, subject="customer:77", fact_id=f"o{n}", source="/form"
        )
        installation.ledger.append_many([bought(2 + 2 * n, "customer:77", f"s{n}", "/form"), out])
    assert bursts(installation) == [("/form", 5)]


def test_one_who_tells_from_many_sources(installation: Installation) -> None:
    """The holder of a key has as many sources as they like, and is named where none of these tells a burst alone."""
    for n in range(5):
        installation.ledger.append_many(outs(f"/form-{n % 2}", [n]), actor="contests")
    assert bursts(installation) == [("contests", 5)]
    installation.ledger.append_many(outs("/form-0", range(5, 9)), actor="contests")
    assert bursts(installation) == [("contests", 9), ("/form-0", 7)]
    entry = OptOutSpan(None, "contests", START, utc_now())
    with installation.connect() as connection:
        assert annul_opt_outs(installation, connection, entry, "a bot")["annulled"] == 9
    assert bursts(installation) == []


def test_a_repeat_counts_once(installation: Installation) -> None:
    """The limit itself is no burst, and telling the same facts again adds nothing."""
    for _ in range(2):
        installation.ledger.append_many(outs("/form", range(LIMIT)))
    assert bursts(installation) == []


def test_the_time_counts(installation: Installation) -> None:
    """What is told further apart than the setting's hours is none; two rushes are two bursts, for a week."""
    installation.ledger.append_many(outs("/form", range(8)))
    with installation.database.connect_as_owner() as owner:
        owner.execute("SET search_path = pledger; ALTER TABLE events DISABLE TRIGGER events_stay")
        owner.execute("UPDATE events SET recorded_at = recorded_at - interval '1 hour' * 25 * (9 - position)")
        owner.commit()
    assert bursts(installation) == []
    with installation.database.connect_as_owner() as owner:
        owner.execute("SET search_path = pledger; UPDATE events SET recorded_at = clock_timestamp() WHERE position > 5")
        owner.execute("UPDATE events SET recorded_at = clock_timestamp() - interval '50 hours' WHERE position <= 5")
        owner.commit()
    assert bursts(installation) == [("/form", 4), ("/form", 4)]
    assert bursts(installation, days=SHOWN_DAYS - 1) == [("/form", 4)]
    assert bursts(installation, days=SHOWN_DAYS + 1) == []


def test_annulled_ones_count_no_more(installation: Installation) -> None:
    """Once an officer has annulled them, the alarm ends."""
    installation.ledger.append_many(outs("/form", range(LIMIT + 1)))
    entry = {"entry": {"source": "/form", "id": "out-0"}, "reason": "nobody asked for it"}
    installation.ledger.append(fact("entry_correction", 3, entry, subject="email:stranger0@example.org"))
    assert bursts(installation) == []


def test_it_is_told_everywhere(installation: Installation) -> None:
    """Doctor is not well, status and the metrics show it, and a watch reports it once; no address is among it."""
    installation.ledger.append_many(outs("/form", range(4)))
    reported, looks = list[OptOutBurst](), list[float | None]()

    def report(burst: OptOutBurst) -> None:
        reported.append(burst)
        installation.ledger.append_many(outs("/form", range(4, 9)))  # It goes on, and is the same burst.

    class UntilLookedTwice(Event):
        def wait(self, timeout: float | None = None) -> bool:
            looks.append(timeout)
            if len(looks) == 2:
                self.set()
            return self.is_set()

    watch_opt_outs(installation, UntilLookedTwice(), report)
    assert [(one.name, one.opt_outs) for one in reported] == [("/form", 4)]
    (check,) = [one for one in installation_checks(installation.settings) if one.what == "opt-outs"]
    assert (check.is_well, "source /form told 9 since 20" in check.found) == (False, True)
    with installation.connect() as connection:
        engine.catch_up(connection)
        shown = ledger_status(installation, connection)["opt_out_bursts"]
    assert [(one["name"], one["opt_outs"]) for one in shown] == [("/form", 9)]
    load = ledger_load(installation, utc_now())
    assert [(one.name, one.opt_outs) for one in load.opt_out_bursts] == [("/form", 9)]
    assert "stranger" not in repr((reported, check, shown, load))


def test_all_is_well_without_one(installation: Installation) -> None:
    """Doctor says what would be a burst."""
    (check,) = [one for one in installation_checks(installation.settings) if one.what == "opt-outs"]
    assert (check.is_well, check.found) == (True, "nobody told more than 3 that bind addresses within 24 hours")
    assert b"pledger_opt_out_burst_opt_outs" in Metrics().text()
