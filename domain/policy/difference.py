"""What differs between two policies, as data: promises, their rules and readings, parameters, purposes and roles.

Promises are the same if they have the same id. A text that only moved is no difference. `domain.audit.difference` shows
what follows from a difference, for a history that is judged under both policies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from domain.vocabulary import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.policy.model import Policy, Promise

_PLACE: Final = frozenset({"start", "end", "rule", "otherwise", "id"})
_HEADER: Final = ("id", "version", "title", "observed_at", "effective_from", "sha256")


class PolicyChange(NamedTuple):
    """One difference: `where` is a dotted path, such as `P18.rule.reopened_by`; None: one of the policies lacks it."""

    where: str
    before: Any
    after: Any


def changes(before: Policy, after: Policy) -> list[PolicyChange]:
    """Return all differences: the header first, then parameters, purposes, roles and promises, each in order."""
    return [
        *_header(before, after),
        *_tables("parameters", before.parameters.model_dump(mode="json"), after.parameters.model_dump(mode="json")),
        *_tables("purposes", _listed(before.purposes), _listed(after.purposes)),
        *_tables("roles", _listed(before.roles), _listed(after.roles)),
        *_promises(before, after),
    ]


def _header(before: Policy, after: Policy) -> Iterator[PolicyChange]:
    one, other = (policy.model_dump(mode="json", include=set(_HEADER)) for policy in (before, after))
    yield from (PolicyChange(name, one[name], other[name]) for name in _HEADER if one[name] != other[name])


def _promises(before: Policy, after: Policy) -> Iterator[PolicyChange]:
    ours = {promise.id: promise for promise in before.promises}
    theirs = {promise.id: promise for promise in after.promises}
    for name in dict.fromkeys((*ours, *theirs)):
        mine, other = ours.get(name), theirs.get(name)
        if mine is None or other is None:
            yield PolicyChange(name, mine and mine.title, other and other.title)
        else:
            yield from _tables(name, _promise(mine), _promise(other))


def _promise(promise: Promise) -> dict[str, Any]:
    """Return the fields of a promise by dotted path, with the parameters of its rule under each reading."""
    fields = {name: value for name, value in promise.model_dump(mode="json").items() if name not in _PLACE}
    for reading in Reading:
        name = "rule" if reading is Reading.HARMONISED else reading.value
        for parameter, value in promise.under(reading).model_dump(mode="json").items():
            fields[f"{name}.{parameter}"] = value
    return fields


def _tables(name: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[PolicyChange]:
    for key in dict.fromkeys((*before, *after)):
        if before.get(key) != after.get(key):
            yield PolicyChange(f"{name}.{key}", before.get(key), after.get(key))


def _listed(table: Any) -> dict[str, Any]:  # noqa: ANN401 - either table
    return {str(getattr(name, "value", name)): sorted(words) for name, words in table.items()}
