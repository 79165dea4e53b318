"""The manager's page of yield: the funnel, the table, the CSV, and what campaigns cost."""

import html
import re
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from showroom.demo.buyers import write_buyers
from showroom.demo.visitors import write_traffic
from showroom.hours import Campaign, instant
from showroom.showrooms import Showrooms
from showroom.yields import Yield, YieldFigures
from tests.houses import House
from tests.people import Person
from tests.web.figures import ZONE, Seen, exported, here, history
from web.keys import SHOWROOMS

PAGE = "/manager/figures/yield"
STEP = re.compile(
    r'<tr data-step="(\w+)">.*?<td[^>]*>([^<]*)</td><td[^>]*>([^<]*).*?</td><td[^>]*>([^<]*)'
)


async def page(boss: Person, **query: str) -> Seen:
    async with boss.http.get(boss.url + PAGE, params=query) as answer:
        text = await answer.text()
        assert answer.status == 200, text
        return Seen(text)


@pytest.fixture
async def told(house: House) -> YieldFigures:
    """Ten weeks with leads behind Paris; what came of the last four."""
    database = house.node.shared.database
    await history(database, house.paris, 1500)
    await write_traffic(database, house.paris)
    assert await write_buyers(database, house.paris, ["75-1", "69-2"]) > 100
    paris = await Showrooms(database).by_slug("paris")
    since = instant(here() - timedelta(days=27), 0, ZoneInfo(ZONE))
    until = instant(here() + timedelta(days=1), 0, ZoneInfo(ZONE))
    return (await Yield(database).figures(paris, since, until))[""]


async def test_the_funnel_goes_from_who_came_to_the_orders(
    house: House, boss: Person, told: YieldFigures
) -> None:
    seen = await page(boss)
    steps = {name: rest for name, *rest in STEP.findall(seen.text)}
    assert list(steps) == [
        "visitors", "requests", "live", "leads", "qualified", "test_drives", "brochures", "offers",
        "reserved", "orders",
    ]  # fmt: skip
    for name in list(steps)[1:]:
        assert steps[name][0] == f"{getattr(told, name):,}", name
    assert steps["leads"][1].strip() == f"{told.leads / told.live * 100:.1f}%"
    assert steps["orders"][1].strip() == f"{told.orders / told.leads * 100:.1f}%"
    assert re.fullmatch(r"\d+ (days|weeks)", steps["orders"][2])
    assert told.no_shows > 0
    assert seen.tiles["no_show_rate"] == f"{told.no_shows / (told.no_shows + told.kept) * 100:.1f}%"
    # A filter that only calls have leaves out who came.
    of_a_car = (await page(boss, vehicle="crete")).text
    cars = [name for name, *_ in STEP.findall(of_a_car)]
    assert "visitors" not in cars


@pytest.mark.parametrize("by", ["day", "week", "advisor", "vehicle", "campaign", "language"])
async def test_the_table_adds_up_and_the_csv_is_the_table(
    house: House, boss: Person, told: YieldFigures, by: str
) -> None:
    seen = await page(boss, by=by)
    for name in ("requests", "leads", "orders", "given", "redeemed"):
        assert sum(map(int, seen.column(name).values())) == getattr(told, name), name
    head, *lines = await exported(boss, "/figures/yield.csv", by=by)
    assert head[1:] == list(seen.columns)
    assert [line[0] for line in lines] == list(seen.rows)
    for line, cells in zip(lines, seen.rows.values(), strict=True):
        assert line[1:] == [value for value, _ in cells]


async def test_dealers_have_their_leads(house: House, boss: Person, told: YieldFigures) -> None:
    seen = await page(boss)
    part = seen.text[seen.text.index("dealers-title") :]
    rows = re.findall(r'<th scope="row">([^<]*)</th><td[^>]*>([\d,]+)</td>', part)
    assert {name for name, _ in rows} == {"75-1", "69-2", "No dealer yet"}
    assert sum(int(n.replace(",", "")) for _, n in rows) == told.leads


async def test_each_step_has_its_price_where_the_campaign_has_a_cost(
    house: House, boss: Person, told: YieldFigures
) -> None:
    showrooms = house.node.app[SHOWROOMS]
    paris = await showrooms.by_slug("paris")
    # Twenty of its forty days are among these.
    first = here() - timedelta(days=47)
    mine = Campaign("Letter", first, here() - timedelta(days=8), utm="newsletter", cost=4_000_00)
    dear = replace(mine, name="Search", utm="search", cost=None)
    await showrooms.save(replace(paris, campaigns=(mine, dear)))
    seen = await page(boss, by="campaign")
    leads = int(seen.column("leads")["newsletter"])
    part = seen.text[seen.text.index("costs-title") : seen.text.index("dealers-title")]
    found = re.findall(r'ledger__number" data-label[^>]*>([^<]*)', part)
    cells = [html.unescape(one) for one in found]
    assert cells[0] == "2,000.00\xa0€"
    assert cells[2] == f"{2000 / leads:,.2f}\xa0€"
    assert "Search" not in part
    assert "No campaign of these days has a cost." in (await page(boss, campaign="search")).text


async def test_first_and_last_touch_tell_leads_apart(
    house: House, boss: Person, told: YieldFigures
) -> None:
    last = (await page(boss, by="campaign")).column("leads")
    first = (await page(boss, by="campaign", touch="first")).column("leads")
    assert sum(map(int, first.values())) == sum(map(int, last.values())) == told.leads
    assert first != last
