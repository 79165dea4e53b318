"""Figures for whoever watches this server, in Prometheus' format, for who has the token."""

import hmac

from aiohttp.web import Request, Response, StreamResponse
from prometheus_client import CONTENT_TYPE_LATEST

from showroom.errors import NotFound
from web.keys import METRICS, SETTINGS


async def metrics(request: Request) -> StreamResponse:
    """All figures of this node. Without the right token there is no such page."""
    token = request.app[SETTINGS].metrics_token
    given = request.headers.get("Authorization", "").encode(errors="surrogateescape")
    if token is None or not hmac.compare_digest(
        given, f"Bearer {token.get_secret_value()}".encode()
    ):
        raise NotFound
    body = await request.app[METRICS].text()
    return Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})
