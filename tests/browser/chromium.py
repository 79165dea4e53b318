"""Real browsers for tests: one Chromium process a role, each with its own face and voice.

There are two builds of the same Chromium. The whole one has windows, and asks before it opens a
camera; the one without windows does neither, and costs half as much.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from playwright.async_api import Browser, Playwright, async_playwright

from tests.browser.clips import Devices

# No `--autoplay-policy`: real people have none, so sound needs a tap here too.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    # The address bar's pop-ups are pages of their own, two for each window that nobody sees:
    # without them a new page costs half.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,MediaRouter,Translate",
)


@dataclass(frozen=True)
class Build:
    """A build of Chromium: where it is, and what it needs besides."""

    program: str
    flags: Sequence[str] = ()


WINDOWED = Build("/usr/bin/chromium")
# It has nobody to ask for a permission: each is given.
WINDOWLESS = Build("/usr/bin/chromium-headless-shell", ("--use-fake-ui-for-media-stream",))


@dataclass(frozen=True)
class Browsers:
    """The two processes. A camera's file belongs to a process, so two faces need two."""

    customer: Browser
    staff: Browser


async def launch(playwright: Playwright, build: Build, devices: Devices) -> Browser:
    """Start a Chromium with this camera and this microphone."""
    return await playwright.chromium.launch(
        executable_path=build.program,
        args=[
            *FLAGS,
            *build.flags,
            f"--use-file-for-fake-video-capture={devices.camera}",
            f"--use-file-for-fake-audio-capture={devices.microphone}",
        ],
    )


@asynccontextmanager
async def open_browser(build: Build, devices: Devices) -> AsyncIterator[Browser]:
    """Run one browser for as long as the block runs."""
    async with async_playwright() as playwright:
        browser = await launch(playwright, build, devices)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def open_browsers(build: Build, customer: Devices, staff: Devices) -> AsyncIterator[Browsers]:
    """Run both browsers, each with its devices, for as long as the block runs."""
    async with async_playwright() as playwright:
        browsers = Browsers(
            await launch(playwright, build, customer), await launch(playwright, build, staff)
        )
        try:
            yield browsers
        finally:
            await browsers.customer.close()
            await browsers.staff.close()
