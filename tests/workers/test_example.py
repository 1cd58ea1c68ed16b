"""The example of a projection of one's own, run as the page about the feed says."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from adapters import workers
from domain.vocabulary import ADDRESS, EMAIL, NAME
from tests.controls import RECIPIENTS, order, share
from tests.serving import PATIENCE
from tests.workers.shares_by_month import CountShares, SharesByMonth

if TYPE_CHECKING:
    from adapters.bootstrap import Installation
    from adapters.ledger import Receipt

README = (Path(workers.__file__).parent / "README.md").read_text(encoding="utf-8")


def _blocks() -> dict[str, str]:
    return dict(re.findall(r"<!-- (\w+) -->\n```python\n(.*?)```", README, re.DOTALL))


def _history(installation: Installation) -> Receipt:
    """Append an order and three shares, two of them in May; give the receipt of the one in April, the last one."""
    for fact in (
        *RECIPIENTS,
        order(1),
        share(40, "carrier", [NAME, ADDRESS]),
        share(41, "mail_service", [EMAIL], purpose="direct_marketing", reference=None),
    ):
        installation.ledger.append(fact)
    return installation.ledger.append(share(2, "carrier", [NAME, ADDRESS]))


def test_the_page_runs(installation: Installation) -> None:
    """The page's own lines run the projection, wait for an append, and ask the view; the answer is the one it shows."""
    names: dict[str, Any] = {"installation": installation, "receipt": _history(installation)}
    blocks = _blocks()
    assert list(blocks) == ["run", "ask"]
    try:
        exec(blocks["run"], names)  # noqa: S102 - the page is ours
        exec(blocks["ask"], names)  # noqa: S102 - as above
    finally:
        names["stop"].set()
        names["thread"].join()
    (shown,) = re.findall(r"# (\{.*\})", blocks["ask"])
    assert str(names["april"]).replace("'", '"') == shown


def test_shares_are_counted_once(installation: Installation) -> None:
    """Each share counts for its recipient in the month in which it happened, also when the projection runs twice."""
    last = _history(installation).position
    for _ in range(2):
        stop = Event()
        thread = Thread(target=workers.run, args=(installation, CountShares, SharesByMonth, stop))
        thread.start()
        with workers.view(installation, CountShares, SharesByMonth) as view:
            view.wait("ledger", last, timeout=PATIENCE)
            stop.set()
            thread.join()
            assert view.shares(date(2016, 4, 1)) == {"carrier": 1}
            assert view.shares(date(2016, 5, 1)) == {"carrier": 1, "mail_service": 1}
            assert view.shares(date(2016, 6, 1)) == {}


def test_the_librarys_runner_alone(installation: Installation) -> None:
    """The library's own ProjectionRunner, unsupervised, runs it as well and says when an event has been counted."""
    with workers.runner(installation, CountShares, SharesByMonth) as runner:
        position = _history(installation).position
        runner.wait(position, timeout=PATIENCE)
        assert runner.projection.view.shares(date(2016, 4, 1)) == {"carrier": 1}
