"""Options that several commands share: a moment, a customer, a period, a trace and a policy file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from domain.errors import PledgerError
from domain.facts.patterns import CODE_MAX, is_code, is_open_word
from projections.as_of import POSITION_MAX, BadAsOf, parse_as_of

AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of", help="Answer as of a position (what was known then) or a time (what had happened by then)."
    ),
]
AtLeastOption = Annotated[
    int,
    typer.Option(
        "--at-least",
        min=0,
        max=POSITION_MAX,
        show_default=False,
        help="Wait until the answer includes this position, as an append returns it. Refused if the log is shorter.",
    ),
]
CustomerArgument = Annotated[str, typer.Argument(help="customer:17850, email:…, order:… or id:….")]
FromOption = Annotated[
    str | None,
    typer.Option("--from", help="List only what happened at this time or later; what came before still counts."),
]
ToOption = Annotated[str | None, typer.Option("--to", help="Only what happened up to this time.")]
TraceOption = Annotated[
    Path | None,
    typer.Option("--trace", help="Judge this file of facts, one CloudEvent a line, instead of the ledger; - is stdin."),
]
PolicyOption = Annotated[Path | None, typer.Option("--policy", help="Judge by this policy file.")]


class BadOption(PledgerError):
    """The value of an option cannot be used."""

    code = "bad_option"


class OptionsDisagree(PledgerError):
    """Two options contradict each other, or one cannot be read."""

    code = "options_disagree"


def parse_period(since: str | None, until: str | None) -> tuple[datetime | None, datetime | None]:
    """Read --from and --to. Raises `OptionsDisagree`."""
    begins, ends = _parse_time(since, "--from"), _parse_time(until, "--to")
    if begins and ends and begins > ends:
        raise OptionsDisagree("--from and --to disagree.", "the period ends before it begins.", "Swap them.")
    return begins, ends


def _parse_time(text: str | None, option: str) -> datetime | None:
    try:
        moment = parse_as_of(text)
        why = "it is a number, and a period is one of time."
    except BadAsOf as error:
        moment, why = 0, error.why
    if isinstance(moment, int):
        raise OptionsDisagree(f"{option} cannot be read.", why, "Give a time such as 2016-04-02T10:15:00Z.")
    return moment


def check_word(option: str, value: str | None, *, is_open: bool = False) -> None:
    """Refuse an option's value that the wire contract does not allow as a code. Raises `BadOption`.

    With `is_open` it is a purpose or a recipient.
    """
    if value is None:
        return
    if not value:
        why = "it is empty."
    elif len(value) > CODE_MAX:
        why = f"it has {len(value)} characters, and a code has at most {CODE_MAX}."
    elif any("\ud800" <= character <= "\udfff" for character in value):
        why = "it is not UTF-8."
    elif is_open and not is_open_word(value):
        why = (
            "a recipient is a word of at most 64 small letters, digits, _, . and -, without five digits in a row: it "
            "stays in the clear."
        )
    elif not is_open and not is_code(value):
        why = "a code has letters, digits, _, ., /, : and -, without five digits in a row: it stays in the clear."
    else:
        return
    form = "a word such as carrier or dhl" if is_open else "a code such as checkout or 2016-03-14"
    raise BadOption(
        f"Nothing was imported: the value of {option} cannot be used.",
        why,
        f"Give it {form}, or leave {option} out.",
    )
