"""The way to the company's sign-in, and the way back."""

from aiohttp.web import Request, Response, StreamResponse

from showroom.errors import NotFound
from web.keys import COMPANY_ACCOUNTS
from web.limits import COMPANY_SIGN_INS, limit
from web.staff import go_on, is_ours
from web.visitor import COMPANY_COOKIE, set_cookie

UNDER_WAY_SECONDS = 600


async def begin(request: Request) -> StreamResponse:
    """Send the browser to the company's sign-in."""
    accounts = request.app[COMPANY_ACCOUNTS]
    if not accounts.offered:
        raise NotFound
    limit(request, COMPANY_SIGN_INS)
    wish = request.query.get("next", "")
    begun = await accounts.begin(wish if is_ours(wish) else "")
    response = Response(status=303, headers={"Location": begun.address})
    set_cookie(request, response, COMPANY_COOKIE, begun.state, UNDER_WAY_SECONDS)
    return response


async def back(request: Request) -> StreamResponse:
    """Let in whom the company vouches for; a second factor of ours is asked for all the same."""
    accounts = request.app[COMPANY_ACCOUNTS]
    if not accounts.offered:
        raise NotFound
    limit(request, COMPANY_SIGN_INS)
    code, state = request.query.get("code", ""), request.query.get("state", "")
    found = await accounts.finish(code, state, request.cookies.get(COMPANY_COOKIE, ""))
    response = await go_on(request, found.who, found.wish, second_factor=found.second_factor)
    response.del_cookie(COMPANY_COOKIE, path="/")
    return response
