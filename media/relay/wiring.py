"""Who sees and hears whom in a room: pure rules.

A page offers a few places in which it gets something, and the relay fills them. So whoever joins or
speaks up changes what comes out of a place, and never needs another offer.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NewType

from showroom.words import Side, Voice

ParticipantId = NewType("ParticipantId", str)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a room. Customer and advisor are heard by all, whatever is said here."""

    id: ParticipantId
    part: Side
    voice: Voice = Voice.NOBODY


# Whose voice goes first where there are fewer places than voices.
_FIRST = (Side.ADVISOR, Side.CUSTOMER, Side.MANAGER, Side.COMPANION)
_HOSTS = frozenset({Side.ADVISOR, Side.MANAGER})
_PICTURES: dict[Side, tuple[Side, ...]] = {
    Side.ADVISOR: (Side.CUSTOMER,),
    Side.CUSTOMER: (Side.ADVISOR,),
    # The customer's own picture is for the advisor: friends look at the car.
    Side.COMPANION: (Side.ADVISOR,),
    Side.MANAGER: (Side.ADVISOR, Side.CUSTOMER),
}


@dataclass(frozen=True, slots=True)
class View:
    """What somebody gets: voices, the most important first, and pictures with their places.

    A page can't tell whose picture a place shows, so a side's place is always the same, whoever is
    here first and whoever is not here yet.
    """

    voices: Sequence[ParticipantId]
    pictures: Mapping[ParticipantId, int]


def view_of(member: Member, everybody: Iterable[Member], held: bool) -> View:
    """Return whom a member hears and sees. `held`: the hosts and their guests hear nothing of one
    another until the call goes on."""
    others = [one for one in everybody if one.id != member.id]
    if held:
        side = member.part in _HOSTS
        others = [one for one in others if (one.part in _HOSTS) is side]
    heard = [one for one in others if _hears(member, one)]
    heard.sort(key=lambda one: _FIRST.index(one.part))
    pictures: dict[ParticipantId, int] = {}
    for place, part in enumerate(_PICTURES[member.part]):
        seen = [one.id for one in others if one.part is part]
        pictures.update(dict.fromkeys(seen[:1], place))
    return View([one.id for one in heard], pictures)


def _hears(listener: Member, speaker: Member) -> bool:
    if speaker.part in (Side.ADVISOR, Side.CUSTOMER):
        return True
    if speaker.voice is Voice.ADVISOR:
        return listener.part is Side.ADVISOR
    return speaker.voice is Voice.ALL
