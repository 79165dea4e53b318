"""The demo's store: reads the signed link, tells of an order as a store does; nowhere else."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa

from booking.store.context import Context, sign
from booking.store.secrets import StoreSecrets
from showroom.app import Door, listening, make_app
from showroom.clock import system_clock
from showroom.database import Database
from showroom.lead_tables import leads, store_events
from showroom.shared import open_shared
from tests.houses import House, furnish
from tests.leads import saved_lead
from tests.nodes import node_settings
from tests.people import Customer
from web.routes import demo_routes

NOW_S = system_clock() // 1000
KNOWN = Context(
    "paris",
    iat=NOW_S,
    exp=NOW_S + 3600,
    vehicle="crete",
    configuration="cfg-7",
    price=4_190_000,
    currency="EUR",
)


class Shop:
    """A demo's store, with somebody at it."""

    def __init__(self, database: Database, visitor: Customer, secret: str) -> None:
        self.database, self.visitor, self.secret = database, visitor, secret

    def address(self, known: Context) -> str:
        asked = {"showroom": "paris", "context": sign(known, self.secret)}
        return f"/demo/store?{urlencode(asked)}"

    async def reads(self, path: str) -> str:
        async with self.visitor.http.get(self.visitor.url + path) as response:
            assert response.status == 200, path
            return await response.text()

    async def orders(self, known: Context) -> tuple[int, str]:
        form = {"showroom": "paris", "context": sign(known, self.secret)}
        form["csrf"] = await self.visitor.csrf(self.address(known))
        url = f"{self.visitor.url}/demo/store"
        async with self.visitor.http.post(url, data=form) as response:
            return response.status, await response.text()


@pytest.fixture
async def shop(tmp_path: Path, redis: object, redis_url: str) -> AsyncIterator[Shop]:
    settings = node_settings(tmp_path, redis_url=redis_url)
    async with open_shared(settings) as shared:
        paris = await furnish(shared.database)
        secret = await StoreSecrets(shared.database, shared.clock).rotate(paris)
        app = make_app(shared)
        app.add_routes(demo_routes())
        async with (
            listening(app, [Door("127.0.0.1", settings.port)]) as ports,
            Customer(f"http://127.0.0.1:{ports[0]}") as visitor,
        ):
            yield Shop(shared.database, visitor, secret)


async def test_the_link_is_told_in_words_and_an_order_wins_the_lead(shop: Shop) -> None:
    async with shop.database.read() as connection:
        room = await connection.scalar(sa.text("SELECT id FROM showrooms WHERE slug = 'paris'"))
        alice = await connection.scalar(sa.text("SELECT id FROM staff WHERE name LIKE 'Alice%'"))
    lead = await saved_lead(shop.database, room, owner_id=alice)
    known = replace(KNOWN, lead=lead)
    page = await shop.reads(shop.address(known))
    for told in ("Crête", "cfg-7", "€41,900", f"Lead {lead}", "Alice", "Order this car"):
        assert told in page
    status, page = await shop.orders(known)
    assert status == 200
    assert "Ordered: Crête" in page
    assert "Order this car" not in page
    async with shop.database.read() as connection:
        (event,) = (await connection.execute(sa.select(store_events))).all()
        assert (event.kind, event.lead_id) == ("order.created", lead)
        assert (event.data["amount"], event.data["vehicle"]) == (4_190_000, "crete")
        assert await connection.scalar(sa.select(leads.c.state)) == "won"


async def test_nobody_orders_by_a_link_that_was_not_signed_or_is_too_old(shop: Shop) -> None:
    old = replace(KNOWN, exp=NOW_S - 1)
    for path in ("/demo/store?showroom=paris", shop.address(KNOWN) + "x", shop.address(old)):
        page = await shop.reads(path)
        assert "A visitor whom we don" in page
        assert "<form" not in page
    assert (await shop.orders(old))[0] == 400
    assert (await shop.orders(replace(KNOWN, vehicle="", price=None, currency="")))[0] == 400


async def test_no_other_server_has_a_store(house: House) -> None:
    async with (
        house.customer() as visitor,
        visitor.http.get(f"{house.url}/demo/store?showroom=paris") as response,
    ):
        assert response.status == 404
