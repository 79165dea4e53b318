"""The check of a line: each thing is tried by itself and for real, and the advisor hears of it."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from pydantic import SecretStr

from tests.browser import eyes
from tests.browser.cast import Cast
from tests.browser.chromium import WINDOWED, WINDOWLESS, Browsers, open_browser, open_browsers
from tests.browser.clips import Devices
from tests.browser.conftest import OpenHouse
from tests.browser.fence import Fence, my_fence
from tests.browser.pages import talk
from tests.browser.props import ASKING, FAILING, LINE, becomes_true, equip, record
from tests.browser.test_accessibility import flawless
from tests.browser.test_relay_only import RELAYED_BY
from tests.browser.test_screens import fits
from tests.coturn import SECRET, Coturn, running_coturn, self_signed
from tests.nodes import free_port

pytestmark = pytest.mark.asyncio(loop_scope="session")

CODE = re.compile(r"^[2-9C-Y]{3} [2-9C-Y]{3}$")
NAMES = {
    "browser": "Browser",
    "camera": "Camera",
    "microphone": "Microphone",
    "socket": "Line to the showroom (WebSocket)",
    "udp": "Picture and sound, fast way (UDP)",
    "tcp": "Picture and sound, detour (TCP)",
    "tls": "Picture and sound through strict firewalls (TLS)",
    "down": "Speed to you",
    "up": "Speed from you",
}
# A check gives a way eight seconds, and there may be two that don't answer.
PATIENCE_MS = 45_000
OFF = "Not set up at this showroom."


@dataclass(frozen=True)
class CheckPage:
    """`/s/{showroom}/check`, or what staff see of one."""

    page: Page

    async def says(self, **lines: str) -> None:
        """Assert what stands below the names of these lines."""
        for line, text in lines.items():
            name = self.page.get_by_text(NAMES[line], exact=True)
            item = self.page.get_by_role("listitem").filter(has=name)
            await expect(item).to_contain_text(text, timeout=PATIENCE_MS)

    async def runs(self) -> str:
        """Start the check, and wait for its end; return the code."""
        await self.page.get_by_role(
            "button", name=re.compile("^(Start the check|Check again)$")
        ).click()
        code = self.page.locator("#code")
        await expect(code).to_have_text(CODE, timeout=PATIENCE_MS)
        await expect(code).to_be_visible(timeout=PATIENCE_MS)
        return await code.inner_text()

    async def concludes(self, text: str) -> None:
        await expect(self.page.get_by_role("status").filter(has_text=text)).to_be_visible()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browsers(devices: tuple[Devices, Devices]) -> AsyncIterator[Browsers]:
    """Browsers that take our TURN server's certificate, which nobody has signed."""
    trusting = replace(WINDOWLESS, flags=(*WINDOWLESS.flags, "--ignore-certificate-errors"))
    async with open_browsers(trusting, *devices) as opened:
        yield opened


def relayed_by(*urls: str) -> dict[str, object]:
    return {"turn_urls": urls, "turn_secret": SecretStr(SECRET)}


async def test_where_all_works_the_page_says_so_and_the_advisor_sees_it_by_the_code(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    certificate, key = self_signed(tmp_path)
    with running_coturn(tmp_path, f"--cert={certificate}", f"--pkey={key}") as coturn:
        cast = await open_house(relayed_by(coturn.udp, coturn.tcp, coturn.tls))
        page = (await cast.visitor(permissions=["camera", "microphone"])).page
        await page.goto("/s/paris/check")
        customer = CheckPage(page)
        code = await customer.runs()
        found = {
            "browser": "It can hold a live tour.",
            "camera": "Works.",
            "microphone": "Works, and hears you.",
            "socket": "Works.",
            "udp": "Works.",
            "tcp": "Works.",
            "tls": "Works.",
            "down": "good for HD.",
            "up": "Mbit/s",
        }
        await customer.says(**found)
        await customer.concludes("All good: a live tour works from here.")
        await fits(page, "a check that is done")
        await flawless(page, "a check that is done")
        for email, to in (("alice@example.com", "/advisor"), ("boss@example.com", "/manager")):
            staff = await cast.staff(email, to)
            await staff.get_by_label("Code", exact=True).fill(code.lower())
            await staff.keyboard.press("Enter")
            await CheckPage(staff).concludes("All good: a live tour works from here.")
            await CheckPage(staff).says(**found)
            await fits(staff, f"a check at {to}")
            await flawless(staff, f"a check at {to}")
        cast.forgive("404")
        await staff.get_by_label("Code", exact=True).fill("222222")
        await staff.get_by_role("button", name="Show the check", exact=True).click()
        await CheckPage(staff).concludes("No check with this code in the last day.")
        await expect(staff.get_by_text("It can hold a live tour.")).to_be_hidden()


async def test_each_line_is_tried_by_itself_where_devices_fail_and_no_relay_is_set_up(
    cast: Cast,
) -> None:
    page = (await cast.visitor(permissions=["camera", "microphone"])).page
    await page.goto("/s/paris/check")
    await equip(page, FAILING)
    await page.evaluate("failing.video = 'NotReadableError'")
    customer = CheckPage(page)
    await customer.runs()
    await customer.says(
        camera="Another app is using the device.",
        microphone="Works, and hears you.",
        socket="Works.",
        udp=OFF,
        tcp=OFF,
        tls=OFF,
        down="good for HD.",
    )
    await customer.concludes("A live tour works: you see and hear.")
    # The devices are free again, and a second check begins from the start.
    await page.evaluate("Object.assign(failing, {audio: 'NotAllowedError', video: ''})")
    await customer.runs()
    await customer.says(camera="Works.", microphone="Access was refused.")


async def test_who_allows_the_devices_after_the_verdict_is_not_told_two_things(cast: Cast) -> None:
    page = (await cast.visitor(permissions=["camera", "microphone"])).page
    # Twenty seconds are long for a test: two will do.
    shorter = """
    const wait = window.setTimeout;
    window.setTimeout = (then, ms, ...given) => wait(then, ms === 20000 ? 2000 : ms, ...given);
    """
    await page.goto("/s/paris/check")
    await equip(page, ASKING, shorter)
    customer = CheckPage(page)
    await customer.runs()
    refused = {"camera": "Access was refused.", "microphone": "Access was refused."}
    await customer.says(**refused)
    await page.evaluate("questions.shift()()")
    await becomes_true(page, "opened.length > 0")
    await becomes_true(page, "opened.every((track) => track.readyState === 'ended')")
    await page.evaluate(eyes.PAINTED)
    await customer.says(**refused)
    await expect(page.locator("#preview")).to_be_hidden()


async def test_a_check_that_breaks_says_so(cast: Cast) -> None:
    page = (await cast.visitor(permissions=["camera", "microphone"])).page
    await page.goto("/s/paris/check")
    await equip(page, "window.AudioContext = class { constructor() { throw new Error('no'); } };")
    await page.get_by_role("button", name="Start the check").click()
    await CheckPage(page).concludes("The check has stopped")
    await expect(page.get_by_role("button", name="Check again")).to_be_enabled()


async def test_without_a_relay_udp_is_tried_by_stun_alone(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    with running_coturn(tmp_path) as coturn:
        cast = await open_house({"stun_urls": (f"stun:127.0.0.1:{coturn.port}",)})
        page = (await cast.visitor()).page
        await page.goto("/s/paris/check")
        await CheckPage(page).runs()
        await CheckPage(page).says(udp="Works.", tcp=OFF, tls=OFF)
    await CheckPage(page).runs()
    await CheckPage(page).says(udp="Blocked here.", tcp=OFF, tls=OFF)
    await CheckPage(page).concludes("This network lets no picture and no sound through.")


async def test_a_browser_without_live_video_is_told_so_and_the_rest_is_tried(cast: Cast) -> None:
    page = (await cast.visitor()).page
    await page.add_init_script("delete window.RTCPeerConnection")
    await page.goto("/s/paris/check")
    customer = CheckPage(page)
    await customer.runs()
    await customer.says(browser="It can’t hold a live tour.", udp="Not tried.", socket="Works.")
    await customer.concludes("This browser can’t hold a live tour.")


async def test_nothing_moves_while_the_findings_come_in(cast: Cast) -> None:
    page = (await cast.visitor(viewport={"width": 390, "height": 844})).page
    await page.goto("/s/paris/check")
    places = (
        "[...document.querySelectorAll('.line')].map((one) => one.getBoundingClientRect().height)"
    )
    before = await page.evaluate(places)
    await CheckPage(page).runs()
    assert await page.evaluate(places) == before


async def test_the_way_to_the_check_is_where_people_need_it(cast: Cast) -> None:
    page = (await cast.visitor()).page
    await page.goto("/check")
    await page.get_by_role("link", name="Orvanne Paris").click()
    await expect(page).to_have_url(re.compile("/s/paris/check$"))
    customer = await cast.customer()
    link = customer.page.get_by_role("link", name="Check your connection").filter(visible=True)
    await expect(link).to_have_count(1)
    advisor = await cast.advisor()
    await customer.call()
    # Beside the queue it opens a page of its own: who waits keeps their place.
    waiting = customer.page.locator("#view-waiting").get_by_role(
        "link", name="Check your connection"
    )
    await expect(waiting).to_have_attribute("target", "_blank")
    await advisor.accepts()
    await eyes.moves(customer.live_view)


# ---------------------------------------------------------------- behind a firewall


@pytest.fixture
def fence() -> Iterator[Fence]:
    found = my_fence()
    yield found
    found.let_all_out()


@pytest.fixture
def coturn(fence: Fence, tmp_path: Path) -> Iterator[Coturn]:
    """A TURN server outside of the firewall, of the deployed file, that relays here."""
    allowed = f"--allowed-peer-ip={fence.outside}"
    with running_coturn(tmp_path, allowed, address=fence.outside) as opened:
        yield opened


async def test_behind_a_firewall_without_udp_the_check_says_so_and_a_call_takes_the_detour(
    open_house: OpenHouse,
    devices: tuple[Devices, Devices],
    fence: Fence,
    coturn: Coturn,
    tmp_path: Path,
) -> None:
    port = free_port()
    url = f"http://{fence.outside}:{port}"
    outside = {"host": fence.outside, "port": port, "public_url": url}
    secure = f"--unsafely-treat-insecure-origin-as-secure={url}"
    # The build without windows does not know this flag.
    build = replace(WINDOWED, flags=(secure,))
    await open_house({**outside, **relayed_by(coturn.udp, coturn.tcp)})
    async with (
        open_browser(fence.around(build, tmp_path), devices[0]) as inside,
        open_browser(build, devices[1]) as beside_us,
        Cast(Browsers(inside, beside_us), url) as guests,
    ):
        page = (await guests.visitor(permissions=["camera", "microphone"])).page
        await page.goto("/s/paris/check")
        await CheckPage(page).runs()
        await CheckPage(page).says(udp="Works.", tcp="Works.", tls=OFF)
        fence.let_no_udp_out()
        await page.reload()
        await CheckPage(page).runs()
        await CheckPage(page).says(
            camera="Works.", socket="Works.", udp="Blocked here.", tcp="Works.", tls=OFF
        )
        await CheckPage(page).concludes("A live tour works from here, by a detour")
        customer, advisor = await guests.customer(), await guests.advisor()
        await equip(customer.page, LINE)
        await talk(customer, advisor)
        seen = await eyes.traffic(customer.page)
        assert seen.local == "relay"
        assert await record(customer.page, RELAYED_BY) == "tcp"
