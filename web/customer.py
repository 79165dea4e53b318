"""The customer's side over HTTP: the page, starting a call, asking for a call-back."""

from typing import Annotated, Any, TypeVar

from aiohttp.web import HTTPSeeOther, Request, Response, StreamResponse, json_response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from booking.contact import parse_phone
from showroom.errors import BadRequest
from showroom.showrooms import Showroom
from showroom.vehicles import Vehicle, picture_address
from showroom.words import PageKind
from signaling.crier import public_state
from signaling.gateway import explain
from signaling.messages import Id
from signaling.tickets import CALL_COOKIE, CallTicket
from web.arriving import arrives
from web.consents import CALL_BACK, REQUEST
from web.devices import device_of
from web.keys import CLOCK, DESK, FOLLOW_UPS, LIVE, SHOWROOMS, VEHICLES, WORDS
from web.limits import CALL_BACKS, CALLS, limit
from web.origins import origin_of, remember_origin
from web.pages import language_of, render, safe_json
from web.visitor import check_csrf, set_cookie, tickets_of

TICKET_SECONDS = 24 * 3600

T = TypeVar("T", bound=BaseModel)


class CallRequest(BaseModel):
    """What starts a call."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
    vehicle: Id | None = None


class CallBackRequest(BaseModel):
    """What asks for a call-back. `consent` must be true: without it we may not keep a number."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
    phone: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    consent: bool
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
    vehicle: Id | None = Field(default=None)


async def parse(request: Request, model: type[T]) -> T:
    """Return the request's JSON as `model`. Raises `BadRequest`, naming the field."""
    if request.content_type != "application/json":
        raise BadRequest("Send JSON, with Content-Type: application/json.")
    try:
        return model.model_validate_json(await request.read())
    except ValidationError as error:
        where = error.errors(include_input=False, include_url=False)[0]["loc"]
        field = str(where[0]) if where and where[0] in model.model_fields else None
        raise BadRequest(explain(error), field) from error


async def home(request: Request) -> StreamResponse:
    """List the showrooms, or go to the only one."""
    rooms = await request.app[SHOWROOMS].all()
    if len(rooms) == 1:
        raise HTTPSeeOther(f"/s/{rooms[0].slug}")
    listed = [{"slug": room.slug, "name": room.name, "market": room.market} for room in rooms]
    return render(request, "home.html", {"showrooms": listed, "words": "home", "way": ""})


async def showroom_of(request: Request) -> Showroom:
    """Return the showroom of the address; raises `NotFound`."""
    return await request.app[SHOWROOMS].by_slug(request.match_info["showroom"])


async def page(request: Request) -> StreamResponse:
    """The showroom's page: landing, waiting, live and after are views of it."""
    showroom = await showroom_of(request)
    language = language_of(request, showroom)
    cars = [vehicle_data(v, language) for v in await request.app[VEHICLES].on_show(showroom.id)]
    state = await public_state(request.app[LIVE], showroom, request.app[CLOCK]())
    public = state.model_dump(mode="json")
    t = request.app[WORDS].translator(language)
    config = {
        "showroom": showroom.slug,
        "name": showroom.name,
        "zone": showroom.zone,
        "language": language,
        "vehicles": cars,
        "state": public,
        "region": showroom.market,
        "consent": {
            "version": CALL_BACK,
            "text": t("call_back.consent", brand=showroom.brand.name),
        },
        "requests": REQUEST,
    }
    context = {
        "config_json": safe_json(config),
        "showroom": showroom.name,
        "slug": showroom.slug,
        "vehicles": cars,
        "state": public,
        "notice": state.notice.get(language) or next(iter(state.notice.values()), ""),
        "store": bool(showroom.store.url),
        "texts": showroom.texts.in_language(language),
    }
    words = (
        "common", "error", "call", "company", "customer", "photo", "recording", "request",
        "lead.dealer", "book.loading", "book.none", "book.part", "book.there", "book.zone",
        "book.zones",
    )  # fmt: skip
    answer = render(request, "customer.html", context, showroom, words=words)
    remember_origin(request, answer, showroom)
    arrives(request, showroom, PageKind.SHOWROOM)
    return answer


async def start_call(request: Request) -> StreamResponse:
    """Put the customer into the queue and give their browser the call's ticket."""
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    limit(request, CALLS)
    showroom = await showroom_of(request)
    wish = await parse(request, CallRequest)
    tickets = tickets_of(request)
    ticket = await request.app[DESK].request_call(
        showroom,
        wish.language,
        wish.vehicle,
        tickets.of(showroom.id),
        origin=origin_of(request, showroom),
        device=device_of(request.headers.get("User-Agent", "")),
    )
    return with_ticket(request, ticket)


def with_ticket(request: Request, ticket: CallTicket) -> StreamResponse:
    """Answer that a call has begun, and give the browser its ticket."""
    response = json_response({"ok": True, "call": ticket.call}, status=201)
    cookie = str(tickets_of(request).with_one_more(ticket))
    set_cookie(request, response, CALL_COOKIE, cookie, TICKET_SECONDS)
    return response


async def ask_call_back(request: Request) -> StreamResponse:
    """Put the customer on the advisors' list. Works from the queue and in a closed showroom."""
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    limit(request, CALL_BACKS)
    showroom = await showroom_of(request)
    wish = await parse(request, CallBackRequest)
    if not wish.consent:
        raise BadRequest(
            "Please agree that we may call you: without it we may not keep your number."
        )
    call = await request.app[DESK].call_of(showroom, tickets_of(request).of(showroom.id))
    cars = {str(vehicle.slug) for vehicle in await request.app[VEHICLES].on_show(showroom.id)}
    await request.app[FOLLOW_UPS].add_call_back(
        showroom.id,
        name=wish.name,
        phone=parse_phone(wish.phone, showroom.market),
        language=wish.language if wish.language in showroom.languages else showroom.languages[0],
        # A car that has left the range is no reason to lose a customer's number.
        vehicle=wish.vehicle if wish.vehicle in cars else None,
        consent_text_version=CALL_BACK,
        call_id=call.id if call else None,
        origin=origin_of(request, showroom),
    )
    await request.app[DESK].follow_ups_changed(showroom.id)
    return json_response({"ok": True}, status=201)


async def brand_css(request: Request) -> StreamResponse:
    """The showroom's colours, as variables that every page's styles build on."""
    brand = (await showroom_of(request)).brand
    return Response(
        text=":root{"
        f"--brand-accent:{brand.accent};--brand-accent-ink:{brand.accent_ink};"
        f"--brand-ink:{brand.ink};--brand-paper:{brand.paper}"
        "}",
        content_type="text/css",
        headers={"Cache-Control": "max-age=60"},
    )


def vehicle_data(vehicle: Vehicle, language: str) -> dict[str, Any]:
    """Return what a page needs of a vehicle, its texts in one language."""

    def say(texts: Any) -> Any:
        return texts.get(language) or next(iter(texts.values()), "")

    return {
        "id": vehicle.slug,
        "name": vehicle.name,
        "version": vehicle.version,
        "tagline": say(vehicle.tagline),
        "body": vehicle.body,
        "price": vehicle.price,
        "currency": vehicle.currency,
        "picture": picture_address(vehicle.picture("three_quarter")),
        "small": picture_address(vehicle.picture("three_quarter"), small=True),
        "pictures": [
            {"angle": p.angle, "paint": p.paint, "path": picture_address(p.path)}
            for p in vehicle.pictures
        ],
        "paints": [{"slug": p.slug, "name": say(p.name), "hex": p.hex} for p in vehicle.paints],
        "equipment": list(say(vehicle.equipment)),
        "energy": vehicle.energy,
        "range_km": vehicle.range_km,
        "power_kw": vehicle.power_kw,
        "seats": vehicle.seats,
        "boot_litres": vehicle.boot_litres,
        "length_mm": vehicle.length_mm,
        "stock": vehicle.stock,
        "withdrawn": vehicle.withdrawn,
    }
