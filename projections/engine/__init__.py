"""The engine: brings read models up to the log, window by window, and makes them anew beside the ones that are read.

Promise: each window is one transaction that moves a checkpoint from where it was read and writes the rows, or does
neither; any number of processes may do it at once, each event counts once, and how history was cut into windows cannot
be seen in the result. A person who is erased leaves every read model in the erasing transaction and does not come back.
An event that a statement fails on stops that read model just before it, and no other. A rebuild changes nothing that is
read until it takes its place, in one transaction.
Refused: going past the end of the log, and a connection inside somebody else's transaction.

Why an erased person cannot come back: a window takes the checkpoint's row first and then reads, and an erasure takes
all these rows before it deletes. So either the window commits first and the erasure deletes what it wrote, or the
erasure commits first and the window sees the CustomerErased events, and every statement leaves those streams out. This
rests on each statement having a snapshot of its own (READ COMMITTED). It holds for shadow tables as for live ones: the
row of a rebuild is the checkpoint of its shadow. Rows are taken in one order everywhere: head, checkpoints by name,
rebuilds by name, and only then tables; so nobody waits in a circle.
"""

from projections.engine.catching_up import WINDOW_EVENTS, catch_up, positions, prepare
from projections.engine.erasing import purge
from projections.engine.progress import Progress, Rebuilt
from projections.engine.rebuilding import RebuildStopped, rebuild
from projections.engine.removing import left_over, remove
from projections.engine.shadows import RebuildRunning, cancel
from projections.engine.standing import Lag, Rebuilding, Standing, standing, status
from projections.registry import PROJECTIONS, chosen

__all__ = [
    "PROJECTIONS",
    "WINDOW_EVENTS",
    "Lag",
    "Progress",
    "RebuildRunning",
    "RebuildStopped",
    "Rebuilding",
    "Rebuilt",
    "Standing",
    "cancel",
    "catch_up",
    "chosen",
    "left_over",
    "positions",
    "prepare",
    "purge",
    "rebuild",
    "remove",
    "standing",
    "status",
]
