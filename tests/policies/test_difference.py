"""What differs between two policy files, as data."""

from __future__ import annotations

from domain.policy.difference import changes
from tests.newsletter import newsletter
from tests.scenario import first_policy, with_parameters


def test_a_policy_and_itself() -> None:
    """A file does not differ from itself, nor from itself with comments."""
    assert changes(first_policy(), first_policy()) == []


def test_a_parameter() -> None:
    """A changed parameter is listed with both values."""
    (change,) = changes(first_policy(), with_parameters(smallest_cell_count=20))
    assert change == ("parameters.smallest_cell_count", 10, 20)


def test_a_rule_under_one_reading() -> None:
    """A rule's parameter is listed under the readings under which it differs, and under no other."""
    policy = first_policy()
    promises = tuple(one.model_copy(update={"otherwise": {}}) if one.id == "P17" else one for one in policy.promises)
    (change,) = changes(policy, policy.model_copy(update={"promises": promises}))
    assert (change.where, change.before, change.after) == ("P17.strict.link_in_any", True, False)


def test_a_promise_that_is_gone() -> None:
    """A promise that only one file has is listed with its title."""
    policy = first_policy()
    (change,) = changes(policy, policy.model_copy(update={"promises": policy.promises[1:]}))
    assert (change.where, change.after) == ("P01", None)
    assert change.before == policy.promises[0].title


def test_another_company() -> None:
    """Two policies that share nothing differ in the header and in every promise, both ways alike."""
    there, back = changes(first_policy(), newsletter()), changes(newsletter(), first_policy())
    assert {"id", "version", "title"} <= {one.where for one in there}
    assert {"P01", "N01"} <= {one.where for one in there}
    assert {(one.where, str(one.before), str(one.after)) for one in there} == {
        (one.where, str(one.after), str(one.before)) for one in back
    }
