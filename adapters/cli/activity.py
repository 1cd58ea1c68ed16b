"""`pledger activity`: how much was done, by activity, promise or day."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import typer

from adapters.cli.console import Format, FormatOption, listed, print_json, reports_errors
from adapters.cli.options import AsOfOption, AtLeastOption
from adapters.cli.session import open_read_models, open_to_read
from adapters.cli.tables import print_table
from adapters.queries.lists import activity_by

By = Literal["activity", "promise", "day"]
TABLES: Final[dict[By, tuple[str, str, tuple[str, ...]]]] = {
    "activity": ("activities", "What was done", ("activity", "detail", "events", "first", "last")),
    "promise": (
        "promises",
        "Promises broken, or excused by a legal order",
        ("promise", "broken", "excused", "first", "last", "activities"),
    ),
    "day": ("days", "What happened each day (UTC)", ("day", "events", "broken", "excused")),
}
"""For each way of counting: the key of the document, the title of the table, and its columns."""


@reports_errors
def activity(
    by: Annotated[By, typer.Option(help="Count by what was done, by promise broken, or by day.")] = "activity",
    as_of: AsOfOption = None,
    at_least: AtLeastOption = 0,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Show how much was done, and promises broken."""
    with open_read_models(open_to_read(), as_of, at_least) as (_, connection, at):
        document = activity_by(connection, by, at)
    if format_ is Format.JSON:
        print_json(document)
        return
    key, title, columns = TABLES[by]
    print_table(title, columns, [[_cell(one[column]) for column in columns] for one in document[key]])


def _cell(value: Any) -> object:  # noqa: ANN401 - any value of a document
    """Return a value as a cell of a table; activities by their names."""
    if isinstance(value, list):
        return listed([f"{one['activity']} {one['detail']}".strip() for one in value])
    return value
