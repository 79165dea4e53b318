"""Versions of what the interface tells: strong entity tags by content (RFC 9110, 8.8.3)."""

import hashlib
import re

from aiohttp.web import Request
from pydantic import BaseModel

TAG = re.compile(r'(W/)?"[!#-~\x80-\uffff]*"')


def etag_of(body: BaseModel) -> str:
    """Return the tag of an answer: what reads the same has the same one, on every node."""
    return tag_of(body.model_dump_json().encode())


def tag_of(content: bytes) -> str:
    """Return the tag of some bytes."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def matches(request: Request, header: str, tag: str) -> bool:
    """Say whether `If-Match` or `If-None-Match` names `tag`.

    `If-Match` compares strongly, so a weak tag never matches; `If-None-Match` weakly (RFC 9110,
    13.1.1 and 13.1.2).
    """
    given = ",".join(request.headers.getall(header, []))
    if given.strip() == "*":
        return True
    weakly = header == "If-None-Match"
    found = [match[0] for match in TAG.finditer(given)]
    return tag in ([one.removeprefix("W/") for one in found] if weakly else found)
