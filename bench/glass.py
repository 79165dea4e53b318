"""Glass to glass: how old is the picture that the customer sees?"""

import asyncio
import tempfile
from pathlib import Path

from bench.accept import HEIGHT, WIDTH
from bench.camera import write_clip
from bench.couple import couple
from bench.figures import Line, delays
from bench.node import running_node

HOW = """The advisor's camera goes through a canvas that writes the time on each frame as a row
of black and white cells; the customer's page reads it in `requestVideoFrameCallback`. For 20 s that
begin 5 s after the first frame. Frames whose checksum fails are counted and left out."""
TIMECODE = Path(__file__).with_name("timecode.js")
SETTLE_SECONDS = 5
SECONDS = 20


async def measure(seconds: float = SECONDS) -> list[Line]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        camera = write_clip(folder, WIDTH, HEIGHT)
        async with (
            running_node(folder) as node,
            couple(node, camera, scripts=[TIMECODE]) as both,
            both.talk() as customer,
        ):
            await customer.evaluate("firstFrame")
            await asyncio.sleep(SETTLE_SECONDS)
            await customer.evaluate("delays = [], unread = 0")
            await asyncio.sleep(seconds)
            samples, unread = await customer.evaluate("[delays, unread]")
    line = delays(
        f"Glass to glass ({unread} frames not read)", samples, 50, 80, "prototype: 26–40 / 39–66"
    )
    return [line]
