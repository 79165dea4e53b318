"""The interface as a page for people: drawn here from the document, with nothing from outside."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from aiohttp.web import Request, StreamResponse
from markupsafe import Markup, escape

from showroom.errors import ShowroomError
from web.api import store
from web.api.document import document, refusals_of
from web.api.examples import AN_ID, Json, Reader, Row, pretty
from web.api.operations import (
    BULK_BYTES,
    BULK_ITEMS,
    BULK_PACE,
    MOST_BYTES,
    PACE,
    AnyOperation,
)
from web.api.problems import MethodNotAllowed
from web.api.table import OPERATIONS
from web.pages import render

CODE = re.compile(r"`([^`]+)`")
# In examples, where the server is and which key there is stand in the shell's variables.
HERE, KEY = "$SHOWROOM", "$KEY"


@dataclass(frozen=True, slots=True)
class Told:
    """One operation, as the page has it."""

    operation: AnyOperation
    parameters: list[Row]
    fields: list[Row]
    curl: str
    answers: list[tuple[int, list[Row], str]]
    refusals: list[type[ShowroomError]]


async def page(request: Request) -> StreamResponse:
    """Everything that there is to know about it."""
    context = {
        "groups": _groups(),
        "problems": _problems(),
        "coded": coded,
        "limits": {
            "bytes": MOST_BYTES,
            "bulk_bytes": BULK_BYTES,
            "bulk_items": BULK_ITEMS,
            "pace": PACE,
            "bulk_pace": BULK_PACE,
        },
    }
    answer = render(request, "api_docs.html", context)
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@cache
def _groups() -> list[tuple[str, list[Told]]]:
    grouped = groupby(OPERATIONS, key=lambda one: one.group)
    return [(name, [_told(one) for one in some]) for name, some in grouped]


@cache
def _problems() -> list[type[ShowroomError]]:
    found: set[type[ShowroomError]] = {MethodNotAllowed, *store.REFUSALS}
    found |= {kind for one in OPERATIONS for kind in refusals_of(one)}
    return sorted(found, key=lambda one: (one.status, one.code))


def _told(operation: AnyOperation) -> Told:
    shown = document()["paths"][operation.address][operation.method.lower()]
    reader = Reader(document()["components"]["schemas"])
    body = _schema_of(shown.get("requestBody"))
    return Told(
        operation,
        [_parameter(one, reader) for one in shown["parameters"]],
        list(reader.rows(body)) if body else [],
        curl(operation, shown, reader),
        [
            (status, list(reader.rows(schema)), pretty(reader.example(schema)))
            for status in sorted(operation.answers)
            if (schema := _schema_of(shown["responses"][str(status)]))
        ],
        list(refusals_of(operation)),
    )


def _parameter(one: Json, reader: Reader) -> Row:
    kind = f"{reader.kind(one['schema'])}, in the {one['in']}"
    return Row(one["name"], kind, one.get("required", False), one["description"])


def coded(text: str) -> Markup:
    """Return a text with what stands in it `like this` marked as code."""
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped


def _schema_of(part: Mapping[str, Any] | None) -> Json:
    """Return the schema of a body, empty without one."""
    return dict(next(iter(part["content"].values()))["schema"]) if part else {}


def curl(operation: AnyOperation, shown: Json, reader: Reader) -> str:
    """Return a command that does it."""
    return " \\\n  ".join(_parts(operation, shown, reader))


def _parts(operation: AnyOperation, shown: Json, reader: Reader) -> Iterator[str]:
    method = "" if operation.method == "GET" else f"-X {operation.method} "
    path, asked = operation.address, {}
    for one in shown["parameters"]:
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", one.get("example", AN_ID))
        elif one["in"] == "query" and one["required"]:
            asked[one["name"]] = reader.example(one["schema"], one["name"])
    query = f"?{urlencode(asked)}" if asked else ""
    yield f'curl {method}"{HERE}{path}{query}"'
    yield f'-H "Authorization: Bearer {KEY}"'
    if operation.once:
        yield '-H "Idempotency-Key: order-4711"'
    if operation.has_body:
        yield '-H "Content-Type: application/json"'
        body = pretty(reader.example(_schema_of(shown["requestBody"]))).replace("'", "'\\''")
        yield f"-d '{body}'"
