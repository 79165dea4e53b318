"""The rows of the interface for the table of routes."""

from aiohttp.web import AbstractRouteDef, Request, StreamResponse, get, json_response

from web.api.document import document
from web.api.operations import START
from web.api.page import page
from web.api.serving import expected, route_of
from web.api.table import OPERATIONS


def routes() -> list[AbstractRouteDef]:
    """Return them: the operations, and what tells of them."""
    return [
        get(f"{START}/openapi.json", openapi, expect_handler=expected),
        get(f"{START}/docs", page, expect_handler=expected),
        *(route_of(operation) for operation in OPERATIONS),
    ]


async def openapi(_: Request) -> StreamResponse:
    """The interface as OpenAPI 3.1, for whoever asks."""
    answer = json_response(document(), headers={"Cache-Control": "max-age=300"})
    answer.enable_compression()
    return answer
