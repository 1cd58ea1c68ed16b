"""What is about to lapse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.lapses import lapses
from domain.rules.attested import Attested
from domain.rules.notice_at_points import NoticeAtPoints
from tests.controls import RECIPIENTS, day, fact, named, point, posted, published
from tests.scenario import judging

if TYPE_CHECKING:
    from datetime import datetime

    from tests.scenario import Shop

HOUR, SECOND = 1 / 24, 1 / 86_400


def named_lapses(shop: Shop, now: datetime, until: datetime) -> list[tuple[object, ...]]:
    """Return what lapses, with the names of facts."""
    found = lapses(shop.judge, shop.company, now, until)
    listed = [
        (at, promise, shop.names[one], *(shop.names[each] for each in others)) for at, promise, one, others in found
    ]
    return sorted(listed)


def test_attestations() -> None:
    """An attestation is told of once its end is near, that instant included, and not after it."""
    until = {"finding": "nothing for children", "until": day(30).isoformat()}
    shop = judging(Attested(kinds=("site_review", "physical"))).given(fact("site_reviewed", 1, until, subject=None))
    expected = [(day(30), "X1", named("site_reviewed", 1))]
    assert named_lapses(shop, day(20), day(40)) == expected
    assert named_lapses(shop, day(20), day(30)) == expected
    assert named_lapses(shop, day(30 - SECOND), day(30)) == expected
    assert named_lapses(shop, day(20), day(30 - SECOND)) == []
    assert named_lapses(shop, day(30), day(40)) == []


def test_notices_at_points() -> None:
    """A point that has yet to post a version is told of, with what asks for it, in order of time."""
    shop = judging(NoticeAtPoints())
    shop.given(*RECIPIENTS, published(0), point(0), posted(0, "web"), point(1, "app"))
    shop.given(published(1, "v2", effective=3))
    assert named_lapses(shop, day(1), day(2)) == [
        (day(1 + HOUR), "X1", named("open-app", 1), named("publish-2016-03-14", 0))
    ]
    assert [(at, last) for at, *_, last in named_lapses(shop, day(2), day(4))] == [
        (day(3 + HOUR), named("open-app", 1)),
        (day(3 + HOUR), named("open-web", 0)),
    ]
    assert named_lapses(shop, day(2), day(3)) == []
    early = (posted(2, "web", "v2"), posted(2, "app", "v2"))
    assert named_lapses(shop.given(*early), day(2), day(4)) == []
