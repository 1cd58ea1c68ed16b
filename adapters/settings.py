"""The settings, read from the environment once and never changed.

The result is one frozen object with a type for each setting. An error names the variable and a right value, and never
shows what the variable holds: an address may carry a password.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from pydantic import AwareDatetime, BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from adapters.addresses import is_known_region
from domain.errors import PledgerError
from domain.times import EARLIEST, parse_rfc3339

PREFIX: Final = "PLEDGER_"

HINTS: Final = {
    "home": "Give the path of a folder that this program may make and write to.",
    "database_url": "Give an address such as postgresql://user:password@host:5432/database, or leave it out to use the "
    "embedded PostgreSQL.",
    "ledger": "Give a small letter, then at most 40 small letters, digits or underscores; no pg_…, public or "
    "information_schema.",
    "key_file": "Give the path of the key file, or leave it out for keys/ledger.key in the home folder.",
    "postgres_version": "Give 18, or 16 for a folder that was made with it.",
    "future_tolerance_seconds": "Give a whole number of seconds, 0 to 86400.",
    "earliest_time": "Give a time such as 1990-01-01T00:00:00Z.",
    "opt_out_burst": "Give a whole number of opt-outs, at least 1.",
    "opt_out_burst_hours": "Give a whole number of hours, 1 to 72.",
    "phone_region": "Give the two capital letters of a country in ISO 3166, such as AT or GB, or leave it out to read "
    "telephone numbers in international form only.",
}
"""What to do about each setting whose value cannot be used."""


FUTURE_TOLERANCE_SECONDS: Final = 300
"""How far the time of a fact may lie ahead of the clock, unless set otherwise: clocks differ."""


class BadSetting(PledgerError):
    """The value of a setting cannot be used."""

    code = "bad_setting"


def _number_if_digits(value: object) -> object:
    """Turn digits into a number: the environment holds text, and a Literal of numbers does not accept text."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value


def _as_time(value: object) -> object:
    """Read a time as facts have it."""
    return parse_rfc3339(value) if isinstance(value, str) else value


class Settings(BaseSettings):
    """What a person may choose about one installation; each field is the variable `PLEDGER_` and its name in capitals.

    `home` holds everything local. `database_url` is a real server, and None means the embedded one, of the major
    version `postgres_version`. `ledger` is the name of the schema. `future_tolerance_seconds` is how far a fact's time
    may lie ahead of the database's clock. No fact may be dated before `earliest_time`. `phone_region` is the country in
    which telephone numbers are dialled that begin with no country code; None means that those are not read. More than
    `opt_out_burst` opt-outs that bind addresses, from one source or actor within `opt_out_burst_hours`, are a burst,
    which alarms.
    """

    # An empty variable counts as not given, and no error of pydantic repeats an input.
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid", hide_input_in_errors=True
    )

    home: Path = Path(".pledger")
    database_url: SecretStr | None = None
    ledger: str = Field(default="pledger", pattern=r"^[a-z][a-z0-9_]{0,40}$")
    key_file: Path | None = None
    postgres_version: Annotated[Literal[16, 18], BeforeValidator(_number_if_digits)] = 18
    future_tolerance_seconds: int = Field(default=FUTURE_TOLERANCE_SECONDS, ge=0, le=86_400)
    earliest_time: Annotated[AwareDatetime, BeforeValidator(_as_time)] = EARLIEST
    # A mailing to 40,000 people loses 80 to 200 of them within a day. A company with larger mailings sets more.
    opt_out_burst: int = Field(default=200, ge=1)
    opt_out_burst_hours: int = Field(default=24, ge=1, le=72)
    phone_region: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")

    @field_validator("home", "key_file")
    @classmethod
    def _is_a_path(cls, value: Path | None) -> Path | None:
        try:
            return value.expanduser() if value is not None else None
        except RuntimeError:
            message = "it begins with the home of a user that this machine does not have"
            raise ValueError(message) from None

    @field_validator("ledger")
    @classmethod
    def _is_free(cls, value: str) -> str:
        if value.startswith("pg_") or value in {"public", "information_schema"}:
            message = "PostgreSQL keeps this name for itself"
            raise ValueError(message)
        return value

    @field_validator("phone_region")
    @classmethod
    def _is_a_region(cls, value: str | None) -> str | None:
        if value is not None and not is_known_region(value):
            message = "no telephone numbers are known of a country with these letters"
            raise ValueError(message)
        return value

    @field_validator("database_url")
    @classmethod
    def _is_an_address(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            try:
                conninfo_to_dict(value.get_secret_value())
            except ProgrammingError:
                # The driver's message quotes what it could not read, and that may be the password.
                message = "it is not an address of PostgreSQL"
                raise ValueError(message) from None
        return value

    @property
    def key_path(self) -> Path:
        """Return the path of the key file: `key_file`, or `keys/ledger.key` in the home folder."""
        return self.key_file if self.key_file is not None else self.home / "keys" / "ledger.key"


def load_settings(**overrides: object) -> Settings:
    """Read the settings from the environment; an override, such as an option of the command line, wins over it.

    An override of None counts as not given. Raises `BadSetting`, which names every variable that cannot be used.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]  # Pydantic checks them, which is the point.
    except ValidationError as error:
        problems = [
            (str(problem["loc"][0]), problem["msg"].removeprefix("Value error, ").rstrip("."))
            for problem in error.errors(include_url=False, include_context=False, include_input=False)
        ]
    # Raised outside the handler, so that the error below carries no trace of what the variables hold.
    variables = ", ".join(dict.fromkeys(PREFIX + name.upper() for name, _ in problems))
    raise BadSetting(
        f"The setting {variables} cannot be used.",
        "; ".join(f"{PREFIX}{name.upper()}: {message}" for name, message in problems) + ".",
        " ".join(dict.fromkeys(HINTS.get(name, "Remove it; there is no such setting.") for name, _ in problems)),
    )
