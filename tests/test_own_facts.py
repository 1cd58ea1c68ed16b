"""Times are written by one module, and the facts that Pledger itself states are made by one function."""

from __future__ import annotations

import ast
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hypothesis import given, strategies as st

from adapters.contract import parse_fact
from adapters.own_facts import own_fact
from domain.times import rfc3339, screen_time
from tests.controls import day, fact

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parents[1]
ISOFORMAT: Final = {
    "domain/times.py": "the one writer of RFC 3339",
    "domain/canonical.py": "canonical JSON, always with microseconds",
    "domain/facts/fields.py": "a time that is parsed again at once",
    "domain/policy/loader.py": "a time of a policy file, parsed again at once",
    "domain/statistics/dimensions.py": "a month",
    "adapters/http/gpc.py": "a day, as the specification of gpc.json has it",
    "adapters/queries/documents.py": "a day",
    "adapters/reports/pages.py": "a time to its last digit, as people read it",
    "adapters/ledger/insertion.py": "a parameter for PostgreSQL, in the append's hot path",
}
STRFTIME: Final = {
    "domain/times.py": "the one format of screens and pages",
    "adapters/imports/times.py": "tries out a form that a mapping names",
}
ENVELOPES: Final = {
    "adapters/own_facts.py": "makes them for all others",
    "adapters/imports/fact_builder.py": "the facts of other systems' rows, whose times are text already",
    "adapters/demo/simulation.py": "the facts of an invented shop",
    "adapters/demo/example_shop.py": "an example for services, which have no module of ours",
    "adapters/http/openapi/fact_examples.py": "examples in the published document",
    "adapters/webhooks/messages.py": "messages to other systems, which are no facts",
}


def test_times_are_written_in_one_place() -> None:
    """No other module writes a time as text, but where it is no RFC 3339 or is read again at once."""
    called = {(path, node.func.attr) for path, node in _calls() if isinstance(node.func, ast.Attribute)}
    assert {path for path, name in called if name == "isoformat"} == set(ISOFORMAT)
    assert {path for path, name in called if name == "strftime"} == set(STRFTIME)


def test_envelopes_are_made_in_one_place() -> None:
    """No other module builds the envelope of a fact by hand: a mapping with an id, a source, a type and a time."""
    found = {
        path
        for path, node in _nodes()
        if isinstance(node, ast.Dict)
        and {"id", "source", "type"} <= {key.value for key in node.keys if isinstance(key, ast.Constant)}
    }
    assert found == set(ENVELOPES)


@given(st.datetimes(datetime(1990, 1, 2), datetime(2026, 1, 1)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001 - hypothesis wants them without
def test_an_own_fact_is_what_a_service_would_have_sent(time: datetime, minutes: int) -> None:
    """It parses to the same fact whatever the zone of its time, and its time is in UTC."""
    at = time.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    made = own_fact("opt_out", "/shop", "o-1", at, {"program": "email_marketing", "via": "portal"}, "customer:1")
    assert made["time"] == rfc3339(at.astimezone(UTC))
    parsed = parse_fact(made)
    assert (parsed.time, str(parsed.subject), parsed.name) == (at, "customer:1", "/shop o-1")


def test_without_a_subject_it_is_about_the_company() -> None:
    """The field is left out."""
    data = {"recipient": "carrier", "roles": ["carrier"], "categories": ["user.name"]}
    made = own_fact("recipient_registered", "/shop", "r", day(1), data)
    assert "subject" not in made
    assert parse_fact(made).content() == fact("recipient_registered", 1, data, fact_id="r").content()


def test_a_time_on_a_screen() -> None:
    """It is in UTC, to the minute."""
    at = datetime(2016, 4, 2, 12, 15, 59, tzinfo=timezone(timedelta(hours=2)))
    assert screen_time(at) == "2016-04-02 10:15 UTC"


@cache
def _nodes() -> list[tuple[str, ast.AST]]:
    paths = [path for folder in ("domain", "projections", "adapters") for path in (ROOT / folder).rglob("*.py")]
    return [
        (str(path.relative_to(ROOT)), node)
        for path in paths
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call | ast.Dict)
    ]


def _calls() -> Iterator[tuple[str, ast.Call]]:
    return ((path, node) for path, node in _nodes() if isinstance(node, ast.Call))
