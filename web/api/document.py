"""The interface as OpenAPI 3.1, made from the operations themselves: what serves is told."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from showroom.errors import (
    BadRequest,
    ChangedMeanwhile,
    Crashed,
    NotFound,
    ShowroomError,
    TooLarge,
    TooMany,
    TryAgain,
)
from web.api import store
from web.api.operations import AnyOperation
from web.api.problems import (
    MEDIA_TYPE,
    InProgress,
    Invalid,
    KeyMissing,
    KeyReused,
    MissingScope,
    Problem,
    Unauthorized,
    Unsupported,
    type_of,
)
from web.api.reading import Asked
from web.api.table import OPERATIONS

Json = dict[str, Any]
VERSION = "1.0.0"
REF = "#/components/schemas/{model}"
ALWAYS = (Unauthorized, MissingScope, NotFound, Invalid, TooMany, Crashed, TryAgain)
WITH_BODY = (BadRequest, TooLarge, Unsupported)
ONCE = (KeyMissing, KeyReused, InProgress)

SHOWROOM = {
    "name": "showroom",
    "in": "path",
    "required": True,
    "description": "The showroom's name in addresses.",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
    "example": "paris",
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "New for each thing that you want done, the same when you send it again: then"
    " nothing is done twice, and you get the first answer for 24 hours.",
    "schema": {"type": "string", "pattern": "^[!-~]([ -~]{0,253}[!-~])?$"},
    "example": "8e03978e-40d5-43e8-bc93-6894a57f9324",
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The `ETag` that you have: 304 without a body while it holds.",
    "schema": {"type": "string"},
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "description": "The `ETag` that you have seen: 412 and no change if it holds no more.",
    "schema": {"type": "string"},
}
HEADERS: Mapping[str, str] = {
    "ETag": "The version of what is told.",
    "Link": "The next page, with rel=next; not on the last one.",
    "Location": "The address of what was made.",
    "Idempotent-Replayed": "`true` when this is the first request's answer once more.",
    "Retry-After": "Seconds after which it is worth trying again.",
    "WWW-Authenticate": "What is missing (RFC 6750).",
}


@cache
def document() -> Json:
    """Return the document, without `servers`: addresses begin where it was got from."""
    paths: dict[str, Json] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.address, {})[operation.method.lower()] = _operation(operation)
    event, schemas = store.event_schemas(REF)
    kept = _problems({"200": _success(200, store.EventKept)}, store.REFUSALS)
    paths[store.ADDRESS] = {"post": store.operation(event, kept)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Live showroom",
            "version": VERSION,
            "description": "Free times and bookings, leads, vehicles and dealers of a live video"
            " showroom, for a store's and a dealer's own systems.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "tags": [
            {"name": name}
            for name in (*dict.fromkeys(one.group for one in OPERATIONS), store.GROUP)
        ],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key of the showroom, `lsr_…`, with the scopes that an"
                    " operation names. A manager makes it at /manager/keys.",
                }
            },
            "schemas": {**schemas, **_schemas()[1]},
        },
    }


def refusals_of(operation: AnyOperation) -> Sequence[type[ShowroomError]]:
    """Return every kind of problem that an operation can answer, by status."""
    found = {*ALWAYS, *operation.refusals}
    if operation.method != "GET":
        found |= set(WITH_BODY)
    if operation.once:
        found |= set(ONCE)
    if operation.conditional:
        found.add(ChangedMeanwhile)
    return sorted(found, key=lambda one: (one.status, one.code))


def _operation(operation: AnyOperation) -> Json:
    parameters = [SHOWROOM, *_path_parameters(operation), *_query_parameters(operation.query)]
    if operation.method == "GET":
        parameters.append(IF_NONE_MATCH)
    if operation.once:
        parameters.append(IDEMPOTENCY_KEY)
    if operation.conditional:
        parameters.append(IF_MATCH)
    told: Json = {
        "operationId": operation.id,
        "tags": [operation.group],
        "summary": operation.summary,
        "description": operation.description,
        "security": [{"key": [operation.scope.value]}],
        "parameters": parameters,
        "responses": _responses(operation),
    }
    if operation.has_body:
        told["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _ref(operation.body)}},
        }
    return told


def _path_parameters(operation: AnyOperation) -> list[Json]:
    names = [step[1:-1] for step in operation.path.split("/") if step.startswith("{")]
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": f"The {name}'s id.",
            "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
        }
        for name in names
    ]


def _query_parameters(query: type[Asked]) -> list[Json]:
    schema = query.model_json_schema(ref_template=REF)
    required = schema.get("required", [])
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": shape.get("description", ""),
            "schema": _plain(shape),
        }
        for name, shape in schema.get("properties", {}).items()
    ]


def _plain(shape: Json) -> Json:
    """Return a parameter's schema. One that may be left out is never null in an address."""
    kinds = [kind for kind in shape.get("anyOf", []) if kind != {"type": "null"}]
    found = {**shape, **kinds[0]} if len(kinds) == 1 else dict(shape)
    for name in ("anyOf", "title", "description"):
        found.pop(name, None)
    if found.get("default", ...) is None:
        del found["default"]
    return found


def _responses(operation: AnyOperation) -> Json:
    found: Json = {}
    for status, model in operation.answers.items():
        found[str(status)] = _success(status, model, "ETag", *_more_headers(operation, status))
    if operation.method == "GET":
        found["304"] = {"description": "You have it already.", "headers": _headers("ETag")}
    return _problems(found, refusals_of(operation))


def _success(status: int, model: type[BaseModel], *headers: str) -> Json:
    return {
        "description": HTTPStatus(status).phrase,
        "headers": _headers(*headers),
        "content": {"application/json": {"schema": _ref(model)}},
    }


def _problems(found: Json, refusals: Iterable[type[ShowroomError]]) -> Json:
    """Return the answers with those that refuse."""
    for refusal in refusals:
        problem = found.setdefault(str(refusal.status), _problem(refusal))
        problem["description"] += f"`{type_of(refusal)}` {refusal.default} "
    return found


def _more_headers(operation: AnyOperation, status: int) -> Iterable[str]:
    if any("next" in model.model_fields for model in operation.answers.values()):
        yield "Link"
    if status == HTTPStatus.CREATED:
        yield "Location"
    if operation.once:
        yield "Idempotent-Replayed"


def _problem(refusal: type[ShowroomError]) -> Json:
    headers = ["WWW-Authenticate"] if refusal in (Unauthorized, MissingScope) else []
    if refusal.status in (409, 429, 503):
        headers = ["Retry-After"]
    return {
        "description": "",
        "headers": _headers(*headers),
        "content": {MEDIA_TYPE: {"schema": _ref(Problem)}},
    }


def _headers(*names: str) -> Json:
    return {name: {"description": HEADERS[name], "schema": {"type": "string"}} for name in names}


def _ref(model: type[BaseModel]) -> Json:
    return {"$ref": _schemas()[0][model]}


@cache
def _models() -> tuple[tuple[type[BaseModel], JsonSchemaMode], ...]:
    asked = {one.body for one in OPERATIONS if one.has_body}
    told = {model for one in OPERATIONS for model in one.answers.values()}
    told |= {Problem, store.EventKept}
    return (
        *((model, "validation") for model in sorted(asked, key=lambda one: one.__name__)),
        *((model, "serialization") for model in sorted(told, key=lambda one: one.__name__)),
    )


@cache
def _schemas() -> tuple[Mapping[type[BaseModel], str], Json]:
    """Return where each model's schema stands, and the schemas."""
    by_model, definitions = models_json_schema(_models(), ref_template=REF)
    places = {model: str(by_model[model, mode]["$ref"]) for model, mode in _models()}
    return places, definitions["$defs"]
