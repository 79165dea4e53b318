"""Real browsers for tests: one Chromium process a role, each with its own face and voice."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from playwright.async_api import Browser, Playwright, async_playwright

from tests.browser.clips import Devices

CHROMIUM = "/usr/bin/chromium"
# No `--autoplay-policy` and no `--use-fake-ui-for-media-stream`: real people have neither, so
# sound needs a tap and devices need a permission here too.
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
class Browsers:
    """The two processes. A camera's file belongs to a process, so two faces need two."""

    customer: Browser
    staff: Browser


async def launch(playwright: Playwright, devices: Devices) -> Browser:
    """Start a Chromium with this camera and this microphone."""
    return await playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=[
            *FLAGS,
            f"--use-file-for-fake-video-capture={devices.camera}",
            f"--use-file-for-fake-audio-capture={devices.microphone}",
        ],
    )


@asynccontextmanager
async def open_browsers(customer: Devices, staff: Devices) -> AsyncIterator[Browsers]:
    """Run both browsers, each with its devices, for as long as the block runs."""
    async with async_playwright() as playwright:
        browsers = Browsers(await launch(playwright, customer), await launch(playwright, staff))
        try:
            yield browsers
        finally:
            await browsers.customer.close()
            await browsers.staff.close()
