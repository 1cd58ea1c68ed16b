"""What a page says of the notice that it must carry.

Promise: pure, and it tells what it went by. A notice stands on a page as a link to it: one with `rel=privacy-policy`,
or whose text or address speaks of privacy; a link to refuse analytics speaks of opting out. A page says which version
it shows in a `meta` element or a `data-` attribute named `privacy-policy-version`. Refused: to run scripts; a notice
that only a script would write is not there for whoever runs none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from selectolax.lexbor import LexborHTMLParser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selectolax.lexbor import LexborNode

OPT_OUT: Final = "analytics_opt_out"
"""The location whose notice is a link to refuse analytics."""
_PRIVACY: Final = re.compile(r"privacy|data[ -]protection", re.IGNORECASE)
_OPTING: Final = re.compile(r"opt[ -]?out", re.IGNORECASE)
_VERSION: Final = "privacy-policy-version"
_WORDS_MAX: Final = 80
_LINKS_MAX: Final = 10_000


class Seen(NamedTuple):
    """What stands on a page: the text of the link (None: there is none), and the version that the page says."""

    link: str | None
    version: str | None


def read(text: str, location: str) -> Seen:
    """Look for the notice of a location in a page's HTML."""
    tree = LexborHTMLParser(text)
    wanted = _OPTING if location == OPT_OUT else _PRIVACY
    link = next((found for found in _links(tree) if _speaks(found, wanted)), None)
    return Seen(None if link is None else _words(link), _version(tree))


def _links(tree: LexborHTMLParser) -> Iterator[LexborNode]:
    for number, node in enumerate(tree.css("a[href]")):
        if number >= _LINKS_MAX:
            return
        yield node


def _speaks(node: LexborNode, of: re.Pattern[str]) -> bool:
    attributes = node.attributes
    if of is _PRIVACY and "privacy-policy" in (attributes.get("rel") or "").lower().split():
        return True
    return bool(of.search(node.text()[:_LINKS_MAX]) or of.search(attributes.get("href") or ""))


def _words(node: LexborNode) -> str:
    """Give the text of a link on one line, no longer than evidence needs."""
    return " ".join(node.text()[:_LINKS_MAX].split())[:_WORDS_MAX] or "(no text)"


def _version(tree: LexborHTMLParser) -> str | None:
    meta = tree.css_first(f"meta[name='{_VERSION}']")
    said = meta.attributes.get("content") if meta else None
    if said is None and (marked := tree.css_first(f"[data-{_VERSION}]")):
        said = marked.attributes.get(f"data-{_VERSION}")
    said = (said or "").strip()
    return said if 0 < len(said) <= _WORDS_MAX and said.isprintable() else None
