"""The browsers that visit the demo's shop: cookies by area of the site, some refused, and what goes to analytics.

Promise: nothing ties a browser to a customer, and nothing here breaks a promise: cookies are known by a number of their
own, none follows a refusal, and analytics hears of behaviour alone. The same size and seed give the same visits.
"""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from adapters.demo.people import Browser

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.demo.simulation import Stage

ANALYTICS: Final = "pagecount-analytics"
AREAS: Final = ("rings", "earrings", "pendants", "care-guide", "wholesale")
AREA_WEIGHTS: Final = (50, 24, 14, 10, 2)
"""So few see the last one that its count can give somebody away."""
COOKIE: Final = "user.device.cookie_id"
BEHAVIOUR: Final = "user.behavior"
REFUSING: Final = 0.08
"""The share of browsers that refuse cookies, of which half say so by a signal besides."""


def visits(stage: Stage, browsers: int, seed: int) -> None:
    """Lay the visits of so many browsers on the stage."""
    # A generator of their own, so that who visits changes nothing of what customers do.
    rng = random.Random(seed)  # noqa: S311 - a story that can be told again, not secrets
    for number in range(30_001, 30_001 + browsers):
        browser = Browser(f"visitor:b{number}")
        begins = stage.day(rng.uniform(0.01, 0.9))
        areas = rng.choices(AREAS, AREA_WEIGHTS, k=rng.randint(1, 3))
        if rng.random() < REFUSING:
            _refuse(stage, browser, begins, signals=rng.random() < 0.5)  # noqa: PLR2004 - half of them
            continue
        for page, area in enumerate(dict.fromkeys(areas)):
            _visit(stage, browser, begins + timedelta(minutes=3 * page), area)


def _refuse(stage: Stage, browser: Browser, when: datetime, *, signals: bool) -> None:
    if signals:
        data = {"signal": "gpc", "value": True}
        stage.at(when, lambda at: stage.tell(f"/website {browser.name}-gpc", "signal", at, data, browser))
    stage.at(when, lambda at: stage.tell(f"/website {browser.name}-refuses", "cookies_refused", at, {}, browser))


def _visit(stage: Stage, browser: Browser, when: datetime, area: str) -> None:
    cookie = {"cookie": "visit", "purpose": "track_visits", "categories": [COOKIE], "area": area}
    counted = {"recipient": ANALYTICS, "categories": [BEHAVIOUR], "server_side": False}

    def come(at: datetime) -> None:
        name = f"/website {browser.name}-{area}"
        at = stage.tell(f"{name}-cookie", "cookie_set", at, cookie, browser)
        stage.tell(f"{name}-counted", "analytics_forwarded", at, counted, browser)

    stage.at(when, come)
