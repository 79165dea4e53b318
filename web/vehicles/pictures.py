"""The pictures of one car: added one by one, encoded anew, and removed."""

from collections.abc import Callable, Sequence

from aiohttp.web import Request, StreamResponse

from media.pictures import PictureRefused, Unfit, car_picture
from showroom.errors import BadRequest, ChangedMeanwhile, TooLarge
from showroom.ids import StaffId
from showroom.showrooms import Showroom
from web.file_forms import SPOILED, checked_parts, fields
from web.keys import GALLERY, RANGE_EDITOR
from web.vehicles.forms import shown_with
from web.vehicles.matching import Picture, placed
from web.vehicles.pages import back, manages
from web.visitor import checked_form

# As a good camera writes it.
MOST_BYTES = 20_000_000
TRIES = 5


async def add(request: Request) -> StreamResponse:
    """Add a picture, in place of the one from the same side in the same paint."""
    parts = await checked_parts(request)
    session, showroom, _ = await manages(request)
    slug, editor = request.match_info["vehicle"], request.app[RANGE_EDITOR]
    await editor.table(showroom.id, slug)
    try:
        given = {one.name: one async for one in fields(parts, MOST_BYTES)}
        if not given.keys() >= {"picture", "angle", "paint"}:
            raise BadRequest(SPOILED)
        data = given["picture"].content
        path, _ = await request.app[GALLERY].keep(showroom.id, data, car_picture)
    except PictureRefused as refused:
        return await shown_with(request, refused.why)
    except TooLarge:
        return await shown_with(request, Unfit.TOO_LARGE)
    angle, paint = given["angle"].text, given["paint"].text
    await _keep(
        request, showroom, session.staff_id, lambda there: placed(there, angle, paint, path)
    )
    raise back(showroom, f"/cars/{slug}", saved=1)


async def remove(request: Request) -> StreamResponse:
    """Take a picture off a car; one that is gone already is no error."""
    form = await checked_form(request)
    session, showroom, _ = await manages(request)
    which = {name: form.get(name, "") for name in ("angle", "paint", "path")}
    await _keep(
        request,
        showroom,
        session.staff_id,
        lambda there: [one for one in there if one != which],
    )
    raise back(showroom, f"/cars/{request.match_info['vehicle']}", saved=1)


async def _keep(
    request: Request,
    showroom: Showroom,
    who: StaffId,
    changed: Callable[[Sequence[Picture]], Sequence[Picture]],
) -> None:
    """Change a car's pictures, as they are by now: somebody else may add one at the same time.

    Raises `BadRequest` for a side or a paint that can't be one.
    """
    slug, editor = request.match_info["vehicle"], request.app[RANGE_EDITOR]
    for _ in range(TRIES):
        seen = (await editor.judge(showroom.id, [{"slug": slug}])).seen
        table = await editor.table(showroom.id, slug)
        given = [{"slug": slug, "pictures": changed(table["pictures"])}]
        done = await editor.apply(showroom.id, given, who, seen)
        if done.cars[0].faults:
            raise BadRequest(SPOILED)
        if done.done:
            return
    raise ChangedMeanwhile
