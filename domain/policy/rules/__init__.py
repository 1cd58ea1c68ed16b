"""The rule kinds that a policy file may use, by name; one kind a file."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from domain.policy.rules.aggregates_only import AggregatesOnly
from domain.policy.rules.analytics_bounded import AnalyticsBounded
from domain.policy.rules.attested import Attested
from domain.policy.rules.cells_large_enough import CellsLargeEnough
from domain.policy.rules.confirmed_first import ConfirmedFirst
from domain.policy.rules.cookie_contents import CookieContents
from domain.policy.rules.cookie_purposes import CookiePurposes
from domain.policy.rules.current_value import CurrentValue
from domain.policy.rules.enrollment_bounds import EnrollmentBounds
from domain.policy.rules.never_from_children import NeverFromChildren
from domain.policy.rules.never_to_group import NeverToGroup
from domain.policy.rules.no_linkage import NoLinkage
from domain.policy.rules.notice_at_points import NoticeAtPoints
from domain.policy.rules.notice_posted import NoticePosted
from domain.policy.rules.offer_first import OfferFirst
from domain.policy.rules.opt_out_honoured import OptOutHonoured
from domain.policy.rules.opt_out_permanent import OptOutPermanent
from domain.policy.rules.policy_in_force import PolicyInForce
from domain.policy.rules.purposes_limited import PurposesLimited
from domain.policy.rules.recipients_limited import RecipientsLimited
from domain.policy.rules.refusal_honoured import RefusalHonoured
from domain.policy.rules.requests_answered import RequestsAnswered
from domain.policy.rules.routes_limited import RoutesLimited
from domain.policy.rules.set_apart import SetApart
from domain.policy.rules.shared_after import SharedAfter
from domain.policy.rules.verified_first import VerifiedFirst

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
        "current_value": CurrentValue,
        "never_from_children": NeverFromChildren,
        "never_to_group": NeverToGroup,
        "offer_first": OfferFirst,
        "requests_answered": RequestsAnswered,
        "set_apart": SetApart,
        "verified_first": VerifiedFirst,
        "attested": Attested,
        "notice_at_points": NoticeAtPoints,
        "notice_posted": NoticePosted,
        "policy_in_force": PolicyInForce,
        "aggregates_only": AggregatesOnly,
        "analytics_bounded": AnalyticsBounded,
        "cells_large_enough": CellsLargeEnough,
        "cookie_contents": CookieContents,
        "cookie_purposes": CookiePurposes,
        "no_linkage": NoLinkage,
        "refusal_honoured": RefusalHonoured,
        "confirmed_first": ConfirmedFirst,
        "shared_after": SharedAfter,
    }
)
