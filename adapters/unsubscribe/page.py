"""The pages behind an unsubscribe link.

They are plain HTML without scripts, complete in one file, readable at any width, by keyboard and by a screen reader.
Their Content-Security-Policy allows the one style sheet in them and a form to the page itself. Nothing on them is about
the person: one who left, one who was erased and one who never was a customer see the same.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from domain.vocabulary import Program

if TYPE_CHECKING:
    from collections.abc import Mapping

_TEMPLATES: Final = Path(__file__).parent / "templates"
PROGRAMS: Final[Mapping[Program, str]] = {
    Program.EMAIL_MARKETING: "marketing emails",
    Program.PHYSICAL_MAILINGS: "advertising by post",
}
"""What a person gets in each program, in plain words."""


def page(name: str, **values: object) -> str:
    """Return one of the pages `ask`, `done` and `problem`."""
    template = _environment().get_template(f"{name}.html")
    return template.render(style=_style(), programs=PROGRAMS, **values)


def headers() -> dict[str, str]:
    """Return the header fields of each page."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'"
    return {
        "Content-Security-Policy": f"{policy}; frame-ancestors 'none'",
        # The address holds the token, so caches, search engines and linked pages must not learn it.
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex, nofollow",
        "X-Content-Type-Options": "nosniff",
    }


@cache
def _style() -> Markup:
    return Markup((_TEMPLATES / "page.css").read_text(encoding="ascii"))  # noqa: S704 - our own file


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(_TEMPLATES)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, auto_reload=False)
