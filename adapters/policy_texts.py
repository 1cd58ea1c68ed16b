"""Policies, read from their texts with all the rule kinds that there are: once each, since nothing changes one."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from domain.policy.loader import load_policy
from domain.rules.common.kinds import KINDS

if TYPE_CHECKING:
    from domain.policy.model import Policy


@lru_cache(maxsize=8)
def policy_from(text: str, name: str = "policy") -> Policy:
    """Return the policy of the file `text`; errors call it `name`. Raises `PolicyInvalid`."""
    return load_policy(text, name=name, kinds=KINDS)
