"""What is compared: a side prepares a job outside the time that is measured, and does it inside.

Promise: a job is the same work on every side, cut into the same transactions, but that the ledger ends one after each
erasure, and the library does not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.benchmarks.workload import Workload

BATCH: Final = 500
"""How many facts a batch holds, with all the events that they make."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the sides work on a workload: the server's superuser, a folder for the ledgers' key, and their schemas."""

    url: str
    home: Path
    workload: Workload
    ledger: str
    library: str
    bare: str
    server: tuple[str, str] | None = None
    """The address of a server of this ledger, and a key to it."""

    @classmethod
    def of(cls, url: str, home: Path, workload: Workload) -> Place:
        """Return the place of a workload, which shares no schema with another's."""
        name = workload.name
        return cls(url, home, workload, f"{name}_ledger", f"{name}_library", f"{name}_bare")

    def other(self, name: str) -> Place:
        """Return the place of another ledger of the same workload."""
        return replace(self, ledger=f"{self.workload.name}_{name}")


@dataclass(frozen=True, slots=True)
class Job:
    """Facts to be recorded by one process: `facts` in each of `threads`, one at a time unless `batched`.

    `label` is told from any other job's. `after` and `upto` are positions of the ledger, for the side that copies what
    is there; it takes every transaction between them whose number leaves `member` when divided by `members`.
    """

    label: str
    facts: int
    threads: int = 1
    batched: bool = False
    after: int = 0
    upto: int = 0
    member: int = 0
    members: int = 1


class Side(Protocol):
    """One of the programs compared, in a process of its own."""

    def prepare(self, job: Job) -> None:
        """Make ready all that is not to be measured."""

    def tasks(self) -> Sequence[Callable[[], int]]:
        """Return the work, one function a thread; each returns how much it did: facts, or events of a batched job."""

    def close(self) -> None:
        """Let go of the database."""


def chunks(items: Sequence[_T], size: int) -> list[Sequence[_T]]:
    """Cut into pieces of `size`, the last one shorter."""
    return [items[start : start + size] for start in range(0, len(items), size)]
