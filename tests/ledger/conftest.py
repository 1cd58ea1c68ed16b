"""Facts to append, a second process's view of the same ledger, and real processes that append."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from adapters.bootstrap import opened
from adapters.settings import load_settings
from tests.controls import fact, lines
from tests.databases import fresh_database
from tests.serving import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from adapters.bootstrap import Installation
    from domain.facts import Fact

_PROCESS = Path(__file__).parent / "appending_process.py"


class Say:
    """Makes facts, as a service would send them; each method gives one, under the id that it is given."""

    source = "/shop"

    def fact(self, name: str, kind: str, subject: str | None, time: str, **data: Any) -> Fact:  # noqa: ANN401
        """Return any fact."""
        return fact(kind, time, data, subject=subject, fact_id=name, source=self.source)

    def collection(
        self,
        name: str,
        subject: str = "customer:1",
        time: str = "2016-04-02T10:15:00Z",
        **data: Any,  # noqa: ANN401
    ) -> Fact:
        """Return a contest entry with an e-mail address."""
        values = {"user.contact.email": "ada@example.org"}
        usual: dict[str, Any] = {
            "act": "contest_entry",
            "reference": f"entry of {name}",
            "collection_point": "site",
            "values": values,
        }
        usual["online"] = False  # On paper: no point has to be registered for it.
        return self.fact(name, "collection", subject, time, **{**usual, **data})

    def opt_out(
        self,
        name: str,
        subject: str = "customer:1",
        time: str = "2016-05-02T10:15:00Z",
        **data: Any,  # noqa: ANN401
    ) -> Fact:
        """Return an opt-out from e-mail marketing."""
        return self.fact(name, "opt_out", subject, time, **{"program": "email_marketing", "via": "portal", **data})

    def message(self, name: str, subject: str = "customer:1", time: str = "2016-06-02T10:15:00Z") -> Fact:
        """Return an advertising e-mail."""
        return self.fact(name, "message", subject, time, program="email_marketing", message_id=name)

    def erasure(self, name: str, subject: str = "customer:1", time: str = "2016-07-02T10:15:00Z") -> Fact:
        """Return an erasure."""
        return self.fact(name, "erasure", subject, time, reason="asked for it")

    def cookie_refusal(self, name: str, subject: str = "visitor:b1", time: str = "2016-04-02T10:15:00Z") -> Fact:
        """Return a browser's refusal of cookies."""
        return self.fact(name, "cookies_refused", subject, time)

    def incident(self, name: str, time: str = "2016-04-02T10:15:00Z") -> Fact:
        """Return a fact about the company."""
        return self.fact(name, "incident", None, time, incident=name, unauthorised_reads=0)


@pytest.fixture
def say() -> Say:
    """Return the maker of facts."""
    return Say()


@pytest.fixture
def other(installation: Installation) -> Iterator[Installation]:
    """Open the same ledger again: connections and records of its own, as another process has them."""
    with opened(installation.settings) as it:
        yield it


@pytest.fixture
def in_processes(installation: Installation) -> Callable[[Sequence[Sequence[Fact]]], list[list[dict[str, Any]]]]:
    """Append several lists of facts at once, each in a process of its own; gives each one's answers as mappings."""

    def run(lists: Sequence[Sequence[Fact]]) -> list[list[dict[str, Any]]]:
        settings = installation.settings
        assert settings.database_url is not None
        command = [sys.executable, str(_PROCESS), settings.database_url.get_secret_value(), str(settings.home)]
        processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in lists]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        answers = []
        for process, facts in zip(processes, lists, strict=True):
            assert process.stdin is not None
            process.stdin.write(lines(*facts))
            process.stdin.close()
        for process in processes:
            assert process.stdout is not None
            answers.append([json.loads(line) for line in process.stdout])
            assert process.wait(timeout=PATIENCE) == 0
        return answers

    return run


@pytest.fixture
def ledgers_made(
    made_ledger: tuple[str, Path], postgres_server: str, tmp_path: Path
) -> Callable[[], AbstractContextManager[Installation]]:
    """Make as many fresh ledgers as a test asks for, one after the other, each for the length of a block."""
    number = count()

    @contextmanager
    def made() -> Iterator[Installation]:
        home = tmp_path / f"home-{next(number)}"
        shutil.copytree(made_ledger[1], home)
        with (
            fresh_database(postgres_server, made_ledger[0]) as url,
            opened(load_settings(home=home, database_url=url)) as it,
        ):
            yield it

    return made
