"""Following the log: read models kept up to date, and projections of your own on the eventsourcing library."""

from adapters.workers.follower import Follower, Turn
from adapters.workers.own_projections import ProjectionStopped, runner, view
from adapters.workers.supervisor import run

__all__ = ["Follower", "ProjectionStopped", "Turn", "run", "runner", "view"]
