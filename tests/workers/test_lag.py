"""Following under load: nothing is missed, and the log has no gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.workers.lag import measure

if TYPE_CHECKING:
    from adapters.bootstrap import Installation


@pytest.mark.slow
def test_a_follower_under_load_misses_nothing(installation: Installation) -> None:
    """While five processes append and roll back, every read model keeps up and holds what the whole log makes of it."""
    lags = measure(installation, seconds=3)
    print(lags)  # noqa: T201 - shown with -s; how long it took is the machine's, so it decides nothing here
    assert (lags.gaps, lags.missed) == (0, 0)
    assert len(lags.lags) > 100
    assert lags.rolled_back > 10
