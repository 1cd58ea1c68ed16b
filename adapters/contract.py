"""Reading facts with the address parsers of this installation: what every door uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.addresses import ADDRESSES
from domain import facts
from domain.facts.fields import Subject, parse_subject

if TYPE_CHECKING:
    from collections.abc import Mapping

    from domain.facts import Fact


def parse_fact(raw: bytes | str | Mapping[str, Any]) -> Fact:
    """Return the fact that a CloudEvent states. Raises `MalformedFact` with every problem."""
    return facts.parse_fact(raw, ADDRESSES)


def parse_name(text: str) -> Subject:
    """Return the subject that a text such as `customer:17850` names. Raises ValueError."""
    return parse_subject(text, ADDRESSES)
