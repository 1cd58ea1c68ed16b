"""`pledger notice check`, from a page on a real server to the promise in an audit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.bootstrap import opened
from adapters.settings import load_settings
from domain.events.company import NoticePosted
from tests.cli.conftest import environment, pledger
from tests.cli.test_documents import check
from tests.controls import cloud_event, lines
from tests.reading import opened_log

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran
    from tests.notices.conftest import Site

__all__ = ["environment", "pledger"]
GOOD = '<a href="/privacy">Privacy</a>'
OLD = '<p data-privacy-policy-version="2014-01-01"></p>' + GOOD


def _point(name: str) -> dict[str, Any]:
    time = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    return cloud_event("collection_point_registered", name, time, collection_point=name, online=None)


def test_from_a_page_to_a_verdict(pledger: Callable[..., Ran], environment: dict[str, str], site: Site) -> None:
    """A page with the notice is recorded as posted, once; without it, as removed, and the audit says since when."""
    assert pledger("init").code == 0
    assert pledger("append", "-", stdin=lines(_point("shop"))).code == 0
    url = site.page("/shop", GOOD)
    first = pledger("notice", "check", url, "--location", "shop", "--format", "json")
    assert first.code == 0, first.err
    check("notice check", first.json)
    assert (first.json["is_carried"], first.json["was_on_record"], len(first.json["recorded"])) == (True, False, 1)
    with opened(
        load_settings(home=Path(environment["PLEDGER_HOME"]), database_url=environment["PLEDGER_DATABASE_URL"])
    ) as installation:
        (posted,) = [event for event in opened_log(installation) if isinstance(event, NoticePosted)]
    assert posted.fact == first.json["recorded"][0]
    assert posted.evidence is not None
    assert first.json["sha256"] in posted.evidence
    assert url in posted.evidence
    again = pledger("notice", "check", url, "--location", "shop", "--format", "json").json
    assert (again["was_on_record"], again["recorded"]) == (True, [])
    # The point may lack its notice for an hour; what came of it is asked after that.
    later = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    asked = ("audit", "--promise", "P03", "--as-of", later, "--format", "json")
    assert pledger(*asked).json["readings"]["harmonised"]["P03"]["status"] == "kept"

    site.page("/shop", "<p>Nothing</p>")
    gone = pledger("notice", "check", url, "--location", "shop")
    assert (gone.code, "It carries no notice of shop" in gone.out) == (1, True)
    assert pledger(*asked).json["readings"]["harmonised"]["P03"]["status"] == "broken"


def test_an_older_version(pledger: Callable[..., Ran], site: Site) -> None:
    """A page that says another version carries that one, and not the one in force."""
    assert pledger("init").code == 0
    url = site.page("/", OLD)
    told = pledger("notice", "check", url, "--format", "json")
    assert (told.code, told.json["shows"], told.json["wanted"]) == (1, "2014-01-01", "2016-03-14")
    assert len(told.json["recorded"]) == 1
    assert pledger("notice", "check", url, "--version", "2014-01-01").code == 0


def test_only_looking(pledger: Callable[..., Ran], site: Site) -> None:
    """Without recording, and where nothing was seen, the log stays as it is."""
    assert pledger("init").code == 0
    events = pledger("status", "--format", "json").json["events"]
    assert pledger("notice", "check", site.page("/", GOOD), "--no-record").code == 0
    lost = pledger("notice", "check", f"{site.address}/none")
    assert (lost.code, "notice_not_seen" in lost.err) == (1, True)
    assert pledger("notice", "check", site.page("/x", "<p>"), "--location", "nowhere").code == 1
    assert pledger("status", "--format", "json").json["events"] == events
