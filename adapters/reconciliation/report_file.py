"""Reading the document of a reconciliation, for an audit that reports it.

A document is accepted only if `pledger reconcile` wrote it, for this ledger and this policy, and nobody changed it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from adapters.reconciliation.mapping import FileKind
from adapters.reconciliation.report import KINDS, VERSION
from domain.canonical import canonical_json
from domain.errors import PledgerError
from domain.facts.fields import OldInstant
from domain.json_text import NotJson, read_json

if TYPE_CHECKING:
    from pathlib import Path

    from domain.policy.model import Policy

Text = Annotated[str, Field(max_length=4_000)]
Texts = Annotated[list[Text], Field(max_length=1_000)]


class ReconciliationUnusable(PledgerError):
    """The document of a reconciliation cannot be used."""

    code = "reconciliation_unusable"


class _Discrepancy(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    kind: Literal[KINDS]  # type: ignore[valid-type]  # The names are in one place.
    line: int | None
    fact: Text | None
    position: int | None
    subject: Text | None
    at: Annotated[OldInstant, Field(strict=False)]
    recorded_at: Annotated[OldInstant, Field(strict=False)] | None
    seconds: int | None
    would_break: Texts | None
    codes: Texts | None
    corrected_by: Text | None
    records: int | None


class _Document(BaseModel):
    """What is checked of the document; its digest covers the rest."""

    model_config = ConfigDict(strict=True, hide_input_in_errors=True)

    reconciliation: Annotated[FileKind, Field(strict=False)]
    version: Literal[VERSION]  # type: ignore[valid-type]  # It is in one place.
    ledger: Text
    position: int
    policy_digest: Text
    discrepancies: list[_Discrepancy]
    digest: Text


def read_report(path: Path, ledger: str, policy: Policy) -> dict[str, Any]:
    """Read the document of a reconciliation. Raises `ReconciliationUnusable`."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise _unusable(path, f"it cannot be read ({error.strerror or 'the operating system refused'})") from None
    try:
        document: dict[str, Any] = read_json(raw)
        checked = _Document.model_validate(document)
    except NotJson:
        raise _unusable(path, "it is not what pledger reconcile --format json prints: it is not JSON") from None
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) or "the document"
        why = f"it is not what pledger reconcile --format json prints: {where} is wrong"
        raise _unusable(path, why) from None
    content = {name: value for name, value in document.items() if name != "digest"}
    if hashlib.sha256(canonical_json(content).encode()).hexdigest() != checked.digest:
        raise _unusable(path, "its digest does not fit its content, so somebody changed it")
    if checked.ledger != ledger:
        raise _unusable(path, "it is about another ledger")
    if checked.policy_digest != policy.digest:
        raise _unusable(path, "it was made under another policy than the audit's")
    return document


def _unusable(path: Path, why: str) -> ReconciliationUnusable:
    return ReconciliationUnusable(
        f"{path} was not used.", f"{why}.", "Give a file that pledger reconcile --format json --output wrote."
    )
