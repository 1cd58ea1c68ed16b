"""One value in the text of a report, and text that somebody typed without what does not print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.times import screen_time

if TYPE_CHECKING:
    from projections.access_report import parts


def clean(text: str) -> str:
    """Return text that somebody typed without characters that do not print."""
    return "".join(character if character.isprintable() else " " for character in text)


def shown_value(value: parts.Value) -> str:
    """Return what stands in the place of a value: the value itself, or why it is not there."""
    match value.state:
        case "held":
            return clean(value.value or "")
        case "held_elsewhere":
            return f"held in {value.held_in}" if value.held_in else "held in another system"
        case "withheld":
            return "withheld: the company knew you to be a child, and kept no value"
        case "deleted" | "anonymised" if value.deleted:
            there = f" in {clean(value.held_in)}" if value.held_in else ""
            because = f", because: {clean(value.deleted.reason)}" if value.deleted.reason else ""
            return f"{value.state}{there} on {screen_time(value.deleted.at)} ({value.deleted.fact}){because}"
        case _:
            elsewhere = f"; if it was not given here, it is held in {value.held_in}" if value.held_in else ""
            return f"not opened for this report{elsewhere}"
