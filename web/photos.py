"""Photos of calls: how they come from the advisor's page, and who may see them."""

from contextlib import suppress
from typing import Any

from aiohttp.web import Request, Response, StreamResponse, json_response

from booking.times import TimeWords
from media.photos import Photo
from media.uploads import Gap
from showroom.drawings import PARTS
from showroom.errors import BadRequest, IllegalMove, NotFound, TooLarge
from showroom.ids import CallId, PhotoId, StaffId
from showroom.showrooms import Showroom
from showroom.words import Side
from signaling.gateway import refusal
from signaling.party import Party
from signaling.photos import LivePhoto
from web.agenda import ADVISES
from web.customer import showroom_of
from web.keys import (
    CALLS,
    DESK,
    LIVE,
    PHOTO_LINKS,
    PHOTOS,
    SHOWROOMS,
    STAFF,
    UPLOADS,
    WORDS,
)
from web.limits import PHOTOS as LOOKS
from web.limits import limit
from web.pages import language_of, render
from web.staff import MANAGES
from web.visitor import (
    check_csrf,
    digits,
    session_of,
    signed_in,
    tickets_of,
    workplace,
)

# More than a page sends at once, on the best of lines.
MOST_PIECE = 256_000
# Nothing in it is a document, whatever a browser takes it for.
HEADERS = {
    "Content-Disposition": 'inline; filename="photo.jpg"',
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, max-age=3600",
}


async def receive(request: Request) -> StreamResponse:
    """Take one piece of a photo; the last one makes it a photo of the call.

    A piece before which something is missing is answered 409, with `received`.
    """
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    session = await session_of(request)
    showroom, _ = await workplace(request, session)
    call, photo = CallId(request.match_info["call"]), PhotoId(request.match_info["photo"])
    who = Party(showroom, Side.ADVISOR, call, session.staff_id)
    start, size = digits(request, "start"), digits(request, "size")
    if not await _is_due(request, who, photo):
        return json_response({"ok": True, "received": size})
    piece = await _piece(request)
    uploads = request.app[UPLOADS]
    try:
        received = await uploads.add(showroom.id, photo, start, size, piece)
    except Gap as gap:
        return json_response(refusal(gap) | {"received": gap.received}, status=gap.status)
    if received >= size:
        await _keep(request, who, session.staff_id, photo)
    else:
        await _tell(request, who, photo, received, size)
    return json_response({"ok": True, "received": received})


async def _is_due(request: Request, who: Party, photo: PhotoId) -> bool:
    """Say whether this advisor's call waits for this photo, or has it. Raises `NotFound`."""
    live = await request.app[LIVE].call(who.showroom.id, who.call)
    if live is None or live.advisor != who.advisor:
        raise NotFound
    if _waits(live.photo, photo):
        return True
    # Its last piece came, and the answer got lost.
    kept = await request.app[PHOTOS].get(who.showroom.id, photo)
    if kept.call_id != who.call:
        raise NotFound
    return False


def _waits(under_way: LivePhoto | None, photo: PhotoId) -> bool:
    return under_way is not None and under_way.id == photo


async def _keep(request: Request, who: Party, advisor: StaffId, photo: PhotoId) -> None:
    uploads, photos = request.app[UPLOADS], request.app[PHOTOS]
    showroom = who.showroom.id
    data = await uploads.whole(showroom, photo)
    kept = await photos.keep(showroom, who.call, advisor, photo, data)
    try:
        await request.app[DESK].photos.kept(who, photo, kept.width, kept.height)
    except IllegalMove:
        # It was called off meanwhile.
        await photos.forget(showroom, photo)
        raise
    await uploads.forget(showroom, photo)


async def _tell(request: Request, who: Party, photo: PhotoId, received: int, size: int) -> None:
    with suppress(IllegalMove):  # the call has ended; what is on its way still counts
        await request.app[DESK].photos.arrives(who, photo, received, size)


async def whole(request: Request) -> StreamResponse:
    """Show a photo to the two sides of its call, and to the showroom's managers."""
    return await _shown(request, await _allowed(request))


async def small(request: Request) -> StreamResponse:
    """Show it as a list does."""
    return await _shown(request, await _allowed(request), small=True)


async def recap(request: Request) -> StreamResponse:
    """Show a call's photos with what was drawn on them, to whom it was sent."""
    limit(request, LOOKS)
    showroom, found = await _of_token(request)
    language = language_of(request, showroom)
    t = request.app[WORDS].translator(language)
    names = await request.app[STAFF].names(showroom.id)
    times = TimeWords(language, showroom.market, showroom.zone, showroom.zone)
    context = {
        "showroom": showroom.name,
        "slug": showroom.slug,
        "token": request.match_info["token"],
        "advisor": names.get(found[-1].advisor_id, ""),
        "day": times.day(found[0].taken_at),
        "photos": [
            {**picture(photo), "alt": t("photos.alt", n=n)} for n, photo in enumerate(found, 1)
        ],
    }
    return render(request, "photos.html", context, showroom)


async def recap_photo(request: Request) -> StreamResponse:
    """Show one of them."""
    limit(request, LOOKS)
    _, found = await _of_token(request)
    wanted = [photo for photo in found if photo.id == request.match_info["photo"]]
    if not wanted:
        raise NotFound
    return await _shown(request, wanted[0])


async def _of_token(request: Request) -> tuple[Showroom, list[Photo]]:
    showroom_id, call_id = request.app[PHOTO_LINKS].read(request.match_info["token"])
    showroom = await request.app[SHOWROOMS].by_id(showroom_id)
    found = await request.app[PHOTOS].of_call(showroom_id, call_id)
    if not found:
        raise NotFound
    return showroom, list(found)


def picture(photo: Photo) -> dict[str, Any]:
    """Return a photo and its strokes as a page draws them, in the picture's own pixels."""
    sides = photo.width / PARTS, photo.height / PARTS
    strokes = []
    for stroke in photo.strokes:
        # A line from a point to itself is a dot; one point alone is nothing (SVG 2, 10.6).
        across, down = stroke.points[::2], stroke.points[1::2]
        pairs = zip((*across, across[-1]), (*down, down[-1]), strict=True)
        points = " ".join(f"{x * sides[0]:.0f},{y * sides[1]:.0f}" for x, y in pairs)
        strokes.append({"by": str(stroke.by), "points": points})
    return {"id": photo.id, "width": photo.width, "height": photo.height, "strokes": strokes}


async def _allowed(request: Request) -> Photo:
    """Return the photo of the address; raises `NotFound`, also for whom it does not concern."""
    showroom = await showroom_of(request)
    photo = await request.app[PHOTOS].get(showroom.id, PhotoId(request.match_info["photo"]))
    if await _is_customers(request, showroom, photo) or await _is_staffs(request, showroom, photo):
        return photo
    raise NotFound


async def _is_customers(request: Request, showroom: Showroom, photo: Photo) -> bool:
    own = await request.app[DESK].call_of(showroom, tickets_of(request).of(showroom.id))
    return own is not None and own.id == photo.call_id


async def _is_staffs(request: Request, showroom: Showroom, photo: Photo) -> bool:
    session = await signed_in(request)
    if session is None or session.lacks_factor:
        return False
    roles = session.roles.get(showroom.id, frozenset())
    if roles & MANAGES:
        return True
    return bool(roles & ADVISES) and session.staff_id in await _advisors(request, photo)


async def _advisors(request: Request, photo: Photo) -> set[StaffId | None]:
    """Return who took it, and who has the call, now or at its end."""
    live = await request.app[LIVE].call(photo.showroom_id, photo.call_id)
    if live:
        return {photo.advisor_id, live.advisor}
    try:
        return {
            photo.advisor_id,
            (await request.app[CALLS].get(photo.showroom_id, photo.call_id)).advisor_id,
        }
    except NotFound:
        return {photo.advisor_id}


async def _shown(request: Request, photo: Photo, *, small: bool = False) -> Response:
    data = await request.app[PHOTOS].read(photo, small=small)
    return Response(body=data, content_type="image/jpeg", headers=HEADERS)


async def _piece(request: Request) -> bytes:
    """Return the request's body; it may be longer than what else people send us."""
    piece = bytearray()
    async for chunk in request.content.iter_any():
        piece += chunk
        if len(piece) > MOST_PIECE:
            raise TooLarge
    if not piece:
        raise BadRequest("This piece of a photo is empty.")
    return bytes(piece)
