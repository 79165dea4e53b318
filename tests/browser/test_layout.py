"""What looks for text that can't be read finds it, and nothing else."""

import pytest

from tests.browser.chromium import Browsers
from tests.browser.layout import faults

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGE = """<!doctype html><html dir="{dir}"><meta name="viewport" content="width=device-width">
<style>body {{ margin: 0; overflow-x: clip; font: 16px/1.5 sans-serif }}</style>{body}</html>"""
LONG = "much longer than its box"
HIDDEN = "overflow: hidden; white-space: nowrap; width: 60px"


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (f'<p style="{HIDDEN}">{LONG}', "runs out of"),
        (f'<div style="{HIDDEN}"><p style="width: 300px">{LONG}</div>', "is cut off by"),
        (f'<button style="width: 60px; white-space: nowrap; padding: 0">{LONG}', "runs out of"),
        (
            f'<div style="{HIDDEN}"><p style="{HIDDEN}; width: 90px; text-overflow: ellipsis">'
            f"{LONG}</div>",
            "is cut off by",
        ),
        (f'<p style="height: 10px; overflow: hidden">one<br>{LONG}', "is cut off by"),
        ("<p>below</p><p style='margin-top: -40px'>above</p>", "lie on each other"),
        ("<p style='position: relative; inset-inline-start: -30px'>away", "lies off the screen"),
        ("<div style='margin-inline-start: -30px'><img width=50 height=50></div>", "lies off"),
        ("<p>text<video class=self-view style='position: absolute; inset: 0'></video>", "lie on"),
    ],
)
async def test_what_can_not_be_read_is_found(
    browsers: Browsers, direction: str, body: str, wrong: str
) -> None:
    found = await _faults(browsers, direction, body)
    assert found
    assert all(wrong in one for one in found), found


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize(
    "body",
    [
        f"<p>{LONG}</p><p>{LONG}</p>",
        f'<p style="{HIDDEN}; text-overflow: ellipsis">{LONG}',
        f'<p style="overflow: auto; white-space: nowrap; width: 60px">{LONG}',
        f"<details><summary>more</summary>{LONG}</details><p>below",
        f'<p style="visibility: hidden; {HIDDEN}">{LONG}',
        f'<p style="position: fixed; top: 0">{LONG}</p><p>below what stays where it is',
    ],
)
async def test_what_can_be_read_is_no_fault(browsers: Browsers, direction: str, body: str) -> None:
    assert await _faults(browsers, direction, body) == []


async def _faults(browsers: Browsers, direction: str, body: str) -> list[str]:
    context = await browsers.customer.new_context()
    try:
        page = await context.new_page()
        await page.set_content(PAGE.format(dir=direction, body=body))
        return await faults(page, "a page")
    finally:
        await context.close()
