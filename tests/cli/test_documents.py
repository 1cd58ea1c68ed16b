"""adapters/cli/README.md lists what each JSON document holds, and each document holds that and nothing else."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from psycopg import sql

from adapters.bootstrap import DEFAULT_POLICY, opened
from adapters.settings import load_settings
from projections import engine, subscription_history
from projections.engine.shadows import claim, let_go
from tests.cli.audit_sample import AS_OF, HISTORY
from tests.cli.sample import COLLECTED, opt_out
from tests.controls import cloud_event, lines, link, unlink, use

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.cli.conftest import Ran

PAGE = Path(__file__).parents[2] / "adapters" / "cli" / "README.md"
SECTIONS = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
DOCUMENTED = {
    section.split("`")[1]: set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)) for section in SECTIONS
}
MESSAGE = cloud_event("message", "m-1", "2016-06-01T00:00:00Z", program="email_marketing")
SHARE = cloud_event(
    "share",
    "s-1",
    "2016-04-03T00:00:00Z",
    recipient="x",
    purpose="run_contest",
    categories=["user.contact.email"],
    reference="C-1",
)
ASKED = {**MESSAGE, "id": "m-2", "data": {**MESSAGE["data"], "mode": "enforce", "message_id": "m-2"}}
UNREAD = cloud_event("collection", "unread", values={"user.contact.email": "ada at example"})
FACTS = lines(COLLECTED, opt_out("o-1"), SHARE, MESSAGE, ASKED, UNREAD, {"id": "bad"})
ORDERS = """invoice_no,invoiced_at,customer_id,country,lines,units,total_gbp
1,2011-01-01T09:00:00,7,UK,1,1,1
A2,2011-01-01T09:00:00,7,UK,1,1,1
3,2099-01-01T09:00:00,7,UK,1,1,1
4,never,7,UK,1,1,1
"""


IMPORTED = """kind = "subscribers"
source = "/import/people"
[columns]
customer = "no"
email = "mail"
time = "at"
[values]
"user.contact.email" = "mail"
[constants]
act = "account"
collection_point = "form"
program = "email_marketing"
cause = "import"
[[skip]]
column = "no"
is = "7"
"""


def keys_of(document: Any, documented: set[str], path: str = "") -> Iterator[str]:  # noqa: ANN401 - any document
    """Return the paths of a document's keys, in the page's terms: `[]` is each entry, `*` each key that is data."""
    if isinstance(document, dict):
        is_data = any(key.startswith(f"{path}.*") for key in documented)
        for key, value in document.items():
            yield from keys_of(value, documented, f"{path}.{'*' if is_data else key}".lstrip("."))
    elif isinstance(document, list) and document and isinstance(document[0], dict):
        for value in document:
            yield from keys_of(value, documented, f"{path}[]")
    else:
        yield path


@pytest.fixture
def ledger(begun: None, pledger: Callable[..., Ran], tmp_path: Path) -> Callable[..., Ran]:
    """Make a ledger in which every list that a command prints has an entry."""
    (tmp_path / "orders.csv").write_text(ORDERS)
    pledger("append", "-", stdin=FACTS)
    return pledger


def check(command: str, document: dict[str, Any]) -> None:
    """Hold one document against its section of the page."""
    assert set(keys_of(document, DOCUMENTED[command])) == DOCUMENTED[command], command


@pytest.mark.parametrize("command", ["doctor", "migrate"])
def test_what_is_printed_is_what_the_page_lists(ledger: Callable[..., Ran], command: str) -> None:
    """Every key that the page lists is printed, and every key that is printed is listed."""
    check(command, ledger(command, "--format", "json").json)


def test_the_keys_of_status_are_what_the_page_lists(ledger: Callable[..., Ran]) -> None:
    """A source has told more opt-outs under addresses than the settings expect."""
    outs = (cloud_event("opt_out", f"out-{n}", "2016-07-01T00:00:00Z", f"email:s{n}@example.org") for n in range(2))
    assert ledger("append", "-", stdin=lines(*outs)).code == 0
    check("status", ledger("status", "--format", "json", PLEDGER_OPT_OUT_BURST="1").json)
    shown = ledger("status", PLEDGER_OPT_OUT_BURST="1").out
    assert "A burst: source /shop told 2 opt-outs that bind addresses" in shown


def test_what_writing_prints_is_what_the_page_lists(pledger: Callable[..., Ran], tmp_path: Path) -> None:
    """Each list of init, append and import orders has an entry here, so no key hides."""
    check("init", pledger("init", "--format", "json").json)
    check("append", pledger("append", "-", "--format", "json", stdin=FACTS).json)
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS)
    pledger("import", "orders", str(path))
    # The recipient's registration ends, so that the next orders' shares break a promise.
    ended = cloud_event("recipient_ended", "e-1", "2011-01-02T00:00:00Z", recipient="carrier")
    assert pledger("append", "-", stdin=lines(ended)).code == 0
    path.write_text(ORDERS + "5,2011-01-03T09:00:00,7,UK,1,1,1\n6,2011-01-03T09:00:00,NULL,UK,1,1,1\n")
    check("import orders", pledger("import", "orders", str(path), "--format", "json").json)


@pytest.mark.usefixtures("begun")
def test_the_keys_of_imports_are_what_the_page_lists(pledger: Callable[..., Ran], tmp_path: Path) -> None:
    """Rows that are bad, skipped, or of a person without a number, and enrollments that break a promise or would."""
    mapping, rows = tmp_path / "mapping.toml", tmp_path / "rows.csv"
    mapping.write_text(IMPORTED)
    rows.write_text("no,mail,at\nNULL,a@b.org,2016-05-01\n,c@d.org,never\n7,e@f.org,2016-05-01\n8,g@h.org,\n")
    words = (str(rows), "--mapping", str(mapping), "--at", "2016-06-01T00:00:00Z", "--format", "json")
    check("import file", pledger("import", "file", *words).json)
    check("import mappings", pledger("import", "mappings", "--format", "json").json)
    good = pledger("import", "check", str(mapping), "--format", "json").json
    mapping.write_text("kind = 1")
    bad = pledger("import", "check", str(mapping), "--format", "json").json
    documented = DOCUMENTED["import check"]
    found = set(keys_of(good, documented)) | set(keys_of(bad, documented))
    assert found - {"problems"} == documented


def test_the_reports_keys_are_what_the_page_lists(ledger: Callable[..., Ran], tmp_path: Path) -> None:
    """The report's own keys, and the document that is left on standard output where the report goes to a file."""
    assert set(ledger("report", "customer:1", "--format", "json").json) == DOCUMENTED["report"]
    path = str(tmp_path / "report.json")
    check("report --output", ledger("report", "customer:1", "--output", path, "--format", "json").json)


def test_the_keys_of_what_operators_see_are_what_the_page_lists(
    ledger: Callable[..., Ran], environment: dict[str, str], tmp_path: Path
) -> None:
    """One read model is stopped by an event, and a rebuild of it, left half way, fails on that event as well."""
    settings = load_settings(home=tmp_path / "home", database_url=environment["PLEDGER_DATABASE_URL"])
    holder = uuid4()
    with opened(settings) as installation, installation.connect() as connection:
        engine.prepare(connection)
        claim(connection, [subscription_history.PROJECTION], holder)
        for table in (subscription_history.PROJECTION.name, subscription_history.PROJECTION.shadow):
            refuse = sql.SQL("ALTER TABLE {} ADD CONSTRAINT no CHECK (position < 0)")
            connection.execute(refuse.format(sql.Identifier(table)))
        ledger("status")
        check("projections", ledger("projections", "--format", "json").json)
        engine.prepare(connection, [replace(engine.PROJECTIONS[0], name="gone_by")])
        check("projections --remove", ledger("projections", "--remove", "gone_by", "--format", "json").json)
        let_go(connection, holder)
    ran = ledger("rebuild", "--format", "json")
    assert ran.code == 1
    check("rebuild", ran.json)
    check("rebuild --cancel", ledger("rebuild", "--cancel", "--format", "json").json)


@pytest.mark.parametrize(
    "command",
    [
        *(command for command in DOCUMENTED if "CUSTOMER" in command),
        *("holdings", "requests", "suppressions", "suppressions --since"),
        *("activity", "activity --by promise", "activity --by day"),
    ],
)
def test_the_keys_of_lists_are_what_the_page_lists(ledger: Callable[..., Ran], command: str) -> None:
    """Each list has an entry: the ledger holds collections, an opt-out, a request and broken promises."""
    asked = cloud_event("access_request", "q-1", "2016-05-01T00:00:00Z", request="q-1")
    assert ledger("append", "-", stdin=lines(asked)).code == 0
    words = command.replace("CUSTOMER", "customer:1").replace("--since", "--since 0").split()
    check(command, ledger(*words, "--format", "json").json)


def test_the_keys_of_counts_are_what_the_page_lists(ledger: Callable[..., Ran]) -> None:
    """Twelve people entered a contest, and thirteen the next time, which is held back; a release never counted so."""
    people = [{**COLLECTED, "id": f"p-{n}", "subject": f"customer:p-{n}"} for n in range(12)]
    cells = [{"where": {"of": "persons"}, "count": 99}]
    wrong = {"release": "wrong", "dimensions": ["of"], "cells": cells, "counted_at": 1, "recipient": "another"}
    told = cloud_event("aggregate_released", "wrong", "2016-05-01T00:00:00Z", **wrong) | {
        "source": "/pledger/statistics"
    }
    assert ledger("append", "-", stdin=lines(*people, told)).code == 0
    words = ("statistics", "--where", "act:contest_entry=yes", "--by", "month", "--format", "json")
    released = ledger(*words, "--release", "spring").json
    assert ledger("append", "-", stdin=lines({**COLLECTED, "id": "p-x", "subject": "customer:p-x"})).code == 0
    found = {key for one in (released, ledger(*words).json) for key in keys_of(one, DOCUMENTED["statistics"])}
    assert found - {"cells", "held_back"} == DOCUMENTED["statistics"]
    recounted = ledger("statistics", "--recount", "--format", "json").json
    found = set(keys_of(recounted, DOCUMENTED["statistics --recount"]))
    assert found - {"releases[].differing"} == DOCUMENTED["statistics --recount"]
    happened = {"incident": "i", "unauthorised_reads": 1, "categories": ["user.contact"]}
    told = cloud_event("incident", "i-1", "2016-05-01T00:00:00Z", **happened)
    assert ledger("append", "-", stdin=lines(told)).code == 0
    check("incident", ledger("incident", "i", "--format", "json").json)


def test_the_keys_of_an_explanation_are_what_the_page_lists(ledger: Callable[..., Ran]) -> None:
    """Staff enrolled somebody who, as came in later, had left; they were mailed, and the entry was declared wrong."""
    enrolled = cloud_event("enrollment", "e-1", "2016-07-02T00:00:00Z", program="email_marketing", cause="staff")
    mailed = {**MESSAGE, "id": "m-3", "time": "2016-07-03T00:00:00Z"}
    corrected = cloud_event(
        "entry_correction", "w-1", "2016-07-04T00:00:00Z", entry={"source": "/shop", "id": "e-1"}, reason="a slip"
    )
    asked = {**COLLECTED["data"], "reference": "C-5"}
    facts = ({**COLLECTED, "id": "c-5", "time": "2016-07-01T00:00:00Z", "data": asked}, enrolled, mailed, corrected)
    assert ledger("append", "-", stdin=lines(*facts)).code == 0
    late = opt_out("o-5", "2016-07-01T12:00:00Z")
    assert ledger("append", "-", stdin=lines(late)).code == 0
    documented = DOCUMENTED["explain"]
    found = set(keys_of(ledger("explain", "/shop e-1", "--format", "json").json, documented))
    of_opt_out = keys_of(ledger("explain", "/shop o-5", "--format", "json").json, documented)
    found |= {key for key in of_opt_out if key.startswith("relied_on_by[]")}
    assert found - {"relied_on_by"} == documented - {"entry_corrected"}  # Nothing rests on the enrollment itself.
    assert "entry_corrected" in set(keys_of(ledger("explain", "1", "--format", "json").json, documented))


def test_the_keys_of_changes_are_what_the_page_lists(ledger: Callable[..., Ran]) -> None:
    """Somebody was mailed who, as came in later, had left."""
    asked = {**COLLECTED["data"], "reference": "C-5"}
    entered = {**COLLECTED, "id": "c-5", "time": "2016-07-01T00:00:00Z", "data": asked}
    mailed = {**MESSAGE, "id": "m-3", "time": "2016-07-03T00:00:00Z"}
    assert ledger("append", "-", stdin=lines(entered, mailed)).code == 0
    assert ledger("append", "-", stdin=lines(opt_out("o-5", "2016-07-02T00:00:00Z"))).code == 0
    check("changes", ledger("changes", "--format", "json").json)


def test_the_keys_of_a_reconciliation_are_what_the_page_lists(ledger: Callable[..., Ran], tmp_path: Path) -> None:
    """A row that is bad, and one about somebody unknown, fill each list."""
    (tmp_path / "mapping.toml").write_text('columns = {email = "to", time = "at"}')
    (tmp_path / "rows.csv").write_text("to,at\nnobody@example.org,2016-06-01\nnobody,2016-06-01\n")
    words = ("reconcile", "send-log", str(tmp_path / "rows.csv"), "--mapping", str(tmp_path / "mapping.toml"))
    check("reconcile", ledger(*words, "--format", "json").json)


def test_the_demos_keys_are_what_the_page_lists(pledger: Callable[..., Ran]) -> None:
    """The demo's document, with each planted breach."""
    check("demo", pledger("demo", "--customers", "40", "--days", "60", "--format", "json").json)


@pytest.mark.usefixtures("begun")
def test_the_audits_keys_are_what_the_page_lists(pledger: Callable[..., Ran], tmp_path: Path) -> None:
    """Of a trace and of a ledger together every key is printed; what is open or excused has the keys of a violation."""
    documented = DOCUMENTED["audit"]
    told = lines(
        *HISTORY, link(1, "customer:two", subject="customer:one"), unlink(2, "customer:two", subject="customer:one")
    )
    assert pledger("append", "-", stdin=told).code == 0
    as_of = ("--as-of", AS_OF, "--format", "json")
    (tmp_path / "mapping.toml").write_text('columns = {customer = "to", time = "at"}')
    (tmp_path / "rows.csv").write_text("to,at\n1,2016-05-20\n")
    policy, text = tmp_path / "waiting.toml", DEFAULT_POLICY.read_text(encoding="utf-8")
    policy.write_text(text.replace("[parameters]", "[parameters]\nerasure_waiting_days = 7"), encoding="utf-8")
    early = lines(cloud_event("erasure_request", "asked", 1), use(2, "keep_books"))
    held, mapping = str(tmp_path / "held.json"), str(tmp_path / "mapping.toml")
    period = ("--from", "2016-01-01T00:00:00Z", "--output", held, "--mapping", mapping)
    assert pledger("reconcile", "send-log", str(tmp_path / "rows.csv"), *period).code == 0
    documents = [
        pledger("audit", "--reconciled", held, *as_of).json,
        pledger("audit", "--trace", "-", *as_of, stdin=told).json,
        pledger("audit", "--trace", "-", "--policy", str(policy), *as_of, stdin=early).json,
    ]
    particular = re.compile(r"\.particulars\..*")
    bare = [{**document, "reconciliations": []} for document in documents]
    found = {particular.sub(".particulars.*", key) for document in bare for key in keys_of(document, documented)}
    found -= {key.split("[]")[0] for key in documented if "[]" in key}  # Where a list is empty.
    entry = re.compile(r"(readings\.\*\.\*\.)(open|excused|indeterminate|attested)\[\]")
    assert {entry.sub(r"\1violations[]", key) for key in found if entry.match(key)} <= documented
    assert {key.split("[]")[0] if entry.match(key) else key for key in found} == documented
    path = str(tmp_path / "audit.json")
    ran = pledger("audit", "--output", path, *as_of)
    check("audit --output", ran.json)
    assert json.loads(Path(path).read_text(encoding="utf-8")) == pledger("audit", *as_of).json


def test_the_errors_keys_are_what_the_page_lists(pledger: Callable[..., Ran]) -> None:
    """An error is one line of JSON on standard error, and standard output is empty."""
    ran = pledger("status", "--format", "json")
    assert ran.out == ""
    check("error", json.loads(ran.err))


def test_the_page_has_a_section_for_every_document() -> None:
    """A section without a test would promise what nobody checks; those about a customer are all tested above."""
    assert {command for command in DOCUMENTED if "CUSTOMER" not in command} == {
        *("error", "init", "append", "import orders", "status", "report"),
        *("report --output", "demo", "doctor", "migrate", "projections", "rebuild", "rebuild --cancel", "follow"),
        "projections --remove",
        *("holdings", "requests", "suppressions", "suppressions --since"),
        *("activity", "activity --by promise", "activity --by day", "explain", "changes", "reconcile"),
        *("statistics", "statistics --recount", "incident"),
        *("audit", "audit --output"),
        *("company", "notice check", "policy check", "policy diff"),
        *("import file", "import mappings", "import check"),
        *("links", "links confirm", "links reject"),
        "annul",
        *("keys create", "keys list", "keys revoke", "unsubscribe-links", "send", "worker"),
        *("relay", "relay status", "relay parked", "relay retry"),
        *("webhooks add", "webhooks list", "webhooks waiting", "webhooks retry", "webhooks rotate", "webhooks test"),
        "webhooks remove",
    }
