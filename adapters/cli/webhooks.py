"""`pledger webhooks`: systems that are told of opt-outs, corrections and erasures, and what has not reached them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Any, Final

import typer

from adapters.cli.console import (
    Format,
    FormatOption,
    out,
    print_document,
    print_json,
    reports_errors,
    say,
    shown,
    visible,
)
from adapters.cli.session import open_ledger
from adapters.cli.tables import print_table
from adapters.ledger import utc_now
from adapters.queries.webhooks import waiting_deliveries, webhook, webhook_problem, webhooks
from adapters.webhooks import messages, registry, signing
from adapters.webhooks.messages import MessageKind
from adapters.webhooks.trial import send_trial
from domain.errors import PledgerError
from domain.times import rfc3339
from projections.as_of import POSITION_MAX

app = typer.Typer(help="Tell other systems of opt-outs, corrections, erasures.", no_args_is_help=True)

FOR_COPIES: Final = ",".join(messages.FOR_COPIES)
LIMIT: Final = 1_000
LIMIT_MAX: Final = 100_000
HOURS_MAX: Final = 8_760

UrlArgument = Annotated[str, typer.Argument(metavar="URL", help="Where messages go, such as https://mail.example/in.")]
NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="The webhook's name, as pledger webhooks list shows it.")
]
ForOption = Annotated[
    str,
    typer.Option(
        "--for",
        metavar="KINDS",
        help="What it is told of, separated by commas: opt_out, correction, erasure, verdict_change.",
    ),
]
SinceOption = Annotated[
    int | None,
    typer.Option(min=0, max=POSITION_MAX, help="Begin after this position; 0 sends the whole log.", show_default="now"),
]
HttpOption = Annotated[bool, typer.Option("--allow-http", help="Send unencrypted, on a network of your own.")]
PrivateOption = Annotated[
    bool, typer.Option("--allow-private", help="Let the host be on this machine or in a private network.")
]


class UnknownKind(PledgerError):
    """Unknown event kind for a webhook."""

    code = "unknown_webhook_kind"


@app.command()
@reports_errors
def add(  # noqa: PLR0913, PLR0917 - one argument an option
    url: UrlArgument,
    kinds: ForOption = FOR_COPIES,
    since: SinceOption = None,
    allow_http: HttpOption = False,  # noqa: FBT002 - how typer knows an option
    allow_private: PrivateOption = False,  # noqa: FBT002 - as above
    format_: FormatOption = Format.TABLE,
) -> None:
    """Register a system, and show its secret.

    Messages tell it of what concerns its copies of people's data; the receiver checks them by the secret.
    """
    chosen, now = _kinds(kinds), utc_now()
    with open_ledger() as (installation, connection):
        secret, name = registry.add(
            connection,
            installation.keyring.holder,
            url,
            chosen,
            now=now,
            since=since,
            allows_http=allow_http,
            allows_private=allow_private,
        )
        document = webhook(connection, name, now)
    if format_ is Format.JSON:
        print_json({"secret": signing.display_secret(secret), **document})
        return
    say(signing.display_secret(secret))
    say(f"That is the secret of the webhook {name}; the receiver checks messages by it. It is shown this once.")
    say(f"To try it: pledger webhooks test {name}. Messages go out while pledger serve runs.")


@app.command("list")
@reports_errors
def list_webhooks(format_: FormatOption = Format.TABLE) -> None:
    """Show the webhooks, what they wait for, and faults."""
    with open_ledger() as (_, connection):
        document = webhooks(connection, utc_now())
    print_document(document, format_, _show)


@app.command()
@reports_errors
def waiting(
    name: NameArgument,
    limit: Annotated[int, typer.Option(min=1, max=LIMIT_MAX, help="At most so many.")] = LIMIT,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Show the events that have not reached a webhook.

    They are in order, with when each is tried again, and what was wrong.
    """
    with open_ledger() as (_, connection):
        print_document(waiting_deliveries(connection, name, limit), format_, _show_waiting)


@app.command()
@reports_errors
def retry(name: NameArgument, format_: FormatOption = Format.TABLE) -> None:
    """Enable a webhook again, and retry everything now."""
    with open_ledger() as (_, connection):
        due = registry.retry(connection, name, utc_now())
    if format_ is Format.JSON:
        print_json({"name": name, "due": due})
    else:
        say(f"The webhook {name} is enabled; {due:,} events that it waits for are due now, while pledger serve runs.")


@app.command()
@reports_errors
def rotate(
    name: NameArgument,
    hours: Annotated[int, typer.Option(min=0, max=HOURS_MAX, help="How many hours the old secret signs as well.")] = 24,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Give a webhook a new secret, and show it.

    For a while both secrets sign.
    """
    now = utc_now()
    keeps = timedelta(hours=hours)
    with open_ledger() as (installation, connection):
        secret = registry.rotate(connection, installation.keyring.holder, name, now=now, keeps=keeps)
    if format_ is Format.JSON:
        print_json({"secret": signing.display_secret(secret), "name": name, "old_until": rfc3339(now + keeps)})
        return
    say(signing.display_secret(secret))
    say(f"That is the new secret of the webhook {name}, shown this once. The old one signs until {shown(now + keeps)}.")


@app.command()
@reports_errors
def remove(name: NameArgument, format_: FormatOption = Format.TABLE) -> None:
    """Remove a webhook, with everything that it waits for."""
    with open_ledger() as (_, connection):
        registry.remove(connection, name)
    if format_ is Format.JSON:
        print_json({"removed": name})
    else:
        say(f"The webhook {name} is removed.")


@app.command("test")
@reports_errors
def send_test(name: NameArgument, format_: FormatOption = Format.TABLE) -> None:
    """Send a webhook a signed test message.

    Exit code 1 unless the receiver takes it.
    """
    with open_ledger() as (installation, connection):
        trial = send_trial(installation, connection, name, utc_now())
    if format_ is Format.JSON:
        print_json({"name": name, "id": trial.id, "is_delivered": trial.why is None, "why": trial.why})
    elif trial.why is None:
        say(f"The webhook {name} took the message {trial.id}.")
    else:
        say(f"The webhook {name} did not take the message {trial.id}: {trial.why}.")
    if trial.why is not None:
        raise typer.Exit(1)


def _kinds(text: str) -> list[MessageKind]:
    words = [word.strip() for word in text.split(",")]
    if not_known := [word for word in words if word not in set(MessageKind)]:
        raise UnknownKind(
            "No webhook was made.",
            f"webhooks are told of {_listed(MessageKind)}, and not of {_listed(not_known)}.",
            "Name some of these, separated by commas.",
        )
    return [MessageKind(word) for word in dict.fromkeys(words)]


def _listed(words: Iterable[str]) -> str:
    return ", ".join(repr(str(word)) for word in words)


def _show(document: dict[str, Any]) -> None:
    found = document["webhooks"]
    rows = [
        (one["name"], one["url"], ", ".join(one["for"]), one["delivered"], one["waiting"], one["state"])
        for one in found
    ]
    print_table("Webhooks", ("name", "url", "told of", "delivered", "waiting", "state"), rows)
    for one in found:
        if problem := webhook_problem(one):
            out.print(visible(f"{one['name']}: {problem.what}."))
            say(f"  Do: {problem.hint}")


def _show_waiting(document: dict[str, Any]) -> None:
    name, found = document["name"], document["deliveries"]
    rows = [
        (
            one["position"],
            one["kind"],
            one["customer"],
            one["attempts"],
            shown(one["due_at"]) if one["due_at"] else "not before retry",
            one["failed_by"] or "–",
        )
        for one in found
    ]
    print_table("Not delivered yet", ("position", "kind", "customer", "attempts", "next", "last time"), rows)
    if not document["is_all"]:
        say(f"There are more than {len(found):,}; a greater --limit shows more.")
    if any(one["failed_by"] for one in found):
        say(f"To try all of it now: pledger webhooks retry {name}")
