"""Sending JSON Lines to a server: one fact a line, as `jsonl` appends them to a ledger.

A line that is not a JSON object is reported by its number, and is not sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from adapters.client import ServerProblem
from adapters.imports.jsonl import numbered
from domain.json_text import NotJson, read_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from adapters.client import Client

_BATCH: Final = 500
_NO_OBJECT: Final = "it is not a JSON object"


def send_lines(client: Client, stream: BinaryIO, progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Send the facts of a stream; return what the server stored, and each line that it did not, with the reason.

    `progress` is called with the facts answered, and of how many that were sent. Raises what the client raises.
    """
    report: dict[str, Any] = dict.fromkeys(("sent", "appended", "repeated"), 0)
    report |= {name: [] for name in ("findings", "unread", "not_linked", "later", "rejected")}
    lines: list[int] = []

    def facts() -> Iterator[dict[str, Any]]:
        for number, raw in numbered(stream):
            problem = _NO_OBJECT
            try:
                fact = read_json(raw)
            except NotJson as error:
                fact, problem = None, str(error)
            if isinstance(fact, dict):
                lines.append(number)
                yield fact
            else:
                report["rejected"].append({"line": number, "code": "malformed_fact", "problem": problem})

    for place, answer in enumerate(client.append_many(facts(), batch=_BATCH)):
        _take(report, lines[place], answer)
        progress(place + 1, len(lines))
    report["rejected"].sort(key=lambda one: one["line"])
    return report


def _take(report: dict[str, Any], line: int, answer: Any) -> None:  # noqa: ANN401 - a receipt or a problem
    report["sent"] += 1
    if isinstance(answer, ServerProblem):
        where = "; ".join(f"{field}: {what}" if field else what for field, what in answer.errors)
        problem = where or answer.what
        report["rejected"].append({"line": line, "code": answer.problem_code, "problem": problem})
        return
    report["repeated" if answer.repeated else "appended"] += 1
    promises = list(dict.fromkeys(found.promise or found.code for found in answer.findings if not found.excused))
    if promises and not answer.repeated:
        report["findings"].append({"line": line, "fact": answer.fact, "promises": promises})
    if answer.unread:
        report["unread"].append({"line": line, "fact": answer.fact, "categories": list(answer.unread)})
    if answer.not_linked:
        report["not_linked"].append({"line": line, "fact": answer.fact, "because": list(answer.not_linked)})
    if answer.later:
        report["later"].append({"line": line, "fact": answer.fact, "facts": list(answer.later)})
