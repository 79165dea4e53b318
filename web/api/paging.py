"""Long lists in pages: a cursor that says where the last one ended, and a link to the next."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

from aiohttp.web import Request
from pydantic import Field, TypeAdapter, ValidationError

from web.api.operations import Answer
from web.api.problems import FieldProblem, Invalid
from web.api.reading import WHOLE, Asked
from web.api.values import Told

T = TypeVar("T")
K = TypeVar("K", bound=tuple[object, ...])

MOST_ITEMS = 500
LONGEST_CURSOR = 400
NO_CURSOR = FieldProblem(
    detail="This cursor is none of ours. Begin without one.", parameter="cursor"
)


class Paged(Asked):
    """Which page of a list."""

    limit: Annotated[
        int,
        Field(ge=1, le=MOST_ITEMS, description="How many items at most.", examples=[100]),
        WHOLE,
    ] = 100
    cursor: Annotated[
        str | None,
        Field(max_length=LONGEST_CURSOR, description="From `next` of the page before."),
    ] = None


class Page(Told, Generic[T]):
    """A part of a list."""

    items: list[T]
    next: Annotated[
        str | None,
        Field(description="The address of the next page; null on the last one. Also in `Link`."),
    ]


def place_of(query: Paged, shape: TypeAdapter[K]) -> K | None:
    """Return where the page before ended; None for the first. Raises `Invalid`."""
    if query.cursor is None:
        return None
    try:
        text = urlsafe_b64decode(query.cursor.encode("ascii") + b"==")
        return shape.validate_json(text)
    except (ValueError, ValidationError):
        raise Invalid([NO_CURSOR]) from None


def cursor_to(end: Sequence[object]) -> str:
    """Return the cursor of what comes after `end`."""
    text = json.dumps(list(end), separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def page(request: Request, kind: type[Page[T]], items: Sequence[T], cursor: str | None) -> Answer:
    """Return a page, and where the next one is; `cursor` is None on the last."""
    if cursor is None:
        return Answer(kind(items=list(items), next=None))
    following = str(request.rel_url.update_query(cursor=cursor))
    return Answer(
        kind(items=list(items), next=following), headers={"Link": f'<{following}>; rel="next"'}
    )
