"""Reading back what a reconciliation found, so that an audit can tell of it.

Promise: only a document that is what `pledger reconcile` wrote, unchanged, of this ledger and by this policy, is taken.
Refused: anything else, with what is wrong and without repeating what it holds.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from adapters.reconciliation.mapping import Kind
from adapters.reconciliation.report import KINDS, VERSION
from domain.canonical import canonical_json
from domain.errors import PledgerError

if TYPE_CHECKING:
    from pathlib import Path

    from domain.policy.model import Policy

Text = Annotated[str, Field(max_length=4_000)]
Texts = Annotated[list[Text], Field(max_length=1_000)]


class ReconciliationUnusable(PledgerError):
    """A file that should hold what a reconciliation found cannot be used."""

    code = "reconciliation_unusable"


class _Discrepancy(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    kind: Literal[KINDS]  # type: ignore[valid-type]  # The names stand in one place.
    line: int | None
    fact: Text | None
    subject: Text | None
    at: Annotated[AwareDatetime, Field(strict=False)]
    recorded_at: Annotated[AwareDatetime, Field(strict=False)] | None
    seconds: int | None
    would_break: Texts | None
    codes: Texts | None
    corrected_by: Text | None


class _Filed(BaseModel):
    """What is looked at of the document; the digest vouches for the rest."""

    model_config = ConfigDict(strict=True, hide_input_in_errors=True)

    reconciliation: Annotated[Kind, Field(strict=False)]
    version: Literal[VERSION]  # type: ignore[valid-type]  # It stands in one place.
    ledger: Text
    position: int
    policy_digest: Text
    discrepancies: list[_Discrepancy]
    digest: Text


def read_filed(path: Path, ledger: str, policy: Policy) -> dict[str, Any]:
    """Read the document of a reconciliation. Raises `ReconciliationUnusable`."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise _unusable(path, f"it cannot be read ({error.strerror or 'the operating system refused'})") from None
    try:
        filed = _Filed.model_validate_json(raw)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) or "the document"
        why = f"it is not what pledger reconcile --format json prints: {where} is not as it should be"
        raise _unusable(path, why) from None
    document: dict[str, Any] = json.loads(raw)
    told = {name: value for name, value in document.items() if name != "digest"}
    if hashlib.sha256(canonical_json(told).encode()).hexdigest() != filed.digest:
        raise _unusable(path, "its digest is not that of its content, so somebody changed it")
    if filed.ledger != ledger:
        raise _unusable(path, "it is about another ledger")
    if filed.policy_digest != policy.digest:
        raise _unusable(path, "what it says would have been broken is by another policy than the audit's")
    return document


def _unusable(path: Path, why: str) -> ReconciliationUnusable:
    return ReconciliationUnusable(
        f"{path} was not used.", f"{why}.", "Give a file that pledger reconcile --format json --output wrote."
    )
