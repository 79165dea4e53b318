"""The manager's page of advisors' time: recorded as it passes, shown, and the same as CSV."""

import asyncio
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from showroom.call_figures import CallFigures
from showroom.clock import system_clock
from showroom.demo.shifts import write_shifts
from showroom.hours import instant
from showroom.showrooms import Showrooms
from showroom.words import Dimension
from showroom.work import Work, WorkFigures
from tests.houses import House
from tests.people import Person
from tests.samples import PASSWORD
from tests.web.figures import ZONE, Seen, exported, here, history
from web.keys import FIGURES

PAGE = "/manager/figures/advisors"


async def page(boss: Person, **query: str) -> Seen:
    async with boss.http.get(boss.url + PAGE, params=query) as answer:
        text = await answer.text()
        assert answer.status == 200, text
        return Seen(text)


@pytest.fixture
async def told(house: House) -> WorkFigures:
    """Ten weeks with calls and shifts behind Paris; what came of the last four."""
    database = house.node.shared.database
    await history(database, house.paris, 1500)
    paris = await Showrooms(database).by_slug("paris")
    assert await write_shifts(database, paris) > 100
    assert not await write_shifts(database, paris)
    since = instant(here() - timedelta(days=27), 0, ZoneInfo(ZONE))
    until = instant(here() + timedelta(days=1), 0, ZoneInfo(ZONE))
    return (await Work(database).figures(paris, since, until))[""]


async def test_the_tiles_say_how_time_was_spent(
    house: House, boss: Person, told: WorkFigures
) -> None:
    tiles = (await page(boss)).tiles
    assert told.occupancy
    assert 0.05 < told.occupancy < 0.95
    assert tiles["occupancy"] == f"{told.occupancy * 100:.1f}%"
    seconds = round(told.at_work_ms / 1000)
    assert tiles["at_work_s"] == f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    assert (await page(boss, vehicle="crete")).tiles == tiles


@pytest.mark.parametrize("by", ["", "day", "week", "hour_of_week", "campaign"])
async def test_the_table_adds_up_and_the_csv_is_the_table(
    house: House, boss: Person, told: WorkFigures, by: str
) -> None:
    seen = await page(boss, by=by)
    for name, ms in (("at_work_s", told.at_work_ms), ("talking_s", told.talking_ms_sum)):
        shown = sum(map(float, seen.column(name).values()))
        assert shown == pytest.approx(ms / 1000, abs=0.1 * len(seen.rows)), name
    head, *lines = await exported(boss, "/figures/advisors.csv", by=by)
    assert head[1:] == list(seen.columns)
    assert [line[0] for line in lines] == list(seen.rows)
    for line, cells in zip(lines, seen.rows.values(), strict=True):
        assert line[1:] == [value for value, _ in cells]
    if by in ("", "campaign"):
        assert sorted(seen.rows) == ["Alice Martin", "Bruno Keller"]


async def test_talking_is_that_of_the_figures_of_calls(
    house: House, boss: Person, told: WorkFigures
) -> None:
    database = house.node.shared.database
    paris = await Showrooms(database).by_slug("paris")
    since = instant(here() - timedelta(days=27), 0, ZoneInfo(ZONE))
    until = instant(here() + timedelta(days=1), 0, ZoneInfo(ZONE))
    calls = await house.node.app[FIGURES].figures(paris, since, until, Dimension.ADVISOR)
    named = CallFigures(
        talking_ms_sum=sum(one.talking_ms_sum for one in calls.values()),
        wrap_up_ms_sum=sum(one.wrap_up_ms_sum for one in calls.values()),
    )
    assert told.talking_ms_sum == named.talking_ms_sum
    assert told.wrap_up_ms_sum == named.wrap_up_ms_sum


async def test_an_advisor_s_time_is_there_seconds_after_they_go_away(
    house: House, boss: Person
) -> None:
    assert "Nobody was at work in these days." in (await page(boss)).text
    begun = system_clock()
    async with house.employee() as alice:
        await alice.work("alice@example.com", PASSWORD)
        ready = system_clock()
        async with asyncio.timeout(20):
            while system_clock() < ready + 1_200:
                await asyncio.sleep(0.1)
        await alice.send("set_available", available=False)
        async with asyncio.timeout(20):
            while not (seen := await page(boss, period="today")).rows:
                await asyncio.sleep(0.2)
    [(who, cells)] = seen.rows.items()
    assert who == "Alice Martin"
    seconds = float(cells[0][0])
    assert 1 <= seconds <= (system_clock() - begun) / 1000
    assert "Time at work is recorded since" in (await page(boss)).text
