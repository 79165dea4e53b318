"""Made-up calls look like a showroom's, and are the same ones each time."""

from collections import Counter
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from showroom.asking import Figures
from showroom.calls import CallRecord, CallRecords
from showroom.database import Database
from showroom.demo.history import BATCH, SPOT, Site, Span, made_up, write
from showroom.ids import ShowroomId, StaffId
from showroom.rollups import Rollups
from showroom.showrooms import Showrooms
from tests.samples import a_showroom, saved_advisor

SPAN = Span.until(date(2026, 6, 30), days=180)
PARIS = ZoneInfo("Europe/Paris")
UNTIL = int(datetime(2026, 7, 2, tzinfo=UTC).timestamp()) * 1000


def a_site(showroom: str, *advisors: str, share: float = 1) -> Site:
    people = tuple(StaffId(one) for one in advisors)
    return Site(ShowroomId(showroom), PARIS.key, ("fr", "en"), people, ("crete",), share)


def local(call: CallRecord) -> datetime:
    return datetime.fromtimestamp(call.created_at / 1000, UTC).astimezone(PARIS)


def test_the_same_seed_makes_the_same_calls() -> None:
    sites = [a_site("paris", "alice", share=3), a_site("lyon", "bruno")]
    calls = list(made_up(sites, 400, SPAN, seed=7))
    assert calls == list(made_up(sites, 400, SPAN, seed=7))
    assert calls != list(made_up(sites, 400, SPAN, seed=8))
    assert Counter(call.showroom_id for call in calls) == {"paris": 300, "lyon": 100}
    assert len({call.id for call in calls}) == 400


def test_calls_come_in_opening_hours_most_on_saturday_and_after_the_film() -> None:
    calls = list(made_up([a_site("paris", "alice")], 6_000, SPAN))
    assert all(9 <= local(call).hour < 21 for call in calls)
    assert {SPAN.first <= local(call).date() <= SPAN.last for call in calls} == {True}
    by_day = Counter(local(call).weekday() for call in calls)
    assert by_day.most_common(1)[0][0] == 5
    film = [call for call in calls if call.campaign == SPOT]
    assert len(film) > 100
    assert all(SPAN.film_runs(local(call).date()) for call in film)
    spot = [call for call in film if (local(call).hour, local(call).minute // 15) == (20, 2)]
    assert len(spot) > len(film) / 3


async def test_made_up_calls_are_kept_and_counted(database: Database) -> None:
    paris = a_showroom()
    await Showrooms(database).save(paris)
    alice = await saved_advisor(database)
    site = a_site(paris.id, alice)
    number = BATCH + 7
    assert await write(database, made_up([site], number, SPAN)) == number
    assert await Rollups(database).rebuild(paris.id) == number
    told = (await Figures(database).figures(paris, 0, UNTIL))[""]
    known = await CallRecords(database).figures(paris.id, 0, UNTIL)
    assert (told.offered, told.answered, told.talks) == (known.calls, known.answered, known.talks)
    assert told.offered == told.answered + told.abandoned == number
    assert told.outcomes == known.outcomes
