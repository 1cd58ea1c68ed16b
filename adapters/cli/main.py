"""The commands of `pledger`.

Promise: every command that shows facts takes --format json, whose documents are a contract: README.md beside this file
lists them, and tests/cli holds it.
Settings come from the environment (`adapters.settings`).
"""

from __future__ import annotations

import typer

from adapters.cli import (
    activity as counting,
    audit as auditing,
    company,
    demo as showing,
    doctor,
    explain as explaining,
    imports as importing,
    incident as incidents,
    lists,
    notice as noticing,
    policy as policies,
    projections as operating,
    reading,
    reconcile as reconciling,
    relay as relaying,
    send as sending,
    serve as serving,
    statistics,
    suppressions as suppressing,
    unsubscribe_links as unsubscribing,
    webhooks,
    worker as working,
    writing,
)

app = typer.Typer(
    name="pledger",
    help="A ledger of what a company does with its customers' personal data.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
imports = typer.Typer(help="Append facts from files of other systems.", no_args_is_help=True)
app.add_typer(imports, name="import")
keys = typer.Typer(help="Keys by which the server lets services and people in.", no_args_is_help=True)
app.add_typer(keys, name="keys")
notice = typer.Typer(help="Look at pages for the notices that they must carry.", no_args_is_help=True)
app.add_typer(notice, name="notice")
policy = typer.Typer(help="Look at policy files.", no_args_is_help=True)
app.add_typer(policy, name="policy")
relay_app = typer.Typer(help=relaying.run.__doc__)
app.add_typer(relay_app, name="relay")
webhooks_app = typer.Typer(help="Systems that are told of opt-outs, corrections and erasures.", no_args_is_help=True)
app.add_typer(webhooks_app, name="webhooks")

app.command()(writing.init)
app.command()(writing.append)
imports.command("orders")(writing.import_orders)
imports.command("file")(importing.import_file)
imports.command("mappings")(importing.mappings)
imports.command("check")(importing.check)
app.command()(reading.status)
app.command()(reading.subscriptions)
app.command()(reading.sharing)
app.command()(reading.report)
app.command()(lists.holdings)
app.command()(lists.requests)
app.command()(suppressing.suppressions)
app.command()(counting.activity)
app.command()(statistics.statistics)
app.command()(incidents.incident)
app.command()(company.company)
notice.command("check")(noticing.check)
app.command()(auditing.audit)
app.command()(explaining.explain)
policy.command("check")(policies.check)
policy.command("diff")(policies.diff)
app.command()(reconciling.reconcile)
app.command()(operating.projections)
app.command()(operating.rebuild)
app.command()(operating.follow)
app.command()(showing.demo)
app.command()(serving.serve)
app.command()(working.worker)
app.command()(sending.send)
relay_app.callback(invoke_without_command=True)(relaying.run)
relay_app.command("status")(relaying.status)
relay_app.command("parked")(relaying.parked)
relay_app.command("retry")(relaying.retry)
relay_app.command("sql")(relaying.sql)
keys.command("create")(serving.create)
keys.command("list")(serving.listed)
keys.command("revoke")(serving.revoke)
app.command("unsubscribe-links")(unsubscribing.unsubscribe_links)
webhooks_app.command("add")(webhooks.add)
webhooks_app.command("list")(webhooks.listed)
webhooks_app.command("waiting")(webhooks.waiting)
webhooks_app.command("retry")(webhooks.retry)
webhooks_app.command("rotate")(webhooks.rotate)
webhooks_app.command("test")(webhooks.try_out)
webhooks_app.command("remove")(webhooks.remove)
app.command()(doctor.doctor)
app.command()(doctor.migrate)
