"""The rule kinds that a policy file may use, by name. A kind is a file of `domain/rules/`, and is named as its file."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import domain.rules
from domain.rules.common.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def _kinds() -> Iterator[tuple[str, type[Rule]]]:
    """Return the rule class of each file that defines one, with the name of the file."""
    for file in pkgutil.iter_modules(domain.rules.__path__):
        if not file.ispkg:
            module = f"{domain.rules.__name__}.{file.name}"
            for value in vars(import_module(module)).values():
                if isinstance(value, type) and issubclass(value, Rule) and value.__module__ == module:
                    yield file.name, value


KINDS: Final[Mapping[str, type[Rule]]] = MappingProxyType(dict(_kinds()))
