"""Themes of generated traces about who people are: children, account holders, people who are parted or forgotten."""

from __future__ import annotations

from typing import Final

from tests.laws.themes import ACTS, ID, PEOPLE, TIMES, Theme, of

THEMES: Final = {
    "children": Theme(
        (
            of("age"),
            of("age"),
            of("{act} R-{n} name", act=ACTS, n="123"),
            of("gift R-{n} name source=9", n="123"),
            of("out email"),
            of("mail"),
        ),
        annulled=("age",),
        erased_on=("04-20", "05-01", "05-20"),
        ends=("06-03 9 out email", "04-21 9 out email"),
    ),
    "accounts": Theme(
        (
            of("{act} R-{n} name address", act=(*ACTS, "account"), n="123"),
            of(
                "share {to} deliver_order {what} reference=R-1",
                to=("maps", "maps", "carrier"),
                what=("address", "name", "contact", "phone"),
            ),
            of("share maps deliver_order {what} reference=R-1", what=("address", "name,address", "user", "email")),
            of("access {id}", id=ID),
            of("- recipient helpdesk"),
            of("- recipient_ended helpdesk"),
        ),
        people=PEOPLE[:2],
        annulled=("account", "registration"),
        begins=("03-15 - recipient maps roles=carrier categories=address group=google", "03-15 - recipient carrier"),
    ),
    "forgotten": Theme(
        (
            of("contest_entry C-{n} email", n="123"),
            of("order R-{n} name email", n="12"),
            *(of("out email"), of("mail"), of("mail"), of("use deliver_order name reference=R-1"), of("erase")),
        ),
        people=PEOPLE[:2],
        is_linked=False,
        annulled=(),
    ),
    "catalogs": Theme(
        (
            of("{act} R-{n} address", act=ACTS, n="12"),
            of("{act} R-{n} email", act=ACTS, n="12"),
            of("registration R-3 {what} requests={asked}", what=("address", "email"), asked=("catalog", "updates")),
            of("inbound_message R-1 {what}", what=("address", "email")),
            of("message {how} fulfil_catalog_request", how=("post", "post", "email")),
            of("message {how} fulfil_catalog_request relying_on={act}/R-{n}", how=("post", "email"), act=ACTS, n="12"),
            of("message {how} {why}", how=("post", "email"), why=("answer_message", "deliver_order")),
            of("message email deliver_order unsubscribe_link=false"),
            *(of("order R-1 address"), of("message post fulfil_catalog_request relying_on=order/R-1")),
            of("out {program}", program=("email", "post")),
        ),
        people=PEOPLE[:2],
        annulled=(*ACTS, "inbound_message"),
    ),
    "renamed": Theme(
        (
            of("contest_entry C-{n} email", n="123"),
            of("order R-{n} name email", n="12"),
            *(of("out email"), of("mail"), of("mail"), of("use deliver_order name reference=R-1")),
        ),
        people=PEOPLE[:2],
        is_linked=False,
        is_renamed=True,
        annulled=(),
    ),
    "parted": Theme(
        (
            of("contest_entry C-{n} email", n="123"),
            of("order R-{n} name email", n="12"),
            *(of("out email"), of("mail"), of("mail"), of("use deliver_order name reference=R-1")),
            *(of("offer print_posters"), of("object print_posters"), of("use print_posters name")),
            *(of("verify Q-1"), of("report Q-1")),
        ),
        people=PEOPLE[:2],
        is_parted=True,
        annulled=(),
        begins=("03-15T12:00 1 offer print_posters",),
        times=(*TIMES, "05-01T12:00", "05-01T12:00", "05-02T12:00"),
    ),
}
