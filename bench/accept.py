"""Advisor taps Accept → the customer sees the first frame. Two browsers on one machine."""

import tempfile
from pathlib import Path

from bench.bare_link import bare_links
from bench.camera import write_clip
from bench.couple import Timings, couple
from bench.figures import Line, delays, percentile
from bench.node import running_node

HOW = """Two Chromium on one machine with phones' screens (390×844), without a GPU; the camera
plays a clip of a street, 640×480, 30 frames a second (as the prototype's did). Each customer is a
new visitor without cookies and without a cache. The call rings for 3 s, then the advisor's button
is clicked. From the click's own time stamp to the first `requestVideoFrameCallback` of the video
*Live view of the car* while it is visible. The clocks are one machine's. *Elsewhere* is the floor:
two empty pages in the same browsers, in the same run, whose senders were held in the same way; from
the click to the first frame."""
WIDTH, HEIGHT = 640, 480
CALLS = 20
_had: dict[int, list[Timings]] = {}
_floor: dict[int, list[float]] = {}


async def measure(calls: int = CALLS) -> list[Line]:
    timings = await have_calls(calls)
    samples, floor = [timing.accept_to_frame for timing in timings], _floor[calls]
    peer = f"bare WebRTC: {percentile(floor, 0.5):.0f} / {percentile(floor, 0.95):.0f}"
    return [delays("Accept → first frame", samples, 80, 120, f"{peer}; prototype: 62 / 78")]


async def have_calls(calls: int) -> list[Timings]:
    """Have some calls, one after the other, between the same two browsers.

    The same calls serve every figure that asks for as many.
    """
    if calls not in _had:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            camera = write_clip(folder, WIDTH, HEIGHT)
            async with running_node(folder) as node, couple(node, camera) as both:
                _had[calls] = [await both.call() for _ in range(calls)]
                _floor[calls] = await bare_links(both, calls)
    return _had[calls]
