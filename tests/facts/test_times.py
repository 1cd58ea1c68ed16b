"""Times are read as RFC 3339 says, by an arithmetic of whole numbers that knows nothing of Python's."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from adapters.contract import OWN, Contract, parse_fact
from domain.errors import MalformedFact
from domain.times import TimeUnreadable, later, next_instant, parse_rfc3339
from tests.controls import raw_example

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAYS_OF_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def days_before(year: int, month: int, day: int) -> int | None:
    """Return the days from 1970-01-01 to a day, or None if the calendar does not have it."""
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    months = [days + (is_leap and number == 1) for number, days in enumerate(DAYS_OF_MONTHS)]
    if year < 1 or not 1 <= month <= 12 or not 1 <= day <= months[month - 1]:
        return None
    before = year - 1
    years = before * 365 + before // 4 - before // 100 + before // 400 - 719_162
    return years + sum(months[: month - 1]) + day - 1


def microseconds(parts: dict[str, Any]) -> int | None:
    """Return the instant that the parts of a time mean, in microseconds since 1970, or None if they mean none."""
    days = days_before(parts["year"], parts["month"], parts["day"])
    sign, hours, minutes = parts["offset"]
    if days is None or parts["hour"] > 23 or parts["minute"] > 59 or parts["second"] > 60 or hours > 23 or minutes > 59:
        return None
    minute: int = days * 1440 + parts["hour"] * 60 + parts["minute"] - sign * (hours * 60 + minutes)
    if parts["second"] == 60:
        return minute * 60_000_000 + 59_999_999 if minute % 1440 == 1439 else None
    second: int = minute * 60 + parts["second"]
    return second * 1_000_000 + int((parts["fraction"] + "000000")[:6])


@st.composite
def times(draw: st.DrawFn) -> tuple[dict[str, Any], str]:
    """Draw the parts of a time, near the bounds of each, and its text."""
    parts: dict[str, Any] = {
        "year": draw(st.integers(1990, 2100) | st.sampled_from([0, 1, 2, 1900, 2000, 9998])),
        "month": draw(st.integers(0, 13)),
        "day": draw(st.integers(0, 32)),
        "hour": draw(st.integers(0, 25) | st.just(23)),
        "minute": draw(st.integers(0, 60) | st.just(59)),
        "second": draw(st.integers(0, 61) | st.just(60)),
        "fraction": draw(st.text("0123456789", max_size=12)),
        "offset": draw(
            st.tuples(st.sampled_from([1, -1]), st.integers(0, 24), st.integers(0, 60)) | st.just((1, 0, 0))
        ),
    }
    sign, hours, minutes = parts["offset"]
    if draw(st.booleans()):  # Near the end of a day in UTC, where a leap second is.
        minute = 23 * 60 + 59 + sign * (hours * 60 + minutes) + draw(st.sampled_from([0, 0, 0, 1]))
        parts |= {"hour": minute // 60 % 24, "minute": minute % 60, "second": draw(st.sampled_from([59, 60, 60]))}
        parts["day"] = draw(st.integers(1, 31))
    zone = f"{'+' if sign > 0 else '-'}{hours:02}:{minutes:02}"
    if (hours, minutes) == (0, 0):
        zone = draw(st.sampled_from([zone, "Z", "z"]))
    text = f"{parts['year']:04}-{parts['month']:02}-{parts['day']:02}{draw(st.sampled_from('Tt '))}"
    text += f"{parts['hour']:02}:{parts['minute']:02}:{parts['second']:02}"
    return parts, text + (f".{parts['fraction']}" if parts["fraction"] else "") + zone


def test_as_the_slow_reference_says() -> None:
    """A time is the instant that the reference works out, to the microsecond, or it is refused."""
    seen = Counter[str]()

    @settings(max_examples=400, deadline=None)
    @given(drawn=times())
    def check(drawn: tuple[dict[str, Any], str]) -> None:
        parts, text = drawn
        expected = microseconds(parts)
        if parts["year"] <= 1 and expected is not None and expected < -62_135_596_800_000_000:
            expected = None  # Before the year 1 in UTC.
        kind = "refused" if expected is None else "leap second" if parts["second"] == 60 else "read"
        seen[kind] += 1
        if expected is None:
            with pytest.raises(TimeUnreadable):
                parse_rfc3339(text)
        else:
            assert parse_rfc3339(text) == EPOCH + timedelta(microseconds=expected)

    check()
    assert min(seen["refused"], seen["read"], seen["leap second"]) >= 20, seen


@pytest.mark.parametrize(
    "text",
    [
        *("2016-W13-6T10:15:00Z", "2016-092T10:15:00Z", "20160402T101500Z", "2016-04-02T10:15Z", "2016-04-02", ""),
        *("2016-04-02T10:15:00,5Z", "2016-04-02T10:15:00.Z", "2016-04-02T10:15:00+02", "2016-04-02T10:15:00Z ", "now"),
        *("٢٠١٦-04-02T10:15:00Z", "2016-04-02T10:15:00 Z", "+2016-04-02T10:15:00Z", "2016-04-02T10:15:00Z\n"),
        *("2016-04-02_10:15:00Z", "2016-04-02T10:15:00", "2016-04-02T10:15:00.123456"),
    ],
)
def test_other_ways_to_write_a_time(text: str) -> None:
    """Forms that are no RFC 3339 are refused, also those that Python reads."""
    with pytest.raises(TimeUnreadable):
        parse_rfc3339(text)


def test_a_leap_second_of_each_zone() -> None:
    """It is the last microsecond before it, wherever the clock stands."""
    for text in ("2016-12-31T23:59:60Z", "2017-01-01T00:59:60.75+01:00", "2016-12-31T18:59:60-05:00"):
        assert parse_rfc3339(text) == datetime(2016, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    for text in ("2016-12-31T23:58:60Z", "2016-12-31T22:59:60Z", "2016-12-31T23:59:60+05:30", "2016-12-31T24:00:00Z"):
        with pytest.raises(TimeUnreadable):
            parse_rfc3339(text)


INSTANTS = {
    "time": ("opt_out", None),
    "data.queued_at": ("message", "queued_at"),
    "data.until": ("security_attested", "until"),
    "data.counted_as_of": ("aggregate_released", "counted_as_of"),
}


def _with_time(where: str, text: str) -> dict[str, Any]:
    word, field = INSTANTS[where]
    return raw_example(word) | {"time": text} if field is None else raw_example(word, **{field: text})


@pytest.mark.parametrize("where", INSTANTS)
def test_a_clock_that_was_not_set(where: str) -> None:
    """A time before 1990 is refused with what to do about it, in every field; a setting moves the bound both ways."""
    for text in ("0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1989-12-31T23:59:59.999999Z"):
        with pytest.raises(MalformedFact) as caught:
            parse_fact(_with_time(where, text))
        ((found, what),) = ((one.where, one.what) for one in caught.value.problems)
        assert found == where
        assert "clock" in what
        assert "set it" in what
    parse_fact(_with_time(where, "1990-01-01T00:00:00Z"))
    Contract(OWN.addresses, datetime(1950, 1, 1, tzinfo=UTC)).fact(_with_time(where, "1950-01-01T00:00:00Z"))
    with pytest.raises(MalformedFact):
        Contract(OWN.addresses, datetime(2017, 1, 1, tzinfo=UTC)).fact(_with_time(where, "2016-01-01T00:00:00Z"))


def test_a_policy_may_be_older() -> None:
    """A policy can be in force since before anybody sent facts, but not since the year 1."""
    parse_fact(raw_example("policy_published", effective_from="1985-01-01T00:00:00Z"))
    with pytest.raises(MalformedFact):
        parse_fact(raw_example("policy_published", effective_from="0001-01-01T00:00:00Z"))


@given(st.datetimes(timezones=st.just(UTC)), st.timedeltas())
def test_no_span_leads_out_of_the_calendar(at: datetime, span: timedelta) -> None:
    """A time later or earlier by any span is one that the calendar has, and is exact wherever it can be."""
    moved = later(at, span)
    assert moved.tzinfo is UTC
    assert (moved > at) is (span > timedelta(0)) or moved == at
    if datetime.min.replace(tzinfo=UTC) < moved < datetime.max.replace(tzinfo=UTC):
        assert moved - at == span
    assert next_instant(at) >= at
