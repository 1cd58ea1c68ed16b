"""The commands of `pledger`, in the groups that `pledger --help` shows.

Every command that shows data takes `--format json`. README.md beside this file lists the keys of each document; they
are a contract. Settings come from the environment (`adapters.settings`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import typer

from adapters.cli import imports, keys, links, notice, policy, relay, webhooks
from adapters.cli.activity import activity
from adapters.cli.annul import annul
from adapters.cli.append import append
from adapters.cli.audit import audit
from adapters.cli.changes import changes
from adapters.cli.company import company
from adapters.cli.demo import demo
from adapters.cli.doctor import doctor
from adapters.cli.explain import explain
from adapters.cli.holdings import holdings
from adapters.cli.incident import incident
from adapters.cli.init import init, migrate
from adapters.cli.projections import follow, projections, rebuild
from adapters.cli.reconcile import reconcile
from adapters.cli.report import report
from adapters.cli.requests import requests
from adapters.cli.send import send
from adapters.cli.serve import serve
from adapters.cli.sharing import sharing
from adapters.cli.statistics import statistics
from adapters.cli.status import status
from adapters.cli.subscriptions import subscriptions
from adapters.cli.suppressions import suppressions
from adapters.cli.unsubscribe_links import unsubscribe_links
from adapters.cli.worker import worker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

app = typer.Typer(
    name="pledger",
    help="A ledger of what a company does with its customers' personal data.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)

PANELS: Final[Mapping[str, tuple[Callable[..., None] | tuple[str, typer.Typer], ...]]] = {
    "Start": (init, demo, status),
    "Facts in": (append, send, ("import", imports.app), ("relay", relay.app)),
    "Answers about people": (
        subscriptions,
        sharing,
        holdings,
        report,
        requests,
        suppressions,
        annul,
        ("links", links.app),
        unsubscribe_links,
    ),
    "The company": (company, activity, statistics, incident, ("notice", notice.app)),
    "Audit and policy": (audit, changes, explain, reconcile, ("policy", policy.app)),
    "Read models": (projections, rebuild, follow),
    "Server and services": (serve, worker, ("keys", keys.app), ("webhooks", webhooks.app)),
    "Checks and migrations": (doctor, migrate),
}
"""The commands, and the groups of commands with their names, by the panel of the help that shows them."""

for panel, members in PANELS.items():
    for member in members:
        if isinstance(member, tuple):
            name, group = member
            app.add_typer(group, name=name, rich_help_panel=panel)
        else:
            app.command(rich_help_panel=panel)(member)
