"""A browser's record and the company's are judged as the log has them, whoever appended what before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from adapters.ledger import Receipt
from domain.errors import Refused

if TYPE_CHECKING:
    from adapters.bootstrap import Installation
    from domain.facts import Fact
    from tests.ledger.conftest import Say


def _cookie(say: Say, name: str, **data: str) -> Fact:
    data = {"cookie": "c", "purpose": "track_visits", **data}
    return say.fact(name, "cookie_set", "visitor:b1", "2016-04-03T10:15:00Z", categories=(), **data)


def _release(say: Say, name: str, count: int, **data: str) -> Fact:
    cells = [{"where": {}, "count": count}]
    return say.fact(
        name, "aggregate_released", None, "2016-04-03T10:15:00Z", release=name, cells=cells, dimensions=[], **data
    )


def test_a_cookie_in_the_same_batch_as_the_refusal(installation: Installation, say: Say) -> None:
    """A refusal binds the facts after it in its own batch."""
    _, receipt = installation.ledger.append_many([say.cookie_refusal("r"), _cookie(say, "c")])
    assert isinstance(receipt, Receipt)
    assert [found.promise for found in receipt.findings] == ["P31"]


def test_a_refusal_from_elsewhere(installation: Installation, other: Installation, say: Say) -> None:
    """What another process appended about the browser is known to the next that appends."""
    ledger = installation.ledger
    assert not ledger.append(_cookie(say, "first")).findings
    other.ledger.append(say.cookie_refusal("r"))
    with pytest.raises(Refused, match="P31"):
        ledger.append(_cookie(say, "second", mode="enforce"))
    with pytest.raises(Refused, match="P31"):
        ledger.append(_cookie(say, "second", mode="enforce"))
    assert [found.promise for found in other.ledger.append(_cookie(say, "third")).findings] == ["P31"]


def test_a_release_from_elsewhere(installation: Installation, other: Installation, say: Say) -> None:
    """Two tables that give a small group away together are not both released, whichever process asks."""
    installation.ledger.append(_release(say, "a", 50, mode="enforce"))
    with pytest.raises(Refused, match="P13"):
        other.ledger.append(_release(say, "b", 52, mode="enforce"))


def test_asking(installation: Installation, say: Say) -> None:
    """Asking about a browser or a release answers as enforcing would, and changes nothing."""
    ledger = installation.ledger
    assert ledger.ask(_cookie(say, "c")).allowed
    ledger.append(say.cookie_refusal("r"))
    assert [found.promise for found in ledger.ask(_cookie(say, "c")).findings] == ["P31"]
    assert [found.promise for found in ledger.ask(_release(say, "a", 3)).findings] == ["P13"]
    assert not ledger.ask(say.incident("i")).findings
    with installation.connect() as connection:
        row = connection.execute("SELECT count(*) FROM events WHERE topic = 'CookieSet.v1'").fetchone()
    assert row == (0,)
