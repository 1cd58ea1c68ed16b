"""The contact points among the values of a collection or correction.

A contact point is the whole of a value: a value that holds two addresses, or an address among other words, gives none,
for nobody can tell whose each is.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from domain.facts.fields import Subject
from domain.vocabulary import EMAIL, PHONE, covers, overlaps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from domain.facts.addresses import Addresses


class ContactValues(NamedTuple):
    """What was found: the contact point of each category that has one, and the categories that hold something else."""

    points: dict[str, Subject]
    unread: tuple[str, ...]


def contacts_in(values: Mapping[str, str | None], addresses: Addresses) -> ContactValues:
    """Return the contact points among values, by data category.

    They stand under `user.contact.email`, `user.contact.phone_number`, and a category above, such as `user.contact`,
    which stands for every part below it. A fax number is none: no message of a program goes there. The name of an
    account is none, whatever it looks like: nobody said that mail reaches its owner under it.
    """
    points: dict[str, Subject] = {}
    unread: list[str] = []
    for category, text in values.items():
        if text is None or not _may_hold(category):
            continue
        try:
            points[category] = _read(category, text, addresses)
        except ValueError:
            unread.append(category)
    return ContactValues(points, tuple(unread))


@lru_cache(maxsize=1024)
def _may_hold(category: str) -> bool:
    """Return whether values of a data category can be contact points."""
    return overlaps(category, EMAIL) or overlaps(category, PHONE)


def _read(category: str, text: str, addresses: Addresses) -> Subject:
    """Return the contact point that a value is. Under a category above both kinds only its look tells which it is."""
    if covers(EMAIL, category):
        return Subject("email", addresses.email(text))
    if covers(PHONE, category):
        return Subject("phone", addresses.phone(text))
    if "@" in text:
        return Subject("email", addresses.email(text))
    if "+" in text:
        return Subject("phone", addresses.phone(text))
    # A number in no international form could be anything here: a postal code, a customer number.
    raise ValueError("is neither an e-mail address nor a telephone number in international form")
