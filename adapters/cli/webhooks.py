"""The commands webhooks …: whom the ledger tells of opt-outs, corrections and erasures, and what has not arrived."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from datetime import datetime, timedelta
from typing import Annotated, Any, Final
from uuid import uuid4

import typer

from adapters import bootstrap
from adapters.cli.console import Format, FormatOption, out, print_json, say, shown, told, visible
from adapters.cli.tables import print_table
from adapters.ledger import utc_now
from adapters.postgres.connection import translated
from adapters.queries import instant
from adapters.settings import load_settings
from adapters.webhooks import registry, signing
from adapters.webhooks.messages import MessageKind, trial_message
from adapters.webhooks.posting import Poster, WebhookRequest
from adapters.webhooks.registry import WaitingDelivery, Webhook
from domain.errors import PledgerError
from projections.as_of import POSITION_MAX

ALL: Final = ",".join(MessageKind)
LIMIT: Final = 1_000
LIMIT_MAX: Final = 100_000
HOURS_MAX: Final = 8_760

UrlArgument = Annotated[str, typer.Argument(metavar="URL", help="Where messages go, such as https://mail.example/in.")]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Its name, as pledger webhooks list has it.")]
ForOption = Annotated[
    str, typer.Option("--for", metavar="KINDS", help="What it is told of, by commas: opt_out, correction, erasure.")
]
SinceOption = Annotated[
    int | None,
    typer.Option(min=0, max=POSITION_MAX, help="Begin after this position; 0 is all of the log.", show_default="now"),
]
HttpOption = Annotated[bool, typer.Option("--allow-http", help="Send unencrypted, on a network that is yours alone.")]
PrivateOption = Annotated[
    bool, typer.Option("--allow-private", help="The host may be on this machine, or in a private network.")
]


class UnknownKind(PledgerError):
    """A webhook is to be told of something that webhooks are not told of."""

    code = "unknown_webhook_kind"


@told
def add(  # noqa: PLR0913, PLR0917 - one argument an option
    url: UrlArgument,
    kinds: ForOption = ALL,
    since: SinceOption = None,
    allow_http: HttpOption = False,  # noqa: FBT002 - how typer knows an option
    allow_private: PrivateOption = False,  # noqa: FBT002 - as above
    format_: FormatOption = Format.TABLE,
) -> None:
    """Have a system told of what concerns its copies of people's data, and show the secret that signs it."""
    chosen, now = _kinds(kinds), utc_now()
    with bootstrap.opened(load_settings()) as installation, installation.connect() as connection:
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
        (made,) = [one for one in registry.list_webhooks(connection, now) if one.name == name]
    if format_ is Format.JSON:
        print_json({"secret": signing.display_secret(secret), **_document(made, now)})
        return
    say(signing.display_secret(secret))
    say(f"That is the secret of the webhook {name}, by which its messages are checked. It is shown this once.")
    say(f"To try it: pledger webhooks test {name}. Messages go out while pledger serve runs.")


@told
def listed(format_: FormatOption = Format.TABLE) -> None:
    """Show the webhooks that there are, what they wait for, and what is wrong."""
    with bootstrap.opened(load_settings()) as installation, installation.connect() as connection:
        now = utc_now()
        found = registry.list_webhooks(connection, now)
    if format_ is Format.JSON:
        print_json({"webhooks": [_document(one, now) for one in found]})
        return
    rows = [
        (one.name, one.url, ", ".join(one.kinds), one.delivered, one.waiting, registry.state(one, now)) for one in found
    ]
    print_table("Webhooks", ("name", "url", "told of", "delivered", "waiting", "state"), rows)
    for one in found:
        if problem := registry.problem(one, now):
            out.print(visible(f"{one.name}: {problem.what}."))
            say(f"  Do: {problem.hint}")


@told
def waiting(
    name: NameArgument,
    limit: Annotated[int, typer.Option(min=1, max=LIMIT_MAX, help="At most so many.")] = LIMIT,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Show what a webhook has not been told of yet, in order: when it is tried again, and what was wrong."""
    with bootstrap.opened(load_settings()) as installation, installation.connect() as connection:
        found = registry.waiting(connection, name, limit + 1)
    is_all = len(found) <= limit
    if format_ is Format.JSON:
        print_json({"name": name, "is_all": is_all, "deliveries": [_delivery(one) for one in found[:limit]]})
        return
    rows = [
        (one.position, one.kind, f"id:{one.stream}", one.attempts, _next(one), one.failed_by or "–")
        for one in found[:limit]
    ]
    print_table("Not delivered yet", ("position", "kind", "customer", "attempts", "next", "last time"), rows)
    if not is_all:
        say(f"There are more than {limit:,}; a greater --limit shows more.")
    if any(one.failed_by for one in found):
        say(f"To try all of it now: pledger webhooks retry {name}")


@told
def retry(name: NameArgument, format_: FormatOption = Format.TABLE) -> None:
    """Take up a webhook that was disabled, and try all that it waits for now."""
    with bootstrap.opened(load_settings()) as installation, installation.connect() as connection:
        due = registry.retry(connection, name, utc_now())
    if format_ is Format.JSON:
        print_json({"name": name, "due": due})
    else:
        say(f"The webhook {name} is told again; {due:,} that it waited for are due now, while pledger serve runs.")


@told
def rotate(
    name: NameArgument,
    hours: Annotated[int, typer.Option(min=0, max=HOURS_MAX, help="How long the old secret signs as well.")] = 24,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Give a webhook a new secret and show it; for a while messages are signed with both."""
    now = utc_now()
    keeps = timedelta(hours=hours)
    with bootstrap.opened(load_settings()) as installation, installation.connect() as connection:
        secret = registry.rotate(connection, installation.keyring.holder, name, now=now, keeps=keeps)
    if format_ is Format.JSON:
        print_json({"secret": signing.display_secret(secret), "name": name, "old_until": instant(now + keeps)})
        return
    say(signing.display_secret(secret))
    say(f"That is the new secret of the webhook {name}, shown this once. The old one signs until {shown(now + keeps)}.")


@told
def remove(name: NameArgument, format_: FormatOption = Format.TABLE) -> None:
    """Forget a webhook, with all that it has not been told of."""
    with bootstrap.opened(load_settings()) as installation, installation.connect() as connection:
        registry.remove(connection, name)
    if format_ is Format.JSON:
        print_json({"removed": name})
    else:
        say(f"The webhook {name} is told of nothing any more.")


@told
def try_out(name: NameArgument, format_: FormatOption = Format.TABLE) -> None:
    """Send a webhook a signed message that tells of nothing. Exit code 1 unless it is taken."""
    now = utc_now()
    with bootstrap.opened(load_settings()) as installation, installation.connect() as connection, translated():
        url, allows_private = registry.url_of(connection, name)
        secrets = registry.secrets_of(connection, installation.keyring.holder, name, now)
        ledger = installation.identity.ledger_id
    message = trial_message(ledger, uuid4(), now)
    with closing(Poster()) as poster:
        headers = signing.headers(message, now, secrets)
        outcome = poster.post(WebhookRequest(url, allows_private, headers, message.body)).result()
    if format_ is Format.JSON:
        print_json({"name": name, "id": message.id, "is_delivered": outcome.why is None, "why": outcome.why})
    elif outcome.why is None:
        say(f"The webhook {name} took the message {message.id}.")
    else:
        say(f"The webhook {name} did not take the message {message.id}: {outcome.why}.")
    if outcome.why is not None:
        raise typer.Exit(1)


def _kinds(text: str) -> list[MessageKind]:
    words = [word.strip() for word in text.split(",")]
    if not_known := [word for word in words if word not in set(MessageKind)]:
        raise UnknownKind(
            "No webhook was made.",
            f"webhooks are told of {_listed(MessageKind)}, and {_listed(not_known)} is none of these.",
            "Name some of these, by commas.",
        )
    return [MessageKind(word) for word in dict.fromkeys(words)]


def _listed(words: Iterable[str]) -> str:
    return ", ".join(repr(str(word)) for word in words)


def _next(one: WaitingDelivery) -> str:
    return shown(one.due_at) if one.due_at else "not before retry"


def _document(one: Webhook, now: datetime) -> dict[str, Any]:
    return {
        "name": one.name,
        "url": one.url,
        "for": [kind.value for kind in one.kinds],
        "state": registry.state(one, now),
        "created_at": instant(one.created_at),
        "position": one.position,
        "delivered": one.delivered,
        "delivered_at": instant(one.delivered_at) if one.delivered_at else None,
        "waiting": one.waiting,
        "waiting_since": instant(one.waiting_since) if one.waiting_since else None,
        "stuck": one.stuck,
        "failures": one.failures,
        "failing_since": instant(one.failing_since) if one.failing_since else None,
        "failed_by": one.failed_by,
        "disabled_at": instant(one.disabled_at) if one.disabled_at else None,
        "disabled_by": one.disabled_by,
        "secrets": one.secrets,
    }


def _delivery(one: WaitingDelivery) -> dict[str, Any]:
    return {
        "position": one.position,
        "kind": one.kind.value,
        "customer": f"id:{one.stream}",
        "attempts": one.attempts,
        "due_at": instant(one.due_at) if one.due_at else None,
        "failing_since": instant(one.failing_since) if one.failing_since else None,
        "failed_by": one.failed_by,
    }
