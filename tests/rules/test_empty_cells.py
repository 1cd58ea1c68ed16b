"""Rule kind cells_large_enough: cells of nobody, where some or all of their dimensions say that empty is public."""

from __future__ import annotations

from typing import Any

import pytest

from domain.rules.cells_large_enough import CellsLargeEnough
from tests.controls import fact
from tests.scenario import judging

RULE = CellsLargeEnough()
AREA, GENDER = {"name": "area", "empty_is_public": True}, {"name": "gender", "empty_is_public": True}


@pytest.mark.parametrize(
    ("dimensions", "where", "is_kept"),
    [
        ([AREA], {"area": "north"}, True),
        (["area"], {"area": "north"}, False),
        ([{"name": "area", "empty_is_public": False}], {"area": "north"}, False),
        ([AREA, "gender"], {"area": "north"}, True),
        ([AREA, "gender"], {"area": "north", "gender": "female"}, False),
        ([AREA, GENDER], {"area": "north", "gender": "female"}, True),
        ([AREA], {"gender": "female"}, False),
        ([AREA], {}, False),
    ],
)
def test_a_cell_of_nobody(dimensions: list[Any], where: dict[str, str], is_kept: bool) -> None:  # noqa: FBT001 - a table
    """It breaks nothing where each dimension of the cell says so; a total has none that could."""
    data = {"release": "r", "dimensions": dimensions, "cells": [{"where": where, "count": 0}]}
    shop = judging(RULE).when(fact("aggregate_released", 1, data))
    assert shop.codes("X1") == (set() if is_kept else {"cell_too_small"})


def test_a_cell_of_one() -> None:
    """It is no cell of nobody."""
    data = {"release": "r", "dimensions": [AREA], "cells": [{"where": {"area": "north"}, "count": 1}]}
    assert judging(RULE).when(fact("aggregate_released", 1, data)).codes("X1") == {"cell_too_small"}
