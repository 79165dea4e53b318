"""Refusals under `/api` as problem details (RFC 9457), whatever went wrong and wherever.

    ShowroomError
    ├── Unauthorized          401 unauthorized       no key, or none that holds
    ├── MissingScope          403 missing_scope      the key is not good for this
    ├── MethodNotAllowed      405 method_not_allowed
    ├── Unsupported           415 unsupported_media_type
    ├── Invalid               422 invalid            with `errors`: what is wrong, and where
    ├── KeyMissing            400 idempotency_key_missing
    ├── KeyReused             422 idempotency_key_reused
    └── InProgress            409 in_progress        with `retry_after` in seconds

The rest of the tree stands in `showroom/errors.py`.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

import structlog
from aiohttp.web import HTTPException, Request, Response, StreamResponse, middleware
from pydantic import ConfigDict, Field
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from showroom.errors import (
    BadRequest,
    Crashed,
    NotFound,
    ShowroomError,
    SlotTaken,
    TooLarge,
    TooMany,
    TryAgain,
)
from web.api.values import Moment, Told

log = structlog.get_logger()

Handler = Callable[[Request], Awaitable[StreamResponse]]

START = "/api"
MEDIA_TYPE = "application/problem+json"
# Where the page that explains each type of problem stands.
DOCS = "/api/v1/docs"
TRY_AGAIN_SECONDS = 2


class FieldProblem(Told):
    """One thing that is wrong with a request, and where: in the body, or in a parameter."""

    detail: str
    pointer: Annotated[
        str | None, Field(description="Where in the body (RFC 6901).", examples=["/items/3/price"])
    ] = None
    parameter: Annotated[
        str | None, Field(description="Which parameter of the address, or header.")
    ] = None


class Problem(Told):
    """A refusal, by RFC 9457. `type` never changes; `detail` says what to do next, in English."""

    # RFC 9457, 3.2: whoever reads problems ignores what they don't know.
    model_config = ConfigDict(frozen=True, extra="allow")
    type: Annotated[
        str,
        Field(
            description="What kind of problem this is; the page there explains it.",
            examples=[f"{DOCS}#not_found"],
        ),
    ]
    code: Annotated[str, Field(description="The same in one word.", examples=["not_found"])]
    title: str
    status: int
    detail: str
    errors: Annotated[
        list[FieldProblem] | None, Field(description="With `invalid`: everything that is wrong.")
    ] = None
    free: Annotated[
        list[Moment] | None, Field(description="With `slot_taken`: when the next free times begin.")
    ] = None


class Unauthorized(ShowroomError):
    """No key was shown, or one that does not hold."""

    code, status = "unauthorized", 401
    default = "Send a key that holds: Authorization: Bearer lsr_… A manager of the showroom has it."

    def __init__(self, *, shown: bool = False) -> None:
        """`shown`: there was a key, and it is none, or revoked."""
        super().__init__()
        self.shown = shown


class MissingScope(ShowroomError):
    """The key is not good for this."""

    code, status = "missing_scope", 403
    default = "This key is not good for that. Ask a manager for one with the scope that is named."

    def __init__(self, scope: str = "") -> None:
        super().__init__(f"This key lacks the scope {scope}. Ask a manager for one that has it.")
        self.scope = scope


class MethodNotAllowed(ShowroomError):
    """A known address, asked in a way that it does not answer."""

    code, status = "method_not_allowed", 405
    default = "This address does not take that method. The header Allow names those that it takes."


class Unsupported(ShowroomError):
    """A body that is no JSON by its type, or is packed."""

    code, status = "unsupported_media_type", 415
    default = "Send JSON, with Content-Type: application/json and without a Content-Encoding."


class Invalid(ShowroomError):
    """A request that can be read, but does not say what it should."""

    code, status = "invalid", 422
    default = "Some of this is not right: see errors. Nothing was changed."

    def __init__(self, errors: Sequence[FieldProblem] = ()) -> None:
        super().__init__()
        self.errors = list(errors)


class KeyMissing(ShowroomError):
    """A POST without its `Idempotency-Key`."""

    code, status = "idempotency_key_missing", 400
    default = (
        "Send an Idempotency-Key with every POST: 1 to 255 characters, a new one for each thing"
        " that you want done, the same one whenever you send it again."
    )


class KeyReused(ShowroomError):
    """An `Idempotency-Key` that was used for a request that says something else."""

    code, status = "idempotency_key_reused", 422
    default = (
        "This Idempotency-Key was used for another request already. Choose a new one for this."
    )


class InProgress(ShowroomError):
    """The same request is being carried out right now."""

    code, status = "in_progress", 409
    default = "The same request is being carried out right now. Ask again in a moment."

    def __init__(self, retry_after: int = 1) -> None:
        super().__init__()
        self.retry_after = retry_after


BY_STATUS: dict[int, type[ShowroomError]] = {
    401: Unauthorized,
    403: NotFound,
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
    415: Unsupported,
}


def title_of(error: ShowroomError | type[ShowroomError]) -> str:
    """Return the few words that a kind of problem goes by."""
    return error.code.replace("_", " ").capitalize()


def type_of(error: ShowroomError | type[ShowroomError]) -> str:
    """Return the stable address of a kind of problem."""
    return f"{DOCS}#{error.code}"


def problem_of(error: ShowroomError) -> Problem:
    """Return what a program gets to read about a refusal."""
    errors = error.errors if isinstance(error, Invalid) else None
    if isinstance(error, BadRequest) and error.field:
        errors = [FieldProblem(detail=error.message, pointer=f"/{error.field}")]
    return Problem(
        type=type_of(error),
        code=error.code,
        title=title_of(error),
        status=error.status,
        detail=error.message,
        errors=errors,
        free=list(error.free) if isinstance(error, SlotTaken) else None,
    )


def refused(error: ShowroomError) -> Response:
    """Return a refusal as an answer, with the headers that belong to it."""
    answer = Response(
        body=problem_of(error).model_dump_json(exclude_none=True).encode(),
        status=error.status,
        headers={"Content-Type": MEDIA_TYPE},
    )
    match error:
        case Unauthorized():
            # RFC 6750, 3.1: an error is named only when there was a key.
            why = ', error="invalid_token"' if error.shown else ""
            answer.headers["WWW-Authenticate"] = f'Bearer realm="api"{why}'
        case MissingScope():
            answer.headers["WWW-Authenticate"] = (
                f'Bearer realm="api", error="insufficient_scope", scope="{error.scope}"'
            )
        case Unsupported():
            answer.headers["Accept"] = "application/json"  # RFC 9110, 15.5.16
        case TooMany() | InProgress():
            answer.headers["Retry-After"] = str(error.retry_after)
        case TryAgain():
            answer.headers["Retry-After"] = str(TRY_AGAIN_SECONDS)
    return answer


@middleware
async def answer_problems(request: Request, handler: Handler) -> StreamResponse:
    """Turn everything that goes wrong under `/api` into a problem; a crash is logged."""
    if not (request.path == START or request.path.startswith(f"{START}/")):
        return await handler(request)
    try:
        return await handler(request)
    except ShowroomError as error:
        return refused(error)
    except HTTPException as error:
        answer = refused(BY_STATUS.get(error.status, BadRequest)())
        if "Allow" in error.headers:
            answer.headers["Allow"] = error.headers["Allow"]
        return answer
    except (RedisError, SQLAlchemyError, OSError) as error:
        log.warning("a request has to wait", why=type(error).__name__)
        return refused(TryAgain())
    except Exception:
        resource = request.match_info.route.resource
        log.exception("the interface crashed", route=resource.canonical if resource else "?")
        return refused(Crashed())
