"""Lines of a file, bounded in length."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def bounded_lines(readline: Callable[[int], bytes], bytes_max: int) -> Iterator[tuple[int, bytes, bool]]:
    """Yield each line with its number (from 1) and whether it was cut to its first `bytes_max` bytes.

    `readline` is that of an open binary file.
    """
    number = 0
    while line := readline(bytes_max):
        number += 1
        rest, is_cut = line, False
        while rest and not rest.endswith(b"\n"):
            rest = readline(bytes_max)
            is_cut = is_cut or bool(rest)
        yield number, line, is_cut
