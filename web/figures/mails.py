"""What a manager gets of the figures by mail: asked for and stopped on the page itself, or stopped
by the link in the mail."""

from typing import Annotated, Literal
from urllib.parse import parse_qsl

from aiohttp.web import HTTPSeeOther, Request, StreamResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from showroom.errors import BadRequest
from showroom.figure_mails import Rhythm
from showroom.ids import FigureMailId
from showroom.mail_tables import LONGEST_QUERY
from signaling.gateway import explain
from web.figures.asked import Preset
from web.figures.mailing import PAGES
from web.keys import FIGURE_MAILS
from web.limits import PASSWORD_LINKS, limit
from web.pages import language_of, render
from web.staff import MANAGES
from web.visitor import checked_form, session_of, staff_showroom


class MailWanted(BaseModel):
    """What shall be mailed: a page with the filter of its address, and when."""

    model_config = ConfigDict(frozen=True)
    page: Literal["overview", "traffic", "yield", "advisors"]
    filter: Annotated[str, StringConstraints(max_length=LONGEST_QUERY)] = ""
    rhythm: Rhythm
    at: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]

    @property
    def minute(self) -> int:
        hour, minute = map(int, self.at.split(":"))
        return hour * 60 + minute


async def add(request: Request) -> StreamResponse:
    """Begin a mail of a page."""
    form = await checked_form(request)
    session = await session_of(request)
    showroom, _ = await staff_showroom(request, session, MANAGES)
    try:
        wanted = MailWanted.model_validate(dict(form))
    except ValidationError as error:
        raise BadRequest(explain(error)) from error
    asked = PAGES[wanted.page].asked(wanted.filter)
    # Its days are those of the mail, whichever they are then.
    kept = asked.query(showroom.slug, period=Preset.FOUR_WEEKS, since=None, until=None)
    if len(kept) > LONGEST_QUERY:
        raise BadRequest("This filter is too long.", "filter")
    language = language_of(request, showroom)
    await request.app[FIGURE_MAILS].add(
        showroom, session.staff_id, wanted.page, kept, language, wanted.rhythm, wanted.minute
    )
    raise HTTPSeeOther(f"{asked.address(showroom.slug)}#mails")


async def stop(request: Request) -> StreamResponse:
    """Stop one of one's own mails; back to the page on which it was done."""
    form = await checked_form(request)
    session = await session_of(request)
    showroom, _ = await staff_showroom(request, session, MANAGES)
    which = FigureMailId(request.match_info["mail"])
    await request.app[FIGURE_MAILS].stop(showroom.id, session.staff_id, which)
    page = PAGES.get(form.get("page", ""), PAGES["overview"])
    asked = page.kind.of(dict(parse_qsl(form.get("filter", "")[:LONGEST_QUERY])))
    raise HTTPSeeOther(f"{asked.address(showroom.slug)}#mails")


async def link(request: Request) -> StreamResponse:
    """The page behind the link in a mail. Looking at it stops nothing: mail programs look, too."""
    limit(request, PASSWORD_LINKS)
    mail = await request.app[FIGURE_MAILS].behind(request.match_info["token"])
    return render(request, "mail_stopped.html", {"stopped": mail is None})


async def stop_by_link(request: Request) -> StreamResponse:
    """Stop the mail, whoever has the link."""
    await checked_form(request)
    limit(request, PASSWORD_LINKS)
    await request.app[FIGURE_MAILS].stop_by(request.match_info["token"])
    return render(request, "mail_stopped.html", {"stopped": True})
