"""Whether a page can be read: nothing cut off, nothing on top of something else.

The other half is `layout.js`, which looks at every line of text there is.
"""

import re
from pathlib import Path

from playwright.async_api import Page, ViewportSize

from tests.browser import eyes

SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
SIZES = (ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844))


async def faults(page: Page, view: str, pictures: Path | None = None) -> list[str]:
    """Return a line for each place of the page that can't be read, on a desk and on a phone.

    Into `pictures`, if there is such a folder, goes what was looked at.
    """
    found = []
    for size in SIZES:
        await eyes.dresses(page, "light", size)
        seen: list[str] = await page.evaluate(SCRIPT)
        found += [f"{view}, {size['width']} px: {one}" for one in seen]
        if pictures:
            name = re.sub(r"\W+", "-", view).strip("-")
            file = pictures / f"{name}-{size['width']}.png"
            await page.screenshot(path=file, full_page=True)
    return found
