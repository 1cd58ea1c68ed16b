"""What a workload is: the facts that a shop sends, and what is known of them beforehand.

Both workloads keep this: two labels share no customer, reference or id, so that two writers never conflict, and the
same label gives the same facts in every run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator


class Workload(Protocol):
    """A kind of shop."""

    @property
    def name(self) -> str:
        """Return the name, as options and the table have it."""

    @property
    def is_lawful(self) -> bool:
        """Tell whether no fact breaks a promise."""

    @property
    def events_a_fact(self) -> float:
        """Return how many events a fact makes at least, on average."""

    @property
    def events_a_customer(self) -> float:
        """Return how many events a customer has on average."""

    def of_services(self) -> Workload:
        """Return the part of it that services may tell: erasures and facts about the company take other keys."""

    def company_facts(self) -> list[dict[str, Any]]:
        """Return what has to be on record before the first customer."""

    def facts(self, label: str, count: int) -> Iterator[bytes]:
        """Yield `count` facts of the label's customers, as services send them."""

    def life(self, customer: str, count: int) -> Iterator[bytes]:
        """Yield the facts of one customer without end; the first `count` are a life as a whole."""
