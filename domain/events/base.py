"""The base of every event: a frozen pydantic model with an envelope, coded fields and sealed fields.

The annotation of a field says which it is. A coded field stays in the clear, outlives an erasure and holds no personal
value. A sealed field is encrypted before it is stored; it is None if the seal was not opened. Coded data only ever
gains keys; any other change is a new topic.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Final, NamedTuple, get_args, get_origin, get_type_hints
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from domain.canonical import canonical_json
from domain.vocabulary import Program

SEALED: Final = "sealed"
SealedText = Annotated[str | None, SEALED]
SealedValues = Annotated[dict[str, str | None] | None, SEALED]

COMPANY, CUSTOMER, VISITOR = "company", "customer", "visitor"


class Moment(NamedTuple):
    """A point in history: world time, ties by position in the log. Later facts compare greater."""

    at: datetime
    position: int


class Finding(BaseModel):
    """What the judge finds wrong with an event under a promise: a stable code, and the facts that show it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    promise: str
    code: str
    events: tuple[str, ...] = ()
    excused: bool = False
    about: str | None = None
    """An earlier fact, if the event shows that one to have been the breach; None: the event is the breach itself."""

    @property
    def is_breach(self) -> bool:
        """Return whether the event itself is the breach, and nothing excuses it."""
        return not self.excused and self.about is None


class Event(BaseModel):
    """The envelope of every event. The database sets `position` and `recorded_at`; until then they are None."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    topic: ClassVar[str] = ""
    stream_kind: ClassVar[str] = ""
    coded: ClassVar[tuple[str, ...]] = ()
    sealed: ClassVar[tuple[str, ...]] = ()

    originator_id: UUID
    originator_version: int
    occurred_at: datetime
    actor: str
    source: str
    fact_id: str
    policy: str
    correlation: str | None = None
    causation: str | None = None
    position: int | None = None
    recorded_at: datetime | None = None
    findings: tuple[Finding, ...] = ()

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:  # noqa: ANN401 - pydantic's own signature
        """Sort the fields of a new event class into coded and sealed, once."""
        super().__pydantic_init_subclass__(**kwargs)
        hints = get_type_hints(cls, include_extras=True)
        own = sorted(set(cls.model_fields) - ENVELOPE)
        cls.sealed = tuple(name for name in own if _is_sealed(hints[name]))
        cls.coded = tuple(name for name in own if name not in cls.sealed)
        cls.topic = f"{cls.__name__}.v1"

    @property
    def fact(self) -> str:
        """The name of the fact that made this event: `source id`."""
        return f"{self.source} {self.fact_id}"

    @property
    def moment(self) -> Moment:
        """When it happened; an event that has no position yet comes after all that have one."""
        return Moment(self.occurred_at, self.position if self.position is not None else UNPLACED)

    def data_json(self) -> str:
        """Return the coded data as canonical JSON; absent and empty fields are left out."""
        values = self.__dict__
        data = {name: value for name in self.coded if (value := values[name]) is not None and value != ()}
        if self.findings:
            data["findings"] = self.findings
        return canonical_json(data)

    def sealed_values(self) -> dict[str, Any]:
        """Return the personal values to be sealed, by field; absent fields are left out."""
        values = self.__dict__
        return {name: value for name in self.sealed if (value := values[name]) is not None}


ENVELOPE: Final = frozenset(Event.model_fields)
UNPLACED: Final = 2**62


def _is_sealed(hint: object) -> bool:
    return get_origin(hint) is Annotated and SEALED in get_args(hint)


class Refusal(Event):
    """Something was not done because it would have broken a promise. It holds no personal value."""

    refused: str
    because: tuple[Finding, ...]
    categories: tuple[str, ...] = ()
    purpose: str | None = None
    recipient: str | None = None
    program: Program | None = None
