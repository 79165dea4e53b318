"""The pages as people use them: driven by the names that people, and screen readers, find there."""

import re
from dataclasses import dataclass

from playwright.async_api import Locator, Page, expect

from tests.browser import eyes

# Where the picture itself lies on the screen: left, top, width, height.
PICTURE = """(video) => {
  const box = video.getBoundingClientRect();
  const choose = getComputedStyle(video).objectFit === 'cover' ? Math.max : Math.min;
  const scale = choose(box.width / video.videoWidth, box.height / video.videoHeight);
  const [width, height] = [video.videoWidth * scale, video.videoHeight * scale];
  return [box.left + (box.width - width) / 2, box.top + (box.height - height) / 2, width, height];
}"""


@dataclass(frozen=True)
class Face:
    """What every page of ours offers."""

    page: Page

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    async def tap(self, name: str) -> None:
        await self.button(name).click()

    def words(self, text: str) -> Locator:
        """Return the first visible place with this text."""
        return self.page.get_by_text(text).filter(visible=True).first

    async def reads(self, text: str) -> None:
        """Wait until somebody at the screen can read this."""
        await expect(self.words(text)).to_be_visible()

    async def reads_pattern(self, pattern: re.Pattern[str]) -> None:
        """Wait until somebody at the screen can read something like this."""
        await expect(self.page.get_by_text(pattern).filter(visible=True).first).to_be_visible()


@dataclass(frozen=True)
class InCall(Face):
    """What both sides of a call have."""

    async def open_chat(self) -> None:
        field = self.page.get_by_label("Message", exact=True)
        if not await field.is_visible():
            await self.page.locator("#chat-toggle").click()
        await expect(field).to_be_visible()

    async def close_chat(self) -> None:
        """Put the chat away: it covers part of a phone's screen."""
        await self.page.get_by_role("complementary").get_by_role("button", name="Close").click()

    async def write(self, line: str) -> None:
        await self.open_chat()
        await self.page.get_by_label("Message", exact=True).fill(line)
        await self.tap("Send")

    def conversation(self) -> Locator:
        return self.page.get_by_role("log", name="Conversation")

    @property
    def stage(self) -> Locator:
        """The picture that both sides point at: the advisor's camera."""
        raise NotImplementedError

    async def points_at(self, x: float, y: float) -> None:
        """Tap on the picture, at fractions of it."""
        left, top, width, height = await self.stage.evaluate(PICTURE)
        await self.page.mouse.click(left + x * width, top + y * height)

    async def mark(self) -> tuple[float, float]:
        """Wait for a pointer's mark; return where in the picture it stands, as fractions."""
        mark = self.page.locator(".mark").last
        await mark.wait_for()
        spot = await mark.bounding_box()
        assert spot
        # Playwright takes what is transparent for visible.
        assert float(await mark.evaluate("(node) => getComputedStyle(node).opacity")) > 0.9
        left, top, width, height = await self.stage.evaluate(PICTURE)
        across = spot["x"] + spot["width"] / 2 - left
        down = spot["y"] + spot["height"] / 2 - top
        return across / width, down / height


@dataclass(frozen=True)
class CustomerPage(InCall):
    """`/s/{showroom}`."""

    @property
    def live_view(self) -> Locator:
        return self.page.get_by_label("Live view of the car", exact=True)

    @property
    def stage(self) -> Locator:
        return self.live_view

    async def call(self) -> None:
        """The one tap."""
        await self.tap("Call an advisor now")

    async def waits(self) -> None:
        await expect(self.button("Leave the queue")).to_be_visible()

    async def hangs_up(self) -> None:
        await self.tap("Hang up")

    async def ask_to_be_called(self, name: str, phone: str) -> None:
        """Fill in the call-back form that shows, and send it."""
        form = self.page.locator("form.call-back").filter(visible=True)
        await form.get_by_label("Name", exact=True).fill(name)
        await form.get_by_label("Phone", exact=True).fill(phone)
        await form.get_by_role("checkbox").check()
        await form.get_by_role("button", name="Call me back", exact=True).click()


@dataclass(frozen=True)
class AdvisorPage(InCall):
    """`/advisor`."""

    @property
    def own_view(self) -> Locator:
        return self.page.get_by_label("Your camera", exact=True)

    @property
    def stage(self) -> Locator:
        return self.own_view

    @property
    def customer_view(self) -> Locator:
        return self.page.get_by_label("Customer's camera", exact=True)

    @property
    def available(self) -> Locator:
        return self.page.get_by_role("switch", name="Available", exact=True)

    async def goes_on_duty(self) -> None:
        """Become available; where somebody waits already, it rings at once."""
        await self.available.click()
        confirmed = self.page.get_by_role("switch", name="Available", checked=True)
        await expect(confirmed.or_(self.button("Accept"))).to_be_visible()

    async def goes_off_duty(self) -> None:
        await self.available.click()
        await expect(self.available).to_have_attribute("aria-checked", "false")

    async def rings(self) -> None:
        await expect(self.button("Accept")).to_be_visible()

    async def accepts(self) -> None:
        await self.tap("Accept")
        await expect(self.button("End call")).to_be_visible()

    async def open_tools(self, tab: str) -> None:
        if not await self.page.get_by_role("tablist").is_visible():
            await self.page.locator("#chat-toggle").click()
        await self.page.get_by_role("tab", name=tab).click()

    async def shows(self, car: str) -> None:
        """Put a car's card on the customer's screen."""
        await self.open_tools("Cars")
        # Beside it may be the button that sends the store's link to this car.
        await self.page.locator(".show-car", has_text=car).click()

    async def saves(self, outcome: str) -> None:
        await self.page.get_by_label("Outcome", exact=True).select_option(label=outcome)
        await self.tap("Save outcome")
        await expect(self.available).to_be_visible()


@dataclass(frozen=True)
class ManagerPage(Face):
    """`/manager`."""

    def figure(self, name: str) -> Locator:
        """Return the tile of this name."""
        tile = self.page.locator(".tile").filter(has=self.page.get_by_text(name, exact=True))
        return tile.locator("dd").first

    def calls(self) -> Locator:
        return self.page.locator("#calls tr")


@dataclass(frozen=True)
class BookingPage(Face):
    """`/s/{showroom}/book`."""

    async def takes_next(self) -> None:
        """The one tap on the next free time."""
        await self.tap("Next free time")
        await expect(self.page.locator("#view-details")).to_be_visible()

    async def fills(self, name: str = "Jeanne Moreau", wish: str = "") -> None:
        """Fill in the form, with an e-mail address."""
        await self.page.get_by_label("Name", exact=True).fill(name)
        await self.page.get_by_label("E-mail", exact=True).fill("jeanne@example.com")
        await self.page.get_by_label("What would you like to see?").fill(wish)
        await self.page.get_by_role("checkbox").check()

    async def visit(self) -> str:
        """Return the address of the visit that was booked."""
        link = self.page.get_by_role("link", name="Your visit", exact=True)
        return str(await link.get_attribute("href"))


@dataclass(frozen=True)
class VisitPage(Face):
    """`/v/{token}`."""

    async def when(self) -> str:
        """Return the time as the page says it."""
        place = self.page.locator("#visit-when")
        await expect(place).not_to_be_empty()
        return await place.inner_text()


async def talk(customer: CustomerPage, advisor: AdvisorPage) -> None:
    """Bring a customer who looks at the landing page and an advisor on duty into a live call."""
    await customer.call()
    await advisor.accepts()
    await eyes.moves(customer.live_view)
