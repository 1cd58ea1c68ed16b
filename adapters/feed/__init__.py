"""Following the log: read models kept up to date, and projections of your own on the eventsourcing library."""

from adapters.feed.follower import Follower, Turn
from adapters.feed.own_projections import ProjectionStopped, runner, view
from adapters.feed.supervisor import run

__all__ = ["Follower", "ProjectionStopped", "Turn", "run", "runner", "view"]
