"""What a receipt says beside findings, in words: values that match nobody, names not linked, what was left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from domain.naming import by_name
from domain.vocabulary import LinkRefusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from uuid import UUID

    from adapters.ledger.receipt import Receipt

NOT_LINKED: Final[Mapping[LinkRefusal, str]] = {
    LinkRefusal.NOT_VOUCHED: "the sender may not vouch for who somebody is",
    LinkRefusal.TOO_MANY_STREAMS: "one person would have more records than a person can have",
    LinkRefusal.SECOND_PERSON: "the address is linked to one person already",
    LinkRefusal.ERASED: "the person of the other name was erased",
    LinkRefusal.NOT_LINKED: "two were to be parted who were not one person, so nothing was undone",
}
"""Why names were not linked."""

AWAITS: Final = (
    "What it corrects is not on this person's record, so nothing was corrected. It counts once that fact is told of "
    "this person. Correct a fact of another person under a name of theirs; of somebody erased nothing can be corrected."
)


def notes_of(receipt: Receipt, *, names_streams: bool) -> Iterator[str]:
    """Yield what a receipt says beside findings; `names_streams`: to somebody who may learn of others' records."""
    if receipt.unread:
        held = ", ".join(receipt.unread)
        yield f"The value of {held} is not one address or number. It is stored, and matches nobody."
    for because in receipt.not_linked:
        yield f"Nobody was linked or parted: {NOT_LINKED[because]}. The fact itself is stored."
    if receipt.awaits:
        yield AWAITS
    reach = receipt.reach
    if reach.took_later:
        yield "Facts of a later time than the erasure's were told before it, and went with it."
    if names_streams and len(reach.erased) > 1:
        yield f"The person had {len(reach.erased)} records, and all were erased: {ids(reach.erased)}."
    if names_streams and reach.left:
        yield (
            f"Only one record was erased. The person goes on with others, {ids(reach.left)}: what they asked to have "
            "forgotten stays open until each of them is erased, too."
        )
    elsewhere = [stream for stream in reach.elsewhere if stream not in reach.left]
    if names_streams and elsewhere:
        yield (
            f"The request stays open: addresses of the person stand on other records, {ids(elsewhere)}. Include "
            "each of them, or say that it is another's by pledger links reject."
        )


def ids(streams: Iterable[UUID]) -> str:
    """Return the names of streams, as facts and questions take them."""
    return ", ".join(f"id:{stream}" for stream in streams)


def beside(receipt: Receipt, *, names_streams: bool) -> dict[str, Any]:
    """Return what a receipt says beside findings, as JSON has it.

    That addresses of the person stand on other records, and on which, is only for those who may learn of them: to
    anybody else it would tell whether somebody typed a stranger's address.
    """
    reach = receipt.reach
    document: dict[str, Any] = {
        "unread": list(receipt.unread),
        "not_linked": list(receipt.not_linked),
        "later": by_name(receipt.later),
        "took_later": reach.took_later,
        "notes": list(notes_of(receipt, names_streams=names_streams)),
    }
    if names_streams:
        document["stays_open"] = bool(reach.elsewhere)
        document["erased"] = [f"id:{stream}" for stream in reach.erased]
        document["elsewhere"] = [f"id:{stream}" for stream in reach.elsewhere]
        document["left"] = [f"id:{stream}" for stream in reach.left]
    return document
