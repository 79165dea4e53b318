"""The page of a showroom's staff: who works here, invited, changed, and shut out at once."""

from typing import Annotated, Any

from aiohttp.web import Request, StreamResponse, json_response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from showroom.authority import Roles, may_administer, may_lead, may_lead_whole
from showroom.ids import StaffId
from showroom.members import Member
from showroom.showrooms import Showroom
from showroom.staff import LONGEST_NAME, Session
from showroom.team import Invitation
from showroom.words import Role
from web.customer import parse
from web.keys import TEAM
from web.pages import render, safe_json
from web.staff import LONGEST_EMAIL, MANAGES
from web.visitor import check_csrf, session_of, staff_showroom

Code = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
Languages = Annotated[tuple[Code, ...], Field(max_length=20)]


class Invited(BaseModel):
    """Whom to invite."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME)
    ]
    email: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_EMAIL)
    ]
    roles: Annotated[frozenset[Role], Field(min_length=1)]
    languages: Languages = ()


class NewRoles(BaseModel):
    """What somebody does here from now on, and what they speak."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    roles: frozenset[Role]
    languages: Languages | None = None


async def page(request: Request) -> StreamResponse:
    """The staff of a showroom, and a form to invite somebody."""
    session = await session_of(request)
    showroom, rooms = await staff_showroom(request, session, MANAGES)
    config = {
        "showroom": showroom.slug,
        "zone": showroom.zone,
        "languages": list(showroom.languages),
        "members": await _members(request, showroom, rooms, session),
    }
    context = {
        "config_json": safe_json(config),
        "showroom": showroom.name,
        "slug": showroom.slug,
        "rooms": rooms,
        "name": session.name,
        "roles": [role.value for role in Role if may_lead(session.roles, showroom.id, {role})],
        "longest": LONGEST_NAME,
    }
    return render(request, "staff.html", context, showroom, words=("common", "error", "staff"))


async def invite(request: Request) -> StreamResponse:
    """Take somebody on, and say whether a letter goes out."""
    session, showroom, rooms = await _changing(request)
    wish = await parse(request, Invited)
    invitation = Invitation(wish.email, wish.name, wish.roles, tuple(dict.fromkeys(wish.languages)))
    written = await request.app[TEAM].invite(session.staff_id, showroom.id, invitation)
    members = await _members(request, showroom, rooms, session)
    return json_response({"ok": True, "written": written, "members": members}, status=201)


async def invite_again(request: Request) -> StreamResponse:
    """Send a new invitation."""
    session, showroom, rooms = await _changing(request)
    await request.app[TEAM].send_again(session.staff_id, showroom.id, _who(request))
    return await _changed(request, showroom, rooms, session)


async def take_back(request: Request) -> StreamResponse:
    """Take an invitation back."""
    session, showroom, rooms = await _changing(request)
    await request.app[TEAM].take_back(session.staff_id, showroom.id, _who(request))
    return await _changed(request, showroom, rooms, session)


async def set_roles(request: Request) -> StreamResponse:
    """Change somebody's roles here, and their languages."""
    session, showroom, rooms = await _changing(request)
    wish = await parse(request, NewRoles)
    languages = None if wish.languages is None else tuple(dict.fromkeys(wish.languages))
    await request.app[TEAM].set_roles(
        session.staff_id, showroom.id, _who(request), wish.roles, languages
    )
    return await _changed(request, showroom, rooms, session)


async def disable(request: Request) -> StreamResponse:
    """Shut somebody out; the doorman drops within a second what they have open."""
    return await _set_disabled(request, disabled=True)


async def enable(request: Request) -> StreamResponse:
    """Let somebody in again."""
    return await _set_disabled(request, disabled=False)


async def reset_factor(request: Request) -> StreamResponse:
    """Remove a second factor that is lost."""
    session, showroom, rooms = await _changing(request)
    await request.app[TEAM].reset_factor(session.staff_id, showroom.id, _who(request))
    return await _changed(request, showroom, rooms, session)


async def _set_disabled(request: Request, *, disabled: bool) -> StreamResponse:
    session, showroom, rooms = await _changing(request)
    who = _who(request)
    await request.app[TEAM].set_disabled(session.staff_id, showroom.id, who, disabled=disabled)
    return await _changed(request, showroom, rooms, session)


async def _changing(request: Request) -> tuple[Session, Showroom, list[Showroom]]:
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    session = await session_of(request)
    showroom, rooms = await staff_showroom(request, session, MANAGES)
    return session, showroom, rooms


def _who(request: Request) -> StaffId:
    return StaffId(request.match_info["person"])


async def _changed(
    request: Request, showroom: Showroom, rooms: list[Showroom], session: Session
) -> StreamResponse:
    members = await _members(request, showroom, rooms, session)
    return json_response({"ok": True, "members": members})


async def _members(
    request: Request, showroom: Showroom, rooms: list[Showroom], session: Session
) -> list[dict[str, Any]]:
    there = await request.app[TEAM].of(showroom.id)
    return [_data(one, showroom, rooms, session) for one in there]


def _data(
    member: Member, showroom: Showroom, rooms: list[Showroom], session: Session
) -> dict[str, Any]:
    person, mine = member.person, session.roles
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "state": member.state,
        "roles": _listed(person.roles, showroom),
        # Of other showrooms only what the reader leads, too.
        "elsewhere": [
            {"showroom": room.name, "roles": _listed(person.roles, room)}
            for room in rooms
            if room.id != showroom.id and room.id in person.roles
        ],
        "languages": list(person.languages),
        "robot": person.robot,
        "signed_in_at": member.signed_in_at,
        "invited_until": member.invited_until,
        "second_factor": member.second_factor,
        "me": person.id == session.staff_id,
        "changes": may_lead(mine, showroom.id, person.roles[showroom.id]),
        "whole": may_lead_whole(mine, person.roles),
        "resets": member.second_factor and may_administer(mine, person.roles),
    }


def _listed(roles: Roles, room: Showroom) -> list[str]:
    return [role.value for role in Role if role in roles[room.id]]
