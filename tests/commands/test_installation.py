"""init, doctor, migrate, and the errors of an installation that is not well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.bootstrap import DEFAULT_POLICY

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands.conftest import Ran


def test_init_creates_a_ledger_once(pledger: Callable[..., Ran], environment: dict[str, str]) -> None:
    """The second time says so, and changes nothing."""
    document = pledger("init", "--format", "json").json
    assert (document["ledger"], document["promises"]) == ("pledger", 12)
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
    """A good file is taken; a bad one is told by line, and no ledger is made."""
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
    assert all(set(check) == {"what", "is_well", "found"} for check in well.json["checks"])
    key = Path(environment["PLEDGER_HOME"]) / "keys" / "ledger.key"
    key.chmod(0o644)
    assert [check["what"] for check in pledger("doctor", "--format", "json").json["checks"]] == ["key_file_exposed"]
    key.chmod(0o600)
    key.rename(key.with_suffix(".gone"))
    ran = pledger("doctor", "--format", "json")
    assert (ran.code, ran.json["checks"][0]["what"]) == (1, "key_file_missing")


def test_a_missing_ledger_an_empty_address_and_a_bad_setting_are_told(pledger: Callable[..., Ran]) -> None:
    """Each says what happened, why, and what to do; as JSON where JSON is asked for."""
    ran = pledger("status", "--format", "json")
    assert ran.code == 1
    error = json.loads(ran.err.splitlines()[-1])["error"]
    assert error["code"] == "no_ledger"
    assert error["why"]
    assert error["mend"]
    unreachable = pledger("status", PLEDGER_DATABASE_URL="postgresql://me:hidden@127.0.0.1:1/none")
    assert "database_unreachable" in unreachable.err
    assert "hidden" not in unreachable.err
    assert "bad_setting" in pledger("status", PLEDGER_LEDGER="Not A Name").err


def test_migrate_says_that_a_new_ledger_is_up_to_date(pledger: Callable[..., Ran]) -> None:
    """A ledger made by this version lacks nothing."""
    assert pledger("init").code == 0
    assert pledger("migrate", "--format", "json").json == {"applied": []}
