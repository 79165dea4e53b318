"""The people of a test: a browser context each, watched for what no page of ours may do."""

import asyncio
import re
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Page, Request, ViewportSize

from tests.browser import eyes
from tests.browser.chromium import Browsers
from tests.browser.pages import AdvisorPage, CustomerPage, ManagerPage
from tests.people import CSRF
from tests.samples import PASSWORD

DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
PATIENCE_MS = 15_000
DEVICES = ("camera", "microphone")


def noon_zone() -> str:
    """Return a zone where it is about noon: neither today nor tomorrow ends there during a test."""
    ahead = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}"  # the sign of these names is turned round


class Cast:
    """Opens pages of one showroom, and closes them.

    At the end nothing may have been written to a console as an error, and no page may have asked
    another host for anything; a test that breaks something on purpose says so with `forgive`.
    """

    def __init__(
        self,
        browsers: Browsers,
        url: str,
        showroom: str = "paris",
        passwords: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.browsers, self.url, self.showroom = browsers, url, showroom
        self._passwords = passwords
        self.zone: str | None = None  # of their clocks; None is the machine's
        self._stack = AsyncExitStack()
        self._faults: list[str] = []
        self._forgiven: list[re.Pattern[str]] = []

    @property
    def _usual(self) -> dict[str, Any]:
        # Reduced motion: what only decorates costs time that two cores don't have.
        usual = {"base_url": self.url, "locale": "en-GB", "reduced_motion": "reduce"}
        return {**usual, "timezone_id": self.zone}

    async def __aenter__(self) -> "Cast":
        return self

    async def __aexit__(self, kind: object, *_: object) -> None:
        await self._stack.aclose()
        if kind is None:
            self.assert_clean()

    def forgive(self, pattern: str) -> None:
        """Expect console errors like this one."""
        self._forgiven.append(re.compile(pattern))

    def assert_clean(self) -> None:
        """Assert that no page did what none may do."""
        faults = [
            fault for fault in self._faults if not any(one.search(fault) for one in self._forgiven)
        ]
        assert not faults, "\n".join(faults)

    async def visitor(self, **options: Any) -> CustomerPage:
        """Return a customer's blank page; permissions are given only if the test gives them."""
        context = await self.browsers.customer.new_context(
            **{**self._usual, "viewport": DESKTOP, **options}
        )
        return CustomerPage(await self._watched(context))

    async def customer(self, **options: Any) -> CustomerPage:
        """Return a customer who looks at the showroom's landing page."""
        visitor = await self.visitor(**options)
        await visitor.page.goto(f"/s/{self.showroom}")
        return visitor

    async def stranger(self, **options: Any) -> Page:
        """Return a blank page in the staff's browser, on a phone, signed in as nobody."""
        return await self._watched(
            await self.browsers.staff.new_context(
                **{**self._usual, "viewport": PHONE, "permissions": DEVICES, **options}
            )
        )

    async def staff(self, email: str, to: str, **options: Any) -> Page:
        """Return the page of somebody who has signed in."""
        page = await self.stranger(**options)
        http = page.context.request
        token = CSRF.search(await (await http.get("/staff/login")).text())
        assert token
        password = self._passwords.get(email, PASSWORD)
        form = {"email": email, "password": password, "csrf": token[1]}
        await http.post("/staff/login", form=form, headers={"Origin": self.url})
        await page.goto(to)
        return page

    async def advisor(self, email: str = "alice@example.com", **options: Any) -> AdvisorPage:
        """Return an advisor who has signed in and is on duty."""
        advisor = AdvisorPage(await self.staff(email, "/advisor", **options))
        await advisor.goes_on_duty()
        return advisor

    async def couple(self) -> tuple[CustomerPage, AdvisorPage]:
        """Return a customer at the landing page and Alice, who is on duty."""
        return await asyncio.gather(self.customer(), self.advisor())

    async def manager(self, email: str = "boss@example.com", **options: Any) -> ManagerPage:
        return ManagerPage(await self.staff(email, "/manager", **{"viewport": DESKTOP, **options}))

    async def another_tab(self, page: Page) -> Page:
        """Return one more page of the same person."""
        return await self._page(page.context)

    async def _watched(self, context: BrowserContext) -> Page:
        self._stack.push_async_callback(context.close)
        context.set_default_timeout(PATIENCE_MS)
        await context.add_init_script(path=eyes.SCRIPT)
        return await self._page(context)

    async def _page(self, context: BrowserContext) -> Page:
        page = await context.new_page()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._faults.append(f"thrown: {error}"))
        page.on("request", self._request)
        return page

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            where = message.location.get("url", "")
            self._faults.append(f"console: {message.text} ({where})")

    def _request(self, request: Request) -> None:
        asked = urlsplit(request.url)
        if asked.scheme in {"data", "blob"} or asked.netloc == urlsplit(self.url).netloc:
            return
        self._faults.append(f"another host: {request.url}")
