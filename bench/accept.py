"""Advisor taps Accept → the customer sees the first frame. Two browsers on one machine."""

import tempfile
from pathlib import Path

from bench.camera import write_clip
from bench.couple import Timings, couple
from bench.figures import Line, delays
from bench.node import running_node

HOW = """Two Chromium on one machine with phones' screens (390×844), without a GPU; the camera
plays a clip of a street, 640×480, 30 frames a second (as the prototype's did). Each customer is a
new visitor without cookies and without a cache. The call rings for 3 s, then the advisor's button
is clicked. From the click's own time stamp to the first `requestVideoFrameCallback` of the video
*Live view of the car* while it is visible. The clocks are one machine's."""
WIDTH, HEIGHT = 640, 480
CALLS = 20
_had: dict[int, list[Timings]] = {}


async def measure(calls: int = CALLS) -> list[Line]:
    timings = await have_calls(calls)
    samples = [timing.accept_to_frame for timing in timings]
    return [delays("Accept → first frame", samples, 80, 120, "prototype: 62 / 78")]


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
    return _had[calls]
