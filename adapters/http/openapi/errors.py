"""Errors in the OpenAPI document: for each endpoint, by status, the codes that it can answer and their meanings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from adapters.http.problems import PROBLEM_JSON, STATUS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Responses = dict[int | str, dict[str, Any]]

MEANINGS: Final[Mapping[str, str]] = {
    "malformed_fact": "The fact does not follow the contract; `errors` names the fields.",
    "malformed_request": "A parameter or the body is wrong; `errors` names it.",
    "time_in_future": "The fact's time lies further ahead than the ledger's clock allows.",
    "not_yet_written": "The log does not have this position yet.",
    "bad_as_of": "`as_of` is neither a position nor a time with a zone.",
    "bad_cursor": "The cursor was not issued by this server, or belongs to another query.",
    "no_such_promise": "The policy has no such promise.",
    "grant_not_for_role": "The grant has no meaning for this role.",
    "key_not_valid": "The key is missing, wrong, expired or revoked.",
    "role_not_allowed": "The role of the key may not do this.",
    "outside_of_scope": "The scope of the key does not cover this; `errors` names the fields of a fact.",
    "refused": "A promise forbids it; `promises` names which, and `codes` say why."
    " To a service `not_subscribed` is of no promise that is named.",
    "not_vouched": "The fact speaks for the person who has an address. It takes a key with the grant vouch.",
    "officer_only": "The fact undoes what protects a person, or destroys values; only an officer's key may tell it.",
    "erasure_waits": "The person asked to be forgotten, and the policy's waiting period is not over yet.",
    "entry_forgotten": "The entry is about somebody who was erased: what protects them stays, and is not annulled.",
    "entry_declared_wrong": "The link, unlink or end of a name was corrected as a wrong entry before it was told.",
    "unknown_customer": "No customer has this name.",
    "unknown_projection": "There is no such read model.",
    "no_such_key": "There is no such key.",
    "not_found": "There is no such path.",
    "method_not_allowed": "The path has no such method.",
    "fact_conflict": "Another fact was stored under this source and id.",
    "version_conflict": "The customer's record has changed meanwhile; send the fact again.",
    "link_not_decided": "The two cannot be linked, or told apart: they are one person already, or too many records.",
    "rebuild_running": "A rebuild is under way.",
    "body_cut_short": "The connection ended before the body was complete.",
    "body_too_slow": "The body was not complete in time.",
    "body_too_large": "The body is too long.",
    "media_type_not_supported": "The server does not read bodies of this type.",
    "too_busy": "The server takes no more at once; come back after `Retry-After` seconds.",
    "connection_lost": "The connection to the database was lost; send it again.",
    "database_unreachable": "The database does not answer; send it again.",
    "statement_overdue": "The database took too long; send it again.",
    "append_failed": "The fact was not stored, and is not at fault; send it again.",
    "projection_behind": "A read model has not read far enough in time; ask again.",
    "projection_outdated": "The read model was made by another version of the program, and must be rebuilt.",
    "projection_broken": "A read model has stopped; its statement fails.",
    "poison_event": "A read model has stopped before an event on which it fails.",
}
"""The meaning of each error code, in a sentence."""
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
_READ: Final = ("key_not_valid", "role_not_allowed", "database_unreachable", "connection_lost", "statement_overdue")
_AS_OF: Final = ("malformed_request", "bad_as_of", "not_yet_written")
_READ_MODELS: Final = ("projection_behind", "projection_outdated", "projection_broken", "poison_event")


def errors(codes: Iterable[str]) -> Responses:
    """Return the error answers of an endpoint, by status, each with its codes."""
    by_status: dict[int | str, list[str]] = {}
    for code in dict.fromkeys(codes):
        by_status.setdefault(STATUS[code], []).append(code)
    return {
        status: {
            "description": "\n".join(f"- `{code}`: {MEANINGS[code]}" for code in several),
            "content": {
                PROBLEM_JSON: {"schema": _REFERENCE, "examples": {code: {"value": _example(code)} for code in several}}
            },
        }
        for status, several in by_status.items()
    }


def read_errors(*codes: str) -> Responses:
    """Return the error answers of an endpoint that reads."""
    return errors((*_READ, *codes))


def read_errors_as_of(*codes: str) -> Responses:
    """Return the error answers of a question to the log itself, as of a moment."""
    return read_errors(*_AS_OF, *codes)


def read_model_errors(*codes: str) -> Responses:
    """Return the error answers of a question to the read models, as of a moment."""
    return read_errors_as_of(*_READ_MODELS, *codes)


def _example(code: str) -> dict[str, Any]:
    return {
        "type": f"/problems/{code}",
        "title": "The request was not answered.",
        "status": STATUS[code],
        "detail": MEANINGS[code],
        "hint": "…",
        "code": code,
    }
