"""Advisor taps Accept → first frame, with 200 ms between everybody."""

import tempfile
from pathlib import Path

from bench.accept import CALLS, HEIGHT, WIDTH
from bench.camera import write_clip
from bench.couple import Seat, couple
from bench.figures import Line, delays
from bench.line import network
from bench.machine import CHROMIUM
from bench.node import running_node

HOW = """As `accept`, but the customer, the advisor and the server are three hosts, and a round
trip between any two of them takes 200 ms (network namespaces and a router of our own in user
space). The prototype had 200 ms between the two browsers, and 100 ms from each to its server."""
ROUND_TRIP_MS = 200


async def measure(calls: int = CALLS) -> list[Line]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        camera = write_clip(folder, WIDTH, HEIGHT)
        async with (
            network(["server", "customer", "advisor"], ROUND_TRIP_MS) as net,
            running_node(folder, net.hosts[0].address, net.hosts[0].inside) as node,
        ):
            homes = net.hosts[1:]
            # Away from loopback a page needs HTTPS for its camera, or this word.
            flags = (f"--unsafely-treat-insecure-origin-as-secure={node.url}",)
            customer, advisor = (Seat(home.wrapper(folder, CHROMIUM), flags) for home in homes)
            async with couple(node, camera, customer, advisor) as both:
                samples = [(await both.call()).accept_to_frame for _ in range(calls)]
    what = f"Accept → first frame, {ROUND_TRIP_MS} ms round trip"
    return [delays(what, samples, 280, peer="prototype: 255 / 260")]
