"""`pledger unsubscribe-links`: the header fields and the footer link of one message, to try out or send by hand."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer

from adapters import bootstrap
from adapters.cli.console import Format, FormatOption, print_json, reports_errors, say
from adapters.settings import load_settings
from adapters.unsubscribe import Unsubscriber
from domain.vocabulary import Program

SubjectArgument = Annotated[str, typer.Argument(help="The customer: email:…, customer:…, order:… or id:….")]
ProgramOption = Annotated[Program, typer.Option("--program", help="The program that the link ends.")]
BaseUrlOption = Annotated[str, typer.Option("--base-url", help="The public HTTPS address of pledger serve.")]
MessageOption = Annotated[
    str, typer.Option("--message-id", help="The message's id; the opt-out names it as its cause.", show_default=False)
]
ToOption = Annotated[
    str | None,
    typer.Option("--to", help="The address of the message, if no address names the customer: a click opts it out."),
]


@reports_errors
def unsubscribe_links(  # noqa: PLR0913, PLR0917 - the options of the command
    subject: SubjectArgument,
    program: ProgramOption,
    base_url: BaseUrlOption,
    message_id: MessageOption = "",
    to: ToOption = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Show the unsubscribe links of a message.

    These are the header fields of RFC 8058, and the link for the bottom of the message.
    """
    with bootstrap.opened(load_settings()) as installation, closing(Unsubscriber(installation)) as unsubscriber:
        links = unsubscriber.headers_for(subject, program, base_url, message_id, to)
    if format_ is Format.JSON:
        print_json({"headers": dict(links.headers), "footer_url": links.footer_url})
        return
    say("Header fields, to be covered by the DKIM signature, each on a line that stays whole:\n")
    for name, value in links.headers.items():
        say(f"{name}: {value}")
    say("\nThe link for the bottom of the message, which shows a page with a button:\n")
    say(links.footer_url)
