"""A state ("accepts marketing: yes") is no request: it enrolls nobody and undoes no opt-out, however it is told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from adapters.imports.catalog import parse_mapping, read_mapping
from adapters.imports.file_import import FileImport
from adapters.imports.file_report import FileReport
from adapters.ledger.stream_reader import find, parse_customer
from adapters.queries.customers import customer_subscriptions
from adapters.queries.read_point import ReadPoint, bring_up_to_date
from domain.policy.judge import Judge
from projections import suppression_list
from tests.controls import CUSTOMER, catalog_request, contest_entry, fact, message, opt_out
from tests.imports.samples import PEOPLE, codes, converted

if TYPE_CHECKING:
    from pathlib import Path

    from adapters.bootstrap import Installation
    from adapters.imports.mapping import ImportMapping

AT = datetime(2016, 6, 1, tzinfo=UTC)
BEFORE, AFTER = 30, 90
"""Days of opt-outs before and after `AT`."""
EMAIL, POST = "email_marketing", "physical_mailings"
FORM = PEOPLE.replace("[constants]", '"user.contact.address" = "street"\n[constants]')
ASKING = {
    "contest": (EMAIL, FORM.replace("promotional_request", "contest_entry")),
    "promotional request": (EMAIL, FORM),
    "form for updates": (EMAIL, FORM.replace('"promotional_request"', '"registration"\nrequests = "updates"')),
    "form for the catalog": (POST, FORM.replace('"promotional_request"', '"registration"\nrequests = "catalog"')),
    "catalog": (POST, FORM.replace("promotional_request", "catalog_request")),
}
"""What people ask for, by each act that opens a program."""
SHIPPED = {
    "shopify-customers": "'{number},Eve,Stone,{mail},yes,1 Quay Lane",
    "mailchimp-subscribed": "{mail},Eve,Stone,,2016-05-20 10:00:00",
}
HEADERS = {
    "shopify-customers": "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Address1",
    "mailchimp-subscribed": "Email Address,First Name,Last Name,OPTIN_TIME,CONFIRM_TIME",
}


def run(installation: Installation, folder: Path, mapping: ImportMapping, content: str) -> FileReport:
    """Import a file that has the day of the export as the time of rows without one."""
    path = folder / "rows.csv"
    path.write_text(content)
    work = FileImport(installation, path, mapping, at=AT)
    work.register(work.survey())
    return work.run(FileReport())


def programs(installation: Installation, name: str) -> dict[str, str]:
    """Return the programs of a person, each with its state; what is owed to them goes before what they asked for."""
    with installation.connect() as connection:
        bring_up_to_date(connection)
        now = customer_subscriptions(installation, connection, name, ReadPoint())["now"]
        streams = find(connection, installation.keyring, parse_customer(installation.contract, name))
        owed = suppression_list.of(connection, Judge(installation.policy), streams)
    return now | dict.fromkeys(owed, "opted_out")


def broken_by_a_message(installation: Installation, program: str, name: str) -> set[str]:
    """Return the promises that a message of a program would break today."""
    channel = "email" if program == EMAIL else "post"
    asked = message(200, subject=name, channel=channel, program=program)
    return {one.promise for one in installation.ledger.ask(asked).findings}


def known(installation: Installation, program: str, name: str, mail: str) -> None:
    """Let a person be enrolled by what they asked for in April."""
    ask = contest_entry if program == EMAIL else catalog_request
    values: dict[str, Any] = {"user.contact.email": mail, "user.contact.address": "1 Quay Lane"}
    installation.ledger.append(ask(1, subject=name, fact_id=f"ask {name}", values=values, also=[f"email:{mail}"]))


def leave(installation: Installation, program: str, name: str, on: int) -> None:
    """Let a person opt out."""
    installation.ledger.append(opt_out(on, program, subject=name, fact_id=f"left {name}"))


def leave_by(installation: Installation, program: str, kind: str, person: tuple[str, str], on: int) -> None:
    """Let an opt-out be told of a person: under their number, of their address, or by the link of a mail to them.

    That link stands on the record of somebody else, whose address it was not.
    """
    number, mail = person
    name = f"email:{mail}" if kind == "mail" else f"customer:{number}"
    if kind != "link":
        leave(installation, program, name, on)
        return
    told = {"program": program, "via": "unsubscribe_link", "to": f"email:{mail}"}
    installation.ledger.append(fact("opt_out", on, told, subject=f"customer:other-{number}", fact_id=f"left {number}"))


MAPPINGS = [*((name, EMAIL, "") for name in SHIPPED), *((name, *ASKING[name]) for name in ASKING)]
KINDS = ("number", "mail", "link")
"""How an opt-out is told; a row has a number, but where it is told of an address."""
PEOPLE_OF_ROWS = [(told, on, kind) for told in ("before", "after") for on in (BEFORE, AFTER) for kind in KINDS] + [
    (told, 0, kind) for told in ("never", "stranger") for kind in KINDS
]


@pytest.mark.parametrize("enrolls", [False, True], ids=["silent", "with a cause"])
@pytest.mark.parametrize("case", MAPPINGS, ids=[one[0] for one in MAPPINGS])
def test_a_state_enrolls_nobody_and_undoes_no_opt_out(
    installation: Installation, tmp_path: Path, case: tuple[str, str, str], *, enrolls: bool
) -> None:
    """Opt-outs told before and after the import, dated before and after the export, on whichever stream they are.

    With a cause the import asks for each person whether they may be enrolled, and the policy refuses each. Who had
    asked before stays enrolled by that, and a stranger is not enrolled. Who opted out may not be written to.
    """
    name, program, text = case
    mapping = parse_mapping(text) if text else read_mapping(name)
    if enrolls:
        constants = mapping.constants.model_copy(update={"program": program, "cause": "import"})
        mapping = mapping.model_copy(update={"constants": constants})
    line = SHIPPED.get(name, "{number},{mail},,1 Quay Lane")
    people = {who: (str(place), f"p{place}@example.org") for place, who in enumerate(PEOPLE_OF_ROWS, start=11)}
    rows, names = [HEADERS.get(name, "no,mail,at,street")], {}
    for (told, on, kind), (number, mail) in people.items():
        rows.append(line.format(number="" if kind == "mail" else number, mail=mail))
        names[told, on, kind] = f"guest:form-{number}" if kind == "mail" else f"customer:{number}"
        if told != "stranger":
            known(installation, program, names[told, on, kind], mail)
        if told == "before":
            leave_by(installation, program, kind, (number, mail), on)
    content = "\n".join(rows) + "\n"
    report = run(installation, tmp_path, mapping, content)
    for (told, on, kind), person in people.items():
        if told == "after":
            leave_by(installation, program, kind, person, on)
    for who, called in names.items():
        if who[0] != "stranger":
            state = programs(installation, called).get(program)
            assert (who, state) == (who, "enrolled" if who[0] == "never" else "opted_out")
            broken = broken_by_a_message(installation, program, called)
            assert (who, bool(broken)) == (who, who[0] != "never")
    assert (dict(report.enrolled), dict(report.findings)) == ({}, {})
    if enrolls:
        assert (report.refused_facts, report.skips, dict(report.kinds)) == (len(people), {}, {})
        assert report.refusals["P11", "no_route"] == len(people)
    else:
        assert (report.skips, report.facts) == ({"state": (len(people), 2)}, 0)
    again = run(installation, tmp_path, mapping, content)
    assert (again.appended, again.repeated) == (0, report.appended)


@pytest.mark.parametrize(("program", "text"), ASKING.values(), ids=ASKING)
def test_a_request_with_its_own_time_is_one(
    installation: Installation, tmp_path: Path, program: str, text: str
) -> None:
    """It enrolls as of that time: again after an opt-out, and until a later one, in any order of telling."""
    leave(installation, program, "customer:11", 10)
    leave(installation, program, "customer:12", 40)
    rows = "".join(f"{number},p{number}@example.org,2016-05-01,1 Quay Lane\n" for number in (11, 12, 13, 14))
    report = run(installation, tmp_path, parse_mapping(text), "no,mail,at,street\n" + rows)
    assert (report.taken, sum(report.enrolled.values()), report.skips) == (4, 4, {})
    leave(installation, program, "customer:13", 10)
    leave(installation, program, "customer:14", 40)
    states = [programs(installation, f"customer:{number}")[program] for number in (11, 12, 13, 14)]
    assert states == ["enrolled", "opted_out", "enrolled", "opted_out"]


def test_an_account_is_no_request_with_or_without_a_time(installation: Installation, tmp_path: Path) -> None:
    """What opens no program can be told as of the day of the export: the values are on record, and nobody is in."""
    leave(installation, EMAIL, CUSTOMER, BEFORE)
    mapping = parse_mapping(FORM.replace("promotional_request", "account"))
    report = run(
        installation, tmp_path, mapping, "no,mail,at,street\n1,a@example.org,,x\n2,b@example.org,2016-05-01,y\n"
    )
    assert (dict(report.kinds), dict(report.enrolled)) == ({"collection": 2}, {})
    assert programs(installation, CUSTOMER) == {EMAIL: "opted_out"}
    assert programs(installation, "customer:2") == {}


def test_no_opt_out_is_taken_for_a_state(tmp_path: Path) -> None:
    """In a file that holds both, an opt-out without a time is rejected, or gets the time that is given."""
    text = PEOPLE.replace('time = "at"', 'time = "at"\nstatus = "state"')
    text += 'program = "email_marketing"\nvia = "portal"\n[maps.status]\nin = "subscribed"\nout = "opted_out"\n'
    content = "no,mail,at,state\n7,a@example.org,,out\n8,b@example.org,,in\n9,c@example.org,NULL,out\n"
    assert codes(converted(tmp_path, text, content)) == [(2, "time_missing"), (4, "time_missing")]
    given = converted(tmp_path, text, content, AT)
    assert [(len(one.facts), one.skipped) for one in given] == [(2, ""), (0, "state"), (2, "")]
