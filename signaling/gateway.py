"""The gateway: who is this socket, what did it send, may it, and an answer to everything."""

from collections.abc import Awaitable, Callable
from http.cookies import CookieError, SimpleCookie
from typing import Any

import socketio
import structlog
from pydantic import BaseModel, ConfigDict, ValidationError
from redis.exceptions import RedisError
from socketio.exceptions import ConnectionRefusedError as Refused
from sqlalchemy.exc import SQLAlchemyError

from showroom.errors import (
    BadRequest,
    Crashed,
    FactorNeeded,
    Forbidden,
    NotFound,
    NotSignedIn,
    ShowroomError,
    TryAgain,
)
from showroom.ids import PageId, ShowroomId, SocketId
from showroom.showrooms import Showroom, Showrooms
from showroom.staff import Session, Staff
from showroom.words import Role, Side
from signaling.commands import Commands
from signaling.company import Company
from signaling.desk import OVER, Desk
from signaling.driver import hang_up, is_open, tell
from signaling.limits import Bucket
from signaling.messages import COMMANDS, Command, Id
from signaling.pairing import Pairing, ScriptFailed
from signaling.sockets import (
    ADVISOR_SPACE,
    COMPANION_SPACE,
    CUSTOMER_SPACE,
    MANAGER_SPACE,
    Seat,
    Sockets,
)
from signaling.tickets import CALL_COOKIE, COMPANION_COOKIE, PersonTicket, Tickets

log = structlog.get_logger()

STAFF_COOKIE = "vs_staff"
BY_EVENT: dict[str, type[Command]] = {command.event: command for command in COMMANDS}
SIDES = {
    CUSTOMER_SPACE: Side.CUSTOMER,
    ADVISOR_SPACE: Side.ADVISOR,
    COMPANION_SPACE: Side.COMPANION,
    MANAGER_SPACE: Side.MANAGER,
}
ROLES = {
    ADVISOR_SPACE: frozenset({Role.ADVISOR}),
    MANAGER_SPACE: frozenset({Role.MANAGER, Role.ADMINISTRATOR}),
}

Greeting = Callable[[Seat], Awaitable[None]]


class Hello(BaseModel):
    """The `auth` of a CONNECT packet."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    showroom: Id
    page: Id


class SocketMouth:
    """Sends through the Socket.IO server of this node."""

    def __init__(self, server: socketio.AsyncServer, sockets: Sockets) -> None:
        self._server = server
        self._sockets = sockets

    async def send(self, seat: Seat, event: str, payload: dict[str, object]) -> None:
        if seat.engine_id:
            await tell(self._server, [seat.engine_id], seat.space, event, payload)

    async def send_all(self, showroom: ShowroomId, event: str, payload: dict[str, object]) -> None:
        seats = self._sockets.visitors.get(showroom, {}).values()
        engine_ids = [seat.engine_id for seat in seats if seat.engine_id]
        await tell(self._server, engine_ids, CUSTOMER_SPACE, event, payload)

    async def close(self, sid: SocketId) -> None:
        if seat := self._sockets.by_sid.get(sid):
            await hang_up(self._server, self._server.manager.eio_sid_from_sid(sid, seat.space))


class Gateway:
    """Connects, dispatches and disconnects. `greet` sends a new seat its full state."""

    def __init__(
        self,
        server: socketio.AsyncServer,
        sockets: Sockets,
        showrooms: Showrooms,
        staff: Staff,
        desk: Desk,
        company: Company,
        pairing: Pairing,
        greet: Greeting,
    ) -> None:
        self._server = server
        self._sockets = sockets
        self._showrooms = showrooms
        self._staff = staff
        self._desk = desk
        self._pairing = pairing
        self._greet = greet
        self._company = company
        self._commands = Commands(desk, company, sockets)
        self._buckets: dict[str, Bucket] = {}
        for space in SIDES:
            server.register_namespace(Space(space, self))

    def engine_ids(self) -> set[str]:
        """Return the Engine.IO ids of the sockets that are connected."""
        return {seat.engine_id for seat in self._sockets.by_sid.values()}

    # ------------------------------------------------------------ connect

    async def connect(self, space: str, sid: str, environ: dict[str, Any], auth: object) -> None:
        """Seat a socket, or raise python-socketio's refusal with our code in it."""
        try:
            seat = await self._seat(space, sid, environ, auth)
        except ShowroomError as error:
            raise Refused(error.message, refusal(error)) from error
        except (RedisError, SQLAlchemyError, OSError) as error:
            raise Refused(TryAgain.default, refusal(TryAgain())) from error
        except Exception as error:
            log.exception("a connect crashed", space=space)
            raise Refused(Crashed.default, refusal(Crashed())) from error
        self._sockets.add(seat)
        self._buckets[sid] = Bucket()

    async def _seat(self, space: str, sid: str, environ: dict[str, Any], auth: object) -> Seat:
        try:
            hello = Hello.model_validate(auth)
        except ValidationError as error:
            raise BadRequest(explain(error)) from error
        showroom = await self._showrooms.by_slug(hello.showroom)
        seat = Seat(SocketId(sid), space, showroom, PageId(hello.page))
        cookies = _cookies(environ)
        if space == CUSTOMER_SPACE:
            ticket = Tickets.parse(cookies.get(CALL_COOKIE, "")).of(showroom.id)
            if call := await self._desk.call_of(showroom, ticket):
                seat.call = call.id
                # A call that is over has no seat to take: each page of its customer looks on.
                if call.state not in OVER:
                    await self._take(seat, "customer", call.id)
            return seat
        if space == COMPANION_SPACE:
            await self._seat_companion(seat, cookies)
            return seat
        seat.session = await self._session(space, showroom, cookies)
        if space == ADVISOR_SPACE:
            await self._desk.sign_on(showroom, seat.session)
            await self._take(seat, "advisor", seat.session.staff_id)
        return seat

    async def _seat_companion(self, seat: Seat, cookies: dict[str, str]) -> None:
        ticket = PersonTicket.parse(cookies.get(COMPANION_COOKIE, ""))
        if ticket is None:
            raise NotFound
        person = await self._company.person_of(seat.showroom, ticket)
        seat.call, seat.person = ticket.call, person.id
        await self._company.take_place(seat.showroom, ticket.call, person.id, seat.sid)

    async def _session(self, space: str, showroom: Showroom, cookies: dict[str, str]) -> Session:
        token = cookies.get(STAFF_COOKIE)
        session = await self._staff.session(token) if token else None
        if session is None:
            raise NotSignedIn
        if session.lacks_factor:
            raise FactorNeeded
        able = session.roles.get(showroom.id, frozenset()) & ROLES[space]
        if not able and not (space == ADVISOR_SPACE and await self._took_over(showroom, session)):
            raise Forbidden
        return session

    async def _took_over(self, showroom: Showroom, session: Session) -> bool:
        """Say whether a manager, who is no advisor, has a call here that they took over."""
        return session.manages(showroom.id) and await self._desk.has_call(
            showroom, session.staff_id
        )

    async def _take(self, seat: Seat, kind: str, who: str) -> None:
        await self._pairing.run(
            seat.showroom, "take_seat", kind=kind, id=who, sid=seat.sid, page=seat.page
        )

    async def greet(self, sid: str) -> None:
        """Send the full state to a socket whose CONNECT was just confirmed."""
        if seat := self._sockets.by_sid.get(SocketId(sid)):
            # From here on the teller finds it, too: not before, a full state comes first.
            seat.engine_id = self._server.manager.eio_sid_from_sid(sid, seat.space)
            await self._greet(seat)

    # ------------------------------------------------------------ disconnect

    async def disconnect(self, sid: str) -> None:
        """Free what a socket held; its seat's grace begins."""
        self._buckets.pop(sid, None)
        seat = self._sockets.remove(SocketId(sid))
        if seat is None:
            return
        try:
            await self._leave(seat)
        except TryAgain:
            # Not renewed any more, the seat's deadline comes by itself.
            log.warning("a seat could not be left", space=seat.space)
        except ScriptFailed:
            log.exception("a seat could not be left", space=seat.space)

    async def _leave(self, seat: Seat) -> None:
        if seat.person and seat.call:
            await self._company.leave_place(seat.showroom, seat.call, seat.person, seat.sid)
            return
        if seat.space == ADVISOR_SPACE and seat.session:
            kind, who = "advisor", str(seat.session.staff_id)
        elif seat.call:
            kind, who = "customer", str(seat.call)
        else:
            return
        await self._pairing.run(seat.showroom, "leave_seat", kind=kind, id=who, sid=seat.sid)

    # ------------------------------------------------------------ messages

    async def message(self, sid: str, event: object, payload: object) -> dict[str, object]:
        """Handle one message and return its acknowledgement."""
        try:
            return {"ok": True, **await self._dispatch(sid, event, payload)}
        except ShowroomError as error:
            return refusal(error)
        except (RedisError, SQLAlchemyError, OSError) as error:
            log.warning("a message has to wait", event_name=_known(event), why=type(error).__name__)
            return refusal(TryAgain())
        except Exception:
            log.exception("a handler crashed", event_name=_known(event))
            return refusal(Crashed())

    async def _dispatch(self, sid: str, event: object, payload: object) -> dict[str, object]:
        seat, bucket = self._sockets.by_sid.get(SocketId(sid)), self._buckets.get(sid)
        if seat is None or bucket is None:
            raise NotFound
        kind = BY_EVENT.get(event) if isinstance(event, str) else None
        bucket.take(kind.cost if kind else 1)
        side = SIDES.get(seat.space)
        if kind is None or side not in kind.senders:
            raise BadRequest("This message is not known here. See the protocol's list.")
        try:
            command = kind.model_validate({} if payload is None else payload)
        except ValidationError as error:
            raise BadRequest(explain(error)) from error
        return await self._commands.run(seat, side, command)


class Space(socketio.AsyncNamespace):  # type: ignore[misc]
    """One namespace. A client can send events named `connect` and `disconnect`: the real ones are
    told apart by what no client can send."""

    def __init__(self, space: str, gateway: Gateway) -> None:
        super().__init__(space)
        self._gateway = gateway

    async def trigger_event(self, event: str, *args: Any) -> Any:
        sid = args[0]
        engine_id = self.server.manager.eio_sid_from_sid(sid, self.namespace)
        environ = self.server.environ.get(engine_id)
        if event == "connect" and len(args) > 1 and args[1] is environ:
            await self._gateway.connect(self.namespace, sid, args[1], *args[2:3] or (None,))
            if not is_open(self.server, engine_id):
                # It was hung up on meanwhile; nobody will say `disconnect` for it.
                await self._gateway.disconnect(sid)
                return False
            self.server.start_background_task(self._greet, sid)
            return None
        if event == "disconnect" and not self.server.manager.is_connected(sid, self.namespace):
            return await self._gateway.disconnect(sid)
        return await self._gateway.message(sid, event, args[1] if len(args) > 1 else None)

    async def _greet(self, sid: str) -> None:
        try:
            await self._gateway.greet(sid)
        except (RedisError, SQLAlchemyError, OSError, ShowroomError):
            # Without a full state the page would stand still: a new connect gets one.
            await hang_up(self.server, self.server.manager.eio_sid_from_sid(sid, self.namespace))


def _known(event: object) -> str:
    """Only names of ours go into the log: others are a stranger's text."""
    return event if isinstance(event, str) and event in BY_EVENT else "?"


def refusal(error: ShowroomError) -> dict[str, object]:
    """Return the acknowledgement of a refusal."""
    answer: dict[str, object] = {"ok": False, "code": error.code, "message": error.message}
    more = {name: getattr(error, name, None) for name in ("retry_after", "field", "free")}
    return answer | {name: value for name, value in more.items() if value is not None}


def explain(error: ValidationError) -> str:
    """Return a sentence about the first thing that is wrong, without quoting what was sent."""
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "message"
    return f"`{where[:60]}`: {first['msg']}."


def _cookies(environ: dict[str, Any]) -> dict[str, str]:
    try:
        parsed = SimpleCookie(environ.get("HTTP_COOKIE", ""))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in parsed.items()}
