"""Each code that a rule gives has a sentence that says why."""

from __future__ import annotations

import ast
import inspect
from typing import TYPE_CHECKING, Any, cast

import pytest

from domain.audit.reasons import REASONS
from domain.rules.common.base import Breach, Rule, Settled
from domain.rules.common.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.mark.parametrize("name", sorted(KINDS))
def test_each_code_has_its_sentence(name: str) -> None:
    """A kind has a sentence for each code that stands in its file, and no other kind gives that code another one."""
    kind = KINDS[name]
    assert set(_codes(kind)) <= kind.reasons.keys()
    for code, sentence in kind.reasons.items():
        assert sentence.endswith(".")
        assert REASONS[code] == sentence


def _codes(kind: type[Rule]) -> Iterator[str]:
    """Return the texts that a kind's file passes as the code of a breach, or of what time decided."""
    place = {Breach.__name__: Breach._fields.index("code"), Settled.__name__: Settled._fields.index("code")}
    for node in ast.walk(ast.parse(inspect.getsource(cast("Any", inspect.getmodule(kind))))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in place:
            for given in node.args[place[node.func.id] :][:1]:
                yield from (str(one.value) for one in ast.walk(given) if isinstance(one, ast.Constant))
