"""An album of the pages: each at three widths, light and dark."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.async_api import Page

from tests.browser import eyes

SIZES = ((390, 844), (1280, 800), (1920, 1080))
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@dataclass(frozen=True)
class Album:
    """Where the pictures go."""

    folder: Path

    async def take(self, page: Page, name: str, *, whole: bool = False) -> None:
        """Save the page at every size, light and dark; `whole` reaches down to its end."""
        for width, height in SIZES:
            for scheme in SCHEMES:
                await eyes.dresses(page, scheme, {"width": width, "height": height})
                file = self.folder / f"{name}-{width}-{scheme}.png"
                await page.screenshot(path=file, full_page=whole)
