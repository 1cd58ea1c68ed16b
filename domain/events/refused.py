"""The events of a person's stream that stand for what was refused: they hold codes, and no value."""

from __future__ import annotations

from domain.events.base import Refusal
from domain.events.customer import CustomerEvent


class CollectionRefused(Refusal, CustomerEvent):
    """A collection was refused."""


class UseRefused(Refusal, CustomerEvent):
    """A use, a message, a report to the person or a correction was refused."""


class ShareRefused(Refusal, CustomerEvent):
    """A share was refused."""


class EnrollmentRefused(Refusal, CustomerEvent):
    """An enrollment was refused."""
