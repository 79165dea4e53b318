"""A call over a line that gets narrow: the picture goes down the ladder, and up again."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from bench.camera import write_clip
from bench.couple import Seat, couple
from bench.line import network
from bench.machine import CHROMIUM
from bench.node import running_node
from bench.router import Shape
from tests.browser import eyes
from tests.browser.cast import PATIENCE_MS
from tests.browser.pages import CustomerPage
from tests.browser.props import becomes_true

pytestmark = pytest.mark.asyncio(loop_scope="session")

NARROW = Shape(rate=56_000, delay_ms=20)
WIDE = Shape(delay_ms=5)
# What the customer sees there: a picture that moves, or a still.
LINES = "document.getElementById('live-video').videoHeight"
COLUMNS = "document.getElementById('live-video').videoWidth"
LOWEST = re.compile("sharp photos|small picture")
# A flooded line takes as long as it takes to drain, and a busy machine longer; up it goes rung by
# rung. No fact here has a time: those that have are measured by `make bench-lines`.
LONG = 180.0
LONG_MS = LONG * 1000
# Which reason is seen first, and whether the smallest picture holds, is the queue's chance.
NARROWED = re.compile(r"^The line .*: (small picture, sound goes first|sound and sharp photos)$")
PREFER_STILLS = "On a very slow line, sharp photos instead of a moving picture"


async def test_a_narrow_line_brings_the_picture_down_to_stills_and_a_wide_one_brings_it_back(
    tmp_path: Path,
) -> None:
    expect.set_options(timeout=PATIENCE_MS)
    camera = write_clip(tmp_path, 640, 360)
    async with (
        network(["server", "customer", "advisor"]) as net,
        running_node(tmp_path, net.hosts[0].address, net.hosts[0].inside) as node,
    ):
        home = net.hosts[1]
        flags = (f"--unsafely-treat-insecure-origin-as-secure={node.url}",)
        seats = (Seat(host.wrapper(tmp_path, CHROMIUM), flags) for host in net.hosts[1:])
        at_home, at_work = seats
        async with (
            couple(node, camera, at_home, at_work, [eyes.SCRIPT]) as both,
            both.talk(ring_seconds=0) as page,
        ):
            line = page.locator("#call-line")
            await becomes_true(page, f"{LINES} > 0")
            await expect(line).to_be_hidden()
            await net.shape(home, NARROW)
            for side in (page, both.advisor):
                await expect(side.locator("#call-line")).to_have_text(NARROWED, timeout=LONG_MS)

            saver = page.get_by_role("switch", name="Data saver")
            await saver.click()
            await page.get_by_role("checkbox", name=PREFER_STILLS).check()
            await becomes_true(page, f"{COLUMNS} === 640", within=LONG)
            theirs = both.advisor.locator("#call-line")
            await expect(theirs).to_have_text(re.compile("sharp photos$"), timeout=LONG_MS)
            await expect(page.locator("#stage-word")).to_be_hidden(timeout=LONG_MS)

            await net.shape(home, WIDE)
            await saver.click()
            # How far up it goes is also a matter of what the machine can encode.
            for side in (page, both.advisor):
                await expect(side.locator("#call-line")).not_to_have_text(LOWEST, timeout=LONG_MS)
            await eyes.moves(CustomerPage(page).live_view)
