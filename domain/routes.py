"""Which programs a collection itself enrolls into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.vocabulary import CONTACT_OF_PROGRAM, Act, Cause, Program, gives

if TYPE_CHECKING:
    from collections.abc import Container, Iterable


def routes(
    act: Act, categories: Iterable[str], requests: Iterable[str], unread: Container[str] = ()
) -> dict[Program, Cause]:
    """Return the programs into which a collection itself enrolls, each with its cause.

    The collection must hold the contact that the program needs. Nobody can be mailed at what is no address, so the
    `unread` categories open no program that writes to one. A gift, an inbound message, a registration without requests
    and an account enroll nobody. Source: the wire contract, "Enrollment is ours on collection".
    """
    match act:
        case Act.CONTEST_ENTRY:
            wanted = {Program.EMAIL_MARKETING: Cause.CONTEST_ENTRY}
        case Act.PROMOTIONAL_REQUEST:
            wanted = {Program.EMAIL_MARKETING: Cause.PROMOTIONAL_REQUEST}
        case Act.ORDER:
            wanted = {Program.EMAIL_MARKETING: Cause.PURCHASE}
        case Act.CATALOG_REQUEST:
            wanted = {Program.PHYSICAL_MAILINGS: Cause.CATALOG_REQUEST}
        case Act.REGISTRATION:
            asked = {"catalog": Program.PHYSICAL_MAILINGS, "updates": Program.EMAIL_MARKETING}
            wanted = {asked[request]: Cause.REGISTRATION for request in requests}
        case _:
            return {}
    given = tuple(categories)
    read = tuple(one for one in given if one not in unread)
    of_program = {Program.EMAIL_MARKETING: read, Program.PHYSICAL_MAILINGS: given}
    return {
        program: cause for program, cause in wanted.items() if gives(of_program[program], CONTACT_OF_PROGRAM[program])
    }
