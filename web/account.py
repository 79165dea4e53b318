"""The page of somebody's own account: the second factor, turned on and off.

It is open to those who lack one that a showroom demands: it is where they are led. `next` is where
they wished to go.
"""

from collections.abc import Mapping

import pyotp
import segno
from aiohttp.web import Request, Response, StreamResponse

from showroom.errors import ShowroomError, TooMany, WrongCode
from showroom.factors import RECOVERY_CODES
from showroom.staff import Session
from showroom.words import Role
from web.keys import FACTORS
from web.pages import HOUSE, render, words_for
from web.staff import LONGEST_CODE, MANAGES, guessing, is_ours, start_of, to_account
from web.visitor import checked_form, session_of


async def page(request: Request) -> StreamResponse:
    """How the second factor stands, with what a phone needs while it is being turned on."""
    session = await session_of(request, without_factor=True)
    return await _page(request, session, request.query)


async def begin(request: Request) -> StreamResponse:
    """Make a secret, which the page shows until a code confirms it."""
    form = await checked_form(request)
    session = await session_of(request, without_factor=True)
    await request.app[FACTORS].begin(session.staff_id)
    return to_account(form)


async def confirm(request: Request) -> StreamResponse:
    """Turn it on, and show the recovery codes this once."""
    form = await checked_form(request)
    session = await session_of(request, without_factor=True)
    who, code = session.staff_id, form.get("code", "")[:LONGEST_CODE]
    try:
        async with guessing(request, who):
            codes = await request.app[FACTORS].confirm(who, code, session.digest)
    except (WrongCode, TooMany) as error:
        return await _page(request, session, form, error=error)
    # Read anew: what they lacked is there now.
    return await _page(request, await session_of(request), form, codes)


async def remove(request: Request) -> StreamResponse:
    """Turn it off: who only finds the page open has no code."""
    form = await checked_form(request)
    session = await session_of(request)
    who, code = session.staff_id, form.get("code", "")[:LONGEST_CODE]
    try:
        async with guessing(request, who):
            await request.app[FACTORS].remove(who, code)
    except (WrongCode, TooMany) as error:
        return await _page(request, session, form, error=error)
    return to_account(form)


async def _page(
    request: Request,
    session: Session,
    given: Mapping[str, str],
    codes: tuple[str, ...] = (),
    error: ShowroomError | None = None,
) -> Response:
    factor = await request.app[FACTORS].of(session.staff_id)
    wish = given.get("next", "")
    there = {"next": wish} if is_ours(wish) else {}
    context = {
        "next": "",
        "demanded": session.factor_demanded,
        "lacks": session.lacks_factor,
        "start": start_of(session),
        **there,
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
    return render(request, "account.html", context, status=status, kept=there)


def _picture(secret: str, email: str) -> str:
    """Return the QR code that authenticator apps read, as an address."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=HOUSE.name)
    picture: str = segno.make_qr(uri, error="m").svg_data_uri(scale=5, border=4, light="#ffffff")
    return picture


def _spaced(secret: str) -> str:
    return " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
