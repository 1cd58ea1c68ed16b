"""`POST /v1/events` and `POST /v1/decisions`: append facts, and ask first.

A fact is answered once it is durable; the same fact again gets the answer of the first time. A batch is judged and
answered fact by fact, in order; a bad fact does not hold up the others. Asking changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from adapters.api_keys.roles import Role, may_vouch, objections
from adapters.http.backpressure import body_of
from adapters.http.cloud_events import events_in
from adapters.http.openapi.fact_examples import DECISION_ANSWERS, DECISIONS, EVENT_ANSWERS, EVENTS
from adapters.http.problems import OutsideOfScope, RequestError, problem, status_of
from adapters.http.security import Holder, admits
from adapters.http.service import Service, ServiceDependency
from adapters.ledger import Permission, Receipt
from adapters.ledger.opening import with_names
from adapters.receipt_notes import beside
from adapters.told_services import reasons_against, refusal, shown_findings
from domain.errors import PledgerError, Refused
from domain.naming import names_events

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.api_keys.keys import ApiKey
    from adapters.contract import Contract
    from adapters.http.cloud_events import RawFact
    from domain.events import Finding
    from domain.facts import Fact

Answer = Receipt | PledgerError

router = APIRouter(tags=["facts"])


@router.post("/v1/events", status_code=201, openapi_extra=EVENTS, responses=EVENT_ANSWERS)
@admits(Role.SERVICE, Role.OFFICER, Role.ADMIN)
async def append(request: Request, service: ServiceDependency, key: Holder) -> JSONResponse:
    """Append one fact, or a batch of facts, and answer when they are durable."""
    events = events_in(request.headers, await body_of(request))
    contract = service.installation.contract
    if not isinstance(events, list):
        fact = _parsed(events, key, contract)
        if isinstance(fact, PledgerError):
            raise fact
        (answer,) = await _append(service, [fact], key)
        service.metrics.facts.labels(_outcome(answer)).inc()
        if isinstance(answer, PledgerError):
            raise answer
        return JSONResponse(await _named(service, _receipt(service, answer, key)), 200 if answer.repeated else 201)
    parsed = [_parsed(event, key, contract) for event in events]
    good = [one for one in parsed if not isinstance(one, PledgerError)]
    appended = iter(await _append(service, good, key))
    answers = [one if isinstance(one, PledgerError) else next(appended) for one in parsed]
    for one in answers:
        service.metrics.facts.labels(_outcome(one)).inc()
    return JSONResponse(await _named(service, {"answers": [_item(service, one, key) for one in answers]}), 200)


@router.post("/v1/decisions", openapi_extra=DECISIONS, responses=DECISION_ANSWERS)
@admits(Role.SERVICE, Role.OFFICER, Role.ADMIN)
async def decide(request: Request, service: ServiceDependency, key: Holder) -> JSONResponse:
    """Return whether a fact may be done, and which promises stand against it; nothing is stored."""
    events = events_in(request.headers, await body_of(request))
    if isinstance(events, list):
        raise RequestError("Nothing was decided.", "a decision is about one fact.", "Ask about one fact at a time.")
    fact = _parsed(events, key, service.installation.contract)
    if isinstance(fact, PledgerError):
        raise fact
    with service.backpressure.admitted(1):
        permission = await service.waits(_ask, service, fact, key)
    document = {"fact": fact.name, "allowed": permission.allowed, **_found(permission.findings, key)}
    return JSONResponse(await _named(service, document))


def _parsed(event: RawFact, key: ApiKey, contract: Contract) -> Fact | PledgerError:
    try:
        fact = contract.fact(event)
    except PledgerError as error:
        return error
    if problems := objections(key.role, key.scope, fact):
        return OutsideOfScope(
            "The fact was not taken.",
            "the scope of the key does not cover it.",
            "Use a key whose scope does; pledger keys create makes one.",
            problems,
        )
    return fact


async def _append(service: Service, facts: Sequence[Fact], key: ApiKey) -> list[Answer]:
    if not facts:
        return []
    with service.backpressure.admitted(len(facts)):
        service.metrics.under_way.set(service.backpressure.inside)
        try:
            return [_refused(answer, key) for answer in await service.waits(_append_many, service, facts, key)]
        finally:
            service.metrics.under_way.set(service.backpressure.inside)


def _append_many(service: Service, facts: Sequence[Fact], key: ApiKey) -> list[Answer]:
    return service.installation.ledger.append_many(facts, actor=key.label, **_believed(key))


def _ask(service: Service, fact: Fact, key: ApiKey) -> Permission:
    return service.installation.ledger.ask(fact, **_believed(key))


def _believed(key: ApiKey) -> dict[str, bool]:
    """Return what is believed of the holder of a key."""
    return {"vouches": may_vouch(key.role, key.scope), "is_officer": key.role is Role.OFFICER}


def _sees_all(key: ApiKey) -> bool:
    """Return whether the holder of a key may learn which promises and events stand behind a reason."""
    return key.role is Role.OFFICER


def _refused(answer: Answer, key: ApiKey) -> Answer:
    """Turn a refusal into the error that the sender of the fact gets."""
    if isinstance(answer, PledgerError) or not answer.refused:
        return answer
    return refusal(answer.findings, sees_all=_sees_all(key))


def _item(service: Service, answer: Answer, key: ApiKey) -> dict[str, Any]:
    if isinstance(answer, PledgerError):
        return {"status": status_of(answer), "problem": problem(answer)}
    return {"status": 200 if answer.repeated else 201, "receipt": _receipt(service, answer, key)}


async def _named(service: Service, document: dict[str, Any]) -> dict[str, Any]:
    """Put the names of the events that findings name in their places; a document that names none is not looked into."""
    if not names_events(document):
        return document
    keyring = service.installation.keyring
    return await service.reads(lambda connection: cast("dict[str, Any]", with_names(connection, keyring, document)))


def _receipt(service: Service, receipt: Receipt, key: ApiKey) -> dict[str, Any]:
    # A service may not learn that an address stands on somebody else's record, nor that it was an erased person's.
    return {
        "fact": receipt.fact,
        "at_least": service.append_tokens.write(receipt.position) if receipt.position else None,
        "repeated": receipt.repeated,
        **_found(receipt.findings, key),
        **beside(receipt, names_streams=key.role is Role.OFFICER),
    }


def _found(findings: Sequence[Finding], key: ApiKey) -> dict[str, Any]:
    """Return findings, and in short what stands against the fact."""
    shown = shown_findings(findings, sees_all=_sees_all(key))
    return {"reasons": reasons_against(findings), "findings": shown}


def _outcome(answer: Answer) -> str:
    """Return the outcome of a fact, as the metrics count it."""
    if isinstance(answer, PledgerError):
        return "refused" if isinstance(answer, Refused) else "rejected"
    return "repeated" if answer.repeated else "appended"
