"""Contact points among values: which categories hold them, and what is named as unread."""

from __future__ import annotations

from adapters.addresses import LibraryAddresses
from domain.facts.contact_values import contacts_in
from domain.facts.fields import Subject
from domain.vocabulary import ADDRESS, CONTACT, DATA_CATEGORIES, EMAIL, NAME, PAYMENT, PHONE

READER = LibraryAddresses("AT")
ADA = Subject("email", "ada@example.org")


def test_an_address_and_a_number_are_read_in_their_forms() -> None:
    """Each under its own category; what another system holds is neither read nor named."""
    found = contacts_in({EMAIL: "Ada@Example.org", PHONE: "0664 1234567", NAME: "Ada", PAYMENT: None}, READER)
    assert found == ({EMAIL: ADA, PHONE: Subject("phone", "+436641234567")}, ())
    assert contacts_in({EMAIL: None, PHONE: None}, READER) == ({}, ())


def test_what_is_no_address_is_named_by_its_category() -> None:
    """So is a value with two addresses, of which none is read, and a kind under the other kind's category."""
    for email in ("n/a", "", "ada@example.org, bo@example.org", "Ada <ada@example.org>", "+436641234567"):
        assert contacts_in({EMAIL: email, PHONE: "+436641234567"}, READER).unread == (EMAIL,), email
    for phone in ("0", "+43 664 1234567 / +43 664 7654321", "ask at the desk", "ada@example.org"):
        assert contacts_in({EMAIL: "ada@example.org", PHONE: phone}, READER) == ({EMAIL: ADA}, (PHONE,)), phone


def test_a_category_above_stands_for_what_is_below_it() -> None:
    """Its value may be either kind, a number in international form only; else it is named, as it may hide one."""
    for above in (CONTACT, "user"):
        assert contacts_in({above: " ada@example.org"}, READER).points == {above: ADA}
        assert contacts_in({above: "+43 664 1234567"}, READER).points == {above: Subject("phone", "+436641234567")}
        for text in ("0664 1234567", "1010", "1 Quay Lane", '{"email": "ada@example.org"}'):
            assert contacts_in({above: text}, READER) == ({}, (above,)), text


def test_no_other_category_holds_a_contact_point() -> None:
    """Neither a user name that looks like an address, nor a fax number, nor a postal address."""
    others = DATA_CATEGORIES - {EMAIL, PHONE, CONTACT, "user"}
    assert {"user.account", "user.account.username", "user.contact.fax_number", ADDRESS} <= others
    for text in ("ada@example.org", "+436641234567"):
        assert contacts_in(dict.fromkeys(others, text), READER) == ({}, ())
