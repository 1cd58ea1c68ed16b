"""A collection enrolls the person themself, by its own cause, only where the contact is there."""

from __future__ import annotations

import pytest

from domain.events.customer import CustomerEnrolled, CustomerRegistered, DataCollected
from domain.vocabulary import Cause, Program
from tests.controls import EMAIL_ONLY, POSTAL_ONLY, collection, named
from tests.scenario import Shop

EMAIL, POST = Program.EMAIL_MARKETING, Program.PHYSICAL_MAILINGS


@pytest.mark.parametrize(
    ("act", "program", "cause"),
    [
        ("contest_entry", EMAIL, Cause.CONTEST_ENTRY),
        ("promotional_request", EMAIL, Cause.PROMOTIONAL_REQUEST),
        ("order", EMAIL, Cause.PURCHASE),
        ("catalog_request", POST, Cause.CATALOG_REQUEST),
    ],
)
def test_act_enrolls_in_its_program(act: str, program: Program, cause: Cause) -> None:
    """Each enrolling act enrolls once, under the name, time and reference of the collection that it relies on."""
    outcome = Shop().when(collection(act, 1)).then(DataCollected, CustomerEnrolled).assert_breaks()
    enrolled = outcome.the(CustomerEnrolled)
    assert (enrolled.program, enrolled.cause) == (program, cause)
    assert outcome.relied(CustomerEnrolled) == (named(act, 1),)
    assert enrolled.fact == named(act, 1)
    assert enrolled.reference == f"{act}-1"
    assert enrolled.originator_version == 2


@pytest.mark.parametrize("act", ["contest_entry", "promotional_request", "order"])
def test_without_an_email_address_nobody_is_enrolled(act: str) -> None:
    """A postal address alone puts nobody into e-mail marketing."""
    Shop().when(collection(act, 1, values=POSTAL_ONLY)).then(DataCollected).assert_breaks()


def test_without_a_postal_address_no_catalog_request_enrolls() -> None:
    """An e-mail address alone puts nobody into physical mailings."""
    Shop().when(collection("catalog_request", 1, values=EMAIL_ONLY)).then(DataCollected).assert_breaks()


def test_a_part_of_a_postal_address_is_one() -> None:
    """A street is a postal address on dot boundaries, and a broad contact is no particular one."""
    street = {"user.contact.address.street": "1 Lantern Row"}
    Shop().when(collection("catalog_request", 1, values=street)).then(DataCollected, CustomerEnrolled)
    Shop().when(collection("order", 1, values={"user.contact": "somehow"})).then(DataCollected)


@pytest.mark.parametrize(
    ("requests", "programs"),
    [((), set()), (("catalog",), {POST}), (("updates",), {EMAIL}), (("catalog", "updates"), {EMAIL, POST})],
)
def test_registration_enrolls_as_asked(requests: tuple[str, ...], programs: set[Program]) -> None:
    """A registration registers, and enrolls in what its form asked for and in nothing else."""
    outcome = Shop().when(collection("registration", 1, requests=requests))
    outcome.then(DataCollected, CustomerRegistered, *[CustomerEnrolled] * len(programs)).assert_breaks()
    enrolled = [event for event in outcome.events if isinstance(event, CustomerEnrolled)]
    assert {event.program for event in enrolled} == programs
    assert {event.cause for event in enrolled} <= {Cause.REGISTRATION}


def test_registration_enrolls_only_where_the_contact_is() -> None:
    """Asked for both and given an e-mail address, a registration enrolls in e-mail marketing alone."""
    outcome = Shop().when(collection("registration", 1, requests=["catalog", "updates"], values=EMAIL_ONLY))
    assert outcome.the(CustomerEnrolled).program is EMAIL


def test_held_elsewhere_is_given_all_the_same() -> None:
    """An address that another system holds enrolls like one that is held here."""
    held = {"user.contact.email": None}
    Shop().when(collection("order", 1, values=held, held_in="shop")).then(DataCollected, CustomerEnrolled)
