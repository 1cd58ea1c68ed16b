"""init, doctor, migrate, and the errors of an installation that is not well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from adapters.addresses import LibraryAddresses
from adapters.bootstrap import DEFAULT_POLICY
from tests.cli.sample import COLLECTED
from tests.controls import lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran


def test_init_creates_a_ledger_once(pledger: Callable[..., Ran], environment: dict[str, str]) -> None:
    """The second time says so, and changes nothing."""
    document = pledger("init", "--format", "json").json
    assert (document["ledger"], document["promises"]) == ("pledger", 34)
    key = Path(environment["PLEDGER_HOME"]) / "keys" / "ledger.key"
    before = key.read_bytes()
    again = pledger("init")
    assert again.code == 1
    assert "ledger_exists" in again.err
    assert key.read_bytes() == before
    assert pledger("doctor").code == 0


def test_init_takes_another_policy_or_lists_all_that_is_wrong_with_it(
    pledger: Callable[..., Ran], tmp_path: Path
) -> None:
    """A good file is taken; the problems of a bad one are listed by line, and no ledger is made."""
    text = DEFAULT_POLICY.read_text(encoding="utf-8")
    bad, good = tmp_path / "bad.toml", tmp_path / "good.toml"
    bad.write_text(text.replace('modality = "permission"', 'modality = "wish"'), encoding="utf-8")
    ran = pledger("init", "--policy", str(bad))
    assert ran.code == 1
    assert ran.err.count("modality") == text.count('modality = "permission"')
    good.write_text(text.replace('version = "2016-03-14"', 'version = "2017-01-01"', 1), encoding="utf-8")
    assert pledger("init", "--policy", str(good)).code == 0
    assert pledger("status", "--format", "json").json["policy"].endswith("2017-01-01")


def test_two_ledgers_live_in_one_database(pledger: Callable[..., Ran]) -> None:
    """A ledger is a schema: another name is another ledger, under the same key file."""
    assert pledger("init").code == 0
    assert pledger("init", PLEDGER_LEDGER="second").code == 0
    assert pledger("status", "--format", "json", PLEDGER_LEDGER="second").json["events"] == 1


def test_doctor_is_a_contract_and_finds_a_lost_or_exposed_key(
    pledger: Callable[..., Ran], environment: dict[str, str]
) -> None:
    """Each check says what it found; a fault makes the exit code 1."""
    assert pledger("init").code == 0
    well = pledger("doctor", "--format", "json")
    assert well.json["is_well"]
    assert {check["what"] for check in well.json["checks"]} >= {"server", "role", "immutability", "positions", "seals"}
    ours = pledger("doctor", "--format", "json", PLEDGER_PHONE_REGION="AT")
    assert {"what": "addresses", "is_well": True, "found": LibraryAddresses("AT").version} in ours.json["checks"]
    assert all(set(check) == {"what", "is_well", "found"} for check in well.json["checks"])
    key = Path(environment["PLEDGER_HOME"]) / "keys" / "ledger.key"
    key.chmod(0o644)
    assert [check["what"] for check in pledger("doctor", "--format", "json").json["checks"]] == ["key_file_exposed"]
    key.chmod(0o600)
    key.rename(key.with_suffix(".gone"))
    ran = pledger("doctor", "--format", "json")
    assert (ran.code, ran.json["checks"][0]["what"]) == (1, "key_file_missing")


def test_a_missing_ledger_an_empty_address_and_a_bad_setting_are_reported(pledger: Callable[..., Ran]) -> None:
    """Each says what happened, why, and what to do; as JSON where JSON is asked for."""
    ran = pledger("status", "--format", "json")
    assert ran.code == 1
    error = json.loads(ran.err.splitlines()[-1])["error"]
    assert error["code"] == "no_ledger"
    assert error["why"]
    assert error["hint"]
    unreachable = pledger("status", PLEDGER_DATABASE_URL="postgresql://me:hidden@127.0.0.1:1/none")
    assert "database_unreachable" in unreachable.err
    assert "hidden" not in unreachable.err
    assert "bad_setting" in pledger("status", PLEDGER_LEDGER="Not A Name").err


def test_migrate_says_that_a_new_ledger_is_up_to_date(pledger: Callable[..., Ran]) -> None:
    """A ledger made by this version lacks nothing."""
    assert pledger("init").code == 0
    assert pledger("migrate", "--format", "json").json == {"created": False, "applied": []}


@pytest.mark.parametrize("ledger", ["order", "real", "user", "int", "time", "select", "all"])
def test_a_ledger_may_be_named_by_a_word_of_sql(pledger: Callable[..., Ran], tmp_path: Path, ledger: str) -> None:
    """Every command works in a ledger whose name PostgreSQL would read as something else without quotes."""
    orders = tmp_path / "orders.csv"
    orders.write_text(
        "invoice_no,invoiced_at,customer_id,country,lines,units,total_gbp\n1,2011-01-01T09:00:00,7,UK,1,1,1\n"
    )
    (tmp_path / "facts.jsonl").write_text(lines(COLLECTED))
    for command in (
        ("init",),
        ("append", str(tmp_path / "facts.jsonl")),
        ("import", "orders", str(orders)),
        ("status",),
        ("subscriptions", "customer:1"),
        ("sharing", "customer:7"),
        ("report", "customer:1"),
        ("doctor",),
        ("migrate",),
    ):
        assert pledger(*command, PLEDGER_LEDGER=ledger).code == 0, command


def test_init_makes_no_key_where_ledgers_wait_for_a_lost_one(
    pledger: Callable[..., Ran], environment: dict[str, str]
) -> None:
    """A new key would hide that the old one is missing; the ledgers of this home that need it are named."""
    embedded = {"PLEDGER_DATABASE_URL": ""}
    assert pledger("init", **embedded).code == 0
    key = Path(environment["PLEDGER_HOME"]) / "keys" / "ledger.key"
    lost = key.rename(key.with_suffix(".lost"))
    ran = pledger("init", PLEDGER_LEDGER="second", **embedded)
    assert (ran.code, "key_file_missing" in ran.err, "pledger" in ran.err) == (1, True, True)
    assert not key.exists()
    lost.rename(key)
    assert pledger("init", PLEDGER_LEDGER="second", **embedded).code == 0


def test_a_table_that_is_called_ledger_is_nobodys_seal(pledger: Callable[..., Ran], database_url: str) -> None:
    """A book-keeping table of that name does not keep a ledger from being made."""
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE TABLE ledger (key_id text, amount numeric)")
    assert pledger("init").code == 0


@pytest.mark.parametrize("home", ["file/home", "x" * 300])
@pytest.mark.parametrize("command", ["init", "status", "demo", "migrate"])
def test_a_home_that_cannot_be_is_reported(
    pledger: Callable[..., Ran], tmp_path: Path, command: str, home: str
) -> None:
    """A home below a file, or with a name that is too long, ends in three sentences."""
    (tmp_path / "file").touch()
    ran = pledger(command, PLEDGER_HOME=str(tmp_path / home), PLEDGER_DATABASE_URL="")
    assert (ran.code, "place_unusable" in ran.err, "PLEDGER_HOME" in ran.err) == (1, True, True)


def test_a_key_file_at_a_place_that_cannot_be_is_reported(pledger: Callable[..., Ran], tmp_path: Path) -> None:
    """Neither making nor reading it ends in a trace."""
    (tmp_path / "file").touch()
    ran = pledger("init", PLEDGER_KEY_FILE=str(tmp_path / "file" / "key"))
    assert (ran.code, "place_unusable" in ran.err) == (1, True)
    assert pledger("init").code == 0
    ran = pledger("status", PLEDGER_KEY_FILE=str(tmp_path / ("x" * 300)))
    assert (ran.code, "place_unusable" in ran.err) == (1, True)


OPENING = (
    *(("status",), ("subscriptions", "customer:1"), ("report", "customer:1"), ("holdings",), ("requests",)),
    *(("suppressions",), ("activity",), ("projections",), ("rebuild",), ("follow",), ("doctor",), ("migrate",)),
    *(("append", "-"), ("import", "orders", "orders.csv"), ("serve", "--port", "0"), ("keys", "list"), ("audit",)),
)


@pytest.mark.parametrize("home", ["missing/home", "empty"])
@pytest.mark.parametrize("command", OPENING, ids=" ".join)
def test_a_mistyped_home_is_told_and_nothing_is_made_there(
    pledger: Callable[..., Ran], tmp_path: Path, command: tuple[str, ...], home: str
) -> None:
    """Commands that read or append say that there is no ledger and which command makes one; they make nothing."""
    (tmp_path / "empty").mkdir()
    ran = pledger(*command, PLEDGER_HOME=str(tmp_path / home), PLEDGER_DATABASE_URL="")
    told = ran.out + ran.err
    assert ran.code == 1
    assert "no_ledger" in told
    assert str(tmp_path / home) in told
    assert "pledger init" in told
    assert [path.name for path in tmp_path.rglob("*")] == ["empty"]


def test_a_home_of_another_version_of_postgresql_is_reported(pledger: Callable[..., Ran], tmp_path: Path) -> None:
    """The setting that is wrong is named, rather than a second database made beside the first."""
    (tmp_path / "home" / "postgres16").mkdir(parents=True)
    (tmp_path / "home" / "postgres16" / "PG_VERSION").write_text("16\n")
    ran = pledger("status", PLEDGER_DATABASE_URL="")
    assert (ran.code, "PLEDGER_POSTGRES_VERSION=16" in ran.err) == (1, True)
    assert not (tmp_path / "home" / "postgres18").exists()
