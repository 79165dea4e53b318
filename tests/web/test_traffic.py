"""Who comes is counted as the document says, and a manager sees it."""

import html
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
import sqlalchemy as sa

from showroom.days import STEP_MS
from showroom.demo.visitors import write_traffic
from showroom.hours import Campaign
from showroom.ids import ShowroomId
from showroom.showrooms import Showrooms
from showroom.traffic import Traffic, TrafficFigures
from showroom.traffic_tables import traffic
from tests.houses import House
from tests.people import Person
from tests.web.figures import ZONE, Seen, exported, here, history
from web.keys import ARRIVALS, SHOWROOMS

FIREFOX = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 HeadlessChrome/140.0 Safari/537.36"
PAGE = "/manager/figures/traffic"


async def opens(house: House, path: str, agent: str = FIREFOX, **headers: str) -> None:
    """Open a page with a browser that knows nothing."""
    async with (
        aiohttp.ClientSession(headers={"User-Agent": agent, **headers}) as http,
        http.get(house.url + path) as answer,
    ):
        assert answer.status == 200, path


async def came(house: House) -> TrafficFigures:
    await house.node.app[ARRIVALS].flush()
    database = house.node.shared.database
    paris = await Showrooms(database).by_slug("paris")
    return (await Traffic(database).figures(paris, 0, 2**42 // STEP_MS * STEP_MS))[""]


async def test_pages_count_and_each_visitor_once(house: House) -> None:
    for path in ("/s/paris", "/s/paris?from=widget", "/s/paris/book", "/s/paris/check"):
        await opens(house, path)
    await opens(house, "/s/paris", CHROME)
    assert await came(house) == TrafficFigures(visitors=2, views=5, widget_opens=1)


@pytest.mark.parametrize(
    "agent",
    [
        "", "Mozilla/5.0 (compatible; Googlebot/2.1)", "curl/8.0", "python-requests/2", "bingbot",
        "facebookexternalhit/1.1", "Mozilla/5.0 Chrome-Lighthouse", "UptimeRobot/2.0 monitor",
    ],
)  # fmt: skip
async def test_programs_do_not_count(house: House, agent: str) -> None:
    await opens(house, "/s/paris", agent)
    assert await came(house) == TrafficFigures()


async def test_a_phone_whose_maker_s_name_ends_like_a_robot_s_counts(house: House) -> None:
    await opens(house, "/s/paris", "Mozilla/5.0 (Linux; Android 13; CUBOT P80) Mobile Safari/537")
    assert (await came(house)).visitors == 1


async def test_what_a_browser_loads_ahead_does_not_count(house: House) -> None:
    await opens(house, "/s/paris", **{"Sec-Purpose": "prefetch;prerender"})
    await opens(house, "/s/paris", **{"X-Moz": "prefetch"})
    async with aiohttp.ClientSession(headers={"User-Agent": FIREFOX}) as http:
        await http.head(f"{house.url}/s/paris")
    assert await came(house) == TrafficFigures()


@pytest.mark.parametrize("header", ["DNT", "Sec-GPC"])
async def test_who_wants_no_tracking_is_told_apart_from_nobody(house: House, header: str) -> None:
    for _ in range(2):
        await opens(house, "/s/paris", **{header: "1"})
    assert await came(house) == TrafficFigures(visitors=0, views=2)
    assert [key async for key in house.node.shared.redis.scan_iter("*:here:*")] == []


async def test_staff_who_look_at_their_own_page_do_not_count(house: House, boss: Person) -> None:
    async with boss.http.get(f"{boss.url}/s/paris", headers={"User-Agent": FIREFOX}) as answer:
        assert answer.status == 200
    assert await came(house) == TrafficFigures()


async def test_a_visitor_counts_under_the_campaign_language_and_device_of_a_call(
    house: House,
) -> None:
    await opens(house, "/s/paris?utm_campaign=spring+film&lang=fr")
    await came(house)
    async with house.node.shared.database.read() as connection:
        [row] = (await connection.execute(sa.select(traffic))).mappings()
    told = row["campaign"], row["language"], row["device"], row["page"]
    assert told == ("spring film", "fr", "phone", "showroom")


async def test_a_page_comes_also_when_nothing_can_be_counted(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = house.node.app[ARRIVALS]
    monkeypatch.setattr(counting, "_most", 0)
    await opens(house, "/s/paris")
    assert counting.dropped == 1


# ---------------------------------------------------------------- what a manager sees


async def page(boss: Person, **query: str) -> Seen:
    async with boss.http.get(boss.url + PAGE, params=query) as answer:
        text = await answer.text()
        assert answer.status == 200, text
        return Seen(text)


async def a_past(house: House) -> TrafficFigures:
    """Give Paris ten weeks, and return what came in the last four."""
    database = house.node.shared.database
    await history(database, house.paris)
    await write_traffic(database, house.paris)
    paris = await Showrooms(database).by_slug("paris")
    zone = ZoneInfo(ZONE)
    first = datetime.combine(here() - timedelta(days=27), datetime.min.time(), zone)
    last = datetime.combine(here() + timedelta(days=1), datetime.min.time(), zone)
    since, until = (round(at.timestamp() * 1000) for at in (first, last))
    return (await Traffic(database).figures(paris, since, until))[""]


@pytest.mark.parametrize("by", ["day", "hour_of_week", "campaign", "device", "week"])
async def test_the_tiles_the_table_and_the_csv_are_one(house: House, boss: Person, by: str) -> None:
    told = await a_past(house)
    seen = await page(boss, by=by)
    assert seen.tiles["visitors"] == f"{told.visitors:,}"
    assert seen.tiles["views"] == f"{told.views:,}"
    assert seen.tiles["calls"] == f"{told.calls:,}"
    assert sum(map(int, seen.column("visitors").values())) == told.visitors > 1000
    head, *lines = await exported(boss, "/figures/traffic.csv", by=by)
    assert head[1:] == list(seen.columns)
    assert [line[0] for line in lines] == list(seen.rows)
    for line, cells in zip(lines, seen.rows.values(), strict=True):
        assert line[1:] == [value for value, _ in cells]
    # Who only came has no call that could be listed.
    assert "/manager/calls?" not in seen.text[seen.text.index('id="table"') :]
    overview = await page_of_figures(boss, by=by)
    assert overview.tiles["visitors"] == seen.tiles["visitors"]


async def page_of_figures(boss: Person, **query: str) -> Seen:
    async with boss.http.get(f"{boss.url}/manager/figures", params=query) as answer:
        return Seen(await answer.text())


async def test_a_filter_that_visits_do_not_have_is_said_to_count_for_nothing(
    house: House, boss: Person
) -> None:
    told = await a_past(house)
    seen = await page(boss, vehicle="crete", device="phone")
    assert "these filters do not count here" in seen.text
    assert 0 < int(seen.tiles["visitors"].replace(",", "")) < told.visitors
    assert "visitors" not in (await page_of_figures(boss, vehicle="crete")).tiles
    # Who goes back to the figures of calls has the car again.
    back = re.findall(r'href="(/manager/figures\?[^"]*)"', seen.text)
    assert any("vehicle=crete" in one for one in back)


async def spots_in_paris(house: House, *at: datetime) -> None:
    showrooms = house.node.app[SHOWROOMS]
    paris = await showrooms.by_slug("paris")
    film = Campaign("Film", here() - timedelta(days=3), here(), utm="film", spots=at)
    await showrooms.save(replace(paris, campaigns=(film,)))


async def visitors(house: House, at: datetime, number: int, campaign: str = "film") -> None:
    row: dict[str, Any] = {
        "showroom_id": ShowroomId(house.paris), "campaign": campaign, "language": "fr",
        "quarter_at": round(at.replace(tzinfo=ZoneInfo(ZONE)).timestamp() * 1000),
        "device": "phone", "page": "showroom", "views": number, "widget_opens": 0,
        "visitors": number,
    }  # fmt: skip
    async with house.node.shared.database.write() as connection:
        await connection.execute(sa.insert(traffic).values(row))


async def test_a_spot_stands_beside_who_came_before_and_after(house: House, boss: Person) -> None:
    evening = datetime.combine(here() - timedelta(days=1), datetime.min.time()).replace(hour=20)
    spot = evening.replace(minute=37)
    await spots_in_paris(house, spot, spot - timedelta(days=400))
    for minutes, number in ((-15, 100), (0, 2), (15, 4), (30, 60), (45, 30), (60, 500)):
        await visitors(house, evening + timedelta(minutes=minutes), number)
    seen = await page(boss, period="week")
    [row] = re.findall(r"<tr><th scope=\"row\">[^<]*20:37.*?</tr>", seen.text)
    assert [html.unescape(one) for one in re.findall(r'ledger__number"[^>]*>([^<]*)', row)] == [
        "6", "90", "15.0",
    ]  # fmt: skip
    assert "more than chance" in row
    assert '"marks":[{"row":5,' in seen.text
    # Of another campaign it is no spot.
    other = await page(boss, period="week", campaign="other")
    assert "There was no spot in these days." in other.text


# ---------------------------------------------------------------- the button


async def test_the_button_is_one_script_that_any_page_may_load(house: House) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{house.url}/s/paris/widget.js?lang=fr") as answer,
    ):
        text = await answer.text()
        assert answer.status == 200
        assert answer.content_type == "text/javascript"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "La voir en direct" in text
    assert "/s/paris?lang=fr" in text
