"""The settings: read from the environment, and told by name when they are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from adapters.settings import HINTS, BadSetting, Settings, load_settings


def test_nothing_has_to_be_set() -> None:
    """Without any variable the embedded PostgreSQL 18 and the folder .pledger are used."""
    settings = load_settings()
    assert settings == Settings()
    assert settings.database_url is None
    assert settings.phone_region is None
    assert (settings.postgres_version, settings.ledger, settings.future_tolerance_seconds) == (18, "pledger", 300)
    assert settings.key_path == Path(".pledger/keys/ledger.key")


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each setting has its variable; the version comes as text and is a number."""
    monkeypatch.setenv("PLEDGER_HOME", "/srv/pledger")
    monkeypatch.setenv("PLEDGER_POSTGRES_VERSION", "16")
    monkeypatch.setenv("PLEDGER_LEDGER", "north_2")
    monkeypatch.setenv("PLEDGER_DATABASE_URL", "")
    monkeypatch.setenv("PLEDGER_PHONE_REGION", "AT")
    settings = load_settings()
    assert settings.phone_region == "AT"
    assert settings.key_path == Path("/srv/pledger/keys/ledger.key")
    assert settings.postgres_version == 16
    assert settings.ledger == "north_2"
    assert settings.database_url is None


def test_an_override_wins_and_none_does_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An option of the command line wins over the environment, and one that was not given changes nothing."""
    monkeypatch.setenv("PLEDGER_LEDGER", "north")
    settings = load_settings(home=tmp_path, ledger=None, key_file=tmp_path / "k")
    assert (settings.home, settings.ledger, settings.key_path) == (tmp_path, "north", tmp_path / "k")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PLEDGER_LEDGER", "North; DROP"),
        ("PLEDGER_LEDGER", "9lives"),
        ("PLEDGER_LEDGER", "a" * 42),
        ("PLEDGER_LEDGER", "north\n"),
        ("PLEDGER_LEDGER", "pg_north"),
        ("PLEDGER_LEDGER", "public"),
        ("PLEDGER_LEDGER", "information_schema"),
        ("PLEDGER_HOME", "~nobody-of-this-name/pledger"),
        ("PLEDGER_POSTGRES_VERSION", "17"),
        ("PLEDGER_POSTGRES_VERSION", "new"),
        ("PLEDGER_FUTURE_TOLERANCE_SECONDS", "-1"),
        ("PLEDGER_FUTURE_TOLERANCE_SECONDS", "soon"),
        ("PLEDGER_PHONE_REGION", "gb"),
        ("PLEDGER_PHONE_REGION", "Austria"),
        ("PLEDGER_PHONE_REGION", "UK"),
        ("PLEDGER_PHONE_REGION", "+43"),
        ("PLEDGER_DATABASE_URL", "db.example.test:5432"),
    ],
)
def test_a_wrong_setting_is_told_by_its_variable(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    """The error names the variable and what would be right, and does not repeat the value."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(BadSetting) as caught:
        load_settings()
    assert variable in caught.value.what
    assert caught.value.hint == HINTS[variable.removeprefix("PLEDGER_").lower()]
    assert value not in caught.value.what + caught.value.why


def test_two_wrong_settings_are_told_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sets up a machine gets all that is wrong at once."""
    monkeypatch.setenv("PLEDGER_LEDGER", "X")
    monkeypatch.setenv("PLEDGER_POSTGRES_VERSION", "17")
    with pytest.raises(BadSetting, match="PLEDGER_LEDGER, PLEDGER_POSTGRES_VERSION"):
        load_settings()


def test_an_unknown_override_is_reported() -> None:
    """A setting that does not exist is a mistake of the caller and is not passed over."""
    with pytest.raises(BadSetting, match="PLEDGER_COLOUR"):
        load_settings(colour="red")


def test_a_password_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the settings, nor an error about the address, nor its chain, shows a password."""
    monkeypatch.setenv("PLEDGER_DATABASE_URL", "postgresql://ada:hunter2@db/ledger")
    assert "hunter2" not in repr(load_settings())
    monkeypatch.setenv("PLEDGER_DATABASE_URL", "postgresql://ada:hunter2@db:port:port/ledger?hunter2")
    with pytest.raises(BadSetting) as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)
    assert caught.value.__context__ is None


def test_settings_do_not_change() -> None:
    """Once read, a setting stays what it is."""
    with pytest.raises(ValidationError):
        Settings().ledger = "other"  # type: ignore[misc]  # That is what the test is about.
