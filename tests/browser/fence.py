"""A network of its own for a browser, behind a firewall that lets no UDP out.

A network namespace (Linux `ip-netns`), joined with this machine by one cable, and a routing rule
that drops UDP. Making one takes the rights of root. The cable is laid before any browser runs: each
Chromium on this machine gives up what it is loading whenever a cable comes or goes.
"""

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.browser.chromium import Build

# How a worker of the tests learns which networks were made for this run.
LAID = "TEST_FENCES"


@dataclass(frozen=True)
class Fence:
    """The network inside, and this machine's address as it is seen from there."""

    name: str
    outside: str

    def around(self, build: Build, folder: Path) -> Build:
        """Return this build of Chromium, started inside; `folder` keeps the script that does it."""
        script = folder / "chromium"
        script.write_text(f'#!/bin/sh\nexec ip netns exec {self.name} {build.program} "$@"\n')
        script.chmod(0o700)
        return Build(str(script), build.flags)

    def let_no_udp_out(self) -> None:
        """Drop what goes out by UDP, without a word, as strict firewalls do."""
        _ip("-n", self.name, "rule", "add", *_NO_UDP)

    def let_all_out(self) -> None:
        """Take the firewall away, if there is one."""
        if b"blackhole" in _ip("-n", self.name, "rule", "show"):
            _ip("-n", self.name, "rule", "delete", *_NO_UDP)


_NO_UDP = ("blackhole", "ipproto", "udp", "pref", "100")


@contextmanager
def laid(count: int) -> Iterator[None]:
    """Make so many networks for the tests of this run, and take them away at the end."""
    sign = secrets.randbelow(512)
    names = [f"fence-{sign}-{index}" for index in range(count)]
    try:
        for index, name in enumerate(names):
            _ip("netns", "add", name)
            _lay_cable(name, *_addresses(sign, index))
        os.environ[LAID] = str(sign)
        yield
    finally:
        os.environ.pop(LAID, None)
        for name in names:
            # The cable goes with its end inside.
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)


def my_fence() -> Fence:
    """Return the network that was made for this worker. Raises `RuntimeError` when none was."""
    sign = os.environ.get(LAID)
    if sign is None:
        raise RuntimeError("a firewall for a browser takes the rights of root, and the program ip")
    index = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return Fence(f"fence-{sign}-{index}", _addresses(int(sign), index)[0])


def _addresses(sign: int, index: int) -> tuple[str, str]:
    # 198.18.0.0/15 is for tests (RFC 2544): nobody's network begins so.
    start = f"198.{18 + sign // 256}.{sign % 256}"
    return f"{start}.{4 * index + 1}", f"{start}.{4 * index + 2}"


def _lay_cable(name: str, outside: str, inside: str) -> None:
    here, there = f"out-{name[6:]}", f"in-{name[6:]}"
    _ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", name)
    # No address that comes by itself, seconds later.
    _ip("link", "set", here, "addrgenmode", "none")
    _ip("address", "add", f"{outside}/30", "dev", here)
    _ip("link", "set", here, "up")
    _ip("-n", name, "address", "add", f"{inside}/30", "dev", there)
    _ip("-n", name, "link", "set", there, "up")
    _ip("-n", name, "link", "set", "lo", "up")


def _ip(*words: str) -> bytes:
    return subprocess.run(["ip", *words], check=True, capture_output=True).stdout
