"""Receipts tell nothing of the log: not what it holds, nor how much it grows, nor whose an address was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given, settings, strategies as some

from adapters.api_keys.roles import Role
from adapters.http.append_tokens import AppendTokens
from adapters.http.problems import RequestError
from projections.as_of import POSITION_MAX
from tests.controls import cloud_event, fact
from tests.http.conftest import entry

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from adapters.bootstrap import Installation

TOKENS: Final = AppendTokens(bytes(range(64)))
OTHERS: Final = AppendTokens(bytes(range(1, 65)))
EMAIL: Final = "user.contact.email"
often = settings(max_examples=200, deadline=None)


@often
@given(some.integers(0, POSITION_MAX))
def test_what_goes_in_comes_out(position: int) -> None:
    """A token is read as the position that it was written for, and so is the position as digits."""
    written = TOKENS.write(position)
    assert (len(written), TOKENS.read(written), TOKENS.read(str(position))) == (32, position, position)


@often
@given(some.integers(0, POSITION_MAX), some.integers(0, 31), some.sampled_from("ABCDxyz019-_"))
def test_nothing_altered_is_read(position: int, place: int, letter: str) -> None:
    """A token that was changed in one character, or is another ledger's, is refused."""
    written = TOKENS.write(position)
    altered = written[:place] + letter + written[place + 1 :]
    for text in [OTHERS.write(position), *({altered} - {written})]:
        with pytest.raises(RequestError):
            TOKENS.read(text)


@pytest.mark.parametrize("subject", ["email:gone@example.org", "email:nobody@example.org"])
def test_an_erased_persons_address_looks_like_any_other(
    client: httpx.Client, key: Callable[..., dict[str, str]], installation: Installation, subject: str
) -> None:
    """An answer has the same fields with the same contents, whether an address was an erased person's or nobody's."""
    service = key(Role.SERVICE)
    known = entry("a", values={EMAIL: "gone@example.org"})
    assert client.post("/v1/events", json=known, headers=service).status_code == 201
    installation.ledger.append(fact("erasure", 99, {"reason": "asked"}, subject=known["subject"]))
    told = [
        cloud_event("opt_out", f"{what}-{subject}", day, subject, program="email_marketing", via="portal")
        if what.startswith("out")
        else cloud_event("objection", f"{what}-{subject}", day, subject, purpose="direct_marketing")
        for what, day in (("out", 1), ("out late", 40), ("objection", 1), ("objection late", 40))
    ]
    receipts = [one["receipt"] for one in client.post("/v1/events", json=told, headers=service).json()["answers"]]
    said = [{name: one[name] for name in one if name not in {"fact", "at_least"}} for one in receipts]
    nothing_odd = {
        "repeated": False,
        "reasons": [],
        "findings": [],
        "unread": [],
        "not_linked": [],
        "later": [],
        "took_later": False,
        "notes": [],
    }
    assert said == [nothing_odd] * len(told)
