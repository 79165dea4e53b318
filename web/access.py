"""The pages by which staff come to a password: an invitation's, and a forgotten one's."""

from collections.abc import Mapping

from aiohttp.web import Request, Response, StreamResponse

from showroom.errors import BadRequest
from showroom.members import Member
from showroom.passwords import LONGEST, SHORTEST
from showroom.showrooms import Showroom
from showroom.staff_links import Link, LinkKind
from showroom.texts import home_of
from web.keys import ACCESS, SHOWROOMS
from web.limits import PASSWORD_LETTERS, PASSWORD_LINKS, limit
from web.pages import language_of, render
from web.staff import LONGEST_EMAIL
from web.visitor import checked_form


async def forgot_page(request: Request) -> StreamResponse:
    """The form that asks for a letter."""
    return render(request, "forgot.html", {"sent": False})


async def forgot(request: Request) -> StreamResponse:
    """Write to whoever has the address; the answer is the same for one that nobody has."""
    form = await checked_form(request)
    limit(request, PASSWORD_LETTERS)
    request.app[ACCESS].forgotten(form.get("email", "")[:LONGEST_EMAIL])
    return render(request, "forgot.html", {"sent": True})


async def page(request: Request) -> StreamResponse:
    """The form behind a link. Looking at it uses nothing up: mail programs look, too."""
    limit(request, PASSWORD_LINKS)
    link, member = await request.app[ACCESS].opened(request.match_info["token"])
    return await _form(request, link, member)


async def set_password(request: Request) -> StreamResponse:
    """Exchange the link for a password, and go on to the sign-in."""
    form = await checked_form(request)
    limit(request, PASSWORD_LINKS)
    access, token = request.app[ACCESS], request.match_info["token"]
    link, member = await access.opened(token)
    password = form.get("password", "")
    if password != form.get("again", ""):
        return await _form(request, link, member, "password.differ", form)
    offered = _offered(member, await _rooms(request, member))
    spoken = tuple(code for code in offered if f"language-{code}" in form)
    try:
        await access.set_password(token, password, spoken or None)
    except BadRequest:
        return await _form(request, link, member, "password.length", form)
    return Response(status=303, headers={"Location": "/staff/login?set=1"})


async def _form(
    request: Request,
    link: Link,
    member: Member,
    error: str = "",
    form: Mapping[str, str] | None = None,
) -> Response:
    language = language_of(request)
    rooms = await _rooms(request, member)
    ticked = member.person.languages
    offered = _offered(member, rooms)
    if form is not None:
        ticked = tuple(code for code in offered if f"language-{code}" in form)
    context = {
        "error": error,
        "invitation": link.kind is LinkKind.INVITATION,
        "email": member.person.email,
        "name": member.person.name,
        "showrooms": ", ".join(room.name for room in rooms),
        "spoken": [(code, _name_of(code, language), code in ticked) for code in offered],
        "shortest": SHORTEST,
        "longest": LONGEST,
    }
    return render(request, "password.html", context, status=400 if error else 200)


async def _rooms(request: Request, member: Member) -> list[Showroom]:
    return [room for room in await request.app[SHOWROOMS].all() if room.id in member.roles]


def _offered(member: Member, rooms: list[Showroom]) -> list[str]:
    """Return the languages of their showrooms, and those that the invitation named."""
    spoken = [code for room in rooms for code in room.languages]
    return list(dict.fromkeys([*spoken, *member.person.languages]))


def _name_of(code: str, language: str) -> str:
    return str(home_of(language).languages.get(code, code)).capitalize()
