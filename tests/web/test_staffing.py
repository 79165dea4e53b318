"""The manager's page of staffing: a week as a grid, a day as a table, and the same as CSV."""

import html
import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from showroom.clock import DAY_MS
from showroom.erlang import answered_within, needed
from showroom.forecast import ASSUMED_S
from showroom.hours import Campaign, DateException, Interval, WeeklyHours, instant
from showroom.showrooms import Showrooms
from tests.houses import House
from tests.people import Person
from tests.visits import saved_visit, staff_id
from tests.web.figures import ZONE, Seen, a_call, exported, here, keep
from web.keys import ROSTER, SHOWROOMS

PAGE = "/manager/figures/staffing"
DAYTIME = WeeklyHours(*((Interval.of("09:00", "12:00"),) for _ in range(7)))
CELL = re.compile(r'<td class="grid__(\w+)"><span aria-hidden="true">([^<]*)</span>')


async def page(boss: Person, **query: Any) -> Seen:
    asked = {name: str(value) for name, value in query.items()}
    async with boss.http.get(boss.url + PAGE, params=asked) as answer:
        text = await answer.text()
        assert answer.status == 200, text
        return Seen(text)


def at(day: date, minute: int) -> int:
    return instant(day, minute, ZoneInfo(ZONE))


async def change(house: House, **changes: Any) -> None:
    """Change Paris; the node's copy of it is forgotten."""
    database = house.node.shared.database
    paris = await Showrooms(database).by_slug("paris")
    await Showrooms(database).save(replace(paris, **changes))
    house.node.app[SHOWROOMS].forget()


@pytest.fixture
async def tomorrow(house: House) -> date:
    """Open from nine to twelve; at ten on this weekday six people called, in each of four weeks."""
    await change(house, hours=DAYTIME)
    day = here() + timedelta(days=1)
    times = [at(day - timedelta(weeks=n), 600 + 4 * m) for n in range(1, 5) for m in range(6)]
    await keep(house.node.shared.database, *(a_call(house.paris, one) for one in times))
    return day


async def test_a_day_shows_what_it_may_bring_what_it_takes_and_who_is_there(
    house: House, boss: Person, tomorrow: date
) -> None:
    seen = await page(boss, day=tomorrow)
    ten = f"{tomorrow}T10:00"
    rows = {sign[:16]: cells for sign, cells in seen.rows.items()}
    assert [*rows] == [f"{tomorrow}T{hour:02}:{half}" for hour in range(9, 12)
                       for half in ("00", "30")]  # fmt: skip
    assert seen.columns == ["calls", "needed", "rostered", "visiting", "difference", "within"]
    load = 6 * ASSUMED_S / 1800
    wanted = needed(load, 0.8, 20, ASSUMED_S)
    level = answered_within(load, 2, 20, ASSUMED_S)
    numbers = [value for value, _ in rows[ten]]
    assert numbers == ["6.0", str(wanted), "2", "0", str(2 - wanted), str(round(level, 4))]
    assert rows[ten][4][1] == f"{wanted - 2} too few"
    # Nobody called at nine, and yet somebody has to be there.
    assert [value for value, _ in rows[f"{tomorrow}T09:00"]] == ["0.0", "1", "2", "0", "1", ""]
    assert rows[f"{tomorrow}T09:00"][4][1] == "1 more than needed"
    assert "By 4 such days of the last 8 weeks." in seen.text
    assert "There were only 0 talks in these weeks, so 10.0 minutes are assumed" in seen.text
    assert "2 advisors have no hours of their own" in seen.text


async def test_the_csv_is_the_table(house: House, boss: Person, tomorrow: date) -> None:
    seen = await page(boss, day=tomorrow, service=95, shrinkage=20)
    head, *lines = await exported(
        boss, "/figures/staffing.csv", day=str(tomorrow), service="95", shrinkage="20"
    )
    assert head == ["half_hour", *seen.columns]
    assert [line[0] for line in lines] == list(seen.rows)
    for line, cells in zip(lines, seen.rows.values(), strict=True):
        assert line[1:] == [value for value, _ in cells]
    # One too few is a number there, and no text.
    assert any(line[5].startswith("-") for line in lines)


async def test_the_grid_says_of_each_half_hour_what_the_table_says(
    house: House, boss: Person, tomorrow: date
) -> None:
    seen = await page(boss, day=tomorrow)
    body = seen.text.partition('id="week"')[2].partition("</table>")[0]
    grid = [CELL.findall(row) for row in body.partition("<tbody>")[2].split("</tr>")][:-1]
    assert (len(grid), {len(row) for row in grid}) == (6, {7})
    signs = [row[1][1] for row in grid]
    table = [int(cells[4][0]) for cells in seen.rows.values()]
    assert [int(sign.replace("−", "-")) for sign in signs] == table
    kinds = [row[1][0] for row in grid]
    assert kinds == ["short" if n < 0 else "spare" if n else "right" for n in table]
    # The day is a link, and so is the week after; there is no week before this one.
    assert f"day={here() + timedelta(days=8)}" in html.unescape(seen.text)
    assert "The week before" not in seen.text


async def test_the_aim_stands_in_the_address(house: House, boss: Person, tomorrow: date) -> None:
    ten = f"{tomorrow}T10:00"

    async def needed_at_ten(**query: Any) -> int:
        seen = await page(boss, day=tomorrow, **query)
        return next(int(cells[1][0]) for sign, cells in seen.rows.items() if sign[:16] == ten)

    load = 6 * ASSUMED_S / 1800
    assert await needed_at_ten(service=95, within=10) == needed(load, 0.95, 10, ASSUMED_S)
    assert await needed_at_ten(minutes=5) == needed(6 * 300 / 1800, 0.8, 20, 300)
    desks = needed(load, 0.8, 20, ASSUMED_S)
    assert await needed_at_ten(shrinkage=50) == 2 * desks
    # The form's address is tidied up, and keeps what other pages of figures are asked for.
    form = {"form": "1", "service": "90", "within": "20", "device": "phone", "minutes": ""}
    async with boss.http.get(boss.url + PAGE, params=form, allow_redirects=False) as answer:
        assert answer.status == 303
        assert answer.headers["Location"] == f"{PAGE}?showroom=paris&device=phone&service=90"
    for wrong in ({"service": 100}, {"within": 601}, {"shrinkage": 61}, {"minutes": 0}):
        async with boss.http.get(boss.url + PAGE, params=wrong) as answer:
            assert answer.status == 400


async def test_a_booked_visit_takes_an_advisor_and_hours_say_who_is_there(
    house: House, boss: Person, tomorrow: date
) -> None:
    database = house.node.shared.database
    alice, bruno = [await staff_id(database, f"{one}@example.com") for one in ("alice", "bruno")]
    await saved_visit(database, house.paris, alice, at(tomorrow, 600))
    late = WeeklyHours(*((Interval.of("10:00", "12:00"),) for _ in range(7)))
    await house.node.app[ROSTER].set_hours(house.paris, bruno, late)
    cells = list((await page(boss, day=tomorrow)).rows.values())
    told = [tuple(int(cell[0]) for cell in row[2:4]) for row in cells]
    assert told == [(1, 0), (1, 0), (2, 1), (2, 0), (2, 0), (2, 0)]
    assert "1 advisor has no hours of their own" in (await page(boss)).text


async def test_days_of_their_own_and_campaigns_are_named(
    house: House, boss: Person, tomorrow: date
) -> None:
    await change(house, exceptions=(DateException(tomorrow, (Interval.of("10:00", "11:00"),)),))
    seen = await page(boss, day=tomorrow)
    assert len(seen.rows) == 2
    assert "This day has hours of its own" in seen.text
    film = Campaign("film", tomorrow, tomorrow)
    await change(house, exceptions=(), campaigns=(film,))
    assert "and no such day had one" in (await page(boss, day=tomorrow)).text
    before = Campaign("film before", tomorrow - timedelta(days=7), tomorrow - timedelta(days=7))
    await change(house, campaigns=(film, before))
    text = (await page(boss, day=tomorrow)).text
    assert "only days with a campaign were counted" in text
    assert "By 1 such day of the last 8 weeks." in text


async def test_a_new_showroom_and_a_closed_day_say_so(house: House, boss: Person) -> None:
    text = (await page(boss)).text
    assert "there was no such day with calls" in text
    await change(house, hours=WeeklyHours())
    text = (await page(boss)).text
    assert "not open in these seven days" in text
    assert "not open on this day" in text
    assert "Export CSV" not in text


async def test_only_days_to_come_are_planned(house: House, boss: Person) -> None:
    for asked, shown in (
        (here() - timedelta(days=400), here()),
        (here() + timedelta(days=400), here() + timedelta(days=55)),
    ):
        seen = await page(boss, day=asked)
        assert next(iter(seen.rows)).startswith(str(shown))
    assert "The week after" not in (await page(boss, day=here() + timedelta(days=50))).text


async def test_only_calls_and_advisors_of_a_language_are_counted(
    house: House, boss: Person, tomorrow: date
) -> None:
    french = [a_call(house.paris, at(tomorrow, 600) - 7 * DAY_MS, language="fr")]
    await keep(house.node.shared.database, *french)
    ten = f"{tomorrow}T10:00"
    for query, calls in (({}, "6.25"), ({"language": "en"}, "6.0"), ({"language": "fr"}, "1.0")):
        seen = await page(boss, day=tomorrow, **query)
        assert next(cells[0][0] for sign, cells in seen.rows.items() if sign[:16] == ten) == calls
