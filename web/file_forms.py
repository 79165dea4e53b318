"""Forms with files: read field by field, so that no more than one file is held at a time."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiohttp import BodyPartReader, MultipartReader
from aiohttp.web import Request

from showroom.errors import BadRequest, TooLarge
from web.visitor import check_csrf

LONGEST_TOKEN = 256
LONGEST_NAME = 200
# What a broken form makes of its reader.
UNREADABLE = (ValueError, LookupError, RuntimeError)
SPOILED = "This form can't be read. Load the page again and repeat it."


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form. `file` is what whoever sent it calls the file, without its folder."""

    name: str
    file: str
    content: bytes

    @property
    def text(self) -> str:
        """What somebody has typed."""
        return self.content.decode(errors="replace")


async def checked_parts(request: Request) -> MultipartReader | None:
    """Return the fields of a form of ours behind its token; None when it is none.

    The token comes first in the form, or in a header: nobody's file is read before it is clear who
    sends it. Raises `StalePage` and `BadRequest`.
    """
    form = request.content_type.startswith("multipart/")
    parts = await request.multipart() if form else None
    check_csrf(request, await _token(request, parts))
    return parts


async def fields(
    parts: MultipartReader | None, most: int, most_each: int | None = None
) -> AsyncIterator[Field]:
    """Yield the fields of a form; all of them have at most `most` bytes, and each `most_each`.

    Raises `BadRequest` and `TooLarge`.
    """
    left, found = most, False
    try:
        while part := await parts.next() if parts else None:
            if not isinstance(part, BodyPartReader):
                raise ValueError
            content = bytearray()
            while chunk := await part.read_chunk():
                content += chunk
                left -= len(chunk)
                if left < 0 or (most_each is not None and len(content) > most_each):
                    raise TooLarge
            found = True
            yield Field(part.name or "", _file_name(part.filename or ""), bytes(content))
    except UNREADABLE as error:
        raise BadRequest(SPOILED) from error
    if not found:
        raise BadRequest(SPOILED)


def _file_name(given: str) -> str:
    return given.replace("\\", "/").rpartition("/")[2][-LONGEST_NAME:]


async def _token(request: Request, parts: MultipartReader | None) -> str:
    """Return the page's token: the form's first field, or a header's."""
    try:
        first = await parts.next() if parts else None
        if isinstance(first, BodyPartReader) and first.name == "csrf":
            token = bytearray()
            # A field may come in pieces; one that is longer than any token is none.
            while len(token) <= LONGEST_TOKEN and (chunk := await first.read_chunk()):
                token += chunk
            return token.decode(errors="replace")
    except UNREADABLE as error:
        raise BadRequest(SPOILED) from error
    return request.headers.get("X-CSRF-Token", "")
