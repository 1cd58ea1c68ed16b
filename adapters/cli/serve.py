"""Commands about the server: serve, and the keys by which it lets anybody in."""

from __future__ import annotations

import logging
import sys
from datetime import timedelta
from typing import Annotated, Any

import typer

from adapters import bootstrap
from adapters.api_keys import keys as api_keys
from adapters.api_keys.roles import Role, Scope
from adapters.cli.console import Format, FormatOption, print_json, say, shown, told
from adapters.cli.tables import print_table
from adapters.http.serving import serve as run_server
from adapters.ledger import utc_now
from adapters.queries.keys import key as key_document
from adapters.settings import load_settings

HostOption = Annotated[str, typer.Option("--host", help="The address to listen at; 0.0.0.0 is every one.")]
PortOption = Annotated[int, typer.Option("--port", min=0, max=65_535, help="0 lets the system choose one.")]
FollowOption = Annotated[
    bool,
    typer.Option(
        "--follow/--no-follow",
        help="Keep the read models up to date and tell webhooks as well, unless pledger worker does.",
    ),
]
LabelArgument = Annotated[str, typer.Argument(help="Who holds it, such as checkout; events name it as their actor.")]
RoleOption = Annotated[Role, typer.Option("--role", help="What the holder does.")]
SourceOption = Annotated[
    list[str] | None, typer.Option("--source", help="Only facts from this source; may be repeated.")
]
PointOption = Annotated[list[str] | None, typer.Option("--collection-point", help="Only data asked for here.")]
PurposeOption = Annotated[list[str] | None, typer.Option("--purpose", help="Only for this purpose.")]
RecipientOption = Annotated[list[str] | None, typer.Option("--recipient", help="Only to this recipient.")]
SealedOption = Annotated[
    bool, typer.Option("--sealed-values", help="Grant an auditor the reading of personal values; each is recorded.")
]
DaysOption = Annotated[int | None, typer.Option("--days", min=1, max=36_500, help="It ends after so many days.")]
KeyArgument = Annotated[str, typer.Argument(help="Its name: the eight digits after plk_.")]


@told
def serve(host: HostOption = "127.0.0.1", port: PortOption = 8080, follow: FollowOption = True) -> None:  # noqa: FBT002 - how typer knows an option
    """Serve the ledger over HTTP, until Ctrl-C or SIGTERM. GET /openapi.json says what there is."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    with bootstrap.opened(load_settings()) as installation:
        run_server(installation, host, port, lambda address: say(f"Listening at {address}"), follows=follow)


@told
def create(  # noqa: PLR0913, PLR0917 - one argument an option
    label: LabelArgument,
    role: RoleOption,
    source: SourceOption = None,
    collection_point: PointOption = None,
    purpose: PurposeOption = None,
    recipient: RecipientOption = None,
    sealed_values: SealedOption = False,  # noqa: FBT002 - how typer knows an option
    days: DaysOption = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Make a key for the server, and show it; nobody can show it again."""
    scope = Scope(
        sources=_words(source),
        collection_points=_words(collection_point),
        purposes=_words(purpose),
        recipients=_words(recipient),
        sealed_values=sealed_values,
    )
    now = utc_now()
    with bootstrap.opened(load_settings()) as installation, installation.connect() as connection:
        expires_at = None if days is None else now + timedelta(days=days)
        secret, key = api_keys.create(connection, label, role, scope, now=now, expires_at=expires_at)
    if format_ is Format.JSON:
        print_json({"key": secret, **key_document(key)})
    else:
        say(secret)
        say(f"That is the key of {label}, with the role {role.value}. It is shown this once and never again.")


@told
def listed(format_: FormatOption = Format.TABLE) -> None:
    """Show the keys that there are, without what would let anybody use them."""
    with bootstrap.opened(load_settings()) as installation, installation.connect() as connection:
        found = api_keys.list_keys(connection)
    if format_ is Format.JSON:
        print_json({"keys": [key_document(key) for key in found]})
        return
    now = utc_now()
    rows = [
        (key.key_id, key.label, key.role.value, _scoped(key.scope), shown(key.created_at), _state(key, now))
        for key in found
    ]
    print_table("Keys", ("name", "holder", "role", "for", "made", "state"), rows)


@told
def revoke(key: KeyArgument, format_: FormatOption = Format.TABLE) -> None:
    """End a key for good; servers refuse it within two seconds."""
    with bootstrap.opened(load_settings()) as installation, installation.connect() as connection:
        api_keys.revoke(connection, key, utc_now())
    if format_ is Format.JSON:
        print_json({"revoked": key})
    else:
        say(f"The key {key} lets nobody in any more.")


def _words(given: list[str] | None) -> tuple[str, ...] | None:
    return tuple(dict.fromkeys(given)) if given else None


def _scoped(scope: Scope) -> str:
    bounds = scope.model_dump(exclude={"sealed_values"})
    told = [f"{name.replace('_', ' ')}: {', '.join(words)}" for name, words in bounds.items() if words]
    if scope.sealed_values:
        told.append("sealed values, too")
    return "; ".join(told) or "all that the role may"


def _state(key: api_keys.ApiKey, now: Any) -> str:  # noqa: ANN401 - a time
    if key.revoked_at:
        return f"revoked {shown(key.revoked_at)}"
    if key.expires_at:
        return f"{'ended' if key.expires_at <= now else 'until'} {shown(key.expires_at)}"
    return "in use"
