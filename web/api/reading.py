"""What a program has sent, read strictly: a body is JSON of one meaning, and fits its model.

JSON leaves open what two fields of one name mean, and libraries read numbers that are none
(RFC 8259, 4 and 6). Here such a body is refused, before two programs understand it differently.
"""

import asyncio
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, NoReturn, TypeVar

from aiohttp.web import Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, WithJsonSchema

from showroom.errors import BadRequest, TooLarge
from showroom.repetitions import digest_of
from web.api.problems import FieldProblem, Invalid, Unsupported

M = TypeVar("M", bound=BaseModel)

# More than this at once is parsed beside the event loop.
LARGE = 64_000
# Of a request with more mistakes the first ones are named.
MOST_ERRORS = 100
READ_SECONDS = 30
UNREADABLE = "It can't be read as JSON (RFC 8259)."


class Asked(BaseModel):
    """The query of an address. Parameters that we don't know are refused: one may be misspelled."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _whole(value: object) -> object:
    # Python reads more than digits as a number.
    if isinstance(value, str) and not re.fullmatch(r"-?\d{1,9}", value, re.ASCII):
        raise ValueError("write a whole number")
    return value


def _flag(value: object) -> object:
    if isinstance(value, str):
        if value not in ("true", "false"):
            raise ValueError("write true or false")
        return value == "true"
    return value


# After the bounds, so that the schema names them.
WHOLE = BeforeValidator(_whole)
Flag = Annotated[bool, BeforeValidator(_flag), WithJsonSchema({"type": "boolean"})]


@dataclass(frozen=True, slots=True)
class Parsed(Generic[M]):
    """A body, and the digest of all that it says, in whatever order and with whatever spaces."""

    body: M
    digest: str


def parse_query(request: Request, model: type[M]) -> M:
    """Return the query as `model`. Raises `Invalid`, naming the parameters."""
    twice = sorted(name for name in set(request.query) if len(request.query.getall(name)) > 1)
    if twice:
        raise Invalid([_about(name, "it is there twice") for name in twice])
    try:
        return model.model_validate(dict(request.query))
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        wrong = [_about(str(one["loc"][0]), _sentence(one["msg"])) for one in found]
        raise Invalid(wrong) from None


def _about(parameter: str, detail: str) -> FieldProblem:
    return FieldProblem(detail=detail, parameter=parameter[:200])


async def parse_body(request: Request, model: type[M], most: int) -> Parsed[M]:
    """Return the body as `model`, which may be `most` bytes long.

    Raises `Unsupported`, `TooLarge`, `BadRequest` for what is no JSON, and `Invalid`, with JSON
    pointers to what is wrong.
    """
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Unsupported
    raw = await _read(request, most)
    if not raw and not any(field.is_required() for field in model.model_fields.values()):
        return Parsed(model(), digest_of(""))
    if request.content_type != "application/json" or (request.charset or "utf-8").lower() not in (
        "utf-8",
        "utf8",
    ):
        raise Unsupported
    if len(raw) > LARGE:
        return await asyncio.to_thread(_parse, raw, model)
    return _parse(raw, model)


async def _read(request: Request, most: int) -> bytes:
    body = bytearray()
    async with asyncio.timeout(READ_SECONDS):
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > most:
                raise TooLarge(f"A request here is at most {most} bytes long. Send less at once.")
    return bytes(body)


def _parse(raw: bytes, model: type[M]) -> Parsed[M]:
    try:
        document = json.loads(raw.decode(), object_pairs_hook=_unique, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        why = str(error) if isinstance(error, _Ambiguous) else UNREADABLE
        raise BadRequest(f"{why} Check the body and send it again.") from None
    try:
        body = model.model_validate_json(raw)
    except ValidationError as error:
        errors = problems_in(error)
        if not errors:
            raise BadRequest(f"{UNREADABLE} Check the body and send it again.") from None
        raise Invalid(errors) from None
    return Parsed(body, digest_of(json.dumps(document, sort_keys=True)))


class _Ambiguous(ValueError):
    """It reads like JSON, but means nothing, or two things."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Ambiguous("A field stands twice in one object of this body.")
    return found


def _no_number(_: str) -> NoReturn:
    raise _Ambiguous("NaN and Infinity are no numbers of JSON.")


def problems_in(error: ValidationError, before: Sequence[str | int] = ()) -> list[FieldProblem]:
    """Return what is wrong in a body, with pointers; nothing when it could not be read at all."""
    found = error.errors(include_input=False, include_url=False)
    return [
        FieldProblem(detail=_sentence(one["msg"]), pointer=pointer((*before, *one["loc"])))
        for one in found[:MOST_ERRORS]
        if one["type"] != "json_invalid"
    ]


def pointer(steps: Iterable[str | int]) -> str:
    """Return the JSON pointer (RFC 6901) of a place in a document."""
    escaped = (str(step)[:200].replace("~", "~0").replace("/", "~1") for step in steps)
    return "".join(f"/{step}" for step in escaped)


def _sentence(message: str) -> str:
    """Return what the parser says, as a sentence."""
    text = message.removeprefix("Value error, ")
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"
