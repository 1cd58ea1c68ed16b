"""The attributes of a CloudEvent beside those that a fact has: extensions, `dataschema`, `traceparent`, media types.

They are accepted and passed over: they are no part of what a fact says, so a repeat may carry others. `traceparent`
alone is used: its trace id is the correlation of a fact that gives none.
Source: CloudEvents 1.0, section 3.1 and JSON event format; W3C Trace Context, section 3.2.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pydantic_core import PydanticCustomError

from domain.errors import Problem
from domain.json_text import shown_path

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

JSON_MEDIA: Final = "application/json"
_ATTRIBUTE_NAME: Final = re.compile(r"[a-z0-9]+")
_INTEGER_MAX: Final = 2**31 - 1
"""The greatest integer of an attribute; a CloudEvent's has 32 bits."""
_MEDIA: Final = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+/(?:[!#$%&'*+.^_`|~0-9a-z-]+\+)?json")
_CHARSET: Final = re.compile(r";\s*charset\s*=\s*\"?([^\s\";]*)", re.IGNORECASE)
_UTF_8: Final = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
"""The charsets that UTF-8 covers."""
_TRACEPARENT: Final = re.compile(r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")


class MediaType(NamedTuple):
    """A media type: whether it is one of JSON, and whether its charset is UTF-8 or not given."""

    is_json: bool
    is_utf_8: bool


def media_type(text: str) -> MediaType:
    """Read a media type with its parameters, such as `application/json; charset=utf-8`."""
    charset = _CHARSET.search(text)
    is_json = _MEDIA.fullmatch(text.partition(";")[0].strip().lower()) is not None
    return MediaType(is_json, charset is None or charset[1].lower() in _UTF_8)


def check_json_media(value: object) -> object:
    """Return `application/json` for the type of any JSON in UTF-8, and for null, which stands for none."""
    if value is None:
        return JSON_MEDIA
    media = media_type(value) if isinstance(value, str) else MediaType(is_json=False, is_utf_8=False)
    code = "datacontenttype"
    if not media.is_json:
        raise PydanticCustomError(code, "must be application/json or another type of JSON; leave it out for JSON")
    if not media.is_utf_8:
        raise PydanticCustomError(code, "names a charset other than UTF-8; send the JSON in UTF-8")
    return JSON_MEDIA


def trace_id_in(traceparent: object) -> object:
    """Return the trace id in a `traceparent`, which is what correlates: each step of a trace has another span id.

    Return None for one that is not of the W3C's form; it is passed over.
    """
    found = _TRACEPARENT.fullmatch(traceparent) if isinstance(traceparent, str) else None
    if found is None or (found[1] == "00" and found[3]):
        return None
    return found[2]


def problems_passed_over(event: Mapping[str, Any], own: Collection[str]) -> Iterator[Problem]:
    """Yield what is wrong with attributes of an event that are not the fact's `own`."""
    for name in event:
        if name in own:
            continue
        value, where = event[name], shown_path([name])
        if name == "data_base64":
            yield Problem(where, "is not read; send the data as a JSON object under data")
        elif not _ATTRIBUTE_NAME.fullmatch(name):
            yield Problem(where, "is not an attribute of a CloudEvent: their names have small letters and digits only")
        elif isinstance(value, str):
            if "\x00" in value:
                yield Problem(where, "holds a NUL character, which the database cannot store")
            elif name == "dataschema" and not value:
                yield Problem(where, "is empty; give a URI or leave it out")
        elif value is not None and not (isinstance(value, int) and abs(value) <= _INTEGER_MAX):
            yield Problem(where, "must be a string, a boolean or an integer of 32 bits, as each attribute is")
        elif name == "dataschema" and value is not None:
            yield Problem(where, "must be a URI")
