"""A ledger that a server of its own opens, with a key of each role, and ways to look at what is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from adapters.api_keys import keys
from adapters.api_keys.roles import Role, Scope
from adapters.bootstrap import create, opened
from adapters.ledger import utc_now
from adapters.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from adapters.settings import Settings


class Place:
    """A ledger by its settings and its environment, and an unlimited key of each role."""

    def __init__(self, settings: Settings, environment: dict[str, str]) -> None:
        self.settings = settings
        self.environment = environment
        create(settings)
        with opened(settings) as installation, installation.connect() as connection:
            self.keys = {
                role: keys.create(
                    connection, role.value, role, Scope(sealed_values=role is Role.AUDITOR), now=utc_now()
                )[0]
                for role in Role
            }

    def headers(self, role: Role = Role.SERVICE) -> dict[str, str]:
        """Return the header that carries the key of a role."""
        return {"Authorization": f"Bearer {self.keys[role]}"}

    def size(self) -> int:
        """Return how many events there are."""
        with opened(self.settings) as installation, installation.connect() as connection:
            ((size,),) = connection.execute("SELECT size FROM head").fetchall()
        return int(size)


@pytest.fixture
def place(tmp_path: Path, database_url: str) -> Place:
    """Make a ledger that other processes open."""
    home = tmp_path / "home"
    environment = {"PLEDGER_HOME": str(home), "PLEDGER_DATABASE_URL": database_url}
    return Place(load_settings(home=home, database_url=database_url), environment)
