"""The rule kinds that a policy file may use, by name; one kind a file."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from domain.rules.aggregates_only import AggregatesOnly
from domain.rules.analytics_bounded import AnalyticsBounded
from domain.rules.attested import Attested
from domain.rules.cells_large_enough import CellsLargeEnough
from domain.rules.confirmed_first import ConfirmedFirst
from domain.rules.cookie_contents import CookieContents
from domain.rules.cookie_purposes import CookiePurposes
from domain.rules.current_value import CurrentValue
from domain.rules.enrollment_bounds import EnrollmentBounds
from domain.rules.never_from_children import NeverFromChildren
from domain.rules.never_to_group import NeverToGroup
from domain.rules.no_linkage import NoLinkage
from domain.rules.notice_at_points import NoticeAtPoints
from domain.rules.notice_posted import NoticePosted
from domain.rules.offer_first import OfferFirst
from domain.rules.opt_out_honoured import OptOutHonoured
from domain.rules.opt_out_permanent import OptOutPermanent
from domain.rules.policy_in_force import PolicyInForce
from domain.rules.purposes_limited import PurposesLimited
from domain.rules.recipients_limited import RecipientsLimited
from domain.rules.refusal_honoured import RefusalHonoured
from domain.rules.requests_answered import RequestsAnswered
from domain.rules.routes_limited import RoutesLimited
from domain.rules.set_apart import SetApart
from domain.rules.shared_after import SharedAfter
from domain.rules.verified_first import VerifiedFirst

if TYPE_CHECKING:
    from collections.abc import Mapping

    from domain.rules.base import Rule

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
