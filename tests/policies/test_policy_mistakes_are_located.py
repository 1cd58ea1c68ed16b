"""Each class of mistake in a policy file is told with its line, its place and plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.policy.model import Parameters
from domain.vocabulary import Act, Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.policy.problems import PolicyProblem

MOMENT = "a date and time with a zone, such as 2016-03-14T09:18:33Z, without quotes"
HEADER_KEYS = (
    "id, version, title, observed_at, effective_from, sha256, parameters, link_methods, purposes, roles, promise"
)
PARAMETER_NAMES = ", ".join(Parameters.model_fields)
ROLES = ", ".join(Role)
ACTS = ", ".join(Act)
PROMISE_KEYS = (
    "id, title, statement, section, start, end, modality, provable, enforced, kind, parameters, strict, permissive"
)

IN_THE_HEADER = [
    ('title = "An example"\n', "", 1, "policy", "'title' is missing"),
    ("title = ", "titel = ", 1, "policy", "'title' is missing"),
    ('title = "An example"', 'title = " "', 3, "policy", "'title' must be a text that is not blank, not ' '"),
    ('"2020-01-31"', "2020-01-31", 2, "policy", "'version' must be a text in quotes, not a date"),
    ('"2020-01-31"', '"of May"', 2, "policy", "'version' must be a version such as 2016-03-14: "),
    ("10:00:00+02:00", "10:00:00", 4, "policy", "'observed_at' has no zone: write it such as 2016-03-14T09:18:33Z"),
    ("2020-01-31T10:00:00+02:00", "2020-01-31", 4, "policy", f"'observed_at' must be {MOMENT}, not a date"),
    ("2020-01-31T10:00:00+02:00", '"2020-01-31T10:00:00Z"', 4, "policy", f"'observed_at' must be {MOMENT}, not a text"),
    ("ab" * 32, "AB", 5, "policy", "'sha256' must be 64 hexadecimal digits in lower case, not 'AB'"),
    ("\n[parameters]", "digest = 1\n[parameters]", 6, "policy", f"'digest' is not known here: {HEADER_KEYS}"),
    ("[parameters]", "[parameters]\nk = 3", 8, "[parameters]", f"'k' is not known here: {PARAMETER_NAMES}"),
    (
        "= 60",
        "= 1.5",
        8,
        "[parameters]",
        "'opt_out_grace_seconds' must be a whole number, not a number with a fraction",
    ),
    ("= 60", "= true", 8, "[parameters]", "'opt_out_grace_seconds' must be a whole number, not true or false"),
    ("= 60", "= -1", 8, "[parameters]", "'opt_out_grace_seconds' must be greater than or equal to 0"),
    ("= 60", "= 99999999999", 8, "[parameters]", "'opt_out_grace_seconds' must be less than or equal to 3162240000"),
    (
        '"complete_order"',
        '\n"complete_ordr"',
        12,
        "[purposes]",
        "'completion', item 1: 'complete_ordr' is not a purpose: ",
    ),
    ("completion =", "Completion =", 11, "[purposes]", "the key must be a name of small letters, digits and _ that "),
    ("[purposes]", "[purposes.a]", 10, "[purposes]", "'a' must be a list, not a table"),
    (
        "workshop =",
        "workshp =",
        15,
        "[roles]",
        f"the key: 'workshp' is not one of the words that may stand here: {ROLES}; ",
    ),
    ("workshop = []", "workshop = 3", 15, "[roles]", "'workshop' must be a list, not a whole number"),
    (
        "workshop = []",
        "workshop = [3]",
        15,
        "[roles]",
        "'workshop', item 1 must be a text in quotes, not a whole number",
    ),
    ("user.contact.address", "user.adress", 14, "[roles]", "'carrier', item 2: 'user.adress' is not a data category"),
]
IN_A_PROMISE = [
    ('section = "Use"\n', "", 17, "promise 1 (P01)", "'section' is missing"),
    ('id = "P01"\n', "", 17, "promise 1", "'id' is missing"),
    ('id = "P01"', 'id = "1"', 18, "promise 1 (1)", "'id' must be an id such as P01: "),
    ('id = "P01"', 'id = "P\\n1"', 18, "promise 1", "'id' must be an id such as P01: "),
    ('id = "P01"', "id = 1", 18, "promise 1", "'id' must be a text in quotes, not a whole number"),
    ('id = "P02"', 'id = "P01"', 33, "promise 2 (P01)", "the id is used already, by promise 1 on line 18"),
    (
        'section = "Use"',
        'sectoin = "Use"',
        21,
        "promise 1 (P01)",
        f"'sectoin' is not known here: {PROMISE_KEYS}; did you ",
    ),
    (
        'section = "Use"',
        'section = "Use"\nrule = 1',
        22,
        "promise 1 (P01)",
        f"'rule' is not known here: {PROMISE_KEYS}",
    ),
    ("end = 20", "end = 10", 23, "promise 1 (P01)", "'end' (10) must come after 'start' (10)"),
    ("start = 10", "start = -1", 22, "promise 1 (P01)", "'start' must be greater than or equal to 0"),
    ("enforced = false", "enforced = 0", 41, "promise 2 (P02)", "'enforced' must be true or false, not a whole number"),
    (
        '"prohibition"',
        '"forbidden"',
        24,
        "promise 1 (P01)",
        "'modality': 'forbidden' is not one of the words that may stand ",
    ),
    ('"history"', '"histroy"', 25, "promise 1 (P01)", "'provable': 'histroy' is not one of the words that may stand "),
    ('"What an order', '"' + 2000 * "x", 20, "promise 1 (P01)", "'statement' must have at most 2000 characters"),
    ('kind = "only_for"\n', "", 17, "promise 1 (P01)", "'kind' is missing"),
    (
        '"only_for"',
        '"only_four"',
        26,
        "promise 1 (P01)",
        "there is no rule kind 'only_four': only_for, only_to; did you mean 'only_for'?",
    ),
]
IN_A_RULE = [
    (
        'act = "order"',
        'act = "order"\nacts = "order"',
        29,
        "promise 1 (P01)",
        "parameter 'acts' is not one of this kind's parameters: act, purpose_list, purposes, since; did you ",
    ),
    ('act = "order"\n', "", 27, "promise 1 (P01)", "parameter 'act' is missing"),
    (
        'act = "order"',
        "act = 1",
        28,
        "promise 1 (P01)",
        "parameter 'act': 1 is not one of the words that may stand here: ",
    ),
    (
        'act = "order"',
        'act = "ordr"',
        28,
        "promise 1 (P01)",
        f"parameter 'act': 'ordr' is not one of the words that may stand here: {ACTS}; did you mean 'order'?",
    ),
    (
        '"completion"',
        '"completing"',
        29,
        "promise 1 (P01)",
        "parameter 'purpose_list': 'completing' is not a list in the [purposes] table: completion; did you ",
    ),
    (
        'purpose_list = "completion"',
        'purposes = [\n "keep_books", # kept\n "fun",\n]',
        31,
        "promise 1 (P01)",
        "parameter 'purposes', item 2: 'fun' is not a purpose: ",
    ),
    ("00:00:00Z", "00:00:00", 30, "promise 1 (P01)", "parameter 'since' has no zone: write it such as "),
    (
        'roles = ["carrier"]',
        'roles = ["carrier", "customs"]',
        44,
        "promise 2 (P02)",
        "parameter 'roles', item 2: 'customs' is not a role in the [roles] table: carrier, workshop",
    ),
    ('roles = ["carrier"]', 'roles = "carrier"', 44, "promise 2 (P02)", "parameter 'roles' must be a list, not a text"),
    (
        '["user.name"]',
        '["user.nme"]',
        45,
        "promise 2 (P02)",
        "parameter 'categories', item 1: 'user.nme' is not a data ",
    ),
    (
        '["user.name"]',
        "[]\nat_most = '1'",
        46,
        "promise 2 (P02)",
        "parameter 'at_most' must be a whole number, not a text",
    ),
    ('["user.name"]', "[]\nat_most = 2", 46, "promise 2 (P02)", "parameter 'at_most': an odd number is wanted"),
]


@pytest.mark.parametrize("mistake", IN_THE_HEADER + IN_A_PROMISE + IN_A_RULE, ids=lambda mistake: mistake[-1][:50])
def test_a_mistake_is_told_with_its_line(
    mistake: tuple[str, str, int, str, str],
    problems: Callable[[str], list[PolicyProblem]],
    changed: Callable[[str, str], str],
) -> None:
    """Each class of mistake has its line, its place and plain words."""
    old, new, line, where, what = mistake
    found = problems(changed(old, new))
    assert [(one.line, one.where) for one in found if one.what.startswith(what)] == [(line, where)]
    assert not any("nput should" in one.what for one in found)
