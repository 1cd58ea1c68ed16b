"""The command activity: how much was done, by activity, promise or day. It brings the read models up to date first."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Final

import typer

from adapters.cli.console import AsOfOption, AtLeastOption, Format, FormatOption, listed, print_json, told
from adapters.cli.reading import brought_up_to_date
from adapters.cli.tables import print_table
from projections import activity_counts
from projections.as_of import parse_as_of


class By(StrEnum):
    """How activity can be counted."""

    ACTIVITY = "activity"
    PROMISE = "promise"
    DAY = "day"


COLUMNS: Final = {
    By.ACTIVITY: ("activity", "detail", "events", "first", "last"),
    By.PROMISE: ("promise", "broken", "excused", "first", "last", "activities"),
    By.DAY: ("day", "events", "broken", "excused"),
}


@told
def activity(
    by: Annotated[By, typer.Option(help="What is counted: what was done, promises broken, or days.")] = By.ACTIVITY,
    as_of: AsOfOption = None,
    at_least: AtLeastOption = 0,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Show how much was done, and how often promises were broken; nothing in it is about a person."""
    moment = parse_as_of(as_of)
    with brought_up_to_date() as (_, connection, position):
        known = max(at_least, position)
        match by:
            case By.ACTIVITY:
                name, title = "activities", "What was done"
                activities = activity_counts.by_activity(connection, as_of=moment, at_least=known)
                found = [_activity(one) for one in activities]
            case By.PROMISE:
                name, title = "promises", "Promises broken, or excused by a legal order"
                promises = activity_counts.by_promise(connection, as_of=moment, at_least=known)
                found = [_promise(one) for one in promises]
            case By.DAY:
                name, title = "days", "What happened each day (UTC)"
                found = [_day(one) for one in activity_counts.by_day(connection, as_of=moment, at_least=known)]
    if format_ is Format.JSON:
        print_json({"as_of": as_of, name: found})
    else:
        columns = COLUMNS[by]
        print_table(title, columns, [[_cell(one[column]) for column in columns] for one in found])


def _activity(one: activity_counts.ActivityCount) -> dict[str, Any]:
    days = {"first": one.first.isoformat(), "last": one.last.isoformat()}
    return {"activity": one.event, "detail": one.detail, "events": one.events, **days}


def _promise(one: activity_counts.PromiseCount) -> dict[str, Any]:
    return {
        "promise": one.promise,
        "broken": one.broken,
        "excused": one.excused,
        "first": one.first.isoformat(),
        "last": one.last.isoformat(),
        "activities": [_activity(each) for each in one.activities],
    }


def _day(one: activity_counts.DayCount) -> dict[str, Any]:
    return {"day": one.day.isoformat(), "events": one.events, "broken": one.broken, "excused": one.excused}


def _cell(value: Any) -> object:  # noqa: ANN401 - any value of a document
    """Give a value as a cell of a table; activities by their names."""
    if isinstance(value, list):
        return listed([f"{one['activity']} {one['detail']}".strip() for one in value])
    return value
