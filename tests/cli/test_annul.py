"""`pledger annul`: an officer annuls what a source told in a span, once, and nothing beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.controls import cloud_event, lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran

SPAN = ("--source", "/form", "--from", "2020-01-01T00:00:00Z", "--to", "2999-01-01T00:00:00Z", "--reason", "a bot")


def outs(source: str, count: int) -> list[dict[str, Any]]:
    """Return opt-outs under as many addresses."""
    told = (cloud_event("opt_out", f"out-{n}", 2, f"email:s{n}@example.org") for n in range(count))
    return [one | {"source": source} for one in told]


@pytest.mark.usefixtures("begun")
def test_a_source_and_a_span(pledger: Callable[..., Ran]) -> None:
    """A dry run counts, the run annuls, the same again finds all done; another source's opt-out stands."""
    assert pledger("append", "-", stdin=lines(*outs("/form", 3), *outs("/mail", 1))).code == 0
    counts = {"found": 3, "annulled": 0, "already": 0, "erased": 0, "left": 3}
    assert pledger("annul", *SPAN, "--dry-run", "--format", "json").json == counts
    assert pledger("annul", *SPAN, "--format", "json").json == counts | {"annulled": 3, "left": 0}
    assert pledger("annul", *SPAN, "--format", "json").json == counts | {"already": 3, "left": 0}
    assert len(pledger("suppressions", "--format", "json").json["entries"]) == 1
    undone = pledger("audit", "--format", "json").json["undone"]
    assert [one["what"] for one in undone] == ["opt_out"] * 3


@pytest.mark.usefixtures("begun")
def test_an_actor(pledger: Callable[..., Ran]) -> None:
    """Without another actor a source is its own; one of both options is needed, and with both, both count."""
    assert pledger("append", "-", stdin=lines(*outs("/form", 3), *outs("/mail", 1))).code == 0
    span = SPAN[2:]
    assert pledger("annul", *span).code == 1
    assert pledger("annul", "--actor", "/mail", *SPAN, "--dry-run", "--format", "json").json["found"] == 0
    assert pledger("annul", "--actor", "/mail", *span, "--format", "json").json["annulled"] == 1


@pytest.mark.usefixtures("begun")
def test_what_was_told_outside_of_the_span_stays(pledger: Callable[..., Ran]) -> None:
    """The span is that of telling; without a reason nothing is annulled."""
    assert pledger("append", "-", stdin=lines(*outs("/form", 1))).code == 0
    early = [word.replace("2999", "2021") for word in SPAN]
    assert pledger("annul", *early, "--format", "json").json["found"] == 0
    assert pledger("annul", *SPAN[:-1], " ").code == 1


@pytest.mark.usefixtures("begun")
def test_who_was_erased(pledger: Callable[..., Ran]) -> None:
    """No key opens the name of such an entry, so it is counted apart."""
    gone = cloud_event("erasure", "gone", 3, "email:s0@example.org", reason="asked")
    assert pledger("append", "-", stdin=lines(*outs("/form", 2), gone)).code == 0
    found = {"found": 2, "annulled": 1, "already": 0, "erased": 1, "left": 0}
    assert pledger("annul", *SPAN, "--format", "json").json == found
