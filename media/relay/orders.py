"""What nodes order of a worker, over Redis, and what it answers; and how it makes itself known.

========================  ==========================================================================
key                       what
========================  ==========================================================================
`vs:media:workers`        set: the ids of workers that have been seen
`vs:media:worker:<id>`    `Facts` as JSON; it fades when the worker stops renewing it
`vs:media:orders:<id>`    list: orders for a worker, as JSON
`vs:media:answers:<node>` list: its answers to a node, as JSON
`vs:media:troubles`       hash: recording -> `Trouble` as JSON, until a node has dealt with it
========================  ==========================================================================
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from media.relay.wiring import Member, ParticipantId
from showroom.words import Side, Voice

WORKERS = "vs:media:workers"
TROUBLES = "vs:media:troubles"
# A worker says this often (seconds) that it lives, and counts as dead after so many milliseconds.
HEARTBEAT = 0.4
LEASE_MS = 1_500
# Lists of whoever is gone fade.
LIST_SECONDS = 30
# Blocking reads end before a client gives an answer up (`showroom.valkey`).
BLOCK_SECONDS = 1


def facts_key(worker: str) -> str:
    """Return where a worker's facts are."""
    return f"vs:media:worker:{worker}"


def orders_key(worker: str) -> str:
    """Return the list of a worker's orders."""
    return f"vs:media:orders:{worker}"


def answers_key(node: str) -> str:
    """Return the list of the answers to a node."""
    return f"vs:media:answers:{node}"


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Facts(_Wire):
    """What a worker says of itself. `load`: the share of a core that it uses."""

    id: str
    load: float
    rooms: int
    legs: int
    addresses: tuple[str, ...]
    # It takes no new rooms, and ends when those that it has are moved.
    draining: bool = False


class Seat(_Wire):
    """Somebody who may be in a room, and who hears them."""

    who: str
    part: Side
    voice: Voice = Voice.NOBODY

    def member(self) -> Member:
        return Member(ParticipantId(self.who), self.part, self.voice)


class Recorded(_Wire):
    """What shall be recorded: the recording's id, whose it is, and its key, wrapped."""

    id: str
    showroom: str
    key: str


class _Seated(_Wire):
    """Says who may be in a room, and what is recorded there: the whole truth, in every order, so
    that a lost one does no harm.

    `number` grows with each change of it: an order that was overtaken lets nobody in again.
    """

    room: str
    seats: tuple[Seat, ...]
    held: bool = False
    number: int = 0
    recorded: Recorded | None = None


class Connect(_Seated):
    """Take a page's offer. With a `rank` that is there already it is a restart."""

    op: Literal["connect"] = "connect"
    who: str
    rank: int
    sdp: str


class Arrange(_Seated):
    """Bring a room in line with who may be in it. Whoever isn't named is put out."""

    op: Literal["arrange"] = "arrange"


class Close(_Wire):
    """End a room."""

    op: Literal["close"] = "close"
    room: str


Order = Annotated[Connect | Arrange | Close, Field(discriminator="op")]


class Trouble(_Wire):
    """A recording that a worker had to give up: its disk is full, or broken."""

    id: str
    showroom: str
    room: str
    full: bool


class Envelope(_Wire):
    """An order, and who waits for its answer."""

    id: str
    node: str
    order: Order


class Reply(_Wire):
    """An answer. `refused`: why an order made no sense; empty when it was carried out. `failed`: it
    made sense, but could not be carried out here and now."""

    id: str
    sdp: str = ""
    refused: str = ""
    failed: bool = False


ENVELOPE = TypeAdapter(Envelope)
SEATS = TypeAdapter(tuple[Seat, ...])
REPLY = TypeAdapter(Reply)
FACTS = TypeAdapter(Facts)
TROUBLE = TypeAdapter(Trouble)
