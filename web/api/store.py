"""The store's events in the document: signed, and without a key. `web/store.py` takes them."""

from typing import Any, Literal

from booking.store.events import EVENT
from booking.store.signature import ID, SIGNATURE, TIMESTAMP
from showroom.errors import (
    BadRequest,
    BadSignature,
    Conflict,
    Crashed,
    NotFound,
    ShowroomError,
    TooLarge,
    TooMany,
    TryAgain,
)
from web.api.operations import START
from web.api.values import Told

Json = dict[str, Any]
GROUP, ADDRESS = "Store", f"{START}/store/events"
REFUSALS: tuple[type[ShowroomError], ...] = (
    BadRequest,
    BadSignature,
    NotFound,
    Conflict,
    TooLarge,
    TooMany,
    Crashed,
    TryAgain,
)
HEADERS = {
    ID: "The event's id, the same when it is sent again.",
    TIMESTAMP: "When it is sent, in seconds since 1970; at most 5 minutes from now.",
    SIGNATURE: "`v1,` and the signature in base64; several with spaces between.",
}


class EventKept(Told):
    """An event is kept. `duplicate`: it was before, and nothing happened."""

    ok: Literal[True] = True
    duplicate: bool


def event_schemas(template: str) -> tuple[Json, Json]:
    """Return the schema of an event, and those that it refers to by `template`."""
    schema = EVENT.json_schema(ref_template=template)
    return schema, schema.pop("$defs")


def operation(schema: Json, responses: Json) -> Json:
    """Return how an event is sent."""
    return {
        "operationId": "store_event",
        "tags": [GROUP],
        "summary": "Tell what became of a lead in the store",
        "description": "Signed by Standard Webhooks 1.0.0 with the secret that the showroom shares"
        " with its store. Send it again under the same id until it is kept.",
        "security": [],
        "parameters": [
            {
                "name": name,
                "in": "header",
                "required": True,
                "description": told,
                "schema": {"type": "string"},
            }
            for name, told in HEADERS.items()
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": responses,
    }
