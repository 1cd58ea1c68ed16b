"""The problems of a policy file, by line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, order=True)
class PolicyProblem:
    """One problem of a policy file: the `line` (from 1), `where` in the policy, and `what` in plain words."""

    line: int
    where: str
    what: str


class PolicyInvalid(PledgerError):
    """A policy file cannot be used; `problems` lists everything that is wrong with it, by line."""

    code = "policy_invalid"

    def __init__(self, name: str, problems: Iterable[PolicyProblem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        listed = "".join(f"\n{name}:{found.line}: {found.where}: {found.what}" for found in self.problems)
        count = f"{len(self.problems)} problem{'s' if len(self.problems) > 1 else ''}"
        super().__init__(
            f"The policy {name} was not loaded.", f"it has {count}.", f"Correct the file and load it again:{listed}"
        )
