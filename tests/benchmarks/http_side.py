"""The side that goes over HTTP: the same facts, sent to a server as bytes that were made before the clock runs."""

from __future__ import annotations

import json
from functools import partial
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from tests.benchmarks.decided import decided
from tests.benchmarks.side import BATCH, chunks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.benchmarks.side import Job, Place
    from tests.benchmarks.workload import Workload

_SINGLE: Final = "application/cloudevents+json"
_BATCH: Final = "application/cloudevents-batch+json"


class HttpSide:
    """One process that sends facts to the server of its place."""

    def __init__(self, place: Place) -> None:
        assert place.server is not None, "the place has a server"
        self._workload = place.workload
        self._address, self._key = place.server
        self._tasks: list[Callable[[], int]] = []

    def prepare(self, job: Job) -> None:
        """Write the bodies of the requests, and work out how many events the facts of a batched job make."""
        self._tasks = []
        for thread in range(job.threads):
            label = f"{job.label}-{thread}"
            raw = list(self._workload.facts(label, job.facts))
            if job.batched:
                bodies = [b"[" + b",".join(batch) + b"]" for batch in chunks(raw, BATCH)]
                events = sum(map(len, decided(self._workload, label, job.facts)))
                self._tasks.append(partial(self._send, bodies, _BATCH, events))
            else:
                self._tasks.append(partial(self._send, raw, _SINGLE, len(raw)))

    def tasks(self) -> Sequence[Callable[[], int]]:
        """Return the work of each thread."""
        return self._tasks

    def close(self) -> None:
        """Nothing is held."""

    def _send(self, bodies: Sequence[bytes], media: str, done: int) -> int:
        connection = connected(self._address)
        for body in bodies:
            check(posted(connection, self._key, body, media), self._workload)
        connection.close()
        return done


def connected(address: str) -> HTTPConnection:
    """Open a connection that stays open."""
    parts = urlsplit(address)
    return HTTPConnection(parts.hostname or "", parts.port, timeout=60)


def posted(connection: HTTPConnection, key: str, body: bytes, media: str = _SINGLE) -> bytes:
    """Send facts and return the answer; one that is no success would be another workload."""
    connection.request("POST", "/v1/events", body, {"Content-Type": media, "Authorization": f"Bearer {key}"})
    answer = connection.getresponse()
    told = answer.read()
    if answer.status not in {200, 201}:
        message = f"the workload is not what it should be: {answer.status} {told[:200]!r}"
        raise RuntimeError(message)
    return told


def check(answer: bytes, workload: Workload) -> None:
    """Raise if a fact of an answer was not stored, or broke the law: that would be another workload."""
    told = json.loads(answer)
    answers = told.get("answers", [{"receipt": told}])
    receipts = [one["receipt"] for one in answers if "receipt" in one]
    if len(receipts) < len(answers) or any(
        one["repeated"] or (one["findings"] and workload.is_lawful) for one in receipts
    ):
        wrong = [one for one in answers if "receipt" not in one or one["receipt"]["findings"]]
        message = f"the workload is not what it should be: {wrong[:3]}"
        raise RuntimeError(message)
