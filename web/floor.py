"""What a manager orders on the floor, over HTTP. Each answer tells what takes the order back."""

from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, TypeVar

from aiohttp.web import Request, StreamResponse, json_response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from showroom.audit import Deed, Entry, Subject, difference
from showroom.errors import BadRequest, ChangedMeanwhile, NotFound, ShowroomError
from showroom.ids import CallId, StaffId
from showroom.showrooms import Showroom
from showroom.staff import Session
from web.customer import parse
from web.keys import AUDIT_LOG, CLOCK, DESK, EDITOR, ORDERS, SHOWROOMS
from web.staff import MANAGES
from web.visitor import check_csrf, session_of, staff_showroom

MOST_PLACES = 10_000

Value = TypeVar("Value")


class Given(BaseModel):
    """An order."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class QueueGiven(Given):
    """Whether new calls are refused."""

    closed: bool


class NoticeGiven(Given):
    """What customers are told, by language; nothing takes the notice down."""

    notice: dict[str, Annotated[str, StringConstraints(strip_whitespace=True, max_length=280)]]


class AdvisorGiven(Given):
    """Whether an advisor is sent away, or called back from that."""

    away: bool


class CampaignGiven(Given):
    """Until when (a local date) a campaign goes on, which is known by its name and first day."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    first: date
    last: date


class PlaceGiven(Given):
    """A place in a queue, counted from 1."""

    place: Annotated[int, Field(ge=1, le=MOST_PLACES)]


async def queue(request: Request) -> StreamResponse:
    """Close the queue to new calls, or open it."""
    session, showroom = await orders_of(request)
    given = await parse(request, QueueGiven)
    set_closed = partial(request.app[ORDERS].close_queue, showroom)
    return await _carry_out(request, session, showroom, "queue", "closed", set_closed, given.closed)


async def notice(request: Request) -> StreamResponse:
    """Post a notice to customers, or take it down."""
    session, showroom = await orders_of(request)
    given = (await parse(request, NoticeGiven)).notice
    if unknown := sorted(given.keys() - set(showroom.languages)):
        raise BadRequest(f"This showroom doesn't speak {unknown[0][:20]!r}.", "notice")
    said = {language: text for language, text in given.items() if text}
    post = partial(request.app[ORDERS].post_notice, showroom)
    return await _carry_out(request, session, showroom, "notice", "text", post, said)


async def advisor(request: Request) -> StreamResponse:
    """Send an advisor away, now or after what they have, or call them back."""
    session, showroom = await orders_of(request)
    given, who = await parse(request, AdvisorGiven), StaffId(request.match_info["advisor"])
    set_away = partial(request.app[ORDERS].set_away, showroom, who)
    return await _carry_out(request, session, showroom, who, "away", set_away, given.away)


async def place(request: Request) -> StreamResponse:
    """Give a waiting call another place in its queue."""
    session, showroom = await orders_of(request)
    given, call = await parse(request, PlaceGiven), CallId(request.match_info["call"])
    put = partial(request.app[ORDERS].place, showroom, call)
    return await _carry_out(request, session, showroom, call, "place", put, given.place)


async def campaign(request: Request) -> StreamResponse:
    """Let a campaign go on until another day: a change of the settings, by their rules."""
    session, showroom = await orders_of(request)
    given, editor = await parse(request, CampaignGiven), request.app[EDITOR]
    table = await editor.table(showroom.id)
    # A table has amounts as texts.
    campaigns: list[dict[str, Any]] = [
        {**one, "cost": Decimal(one["cost"])} if "cost" in one else dict(one)
        for one in table["campaigns"]
    ]
    wanted = (given.name, given.first.isoformat())
    one = next((one for one in campaigns if (one["name"], one["first"]) == wanted), None)
    if one is None:
        raise NotFound("There is no such campaign any more. Reload the page.")
    was, one["last"] = one["last"], given.last.isoformat()
    done = await editor.change(showroom.id, {"campaigns": campaigns}, table, session.staff_id)
    if done.problems:
        raise BadRequest(next(iter(done.problems.values())), "last")
    if done.meanwhile:
        raise ChangedMeanwhile
    request.app[SHOWROOMS].forget()
    await request.app[DESK].floor_changed(showroom.id)
    return json_response({"ok": True, "was": was})


async def orders_of(request: Request) -> tuple[Session, Showroom]:
    """Return who orders, and where they may: a manager, with the page's token."""
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    session = await session_of(request)
    showroom, _ = await staff_showroom(request, session, MANAGES)
    return session, showroom


async def _carry_out(
    request: Request,
    session: Session,
    showroom: Showroom,
    what: str,
    field: str,
    put: Callable[[Value], Awaitable[Value]],
    wanted: Value,
) -> StreamResponse:
    """Carry an order out and note it. One that can't be noted does not stand.

    The answer tells what `was`: the same order with that takes it back.
    """
    was = await put(wanted)
    changes = difference({field: was}, {field: wanted})
    entry = Entry(
        showroom_id=showroom.id,
        happened_at=request.app[CLOCK](),
        who=session.staff_id,
        deed=Deed.CHANGED,
        subject=Subject.FLOOR,
        subject_id=what,
        before={change.path: change.before for change in changes},
        after={change.path: change.after for change in changes},
    )
    try:
        await request.app[AUDIT_LOG].add(entry)
    except ShowroomError:
        await put(was)
        raise
    return json_response({"ok": True, "was": was})
