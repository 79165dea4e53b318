"""The manager's page about one person: what there is of them, as a file, or erased."""

from typing import Annotated, Any

from aiohttp.web import HTTPSeeOther, Request, Response, StreamResponse, json_response
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from booking.privacy.erasing import Reason, Receipt
from booking.privacy.person import Person
from showroom.clock import to_datetime
from showroom.errors import BadRequest, IllegalMove, NotFound
from showroom.ids import LeadId, StaffId
from showroom.showrooms import Showroom
from showroom.staff import Session
from web.keys import CLOCK, ERASURES, EXPORTS, LEADS, PHOTOS, STAFF, WORDS
from web.pages import language_of, render
from web.personal_file import archive
from web.spoken import moment
from web.staff import MANAGES
from web.visitor import checked_form, session_of, staff_showroom

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=254)]


class Asked(BaseModel):
    """Whom a manager asks about."""

    model_config = ConfigDict(frozen=True)
    email: Line = ""
    phone: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = ""


class Erased(Asked):
    """Whom to erase and why; `sure` is the box that says so."""

    reason: Reason
    sure: Annotated[str, StringConstraints(pattern="^on$")]


async def page(request: Request) -> StreamResponse:
    """A form that finds somebody, and the receipts. `lead` fills it in from a lead."""
    session, showroom = await _manages(request)
    asked = Asked()
    if "lead" in request.query:
        known = await request.app[LEADS].get(showroom.id, LeadId(request.query["lead"]))
        asked = Asked(email=known.lead.email or "", phone=known.lead.phone or "")
    return await _page(request, session, showroom, asked)


async def look(request: Request) -> StreamResponse:
    """Show what there is of somebody. By a form: who is asked about stands in no address."""
    form = await checked_form(request)
    session, showroom = await _manages(request)
    try:
        asked = Asked.model_validate(dict(form))
        person = Person.of(asked.email, asked.phone, showroom.market)
    except (BadRequest, ValidationError) as error:
        given = Asked.model_construct(email=form.get("email", ""), phone=form.get("phone", ""))
        return await _refused(request, session, showroom, given, error)
    found, names = await request.app[ERASURES].known(showroom, person)
    shown = {"counts": found.counts, "names": names, "any": bool(found)}
    return await _page(request, session, showroom, asked, shown=shown)


async def export(request: Request) -> StreamResponse:
    """Everything that there is of somebody, as a zip."""
    form = await checked_form(request)
    session, showroom = await _manages(request)
    person = _person(showroom, form)
    found, data = await request.app[EXPORTS].of(showroom, person)
    if not found:
        raise NotFound("There is nothing of this person here.")
    language = language_of(request, showroom)
    photos = request.app[PHOTOS]
    body = await archive(showroom, found, data, photos, request.app[WORDS], language)
    await request.app[ERASURES].exported(showroom, found, session.staff_id)
    day = to_datetime(request.app[CLOCK]()).date().isoformat()
    return Response(
        body=body,
        content_type="application/zip",
        # Whose it is does not stand in its name: it is on many screens.
        headers={
            "Content-Disposition": f'attachment; filename="personal-data-{day}.zip"',
            "Cache-Control": "no-store",
        },
    )


async def erase(request: Request) -> StreamResponse:
    """Erase somebody, and show the receipt."""
    form = await checked_form(request)
    session, showroom = await _manages(request)
    person = _person(showroom, form)
    asked = Asked(email=form.get("email", ""), phone=form.get("phone", ""))
    try:
        wanted = Erased.model_validate(dict(form))
        receipt = await request.app[ERASURES].erase(
            showroom, person, wanted.reason, session.staff_id
        )
    except (ValidationError, IllegalMove, NotFound) as error:
        return await _refused(request, session, showroom, asked, error)
    raise HTTPSeeOther(f"/manager/privacy/receipts/{receipt.id}?showroom={showroom.slug}")


async def receipt(request: Request) -> StreamResponse:
    """That somebody was erased: when, by whom, why, and how much."""
    session, showroom = await _manages(request)
    found = await request.app[ERASURES].receipt(showroom.id, request.match_info["receipt"])
    names = await request.app[STAFF].names(showroom.id)
    shown = receipt_data(found) | {"when": _when(request, showroom, found)}
    context = {"receipt": shown, "who": names.get(StaffId(found.who), found.who)}
    return await _render(request, session, showroom, "receipt.html", context)


async def receipt_json(request: Request) -> StreamResponse:
    """The same as JSON."""
    _, showroom = await _manages(request)
    found = await request.app[ERASURES].receipt(showroom.id, request.match_info["receipt"])
    return json_response(receipt_data(found) | {"showroom": showroom.slug})


def receipt_data(found: Receipt) -> dict[str, Any]:
    """Return a receipt as JSON; moments in RFC 3339."""
    finished = found.finished_at
    return {
        "id": found.id,
        "erased_at": to_datetime(found.happened_at).isoformat(),
        "finished_at": None if finished is None else to_datetime(finished).isoformat(),
        "by": found.who,
        "reason": found.reason.value,
        "counts": dict(found.counts),
    }


def _when(request: Request, showroom: Showroom, found: Receipt) -> str:
    return moment(found.happened_at, showroom.zone, language_of(request, showroom))


async def _manages(request: Request) -> tuple[Session, Showroom]:
    session = await session_of(request)
    showroom, _ = await staff_showroom(request, session, MANAGES)
    return session, showroom


def _person(showroom: Showroom, form: Any) -> Person:
    try:
        asked = Asked.model_validate(dict(form))
    except ValidationError as error:
        raise BadRequest("Give an e-mail address, a phone number, or both.") from error
    return Person.of(asked.email, asked.phone, showroom.market)


async def _refused(
    request: Request, session: Session, showroom: Showroom, asked: Asked, error: Exception
) -> StreamResponse:
    """Say on the page what is wrong, in its language."""
    t = request.app[WORDS].translator(language_of(request, showroom))
    match error:
        case BadRequest(field=str(field)):
            what, status = f"privacy.wrong.{field}", 400
        case ValidationError() if {"email", "phone"} & {one["loc"][0] for one in error.errors()}:
            what, status = "privacy.wrong.email", 400
        case IllegalMove():
            what, status = "privacy.wrong.call", 409
        case NotFound():
            what, status = "privacy.none", 404
        case _:
            what, status = "privacy.wrong.sure", 400
    return await _page(request, session, showroom, asked, error=t(what), status=status)


async def _page(
    request: Request,
    session: Session,
    showroom: Showroom,
    asked: Asked,
    *,
    shown: dict[str, Any] | None = None,
    error: str = "",
    status: int = 200,
) -> StreamResponse:
    receipts = await request.app[ERASURES].receipts(showroom.id)
    context = {
        "asked": asked,
        "shown": shown,
        "error": error,
        "reasons": [reason.value for reason in Reason],
        "receipts": [
            receipt_data(one) | {"when": _when(request, showroom, one)} for one in receipts
        ],
    }
    return await _render(request, session, showroom, "privacy.html", context, status)


async def _render(
    request: Request,
    session: Session,
    showroom: Showroom,
    template: str,
    context: dict[str, Any],
    status: int = 200,
) -> StreamResponse:
    _, rooms = await staff_showroom(request, session, MANAGES)
    shared = {
        "showroom": showroom.name,
        "slug": showroom.slug,
        "rooms": rooms,
        "name": session.name,
    }
    answer = render(
        request, template, shared | context, showroom, status, kept={"showroom": showroom.slug}
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
