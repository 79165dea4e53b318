"""Recordings: managers of their showroom play them, and delete them."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import structlog
from aiohttp.web import Request, StreamResponse, json_response

from media.recording.book import Recording
from media.recording.copies import Copy
from media.recording.links import Pass
from media.recording.vault import PIECE
from showroom.errors import Forbidden, NotFound, ShowroomError, TryAgain
from showroom.ids import RecordingId
from showroom.showrooms import Showroom
from showroom.staff import Session
from web.keys import RECORDING_LINKS, RECORDINGS
from web.staff import MANAGES
from web.visitor import check_csrf, digits, session_of, staff_showroom

log = structlog.get_logger()

# Refuses a request of whoever may not see what they ask for.
May = Callable[[Request], Awaitable[object]]

# What is decrypted at a time while it is sent.
GULP = 64 * PIECE
# How often it is looked up whether they still may see it (seconds).
LOOK_SECONDS = 1.0
# One range, of bytes (RFC 9110 §14.1.2). Of several none is taken: the whole is an allowed answer.
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
HEADERS = {
    "Accept-Ranges": "bytes",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def recording_data(
    found: Sequence[Recording], copies: Mapping[RecordingId, Copy]
) -> list[dict[str, Any]]:
    """Return recordings, and how far their copies are, as a manager's page lists them."""
    return [
        {
            "id": one.id,
            "state": one.state,
            "started_at": one.agreed.started_at,
            "duration_ms": one.duration_ms,
            "copy": copy_data(copies.get(one.id)),
        }
        for one in found
    ]


def copy_data(copy: Copy | None) -> dict[str, Any] | None:
    """Return how far a copy is, as a manager's page shows it."""
    return {"state": copy.state, "percent": copy.percent} if copy else None


async def link(request: Request) -> StreamResponse:
    """Make an address for this session, to be opened within a minute. Making one is noted."""
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    showroom, session, recording = await asked(request)
    await request.app[RECORDINGS].opened(showroom.id, recording.id, session.staff_id)
    path = f"/manager/recordings/{recording.id}"
    return json_response({"ok": True, "address": address(request, path, session, recording)})


def address(request: Request, path: str, session: Session, recording: Recording) -> str:
    """Return where this session can play a recording, if it begins within a minute."""
    made = request.app[RECORDING_LINKS].make(recording, session.staff_id, session.digest)
    query = {"showroom": request.query.get("showroom", ""), "until": made.until, "code": made.code}
    return f"{path}?{urlencode(query)}"


async def erase(request: Request) -> StreamResponse:
    """Delete a recording for good, also one that can't be played."""
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    _, showroom, name = await _named(request)
    recording = await request.app[RECORDINGS].one(showroom.id, name)
    await request.app[RECORDINGS].erase(showroom.id, recording.id)
    return json_response({"ok": True})


async def play(request: Request) -> StreamResponse:
    """Send a recording, or a range of it, to a manager."""
    _, session, recording = await asked(request)
    return await send(request, session, recording, asked)


async def send(
    request: Request, session: Session, recording: Recording, may: May
) -> StreamResponse:
    """Send a recording to who may see it, piece by piece as it is decrypted.

    `may` refuses those who may not see it, or no more: a film lasts longer than many a session.
    Raises `Forbidden` when the address is over, or was made for another session.
    """
    given = Pass(digits(request, "until"), request.query.get("code", ""))
    links = request.app[RECORDING_LINKS]
    if not await links.admits(given, recording, session.staff_id, session.digest):
        raise Forbidden("This link is over, or not yours. Load the page again.")
    size = recording.size
    wanted = _range(request, recording)
    answer = StreamResponse(headers=HEADERS | {"ETag": _tag(recording)})
    answer.content_type = f"video/{recording.form}"
    if wanted is None:
        start, end = 0, size
    elif wanted[0] >= size:
        answer.set_status(416)
        answer.headers["Content-Range"] = f"bytes */{size}"
        start = end = 0
    else:
        start, end = wanted[0], min(wanted[1], size)
        answer.set_status(206)
        answer.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    answer.content_length = end - start
    await answer.prepare(request)
    watching = asyncio.create_task(_watch(request, may))
    book = request.app[RECORDINGS]
    try:
        while start < end and request.method != "HEAD":
            # Whole pieces: none is decrypted twice.
            until = min(end, (start // GULP + 1) * GULP)
            await answer.write(await book.read(recording, start, until))
            start = until
    except (ConnectionError, NotFound):
        _break_off(request)  # a player that jumps takes another line; what was deleted has no rest
    except Exception:
        # The head is on its way: whatever is answered now would be taken for a part of the film.
        log.exception("a recording could not be read to its end")
        _break_off(request)
    finally:
        watching.cancel()
    return answer


async def _watch(request: Request, may: May) -> None:
    """Break off as soon as whoever is sent something may not see it any more."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            await may(request)
        except TryAgain:
            continue  # who knows: it is asked again
        except ShowroomError:
            _break_off(request)
            return


def _break_off(request: Request) -> None:
    if request.transport:
        request.transport.abort()


async def asked(request: Request) -> tuple[Showroom, Session, Recording]:
    """Return the recording that is asked for. Raises `NotFound`, also for another showroom's."""
    session, showroom, name = await _named(request)
    return showroom, session, await request.app[RECORDINGS].get(showroom.id, name)


async def _named(request: Request) -> tuple[Session, Showroom, RecordingId]:
    """Return who manages where, and which recording is named."""
    session = await session_of(request)
    showroom, _ = await staff_showroom(request, session, MANAGES)
    return session, showroom, RecordingId(request.match_info["recording"])


def _range(request: Request, recording: Recording) -> tuple[int, int] | None:
    """Return the range that is asked for, from a byte to before another; None for the whole."""
    found = RANGE.fullmatch(request.headers.get("Range", ""))
    # A range of another version than theirs would not fit what they have (RFC 9110 §13.1.5).
    if found is None or request.headers.get("If-Range", _tag(recording)) != _tag(recording):
        return None
    first, last = found.groups()
    if first:
        start = int(first)
        if not last:
            return start, max(start + 1, recording.size)
        return (start, int(last) + 1) if int(last) >= start else None
    return (max(0, recording.size - int(last)), recording.size) if last else None


def _tag(recording: Recording) -> str:
    return f'"{recording.stem}"'
