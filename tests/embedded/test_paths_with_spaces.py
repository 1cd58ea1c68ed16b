"""A home that the embedded server cannot run in is told before anything is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from adapters.postgres.embedded.server import EmbeddedServer, EmbeddedStartFailed

if TYPE_CHECKING:
    from pathlib import Path


def test_a_space_in_the_path_is_reported(tmp_path: Path) -> None:
    """The error names the space and what to do, and no folder is left behind."""
    home = tmp_path / "My Projects"
    with pytest.raises(EmbeddedStartFailed, match="holds a space"), EmbeddedServer(home):
        pass
    assert not home.exists()
