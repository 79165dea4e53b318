"""Publishing: each endpoint that listens gets it once, in the transaction that makes it true."""

import pytest

from booking.handoff.publishing import queue_of, rewrite
from booking.handoff.topics import Topic
from showroom.database import Database
from tests.booking.handoff.sending import LEAD, Handing, saved_dealer
from tests.samples import saved_showroom

URL = "https://store.example.com/hooks"


async def test_each_endpoint_that_listens_gets_one_row_with_the_same_words(
    handing: Handing, database: Database
) -> None:
    both = await handing.endpoint(URL), await handing.endpoint(URL)
    await handing.endpoint(URL, topics=[Topic.CALL_ENDED])
    lyon = await handing.endpoint(URL, showroom=await saved_showroom(database, "lyon"))
    await handing.publish()
    for endpoint in both:
        (delivery,) = await handing.claimed(endpoint.id)
        assert delivery.endpoint_id == endpoint.id
        assert delivery.payload == {
            "type": "lead.qualified",
            "timestamp": "2025-10-09T08:53:20.000Z",
            "data": LEAD,
        }
    assert await handing.waiting() == 2
    assert await handing.claimed(lyon.id) == []


async def test_an_endpoint_of_a_dealer_hears_only_of_what_is_theirs(handing: Handing) -> None:
    await saved_dealer(handing.database, handing.showroom)
    theirs = await handing.endpoint(URL, dealer="D-12")
    for dealer in ("D-12", "D-13", None):
        await handing.publish(dealer=dealer)
    assert len(await handing.claimed(theirs.id)) == 1


async def test_what_is_rewritten_is_all_that_is_told_of_these_subjects(handing: Handing) -> None:
    endpoint = await handing.endpoint(URL)
    await handing.publish()
    await handing.publish(subject="lead-2")
    await handing.publish(subject="lead-3", topic=Topic.LEAD_UPDATED)
    async with handing.database.write() as connection:
        await rewrite(connection, {"lead-1", "lead-3"}, {"contact": None})
    unnamed = {**LEAD, "contact": None}
    told = [(row.payload["type"], row.payload["data"]) for row in await handing.kept(endpoint.id)]
    assert told == [
        ("lead.qualified", unnamed),
        ("lead.qualified", LEAD),
        ("lead.updated", unnamed),
    ]


async def test_a_transaction_that_fails_publishes_nothing(handing: Handing) -> None:
    await handing.endpoint(URL)
    with pytest.raises(ZeroDivisionError):
        async with handing.database.write() as connection:
            await handing.publishing.publish(
                connection, handing.showroom, Topic.LEAD_QUALIFIED, "lead-1", LEAD, None
            )
            raise ZeroDivisionError
    assert await handing.waiting() == 0


async def test_the_news_of_one_lead_wait_for_one_another_and_no_other_endpoint_for_them(
    handing: Handing,
) -> None:
    one, other = await handing.endpoint(URL), await handing.endpoint(URL)
    for topic in (Topic.LEAD_QUALIFIED, Topic.LEAD_UPDATED):
        await handing.publish(topic=topic)
    await handing.publish(subject="lead-2")
    for endpoint in (one, other):
        claimed = await handing.claimed(endpoint.id)
        assert [(each.topic, each.subject_id) for each in claimed] == [
            ("lead.qualified", "lead-1"),
            ("lead.qualified", "lead-2"),
        ]


async def test_what_happens_while_an_endpoint_is_disabled_waits_for_it(handing: Handing) -> None:
    endpoint = await handing.endpoint(URL)
    await handing.publish()
    await handing.endpoints.disable(handing.showroom, endpoint.id)
    await handing.publish(subject="lead-2")
    assert await handing.claimed(endpoint.id) == []
    backlog = (await handing.deliveries.backlogs(handing.showroom))[endpoint.id]
    assert (backlog.waiting, backlog.since) == (2, handing.clock())
    await handing.endpoints.enable(handing.showroom, endpoint.id)
    claimed = await handing.claimed(endpoint.id)
    assert [one.subject_id for one in claimed] == ["lead-1", "lead-2"]
    assert [one.attempt for one in claimed] == [1, 1]


async def test_the_longest_ids_fit_their_column(handing: Handing) -> None:
    endpoint = await handing.endpoint(URL)
    await handing.publish(subject="x" * 64)
    assert len(queue_of(endpoint.id)) <= 32
    assert len(await handing.claimed(endpoint.id)) == 1
