"""Find the notice that a page must carry in its HTML.

A notice is a link: one with `rel=privacy-policy`, or whose text or address contains privacy or data protection; for
analytics, one whose text or address contains opt-out. A page names the version that it shows in a `meta` element or a
`data-` attribute named `privacy-policy-version`. No script is run, so a notice that a script writes does not count.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from selectolax.lexbor import LexborHTMLParser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selectolax.lexbor import LexborNode

OPT_OUT: Final = "analytics_opt_out"
"""The location whose notice is a link to opt out of analytics."""
_PRIVACY: Final = re.compile(r"privacy|data[ -]protection", re.IGNORECASE)
_OPTING: Final = re.compile(r"opt[ -]?out", re.IGNORECASE)
_VERSION: Final = "privacy-policy-version"
_WORDS_MAX: Final = 80
_LINKS_MAX: Final = 10_000


class Seen(NamedTuple):
    """What a page holds: the text of the link (None: there is no link), and the version that the page names."""

    link: str | None
    version: str | None


def read(text: str, location: str) -> Seen:
    """Find the notice of a location in a page's HTML."""
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
    """Return the text of a link on one line, cut to what evidence needs."""
    return " ".join(node.text()[:_LINKS_MAX].split())[:_WORDS_MAX] or "(no text)"


def _version(tree: LexborHTMLParser) -> str | None:
    meta = tree.css_first(f"meta[name='{_VERSION}']")
    said = meta.attributes.get("content") if meta else None
    if said is None and (marked := tree.css_first(f"[data-{_VERSION}]")):
        said = marked.attributes.get(f"data-{_VERSION}")
    said = (said or "").strip()
    return said if 0 < len(said) <= _WORDS_MAX and said.isprintable() else None
