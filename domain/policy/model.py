"""The model of a policy file.

A `Policy` is complete and frozen, and each of its promises has a rule whose parameters have been checked.
`loader.load_policy` reads a file, and reports all that is wrong with it, by line.

Rule kinds type their parameters with `DataCategory`, `PurposeName`, `PurposeListName` and `RoleName` from here, and
with the enums of `domain.vocabulary`, so that the loader checks these too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    SerializeAsAny,
    Strict,
    ValidationInfo,
)
from pydantic_core import PydanticCustomError

from domain.times import in_utc
from domain.vocabulary import DATA_CATEGORIES, PURPOSES, Program, Reading, Role

SECONDS_PER_DAY: Final = 24 * 60 * 60
LONGEST_SECONDS: Final = 100 * 366 * SECONDS_PER_DAY
UNKNOWN_WORD: Final = "unknown_word"
"""The type of the pydantic error for a word outside a list; its context has `sort` and `known`."""


def _listed(value: object) -> object:
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


class Modality(StrEnum):
    """What a promise binds the company to."""

    OBLIGATION = "obligation"
    PROHIBITION = "prohibition"
    PERMISSION = "permission"


class Provable(StrEnum):
    """How far the recorded history can show that a promise was kept."""

    HISTORY = "history"
    PARAMETER = "parameter"
    HISTORY_AND_PARAMETER = "history+parameter"
    ATTESTED = "attested"
    PARTLY = "partly"
    UNPROVABLE = "unprovable"


@dataclass(frozen=True, slots=True)
class Tables:
    """The names that the rest of the same file defines. Its rules may use only these."""

    roles: frozenset[str]
    purpose_lists: frozenset[str]


def known_word(word: str, known: Collection[str], sort: str) -> str:
    """Return `word` if it is known; else raise the pydantic error `UNKNOWN_WORD`, with the `sort` of word expected."""
    if word not in known:
        raise PydanticCustomError(
            UNKNOWN_WORD, "'{word}' is not {sort}", {"word": word, "sort": sort, "known": sorted(known)}
        )
    return word


def _category(word: str) -> str:
    return known_word(word, DATA_CATEGORIES, "a data category")


def _purpose(word: str) -> str:
    return known_word(word, PURPOSES, "a purpose")


# Behind `_listed` pydantic sees Python and not JSON, where "strict" takes no text for a code.
def _program(word: object) -> object:
    return Program(known_word(word, tuple(Program), "a program")) if isinstance(word, str) else word


# Without a file around it (a rule made by hand) there is no table to hold these two against.
def _role(role: Role, info: ValidationInfo) -> Role:
    if isinstance(info.context, Tables):
        known_word(role, info.context.roles, "a role in the [roles] table")
    return role


def _purpose_list(word: str, info: ValidationInfo) -> str:
    if isinstance(info.context, Tables):
        return known_word(word, info.context.purpose_lists, "a list in the [purposes] table")
    return word


DataCategory = Annotated[str, AfterValidator(_category)]
"""A fideslang key under `user`, such as `user.contact.email`."""
PurposeName = Annotated[str, AfterValidator(_purpose)]
"""A purpose that every ledger knows, such as `deliver_order`."""
RoleName = Annotated[Role, AfterValidator(_role)]
"""A role for which the file's `[roles]` table has a line."""
Programs = Annotated[tuple[Annotated[Program, BeforeValidator(_program)], ...], BeforeValidator(_listed)]
"""Programs; one may stand without brackets, as in the policies of the first ledgers."""
PurposeListName = Annotated[str, AfterValidator(_purpose_list)]
"""The name of a list in the file's `[purposes]` table, such as `completion`."""

FORMS: Final[Mapping[str, str]] = {
    r"\S": "a text that is not blank",
    r"^[0-9a-f]{64}$": "64 hexadecimal digits in lower case",
    r"^[a-z][a-z0-9_]{0,63}$": "a name of small letters, digits and _ that begins with a letter",
    r"^[A-Z][A-Za-z0-9_-]{0,15}$": "an id such as P01: a capital letter, then up to 15 letters, digits, - and _",
    r"^[a-z0-9][a-z0-9./_-]{0,127}$": "an id such as example.com/privacy, in small letters",
    r"^(?:[A-Za-z]|[0-9]{1,4}(?:[A-Za-z._-]|$))(?:[0-9]{0,4}[A-Za-z._-])*[0-9]{0,4}$": "a version such as 2016-03-14: "
    "letters, digits, -, . and _, without five digits in a row",
}
"""The forms that texts of a policy file have, each with its plain words for an error."""
_NOT_BLANK, _HEX, _LIST_NAME, _PROMISE_ID, _POLICY_ID, _VERSION = FORMS

Moment = Annotated[AwareDatetime, Strict(), AfterValidator(in_utc)]
Sha256 = Annotated[str, Field(pattern=_HEX)]
Words = Annotated[str, Field(pattern=_NOT_BLANK, max_length=2000)]
Seconds = Annotated[int, Strict(), Field(ge=0, le=LONGEST_SECONDS)]
Offset = Annotated[int, Strict(), Field(ge=0, le=10_000_000)]
ListName = Annotated[str, Field(pattern=_LIST_NAME)]
LinkMethod = Annotated[str, Field(pattern=_LIST_NAME)]
PromiseId = Annotated[str, Field(pattern=_PROMISE_ID)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Parameters(_Frozen):
    """The numbers that a policy's text leaves open and the company sets, each with the wire contract's default.

    A deadline that is None is not set: then a request without an answer stays open.
    """

    notice_within_seconds: Seconds = 3600
    """How long after a registration or a publication a location may lack the version in force."""
    opt_out_grace_seconds: Seconds = 0
    """How long after an opt-out from e-mail marketing a message breaks nothing yet."""
    postal_opt_out_grace_seconds: Seconds = 0
    """The same for physical mailings."""
    unrelated_offer_seconds: Seconds = 30 * SECONDS_PER_DAY
    """How long an offer to opt out must stand before an unrelated use or share."""
    child_erasure_seconds: Seconds = 30 * SECONDS_PER_DAY
    """How long after learning that a customer is a child the erasure may take."""
    access_answer_seconds: Seconds | None = None
    """How long a verified access request may wait for its report."""
    correction_answer_seconds: Seconds | None = None
    """How long a verified correction request that shows an error may wait for its answer."""
    erasure_answer_seconds: Seconds | None = None
    """How long a request to be forgotten may wait for the erasure."""
    erasure_waiting_days: Annotated[int, Strict(), Field(ge=0, le=366)] = 0
    """How many days lie between a request to be forgotten and the erasure; in them it can be withdrawn."""
    smallest_cell_count: Annotated[int, Strict(), Field(ge=1, le=1_000_000)] = 10
    """`k`: how many persons each released cell of an aggregate must count at least."""


class PromiseHeader(_Frozen):
    """A `[[promise]]` without its rule's parameters."""

    id: PromiseId
    title: Words
    statement: Words
    """The promise in our own words, never the policy's."""
    section: Words
    start: Offset
    end: Offset
    """Characters `start` up to, not including, `end` of the source text hold the promise."""
    modality: Modality
    provable: Provable
    enforced: Annotated[bool, Strict()] = True
    """Whether a fact in `enforce` mode is refused if it would break this promise."""
    kind: Annotated[str, Field(min_length=1)]


class Promise(PromiseHeader):
    """One promise with its rule under the harmonised reading: a frozen model of the rule kind named by `kind`."""

    rule: SerializeAsAny[InstanceOf[BaseModel]]
    otherwise: Mapping[Reading, SerializeAsAny[InstanceOf[BaseModel]]] = Field(default_factory=dict)
    """The rule under each reading that has other parameters."""

    def under(self, reading: Reading) -> BaseModel:
        """Return the rule under a reading."""
        return self.otherwise.get(reading, self.rule)


class PolicyHeader(_Frozen):
    """A policy file without its promises."""

    id: Annotated[str, Field(pattern=_POLICY_ID)]
    version: Annotated[str, Field(pattern=_VERSION, max_length=32)]
    title: Words
    observed_at: Moment
    """When this text was first seen in public."""
    effective_from: Moment | None = None
    """Since when it binds; None: unknown."""
    sha256: Sha256
    """Of the source text, the company's own words, which is kept elsewhere."""
    parameters: Parameters = Parameters()
    link_methods: tuple[LinkMethod, ...] = ("login", "merge", "document")
    """The methods by which a sender can have verified that two names are one person's; an address is none."""
    purposes: Mapping[ListName, tuple[PurposeName, ...]] = Field(default_factory=dict)
    """Named lists of purposes, such as `completion`."""
    roles: Mapping[Role, tuple[DataCategory, ...]] = Field(default_factory=dict)
    """For each role of a recipient, the data categories that may go there. A rule may not name another role."""


class Policy(PolicyHeader):
    """A whole policy file, ready for a judge."""

    digest: Sha256
    """Of the bytes of the policy file itself: the name by which a ledger publishes it."""
    promises: Annotated[tuple[Promise, ...], Field(min_length=1)]

    @property
    def label(self) -> str:
        """Id and version, as audits print them: `diamondnexus.com/privacy 2016-03-14`."""
        return f"{self.id} {self.version}"
