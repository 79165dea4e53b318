"""Anonymised copies of recordings: managers have them made, see how far they are, and play them."""

from aiohttp.web import Request, StreamResponse, json_response

from media.recording.book import Deed
from web.keys import COPIES, RECORDINGS
from web.recordings import address, asked, copy_data, send
from web.visitor import check_csrf


async def ask(request: Request) -> StreamResponse:
    """Have a copy made. Asking is noted."""
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    _, session, recording = await asked(request)
    await request.app[COPIES].ask(recording, session.staff_id)
    return await progress(request)


async def cancel(request: Request) -> StreamResponse:
    """Stop a copy that is being made."""
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    _, _, recording = await asked(request)
    await request.app[COPIES].cancel(recording)
    return await progress(request)


async def progress(request: Request) -> StreamResponse:
    """Say how far it is."""
    showroom, _, recording = await asked(request)
    found = await request.app[COPIES].of(showroom.id, [recording.id])
    return json_response({"ok": True, "copy": copy_data(found.get(recording.id))})


async def link(request: Request) -> StreamResponse:
    """Make an address for this session, to be opened within a minute. Making one is noted."""
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    showroom, session, recording = await asked(request)
    film = await request.app[COPIES].film(recording)
    noted = showroom.id, recording.id, session.staff_id, Deed.COPY_OPENED
    await request.app[RECORDINGS].opened(*noted)
    path = f"/manager/recordings/{recording.id}/copy"
    return json_response({"ok": True, "address": address(request, path, session, film)})


async def play(request: Request) -> StreamResponse:
    """Send a copy, or a range of it, to a manager."""
    _, session, recording = await asked(request)
    return await send(request, session, await request.app[COPIES].film(recording), asked)
