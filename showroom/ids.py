"""Typed identifiers, and the one way to make a new one.

An id is opaque and random (128 bits): it can stand in a URL without telling how many there are,
and guessing one is hopeless. What proves *who somebody is* is never an id but a token.
"""

import hashlib
import hmac
import secrets
from typing import NewType

ShowroomId = NewType("ShowroomId", str)
VehicleId = NewType("VehicleId", str)
StaffId = NewType("StaffId", str)
StaffLinkId = NewType("StaffLinkId", str)
CallId = NewType("CallId", str)
FollowUpId = NewType("FollowUpId", str)
AppointmentId = NewType("AppointmentId", str)
AbsenceId = NewType("AbsenceId", str)
LeadId = NewType("LeadId", str)
EndpointId = NewType("EndpointId", str)
ReservationId = NewType("ReservationId", str)
ApiKeyId = NewType("ApiKeyId", str)
DeliveryId = NewType("DeliveryId", str)
PhotoId = NewType("PhotoId", str)
RecordingId = NewType("RecordingId", str)
NodeId = NewType("NodeId", str)
# Somebody in a call beside its two sides.
PersonId = NewType("PersonId", str)
# A mail of figures that somebody gets again and again.
FigureMailId = NewType("FigureMailId", str)
# A socket of ours, as the Socket.IO server names it.
SocketId = NewType("SocketId", str)
# One loaded page: a reload makes a new one, a reconnecting socket keeps it.
PageId = NewType("PageId", str)


def new_id() -> str:
    """Return 128 random bits as 22 URL-safe characters, of which the first is no hyphen.

    A command line would take that for an option.
    """
    while (drawn := secrets.token_urlsafe(16)).startswith("-"):
        pass
    return drawn


def token_digest(token: str) -> str:
    """Return what may be stored of a token: its SHA-256 in hexadecimal.

    A fast hash is enough: the tokens are random, so there is nothing to try out.
    """
    return hashlib.sha256(token.encode()).hexdigest()


def token_matches(token: str, digest: str) -> bool:
    """Say in constant time whether `token` is the one behind `digest`."""
    return token.isascii() and hmac.compare_digest(token_digest(token), digest)
