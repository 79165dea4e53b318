"""A network of its own for a browser, behind a firewall that lets no UDP out.

A network namespace (Linux `ip-netns`), joined with this machine by one cable, and a routing rule
that drops UDP. Making one takes the rights of root.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from showroom.ids import new_id
from tests.browser.chromium import Build


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
        _ip("-n", self.name, "rule", "add", "blackhole", "ipproto", "udp", "pref", "100")


@contextmanager
def fenced() -> Iterator[Fence]:
    """Make a network, and take it away at the end."""
    sign = new_id().encode().hex()[:6]
    # 198.18.0.0/15 is for tests (RFC 2544): nobody's network begins so.
    third, fourth = int(sign[:2], 16), int(sign[2:4], 16) & 0xFC
    outside, inside = f"198.18.{third}.{fourth + 1}", f"198.18.{third}.{fourth + 2}"
    name, here, there = f"fence-{sign}", f"out-{sign}", f"in-{sign}"
    _ip("netns", "add", name)
    try:
        _ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", name)
        _ip("address", "add", f"{outside}/30", "dev", here)
        _ip("link", "set", here, "up")
        _ip("-n", name, "address", "add", f"{inside}/30", "dev", there)
        _ip("-n", name, "link", "set", there, "up")
        _ip("-n", name, "link", "set", "lo", "up")
        yield Fence(name, outside)
    finally:
        # The cable goes with its end inside.
        _ip("netns", "delete", name)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
