"""The workloads that the table compares, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.benchmarks.lived import Lived
from tests.benchmarks.uniform import Uniform

if TYPE_CHECKING:
    from tests.benchmarks.workload import Workload

WORKLOADS: Final[dict[str, Workload]] = {workload.name: workload for workload in (Uniform(), Lived())}
