"""What a request says about who sent it: address, cookies, session, and the proof of its origin."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from ipaddress import ip_address

from aiohttp.web import Request, StreamResponse

from showroom.errors import BadRequest, FactorNeeded, Forbidden, NotSignedIn, StalePage
from showroom.ids import ShowroomId
from showroom.settings import Settings
from showroom.showrooms import Showroom
from showroom.staff import Session
from showroom.words import Role
from signaling.gateway import STAFF_COOKIE
from signaling.tickets import CALL_COOKIE, Tickets
from web.keys import DESK, SETTINGS, SHOWROOMS, STAFF

CSRF_COOKIE = "vs_csrf"
LANGUAGE_COOKIE = "vs_language"
DEVICE_COOKIE = "vs_device"
# A sign-in between the password and the code.
SECOND_COOKIE = "vs_second"
# A sign-in at the company that this browser began.
COMPANY_COOKIE = "vs_company"


def address_of(request: Request) -> str:
    """Return the client's address. A proxy's word counts only if the proxy is a trusted one.

    X-Forwarded-For is read from the right, skipping trusted proxies: what stands further left
    may be invented by the client.
    """
    trusted = request.app[SETTINGS].trusted_proxies
    peer = request.transport and request.transport.get_extra_info("peername")
    address = str(peer[0]) if peer else "unknown"
    # A proxy may write a line of its own below the client's; they are one list (RFC 9110 §5.3).
    lines = request.headers.getall("X-Forwarded-For", [])
    hops = [hop.strip() for line in lines for hop in line.split(",")]
    while hops and _within(address, trusted):
        hop = hops.pop()
        if not _is_address(hop):
            break
        address = hop
    return address


def _within(address: str, networks: "tuple[object, ...]") -> bool:
    return _is_address(address) and any(
        ip_address(address) in network  # type: ignore[operator]
        for network in networks
    )


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def is_secure(request: Request) -> bool:
    """Say whether the browser speaks TLS, to us or to a trusted proxy in front."""
    if request.secure or request.app[SETTINGS].public_url.startswith("https:"):
        return True
    peer = request.transport and request.transport.get_extra_info("peername")
    forwarded = request.headers.get("X-Forwarded-Proto") == "https"
    return bool(forwarded and peer and _within(peer[0], request.app[SETTINGS].trusted_proxies))


def set_cookie(
    request: Request, response: StreamResponse, name: str, value: str, max_age: int | None = None
) -> None:
    """Set a cookie that scripts can't read and other sites can't send along."""
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        path="/",
        httponly=True,
        samesite="Lax",
        secure=is_secure(request),
    )


def origin_allowed(settings: Settings, origin: str | None) -> bool:
    """Say whether a page of this origin may talk to us. Programs that send none may."""
    return origin is None or origin.lower() in settings.origins


# ---------------------------------------------------------------- cross-site requests


def csrf_nonce(request: Request) -> str:
    """Return the browser's nonce, a new one if it has none; the response must set it as cookie."""
    return request.cookies.get(CSRF_COOKIE) or secrets.token_urlsafe(16)


def csrf_token(settings: Settings, nonce: str) -> str:
    """Return the token that a page with this nonce must send with every change."""
    key = settings.require_secret_key().encode()
    text = b"csrf:" + nonce.encode(errors="surrogateescape")  # a made-up cookie can be any bytes
    return hmac.new(key, text, hashlib.sha256).hexdigest()


def check_csrf(request: Request, token: str) -> None:
    """Raise `StalePage` unless the change comes from a page of ours."""
    settings = request.app[SETTINGS]
    expected = csrf_token(settings, request.cookies.get(CSRF_COOKIE, ""))
    same = token.isascii() and hmac.compare_digest(expected, token)
    if not same or not origin_allowed(settings, request.headers.get("Origin")):
        raise StalePage


async def read_form(request: Request) -> Mapping[str, str]:
    """Return the texts of a form. Raises `BadRequest` when it can't be read."""
    try:
        form = await request.post()
    except (ValueError, LookupError, RuntimeError) as error:
        raise BadRequest("This form can't be read. Load the page again and repeat it.") from error
    return {name: text for name, text in form.items() if isinstance(text, str)}


async def checked_form(request: Request) -> Mapping[str, str]:
    """Return the texts of a form of ours; its token is a field, or a header from a script.

    Raises `StalePage` and `BadRequest`.
    """
    form = await read_form(request)
    check_csrf(request, form.get("csrf", "") or request.headers.get("X-CSRF-Token", ""))
    return form


def digits(request: Request, name: str) -> int:
    """Return a number that stands in the address. Raises `BadRequest`."""
    text = request.query.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise BadRequest(f"`{name}` must be a number.", name)
    return int(text)


# ---------------------------------------------------------------- who is it


def tickets_of(request: Request) -> Tickets:
    """Return the calls that this browser has."""
    return Tickets.parse(request.cookies.get(CALL_COOKIE, ""))


async def signed_in(request: Request) -> Session | None:
    """Return who is signed in, also one who has yet to set up a second factor."""
    token = request.cookies.get(STAFF_COOKIE)
    return await request.app[STAFF].session(token) if token else None


async def session_of(request: Request, *, without_factor: bool = False) -> Session:
    """Return the signed-in member of staff. Raises `NotSignedIn` and `FactorNeeded`.

    `without_factor`: what is asked for leads to a second factor, and is open before there is one.
    """
    session = await signed_in(request)
    if session is None:
        raise NotSignedIn
    if session.lacks_factor and not without_factor:
        raise FactorNeeded
    return session


async def staff_showroom(
    request: Request, session: Session, roles: frozenset[Role]
) -> tuple[Showroom, list[Showroom]]:
    """Return the showroom of the page, and all in which this person has one of `roles`.

    The page names one by `?showroom=`; without it, it is the first. Raises `Forbidden`.
    """
    allowed: set[ShowroomId] = {room for room, has in session.roles.items() if has & roles}
    rooms = [room for room in await request.app[SHOWROOMS].all() if room.id in allowed]
    asked = request.query.get("showroom")
    for room in rooms:
        if asked in (None, room.slug):
            return room, rooms
    raise Forbidden("You don't work here in this role. Ask your manager, or sign in again.")


async def workplace(request: Request, session: Session) -> tuple[Showroom, list[Showroom]]:
    """Return where somebody answers calls, and all such showrooms of theirs.

    Raises `Forbidden`: but for a call that they took over, a manager who is no advisor doesn't.
    """
    try:
        return await staff_showroom(request, session, frozenset({Role.ADVISOR}))
    except Forbidden:
        managers = frozenset({Role.MANAGER, Role.ADMINISTRATOR})
        showroom, rooms = await staff_showroom(request, session, managers)
        if not await request.app[DESK].has_call(showroom, session.staff_id):
            raise
        return showroom, rooms
