"""CloudEvents over HTTP: a structured one, a batch, or one in binary mode.

The result is the JSON text of each event, for `parse_fact` to judge; a body that is not JSON is one malformed fact.
Source: CloudEvents 1.0, HTTP protocol binding, sections 3.1 to 3.3, and JSON event format, section 4.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from adapters.http.backpressure import BATCH_MAX
from adapters.http.problems import MediaTypeNotSupported, RequestError
from domain.errors import MalformedFact, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

SINGLE: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
PLAIN: Final = "application/json"
_PREFIX: Final = "ce-"
_BLANKS: Final = " \t\r\n"


def events_in(headers: Mapping[str, str], body: bytes) -> list[str | bytes] | str | bytes:
    """Return the events of a request: a list for a batch, a text for a single event.

    Raises `MalformedFact` for a body that is not JSON, `MediaTypeNotSupported`, `RequestError` for too long a batch.
    """
    media = headers.get("content-type", "").partition(";")[0].strip().lower()
    if f"{_PREFIX}specversion" in headers:
        return _binary(headers, media, body)
    if media == SINGLE:
        return body
    if media == BATCH or (media == PLAIN and body.lstrip()[:1] == b"["):
        return _batch(body)
    if media == PLAIN:
        return body
    raise MediaTypeNotSupported(
        "The request was not read.",
        "the type of its body is not one that holds facts.",
        f"Send {SINGLE}, {BATCH}, or ce-… headers with {PLAIN}.",
    )


def _binary(headers: Mapping[str, str], media: str, body: bytes) -> str:
    if media != PLAIN:
        why = f"in binary mode the body is a fact's data, as {PLAIN}."
        raise MediaTypeNotSupported("The request was not read.", why, "Send the data as JSON.")
    event: dict[str, Any] = {
        name.removeprefix(_PREFIX): unquote(value, errors="surrogateescape")
        for name, value in headers.items()
        if name.startswith(_PREFIX)
    }
    try:
        event["data"] = json.loads(body)
        return json.dumps(event, ensure_ascii=False)
    except (ValueError, RecursionError):
        raise MalformedFact([Problem("data", "is not valid JSON")]) from None


def _batch(body: bytes) -> list[str | bytes]:
    """Cut a JSON array into the texts of its elements, without parsing them further."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise MalformedFact([Problem("", "is not UTF-8")]) from None
    decoder, events = json.JSONDecoder(), list[str | bytes]()
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
