"""A ledger is created whole, and one that was cut short is finished."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from adapters import bootstrap
from adapters.bootstrap import DEFAULT_POLICY, create, opened
from adapters.postgres.schema import LedgerExists
from adapters.settings import load_settings
from domain.policy.problems import PolicyInvalid

if TYPE_CHECKING:
    from pathlib import Path


def test_a_creation_cut_short_is_finished(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash before the first event leaves a ledger that the next init completes, once."""
    settings = load_settings(home=tmp_path, database_url=database_url)
    with monkeypatch.context() as crash:
        crash.setattr(bootstrap, "_publish", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            create(settings)
    create(settings)
    with opened(settings) as installation, installation.connect() as connection:
        assert connection.execute("SELECT topic FROM events").fetchall() == [("PolicyPublished.v1",)]
    with pytest.raises(LedgerExists):
        create(settings)


def test_a_policy_that_takes_effect_later_is_published_now(database_url: str, tmp_path: Path) -> None:
    """When a policy takes effect is what it says; when it was published is when it was observed."""
    policy = tmp_path / "policy.toml"
    text = DEFAULT_POLICY.read_text(encoding="utf-8")
    policy.write_text(text.replace("[parameters]", "effective_from = 2099-01-01T00:00:00Z\n[parameters]", 1))
    settings = load_settings(home=tmp_path, database_url=database_url)
    create(settings, policy)
    with opened(settings) as installation, installation.connect() as connection:
        (effective,) = connection.execute("SELECT data ->> 'effective_from' FROM events").fetchone() or ("",)
    assert effective.startswith("2099-01-01")


def test_a_policy_observed_in_the_future_makes_no_ledger(database_url: str, tmp_path: Path) -> None:
    """Nothing is created under a policy that nobody can have seen yet."""
    policy = tmp_path / "policy.toml"
    text = DEFAULT_POLICY.read_text(encoding="utf-8")
    policy.write_text(text.replace("2016-03-14T09:18:33Z", "2099-01-01T00:00:00Z", 1))
    settings = load_settings(home=tmp_path, database_url=database_url)
    with pytest.raises(PolicyInvalid, match="future"):
        create(settings, policy)
    create(settings)
