"""The side sheet of a call, over HTTP: read, saved while it is written, made a lead of."""

from typing import Annotated, Any

from aiohttp.web import Request, StreamResponse, json_response
from pydantic import BaseModel, ConfigDict, Field

from booking.leads.sheet import KeptSheet, Sheet
from booking.leads.sheets import StaleSheet
from showroom.clock import to_datetime
from showroom.ids import CallId, StaffId
from showroom.showrooms import Showroom
from signaling.gateway import refusal
from web.consents import SHEET
from web.customer import parse
from web.keys import SHEETS, VEHICLES
from web.leads import lead_data, moment
from web.visitor import check_csrf, session_of, workplace


class SheetGiven(BaseModel):
    """A sheet, and the version of it that the page had before."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    version: Annotated[int, Field(ge=0, lt=2**31)]
    sheet: Sheet


async def read(request: Request) -> StreamResponse:
    """The sheet as it is; before the first save, with what is known already."""
    showroom, staff_id = await _advises(request)
    found = await request.app[SHEETS].read(showroom, _call(request), staff_id)
    sheet = await _completed(request, showroom, found.sheet)
    lead = await lead_data(request, showroom, found.lead, found.calls) if found.lead else None
    answer = {
        "ok": True,
        "call": _call(request),
        "version": found.version,
        "sheet": sheet.model_dump(mode="json"),
        "lead": lead,
        "qualified_from": showroom.scoring.qualified_from,
        "consents": SHEET,
        **await _worth(request, showroom, found.kept),
    }
    return json_response(answer)


async def save(request: Request) -> StreamResponse:
    """Keep the sheet as it is. 409 with the newest one when it was changed elsewhere."""
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    showroom, staff_id = await _advises(request)
    given = await parse(request, SheetGiven)
    sheet = await _completed(request, showroom, given.sheet)
    sheets = request.app[SHEETS]
    try:
        saved = await sheets.save(showroom, _call(request), staff_id, given.version, sheet)
    except StaleSheet as error:
        return _stale(error)
    answer = {
        "ok": True,
        "version": saved.version,
        "saved_at": moment(to_datetime(saved.saved_at)),
        **await _worth(request, showroom, saved.kept),
    }
    return json_response(answer)


async def commit(request: Request) -> StreamResponse:
    """Save the sheet, and make a lead of it now."""
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    showroom, staff_id = await _advises(request)
    given = await parse(request, SheetGiven)
    sheet = await _completed(request, showroom, given.sheet)
    sheets = request.app[SHEETS]
    try:
        made = await sheets.commit(showroom, _call(request), staff_id, given.version, sheet)
    except StaleSheet as error:
        return _stale(error)
    answer = {
        "ok": True,
        "version": made.version,
        "lead": await lead_data(request, showroom, made.lead, made.calls),
        "problems": made.problems,
    }
    return json_response(answer)


async def _advises(request: Request) -> tuple[Showroom, StaffId]:
    session = await session_of(request)
    showroom, _ = await workplace(request, session)
    return showroom, session.staff_id


def _call(request: Request) -> CallId:
    return CallId(request.match_info["call"])


async def _completed(request: Request, showroom: Showroom, sheet: Sheet) -> Sheet:
    """Return the sheet with what our cars say where it says nothing: versions, and a currency."""
    cars = await request.app[VEHICLES].of(showroom.id)
    versions = {car.slug: car.version for car in cars}
    vehicles = tuple(
        one.model_copy(update={"version": one.version or versions.get(one.slug, "")})
        for one in sheet.vehicles
    )
    currency = sheet.currency
    if sheet.budget.strip() and not currency and cars:
        currency = cars[0].currency
    return sheet.model_copy(update={"vehicles": vehicles, "currency": currency})


async def _worth(request: Request, showroom: Showroom, kept: KeptSheet) -> dict[str, Any]:
    """Return what a lead of this sheet would be worth, and when its person agreed to what."""
    lead = await request.app[SHEETS].foreseen(showroom, _call(request), kept)
    return {
        "verdict": {
            "score": lead.score,
            "reasons": [{"rule": one.rule, "points": one.points} for one in lead.reasons],
        },
        "agreed": {one.purpose: moment(to_datetime(one.at)) for one in lead.details.consents},
    }


def _stale(error: StaleSheet) -> StreamResponse:
    now: dict[str, Any] = {"version": error.version, "sheet": error.sheet.model_dump(mode="json")}
    return json_response(refusal(error) | now, status=error.status)
