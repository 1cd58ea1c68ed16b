"""The browsers that visit the demo's shop: cookies by area of the site, refusals, and what goes to analytics.

Nothing ties a browser to a customer. Nothing here breaks a promise: no cookie follows a refusal, and analytics gets
behaviour alone. The same size and seed give the same visits.
"""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from adapters.demo.people import Browser

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.demo.simulation import Simulation

ANALYTICS: Final = "pagecount-analytics"
AREAS: Final = ("rings", "earrings", "pendants", "care-guide", "wholesale")
AREA_WEIGHTS: Final = (50, 24, 14, 10, 2)
"""The last area has so few visitors that its count can give somebody away."""
COOKIE: Final = "user.device.cookie_id"
BEHAVIOUR: Final = "user.behavior"
REFUSING: Final = 0.08
"""The share of browsers that refuse cookies; half of these also send a signal."""


def visits(simulation: Simulation, browsers: int, seed: int) -> None:
    """Schedule the visits of so many browsers."""
    # A generator of their own, so that visits do not change what customers do.
    rng = random.Random(seed)  # noqa: S311 - a story that can be repeated, not secrets
    for number in range(30_001, 30_001 + browsers):
        browser = Browser(f"visitor:b{number}")
        begins = simulation.day(rng.uniform(0.01, 0.9))
        areas = rng.choices(AREAS, AREA_WEIGHTS, k=rng.randint(1, 3))
        if rng.random() < REFUSING:
            _refuse(simulation, browser, begins, signals=rng.random() < 0.5)  # noqa: PLR2004 - half of them
            continue
        for page, area in enumerate(dict.fromkeys(areas)):
            _visit(simulation, browser, begins + timedelta(minutes=3 * page), area)


def _refuse(simulation: Simulation, browser: Browser, when: datetime, *, signals: bool) -> None:
    if signals:
        data = {"signal": "gpc", "value": True}
        simulation.at(when, lambda at: simulation.record(f"/website {browser.name}-gpc", "signal", at, data, browser))
    simulation.at(
        when, lambda at: simulation.record(f"/website {browser.name}-refuses", "cookies_refused", at, {}, browser)
    )


def _visit(simulation: Simulation, browser: Browser, when: datetime, area: str) -> None:
    cookie = {"cookie": "visit", "purpose": "track_visits", "categories": [COOKIE], "area": area}
    counted = {"recipient": ANALYTICS, "categories": [BEHAVIOUR], "server_side": False}

    def come(at: datetime) -> None:
        name = f"/website {browser.name}-{area}"
        at = simulation.record(f"{name}-cookie", "cookie_set", at, cookie, browser)
        simulation.record(f"{name}-counted", "analytics_forwarded", at, counted, browser)

    simulation.at(when, come)
