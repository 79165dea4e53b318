"""Whoever was told of a lead hears that its person was erased, however far the telling had come."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from booking.delivery import Delivered, Later
from booking.handoff.endpoint import Endpoint
from booking.handoff.topics import Topic
from booking.outbox import CLAIM_MS
from booking.privacy.erasing import AGAIN_MS, Erasures, Reason
from booking.privacy.person import Person
from showroom.ids import LeadId
from showroom.lead_tables import leads
from showroom.showrooms import Showrooms
from tests.booking.handoff.receiver import Heard, receiving
from tests.booking.handoff.sending import LEAD, Handing, saved_dealer
from tests.leads import saved_lead
from tests.virtual_clock import START_MS

EMAIL = "jeanne@example.com"
TOLD, ERASED = Topic.LEAD_QUALIFIED.value, Topic.LEAD_ERASED.value


class Nowhere:
    """Nothing of theirs is in Redis or in files."""

    async def in_call(self, *_: object) -> bool:
        return False

    async def forget(self, *_: object) -> None:
        pass


@dataclass
class Scene:
    """A lead of a dealer's, whom its news goes to, and whoever erases it."""

    handing: Handing
    lead: LeadId
    heard: Heard

    async def receiver(self, path: str = "/ok", dealer: str | None = None) -> Endpoint:
        return await self.handing.endpoint(self.heard.url + path, dealer=dealer)

    async def tell(self, dealer: str | None = "D-12") -> None:
        await self.handing.publish(self.lead, data={**LEAD, "id": self.lead}, dealer=dealer)

    def eraser(self) -> Erasures:
        handing = self.handing
        rooms = Showrooms(handing.database)
        publish = handing.publishing.publish
        return Erasures(handing.database, rooms, publish, Nowhere(), handing.clock)

    async def erase(self) -> None:
        room = await Showrooms(self.handing.database).by_id(self.handing.showroom)
        person = Person(EMAIL, None)
        await self.eraser().erase(room, person, Reason.ASKED, "boss")

    async def topics(self, count: int) -> list[str]:
        """Wait until the receiver has heard so often; return what it was."""
        async with asyncio.timeout(10):
            while len(self.heard.requests) < count:
                await asyncio.sleep(0.01)
        bodies: list[dict[str, Any]] = [json.loads(one["body"]) for one in self.heard.requests]
        assert bodies[-1]["data"]["id"] == self.lead
        assert EMAIL not in json.dumps(bodies[-1])
        return [one["type"] for one in bodies]


@pytest.fixture
async def scene(handing: Handing) -> AsyncIterator[Scene]:
    await saved_dealer(handing.database, handing.showroom)
    await saved_dealer(handing.database, handing.showroom, code="D-13")
    lead = await saved_lead(
        handing.database, handing.showroom, qualified_at=START_MS, dealer="D-12", email=EMAIL
    )
    async with receiving() as heard:
        yield Scene(handing, lead, heard)


async def test_who_got_it_hears_that_it_is_gone(scene: Scene) -> None:
    shop = await scene.receiver()
    await scene.tell()
    await scene.handing.send_due(shop.id)
    await scene.erase()
    await scene.handing.send_due(shop.id)
    assert await scene.topics(2) == [TOLD, ERASED]


async def test_what_waits_is_never_sent_and_the_news_is(scene: Scene) -> None:
    shop = await scene.receiver()
    await scene.tell()
    await scene.erase()
    await scene.handing.send_due(shop.id)
    assert await scene.topics(1) == [ERASED]
    assert await scene.handing.waiting() == 0


async def test_what_was_tried_in_vain_is_not_tried_again_and_the_news_comes_at_once(
    scene: Scene,
) -> None:
    shop = await scene.receiver("/status/503")
    await scene.tell()
    [tried] = await scene.handing.send_due(shop.id)
    assert isinstance(tried, Later)
    await scene.erase()
    await scene.handing.moved(shop.id, f"{scene.heard.url}/ok")
    [sent] = await scene.handing.send_due(shop.id)
    assert isinstance(sent, Delivered)
    assert await scene.topics(2) == [TOLD, ERASED]
    scene.handing.clock.advance(days=10)
    assert await scene.handing.send_due(shop.id) == []


async def test_who_is_disabled_hears_it_once_enabled(scene: Scene) -> None:
    shop = await scene.receiver()
    await scene.tell()
    await scene.handing.send_due(shop.id)
    endpoints = scene.handing.endpoints
    await endpoints.disable(scene.handing.showroom, shop.id)
    await scene.erase()
    scene.handing.clock.advance(seconds=AGAIN_MS / 1000)
    await scene.eraser().work()
    assert await scene.handing.send_due(shop.id) == []
    await endpoints.enable(scene.handing.showroom, shop.id)
    await scene.handing.send_due(shop.id)
    assert await scene.topics(2) == [TOLD, ERASED]


async def test_a_receiver_that_was_added_later_hears_it_too(scene: Scene) -> None:
    old = await scene.receiver()
    await scene.tell()
    await scene.handing.send_due(old.id)
    await scene.handing.endpoints.remove(scene.handing.showroom, old.id)
    new = await scene.receiver()
    await scene.erase()
    await scene.handing.send_due(new.id)
    assert await scene.topics(2) == [TOLD, ERASED]


async def test_the_dealer_who_had_it_before_another_hears_it_too(scene: Scene) -> None:
    before = await scene.receiver(dealer="D-12")
    await scene.tell()
    await scene.handing.send_due(before.id)
    async with scene.handing.database.write() as connection:
        await connection.execute(
            sa.update(leads).where(leads.c.id == scene.lead).values(dealer="D-13")
        )
    await scene.erase()
    await scene.handing.send_due(before.id)
    assert await scene.topics(2) == [TOLD, ERASED]


async def test_what_a_courier_has_in_hand_arrives_before_the_news(scene: Scene) -> None:
    shop = await scene.receiver()
    await scene.tell()
    [in_hand] = await scene.handing.claimed(shop.id)
    await scene.erase()
    assert await scene.handing.send_due(shop.id) == [], "it would be heard before what it ends"
    async with scene.handing.sink() as sink:
        assert isinstance(await sink.deliver(in_hand), Delivered)
    scene.handing.clock.advance(seconds=CLAIM_MS / 1000)
    await scene.handing.send_due(shop.id)
    assert await scene.topics(2) == [TOLD, ERASED]
    scene.handing.clock.advance(seconds=AGAIN_MS / 1000)
    await scene.eraser().work()
    assert [line.topic for line in await scene.handing.lines()] == [ERASED]


async def test_of_a_lead_that_nobody_was_told_of_nobody_hears(scene: Scene) -> None:
    await scene.receiver()
    async with scene.handing.database.write() as connection:
        await connection.execute(sa.update(leads).values(qualified_at=None))
    await scene.erase()
    assert await scene.handing.waiting() == 0
