"""A ledger to count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.controls import RECIPIENTS
from tests.statistics.shop import Shop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adapters.bootstrap import Installation


@pytest.fixture
def shop(installation: Installation) -> Iterator[Shop]:
    """Return a ledger with a recipient for each role."""
    with installation.connect() as connection:
        it = Shop(installation, connection)
        it.tell(*RECIPIENTS)
        yield it
