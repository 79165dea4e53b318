"""The manager's page of figures on the wire: filters, comparisons, and the same as CSV."""

import html
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest

from showroom.asking import Figures
from showroom.calls import CallRecord
from showroom.clock import system_clock
from showroom.days import days_of
from showroom.demo.history import write
from showroom.hours import instant
from showroom.ids import ShowroomId
from showroom.rollups import Rollups
from showroom.showrooms import Showrooms
from showroom.words import Channel, Device, Dimension, Outcome, Quality, Role
from tests.houses import House
from tests.people import Person
from tests.samples import staff_of
from tests.virtual_clock import VirtualClock
from tests.visits import staff_id
from tests.web.figures import ZONE, a_call, exported, figures, here, history, keep
from web.figures.asked import WITHOUT, FiguresAsked, Preset
from web.figures.report import MOST_ROWS
from web.spoken import clock

PARIS = ZoneInfo(ZONE)


def noon(days_ago: int = 1) -> int:
    return instant(here() - timedelta(days=days_ago), 12 * 60, PARIS)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"period": "quarter", "plot": "answer_rate"},
        {"by": "advisor", "compare": "nothing"},
        {"by": "campaign", "device": "phone", "plot": "talking_average_s"},
        {"by": "hour_of_week", "lang": "fr"},
        {"period": "week", "by": "hour", "plot": "rating"},
        {"by": "month", "period": "year", "campaign": WITHOUT},
    ],
)
async def test_the_csv_has_the_rows_and_numbers_of_the_page(
    house: House, boss: Person, query: dict[str, str]
) -> None:
    await history(house.node.shared.database, house.paris)
    seen, (head, *lines) = await figures(boss, **query), await exported(boss, **query)
    assert head[1:] == list(seen.columns)
    assert len(lines) == len(seen.rows) > 0
    for line, (sign, cells) in zip(lines, seen.rows.items(), strict=True):
        assert line == [sign, *(value for value, _ in cells)]
        for value, written in cells:
            assert (value == "") == (written == "–"), (value, written)
    plot = query.get("plot", "offered")
    assert (f"{plot}_before" in seen.columns) == (query.get("compare") != "nothing")


async def test_the_tiles_are_the_figures_of_all_rows(house: House, boss: Person) -> None:
    database = house.node.shared.database
    await history(database, house.paris)
    paris = await Showrooms(database).by_slug("paris")
    first = here() - timedelta(days=27)
    span = days_of(ZONE, first, 1)[0].from_ms, instant(here() + timedelta(days=1), 0, PARIS)
    told = (await Figures(database).figures(paris, *span))[""]
    for query in ({}, {"by": "advisor"}, {"by": "hour_of_week"}):
        seen = await figures(boss, **query)
        assert seen.tiles["offered"] == f"{told.offered:,}"
        assert seen.tiles["answer_rate"] == f"{(told.answer_rate or 0) * 100:.1f}%"
        assert seen.tiles["waiting_p90_s"] == clock(1000 * (told.waiting_seconds(0.9) or 0))
        assert seen.tiles["waiting_max_s"] == clock(1000 * round(told.waiting_ms_max / 1000))
        assert seen.tiles["talking_average_s"] == clock(
            1000 * round((told.talking_ms_average or 0) / 1000)
        )
        assert sum(map(int, seen.column("offered").values())) == told.offered
        assert list(seen.tiles)[:2] == ["visitors", "talking_average_s"]
    assert told.outcomes[Outcome.BOUGHT] > 0
    assert "Bought" in seen.text


async def test_each_filter_counts_its_calls_alone(house: House, boss: Person) -> None:
    database = house.node.shared.database
    alice = await staff_id(database, "alice@example.com")
    facts: list[dict[str, object]] = [
        {"advisor_id": alice},
        {"campaign": "=tv & spot"},
        {"vehicle": "crete"},
        {"language": "fr"},
        {"device": Device.PHONE},
        {"channel": Channel.VISIT},
    ]
    await keep(database, *(a_call(house.paris, noon() + n, **one) for n, one in enumerate(facts)))
    assert (await figures(boss)).tiles["offered"] == "6"
    for word, value, dimension in (
        ("advisor", alice, Dimension.ADVISOR),
        ("campaign", "=tv & spot", Dimension.CAMPAIGN),
        ("vehicle", "crete", Dimension.VEHICLE),
        ("language", "fr", Dimension.LANGUAGE),
        ("device", "phone", Dimension.DEVICE),
        ("channel", "visit", Dimension.CHANNEL),
    ):
        assert (await figures(boss, **{word: value})).tiles["offered"] == "1", dimension
    for word in ("advisor", "campaign", "vehicle"):
        assert (await figures(boss, **{word: WITHOUT})).tiles["offered"] == "5"
    seen = await figures(boss, campaign="=tv & spot", by="day")
    # The filter goes along to every page behind this one, and to the calls.
    own = seen.text[seen.text.index("<main") :]
    links = [html.unescape(link) for link in re.findall(r'href="(/manager/[^"]*)"', own)]
    behind = [link for link in links if re.match(r"/manager/(figures|calls)", link)]
    kept = [parse_qs(urlsplit(link).query).get("campaign") for link in behind]
    assert len(kept) > 8
    assert kept.count(None) == 1, "only the link to all calls drops it"


async def test_nothing_in_the_csv_is_a_formula(house: House, boss: Person) -> None:
    await keep(house.node.shared.database, a_call(house.paris, noon(), campaign="=1+1"))
    _, line = await exported(boss, by="campaign")
    assert line[0] == "'=1+1"
    assert list((await figures(boss, by="campaign")).rows) == ["=1+1"]


async def test_days_without_a_call_have_a_row_of_their_own(house: House, boss: Person) -> None:
    await keep(house.node.shared.database, a_call(house.paris, noon(3)))
    seen = await figures(boss, period="week")
    days = [str(here() - timedelta(days=n)) for n in range(6, -1, -1)]
    assert seen.column("offered") == {
        day: "1" if day == str(here() - timedelta(days=3)) else "0" for day in days
    }
    assert "No call fits" not in seen.text
    assert "No call fits" in (await figures(boss, period="week", device="phone")).text


async def test_a_period_stands_beside_the_one_before_day_by_day(house: House, boss: Person) -> None:
    await keep(
        house.node.shared.database,
        a_call(house.paris, noon(1)),
        a_call(house.paris, noon(2)),
        a_call(house.paris, noon(8)),
        *(a_call(house.paris, noon(9) + n) for n in range(3)),
        a_call(house.paris, noon(15)),
    )
    seen = await figures(boss, period="week")
    assert seen.tiles["offered"] == "2"
    assert "before: 4" in seen.text
    assert "−50.0%" in seen.text
    before = seen.column("offered_before")
    assert before[str(here() - timedelta(days=1))] == "1"
    assert before[str(here() - timedelta(days=2))] == "3"
    chosen = str(here() - timedelta(days=6 + 14))
    seen = await figures(boss, period="week", compare="chosen", compare_since=chosen)
    assert "before: 1" in seen.text
    assert seen.column("offered_before")[str(here() - timedelta(days=1))] == "1"
    seen = await figures(boss, period="week", compare="nothing")
    assert "before" not in seen.columns[1]
    assert "could be chance" not in seen.text


async def test_a_difference_of_a_rate_says_whether_it_could_be_chance(
    house: House, boss: Person
) -> None:
    database = house.node.shared.database
    alice = await staff_id(database, "alice@example.com")

    def answered(days_ago: int, n: int) -> CallRecord:
        at = noon(days_ago) + n
        return a_call(house.paris, at, answered_at=at + 1_000, advisor_id=alice, waited_ms=1_000)

    await keep(
        database,
        *(answered(1, n) for n in range(3)),
        *(answered(8, n) for n in range(2)),
        a_call(house.paris, noon(8) + 10),
    )
    seen = await figures(boss, period="week")
    assert "could be chance" in seen.text
    assert "more than chance" not in seen.text
    await keep(
        database,
        *(answered(1, 100 + n) for n in range(27)),
        *(a_call(house.paris, noon(8) + 100 + n) for n in range(20)),
    )
    assert "more than chance" in (await figures(boss, period="week")).text


async def test_a_difference_of_a_mean_says_whether_it_could_be_chance(
    house: House, boss: Person
) -> None:
    async def talks(days_ago: int, *seconds: int) -> None:
        for n, length in enumerate(seconds):
            at = noon(days_ago) + n
            ends = at + 1_000 + length * 1_000
            times = {"answered_at": at + 1_000, "live_at": at + 1_000, "ended_at": ends}
            call = a_call(house.paris, at, waited_ms=1_000, **times)
            await keep(house.node.shared.database, call)

    await talks(8, 100, 500, 110, 480, 120, 490)
    await talks(1, 300, 360, 320, 310, 330, 340)
    seen = await figures(boss, period="week", plot="talking_average_s")
    assert seen.tiles["talking_average_s"] == "5:27"
    assert _chance(seen.text, "talking_average_s") == "could be chance"
    await talks(9, *(200 + n % 5 for n in range(60)))
    seen = await figures(boss, period="week", plot="talking_average_s")
    assert _chance(seen.text, "talking_average_s") == "more than chance"


def _chance(page: str, figure: str) -> str:
    """Return what the tile of a figure says of its difference."""
    tile = page[page.index(f'data-figure="{figure}"') :]
    tile = tile[: tile.index("sum__meaning")]
    found = re.search(r"could be chance|more than chance", tile)
    return found.group() if found else ""


async def test_the_form_leads_to_an_address_that_means_the_same_tomorrow(
    house: House, boss: Person
) -> None:
    first, last = here() - timedelta(days=27), here()
    form = {"form": "1", "showroom": "paris", "period": "four_weeks", "by": "day", "advisor": ""}
    form |= {"since": str(first), "until": str(last), "compare": "previous", "plot": "offered"}
    url = f"{boss.url}/manager/figures"
    for more, wanted in (
        ({}, "showroom=paris&by=day"),
        ({"device": "phone"}, "showroom=paris&device=phone&by=day"),
        (
            {"since": "2026-01-01", "until": "2026-01-31"},
            "showroom=paris&period=own&since=2026-01-01&until=2026-01-31&by=day",
        ),
    ):
        params = {**form, **more}
        async with boss.http.get(url, params=params, allow_redirects=False) as response:
            assert response.status == 303
            assert response.headers["Location"] == f"/manager/figures?{wanted}"


async def test_hours_of_many_days_are_shown_by_longer_stretches(house: House, boss: Person) -> None:
    await history(house.node.shared.database, house.paris, 300)
    seen = await figures(boss, period="quarter", by="hour")
    assert len(seen.rows) in (13, 14)
    assert 'value="week" selected' in seen.text
    assert 'value="hour"' not in seen.text
    assert 'value="hour" selected' in (await figures(boss, period="week", by="hour")).text


async def test_of_many_campaigns_those_with_the_most_calls_are_shown(
    house: House, boss: Person
) -> None:
    names = [f"spot {n:03}" for n in range(MOST_ROWS + 3)]
    await write(
        house.node.shared.database,
        iter([a_call(house.paris, noon() + n, campaign=one) for n, one in enumerate(names)]),
    )
    await keep(house.node.shared.database, a_call(house.paris, noon(), campaign=names[-1]))
    await Rollups(house.node.shared.database).rebuild(house.paris)
    seen, csv = await figures(boss, by="campaign"), await exported(boss, by="campaign")
    assert list(seen.rows) == [names[-1], *names[: MOST_ROWS - 1]]
    assert [line[0] for line in csv[1:]] == list(seen.rows)
    assert f"The {MOST_ROWS} with the most calls are shown; 3 more are not." in seen.text
    assert seen.tiles["offered"] == str(MOST_ROWS + 4)


async def test_a_manager_of_two_showrooms_chooses_one_by_the_address(
    house: House, boss: Person
) -> None:
    database = house.node.shared.database
    await staff_of(database, VirtualClock()).grant("boss@example.com", "lyon", Role.MANAGER)
    await keep(database, a_call(await lyon_of(house), noon()))
    assert (await figures(boss, showroom="lyon")).tiles["offered"] == "1"
    seen = await figures(boss, showroom="paris")
    assert seen.tiles["offered"] == "0"
    assert 'href="?showroom=lyon"' in seen.text


async def test_what_the_address_says_wrongly_is_refused(house: House, boss: Person) -> None:
    for query in (
        {"period": "century"},
        {"by": "weather"},
        {"plot": "__class__"},
        {"device": "toaster"},
        {"period": "own", "since": "yesterday"},
        {"period": "own", "since": "2000-01-01", "until": "2026-01-01"},
        {"campaign": "x" * 101},
    ):
        for path in ("/manager/figures", "/manager/figures.csv"):
            async with boss.http.get(boss.url + path, params=query) as response:
                assert response.status == 400, query


async def test_a_row_leads_to_its_own_figures_and_to_its_calls(house: House, boss: Person) -> None:
    alice = await staff_id(house.node.shared.database, "alice@example.com")
    await keep(
        house.node.shared.database,
        a_call(house.paris, noon(), advisor_id=alice, quality=Quality.GOOD),
    )
    day = str(here() - timedelta(days=1))
    text = html.unescape((await figures(boss, advisor=alice, period="week")).text)
    own = f"/manager/figures?showroom=paris&period=own&since={day}&until={day}&advisor={alice}"
    assert f'href="{own}"' in text
    assert f'href="/manager/calls?showroom=paris&since={day}&until={day}&advisor={alice}"' in text
    text = html.unescape((await figures(boss, by="advisor", period="week")).text)
    assert f'href="/manager/figures?showroom=paris&period=week&advisor={alice}"' in text
    assert ">Alice Martin</a>" in text
    text = html.unescape((await figures(boss, period="own", since=day, until=day)).text)
    hour = noon()
    calls = f"/manager/calls?showroom=paris&since={hour}&until={hour + 3_600_000}"
    assert f'href="{calls}"' in text


async def test_what_a_line_costs_and_what_customers_wrote_follow_the_filter(
    house: House, boss: Person
) -> None:
    hostile = "<script>window.hit=1</script>"
    talk = {"answered_at": noon(), "live_at": noon(), "quality": Quality.POOR, "rating": 2}
    await keep(
        house.node.shared.database,
        a_call(house.paris, noon(), **talk, ended_at=noon() + 65_000, comment=f"Froze {hostile}"),
        a_call(house.paris, noon(), device=Device.PHONE, quality=Quality.GOOD, comment="Lovely"),
        a_call(await lyon_of(house), noon(), comment="Not of Paris"),
    )
    seen = await figures(boss)
    line = re.search(r">poor line</th>.*?</tr>", seen.text, re.DOTALL)
    assert line
    assert re.findall(r">([^<>\n]+)</td>", line[0]) == ["1", "50.0%", "1:05", "2.0", "1"]
    assert html.escape(f"Froze {hostile}") in seen.text
    assert hostile not in seen.text
    assert "2 of 5 stars" in seen.text
    assert "Not of Paris" not in seen.text
    phones = (await figures(boss, device="phone")).text
    assert "Lovely" in phones
    assert "Froze" not in phones
    assert ">poor line</th>" not in phones
    assert "Choose at most 100 days" in (await figures(boss, period="year")).text


async def lyon_of(house: House) -> ShowroomId:
    return (await Showrooms(house.node.shared.database).by_slug("lyon")).id


def test_a_morning_is_compared_with_a_morning() -> None:
    asked = FiguresAsked(period=Preset.TODAY)
    # 26 October 2026, the day after the clocks went back: 10:07 in Paris.
    now = instant(here().replace(2026, 10, 26), 10 * 60 + 7, PARIS)
    days = asked.stretch(ZONE, now)
    before = asked.before(ZONE, days, now)
    assert before is not None
    assert days.until_ms - days.since_ms == (10 * 60 + 15) * 60_000
    # The day before had two hours from two to three: its morning was an hour longer.
    assert before.until_ms - before.since_ms == (11 * 60 + 15) * 60_000
    assert before.last == here().replace(2026, 10, 25)
    week = FiguresAsked(period=Preset.WEEK)
    before = week.before(ZONE, week.stretch(ZONE, now), now)
    assert before is not None
    assert (before.last, before.cut_minute) == (here().replace(2026, 10, 19), 10 * 60 + 15)


def test_a_month_that_is_cut_off_stands_beside_the_one_before() -> None:
    now = system_clock()
    asked = FiguresAsked.of({"period": "own", "since": "2026-03-15", "until": "2026-05-10"})
    days = asked.stretch(ZONE, now)
    begins = days.groups(asked.group(days.days), ZONE)
    assert [days.place(asked.group(days.days), one, ZONE) for one in begins] == list(range(9))
