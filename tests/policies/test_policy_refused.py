"""A policy file is refused as a whole, with everything that is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from domain.errors import PledgerError
from domain.policy.loader import LARGEST_BYTES
from domain.policy.problems import PolicyInvalid, PolicyProblem

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.policy.model import Policy


@pytest.mark.parametrize(
    ("tables", "line", "what"),
    [
        ("", 1, "there is no [[promise]]; a policy must have at least one"),
        ("promise = []", 6, "there is no [[promise]]; a policy must have at least one"),
        ("\n[promise]\nid = 'P01'", 7, "'promise' must be written as tables: [[promise]]"),
        ("promise = [1]", 6, "'promise' must be written as tables: [[promise]]"),
    ],
)
def test_a_policy_without_promises_is_refused(
    tables: str, line: int, what: str, problems: Callable[[str], list[PolicyProblem]], valid: str
) -> None:
    """A file must hold promises, each as a table."""
    head = valid.partition("\n[parameters]")[0]
    assert problems(head + tables) == [PolicyProblem(line, "policy", what)]


def test_parameters_that_are_no_table_are_one_problem(
    problems: Callable[[str], list[PolicyProblem]], valid: str
) -> None:
    """A list in place of a rule's table is one problem."""
    text = valid[: valid.index("[promise.parameters]")] + "parameters = [1]\n"
    what = "'parameters' must be a table, not a list"
    assert problems(text) == [PolicyProblem(27, "promise 1 (P01)", what)]


def test_a_roles_table_of_the_wrong_type_is_one_problem(
    problems: Callable[[str], list[PolicyProblem]], valid: str
) -> None:
    """The promises that lean on a broken table are not blamed for it."""
    text = valid.replace('[roles]\ncarrier = ["user.name", "user.contact.address"]\nworkshop = []\n', "")
    assert problems("roles = 3\n" + text) == [PolicyProblem(1, "policy", "'roles' must be a table, not a whole number")]


@pytest.mark.parametrize(
    ("change", "line", "what"),
    [
        (("title = ", "title "), 3, "this is not TOML: Expected '=' after a key in a key/value pair"),
        (("title = ", 'version = "2"\ntitle = '), 3, "this is not TOML: Cannot overwrite a value"),
        (('categories = ["user.name"]\n', "categories = [\n\n"), 45, "this is not TOML: "),
        (("= 60", f"= {'9' * 5000}"), 8, "a number is too long to be read"),
        (("= 60", "= 0xFFFFFFFFFFFFFFFFFF"), 8, "a whole number must fit into 64 bits"),
        (("= 60", f"= {'[' * 5000}{']' * 5000}"), 1, "lists or tables are nested too deeply"),
    ],
    ids=["no equals sign", "a key twice", "an open list", "a long number", "a large number", "a deep list"],
)
def test_what_is_not_toml_is_told_with_its_line(
    change: tuple[str, str],
    line: int,
    what: str,
    problems: Callable[[str], list[PolicyProblem]],
    changed: Callable[[str, str], str],
) -> None:
    """A syntax error hides what follows, so it stands alone."""
    (found,) = problems(changed(*change))
    assert (found.line, found.where) == (line, "syntax")
    assert found.what.startswith(what)


def test_a_file_over_one_mebibyte_is_refused(
    load: Callable[[str], Policy], problems: Callable[[str], list[PolicyProblem]], valid: str
) -> None:
    """The limit counts bytes, and a file of just that size is read."""
    filler = LARGEST_BYTES - len(valid.encode()) - 2
    assert load(f"{valid}#{'x' * filler}\n").version == "2020-01-31"
    what = f"is {LARGEST_BYTES + 1} bytes long; at most {LARGEST_BYTES} are read"
    assert problems(f"{valid}#{'x' * (filler - 1)}é\n") == [PolicyProblem(1, "text", what)]


def test_a_text_that_no_file_can_hold_is_refused(
    problems: Callable[[str], list[PolicyProblem]], changed: Callable[[str, str], str]
) -> None:
    """A lone surrogate has no bytes, hence no digest."""
    what = "has a character that UTF-8 cannot hold"
    assert problems(changed("An example", "An \ud800")) == [PolicyProblem(3, "text", what)]


def test_a_long_value_is_shown_in_part(
    problems: Callable[[str], list[PolicyProblem]], changed: Callable[[str, str], str]
) -> None:
    """A wrong word of any length leaves the message readable."""
    (found,) = problems(changed('"only_for"', f'"{"only_four" * 1000}"'))
    assert len(found.what) < 120


def test_all_problems_are_told_at_once(load: Callable[[str], Policy], valid: str) -> None:
    """Mistakes everywhere in a file come in one error, by line, and its text lists each."""
    text = valid
    for old, new in [
        ("title = ", "titel = "),
        ("10:00:00+02:00", "10:00:00"),
        ("= 60", "= '60'"),
        ('"keep_books"', '"books"'),
        ("user.contact.address", "user.adress"),
        ("end = 20", "end = 5"),
        ('act = "order"', 'act = "ordr"'),
        ('id = "P02"', 'id = "P01"'),
        ('["carrier"]', '["authority"]'),
        ('categories = ["user.name"]', 'category = "user.name"'),
    ]:
        text = text.replace(old, new, 1)
    with pytest.raises(PolicyInvalid) as caught:
        load(text)
    error = caught.value
    assert isinstance(error, PledgerError)
    assert error.code == "policy_invalid"
    assert [one.line for one in error.problems] == [1, 3, 4, 8, 11, 14, 23, 28, 33, 44, 45]
    told = str(error).splitlines()
    assert (
        told[0]
        == "The policy example.toml was not loaded. Why: it has 11 problems. Do: Correct the file and load it again:"
    )
    assert told[1:] == [f"example.toml:{one.line}: {one.where}: {one.what}" for one in error.problems]
    assert "example.toml:23: promise 1 (P01): 'end' (5) must come after 'start' (10)" in told


@given(
    damage=st.lists(
        st.tuples(
            st.integers(0, 2000), st.integers(0, 30), st.sampled_from(["", "x", "1", '"', "[", "]\n", "{", "#", "."])
        ),
        min_size=1,
        max_size=3,
    )
)
def test_a_damaged_file_is_read_or_refused(
    damage: list[tuple[int, int, str]], load: Callable[[str], Policy], valid: str
) -> None:
    """Any cut or insertion gives PolicyInvalid at most, with lines that the file has."""
    for place, length, put in damage:
        start = place % len(valid)
        valid = valid[:start] + put + valid[start + length :]
    found: tuple[PolicyProblem, ...] = ()
    try:
        load(valid)
    except PolicyInvalid as error:
        found = error.problems
    assert all(1 <= one.line <= valid.count("\n") + 1 for one in found)
