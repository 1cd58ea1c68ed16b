"""Errors in the OpenAPI document: for each endpoint, by status, what each code that it can have means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from adapters.http.problems import PROBLEM_JSON, STATUS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Responses = dict[int | str, dict[str, Any]]

MEANINGS: Final[Mapping[str, str]] = {
    "malformed_fact": "The fact is not as the contract has it; `errors` names the fields.",
    "malformed_request": "A parameter or the body is not as it should be; `errors` names it.",
    "time_in_future": "The fact says that it happens later than the ledger's clock allows.",
    "not_yet_written": "The log does not have this position yet.",
    "bad_as_of": "What was given as `as_of` is neither a position nor a time with a zone.",
    "bad_cursor": "The cursor is none that was given here, or another question's.",
    "no_such_promise": "The policy has no such promise.",
    "grant_not_for_role": "The grant means nothing with this role.",
    "key_not_valid": "There is no key, or it is wrong, has expired or was revoked.",
    "role_not_allowed": "The role of the key is not for this.",
    "outside_of_scope": "What is asked for is not what the key is for; `errors` names the fields of a fact.",
    "refused": "A promise forbids it; `promises` names which, and `codes` why.",
    "unknown_customer": "Nobody has this name.",
    "unknown_projection": "There is no such read model.",
    "no_such_key": "There is no such key.",
    "not_found": "There is no such path.",
    "method_not_allowed": "The path has no such method.",
    "fact_conflict": "Another fact was stored under this source and id.",
    "version_conflict": "The customer's record changed meanwhile; send the fact again.",
    "rebuild_running": "A rebuild is under way.",
    "body_cut_short": "The connection ended before the body did.",
    "body_too_slow": "The body did not come to its end in time.",
    "body_too_large": "The body is longer than is read.",
    "media_type_not_supported": "The body is of a type that is not read here.",
    "too_busy": "As much as is taken at once is under way; come back after `Retry-After` seconds.",
    "connection_lost": "The connection to the database was lost; send it again.",
    "database_unreachable": "The database does not answer; send it again.",
    "statement_overdue": "The database took too long; send it again.",
    "append_failed": "The fact was not stored, by no fault of its own; send it again.",
    "projection_behind": "A read model has not read so far in time; ask again.",
    "projection_outdated": "A read model is of another version of the program, and has to be rebuilt.",
    "projection_broken": "A read model cannot go on; its own statement fails.",
    "poison_event": "A read model stands before an event that it fails on.",
}
"""What each code that a request can be answered with means, in a sentence."""
PROBLEM: Final[Mapping[str, Any]] = {
    "type": "object",
    "description": "Problem details, after RFC 9457.",
    "required": ["type", "title", "status", "detail", "hint", "code"],
    "properties": {
        "type": {"type": "string", "description": "`/problems/` and the code."},
        "title": {"type": "string", "description": "What happened."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "Why."},
        "hint": {"type": "string", "description": "What to do."},
        "code": {"type": "string", "description": "Stable; for programs."},
        "errors": {
            "type": "array",
            "description": "What is wrong with the request, field by field.",
            "items": {
                "type": "object",
                "required": ["where", "what"],
                "properties": {"where": {"type": "string"}, "what": {"type": "string"}},
            },
        },
        "promises": {"type": "array", "items": {"type": "string"}},
        "codes": {"type": "array", "items": {"type": "string"}},
    },
}
_REFERENCE: Final = {"$ref": "#/components/schemas/Problem"}
_READING: Final = ("key_not_valid", "role_not_allowed", "database_unreachable", "connection_lost", "statement_overdue")
_AS_OF: Final = ("malformed_request", "bad_as_of", "not_yet_written")
_READ_MODELS: Final = ("projection_behind", "projection_outdated", "projection_broken", "poison_event")


def errors(codes: Iterable[str]) -> Responses:
    """Give the error answers of an endpoint, by status, each with the codes that it can have."""
    by_status: dict[int | str, list[str]] = {}
    for code in dict.fromkeys(codes):
        by_status.setdefault(STATUS[code], []).append(code)
    return {
        status: {
            "description": "\n".join(f"- `{code}`: {MEANINGS[code]}" for code in several),
            "content": {
                PROBLEM_JSON: {
                    "schema": _REFERENCE,
                    "examples": {code: {"value": _example(code)} for code in several},
                }
            },
        }
        for status, several in by_status.items()
    }


def reading(*codes: str) -> Responses:
    """Give the error answers of an endpoint that reads, those of every such endpoint among them."""
    return errors((*_READING, *codes))


def reading_as_of(*codes: str) -> Responses:
    """Give those of a question to the log itself, as of a moment."""
    return reading(*_AS_OF, *codes)


def reading_models(*codes: str) -> Responses:
    """Give those of a question to the read models, as of a moment."""
    return reading_as_of(*_READ_MODELS, *codes)


def _example(code: str) -> dict[str, Any]:
    return {
        "type": f"/problems/{code}",
        "title": "The request was not answered.",
        "status": STATUS[code],
        "detail": MEANINGS[code],
        "hint": "…",
        "code": code,
    }
