"""How every operation is served: whose key, for which showroom, how often, once, and an answer."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiohttp import HttpVersion11
from aiohttp.web import AbstractRouteDef, Request, Response, StreamResponse, get, route

from showroom.api_keys import ApiKey
from showroom.errors import NotFound, ShowroomError
from showroom.repetitions import Claim, KeptAnswer, OtherRequest, StillRunning
from showroom.showrooms import Showroom
from web.api.etags import matches, tag_of
from web.api.operations import Answer, AnyOperation, Call
from web.api.problems import InProgress, KeyMissing, KeyReused, MissingScope, Unauthorized, refused
from web.api.reading import Parsed, parse_body, parse_query
from web.keys import API_KEYS, REPETITIONS, SHOWROOMS
from web.limits import LIMITS, Allowance, check_limit, limit

log = structlog.get_logger()

# Shorter than a claim lasts: nobody else may take over what still runs.
SECONDS = 30
# Of one address. Who shows more keys that are none is refused with any key, until it slows down.
WRONG_KEYS = Allowance("wrong_keys", rate=0.5, burst=60)
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
IDEMPOTENCY_KEY = re.compile(r"[!-~]([ -~]{0,253}[!-~])?")
# What a repetition gets to hear besides the answer.
REPLAYED = "Idempotent-Replayed"
# Answers that say how things stand, not what became of the request: the next time is another.
PASSING = frozenset({412, 429})
KEPT_HEADERS = ("Content-Type", "Location", "ETag")


def route_of(operation: AnyOperation) -> AbstractRouteDef:
    """Return the row of an operation for the table of routes."""

    async def handle(request: Request) -> StreamResponse:
        return await serve(operation, request)

    if operation.method == "GET":
        return get(operation.address, handle, expect_handler=expected)
    return route(operation.method, operation.address, handle, expect_handler=expected)


async def expected(request: Request) -> None:
    """Let whoever waits for it send the body. Other expectations may be left out (RFC 9110,
    10.1.1), and aiohttp would refuse them where no problem is made of it.
    """
    if request.version >= HttpVersion11 and request.headers["Expect"].lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # the answer has not begun


async def serve(operation: AnyOperation, request: Request) -> StreamResponse:
    """Carry out a request. Raises what is a problem for `answer_problems`."""
    key = await _key_of(request)
    showroom = await _showroom_of(request, key)
    if operation.scope not in key.scopes:
        raise MissingScope(operation.scope)
    request.app[LIMITS].take(key.id, operation.pace)
    name = _idempotency_key(request) if operation.once else ""
    query = parse_query(request, operation.query)
    if operation.method == "GET":
        answer = await _carry_out(operation, Call(request, key, showroom, query, operation.body()))
        return _unless_known(request, _written(answer))
    parsed = await parse_body(request, operation.body, operation.most_bytes)
    if not operation.once:
        call = Call(request, key, showroom, query, parsed.body)
        return _written(await _carry_out(operation, call))

    async def work(new_id: str) -> Response:
        call = Call(request, key, showroom, query, parsed.body, new_id)
        return _written(await _carry_out(operation, call))

    return await _once(operation, request, key, name, parsed, work)


async def _key_of(request: Request) -> ApiKey:
    """Return the key that was shown. Raises `Unauthorized`, and `TooMany` to who tries keys."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized
    # Before anybody looks: whoever tries too many keys is not told of a right one among them.
    check_limit(request, WRONG_KEYS)
    key = await request.app[API_KEYS].holder(secret.strip())
    if key is None:
        limit(request, WRONG_KEYS)
        raise Unauthorized(shown=True)
    return key


async def _showroom_of(request: Request, key: ApiKey) -> Showroom:
    """Return the showroom of the address, if it is the key's; raises `NotFound` else."""
    showroom = await request.app[SHOWROOMS].by_slug(request.match_info["showroom"])
    if showroom.id != key.showroom_id:
        raise NotFound("There is no such showroom. Check the address.")
    if not all(ID.fullmatch(value) for value in request.match_info.values()):
        raise NotFound
    return showroom


async def _carry_out(operation: AnyOperation, call: Call[Any, Any]) -> Answer:
    async with asyncio.timeout(SECONDS):
        return await operation.handle(call)


def _written(answer: Answer) -> Response:
    body = answer.body.model_dump_json().encode()
    return Response(
        body=body,
        status=answer.status,
        headers={
            "Content-Type": "application/json",
            "ETag": tag_of(body),
            # Whoever keeps it asks again whether it still holds.
            "Cache-Control": "private, no-cache",
            **answer.headers,
        },
    )


def _unless_known(request: Request, answer: Response) -> Response:
    """Return 304 in place of what the caller has already."""
    if not matches(request, "If-None-Match", answer.headers["ETag"]):
        return answer
    kept = {name: answer.headers[name] for name in ("ETag", "Cache-Control")}
    return Response(status=304, headers=kept)


# ---------------------------------------------------------------- once


def _idempotency_key(request: Request) -> str:
    """Return what the caller calls this request, with the quotes of RFC 8941 or without."""
    given = request.headers.getall("Idempotency-Key", [])
    name = given[0].strip() if len(given) == 1 else ""
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = re.sub(r"\\([\"\\])", r"\1", name[1:-1])
    if not IDEMPOTENCY_KEY.fullmatch(name):
        raise KeyMissing
    return name


async def _once(
    operation: AnyOperation,
    request: Request,
    key: ApiKey,
    name: str,
    parsed: Parsed[Any],
    work: Callable[[str], Awaitable[Response]],
) -> Response:
    """Do `work`, or answer what was answered before. Refusals are answers, failures are not."""
    repetitions = request.app[REPETITIONS]
    place = operation.address.format(**request.match_info)
    try:
        claim = await repetitions.claim(key.showroom_id, key.id, place, name, parsed.digest)
    except StillRunning as error:
        raise InProgress(error.retry_after) from None
    except OtherRequest:
        raise KeyReused from None
    if isinstance(claim, KeptAnswer):
        headers = {**claim.headers, REPLAYED: "true"}
        return Response(body=claim.body.encode(), status=claim.status, headers=headers)
    try:
        answer = await work(claim.id)
    except ShowroomError as error:
        if error.status >= 500 or error.status in PASSING:
            await repetitions.give_up(claim)
            raise
        answer = refused(error)
    except Exception:
        await repetitions.give_up(claim)
        raise
    await _keep(request, claim, answer)
    return answer


async def _keep(request: Request, claim: Claim, answer: Response) -> None:
    headers = {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
    body = answer.body.decode() if isinstance(answer.body, bytes) else ""
    try:
        await request.app[REPETITIONS].keep(claim, KeptAnswer(answer.status, headers, body))
    except (ShowroomError, OSError) as error:
        # It is done, and says so. Sent again, it finds what it made: see `Claim.id`.
        log.warning("an answer could not be kept", why=type(error).__name__)
