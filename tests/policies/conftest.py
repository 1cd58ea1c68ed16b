"""A small policy file of two promises, the two tiny rule kinds that it uses, and what reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from pydantic import AwareDatetime, BaseModel, ConfigDict, field_validator

from domain.policy.loader import load_policy
from domain.policy.model import DataCategory, PurposeListName, PurposeName, RoleName
from domain.policy.problems import PolicyInvalid, PolicyProblem
from domain.vocabulary import Act

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from domain.policy.model import Policy


class OnlyFor(BaseModel):
    """A tiny rule kind: what an act collected is used for these purposes only."""

    model_config = ConfigDict(frozen=True)
    act: Act
    purposes: tuple[PurposeName, ...] = ()
    purpose_list: PurposeListName | None = None
    since: AwareDatetime | None = None


class OnlyTo(BaseModel):
    """A tiny rule kind: these categories go to recipients with these roles only."""

    model_config = ConfigDict(frozen=True)
    roles: tuple[RoleName, ...]
    categories: frozenset[DataCategory] = frozenset()
    at_most: int = 1

    @field_validator("at_most")
    @classmethod
    def _odd(cls, number: int) -> int:
        if number % 2 == 0:
            message = "an odd number is wanted"
            raise ValueError(message)
        return number


KINDS: Final[Mapping[str, type[BaseModel]]] = {"only_for": OnlyFor, "only_to": OnlyTo}
SHA256: Final = "ab" * 32

VALID: Final = f"""\
id = "example.com/privacy"
version = "2020-01-31"
title = "An example"
observed_at = 2020-01-31T10:00:00+02:00
sha256 = "{SHA256}"

[parameters]
opt_out_grace_seconds = 60

[purposes]
completion = ["complete_order", "keep_books"]

[roles]
carrier = ["user.name", "user.contact.address"]
workshop = []

[[promise]]
id = "P01"
title = "Orders only"
statement = "What an order brings in serves that order."
section = "Use"
start = 10
end = 20
modality = "prohibition"
provable = "history"
kind = "only_for"
[promise.parameters]
act = "order"
purpose_list = "completion"
since = 2020-02-01T00:00:00Z

[[promise]]
id = "P02"
title = "Carriers only"
statement = "Names go to carriers."
section = "Sharing"
start = 20
end = 30
modality = "permission"
provable = "history+parameter"
enforced = false
kind = "only_to"
[promise.parameters]
roles = ["carrier"]
categories = ["user.name"]
"""


@pytest.fixture(scope="session")
def kinds() -> Mapping[str, type[BaseModel]]:
    """Return the two tiny rule kinds."""
    return KINDS


@pytest.fixture(scope="session")
def valid() -> str:
    """Return the small policy file."""
    return VALID


@pytest.fixture(scope="session")
def load() -> Callable[[str], Policy]:
    """Load a text as example.toml with the two tiny kinds."""
    return lambda text: load_policy(text, name="example.toml", kinds=KINDS)


@pytest.fixture(scope="session")
def problems(load: Callable[[str], Policy]) -> Callable[[str], list[PolicyProblem]]:
    """Return what is wrong with a text."""

    def listed(text: str) -> list[PolicyProblem]:
        with pytest.raises(PolicyInvalid) as caught:
            load(text)
        return list(caught.value.problems)

    return listed


@pytest.fixture(scope="session")
def changed() -> Callable[[str, str], str]:
    """Return the small policy file with the first occurrence of one text replaced by another."""

    def replaced(old: str, new: str) -> str:
        assert old in VALID
        return VALID.replace(old, new, 1)

    return replaced
