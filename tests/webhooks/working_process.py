"""A worker as a process of its own, for a test to kill: the ledger is the one that the environment names."""

from __future__ import annotations

from threading import Event

from adapters.bootstrap import opened
from adapters.settings import load_settings
from adapters.workers.webhooks import deliver

if __name__ == "__main__":
    with opened(load_settings()) as installation:
        print("ready", flush=True)  # noqa: T201 - the test waits for it
        deliver(installation, Event())
