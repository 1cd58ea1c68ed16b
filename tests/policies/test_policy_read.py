"""A valid policy file is read as a whole."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel, ValidationError

from domain.policy.model import Modality, Parameters, Policy, Promise, Provable
from domain.vocabulary import Act, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def test_a_valid_file_comes_back_whole(
    load: Callable[[str], Policy], valid: str, kinds: Mapping[str, type[BaseModel]]
) -> None:
    """Every value of the file stands in the policy, times in UTC, defaults filled in, and the digest is the file's."""
    assert load(valid) == Policy(
        id="example.com/privacy",
        version="2020-01-31",
        title="An example",
        observed_at=datetime(2020, 1, 31, 8, tzinfo=UTC),
        effective_from=None,
        sha256="ab" * 32,
        digest=hashlib.sha256(valid.encode()).hexdigest(),
        parameters=Parameters(opt_out_grace_seconds=60, notice_within_seconds=3600),
        purposes={"completion": ("complete_order", "keep_books")},
        roles={Role.CARRIER: ("user.name", "user.contact.address"), Role.WORKSHOP: ()},
        promises=(
            Promise(
                id="P01",
                title="Orders only",
                statement="What an order brings in serves that order.",
                section="Use",
                start=10,
                end=20,
                modality=Modality.PROHIBITION,
                provable=Provable.HISTORY,
                enforced=True,
                kind="only_for",
                rule=kinds["only_for"](
                    act=Act.ORDER, purpose_list="completion", since=datetime(2020, 2, 1, tzinfo=UTC)
                ),
            ),
            Promise(
                id="P02",
                title="Carriers only",
                statement="Names go to carriers.",
                section="Sharing",
                start=20,
                end=30,
                modality=Modality.PERMISSION,
                provable=Provable.HISTORY_AND_PARAMETER,
                enforced=False,
                kind="only_to",
                rule=kinds["only_to"](roles=(Role.CARRIER,), categories=frozenset({"user.name"})),
            ),
        ),
    )


def test_the_label_is_what_audits_print(load: Callable[[str], Policy], valid: str) -> None:
    """Id and version name a policy."""
    assert load(valid).label == "example.com/privacy 2020-01-31"


def test_a_policy_and_its_rules_are_frozen(load: Callable[[str], Policy], valid: str) -> None:
    """Nothing changes a policy once it is read."""
    policy = load(valid)
    with pytest.raises(ValidationError, match="frozen"):
        policy.promises[0].rule.act = Act.GIFT  # type: ignore[attr-defined]
    with pytest.raises(ValidationError, match="frozen"):
        policy.version = "2"  # type: ignore[misc]


def test_a_policy_is_written_out_with_its_rules(load: Callable[[str], Policy], valid: str) -> None:
    """The JSON of a policy holds the parameters of each rule of every kind."""
    written = load(valid).model_dump(mode="json")
    assert written["promises"][1]["rule"] == {"roles": ["carrier"], "categories": ["user.name"], "at_most": 1}
    assert written["effective_from"] is None


def test_tables_may_be_left_out(load: Callable[[str], Policy], valid: str) -> None:
    """A policy without parameters, purposes and roles has the defaults and empty tables."""
    head, _, rest = valid.partition("[parameters]")
    first = "[[promise]]" + rest.split("[[promise]]")[1].replace('purpose_list = "completion"\n', "")
    policy = load(head + first)
    assert (policy.parameters, dict(policy.purposes), dict(policy.roles)) == (Parameters(), {}, {})


def test_windows_line_ends_are_part_of_the_digest(load: Callable[[str], Policy], valid: str) -> None:
    """The digest is of the bytes as they are, so other line ends make another file of the same meaning."""
    text = valid.replace("\n", "\r\n")
    policy = load(text)
    assert policy.digest == hashlib.sha256(text.encode()).hexdigest() != load(valid).digest
    assert policy.promises == load(valid).promises


def test_a_rule_made_by_hand_needs_no_tables(kinds: Mapping[str, type[BaseModel]]) -> None:
    """Outside of a file there is no table to hold a role or a purpose list against."""
    assert kinds["only_for"](act=Act.ORDER, purpose_list="anything").model_dump()["purpose_list"] == "anything"
    assert kinds["only_to"](roles=(Role.AUTHORITY,)).model_dump()["roles"] == (Role.AUTHORITY,)
