"""A real browser that a test steers, over the pipe of the Chrome DevTools Protocol: no driver, and no port."""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import subprocess
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SECONDS_MAX: Final = 60.0
_ABOVE_STANDARD: Final = 10
"""From this number on, file descriptors are not those that the browser wants: it reads 3 and writes 4."""


class Navigated(Exception):
    """The page that was asked has gone to another before it answered."""


class Browser:
    """One page of a browser. Every message ends with a zero byte."""

    def __init__(self, to: int, of: int) -> None:
        self._to, self._of = to, of
        self._number = 0
        self._unread = b""
        self._session: str | None = None
        target = self.tell("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.tell("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.tell("Page.enable")

    def tell(self, method: str, **parameters: Any) -> Any:  # noqa: ANN401 - what the protocol answers
        """Send a command, and give its answer. Raises `Navigated`."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            read = self._read()
            if read.get("id") == self._number:
                if "navigated" in read.get("error", {}).get("message", ""):
                    raise Navigated
                assert "error" not in read, read
                return read["result"]

    def goes(self, url: str, width: int = 360) -> None:
        """Open a page at a width, in pixels."""
        self.tell("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=True)
        self.tell("Page.navigate", url=url)
        self.waits("document.readyState === 'complete'")

    def gives(self, expression: str) -> Any:  # noqa: ANN401 - what a page has
        """Return what an expression comes to in the page."""
        return self.tell("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def waits(self, expression: str) -> None:
        """Wait until an expression holds in the page, or in the one that it goes to meanwhile."""
        until = time.monotonic() + SECONDS_MAX
        while not self._holds(expression):
            assert time.monotonic() < until, expression
            time.sleep(0.05)

    def clicks(self, selector: str) -> None:
        """Click on what a selector finds, once the page has answered: it cannot while it goes elsewhere."""
        self.gives(f"void setTimeout(() => document.querySelector({json.dumps(selector)}).click())")

    def presses(self, key: str, code: int) -> None:
        """Press a key."""
        for kind in ("keyDown", "keyUp"):
            text = {"text": "\r"} if key == "Enter" and kind == "keyDown" else {}
            self.tell("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **text)

    def roles(self) -> set[tuple[str, str]]:
        """Return role and name of all that a screen reader tells of."""
        nodes = self.tell("Accessibility.getFullAXTree")["nodes"]
        return {
            (str(node["role"]["value"]), str(node.get("name", {}).get("value", "")))
            for node in nodes
            if not node.get("ignored")
        }

    def _holds(self, expression: str) -> bool:
        try:
            return bool(self.gives(expression))
        except Navigated:
            return False

    def _read(self) -> dict[str, Any]:
        until = time.monotonic() + SECONDS_MAX
        while b"\0" not in self._unread:
            ready, _, _ = select.select([self._of], [], [], max(0.0, until - time.monotonic()))
            assert ready, "the browser does not answer"
            piece = os.read(self._of, 65_536)
            assert piece, "the browser has ended"
            self._unread += piece
        message, _, self._unread = self._unread.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found


def browser_command(profile: Path) -> list[str]:
    """Return the command line of a browser with a new profile; skip the test where there is no browser."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"no browser is on this machine (looked for {', '.join(BROWSERS)})")
    # A browser's own sandbox refuses to work for root, which is who runs the tests in a container.
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    quiet = ["--headless", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
    return [found, *as_root, *quiet, "--no-first-run", "--no-default-browser-check", f"--user-data-dir={profile}"]


@contextmanager
def steered(command: list[str]) -> Iterator[Browser]:
    """Start a browser, and give its page; it is ended in the end."""
    theirs_read, to = os.pipe()
    of, theirs_write = os.pipe()
    handed = [fcntl.fcntl(end, fcntl.F_DUPFD, _ABOVE_STANDARD) for end in (theirs_read, theirs_write)]
    for end in (theirs_read, theirs_write):
        os.close(end)
    process = subprocess.Popen(
        ["bash", "-c", f'exec "$@" 3<&{handed[0]} 4>&{handed[1]}', "-", *command, "--remote-debugging-pipe"],  # noqa: S607 - found by PATH
        pass_fds=handed,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for end in handed:
        os.close(end)
    try:
        yield Browser(to, of)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
        process.kill()
        process.wait()
        os.close(to)
        os.close(of)
