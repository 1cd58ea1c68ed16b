"""The rule kinds that a policy file may use, by name; one kind a file."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from domain.policy.rules.enrollment_bounds import EnrollmentBounds
from domain.policy.rules.opt_out_honoured import OptOutHonoured
from domain.policy.rules.opt_out_permanent import OptOutPermanent
from domain.policy.rules.purposes_limited import PurposesLimited
from domain.policy.rules.recipients_limited import RecipientsLimited
from domain.policy.rules.routes_limited import RoutesLimited

if TYPE_CHECKING:
    from collections.abc import Mapping

    from domain.policy.rules.base import Rule

KINDS: Final[Mapping[str, type[Rule]]] = MappingProxyType(
    {
        "purposes_limited": PurposesLimited,
        "recipients_limited": RecipientsLimited,
        "routes_limited": RoutesLimited,
        "enrollment_bounds": EnrollmentBounds,
        "opt_out_permanent": OptOutPermanent,
        "opt_out_honoured": OptOutHonoured,
    }
)
