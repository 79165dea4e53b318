"""What a line costs and what customers said, against a count by hand, on both databases."""

from dataclasses import replace
from random import Random

from showroom.call_details import CallDetails
from showroom.calls import CallRecord, CallRecords
from showroom.database import Database
from showroom.ids import CallId, StaffId
from showroom.showrooms import Showrooms
from showroom.words import CallState, Device, Dimension, Quality
from tests.samples import a_showroom, saved_advisor

START = 1_750_000_000_000


def mean(numbers: list[int]) -> float | None:
    return sum(numbers) / len(numbers) if numbers else None


def made(room: CallRecord, advisor: StaffId, number: int) -> list[CallRecord]:
    chance = Random(5)
    return [
        replace(
            room,
            id=CallId(f"c{n:03}"),
            created_at=START + n * 1000,
            answered_at=START + n * 1000,
            advisor_id=advisor,
            live_at=START,
            ended_at=START + chance.randrange(600_000),
            quality=chance.choice([*Quality, None]),
            rating=chance.choice([None, 1, 3, 5]),
            comment=chance.choice(["", "", f"Said {n}"]),
            device=chance.choice([*Device]),
        )
        for n in range(number)
    ]


async def test_a_line_s_cost_and_the_remarks_are_those_of_the_calls_asked_for(
    database: Database,
) -> None:
    paris, lyon = a_showroom("paris"), a_showroom("lyon")
    for room in (paris, lyon):
        await Showrooms(database).save(room)
    alice = await saved_advisor(database)
    plain = CallRecord(CallId("x"), paris.id, 1, CallState.CLOSED, "en", None, START)
    known = made(plain, alice, 80)
    foreign = replace(known[3], id=CallId("lyon"), showroom_id=lyon.id, comment="Foreign")
    for call in (*known, foreign):
        await CallRecords(database).save(call, [])
    since, until = START + 10_000, START + 70_000
    details = CallDetails(database)
    filters: list[dict[Dimension, list[str]]] = [
        {},
        {Dimension.DEVICE: ["phone"]},
        {Dimension.CAMPAIGN: [""]},
    ]
    for where in filters:
        devices = where.get(Dimension.DEVICE, [*Device])
        asked = [c for c in known if since <= c.created_at < until and c.device in devices]
        told = await details.by_quality(paris.id, since, until, where)
        assert set(told) == {c.quality for c in asked if c.quality}
        for quality, figures in told.items():
            mine = [c for c in asked if c.quality is quality]
            assert figures.offered == len(mine)
            assert figures.talking_ms_average == mean([c.talked_ms or 0 for c in mine])
            assert figures.rating_average == mean([c.rating for c in mine if c.rating])
        said = [c for c in reversed(asked) if c.comment]
        remarks = await details.remarks(paris.id, since, until, where, 5)
        assert [(r.call, r.comment, r.rating) for r in remarks] == [
            (c.id, c.comment, c.rating) for c in said[:5]
        ]
        assert {remark.advisor for remark in remarks} == {alice}


async def test_a_quality_that_no_call_had_is_no_row(database: Database) -> None:
    paris = a_showroom()
    await Showrooms(database).save(paris)
    assert await CallDetails(database).by_quality(paris.id, 0, START, {}) == {}
