"""What counts as seen and heard: decoded pixels that change, sound whose energy is measured.

The other half is `eyes.js`, which runs in every page of these tests.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import Locator, Page, ViewportSize

SCRIPT = Path(__file__).with_suffix(".js")
PATIENCE = 15.0
LOOK_EVERY = 0.1
# A picture moves when it changed this often: one change can be a first frame over a black one.
CHANGES = 4
# The energy of inbound sound (W3C webrtc-stats) that no silence and no comfort noise reaches.
AUDIBLE = 2e-4
# A page shows a change with its next frame, and a screenshot may still have the one before.
PAINTED = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@dataclass(frozen=True)
class Traffic:
    """What went through a page's present peer connection so far."""

    state: str
    packets_sent: int
    frames_sent: int
    packets_received: int
    frames_decoded: int
    sound_energy: float
    bytes_sent: int
    local: str
    remote: str


async def traffic(page: Page) -> Traffic:
    """Return the sums of the page's `getStats`."""
    seen: dict[str, Any] = await page.evaluate("eyes.traffic()")
    return Traffic(
        state=seen["state"],
        packets_sent=seen["packetsSent"],
        frames_sent=seen["framesSent"],
        packets_received=seen["packetsReceived"],
        frames_decoded=seen["framesDecoded"],
        sound_energy=seen["soundEnergy"],
        bytes_sent=seen["bytesSent"],
        local=seen["local"],
        remote=seen["remote"],
    )


async def changes(video: Locator, seconds: float, enough: int = 1_000_000) -> int:
    """Return how often the decoded picture changed in this time, or until it was enough."""
    found: int = await video.evaluate(
        "(video, wish) => eyes.changes(video, wish)", {"ms": seconds * 1000, "enough": enough}
    )
    return found


async def moves(video: Locator, within: float = PATIENCE) -> None:
    """Wait until the picture moves."""
    seen = await changes(video, within, CHANGES)
    assert seen >= CHANGES, f"the picture changed {seen} times in {within} s"


async def stands_still(video: Locator, seconds: float = 1.5) -> None:
    """Assert that the picture does not change for this long."""
    seen = await changes(video, seconds)
    assert seen == 0, f"the picture changed {seen} times in {seconds} s"


async def hears(page: Page, within: float = PATIENCE) -> None:
    """Wait until the page plays sound that is more than silence."""
    before = await traffic(page)
    async with asyncio.timeout(within):
        while True:
            now = await traffic(page)
            # A new connection counts from nothing.
            if now.sound_energy - min(before.sound_energy, now.sound_energy) > AUDIBLE:
                return
            if now.sound_energy < before.sound_energy:
                before = now
            await asyncio.sleep(LOOK_EVERY)


async def hears_nothing(page: Page, seconds: float = 1.5) -> None:
    """Assert that no sound is played for this long."""
    before = await traffic(page)
    await asyncio.sleep(seconds)
    after = await traffic(page)
    heard = after.sound_energy - before.sound_energy
    assert heard < AUDIBLE, f"sound of {heard} in {seconds} s"


async def falls_silent(page: Page, within: float = PATIENCE) -> None:
    """Wait until what is on its way has been played, and nothing follows."""
    async with asyncio.timeout(within):
        before = await traffic(page)
        while True:
            await asyncio.sleep(LOOK_EVERY * 5)
            now = await traffic(page)
            if now.sound_energy - before.sound_energy < AUDIBLE / 10:
                return
            before = now


async def colour(video: Locator) -> tuple[int, int, int]:
    """Return the picture's mean red, green and blue, from 0 to 255."""
    seen = await video.evaluate("(video) => eyes.colour(video)")
    red, green, blue = seen or (0, 0, 0)
    return red, green, blue


def magenta(mean: tuple[int, int, int]) -> bool:
    """Say whether a picture is the test's own second camera."""
    red, green, blue = mean
    return min(red, blue) - green > 100


def natural(mean: tuple[int, int, int]) -> bool:
    """Say whether a picture is neither that nor black."""
    return not magenta(mean) and sum(mean) > 30


async def turns(
    video: Locator, into: Callable[[tuple[int, int, int]], bool], within: float = PATIENCE
) -> None:
    """Wait until the picture has such a colour, and moves."""
    async with asyncio.timeout(within):
        while not into(await colour(video)):
            await asyncio.sleep(LOOK_EVERY)
    await moves(video, within)


async def shows(
    video: Locator, wanted: tuple[int, int, int], within: float = PATIENCE, near: int = 60
) -> None:
    """Wait until the picture has about this mean colour."""
    async with asyncio.timeout(within):
        while max(abs(a - b) for a, b in zip(await colour(video), wanted, strict=True)) > near:
            await asyncio.sleep(LOOK_EVERY)


async def connected(page: Page, within: float = PATIENCE) -> None:
    """Wait until the page's peer connection is up."""
    async with asyncio.timeout(within):
        while (await traffic(page)).state != "connected":
            await asyncio.sleep(LOOK_EVERY)


async def dresses(page: Page, scheme: Literal["light", "dark"], viewport: ViewportSize) -> None:
    """Give the page these colours and this size, and wait until they are on the screen."""
    await page.bring_to_front()
    await page.emulate_media(color_scheme=scheme)
    await page.set_viewport_size(viewport)
    await page.evaluate(PAINTED)


async def held_back(page: Page) -> list[str]:
    """Return the kinds of live tracks that the page's connection has and may not send."""
    kinds: list[str] = await page.evaluate("eyes.heldBack()")
    return kinds


async def asked_for(page: Page) -> list[str]:
    """Return what the page asked of the device's owner so far, like `audio and video`."""
    asked: list[str] = await page.evaluate("eyes.asked")
    return asked
