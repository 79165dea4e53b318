"""The manager's list of calls that were: which ones stands in the address, a page at a time."""

from datetime import date
from typing import Annotated, Any

from aiohttp.web import Request, StreamResponse
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    ValidationError,
)

from booking.reservations.life import plain
from booking.times import TimeWords
from showroom.call_search import Sought, Went
from showroom.calls import CallRecord
from showroom.days import days_of, today
from showroom.errors import BadRequest
from showroom.showrooms import Showroom
from showroom.words import Channel, Device, Outcome, Quality
from signaling.gateway import explain
from web.keys import CALL_SEARCH, STAFF, VEHICLES
from web.pages import language_of, render
from web.spoken import NOTHING, clock, stars
from web.staff import MANAGES
from web.visitor import session_of, staff_showroom

SHOWN = 50
# What stands in the address for 'without one': no advisor, no campaign, no car in particular.
WITHOUT = "-"
FIRST, LAST = date(2000, 1, 1), date(2200, 1, 1)
LONGEST_MOMENT = 15


def _day_or_moment(text: Any) -> date | int:
    """Read a day, or a moment in UTC milliseconds."""
    word = str(text)
    if word.isascii() and word.isdecimal() and len(word) < LONGEST_MOMENT:
        return int(word)
    day = date.fromisoformat(word)
    if not FIRST <= day <= LAST:
        raise ValueError
    return day


When = Annotated[date | int, PlainValidator(_day_or_moment)]
Word = Annotated[str, StringConstraints(max_length=100)]


class CallsAsked(BaseModel):
    """Which calls are asked for; all of it may be left out. A last day is included, a last moment
    is not. `advisor`, `campaign` and `vehicle` are `-` for calls without one.
    """

    model_config = ConfigDict(frozen=True)
    since: When | None = None
    until: When | None = None
    advisor: Word | None = None
    campaign: Word | None = None
    vehicle: Word | None = None
    language: Word | None = None
    device: Device | None = None
    channel: Channel | None = None
    state: Went | None = None
    quality: Quality | None = None
    outcome: Outcome | None = None
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    recorded: bool = False
    q: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] = ""
    cursor: Word | None = None


async def page(request: Request) -> StreamResponse:
    """The calls that are asked for, newest first."""
    session = await session_of(request)
    showroom, rooms = await staff_showroom(request, session, MANAGES)
    asked = _asked(request)
    since, until = _moments(showroom.zone, asked)
    sought = Sought(
        since_ms=since,
        until_ms=until,
        advisor=_named(asked.advisor),
        campaign=_named(asked.campaign),
        vehicle=_named(asked.vehicle),
        language=asked.language,
        device=asked.device,
        channel=asked.channel,
        went=asked.state,
        quality=asked.quality,
        outcome=asked.outcome,
        rating=asked.rating,
        recorded=asked.recorded,
        text=asked.q,
        code=plain(asked.q),
    )
    found = await request.app[CALL_SEARCH].page(showroom.id, sought, SHOWN, asked.cursor)
    names = await request.app[STAFF].names(showroom.id)
    cars = {str(car.slug): car.name for car in await request.app[VEHICLES].of(showroom.id)}
    times = times_of(request, showroom)
    given = asked.model_dump(exclude_defaults=True, exclude={"cursor"})
    fields = {name: given.get(name, "") for name in CallsAsked.model_fields}
    context = {
        "showroom": showroom.name,
        "slug": showroom.slug,
        "rooms": [{"slug": room.slug, "name": room.name} for room in rooms],
        "name": session.name,
        "asked": fields,
        "filtered": bool(given),
        "narrowed": bool(given.keys() - {"q", "since", "until", "state"}),
        "days": {
            "since": "" if since is None else today(showroom.zone, since).isoformat(),
            "until": "" if until is None else today(showroom.zone, until - 1).isoformat(),
        },
        "period": _period(times, asked),
        "choices": _choices(showroom, names, cars, times, asked),
        "calls": [
            {
                "id": one.id,
                "when": f"{times.date(one.created_at)}, {times.time(one.created_at)}",
                "customer": found.customers.get(one.id, NOTHING),
                "advisor": (one.advisor_id and names.get(one.advisor_id)) or NOTHING,
                "vehicle": cars.get(one.vehicle or "", one.vehicle or NOTHING),
                **_measures(one),
            }
            for one in found.calls
        ],
        "next": found.next,
        "later": asked.cursor is not None,
    }
    return render(request, "calls.html", context, showroom)


def times_of(request: Request, showroom: Showroom) -> TimeWords:
    """Return what writes moments as the showroom's clocks show them, in the reader's language."""
    language = language_of(request, showroom)
    return TimeWords(language, showroom.market, showroom.zone, instead=showroom.zone)


def _asked(request: Request) -> CallsAsked:
    given = {name: text for name, text in request.query.items() if text}
    try:
        return CallsAsked.model_validate(given)
    except ValidationError as error:
        raise BadRequest(explain(error)) from error


def _named(value: str | None) -> str | None:
    return "" if value == WITHOUT else value


def _moments(zone: str, asked: CallsAsked) -> tuple[int | None, int | None]:
    """Return [since, until) in UTC milliseconds."""
    since, until = asked.since, asked.until
    if isinstance(since, date):
        since = days_of(zone, since, 1)[0].from_ms
    if isinstance(until, date):
        until = days_of(zone, until, 1)[0].until_ms
    return since, until


def _period(times: TimeWords, asked: CallsAsked) -> dict[str, str]:
    """Return the moments that are asked for, in words; days stand in the form already."""
    return {
        name: f"{times.date(moment)}, {times.time(moment)}"
        for name, moment in (("since", asked.since), ("until", asked.until))
        if isinstance(moment, int)
    }


def _choices(
    showroom: Showroom,
    names: dict[Any, str],
    cars: dict[str, str],
    times: TimeWords,
    asked: CallsAsked,
) -> dict[str, list[tuple[str, str]]]:
    """Return what the fields offer that are not the same everywhere, as values and their names.

    What was asked for stays on offer, also when nobody works there or nothing is shown by it now.
    """
    people = sorted(((str(one), name) for one, name in names.items()), key=lambda one: one[1])
    offered = {
        "advisor": people,
        "vehicle": sorted(cars.items(), key=lambda one: one[1]),
        "language": [(one, times.language(one)) for one in showroom.languages],
    }
    for field, known in offered.items():
        value = getattr(asked, field)
        if value not in (None, WITHOUT, *dict(known)):
            known.append((value, value))
    return offered


def _measures(call: CallRecord) -> dict[str, Any]:
    return {
        "state": call.state,
        "end_reason": call.end_reason,
        "waited": clock(call.waited_ms),
        "talked": clock(call.talked_ms),
        "outcome": call.outcome,
        "rating": stars(call.rating),
        "quality": call.quality,
    }
