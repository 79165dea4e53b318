"""The manager's page `Showroom`: all that a showroom decides for itself, section by section."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

from aiohttp.web import Request, StreamResponse, json_response
from phonenumbers import SUPPORTED_REGIONS
from pydantic import BaseModel, ConfigDict, JsonValue, StringConstraints, ValidationError

from media.pictures import PictureRefused, logo
from showroom.alarms import OWN
from showroom.audit import Subject
from showroom.editing import Edited
from showroom.errors import BadRequest, ChangedMeanwhile, FactorNeeded, TooLarge
from showroom.ids import StaffId
from showroom.public_holidays import days_off, known, regions
from showroom.showrooms import Showroom
from showroom.staff import Session
from signaling.gateway import explain, refusal
from web.customer import parse
from web.keys import AUDIT_LOG, CLOCK, EDITOR, GALLERY, SHOWROOMS, STAFF, TEAM, WORDS
from web.pages import language_of, render, safe_json
from web.staff import CANNED, MANAGES
from web.visitor import check_csrf, session_of, staff_showroom

# The year that a manager sees of the calendar: a day more than the longest one.
SHOWN_DAYS = 367
MOST_LOGO = 5_000_000
# The words of the customer's page that a showroom can replace, by the name of its own text.
USUAL = {"headline": "customer.headline", "lead": "customer.lead", "closed": "customer.closed"}


class SettingsGiven(BaseModel):
    """What is to be changed, and how all of it stood on the page; both as tables of a file."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    given: dict[str, JsonValue]
    seen: dict[str, JsonValue]


class CalendarAsked(BaseModel):
    """Whose public holidays are asked for."""

    model_config = ConfigDict(frozen=True)
    country: Annotated[str, StringConstraints(max_length=2)]
    region: Annotated[str, StringConstraints(max_length=100)] = ""


async def page(request: Request) -> StreamResponse:
    """All settings of one showroom, in sections that are saved each by itself."""
    session, showroom, rooms = await _manages(request)
    editor = request.app[EDITOR]
    table = await editor.table(showroom.id)
    # Beside the loop: calls must not wait for calendars.
    calendars = await asyncio.to_thread(regions)
    config = {
        "showroom": showroom.slug,
        "showrooms": [{"slug": room.slug, "name": room.name} for room in rooms],
        "table": table,
        "markets": sorted(SUPPORTED_REGIONS),
        "calendars": {country: list(found.items()) for country, found in calendars.items()},
        "usual": _usual(request, table["languages"]),
        "spoken": list(request.app[WORDS].languages),
    }
    context = {
        "config_json": safe_json(config),
        "showroom": showroom.name,
        "slug": showroom.slug,
        "name": session.name,
        "spoken": table["languages"],
        "numbers": editor.numbers(),
        "alarms": OWN,
        "managers": await _managers(request, showroom),
    }
    words = ("common", "error", "settings")
    return render(request, "showroom_settings.html", context, showroom, words=words)


async def change(request: Request) -> StreamResponse:
    """Change a section; what somebody else has changed meanwhile is told instead of lost."""
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    session, showroom, _ = await _manages(request)
    wish = await parse(request, SettingsGiven)
    if _demands_factor(wish.given) and not session.second_factor:
        raise FactorNeeded  # or they would have shut themselves out
    done = await request.app[EDITOR].change(
        showroom.id, _exact(wish.given), wish.seen, session.staff_id
    )
    if done.done:
        request.app[SHOWROOMS].forget()
        return json_response({"ok": True, "table": done.table})
    if done.problems:
        refused = {"code": BadRequest.code, "message": BadRequest.default}
        return json_response({"ok": False, **refused, "problems": done.problems}, status=400)
    return await _held_back(request, showroom, done)


async def upload_logo(request: Request) -> StreamResponse:
    """Keep a picture as a logo, and answer with its path. What is saved does not change by it."""
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    _, showroom, _ = await _manages(request)
    data = bytearray()
    async for chunk in request.content.iter_any():
        data += chunk
        if len(data) > MOST_LOGO:
            raise TooLarge
    try:
        path, _ = await request.app[GALLERY].keep(showroom.id, bytes(data), logo)
    except PictureRefused as error:
        return json_response(refusal(error) | {"why": error.why}, status=error.status)
    return json_response({"ok": True, "path": path}, status=201)


async def holidays(request: Request) -> StreamResponse:
    """The public holidays of the next twelve months, in the language of the page."""
    _, showroom, _ = await _manages(request)
    try:
        asked = CalendarAsked.model_validate(dict(request.query))
    except ValidationError as error:
        raise BadRequest(explain(error)) from error
    if not known(asked.country, asked.region):
        raise BadRequest("There is no calendar of this country and region.", "country")
    today = _today(request)
    found = days_off(
        asked.country,
        asked.region,
        today,
        today + timedelta(days=SHOWN_DAYS),
        language_of(request, showroom),
    )
    days = [{"day": one.day.isoformat(), "name": one.name, "shown": one.shown} for one in found]
    return json_response({"ok": True, "days": days})


def _demands_factor(given: Mapping[str, JsonValue]) -> bool:
    policy = given.get("policy")
    return isinstance(policy, dict) and policy.get("require_factor") is True


async def _held_back(request: Request, showroom: Showroom, done: Edited) -> StreamResponse:
    """Say what stands now, and who has changed it."""
    names = await request.app[STAFF].names(showroom.id)
    log = await request.app[AUDIT_LOG].page(showroom.id, subject=Subject.SHOWROOM)
    by = {
        path: next((one.who for _, one in log if path in one.before or path in one.after), "")
        for path in done.meanwhile
    }
    refused = {"code": ChangedMeanwhile.code, "message": ChangedMeanwhile.default}
    meanwhile = {path: names.get(StaffId(who), "") for path, who in by.items()}
    answer = {"ok": False, **refused, "table": done.table, "meanwhile": meanwhile}
    return json_response(answer, status=ChangedMeanwhile.status)


async def _manages(request: Request) -> tuple[Session, Showroom, list[Showroom]]:
    session = await session_of(request)
    showroom, rooms = await staff_showroom(request, session, MANAGES)
    return session, showroom, rooms


async def _managers(request: Request, showroom: Showroom) -> list[dict[str, str]]:
    """Return who manages a showroom, whom a letter about an alarm may go to."""
    return [
        {"name": one.person.name, "email": one.person.email}
        for one in await request.app[TEAM].of(showroom.id)
        if one.roles[showroom.id] & MANAGES and not one.person.disabled
    ]


def _today(request: Request) -> date:
    return datetime.fromtimestamp(request.app[CLOCK]() / 1000, UTC).date()


def _usual(request: Request, languages: list[str]) -> dict[str, Any]:
    """Return what pages say in each language where a showroom has no words of its own."""
    words = request.app[WORDS]
    return {
        spoken: {
            **{name: words.of(spoken, "customer")[key] for name, key in USUAL.items()},
            "canned": [words.of(spoken, "canned")[f"canned.{n}"] for n in range(1, CANNED + 1)],
        }
        for spoken in languages
        if spoken in words.languages
    }


def _exact(given: Any) -> Any:
    """Return JSON with its decimal numbers as they were written: amounts are exact."""
    match given:
        case dict():
            return {name: _exact(one) for name, one in given.items()}
        case list():
            return [_exact(one) for one in given]
        case float():
            return Decimal(repr(given))
        case _:
            return given
