"""Staff: signing in and out, and the advisor's page."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import quote

from aiohttp.web import Request, Response, StreamResponse

from showroom.errors import ShowroomError, TooMany, WrongCode, WrongCredentials
from showroom.ids import StaffId
from showroom.staff import Session
from showroom.words import Role
from signaling.gateway import STAFF_COOKIE
from web.consents import SHEET
from web.customer import vehicle_data
from web.keys import COMPANY_ACCOUNTS, FACTORS, SETTINGS, STAFF, THROTTLE, VEHICLES, WORDS
from web.pages import language_of, render, safe_json, words_for
from web.visitor import (
    DEVICE_COOKIE,
    SECOND_COOKIE,
    address_of,
    check_csrf,
    checked_form,
    read_form,
    session_of,
    set_cookie,
    signed_in,
    workplace,
)

DEVICE_SECONDS = 180 * 24 * 3600
MANAGES = frozenset({Role.MANAGER, Role.ADMINISTRATOR})
CANNED = 6
LONGEST_EMAIL = 254
LONGEST_CODE = 64
SECOND_SECONDS = 600
# `//host` and `/\\host` lead away, and so does `/<tab>/host`: browsers drop tabs and newlines
# before they look (WHATWG URL, §4.4).
OUR_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*")


async def login_page(request: Request) -> StreamResponse:
    """The sign-in form; it works without any script.

    Who is signed in and lacks but a second factor goes on to where they set it up.
    """
    session = await signed_in(request)
    if session and session.lacks_factor:
        return to_account(request.query)
    return _login(request, {"next": request.query.get("next", "")})


def _login(
    request: Request, given: Mapping[str, str], error: str = "", status: int = 200
) -> Response:
    """Render the form with what was `given` so far: where to go next, and the e-mail address."""
    wish = given.get("next", "")
    there = {"next": wish} if is_ours(wish) else {}
    context = {
        "error": error,
        "next": "",
        "email": given.get("email", "")[:LONGEST_EMAIL],
        "done": "set" in request.query,
        "company": request.app[COMPANY_ACCOUNTS].offered,
        **there,
    }
    return render(request, "login.html", context, status=status, kept=there)


def is_ours(path: str) -> bool:
    """Say whether a sign-in may lead there: only to a path of ours."""
    return bool(OUR_PATH.fullmatch(path))


def to_account(given: Mapping[str, str]) -> Response:
    """Go to the page of one's own account, and know where to go on to."""
    wish = given.get("next", "")
    there = f"?next={quote(wish, safe='/')}" if is_ours(wish) else ""
    return Response(status=303, headers={"Location": f"/staff/account{there}"})


async def login(request: Request) -> StreamResponse:
    """Check the credentials and open a session; throttled per account, address and browser."""
    form = await read_form(request)
    check_csrf(request, form.get("csrf", ""))
    email, password = form.get("email", "")[:LONGEST_EMAIL], form.get("password", "")[:1024]
    try:
        staff_id, device = await _sign_in(request, email, password)
    except (WrongCredentials, TooMany) as error:
        answer = _login(request, form, words_for(request, error), error.status)
        if isinstance(error, TooMany):
            answer.headers["Retry-After"] = str(error.retry_after)
        return answer
    response = await go_on(request, staff_id, form.get("next", ""))
    set_cookie(request, response, DEVICE_COOKIE, device, DEVICE_SECONDS)
    return response


async def go_on(
    request: Request, staff_id: StaffId, wish: str, *, second_factor: bool = False
) -> Response:
    """Ask for the second factor of somebody who has one; let in who has none.

    `second_factor`: the company has asked for one of its own.
    """
    half = await request.app[FACTORS].first_step(staff_id)
    if half is None:
        return await enter(request, staff_id, wish, second_factor=second_factor)
    there = f"?next={quote(wish, safe='/')}" if is_ours(wish) else ""
    response = Response(status=303, headers={"Location": f"/staff/second{there}"})
    set_cookie(request, response, SECOND_COOKIE, half, SECOND_SECONDS)
    return response


async def enter(
    request: Request, staff_id: StaffId, wish: str, *, second_factor: bool = False
) -> Response:
    """Open a session, and go where they wished, or where their work begins."""
    staff = request.app[STAFF]
    hours = request.app[SETTINGS].session_hours
    token = await staff.open_session(staff_id, hours, second_factor=second_factor)
    session = await staff.session(token)
    start = start_of(session) if session else "/advisor"
    response = Response(status=303, headers={"Location": wish if is_ours(wish) else start})
    set_cookie(request, response, STAFF_COOKIE, token, hours * 3600)
    return response


def start_of(session: Session) -> str:
    """Return the page where somebody's work begins."""
    roles: frozenset[Role] = frozenset().union(*session.roles.values())
    return "/manager" if roles & MANAGES and Role.ADVISOR not in roles else "/advisor"


async def second_page(request: Request) -> StreamResponse:
    """The second step of a sign-in: a code."""
    return await _second(request, {"next": request.query.get("next", "")})


async def _second(
    request: Request, given: Mapping[str, str], error: ShowroomError | None = None
) -> Response:
    await request.app[FACTORS].half_way(request.cookies.get(SECOND_COOKIE, ""))
    wish = given.get("next", "")
    there = {"next": wish} if is_ours(wish) else {}
    said = words_for(request, error) if error else ""
    context = {"error": said, "next": "", **there}
    status = error.status if error else 200
    answer = render(request, "second.html", context, status=status, kept=there)
    if isinstance(error, TooMany):
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


async def second(request: Request) -> StreamResponse:
    """Check the code and open a session; throttled like a password."""
    form = await checked_form(request)
    try:
        staff_id = await _second_step(request, form.get("code", "")[:LONGEST_CODE])
    except (WrongCode, TooMany) as error:
        return await _second(request, form, error)
    response = await enter(request, staff_id, form.get("next", ""))
    response.del_cookie(SECOND_COOKIE, path="/")
    return response


async def _second_step(request: Request, code: str) -> StaffId:
    factors, token = request.app[FACTORS], request.cookies.get(SECOND_COOKIE, "")
    who = await factors.half_way(token)
    async with guessing(request, who):
        return await factors.second_step(token, code)


@asynccontextmanager
async def guessing(request: Request, who: StaffId) -> AsyncIterator[None]:
    """Count a code that is tried, unless it is right. Raises `TooMany`."""
    throttle, address = request.app[THROTTLE], address_of(request)
    # A name that is nobody's address: codes have counters of their own.
    name = f"code of {who}"
    await throttle.check(name, address, None)
    try:
        yield
    except WrongCode:
        await throttle.failed(name, address, None)
        raise
    await throttle.succeeded(name, address, None)


async def _sign_in(request: Request, email: str, password: str) -> tuple[StaffId, str]:
    """Return who it is and the device cookie's value. Raises `WrongCredentials`, `TooMany`."""
    throttle, address = request.app[THROTTLE], address_of(request)
    device = request.cookies.get(DEVICE_COOKIE)
    await throttle.check(email, address, device)
    try:
        staff_id = await request.app[STAFF].check(email, password)
    except WrongCredentials:
        await throttle.failed(email, address, device)
        raise
    return staff_id, await throttle.succeeded(email, address, device)


async def logout(request: Request) -> StreamResponse:
    """Close the session; the doorman ends within a second what was at work with it."""
    form = await read_form(request)
    check_csrf(request, form.get("csrf", ""))
    if token := request.cookies.get(STAFF_COOKIE):
        await request.app[STAFF].close_session(token)
    response = Response(status=303, headers={"Location": "/staff/login"})
    response.del_cookie(STAFF_COOKIE, path="/")
    return response


async def advisor_page(request: Request) -> StreamResponse:
    """The advisor's page: one thumb, one call at a time."""
    session = await session_of(request)
    showroom, rooms = await workplace(request, session)
    language = language_of(request, showroom)
    cars = [vehicle_data(v, language) for v in await request.app[VEHICLES].of(showroom.id)]
    words, brand = request.app[WORDS], showroom.brand.name
    config = {
        "showroom": showroom.slug,
        "showrooms": [{"slug": room.slug, "name": room.name} for room in rooms],
        "name": session.name,
        "manages": session.manages(showroom.id),
        "zone": showroom.zone,
        "language": language,
        "vehicles": cars,
        "store": bool(showroom.store.url),
        "canned": {
            spoken: showroom.canned.get(spoken)
            or [words.of(spoken, "canned")[f"canned.{n}"] for n in range(1, CANNED + 1)]
            for spoken in showroom.languages
            if spoken in words.languages
        },
        # Read aloud to customers, so in their language.
        "consents": {
            spoken: {
                purpose: words.translator(spoken)(f"lead.consent.{purpose}", brand=brand)
                for purpose in SHEET
            }
            for spoken in showroom.languages
            if spoken in words.languages
        },
    }
    context = {
        "config_json": safe_json(config),
        "showroom": showroom.name,
        "slug": showroom.slug,
        "name": session.name,
        "manager_stills": showroom.policy.manager_stills,
    }
    parts = (
        "common", "error", "call", "check", "company", "advisor", "photo", "recording", "lead",
    )  # fmt: skip
    return render(request, "advisor.html", context, showroom, words=parts)
