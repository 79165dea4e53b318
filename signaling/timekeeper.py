"""The timekeeper: what advisors did goes from Redis into SQL, and only then may Redis forget it."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any, Protocol

import structlog

from showroom.ids import ShowroomId, StaffId
from showroom.showrooms import Showroom, Showrooms
from showroom.stints import Stint
from showroom.words import AdvisorState
from signaling.chores import Loop, apart, every
from signaling.pairing import Pairing, prefix
from signaling.stirred import IDLE_SECONDS, Stirred

log = structlog.get_logger()

NOTE_SECONDS = 2.0
MOST = 500


class StintBook(Protocol):
    """Where working time is kept."""

    async def keep(self, showroom: Showroom, done: Sequence[Stint]) -> None: ...


class Timekeeper:
    """Saves working time. Every node has one; saving twice changes nothing."""

    def __init__(
        self, pairing: Pairing, showrooms: Showrooms, book: StintBook, stirred: Stirred
    ) -> None:
        self._pairing = pairing
        self._redis: Any = pairing.redis
        self._showrooms = showrooms
        self._book = book
        self._to_note = stirred.reader()
        self._next: dict[ShowroomId, float] = {}

    def loops(self) -> list[Loop]:
        return [every(NOTE_SECONDS, self.note)]

    async def note(self) -> None:
        """Write what was done until the last full quarter of an hour, or until it changed."""
        now = asyncio.get_running_loop().time()
        for showroom in await self._showrooms.all():
            if showroom.id not in self._to_note and now < self._next.get(showroom.id, 0):
                continue
            self._to_note.discard(showroom.id)
            self._next[showroom.id] = now + IDLE_SECONDS
            with apart("working time", showroom.id):
                await self._note(showroom)

    async def _note(self, showroom: Showroom) -> None:
        key = prefix(showroom.id)
        # A showroom in which nobody ever was at work costs one question.
        if not await self._redis.exists(f"{key}:advisors"):
            return
        await self._pairing.run(showroom, "note_stints")
        while rows := await self._redis.zrange(f"{key}:stints", 0, MOST - 1):
            done = [stint for row in rows if (stint := _parse(row))]
            await self._book.keep(showroom, done)
            await self._pairing.run(showroom, "stints_kept", stints=rows)
            if len(rows) < MOST:
                break


def _parse(row: str) -> Stint | None:
    try:
        known = json.loads(row)
        begins, ends = int(known["from"]), int(known["to"])
        state, reason = AdvisorState(known["state"]), str(known["reason"])[:32]
        return Stint(StaffId(str(known["advisor"])[:64]), state, begins, ends, reason)
    except (ValueError, KeyError, TypeError):
        log.warning("working time that makes no sense is left out")
        return None
