"""Pictures that were uploaded: of cars, and logos. Their addresses change with what is in them."""

from aiohttp.web import Request, Response, StreamResponse

from showroom.ids import ShowroomId
from web.assets import FOR_EVER
from web.keys import GALLERY

HEADERS = {
    "Cache-Control": FOR_EVER,
    # Nothing in it is a document, whatever a browser takes it for.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": "inline",
}


async def shown(request: Request) -> StreamResponse:
    """Show a picture, whole or small, to whoever asks."""
    place = request.match_info
    data, kind = await request.app[GALLERY].read(ShowroomId(place["showroom"]), place["name"])
    return Response(body=data, content_type=kind, headers=HEADERS)
