"""CloudEvents over HTTP: a structured one, a batch, or one in binary mode.

The result is each event as JSON, for `parse_fact` to judge; a body that is not JSON is one malformed fact.
Source: CloudEvents 1.0, HTTP protocol binding, sections 3.1 to 3.3, and JSON event format, section 4.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_to_bytes

from adapters.http.backpressure import BATCH_MAX
from adapters.http.problems import MediaTypeNotSupported, RequestError
from domain.errors import MalformedFact, Problem
from domain.facts.envelope import media_type
from domain.json_text import NotJson, read_json, shown_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.datastructures import Headers

SINGLE: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
PLAIN: Final = "application/json"
_PREFIX: Final = b"ce-"
_REQUIRED: Final = frozenset({"ce-specversion", "ce-id", "ce-source", "ce-type"})
"""The headers of which binary mode has at least one."""
_BLANKS: Final = " \t\r\n"


RawFact = str | bytes | dict[str, Any]


def events_in(headers: Headers, body: bytes) -> list[RawFact] | RawFact:
    """Return the events of a request: a list for a batch, the text or the mapping of a single event.

    Raises `MalformedFact` for a body that is not JSON, `MediaTypeNotSupported`, `RequestError` for too long a batch.
    """
    content_type = headers.get("content-type", "").strip()
    media = content_type.partition(";")[0].strip().lower()
    # The media type of an event says more than headers that some proxy left beside it.
    if media not in {SINGLE, BATCH} and not _REQUIRED.isdisjoint(headers):
        return _binary(headers, content_type, body)
    if media not in {SINGLE, BATCH, PLAIN}:
        raise MediaTypeNotSupported(
            "The request was not read.",
            "the type of its body is not one that holds facts.",
            f"Send {SINGLE}, {BATCH}, or ce-… headers with {PLAIN}.",
        )
    _check_charset(content_type)
    is_batch = media == BATCH or (media == PLAIN and body.lstrip()[:1] == b"[")
    return _batch(body) if is_batch else body


def _check_charset(content_type: str) -> None:
    if not media_type(content_type).is_utf_8:
        raise MediaTypeNotSupported(
            "The request was not read.", "its charset is not UTF-8.", "Send the JSON in UTF-8; leave the charset out."
        )


def _binary(headers: Headers, content_type: str, body: bytes) -> dict[str, Any]:
    if content_type:
        if not media_type(content_type).is_json:
            why = f"in binary mode the body is a fact's data, as {PLAIN}."
            raise MediaTypeNotSupported("The request was not read.", why, "Send the data as JSON.")
        _check_charset(content_type)
    problems = list[Problem]()
    event = dict[str, Any]()
    for name, value in _attributes(headers):
        if name in event or name == "data":
            what = "is given twice" if name in event else "is the body in binary mode, and no header"
            problems.append(Problem(shown_path([name]), what))
        try:
            event[name] = unquote_to_bytes(value).decode()
        except UnicodeDecodeError:
            problems.append(Problem(shown_path([name]), "is not UTF-8 with percent-encoding"))
    try:
        event["data"] = read_json(body)
    except NotJson as error:
        problems += (Problem(f"data.{one.where}".rstrip("."), one.what) for one in error.problems)
    if problems:
        raise MalformedFact(problems)
    return event


def _attributes(headers: Headers) -> Iterator[tuple[str, bytes]]:
    """Yield the attributes among the headers, each with its value as it was sent."""
    for name, value in headers.raw:
        if name.startswith(_PREFIX):
            yield name[len(_PREFIX) :].decode("latin-1"), value


def _batch(body: bytes) -> list[RawFact]:
    """Cut a JSON array into the texts of its elements, without parsing them further."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise MalformedFact([Problem("", "is not UTF-8")]) from None
    decoder, events = json.JSONDecoder(), list[RawFact]()
    place = _after_blanks(text, 0)
    if text[place : place + 1] != "[":
        raise MalformedFact([Problem("", "is not a JSON array, which a batch is")])
    place = _after_blanks(text, place + 1)
    while text[place : place + 1] != "]":
        try:
            _, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            raise MalformedFact([Problem(f"[{len(events)}]", "is not valid JSON")]) from None
        events.append(text[place:end])
        if len(events) > BATCH_MAX:
            raise RequestError("Nothing was stored.", f"a batch has at most {BATCH_MAX:,} facts.", "Send it in parts.")
        place = _after_blanks(text, end)
        if text[place : place + 1] == ",":
            place = _after_blanks(text, place + 1)
            if text[place : place + 1] == "]":
                raise MalformedFact([Problem(f"[{len(events)}]", "is missing after a comma")])
        elif text[place : place + 1] != "]":
            raise MalformedFact([Problem(f"[{len(events) - 1}]", "is not followed by a comma or the end of the array")])
    if text[place + 1 :].strip(_BLANKS):
        raise MalformedFact([Problem("", "goes on after the end of the array")])
    return events


def _after_blanks(text: str, place: int) -> int:
    while text[place : place + 1] in _BLANKS and place < len(text):
        place += 1
    return place
