"""The pages that a person sees who follows an unsubscribe link.

Promise: plain HTML without a script, whole in itself, readable at any width, by keyboard and by a screen reader. Its
Content-Security-Policy allows the one style sheet in it and a form to the page itself. Nothing on it is about the
person: who has left, who is erased and who was never there see the same.
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


def page(name: str, **said: object) -> str:
    """Give one of the pages `ask`, `done` and `problem`."""
    made, sheet = _environment(), _style()
    programs = PROGRAMS
    return made.get_template(f"{name}.html").render(style=sheet, programs=programs, **said)


def headers() -> dict[str, str]:
    """Give the header fields that go with each page."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'"
    return {
        "Content-Security-Policy": f"{policy}; frame-ancestors 'none'",
        # The address is the token, so it is kept from caches, from search engines and from wherever a link leads.
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
