"""The manager's page for what leaves the house: endpoints, their deliveries, and the replay."""

from collections.abc import Mapping
from typing import Annotated, Any

from aiohttp.web import Request, StreamResponse, json_response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from booking.contact import one_line
from booking.handoff.deliveries import Attempt, Backlog, DeliveryState, Line
from booking.handoff.endpoint import CARRIES, Endpoint, EndpointKind
from booking.handoff.topics import Topic
from showroom.errors import BadRequest
from showroom.ids import DeliveryId, EndpointId, StaffId
from showroom.showrooms import Showroom
from showroom.staff import Session
from signaling.gateway import explain
from signaling.messages import Id
from web.customer import parse
from web.keys import CLOCK, DELIVERIES, ENDPOINTS
from web.pages import language_of, render, safe_json
from web.staff import MANAGES
from web.visitor import check_csrf, session_of, staff_showroom

# What a database counts to.
LARGEST = 2**63 - 1
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Address = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]


class NewEndpoint(BaseModel):
    """An endpoint as it is entered. `address` is for those that have one."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: EndpointKind
    name: Name
    address: Address = ""
    topics: frozenset[Topic]
    dealer: Id | None = None


class NewAddress(BaseModel):
    """Where an endpoint is from now on."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    address: Address


class Since(BaseModel):
    """From when on what has failed is sent again, in UTC milliseconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    since: Annotated[int, Field(ge=0, le=LARGEST)] = 0


class Filter(BaseModel):
    """Which deliveries are listed: of an endpoint, in a state, below a number."""

    model_config = ConfigDict(frozen=True)
    endpoint: Id | None = None
    state: DeliveryState | None = None
    below: Annotated[int, Field(ge=1, le=LARGEST)] | None = None


async def page(request: Request) -> StreamResponse:
    """Where leads and appointments go, and whether they arrive."""
    session, showroom, rooms = await _manages(request)
    config = {
        "showroom": showroom.slug,
        "showrooms": [{"slug": room.slug, "name": room.name} for room in rooms],
        "zone": showroom.zone,
        "language": language_of(request, showroom),
        "carries": {kind: [topic.value for topic in topics] for kind, topics in CARRIES.items()},
        **await _endpoints(request, showroom),
    }
    context = {
        "config_json": safe_json(config),
        "showroom": showroom.name,
        "slug": showroom.slug,
        "name": session.name,
        "kinds": list(EndpointKind),
        "topics": list(Topic),
        "states": list(DeliveryState),
    }
    return render(request, "handoff.html", context, showroom, words=("common", "error", "handoff"))


async def endpoints(request: Request) -> StreamResponse:
    """All endpoints, with how they do."""
    _, showroom, _ = await _manages(request)
    return json_response({"ok": True, **await _endpoints(request, showroom)})


async def add(request: Request) -> StreamResponse:
    """Add an endpoint. The answer has its secret, for this one time."""
    showroom, who = await _changes(request)
    wish = await parse(request, NewEndpoint)
    added = await request.app[ENDPOINTS].add(
        showroom.id,
        wish.kind,
        one_line(wish.name),
        wish.address,
        wish.topics,
        wish.dealer,
        who=who,
    )
    answer = {"ok": True, "id": added.id, "secret": next(iter(added.secrets), None)}
    return json_response(answer, status=201)


async def move(request: Request) -> StreamResponse:
    """Send to another address from now on; secret and log stay."""
    showroom, who = await _changes(request)
    wish = await parse(request, NewAddress)
    which = _endpoint(request)
    await request.app[ENDPOINTS].move(showroom.id, which, wish.address, who=who)
    return json_response({"ok": True})


async def rotate(request: Request) -> StreamResponse:
    """Make a new secret; the one before it goes on until the rotation is ended."""
    showroom, who = await _changes(request)
    secret = await request.app[ENDPOINTS].rotate(showroom.id, _endpoint(request), who=who)
    return json_response({"ok": True, "secret": secret}, status=201)


async def end_rotation(request: Request) -> StreamResponse:
    """Sign with the newest secret only."""
    showroom, who = await _changes(request)
    await request.app[ENDPOINTS].end_rotation(showroom.id, _endpoint(request), who=who)
    return json_response({"ok": True})


async def enable(request: Request) -> StreamResponse:
    """Deliver again, first of all what has waited."""
    showroom, who = await _changes(request)
    await request.app[ENDPOINTS].enable(showroom.id, _endpoint(request), who=who)
    return json_response({"ok": True})


async def disable(request: Request) -> StreamResponse:
    """Deliver nothing more to it; what happens meanwhile waits."""
    showroom, who = await _changes(request)
    await request.app[ENDPOINTS].disable(showroom.id, _endpoint(request), who=who)
    return json_response({"ok": True})


async def remove(request: Request) -> StreamResponse:
    """Forget an endpoint, and what waits for it."""
    showroom, who = await _changes(request)
    await request.app[ENDPOINTS].remove(showroom.id, _endpoint(request), who=who)
    return json_response({"ok": True})


async def replay_failed(request: Request) -> StreamResponse:
    """Send again what has failed for good."""
    showroom, _ = await _changes(request)
    wish = await parse(request, Since)
    endpoint = await request.app[ENDPOINTS].get(showroom.id, _endpoint(request))
    number = await request.app[DELIVERIES].replay_failed(showroom.id, endpoint.id, wish.since)
    return json_response({"ok": True, "replayed": number})


async def deliveries(request: Request) -> StreamResponse:
    """The delivery log, the newest first."""
    _, showroom, _ = await _manages(request)
    try:
        asked = Filter.model_validate({k: v for k, v in request.query.items() if v})
    except ValidationError as error:
        raise BadRequest(explain(error)) from error
    which = EndpointId(asked.endpoint) if asked.endpoint else None
    found = await request.app[DELIVERIES].of(showroom.id, which, asked.state, asked.below)
    return json_response({"ok": True, "deliveries": [_line_data(one) for one in found]})


async def delivery(request: Request) -> StreamResponse:
    """One delivery with each of its attempts."""
    _, showroom, _ = await _manages(request)
    line, attempts = await request.app[DELIVERIES].get(showroom.id, _delivery(request))
    known = [_attempt_data(one) for one in attempts]
    return json_response({"ok": True, "delivery": _line_data(line), "attempts": known})


async def replay(request: Request) -> StreamResponse:
    """Send one again, now, under the same id."""
    showroom, _ = await _changes(request)
    await request.app[DELIVERIES].replay(showroom.id, _delivery(request))
    return json_response({"ok": True})


def _endpoint(request: Request) -> EndpointId:
    return EndpointId(request.match_info["endpoint"])


def _delivery(request: Request) -> DeliveryId:
    return DeliveryId(request.match_info["delivery"])


async def _manages(request: Request) -> tuple[Session, Showroom, list[Showroom]]:
    session = await session_of(request)
    showroom, rooms = await staff_showroom(request, session, MANAGES)
    return session, showroom, rooms


async def _changes(request: Request) -> tuple[Showroom, StaffId]:
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    session, showroom, _ = await _manages(request)
    return showroom, session.staff_id


async def _endpoints(request: Request, showroom: Showroom) -> dict[str, Any]:
    waits = await request.app[DELIVERIES].backlogs(showroom.id)
    known = await request.app[ENDPOINTS].of(showroom.id)
    listed = [_endpoint_data(one, waits) for one in known]
    return {"now": request.app[CLOCK](), "endpoints": listed}


def _endpoint_data(one: Endpoint, waits: Mapping[EndpointId, Backlog]) -> dict[str, Any]:
    """Return what managers see of an endpoint: never a secret, only whether there are two."""
    backlog = waits.get(one.id, Backlog())
    return {
        "id": one.id,
        "kind": one.kind,
        "name": one.name,
        "address": one.address,
        "topics": one.topics,
        "dealer": one.dealer,
        "state": one.state,
        "signed": bool(one.secrets),
        "rotating": len(one.secrets) > 1,
        "delivered_at": one.delivered_at,
        "failing_since": one.failing_since,
        "disabled_at": one.disabled_at,
        "disabled_reason": one.disabled_reason,
        "waiting": backlog.waiting,
        "waiting_since": backlog.since,
    }


def _line_data(line: Line) -> dict[str, Any]:
    return {
        "id": line.id,
        "number": line.number,
        "endpoint": line.endpoint_id,
        "topic": line.topic,
        "subject": line.subject_id,
        "state": line.state,
        "created_at": line.created_at,
        "finished_at": line.finished_at,
        "next_try_at": line.next_try_at,
        "attempts": line.attempts,
        "answer": line.answer,
    }


def _attempt_data(one: Attempt) -> dict[str, Any]:
    return {
        "attempt": one.attempt,
        "at": one.happened_at,
        "took_ms": one.took_ms,
        "request": one.request,
        "status": one.status,
        "answer": one.answer,
        "result": one.result,
    }
