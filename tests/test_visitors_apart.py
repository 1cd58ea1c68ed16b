"""A browser and a person share nothing: no field, no column, no key and no digest by which one leads to the other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest
from pydantic import TypeAdapter

from adapters.contract import parse_fact
from adapters.ledger import Receipt
from adapters.statistics.counting import CountQuery, count
from domain.errors import MalformedFact
from domain.events import CUSTOMER, TOPICS, VISITOR
from domain.events.base import ENVELOPE, Refusal
from domain.events.visitor import AnalyticsForwarded, CookieSet, SignalReceived, VisitorEntryCorrected
from domain.facts import SHAPES, VisitorFact
from domain.facts.fields import Subject
from domain.statistics.dimensions import Counted
from projections import engine
from tests.controls import fact, order, raw_example, verified
from tests.examples import EXAMPLES

if TYPE_CHECKING:
    import psycopg

    from adapters.bootstrap import Installation
    from adapters.keys.keyring import Keyring

CODES: Final = {
    CookieSet: {"cookie", "purpose", "categories", "area"},
    SignalReceived: {"signal", "value"},
    AnalyticsForwarded: {"recipient", "categories", "server_side"},
    VisitorEntryCorrected: {"entry", "entry_code", "by_officer", "replacement", "waited"},
}
"""All that the events of a browser say, by event; those that are not here say nothing."""
OF_REFUSALS: Final = set(Refusal.model_fields) - ENVELOPE
LOOKUPS: Final = {
    "names": {"digest", "until", "stream_id", "is_contact"},
    "contact_points": {"stream_id", "ordinal", "kind", "digest", "position", "sealed"},
    "contact_bindings": {
        "digest",
        "what",
        "is_out",
        "occurred_at",
        "position",
        "by_code",
        "annuls",
        "source",
        "since",
        "code",
    },
    "suppressions": {"digest", "owed", "since", "after_end", "source", "ended", "said"},
    "tombstones": {
        "digest",
        "after_end",
        "code",
        "until",
        "is_contact",
        "is_held",
        "by_code",
        "named",
        "is_typed",
        "position",
        "erased_by",
    },
    "waiting_suppressions": {"digest", "owed", "since", "code"},
    "visitor_names": {"digest", "stream_id"},
}
"""Where digests of names are kept: persons' in all tables but the last, browsers' in that one, and no way across."""

_TABLES: Final = (
    "SELECT relname, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid "
    "WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'v', 'm', 'p') AND attnum > 0 "
    "AND NOT attisdropped ORDER BY 1, 2"
)
_KEYS: Final = (
    "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint "
    "WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
)
_WHERE_STREAMS_ARE: Final = "SELECT stream_id FROM {} WHERE stream_id = ANY (%s)"
APART: Final = {
    *("names", "api_keys", "stream_keys", "suppressions", "policies", "migrations", "ledger", "head"),
    *("contact_points", "contact_bindings", "proposed_names", "tombstones", "value_keys", "waiting_suppressions"),
    *("webhooks", "webhook_secrets", "webhook_deliveries"),
}
"""Tables of the ledger in which nothing of a browser is; the others hold rows of its own, or say nothing of anybody."""
OWN: Final = {"events", "facts", "fact_places", "visitor_names", "projection_checkpoints", "projection_rebuilds"}


def test_what_the_events_of_a_browser_say() -> None:
    """These codes and no others: no customer, no reference, no account, and nothing sealed that could hold one."""
    for event in TOPICS.values():
        if event.stream_kind != VISITOR:
            continue
        allowed = OF_REFUSALS if issubclass(event, Refusal) else CODES.get(event, set())
        assert set(event.coded) == allowed, event.topic
        assert event.sealed == (), event.topic


def test_what_the_events_of_a_person_say() -> None:
    """No field is named after a browser or a cookie."""
    for event in TOPICS.values():
        if event.stream_kind == CUSTOMER:
            told = {*event.coded, *event.sealed}
            assert not [
                name for name in told if any(word in name for word in ("visitor", "cookie", "browser", "device"))
            ]


def test_what_facts_about_a_browser_can_name() -> None:
    """None takes the name of a person: neither as its subject, nor beside it, nor within."""
    for word in EXAMPLES:
        shape, data = SHAPES[f"pledger.{word}.v1"]
        schema = json.dumps(TypeAdapter(data).json_schema())
        if shape is VisitorFact:
            assert not {"also", "source", "reference", "customer", "account"} & set(data.model_fields), word
            assert "customer" not in schema
        elif "also" in data.model_fields:
            also = (("visitor:abc", "must be email"), (verified("visitor:abc"), "nothing links a visitor"))
            for named, refused in also:
                with pytest.raises(MalformedFact, match=refused):
                    parse_fact(raw_example(word, also=[named]))


def test_to_what_a_browser_was_linked_is_dropped() -> None:
    """The same link to anybody has the same content, and makes the same event, so neither tells who it was."""
    facts = [parse_fact(raw_example("identifier_linked", to=to)) for to in ("customer:1", "email:ada@example.org")]
    assert facts[0].content() == facts[1].content()
    assert set(TOPICS["IdentifierLinked.v1"].model_fields) == set(ENVELOPE)


def test_the_same_text_as_a_persons_name_and_as_a_browsers(installation: Installation) -> None:
    """Its digests differ in each kind, since browsers' are made with another key."""
    keyring = installation.keyring
    digests = {keyring.name(Subject(kind, "17850")) for kind in ("visitor", "customer", "email", "order")}
    assert len(digests) == 4
    assert keyring.name(Subject("visitor", "customer:17850")) != keyring.name(Subject("customer", "17850"))
    assert _digest_keys(keyring)["_visitors"] != _digest_keys(keyring)["_customers"]


def _digest_keys(keyring: Keyring) -> dict[str, Any]:
    return {name: getattr(keyring, name) for name in ("_visitors", "_customers")}


def test_no_table_holds_both(installation: Installation) -> None:
    """A browser and a person of the same name do things, and no row but an event of its own is about a browser."""
    word = "17850"
    cookie: dict[str, Any] = {"cookie": "c", "purpose": "track_visits", "categories": [], "area": "rings"}
    cookie["correlation"] = cookie["causation"] = "session-1"
    told = [
        order(1, subject=f"customer:{word}", correlation="session-1", causation="session-1"),
        fact("cookie_set", 2, cookie, subject=f"visitor:{word}"),
        fact("identifier_linked", 3, {"to": f"customer:{word}"}, subject=f"visitor:{word}"),
        order(4, subject="customer:2", values={"user.contact.email": f"{word}@example.com"}, fact_id="order-2"),
        fact("opt_out", 5, {"program": "email_marketing", "via": "portal"}, subject="customer:2"),
        fact("erasure", 6, {"reason": "asked"}, subject="customer:2"),
    ]
    assert all(isinstance(answer, Receipt) for answer in installation.ledger.append_many(told))
    with installation.connect() as connection:
        engine.prepare(connection)
        engine.catch_up(connection)
        count(connection, installation.keyring, CountQuery(Counted.VISITORS, (), 100))
        assert_apart(connection)


def assert_apart(connection: psycopg.Connection[Any]) -> None:
    """Assert that no column, no key between tables and no row of the ledger joins a browser and a person."""
    columns: dict[str, set[str]] = {}
    for table, column in connection.execute(_TABLES).fetchall():
        columns.setdefault(table, set()).add(column)
    assert connection.execute(_KEYS).fetchall() == []
    for table, expected in LOOKUPS.items():
        assert columns[table] == expected, table
    for table, names in columns.items():
        assert table == "visitor_names" or not [name for name in names if "visitor" in name], table
    assert columns.keys() == APART | OWN | {one.name for one in engine.PROJECTIONS}
    digests = {table: connection.execute(f"SELECT digest FROM {table}").fetchall() for table in LOOKUPS}  # noqa: S608 - the table names stand above
    of_browsers = set(digests.pop("visitor_names"))
    for table, of_people in digests.items():
        assert not set(of_people) & of_browsers, table
    browsers = [stream for (stream,) in connection.execute("SELECT stream_id FROM visitor_names").fetchall()]
    assert browsers
    for table, names in columns.items():
        if "stream_id" in names and table not in OWN:
            assert connection.execute(_WHERE_STREAMS_ARE.format(table), [browsers]).fetchall() == [], table
    others = "SELECT data::text FROM events WHERE NOT stream_id = ANY (%s)"
    ours = "SELECT data::text, sealed FROM events WHERE stream_id = ANY (%s)"
    everybody = "SELECT stream_id::text FROM events WHERE NOT stream_id = ANY (%s)"
    people = [person for (person,) in connection.execute(everybody, [browsers]).fetchall()]
    for (said,) in connection.execute(others, [browsers]).fetchall():
        assert not any(str(stream) in said for stream in browsers)
    for said, *beside in connection.execute(ours, [browsers]).fetchall():
        assert beside == [None]
        assert not any(person in said for person in people)


PLANTED: Final = (
    "ALTER TABLE visitor_names ADD COLUMN customer_id uuid",
    "ALTER TABLE names ADD COLUMN visitor_id uuid",
    "ALTER TABLE holdings ADD COLUMN last_visitor uuid",
    "CREATE TABLE sessions (browser uuid, person uuid)",
    "CREATE VIEW seen AS SELECT stream_id FROM visitor_names",
    (
        "ALTER TABLE names ADD UNIQUE (stream_id); "
        "ALTER TABLE visitor_names ADD FOREIGN KEY (stream_id) REFERENCES names (stream_id) NOT VALID"
    ),
    "INSERT INTO names SELECT digest, now(), stream_id, false FROM visitor_names",
    "INSERT INTO contact_points SELECT stream_id, 1, 'email', digest, 1, digest FROM visitor_names",
    "INSERT INTO contact_bindings SELECT digest, 'email_marketing', true, now(), 1, '' FROM visitor_names",
    "INSERT INTO suppressions SELECT digest, 'under_13', now(), now() FROM visitor_names",
    (
        "INSERT INTO tombstones "
        "SELECT digest, now(), gen_random_uuid(), now(), false, false, '', now(), false, 1 FROM visitor_names"
    ),
    "INSERT INTO stream_keys SELECT stream_id, 'key', 'wrapped' FROM visitor_names",
)


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_link_is_found(installation: Installation, planted: str) -> None:
    """Each way to join a browser and a person in the database, put there by its owner, makes the test above fail."""
    cookie = {"cookie": "c", "purpose": "track_visits", "categories": ["user.device.cookie_id"]}
    installation.ledger.append_many([order(1), fact("cookie_set", 2, cookie, subject="visitor:1")])
    with installation.connect() as connection:
        engine.prepare(connection)
        assert_apart(connection)
        with installation.database.connect_as_owner() as owner:
            owner.execute(f"SET search_path = {installation.settings.ledger}; {planted}")
            owner.commit()
        with pytest.raises(AssertionError):
            assert_apart(connection)
