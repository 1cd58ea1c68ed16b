"""The base of every event: a frozen pydantic model with an envelope, coded fields and sealed fields.

Events name each other by position in the log, which is all that outlives an erasure. The annotation of a field says
which kind it is. A coded field stays in the clear, outlives an erasure and holds no personal
value. A sealed field is encrypted before it is stored; it is None if the seal was not opened. Coded data only ever
gains keys; any other change is a new topic.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Self, get_type_hints
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from domain.canonical import canonical_flat_json, canonical_json
from domain.events.hints import holds_plain, is_annotated, is_code
from domain.events.unchecked import unchecked
from domain.moments import UNPLACED, Moment, Turn
from domain.vocabulary import Program

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

SEALED: Final = "sealed"
SealedText = Annotated[str | None, SEALED]
SealedValues = Annotated[dict[str, str | None] | None, SEALED]
APART: Final = "apart"
TextApart = Annotated[str | None, SEALED, APART]
ValuesApart = Annotated[dict[str, str | None] | None, SEALED, APART]
"""Values of data categories, each sealed under a key of its own, so that it can be deleted.

A null value is one that another system holds. Of the values of several categories, those that were deleted are left
out; a single one is then None.
"""
PLACES: Final = "places"
Place = Annotated[int | None, PLACES]
Places = Annotated[tuple[int, ...], PLACES]
"""Positions of other events.

What an event names of its own fact is stored counted back from the event itself (0 or less), since the two are put into
the log together, and where is known only then. Everything else is stored as the position that it is.
"""

COMPANY, CUSTOMER, VISITOR = "company", "customer", "visitor"


class Finding(BaseModel):
    """What the judge finds wrong with an event under a promise: a stable code, and the events that show it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    promise: str
    code: str
    events: tuple[int, ...] = ()
    excused: bool = False
    about: int | None = None
    """An earlier event, if this one shows that to have been the breach; None: the event is the breach itself."""

    @property
    def is_breach(self) -> bool:
        """Return whether the event itself is the breach, and nothing excuses it."""
        return not self.excused and self.about is None

    def shifted(self, shift: Callable[[int], int]) -> Finding:
        """Return the finding with each position as `shift` gives it."""
        if not self.events and self.about is None:
            return self
        about = None if self.about is None else shift(self.about)
        return self.model_copy(update={"events": tuple(map(shift, self.events)), "about": about})


class Event(BaseModel):
    """The envelope of every event.

    The database sets `recorded_at`, and decides on `position`, which until then is the one that was planned. `part`
    counts the events of one fact from 0. `fact_id`, `correlation` and `causation` are sealed with the event's other
    sealed fields: None where the seal was not opened, and always for a browser, which has no key. So is a `source` that
    is no plain code; a digest stands for it where the seal was not opened.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    topic: ClassVar[str] = ""
    turn: ClassVar[Turn] = Turn.ACT
    """Where it stands among what happened at the same instant."""
    stream_kind: ClassVar[str] = ""
    coded: ClassVar[tuple[str, ...]] = ()
    sealed: ClassVar[tuple[str, ...]] = ()
    sealed_envelope: ClassVar[tuple[str, ...]] = ("fact_id", "correlation", "causation")
    """Fields of the envelope that are sealed; for events of a kind that has no key, none."""
    apart: ClassVar[str] = ""
    """The sealed field whose values are sealed apart from the rest; most events have none."""
    places: ClassVar[tuple[str, ...]] = ()
    """Coded fields that hold positions."""
    findings_in: ClassVar[tuple[str, ...]] = ("findings",)
    """Coded fields that hold findings."""
    naming: ClassVar[tuple[str, ...]] = ("findings",)
    """Fields that name other events: those of positions, and those of findings."""
    codes: ClassVar[tuple[str, ...]] = ()
    """Coded fields that hold a code of a closed list."""
    nested: ClassVar[frozenset[str]] = frozenset()
    """Coded fields that hold something else than a text, an integer, a boolean, or a tuple of these."""
    blank: ClassVar[dict[str, Any]] = {}
    """Each field's value where none is given."""
    required: ClassVar[frozenset[str]] = frozenset()
    """Fields that must be given."""

    originator_id: UUID
    originator_version: int
    occurred_at: datetime
    actor: str
    source: str
    part: int = 0
    policy: str
    fact_id: str | None = None
    correlation: str | None = None
    causation: str | None = None
    position: int | None = None
    recorded_at: datetime | None = None
    findings: tuple[Finding, ...] = ()

    def __init_subclass__(cls, turn: Turn | None = None, **kwargs: Any) -> None:  # noqa: ANN401 - pydantic's own signature
        """Give a new event class its turn, or that of the class that it extends."""
        super().__init_subclass__(**kwargs)
        cls.turn = cls.turn if turn is None else turn

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:  # noqa: ANN401 - pydantic's own signature
        """Sort the fields of a new event class into coded and sealed, once."""
        super().__pydantic_init_subclass__(**kwargs)
        hints = get_type_hints(cls, include_extras=True)
        own = sorted(set(cls.model_fields) - ENVELOPE)
        cls.sealed = tuple(name for name in own if is_annotated(SEALED, hints[name]))
        cls.apart = next((name for name in own if is_annotated(APART, hints[name])), "")
        cls.places = tuple(name for name in own if is_annotated(PLACES, hints[name]))
        cls.coded = tuple(name for name in own if name not in cls.sealed)
        cls.codes = tuple(name for name in cls.coded if is_code(hints[name]))
        cls.nested = frozenset(name for name in cls.coded if not holds_plain(hints[name]))
        cls.naming = (*cls.places, *cls.findings_in)
        cls.topic = f"{cls.__name__}.v1"
        cls.blank = {name: field.get_default() for name, field in cls.model_fields.items()}
        cls.required = frozenset(name for name, field in cls.model_fields.items() if field.is_required())

    @classmethod
    def made(cls, **fields: Any) -> Self:  # noqa: ANN401 - values of the event's own fields
        """Return an event of values that are of its fields' types: they are not checked, which takes most of the time.

        What is read from outside is checked. The tests check every event that is made so (`tests/conftest.py`).
        """
        values, given = {**cls.blank, **fields}, set(fields)
        if len(values) != len(cls.blank) or not cls.required <= given:
            return cls(**fields)  # That raises, and says which field there is not, or which is missing.
        return unchecked(cls, values, given)

    @property
    def fact(self) -> str:
        """The name to show for the fact that made this event: `source id` as sent, else `#position`."""
        return place_name(self.fact_position) if self.fact_id is None else f"{self.source} {self.fact_id}"

    @property
    def fact_position(self) -> int:
        """The position of the first event of the same fact, which stands for the fact."""
        return (self.position if self.position is not None else UNPLACED) - self.part

    @property
    def moment(self) -> Moment:
        """When it happened; an event that has no position yet comes after all that have one."""
        values = self.__dict__
        position = values["position"]
        return Moment(values["occurred_at"], self.turn, UNPLACED if position is None else position)

    def data_json(self) -> str:
        """Return the coded data as canonical JSON; absent and empty fields are left out."""
        values = self.__dict__
        data = {name: value for name in self.coded if (value := values[name]) is not None and value != ()}
        if findings := values["findings"]:
            data["findings"] = findings
        own = UNPLACED if (position := values["position"]) is None else position
        first = own - values["part"]
        for name in self.naming:
            if name in data and max(_places_in(data[name]), default=0) >= first:
                data[name] = _with_places(data[name], lambda place: place - own if place >= first else place)
        for name in self.codes:
            if name in data:
                data[name] = str(data[name])  # As plain text it is written in a third of the time (measured).
        is_flat = not findings and self.nested.isdisjoint(data)
        return canonical_flat_json(data) if is_flat else canonical_json(data)

    @classmethod
    def placed(cls, data: dict[str, Any], position: int) -> dict[str, Any]:
        """Return stored data with the positions that were counted back from the event's own `position`."""
        for name in cls.places:
            if name in data:
                data[name] = _with_places(data[name], lambda place: place if place > 0 else position + place)
        for name in cls.findings_in:
            for found in data.get(name, ()):
                for key in found.keys() & {"events", "about"}:
                    found[key] = _with_places(found[key], lambda place: place if place > 0 else position + place)
        return data

    def sealed_values(self) -> dict[str, Any]:
        """Return what is sealed with the event, by field; absent fields, and values that are sealed apart, are not."""
        values = self.__dict__
        found = {name: value for name in (*self.sealed, *self.sealed_envelope) if (value := values[name]) is not None}
        if self.apart and isinstance(value := found.pop(self.apart, None), dict):
            nulls = {category: text for category, text in value.items() if text is None}
            if nulls:
                found[self.apart] = nulls
        return found

    def value_texts(self) -> Sequence[tuple[int, str]]:
        """Return the values that are sealed apart, each with the place of its category among the event's."""
        if not (apart := self.apart) or not (value := self.__dict__[apart]):
            return ()
        if isinstance(value, str):
            return ((0, value),)
        texts = enumerate(map(value.get, self.__dict__["categories"]))
        return [(place, text) for place, text in texts if text is not None]

    @classmethod
    def put_values(cls, fields: dict[str, Any], texts: Mapping[int, str | None]) -> None:
        """Put values that were sealed apart among the opened fields; those whose key is gone are None here."""
        if "categories" in cls.coded:
            there = {fields["categories"][place]: text for place, text in texts.items() if text is not None}
            fields[cls.apart] = {**fields.get(cls.apart, {}), **there}
        else:
            fields[cls.apart] = texts[0]

    def altered(self, **fields: Any) -> Self:  # noqa: ANN401 - values of the event's own fields
        """Return the event with other values in some fields: `model_copy` in a fourth of the time (measured)."""
        return unchecked(type(self), {**self.__dict__, **fields}, {*self.__pydantic_fields_set__, *fields})

    def moved(self, by: int, after: int) -> Event:
        """Return the event `by` positions further, with all that it names after the position `after`."""

        def shift(place: int) -> int:
            return place + by if place > after else place

        values = self.__dict__
        update = {name: _with_places(values[name], shift) for name in self.naming}
        return self.model_copy(update={**update, "position": shift(self.moment.position)})

    def named_after(self, after: int) -> bool:
        """Return whether the event names another fact's event that stands after the position `after`."""
        values = self.__dict__
        for name in self.naming:
            if value := values[name]:
                later = [place for place in _places_in(value) if place > after]
                if later and min(later) < self.fact_position:
                    return True
        return False


ENVELOPE: Final = frozenset(Event.model_fields)


def place_name(position: int | str) -> str:
    """Return how an event is named where the name of its fact is not known, or was erased: `#1234`."""
    return f"#{position}"


def _places_in(value: Any) -> Sequence[int]:  # noqa: ANN401 - a position, positions, or findings
    """Return the positions in what an event names."""
    if isinstance(value, int):
        return (value,)
    if value and isinstance(value[0], int):
        return tuple(value)
    places: list[int] = []
    for one in value or ():
        if isinstance(one, Finding):
            places += one.events if one.about is None else (*one.events, one.about)
        else:
            places.append(one)
    return places


def _with_places(value: Any, shift: Callable[[int], int]) -> Any:  # noqa: ANN401 - a position, positions, or findings
    """Return positions, or findings, with each position as `shift` gives it."""
    if isinstance(value, int):
        return shift(value)
    if isinstance(value, Finding):
        return value.shifted(shift)
    return value if value is None else tuple(_with_places(one, shift) for one in value)


class Refusal(Event):
    """Something was not done because it would have broken a promise. It holds no personal value."""

    findings_in: ClassVar[tuple[str, ...]] = ("findings", "because")

    refused: str
    because: tuple[Finding, ...]
    categories: tuple[str, ...] = ()
    purpose: str | None = None
    recipient: str | None = None
    program: Program | None = None
