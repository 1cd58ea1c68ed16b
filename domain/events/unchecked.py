"""Models of values that were checked before, or that come from our own code: pydantic need not check them again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from pydantic import BaseModel

_M = TypeVar("_M", bound="BaseModel")
_set: Final = object.__setattr__


def unchecked(cls: type[_M], values: dict[str, Any], given: set[str]) -> _M:
    """Return a model of these values, one for each of its fields; `given` are the fields that do not have a default.

    The model has nothing beside its fields.
    """
    model = cls.__new__(cls)
    _set(model, "__dict__", values)
    _set(model, "__pydantic_fields_set__", given)
    _set(model, "__pydantic_extra__", None)
    _set(model, "__pydantic_private__", None)
    return model
