"""A ledger that processes of their own open, with a key of each role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.api_keys import keys
from adapters.api_keys.roles import Role, Scope
from adapters.bootstrap import create, opened
from adapters.ledger import utc_now
from adapters.settings import load_settings
from tests.reading import size_of

if TYPE_CHECKING:
    from pathlib import Path


class Place:
    """A ledger by its settings and its environment, and an unlimited key of each role."""

    def __init__(self, home: Path, database_url: str | None = None, *, has_ledger: bool = False) -> None:
        url = {} if database_url is None else {"database_url": database_url}
        self.environment = {f"PLEDGER_{name.upper()}": value for name, value in {"home": str(home), **url}.items()}
        self.settings = load_settings(home=home, **url)
        if not has_ledger:
            create(self.settings)
        with opened(self.settings) as installation, installation.connect() as connection:
            self.keys = {
                role: keys.create(
                    connection, role.value, role, Scope(sealed_values=role is Role.AUDITOR), now=utc_now()
                )[0]
                for role in Role
            }
        self.key = self.keys[Role.SERVICE]

    def headers(self, role: Role = Role.SERVICE) -> dict[str, str]:
        """Return the header that carries the key of a role."""
        return {"Authorization": f"Bearer {self.keys[role]}"}

    def size(self) -> int:
        """Return how many events there are."""
        with opened(self.settings) as installation:
            return size_of(installation)
