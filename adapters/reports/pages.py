"""What the HTML pages share: the environment of the templates, and the one style sheet that a page allows.

Every value that a template writes goes through `safe_text` and is escaped, without the template asking for it; a
missing name raises. A page's Content-Security-Policy allows the digest of its style sheet and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from adapters.reports.safe_text import finalized
from adapters.reports.words import sentence, words
from domain.times import rfc3339

_TEMPLATES: Final = Path(__file__).parent / "templates"
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LONG_CHARACTERS, _LONG_LINES = 600, 10
"""A longer value gets a frame of its own, in which it scrolls on a screen."""


class Style(NamedTuple):
    """A style sheet, and the base64 of its SHA-256."""

    text: Markup
    digest: str


@cache
def style(*names: str) -> Style:
    """Return the style sheet that these files make together."""
    text = "".join((_TEMPLATES / name).read_text(encoding="ascii") for name in names)
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Style(Markup(text), digest)  # noqa: S704 - our own files


@cache
def environment() -> Environment:
    """Return the environment that renders the templates of this folder."""
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=finalized,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {
        "words": words,
        "sentence": sentence,
        "moment": _moment,
        "day": _day,
        "instant": _instant,
        "times": _times,
    }
    made.tests["is_long"] = _is_long
    return made


def _moment(at: datetime) -> Markup:
    """Write a time as people read it; the markup holds the exact one."""
    utc = at.astimezone(UTC)
    return _time(utc, f"{_date(utc)}, {utc.hour:02}:{utc.minute:02}")


def _day(at: datetime) -> Markup:
    utc = at.astimezone(UTC)
    return _time(utc, _date(utc))


def _instant(at: datetime) -> Markup:
    """Write a time to its last digit, for readers who compare times."""
    utc = at.astimezone(UTC)
    return _time(utc, utc.replace(tzinfo=None).isoformat(" "))


def _time(utc: datetime, shown: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(rfc3339(utc), shown)


def _date(utc: datetime) -> str:
    return f"{utc.day} {_MONTHS[utc.month - 1]} {utc.year}"


def _times(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _is_long(text: str) -> bool:
    return len(text) > _LONG_CHARACTERS or text.count("\n") >= _LONG_LINES
