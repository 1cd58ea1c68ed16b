"""`pledger keys`: the API keys by which the server lets services and people in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from adapters.api_keys import keys
from adapters.api_keys.roles import Role, Scope
from adapters.cli.console import Format, FormatOption, print_document, print_json, reports_errors, say, shown
from adapters.cli.session import open_ledger
from adapters.cli.tables import print_table
from adapters.ledger import utc_now
from adapters.queries.keys import KeyDocument, KeyDocuments, api_keys, key_document

app = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True)

LabelArgument = Annotated[
    str, typer.Argument(help="Who holds the key, such as checkout; events name it as their actor.")
]
RoleOption = Annotated[Role, typer.Option("--role", help="What the holder does.")]
SourceOption = Annotated[
    list[str] | None,
    typer.Option("--source", help="Only facts from this source, and corrections of its entries; may be repeated."),
]
PointOption = Annotated[list[str] | None, typer.Option("--collection-point", help="Only data asked for here.")]
PurposeOption = Annotated[list[str] | None, typer.Option("--purpose", help="Only for this purpose.")]
RecipientOption = Annotated[list[str] | None, typer.Option("--recipient", help="Only to this recipient.")]
SealedOption = Annotated[
    bool,
    typer.Option("--sealed-values", help="Let an auditor read personal values; each report that is read is recorded."),
]
VouchOption = Annotated[
    bool,
    typer.Option("--vouch", help="Let a service say whom it has verified: link names, speak for who has an address."),
]
DaysOption = Annotated[int | None, typer.Option("--days", min=1, max=36_500, help="The key ends after so many days.")]
KeyArgument = Annotated[str, typer.Argument(help="The key's name: the eight digits after plk_.")]


@app.command()
@reports_errors
def create(  # noqa: PLR0913, PLR0917 - one argument an option
    label: LabelArgument,
    role: RoleOption,
    source: SourceOption = None,
    collection_point: PointOption = None,
    purpose: PurposeOption = None,
    recipient: RecipientOption = None,
    sealed_values: SealedOption = False,  # noqa: FBT002 - how typer knows an option
    vouch: VouchOption = False,  # noqa: FBT002 - how typer knows an option
    days: DaysOption = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Make an API key, and show it this once."""
    scope = Scope(
        sources=_words(source),
        collection_points=_words(collection_point),
        purposes=_words(purpose),
        recipients=_words(recipient),
        sealed_values=sealed_values,
        vouch=vouch,
    )
    with open_ledger() as (_, connection):
        secret, key = keys.create(connection, label, role, scope, now=utc_now(), days=days)
    if format_ is Format.JSON:
        print_json({"key": secret, **key_document(key)})
    else:
        say(secret)
        say(f"That is the key of {label}, with the role {role.value}. It is shown this once and never again.")


@app.command("list")
@reports_errors
def list_keys(format_: FormatOption = Format.TABLE) -> None:
    """Show the API keys, without their secrets."""
    with open_ledger() as (_, connection):
        print_document(api_keys(connection), format_, _show)


@app.command()
@reports_errors
def revoke(key: KeyArgument, format_: FormatOption = Format.TABLE) -> None:
    """End an API key for good.

    Servers refuse it within two seconds.
    """
    with open_ledger() as (_, connection):
        keys.revoke(connection, key, utc_now())
    if format_ is Format.JSON:
        print_json({"revoked": key})
    else:
        say(f"The key {key} lets nobody in any more.")


def _words(given: list[str] | None) -> tuple[str, ...] | None:
    return tuple(dict.fromkeys(given)) if given else None


def _show(document: KeyDocuments) -> None:
    now = utc_now()
    rows = [
        (key["name"], key["label"], key["role"], _scope(key["scope"]), shown(key["created_at"]), _state(key, now))
        for key in document["keys"]
    ]
    print_table("Keys", ("name", "holder", "role", "for", "made", "state"), rows)


def _scope(scope: dict[str, Any]) -> str:
    bounds = [
        f"{name.replace('_', ' ')}: {', '.join(words)}" for name, words in scope.items() if isinstance(words, list)
    ]
    if scope["sealed_values"]:
        bounds.append("sealed values, too")
    if scope["vouch"]:
        bounds.append("may vouch")
    return "; ".join(bounds) or "all that the role may"


def _state(key: KeyDocument, now: datetime) -> str:
    if key["revoked_at"]:
        return f"revoked {shown(key['revoked_at'])}"
    if key["expires_at"]:
        is_over = datetime.fromisoformat(key["expires_at"]) <= now
        return f"{'ended' if is_over else 'until'} {shown(key['expires_at'])}"
    return "in use"
