"""The delivery log: what was asked and answered, without secrets; the replay, and what is swept."""

import json
from dataclasses import replace

import pytest
import sqlalchemy as sa

from booking.delivery import Delivered
from booking.handoff.attempts import Sweeper
from booking.handoff.deliveries import DeliveryState
from booking.handoff.endpoint import EndpointState
from booking.outbox import CLAIM_MS, WAITS_S
from showroom.clock import DAY_MS
from showroom.database import Database
from showroom.errors import IllegalMove, NotFound
from showroom.lead_tables import delivery_attempts
from showroom.showrooms import Showrooms
from showroom.tables import outbox as rows
from tests.booking.delivering import until
from tests.booking.handoff.receiver import receiving
from tests.booking.handoff.sending import Handing
from tests.samples import saved_showroom
from tests.virtual_clock import START_MS


async def test_an_attempt_is_kept_with_request_and_answer_and_no_secret(handing: Handing) -> None:
    async with receiving() as store:
        endpoint = await handing.endpoint(f"{store.url}/status/503")
        await handing.publish()
        await handing.send_due(endpoint.id)
    (line,) = await handing.lines()
    (attempt,) = await handing.log(line)
    assert (attempt.attempt, attempt.status, attempt.result) == (1, 503, "later")
    assert attempt.answer == "503 as you wished"
    assert attempt.happened_at == START_MS
    assert attempt.request["url"] == endpoint.address
    assert attempt.request["headers"]["webhook-id"] == line.id
    assert json.loads(attempt.request["body"])["type"] == "lead.qualified"
    assert "signature" not in json.dumps(attempt.request)
    assert endpoint.secrets[0] not in json.dumps(attempt.request)
    assert line.next_try_at == START_MS + 5_000


async def test_an_endpoint_fails_since_its_first_failure_until_it_works(handing: Handing) -> None:
    async with receiving() as store:
        endpoint = await handing.endpoint(f"{store.url}/status/500")
        await handing.publish()
        await handing.send_due(endpoint.id)
        handing.clock.advance(seconds=5)
        await handing.send_due(endpoint.id)
        known = await handing.endpoints.get(handing.showroom, endpoint.id)
        assert (known.state, known.failing_since) == (EndpointState.FAILING, START_MS)
        await handing.moved(endpoint.id, f"{store.url}/ok")
        handing.clock.advance(seconds=300)
        await handing.send_due(endpoint.id)
    known = await handing.endpoints.get(handing.showroom, endpoint.id)
    assert (known.state, known.failing_since) == (EndpointState.WORKS, None)
    assert known.delivered_at == handing.clock()
    assert handing.counted == [("webhook", "later"), ("webhook", "later"), ("webhook", "delivered")]


async def test_what_has_failed_is_replayed_with_all_its_tries_under_the_same_id(
    handing: Handing,
) -> None:
    async with receiving() as store:
        endpoint = await handing.endpoint(f"{store.url}/status/500")
        await handing.publish()
        for wait_s in WAITS_S:
            handing.clock.advance(seconds=wait_s)
            await handing.send_due(endpoint.id)
        (line,) = await handing.lines()
        assert (line.state, line.attempts) == (DeliveryState.FAILED, len(WAITS_S))
        await handing.deliveries.replay(handing.showroom, line.id)
        await handing.send_due(endpoint.id)
        (line,) = await handing.lines()
        assert (line.state, line.attempts) == (DeliveryState.WAITING, 1)
        await handing.moved(endpoint.id, f"{store.url}/ok")
        handing.clock.advance(seconds=5)
        await handing.send_due(endpoint.id)
        await until(lambda: len(store.requests) == len(WAITS_S) + 2)
    assert len(set(store.ids)) == 1
    (line,) = await handing.lines()
    assert line.state is DeliveryState.DELIVERED
    attempts = [one.attempt for one in await handing.log(line)]
    assert attempts == list(range(len(WAITS_S) + 2, 0, -1))


async def test_all_that_failed_since_a_time_is_replayed_at_once(
    handing: Handing, database: Database
) -> None:
    endpoint, other = (
        await handing.endpoint("http://127.0.0.1:1"),
        await handing.endpoint("http://127.0.0.1:1"),
    )
    for number in range(4):
        await handing.publish(f"lead-{number}")
        async with database.write() as connection:
            at = START_MS + number * 1_000
            failed = {"finished_at": at, "result": "failed", "attempts": 10}
            await connection.execute(
                sa.update(rows).where(rows.c.subject_id == f"lead-{number}").values(failed)
            )
    replayed = await handing.deliveries.replay_failed(
        handing.showroom, endpoint.id, START_MS + 2_000
    )
    assert replayed == 2
    claimed = await handing.claimed(endpoint.id)
    assert [(one.subject_id, one.attempt) for one in claimed] == [("lead-2", 1), ("lead-3", 1)]
    assert await handing.claimed(other.id) == []


async def test_what_waits_for_its_next_try_can_be_tried_now(handing: Handing) -> None:
    endpoint = await handing.endpoint("http://127.0.0.1:1")
    await handing.publish()
    await handing.send_due(endpoint.id)
    (line,) = await handing.lines()
    await handing.deliveries.replay(handing.showroom, line.id)
    assert len(await handing.claimed(endpoint.id)) == 1


async def test_what_is_on_its_way_or_has_no_endpoint_any_more_is_not_replayed(
    handing: Handing,
) -> None:
    endpoint = await handing.endpoint("http://127.0.0.1:1")
    await handing.publish()
    await handing.claimed(endpoint.id)
    (line,) = await handing.lines()
    with pytest.raises(IllegalMove):
        await handing.deliveries.replay(handing.showroom, line.id)
    await handing.endpoints.remove(handing.showroom, endpoint.id)
    with pytest.raises(IllegalMove):
        await handing.deliveries.replay(handing.showroom, line.id)


async def test_whoever_lost_a_claim_does_not_end_what_is_sent_again(handing: Handing) -> None:
    endpoint = await handing.endpoint("http://127.0.0.1:1")
    await handing.publish()
    (lost,) = await handing.claimed(endpoint.id)
    handing.clock.advance(seconds=CLAIM_MS / 1000)
    (line,) = await handing.lines()
    await handing.deliveries.replay(handing.showroom, line.id)
    await handing.outbox.settle(lost, Delivered("late"))
    (again,) = await handing.claimed(endpoint.id)
    assert (again.id, again.attempt) == (lost.id, lost.attempt)
    await handing.outbox.settle(lost, Delivered("later still"))
    (line,) = await handing.lines()
    assert (line.state, line.answer) == (DeliveryState.WAITING, "")


async def test_lists_go_on_below_a_number_and_by_endpoint_and_state(handing: Handing) -> None:
    one, other = (
        await handing.endpoint("http://127.0.0.1:1"),
        await handing.endpoint("http://127.0.0.1:1"),
    )
    for number in range(3):
        await handing.publish(f"lead-{number}")
    await handing.endpoints.remove(handing.showroom, other.id)
    of = handing.deliveries.of
    first = await of(handing.showroom, one.id, most=2)
    assert [line.subject_id for line in first] == ["lead-2", "lead-1"]
    rest = await of(handing.showroom, one.id, below=first[-1].number)
    assert [line.subject_id for line in rest] == ["lead-0"]
    assert len(await of(handing.showroom, state=DeliveryState.WAITING)) == 3
    assert len(await of(handing.showroom, state=DeliveryState.DROPPED)) == 3
    assert await of(handing.showroom, state=DeliveryState.DELIVERED) == []


async def test_another_showrooms_deliveries_are_not_found(
    handing: Handing, database: Database
) -> None:
    endpoint = await handing.endpoint("http://127.0.0.1:1")
    await handing.publish()
    (line,) = await handing.lines()
    lyon = await saved_showroom(database, "lyon")
    assert await handing.deliveries.of(lyon) == []
    for ask in (handing.deliveries.get, handing.deliveries.replay):
        with pytest.raises(NotFound):
            await ask(lyon, line.id)
    assert await handing.deliveries.replay_failed(lyon, endpoint.id, 0) == 0


async def test_what_is_over_is_forgotten_after_30_days_and_what_waits_is_not(
    handing: Handing, database: Database
) -> None:
    async with receiving() as store:
        endpoint = await handing.endpoint(f"{store.url}/ok")
        await handing.publish()
        await handing.send_due(endpoint.id)
    await handing.endpoints.disable(handing.showroom, endpoint.id)
    await handing.publish("lead-2")
    sweeper = sweeper_of(handing)
    handing.clock.advance(seconds=30 * DAY_MS / 1000)
    await sweeper.sweep()
    assert len(await handing.lines()) == 2
    handing.clock.advance(seconds=1)
    await sweeper.sweep()
    assert [line.subject_id for line in await handing.lines()] == ["lead-2"]
    async with database.read() as connection:
        kept = sa.select(sa.func.count()).select_from(delivery_attempts)
        assert await connection.scalar(kept) == 0


async def test_what_waits_for_a_disabled_endpoint_is_kept_as_long_as_its_showroom_says(
    handing: Handing, database: Database
) -> None:
    rooms = Showrooms(database)
    room = await rooms.by_id(handing.showroom)
    await rooms.save(replace(room, policy=replace(room.policy, retention_days=40)))
    lyon = await saved_showroom(database, "lyon")
    for showroom in (handing.showroom, lyon):
        disabled = await handing.endpoint("http://127.0.0.1:1", showroom=showroom)
        await handing.endpoints.disable(showroom, disabled.id)
    await handing.endpoint("http://127.0.0.1:1")
    for where in (handing.showroom, lyon):
        handing.showroom = where
        await handing.publish("lead-1")
    handing.showroom = room.id
    sweeper = sweeper_of(handing)
    handing.clock.advance(days=40)
    await sweeper.sweep()
    assert {line.state for line in await handing.lines()} == {"waiting"}
    handing.clock.advance(seconds=1)
    await sweeper.sweep()
    assert sorted((line.state, line.answer) for line in await handing.lines()) == [
        ("expired", "its endpoint was disabled for too long"),
        ("waiting", ""),
    ]
    assert [line.state for line in await handing.deliveries.of(lyon)] == ["waiting"]


def sweeper_of(handing: Handing) -> Sweeper:
    rooms = Showrooms(handing.database)
    return Sweeper(rooms, handing.outbox, handing.attempts, handing.clock)
