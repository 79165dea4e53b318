"""The manager's page of keys: what other programs may do here, made, shown once, and revoked."""

from typing import Annotated, Any

from aiohttp.web import Request, StreamResponse, json_response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from showroom.api_keys import LONGEST_NAME, ApiKey, Scope
from showroom.ids import ApiKeyId, StaffId
from showroom.showrooms import Showroom
from web.customer import parse
from web.keys import API_KEYS
from web.pages import render, safe_json
from web.staff import MANAGES
from web.visitor import check_csrf, session_of, staff_showroom


class NewKey(BaseModel):
    """What makes a key."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME)
    ]
    scopes: Annotated[frozenset[Scope], Field(min_length=1)]


async def page(request: Request) -> StreamResponse:
    """The keys of a showroom, and a form for a new one."""
    session = await session_of(request)
    showroom, rooms = await staff_showroom(request, session, MANAGES)
    config = {
        "showroom": showroom.slug,
        "zone": showroom.zone,
        "keys": await _keys(request, showroom),
    }
    context = {
        "config_json": safe_json(config),
        "showroom": showroom.name,
        "slug": showroom.slug,
        "rooms": rooms,
        "name": session.name,
        "scopes": [scope.value for scope in Scope],
        "longest": LONGEST_NAME,
    }
    return render(request, "api_keys.html", context, showroom, words=("common", "error", "keys"))


async def create(request: Request) -> StreamResponse:
    """Make a key, and tell it this once."""
    showroom, who = await _changing(request)
    wish = await parse(request, NewKey)
    _, secret = await request.app[API_KEYS].add(showroom.id, wish.name, wish.scopes, who=who)
    keys = await _keys(request, showroom)
    return json_response({"ok": True, "secret": secret, "keys": keys}, status=201)


async def revoke(request: Request) -> StreamResponse:
    """End a key at once."""
    showroom, who = await _changing(request)
    key = ApiKeyId(request.match_info["key"])
    await request.app[API_KEYS].revoke(showroom.id, key, who=who)
    return json_response({"ok": True, "keys": await _keys(request, showroom)})


async def _changing(request: Request) -> tuple[Showroom, StaffId]:
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    session = await session_of(request)
    showroom, _ = await staff_showroom(request, session, MANAGES)
    return showroom, session.staff_id


async def _keys(request: Request, showroom: Showroom) -> list[dict[str, Any]]:
    """Return the keys that hold, the newest first, then those that were revoked."""
    keys = await request.app[API_KEYS].of(showroom.id)
    return [_data(key) for key in sorted(keys, key=lambda key: key.revoked_at is not None)]


def _data(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "scopes": list(key.scopes),
        "created_at": key.created_at,
        "used_at": key.used_at,
        "revoked_at": key.revoked_at,
    }
