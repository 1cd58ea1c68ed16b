"""The second policy file: it loads, says truly where its text makes each promise, and says it in other words."""

from __future__ import annotations

import hashlib
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import pytest

from adapters.bootstrap import DEFAULT_POLICY, POLICIES, read_policy
from domain.rules.common.kinds import KINDS
from domain.vocabulary import Reading
from tests.newsletter import PATH, newsletter

if TYPE_CHECKING:
    from domain.policy.model import Promise

TEXT: Final = PATH.with_suffix(".md").read_bytes().decode()
RUN_OF_WORDS: Final = 8
PROMISES: Final = newsletter().promises


def test_the_digests_are_those_of_text_and_file() -> None:
    """The file names its text by digest, and is itself named by the digest of its bytes."""
    assert newsletter().sha256 == hashlib.sha256(TEXT.encode()).hexdigest()
    assert newsletter().digest == hashlib.sha256(PATH.read_bytes()).hexdigest()
    assert newsletter().label == "tidepaper.example/privacy 2021-05-03"


@pytest.mark.parametrize("promise", PROMISES, ids=[promise.id for promise in PROMISES])
def test_each_promise_stands_where_it_says(promise: Promise) -> None:
    """The characters are whole sentences on a line of their own, under the heading that is named as the section."""
    before, quote, after = TEXT[: promise.start], TEXT[promise.start : promise.end], TEXT[promise.end :]
    assert before.endswith("\n")
    assert re.fullmatch(r"[A-Z][^\n]*\.", quote)
    assert after.startswith("\n")
    headings = re.findall(r"^## (.*)$", before, re.MULTILINE)
    assert headings[-1] == promise.section


def test_every_sentence_under_a_heading_is_a_promise() -> None:
    """The text says nothing else, and no two promises stand at one place."""
    body = TEXT[TEXT.index("\n## ") :]
    said = [line for line in body.splitlines() if line and not line.startswith("#")]
    assert said == [TEXT[promise.start : promise.end] for promise in PROMISES]
    assert all(one.end <= other.start for one, other in pairwise(PROMISES))


def test_statements_are_in_other_words() -> None:
    """No run of eight words of the text stands in the policy file."""
    theirs, ours = (re.findall(r"[a-z0-9]+", text.lower()) for text in (TEXT, PATH.read_text(encoding="utf-8")))
    runs = [
        {tuple(words[start : start + RUN_OF_WORDS]) for start in range(len(words) - RUN_OF_WORDS + 1)}
        for words in (theirs, ours)
    ]
    assert all(runs)
    assert not runs[0] & runs[1]


def test_it_is_made_of_the_first_policys_kinds_and_two_more() -> None:
    """Another kind of company: the same kinds of rule, but for a confirmation and a time to wait."""
    first = {promise.kind for promise in read_policy(DEFAULT_POLICY)[1].promises}
    second = {promise.kind for promise in PROMISES}
    assert second - first == {"confirmed_first", "shared_after"}
    assert len(second & first) >= 15


def test_every_kind_is_used() -> None:
    """Each rule kind has a promise in a policy of ours, which shows what it is for."""
    policies = [read_policy(path)[1] for path in POLICIES.glob("*.toml")]
    assert {promise.kind for policy in policies for promise in policy.promises} == set(KINDS)


def test_where_the_text_leaves_something_open() -> None:
    """These promises are otherwise under another reading, and no others."""
    differing = {
        (promise.id, reading) for promise in PROMISES for reading in Reading if promise.under(reading) != promise.rule
    }
    assert differing == {
        ("N07", Reading.STRICT),
        ("N09", Reading.STRICT),
        ("N11", Reading.PERMISSIVE),
        ("N17", Reading.STRICT),
        ("N26", Reading.PERMISSIVE),
    }


def test_every_policy_file_of_ours_has_a_name_of_its_own() -> None:
    """Each loads, and no two have the same label, file digest or text digest, by which audits choose between them."""
    policies = [read_policy(path)[1] for path in sorted(POLICIES.glob("*.toml"))]
    for name in ("label", "digest", "sha256"):
        assert len({getattr(policy, name) for policy in policies}) == len(policies) >= 2
