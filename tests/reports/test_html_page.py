"""The page as a file: whole in itself, built as it should be, and proof against whatever somebody typed."""

from __future__ import annotations

import base64
import hashlib
import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from jinja2 import StrictUndefined, UndefinedError
from markupsafe import Markup

from adapters.reports import html
from adapters.reports.safe_text import finalized, safe
from adapters.reports.words import WORDS, words
from domain.audit.reasons import REASONS
from domain.events import CUSTOMER
from domain.policy.judge import LEGAL_ORDER
from domain.rules.common.kinds import KINDS
from domain.vocabulary import DATA_CATEGORIES, PURPOSES, Act, Cause, Channel, OptOutVia, Program, ShareKind
from projections.access_report.words import NOTES
from tests.reports.page import Page, plain
from tests.reports.test_html_report import page_of
from tests.reports.whole_customer import FIRST, PLACE, whole_customer

if TYPE_CHECKING:
    from domain.rules.common.base import Rule
    from tests.reports.conftest import Desk

ROOT: Final = Path(__file__).parents[2]
STYLE: Final = (Path(html.__file__).parent / "templates" / "report.css").read_text(encoding="ascii")
TAGS: Final = {
    *("html", "head", "meta", "title", "style", "body", "header", "nav", "main", "section", "article", "footer"),
    *("h1", "h2", "h3", "p", "ul", "ol", "li", "dl", "dt", "dd", "div", "span", "a", "br", "em", "strong", "bdi"),
    *("blockquote", "time", "table", "caption", "colgroup", "col", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES: Final = {
    *("lang", "charset", "http-equiv", "content", "name", "id", "class", "href", "datetime", "scope", "colspan"),
    *("role", "aria-label", "aria-labelledby", "data-label", "tabindex"),
}
HOSTILE: Final = (
    "<script>alert(1)</script><img src=//evil.test/x onerror=alert(1)>",
    "\"'><style>@import url(//evil.test/s.css)</style><!--",
    "</td></table></section><h1>Another page</h1>",
    "]]> &amp; &lt; &#60; {{ 7 * 7 }} {% raw %} {# note #} ${x}",
    "javascript:alert(1)",
    "x" * 10_000,
    "many words " * 1_000,
    "שלום עולם (12)",
    "نام‌خانوادگی",
    "1 Quay Lane\n\tFloor 2",
    "",
    "  ",
)


def _hostile_customer(desk: Desk) -> Page:
    for number, value in enumerate(HOSTILE):
        time, short = f"2016-04-{number + 1:02}T00:00:00Z", value[:200] or "-"
        place = {"collection_point": "p" * 64, "notice": "n" * 64}
        held: dict[str, Any] = {"values": {"user.name": value, "user.payment": None}, "held_in": short}
        desk.tell("collection", f"c-{number} {short}"[:255], time, act="order", reference=short, **place, **held)
        shared: dict[str, Any] = {"recipient": "carrier", "purpose": "deliver_order", "categories": ["user.name"]}
        desk.tell("share", f"s-{number}", time, reference=short, **shared)
        sent: dict[str, Any] = {"channel": "email", "purpose": "answer_message", "message_id": short}
        desk.tell("message", f"m-{number}", time, unsubscribe_link=True, **sent)
        desk.tell("record_read", f"r-{number}", time, reader=short, purpose="answer_message")
        desk.tell("correction_request", f"q-{number}", time, request=short, category="user.name", shows_error=True)
        desk.tell("correction_declined", f"d-{number}", time, request=short, reason=value)
        desk.tell("entry_correction", f"w-{number}", time, entry={"source": "/shop", "id": short}, reason=value or "-")
    return page_of(desk, desk.report("s-0"))


@pytest.fixture
def page(desk: Desk) -> Page:
    """Return the page of a customer of whom there is something in every section."""
    whole_customer(desk)
    return page_of(desk, desk.report(FIRST))


def test_whatever_somebody_typed_is_text(desk: Desk) -> None:
    """Markup, scripts, templates and very long words in every field come out as text, and change no element."""
    page = _hostile_customer(desk)
    for value in HOSTILE:
        assert plain(value) in page.text
    assert {tag for tag, _ in page.elements} <= TAGS
    assert len(page.all("h1")) == 1
    for name, given in ((name, given) for _, attributes in page.elements for name, given in attributes.items()):
        assert name in ATTRIBUTES
        assert not any(part in (given or "") for part in ("evil", "alert", "7 * 7", "Quay"))


def test_what_does_not_show_is_shown_by_its_number(desk: Desk) -> None:
    """Characters that steer a direction or a terminal, or that nobody sees, are nowhere in the file."""
    value = "Ada\x1b[2J \u202egnp.exe\u2066\u2069 \u200b\ufeff\x85\u2028\ue000 \u00ad"
    order: dict[str, Any] = {"act": "order", "reference": value, "values": {"user.name": value}, **PLACE}
    desk.tell("collection", "c-1", "2016-04-02T00:00:00Z", **order)
    page = page_of(desk, desk.report("c-1"))
    assert "AdaU+001B[2J U+202Egnp.exeU+2066U+2069 U+200BU+FEFFU+0085U+2028U+E000 U+00AD" in page.text
    assert not re.search(r"[^\n\t\x20-\x7e\xa0-\xac\xae-\u200a\u200c\u200d\u2010-\u2027\u2030-\ud7ff]", page.html)


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("plain & <b>", "plain &amp; &lt;b&gt;"),
        ("é", "<bdi>é</bdi>"),
        ("\u202e" * 300, '<bdi><span class="unseen">U+202E × 300</span></bdi>'),
        ("Z" + "\u0301" * 7, "<bdi>Z" + "\u0301" * 4 + '<span class="unseen">U+0301 × 3</span></bdi>'),
        ("a\n\tb", "<bdi>a\n\tb</bdi>"),
        ("\udc80", '<bdi><span class="unseen">U+DC80</span></bdi>'),
        ("می‌خواهم", "<bdi>می‌خواهم</bdi>"),
    ],
)
def test_safe_text(text: str, markup: str) -> None:
    """Plain text is escaped, other text isolated, a run of what does not show counted, a tower of accents cut down."""
    assert safe(text) == markup


def test_a_template_that_puts_out_nothing_raises() -> None:
    """None, a truth value, and a name that is not there are mistakes, and no words on a page."""
    for value in (None, True, 1.5, ()):
        with pytest.raises(TypeError):
            finalized(value)
    with pytest.raises(UndefinedError):
        finalized(StrictUndefined(name="nobody"))
    assert finalized(7) == "7"
    assert finalized(Markup("<b>")) == "<b>"


def test_the_page_is_whole_in_itself(page: Page) -> None:
    """No element or style fetches anything; every link leads to a place in the page."""
    assert {tag for tag, _ in page.elements} <= TAGS
    assert {name for _, attributes in page.elements for name in attributes} <= ATTRIBUTES
    assert all(link.startswith("#") for link in page.values("href"))
    ids = page.values("id")
    assert len(set(ids)) == len(ids)
    assert {link[1:] for link in page.values("href")} <= set(ids)
    for reference in page.values("aria-labelledby"):
        assert reference in ids
    (style,) = page.styles
    assert style == STYLE
    assert not re.search(r"url\(|@import|@font-face|expression|</", style)


def test_the_second_wall_lets_in_its_own_style_and_nothing_else(page: Page) -> None:
    """The Content-Security-Policy names the digest of the one style sheet, and no other source."""
    (policy,) = (meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_the_page_is_built_as_it_should_be(page: Page) -> None:
    """It has a language, a title, a viewport, landmarks, headings without a leap, and tables that can be heard."""
    assert page.html.startswith("<!DOCTYPE html>")
    assert page.all("html") == [{"lang": "en"}]
    assert "<title>Access report" in page.html
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.all("meta")
    assert [len(page.all(tag)) for tag in ("header", "nav", "main", "footer", "h1")] == [1, 1, 1, 1, 1]
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    assert len(page.all("caption")) == len(page.all("table")) > 10
    assert all(heading.get("scope") in {"col", "row", "rowgroup"} for heading in page.all("th"))
    assert all(page.values("data-label"))
    roles = {"table": {"table"}, "tr": {"row"}, "td": {"cell"}, "th": {"columnheader", "rowheader"}}
    for tag, known in roles.items():
        assert {attributes["role"] for attributes in page.all(tag)} <= known


def _shades(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_contrast_is_enough_for_everybody(scheme: int) -> None:
    """Every text on every ground that it stands on has the 4.5 to 1 of WCAG AA, by day and by night."""
    shades = _shades(re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[scheme])
    pairs = [(ink, paper) for ink in ("ink", "quiet", "link") for paper in ("paper", "shade")]
    pairs += [(f"{badge}-ink", f"{badge}-paper") for badge in ("ok", "bad", "off")]
    for ink, paper in pairs:
        dark, light = sorted((_luminance(shades[ink]), _luminance(shades[paper])))
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, paper)


def judges_people(kind: type[Rule]) -> bool:
    """Return whether what a rule kind finds can stand in a person's record."""
    return kind.at_append and any(event.stream_kind == CUSTOMER for event in kind.concerns)


def test_every_code_has_words() -> None:
    """No code of a closed vocabulary, and no finding that a rule can make, is left to its own underscores."""
    enums = {"act": Act, "cause": Cause, "program": Program, "channel": Channel, "kind": ShareKind, "via": OptOutVia}
    for sort, codes in enums.items():
        assert {code.value for code in codes} <= set(WORDS[sort])
    assert set(WORDS["purpose"]) == set(PURPOSES)
    assert set(WORDS["category"]) <= DATA_CATEGORIES
    assert set(WORDS["note"]) == {what for what, _ in NOTES.values()}
    made = re.compile(r'(?:Breach\(|yield |code ?= ?|ORDER: Final = )"([a-z_]+)"(?: if .*? else "([a-z_]+)")?')
    domain = ROOT / "domain"
    about_others = {name for name, kind in KINDS.items() if not judges_people(kind)}
    rules = [path for path in (domain / "rules").rglob("*.py") if path.stem not in about_others]
    files = [*rules, domain / "policy" / "judge.py", domain / "refusals.py"]
    found = {code for path in files for codes in made.findall(path.read_text(encoding="utf-8")) for code in codes}
    assert (found - {""}) | {LEGAL_ORDER} <= set(WORDS["finding"])
    assert set(WORDS["finding"]) == set(REASONS)


def test_a_code_without_words_is_shown_as_words() -> None:
    """A purpose that a company registered, and a category that has no words of its own, stay readable."""
    assert words("cast_horoscopes", "purpose") == "cast horoscopes"
    assert words("user.government_id.passport_number", "category") == "government id, passport number"
