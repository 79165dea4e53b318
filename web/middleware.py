"""What every request passes: safe headers, refusals in the right form, and nothing unanswered."""

from collections.abc import Awaitable, Callable
from urllib.parse import quote

import structlog
from aiohttp.typedefs import Middleware
from aiohttp.web import (
    HTTPException,
    HTTPSeeOther,
    Request,
    Response,
    StreamResponse,
    json_response,
    middleware,
)
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from showroom.errors import (
    BadRequest,
    Crashed,
    FactorNeeded,
    NotFound,
    NotSignedIn,
    ShowroomError,
    TooLarge,
    TooMany,
    TryAgain,
)
from showroom.throttle import network_of
from signaling.gateway import refusal
from signaling.limits import AddressLimit
from web.keys import SETTINGS
from web.pages import render_error
from web.visitor import address_of, is_secure

log = structlog.get_logger()

Handler = Callable[[Request], Awaitable[StreamResponse]]
# A folder of static files is forbidden to list, and whether there is one is nobody's business.
BY_STATUS = {403: NotFound, 404: NotFound, 413: TooLarge}


class MethodNotAllowed(ShowroomError):
    """A known address, asked in a way that it does not answer."""

    code, status = "bad_request", 405
    default = "This address does not take such a request. Go back to the page and try again."


@middleware
async def answer_errors(request: Request, handler: Handler) -> StreamResponse:
    """Turn every error into a page or a JSON refusal; a crash is logged and says so."""
    try:
        return await handler(request)
    except ShowroomError as error:
        return await _refuse(request, error)
    except HTTPException as error:
        if error.status < 400:
            raise
        kind = BY_STATUS.get(error.status, MethodNotAllowed if error.status == 405 else BadRequest)
        answer = await _refuse(request, kind())
        if "Allow" in error.headers:
            answer.headers["Allow"] = error.headers["Allow"]
        return answer
    except (RedisError, SQLAlchemyError, OSError) as error:
        log.warning("a request has to wait", why=type(error).__name__)
        return await _refuse(request, TryAgain())
    except Exception:
        log.exception("a page crashed", route=_route(request))
        return await _refuse(request, Crashed())


def wants_json(request: Request) -> bool:
    """Say whether a script asked, not a person's browser."""
    return "application/json" in (request.content_type, request.headers.get("Accept", ""))


async def _refuse(request: Request, error: ShowroomError) -> StreamResponse:
    if wants_json(request):
        answer: StreamResponse = json_response(refusal(error), status=error.status)
    elif isinstance(error, NotSignedIn) and request.method == "GET":
        there = quote(request.path_qs, safe="/")
        answer = Response(status=303, headers={"Location": f"/staff/login?next={there}"})
    elif isinstance(error, FactorNeeded) and request.method == "GET":
        there = quote(request.path_qs, safe="/")
        answer = Response(status=303, headers={"Location": f"/staff/account?next={there}"})
    else:
        answer = await render_error(request, error)
    if isinstance(error, TooMany):
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _route(request: Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource else "?"


NO_DOCUMENT = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@middleware
async def add_headers(request: Request, handler: Handler) -> StreamResponse:
    """Add the headers that keep foreign scripts out and our pages in."""
    try:
        response = await handler(request)
    except HTTPSeeOther as redirect:
        _headers(request, redirect)
        raise
    if not response.prepared:
        _headers(request, response)
    return response


def _headers(request: Request, response: StreamResponse) -> None:
    secure = is_secure(request)
    response.headers["Server"] = "showroom"  # its versions are nobody's business
    document = response.content_type != "application/json"
    if not document:  # a script's answers need no rules for pages, and narrow lines no bytes
        response.headers.setdefault("Content-Security-Policy", NO_DOCUMENT)
    # 'self' does not cover WebSockets in every browser that is still in use.
    socket = f"{'wss' if secure else 'ws'}://{request.host}"
    response.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        "img-src 'self' data: blob:; media-src 'self' blob: mediastream:; "
        f"connect-src 'self' {socket}; manifest-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'",
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    # The address of a visit, of a feed, of a call's photos is its key: it is told to nobody, and
    # found by no search.
    secret = request.path.startswith(("/v/", "/calendar/", "/p/"))
    # A reservation's, and that of a link to a password, is told to us alone: browsers send no
    # origin with the form of a page that tells nobody (Fetch, 3.1), and without one a change is
    # refused.
    response.headers["Referrer-Policy"] = "no-referrer" if secret else "same-origin"
    if secret or request.path.startswith(("/r/", "/staff/link/", "/staff/mails/")):
        response.headers["X-Robots-Tag"] = "noindex"
    if document:
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = (
            "camera=(self), microphone=(self), fullscreen=(self), geolocation=()"
        )
    if secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    static = request.path.startswith("/static/")
    response.headers.setdefault("Cache-Control", "no-cache" if static else "no-store")


def limit_sockets() -> Middleware:
    """Return a middleware that bounds the sockets of one address."""
    limits: list[AddressLimit] = []

    @middleware
    async def limited(request: Request, handler: Handler) -> StreamResponse:
        if not request.path.startswith("/socket.io/"):
            return await handler(request)
        if not limits:
            limits.append(AddressLimit(request.app[SETTINGS].max_sockets_per_address))
        with limits[0].hold(network_of(address_of(request))):
            return await handler(request)

    return limited
