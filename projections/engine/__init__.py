"""The engine: brings read models up to date with the log, window by window, and rebuilds them beside the live tables.

- A window is one transaction: it moves a checkpoint from where it was read and writes the rows, or does neither. Any
  number of processes may catch up at once; each event counts once, and the rows do not depend on how history was cut
  into windows.
- A person who is erased leaves every read model in the erasing transaction and does not come back.
- An event that a statement fails on stops that read model just before it, and no other.
- A rebuild changes nothing that is read until its table replaces the old one, in one transaction.

Why an erased person cannot come back: a window locks the checkpoint's row first and then reads, and an erasure locks
all these rows before it deletes. Either the window commits first, and the erasure deletes what it wrote; or the erasure
commits first, and the window sees the CustomerErased events, whose streams every statement leaves out. This needs a
snapshot for each statement (READ COMMITTED). It holds for shadow tables too: the row of a rebuild is the checkpoint of
its shadow. Rows are locked in one order everywhere, so nobody waits in a circle: head, checkpoints by name, rebuilds by
name, and then tables.
"""

from projections.engine.catch_up import WINDOW_EVENTS, catch_up, positions, prepare
from projections.engine.progress import Progress, Rebuilt
from projections.engine.purge import purge
from projections.engine.rebuild import RebuildStopped, rebuild
from projections.engine.remove import left_over, remove
from projections.engine.shadows import RebuildRunning, cancel
from projections.engine.status import Lag, ProjectionStatus, RebuildStatus, lags, status
from projections.registry import PROJECTIONS, chosen

__all__ = [
    "PROJECTIONS",
    "WINDOW_EVENTS",
    "Lag",
    "Progress",
    "ProjectionStatus",
    "RebuildRunning",
    "RebuildStatus",
    "RebuildStopped",
    "Rebuilt",
    "cancel",
    "catch_up",
    "chosen",
    "lags",
    "left_over",
    "positions",
    "prepare",
    "purge",
    "rebuild",
    "remove",
    "status",
]
