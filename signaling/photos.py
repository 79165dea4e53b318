"""Photos in a call: who asks for one, which is on its way, and what both sides draw on them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from showroom.drawings import PARTS, Stroke
from showroom.ids import PhotoId, ShowroomId, new_id
from showroom.words import PhotoState, Side
from signaling.messages import Draw, Drawn, InkStroke, PhotoProgress, Push, Undrawn
from signaling.pairing import Pairing, prefix
from signaling.party import Party

MOST_PHOTOS = 60
MOST_STROKES = 200
MOST_POINTS = 500


@dataclass(frozen=True, slots=True)
class LivePhoto:
    """A photo that is not there yet."""

    id: PhotoId
    state: PhotoState
    since: int

    @classmethod
    def parse(cls, raw: Mapping[str, str]) -> "LivePhoto | None":
        """Read it from a call's hash."""
        if not raw.get("photo"):
            return None
        return cls(PhotoId(raw["photo"]), PhotoState(raw["photo_state"]), int(raw["photo_since"]))


class PhotoDesk:
    """Commands about photos. Every refusal is a `ShowroomError`."""

    def __init__(self, pairing: Pairing) -> None:
        self._pairing = pairing

    async def ask(self, who: Party) -> None:
        await self._run(who, "ask_photo", new=new_id(), most=MOST_PHOTOS)

    async def take(self, who: Party) -> PhotoId:
        """Begin a photo, or the one that was asked for, and return its id."""
        (photo,) = await self._run(who, "take_photo", new=new_id(), most=MOST_PHOTOS)
        return PhotoId(photo)

    async def cancel(self, who: Party) -> None:
        await self._run(who, "cancel_photo")

    async def arrives(self, who: Party, photo: PhotoId, received: int, size: int) -> None:
        """Tell both sides how far it is."""
        push = PhotoProgress(photo=photo, received=received, size=size)
        await self._run(who, "pass", both=True, **_wire(push))

    async def kept(self, who: Party, photo: PhotoId, width: int, height: int) -> None:
        """Put a photo that has come into the call's log; once is enough."""
        data = {"photo": photo, "width": width, "height": height}
        await self._run(who, "photo_kept", photo=photo, data=data)

    async def look_at(self, who: Party, photo: str | None) -> Sequence[InkStroke]:
        """Note what a side has before it; return what is drawn on that, in the order of drawing."""
        await self._run(who, "look_at_photo", **({"photo": photo} if photo else {}))
        return await self.drawing(who.showroom.id, PhotoId(photo)) if photo else ()

    async def draw(self, who: Party, wish: Draw) -> None:
        push = Drawn(by=who.side, **wish.model_dump())
        await self._run(
            who,
            "draw",
            photo=wish.photo,
            stroke=wish.stroke,
            start=wish.start,
            points=[round(point * PARTS) for point in wish.points],
            most_strokes=MOST_STROKES,
            most_points=MOST_POINTS,
            **_wire(push),
        )

    async def undraw(self, who: Party, photo: str, stroke: str | None) -> None:
        push = Undrawn(photo=photo, by=who.side, stroke=stroke)
        one = {"stroke": stroke} if stroke else {}
        await self._run(who, "undraw", photo=photo, **one, **_wire(push))

    async def drawing(self, showroom: ShowroomId, photo: PhotoId) -> Sequence[InkStroke]:
        """Return what is drawn on a photo by now, first drawn first."""
        redis: Any = self._pairing.redis
        raw: dict[str, str] = await redis.hgetall(f"{prefix(showroom)}:ink:{photo}")
        lines = [(name, json.loads(value)) for name, value in raw.items() if name != "n"]
        lines.sort(key=lambda line: line[1]["n"])
        return [_stroke(name, line["p"]) for name, line in lines]

    async def _run(self, who: Party, op: str, **arguments: Any) -> list[str]:
        return await self._pairing.run(who.showroom, op, **who.fields(), **arguments)


def strokes_of(drawing: Sequence[InkStroke]) -> tuple[Stroke, ...]:
    """Return a drawing as it is kept for good."""
    return tuple(
        Stroke(one.by, tuple(round(point * PARTS) for point in one.points)) for one in drawing
    )


def _stroke(name: str, points: Sequence[float]) -> InkStroke:
    by, _, stroke = name.partition(":")
    return InkStroke(by=Side(by), stroke=stroke, points=[point / PARTS for point in points])


def _wire(push: Push) -> dict[str, str]:
    return {"event": push.event, "data": push.model_dump_json()}
