"""The page of somebody's own account: the second factor, turned on and off."""

import pyotp
import segno
from aiohttp.web import Request, Response, StreamResponse

from showroom.errors import ShowroomError, TooMany, WrongCode
from showroom.factors import RECOVERY_CODES
from showroom.staff import Session
from showroom.words import Role
from web.keys import FACTORS
from web.pages import HOUSE, render, words_for
from web.staff import LONGEST_CODE, MANAGES, guessing
from web.visitor import checked_form, session_of


async def page(request: Request) -> StreamResponse:
    """How the second factor stands, with what a phone needs while it is being turned on."""
    return await _page(request, await session_of(request))


async def begin(request: Request) -> StreamResponse:
    """Make a secret, which the page shows until a code confirms it."""
    await checked_form(request)
    session = await session_of(request)
    await request.app[FACTORS].begin(session.staff_id)
    return Response(status=303, headers={"Location": "/staff/account"})


async def confirm(request: Request) -> StreamResponse:
    """Turn it on, and show the recovery codes this once."""
    form = await checked_form(request)
    session = await session_of(request)
    who, code = session.staff_id, form.get("code", "")[:LONGEST_CODE]
    try:
        async with guessing(request, who):
            codes = await request.app[FACTORS].confirm(who, code)
    except (WrongCode, TooMany) as error:
        return await _page(request, session, error=error)
    return await _page(request, session, codes)


async def remove(request: Request) -> StreamResponse:
    """Turn it off: who only finds the page open has no code."""
    form = await checked_form(request)
    session = await session_of(request)
    who, code = session.staff_id, form.get("code", "")[:LONGEST_CODE]
    try:
        async with guessing(request, who):
            await request.app[FACTORS].remove(who, code)
    except (WrongCode, TooMany) as error:
        return await _page(request, session, error=error)
    return Response(status=303, headers={"Location": "/staff/account"})


async def _page(
    request: Request,
    session: Session,
    codes: tuple[str, ...] = (),
    error: ShowroomError | None = None,
) -> Response:
    factor = await request.app[FACTORS].of(session.staff_id)
    context = {
        "name": session.name,
        "advises": any(Role.ADVISOR in roles for roles in session.roles.values()),
        "leads": any(roles & MANAGES for roles in session.roles.values()),
        "email": session.email,
        "on": factor.on,
        "left": factor.codes_left,
        "most": RECOVERY_CODES,
        "secret": _spaced(factor.secret) if factor.secret else "",
        "picture": _picture(factor.secret, session.email) if factor.secret else "",
        "codes": codes,
        "error": words_for(request, error) if error else "",
    }
    status = error.status if error else 200
    # The links to the other languages lead to the page, not to the form that was sent.
    return render(request, "account.html", context, status=status, kept={})


def _picture(secret: str, email: str) -> str:
    """Return the QR code that authenticator apps read, as an address."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=HOUSE.name)
    picture: str = segno.make_qr(uri, error="m").svg_data_uri(scale=5, border=4, light="#ffffff")
    return picture


def _spaced(secret: str) -> str:
    return " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
