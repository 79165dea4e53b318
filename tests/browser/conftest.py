"""Two real browsers for all tests of a build, and for each test a house and people of its own."""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from showroom.database import Database
from showroom.settings import Settings
from showroom.showrooms import Showrooms
from showroom.valkey import connect
from tests.browser.agendas import Stage, begin_the_day
from tests.browser.album import Album
from tests.browser.cast import PATIENCE_MS, Cast
from tests.browser.chromium import WINDOWED, WINDOWLESS, Browsers, open_browsers
from tests.browser.clips import Devices, advisor_devices, customer_devices
from tests.houses import furnish
from tests.nodes import node_settings, running_node
from tests.samples import a_showroom
from tests.visits import staff_id

# Opens a furnished house whose showroom `paris` has these fields changed, and `settings` too.
OpenHouse = Callable[..., Awaitable[Cast]]


@pytest.fixture(scope="session")
def devices(tmp_path_factory: pytest.TempPathFactory) -> tuple[Devices, Devices]:
    """The customers' camera and microphone, and the staff's."""
    expect.set_options(timeout=PATIENCE_MS)
    clips = tmp_path_factory.mktemp("clips")
    return customer_devices(clips), advisor_devices(clips)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def windowed(devices: tuple[Devices, Devices]) -> AsyncIterator[Browsers]:
    """Browsers like people's, for tests of what a browser asks; started for the first of them."""
    async with open_browsers(WINDOWED, *devices) as opened:
        yield opened


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def windowless(devices: tuple[Devices, Devices]) -> AsyncIterator[Browsers]:
    """Browsers for all other tests."""
    async with open_browsers(WINDOWLESS, *devices) as opened:
        yield opened


@pytest.fixture
def browsers(request: pytest.FixtureRequest) -> Browsers:
    """The customers' browser and the staff's, of the build that the test is marked for."""
    build = "windowed" if request.node.get_closest_marker("windowed") else "windowless"
    opened: Browsers = request.getfixturevalue(build)
    return opened


@pytest_asyncio.fixture(loop_scope="session")
async def settings(tmp_path: Path, migrated_sqlite: Path, redis_url: str) -> Settings:
    """The settings of a node with an empty SQLite file and an empty Redis."""
    shutil.copy(migrated_sqlite, tmp_path / "showroom.db")
    client = await connect(redis_url)
    await client.flushall()
    await client.aclose()
    return node_settings(tmp_path, redis_url=redis_url)


@pytest_asyncio.fixture(loop_scope="session")
async def open_house(browsers: Browsers, settings: Settings) -> AsyncIterator[OpenHouse]:
    """A way to open a house that differs; see `OpenHouse`."""
    async with AsyncExitStack() as stack:

        async def opened(changes: dict[str, Any] | None = None, **fields: Any) -> Cast:
            async with Database.open(settings.database_url) as database:
                await furnish(database, paris=replace(a_showroom("paris"), **fields))
            changed = settings.model_copy(update=changes or {})
            node = await stack.enter_async_context(running_node(changed))
            return await stack.enter_async_context(Cast(browsers, node.url))

        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def cast(open_house: OpenHouse) -> Cast:
    """People around a showroom that is always open."""
    return await open_house()


@pytest_asyncio.fixture(loop_scope="session")
async def stage(cast: Cast, settings: Settings) -> AsyncIterator[Stage]:
    """The house that is always open, with Alice and Bruno, and the record behind it."""
    await begin_the_day()
    async with Database.open(settings.database_url) as database:
        paris = await Showrooms(database).by_slug("paris")
        alice, bruno = [
            await staff_id(database, f"{one}@example.com") for one in ("alice", "bruno")
        ]
        yield Stage(cast, database, paris.id, alice, bruno)


@pytest.fixture
def album() -> Album | None:
    """Where pictures for people go, if somebody wants any."""
    folder = os.environ.get("ALBUM")
    return Album(Path(folder)) if folder else None
