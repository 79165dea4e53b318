"""What passes between the outbox, the worker and the sinks: a delivery, and how it went."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from showroom.ids import DeliveryId, EndpointId, ShowroomId


class Ending(StrEnum):
    """How a row of the outbox ended."""

    DELIVERED = "delivered"
    DROPPED = "dropped"  # no longer true, or nobody wants it
    EXPIRED = "expired"  # too late to be of use
    FAILED = "failed"  # refused for good, or tried for three days


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row that is claimed. `attempt` counts from 1; moments in UTC milliseconds.

    `number` orders the rows of a subject. `id` is the same at every attempt. `endpoint_id` names
    the receiver where it is one of `booking.handoff`. `claimed_until` is the claim: no other one
    of the row has the same. `repeated`: it may have been out before, also when this attempt is the
    first one since a manager sent it again.
    """

    number: int
    id: DeliveryId
    showroom_id: ShowroomId
    kind: str
    topic: str
    subject_id: str
    payload: Mapping[str, Any]
    created_at: int
    expires_at: int | None
    attempt: int
    endpoint_id: EndpointId | None = None
    claimed_until: int | None = None
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Delivered:
    """It is with the receiver."""

    answer: str = ""


@dataclass(frozen=True, slots=True)
class Later:
    """It did not work this time. `after_s`: the receiver said how long to wait, in seconds."""

    after_s: float | None = None
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """It was refused for good."""

    answer: str = ""


@dataclass(frozen=True, slots=True)
class Dropped:
    """It is not true any more, so nobody shall hear it."""

    answer: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """Its receiver takes nothing until somebody says so. It waits, and this was no attempt."""

    answer: str = ""


Result = Delivered | Later | Failed | Dropped | Held


class Sink(Protocol):
    """Brings one kind of delivery to whom it is for. It may be asked twice for the same one."""

    async def deliver(self, delivery: Delivery) -> Result: ...
