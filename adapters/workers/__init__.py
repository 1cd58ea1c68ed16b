"""What follows the log: read models, webhooks, and your own projections on the eventsourcing library."""

from adapters.workers.follower import Follower, FollowerProgress
from adapters.workers.own_projections import ProjectionStopped, runner, view
from adapters.workers.supervisor import run

__all__ = ["Follower", "FollowerProgress", "ProjectionStopped", "run", "runner", "view"]
