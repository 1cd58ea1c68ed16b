"""An HTML file as tests see it: its elements, its text, and its times; anything malformed is an error."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final

VOID: Final = {"meta", "br", "col"}
BLOCKS: Final = {"td", "th", "dt", "dd", "li", "p", "h1", "h2", "h3", "caption", "blockquote"}
"""Elements whose text stands on a line of its own."""


class Page(HTMLParser):
    """Parses a whole page; what is not nested as it should be, or not closed, raises."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.html = html
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.styles: list[str] = []
        self._open: list[str] = []
        self._text: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == [], self._open

    @property
    def text(self) -> str:
        """The text of the body, any white space as one blank."""
        return plain("".join(self._text))

    @property
    def lines(self) -> str:
        """The text of the body, a line for each block, ending in a line break."""
        lines = (plain(line) for line in "".join(self._text).split("\x1e"))
        return "".join(f"{line}\n" for line in lines if line)

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        """Return the attributes of each element of these names."""
        return [attributes for tag, attributes in self.elements if tag in tags]

    def values(self, attribute: str) -> list[str]:
        """Return every value that an attribute has anywhere."""
        return [attributes[attribute] or "" for _, attributes in self.elements if attribute in attributes]

    def section(self, name: str) -> Page:
        """Return one section as a page of its own."""
        start = self.html.index(f'<section id="{name}"')
        return Page(self.html[start : self.html.index("</section>", start) + len("</section>")])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an element."""
        assert len(dict(attrs)) == len(attrs), f"an attribute of {tag} is there twice"
        self.elements.append((tag, dict(attrs)))
        if tag in BLOCKS:
            self._text.append("\x1e")
        if tag == "br":
            self._text.append(" ")
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Leave the element that was entered last."""
        assert self._open, f"{tag} was never opened"
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Take text, or the style sheet."""
        if "style" in self._open:
            self.styles.append(data)
        elif "head" not in self._open:
            self._text.append(data)

    def handle_comment(self, data: str) -> None:
        """Refuse comments: our pages have none, so one would come from a value."""
        raise AssertionError(data)


def plain(text: str) -> str:
    """Return a text with any white space as one blank."""
    return " ".join(text.replace("\x1e", " ").split())
