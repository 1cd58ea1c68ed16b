"""The fixtures every test of the database stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Callable


def test_each_database_is_fresh(database_url: str, make_database: Callable[[], str]) -> None:
    """Two databases of one test are two, both empty, both reached by a superuser."""
    other = make_database()
    assert other != database_url
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE TABLE mine (number int)")
        assert connection.execute("SELECT current_setting('is_superuser')").fetchone() == ("on",)
    with psycopg.connect(other) as connection:
        assert connection.execute("SELECT to_regclass('mine')").fetchone() == (None,)
