"""The invented people of the demo, and the shop's own book of who is enrolled in what.

A number always gives the same person. No two numbers give the same e-mail address; all addresses are under example.com
and example.org, which belong to nobody. The book is cautious: if a reading could doubt an enrollment, the book does not
have it, so that what the shop sends by the book breaks no promise.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from domain.vocabulary import ADDRESS, EMAIL, NAME, PAYMENT

GENDER: Final = "user.demographic.gender"

START: Final = datetime.fromisoformat("2016-04-01T00:00:00Z")

_GIVEN: Final = (
    *("Alba", "Bram", "Cosima", "Dov", "Elspeth", "Ferran", "Greta", "Hamish", "Ione", "Jory", "Kezia", "Lorcan"),
    *("Maren", "Niall", "Odile", "Piers", "Quill", "Rosalind", "Soren", "Tamsin", "Ulla", "Viggo", "Wren"),
)
_FAMILY: Final = (
    *("Applegarth", "Brindlecombe", "Candlewick", "Dunnamore", "Elderthwaite", "Fernihough", "Gossamer", "Hollowell"),
    *("Inkpen", "Jessamy", "Kettlewell", "Larkspur", "Merriweather", "Nettlefold", "Ottershaw", "Pennyfather"),
    *("Quillfeather", "Rushbrook", "Silverthorn", "Thistlewood", "Underhay", "Vanterpool", "Wetherspoke"),
)
_STREET: Final = ("Lantern Row", "Pebble Lane", "Thimble Street", "Orchard Stairs", "Ferry Walk", "Heron Rise")
_GENDER: Final = ("female", "male", "female", "other", "female", "male", "male")
_TOWN: Final = ("Pebbleford", "Little Marrow", "Wickering", "Saltmere", "Upper Thistle")


@dataclass(slots=True)
class ProgramState:
    """The state of a person in one program."""

    enrolled: bool = False
    opted_out: bool = False

    def asked(self) -> None:
        """Note that the person asked for it, which lifts an earlier opt-out."""
        self.enrolled, self.opted_out = True, False

    def permitted(self) -> None:
        """Note that the person did something that enrolls, and does not lift an opt-out."""
        self.enrolled = not self.opted_out

    def left(self) -> None:
        """Note that the person opted out."""
        self.enrolled, self.opted_out = False, True

    def doubted(self) -> None:
        """Note that what enrolled the person may be gone: nothing is sent until they are enrolled again."""
        self.enrolled = False


@dataclass(slots=True)
class Browser:
    """One browser; `last` is the time of the latest fact about it."""

    subject: str
    last: datetime = START

    @property
    def name(self) -> str:
        """Return the browser's number, as the names of its facts have it."""
        return self.subject.removeprefix("visitor:")


@dataclass(slots=True)
class Shopper:
    """One invented person: their subject, the values that they give the shop, and their state in each program.

    `last` is the time of the latest fact about them. Each fact is later than the one before, so that the order of time
    is the order in which the book was kept. `ordered` holds the references of their orders.
    """

    subject: str
    name: str
    email: str
    address: str
    gender: str
    mail: ProgramState = field(default_factory=ProgramState)
    post: ProgramState = field(default_factory=ProgramState)
    last: datetime = START
    ordered: list[str] = field(default_factory=list)

    def values(self, *categories: str) -> dict[str, str | None]:
        """Return the person's values of these categories; the payment is null, since another system holds it."""
        known = {NAME: self.name, EMAIL: self.email, ADDRESS: self.address, GENDER: self.gender, PAYMENT: None}
        return {category: known[category] for category in categories}

    def under(self, subject: str) -> Shopper:
        """Return the same person under another name, with the same subscriptions and orders."""
        return replace(self, subject=subject)


def person(number: int, subject: str = "") -> Shopper:
    """Return the person of that number, named `customer:<number>` by default."""
    given = _GIVEN[number % len(_GIVEN)]
    family = _FAMILY[number // len(_GIVEN) % len(_FAMILY)]
    domain = "example.org" if number % 3 else "example.com"
    return Shopper(
        subject=subject or f"customer:{number}",
        name=f"{given} {family}",
        email=f"{given}.{family}.{number}@{domain}".lower(),
        address=address(number),
        gender=_GENDER[number % len(_GENDER)],
    )


def recipient(number: int) -> Shopper:
    """Return the person to whom the customer of that number sends a gift; the gift's order will name them."""
    return person(number + 500_000, "guest:")


def address(number: int) -> str:
    """Return an invented postal address."""
    street, town = _STREET[number % len(_STREET)], _TOWN[number // 7 % len(_TOWN)]
    return f"{number % 180 + 1} {street}, {town} ZZ{number % 9 + 1} {number % 8 + 1}XX"
