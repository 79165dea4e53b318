"""One call in the relay: its participants, their connections, and what goes from whom to whom."""

import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog
from aiortc import RTCCertificate

from media.recording.webm import ADVISOR, CUSTOMER, PICTURE
from media.relay.booth import Booth
from media.relay.estimates import Allowance, Estimates, target
from media.relay.keyframes import OF_CODEC
from media.relay.leg import Benches, Leg
from media.relay.offers import PREFERRED, BadOffer, Offer, Place, Section
from media.relay.outlet import Outlet
from media.relay.recorder import Studio
from media.relay.road import Doors
from media.relay.source import Source
from media.relay.wiring import Member, ParticipantId, view_of
from showroom.words import Side

log = structlog.get_logger()

# Connections of one participant: the one that stands, one that shall replace it, and one more for a
# page that was loaded anew meanwhile.
MOST_LEGS = 3
# An estimate lags behind what a line carries by so much.
SPARE = 0.8
CLOCK_RATES = {"audio": 48_000, "video": 90_000}


@dataclass(frozen=True, slots=True)
class Ground:
    """What all rooms of a worker stand on."""

    doors: Doors
    certificate: RTCCertificate
    benches: Benches
    studio: Studio | None = None


@dataclass(slots=True, eq=False)
class Participant:
    """Somebody in a room: what they publish stays, whichever connection brings it."""

    member: Member
    sources: dict[str, Source]
    leg: Leg | None = None
    allowance: Allowance = field(default_factory=Allowance)
    # Connections that are being made, or that the newest has not replaced yet.
    legs: list[Leg] = field(default_factory=list)


class Room:
    """The participants of one call."""

    def __init__(self, ground: Ground) -> None:
        self.participants: dict[ParticipantId, Participant] = {}
        self.held = False
        self._counted: dict[Source, tuple[int, float]] = {}
        self.codec = PREFERRED[0]
        self.estimates: Estimates[Leg] = Estimates()
        self.booth = Booth(ground.studio)
        self._ground = ground

    # ------------------------------------------------------------ who is here

    async def offer(self, member: Member, rank: int, offer: Offer) -> str:
        """Take a participant's offer: a new connection, or with a rank that is known a restart.

        Raises `BadOffer`, `OSError` when no port is free.
        """
        one = self._participant(member)
        known = next((leg for leg in one.legs if leg.rank == rank), None)
        if known is not None:
            return await known.restart(offer)
        if any(leg.rank > rank for leg in one.legs):
            raise BadOffer("a newer connection of this page is there already")
        await _make_room(one)
        self._agree(one, offer.pictures())
        leg = Leg(
            rank,
            self._ground.doors,
            self._ground.certificate,
            self._ground.benches,
            lambda changed: self._changed(one, changed),
        )
        sections = zip(offer.sections, _streams(offer.sections), strict=True)
        places = [self._place(section, stream) for section, stream in sections]
        one.legs.append(leg)
        return await leg.answer(offer, places, _feeds(one, places))

    def _participant(self, member: Member) -> Participant:
        known = self.participants.get(member.id)
        if known is None:
            outbox = self._ground.benches.outbox
            sources = {kind: Source(kind, rate, outbox) for kind, rate in CLOCK_RATES.items()}
            known = self.participants[member.id] = Participant(member, sources)
        known.member = member
        return known

    def set_member(self, member: Member) -> None:
        """Change who hears somebody, from the next `wire` on. Who is not here stays away."""
        if known := self.participants.get(member.id):
            known.member = member

    async def leave(self, *whom: ParticipantId) -> None:
        """End all connections of participants. Nothing reaches them from the call of this on."""
        gone = [one for who in whom if (one := self.participants.pop(who, None))]
        legs = [leg for one in gone for leg in one.legs]
        for outlet in [outlet for leg in legs for outlet in leg.outlets]:
            _connect(outlet, None)
        self.wire()
        for leg in legs:
            await leg.close()

    def is_connected(self) -> bool:
        """Say whether anybody is here, or is about to be."""
        return any(one.legs for one in self.participants.values())

    async def close(self) -> None:
        """End all connections."""
        self.booth.close()
        await self.leave(*self.participants)

    # ------------------------------------------------------------ the beat

    def beat(self, now: float, reports: bool) -> None:
        """Do what is due often, and with `reports` what is due every second."""
        legs = [leg for one in self.participants.values() for leg in one.legs]
        for leg in legs:
            leg.often(now)
            if reports:
                leg.now_and_then(now)
        if reports:
            self._limit([leg for leg in legs if leg.up], now)

    def _limit(self, legs: Sequence[Leg], now: float) -> None:
        """Tell publishers what their subscribers can take; pause pictures that lines can't."""
        estimates = {leg: leg.estimate[0] if leg.estimate else None for leg in legs}
        rates = self._rates(now)
        served = [leg for leg in legs if _carries(leg, rates)]
        paused = self.estimates.paused(estimates, now, served)
        for leg in legs:
            for outlet in leg.outlets:
                if outlet.kind == "video":
                    outlet.pause(leg in paused)
        for one in self.participants.values():
            picture = one.sources["video"]
            aim = target(_said(picture, estimates))
            if aim is not None and one.leg is not None and one.leg.up:
                limit = one.allowance.limit(aim, rates.get(picture, 0.0), now)
                _tell(one.leg, picture, limit)

    def _rates(self, now: float) -> dict[Source, float]:
        """Return what each picture has had of bits a second since the last question."""
        pictures = [one.sources["video"] for one in self.participants.values()]
        counted = {picture: (picture.octets, now) for picture in pictures}
        before, self._counted = self._counted, counted
        return {
            picture: (picture.octets - octets) * 8 / max(now - at, 0.1)
            for picture, (octets, at) in before.items()
            if picture in counted
        }

    # ------------------------------------------------------------ codecs and places

    def _agree(self, newcomer: Participant, able: Collection[str]) -> None:
        """Choose the codec of the picture with whoever is here first.

        It stays while anybody is here: they were answered with it. Who can't show it gets sound.
        """
        if not any(one.legs for one in self.participants.values() if one is not newcomer):
            self.codec = next((name for name in PREFERRED if name in able), self.codec)

    def _place(self, section: Section, stream: str) -> Place | Section:
        codec = section.codec("opus" if section.kind == "audio" else self.codec)
        if codec is None or codec.name.lower() not in OF_CODEC:
            return section
        if not section.gets:
            return Place(section, codec)
        return Place(section, codec, secrets.randbits(31) | 1, stream)

    # ------------------------------------------------------------ wiring

    def _changed(self, one: Participant, leg: Leg) -> None:
        if leg.up:
            # Make before break: the older connection goes only now that this one stands.
            if one.leg is None or one.leg.over or one.leg.rank < leg.rank:
                one.leg = leg
        else:
            one.legs.remove(leg)
            if one.leg is leg:
                one.leg = None
        self.wire()

    def wire(self) -> None:
        """Bring what everybody gets, and what is recorded, in line with who is here."""
        self.booth.follow(self._recorded())
        members = [one.member for one in self.participants.values() if one.leg]
        for one in self.participants.values():
            view = view_of(one.member, members, self.held)
            for leg in one.legs:
                if leg.up:
                    # Browsers play a voice and a picture in step where both come out of places of
                    # one stream: whoever is seen is heard out of the place of the same number.
                    self._fill(leg, "video", list(view.pictures), view.pictures)
                    self._fill(leg, "audio", view.voices, view.pictures)

    def _recorded(self) -> dict[int, Source]:
        """Return what of this room is recorded: of the two sides alone, and not on hold."""
        found: dict[int, Source] = {}
        for one in () if self.held else self.participants.values():
            if one.member.part is Side.ADVISOR:
                found[ADVISOR] = one.sources["audio"]
                found[PICTURE] = one.sources["video"]
            elif one.member.part is Side.CUSTOMER:
                found[CUSTOMER] = one.sources["audio"]
        return found

    def _fill(
        self,
        leg: Leg,
        kind: str,
        whom: Sequence[ParticipantId],
        seats: Mapping[ParticipantId, int],
    ) -> None:
        """Put sources into a leg's places. Whoever has a seat gets it; of the rest who is there
        already keeps their place."""
        outlets = [outlet for outlet in leg.outlets if outlet.kind == kind]
        sources = {who: self.participants[who].sources[kind] for who in whom[: len(outlets)]}
        found = {who: seats[who] for who in sources if seats.get(who, len(outlets)) < len(outlets)}
        for index, outlet in enumerate(outlets):
            who = next((who for who, source in sources.items() if source is outlet.source), None)
            if who is not None and who not in found and index not in found.values():
                found[who] = index
        free = [index for index in range(len(outlets)) if index not in found.values()]
        for who in sources:
            if who not in found:
                found[who] = free.pop(0)
        wanted = {index: sources[who] for who, index in found.items()}
        for index, outlet in enumerate(outlets):
            if outlet.source is not wanted.get(index):
                _connect(outlet, wanted.get(index))


async def _make_room(one: Participant) -> None:
    """Before a new connection: end the oldest of too many, but not the one that stands."""
    while len(one.legs) >= MOST_LEGS:
        await next(leg for leg in one.legs if leg is not one.leg).close()


def _carries(leg: Leg, rates: Mapping[Source, float]) -> bool:
    """Say whether a line is estimated to carry what goes over it at present."""
    got = [rates.get(o.source, 0.0) for o in leg.outlets if isinstance(o.source, Source)]
    return leg.estimate is not None and leg.estimate[0] >= SPARE * sum(got)


def _said(source: Source, estimates: Mapping[Leg, int | None]) -> list[int]:
    """Return what the lines of a source's viewers carry, of those who have said so."""
    return [
        bitrate
        for leg, bitrate in estimates.items()
        if bitrate is not None and any(o.source is source for o in leg.outlets)
    ]


def _tell(leg: Leg, source: Source, limit: int) -> None:
    """Tell a publisher what it may send of a source and its sound, in bit/s."""
    ssrcs = [inflow.ssrc for inflow in leg.inflows.values() if inflow.source is source]
    if ssrcs:
        leg.reports.limit(limit, ssrcs)


def _connect(outlet: Outlet, source: Source | None) -> None:
    if isinstance(outlet.source, Source):
        outlet.source.remove(outlet)
    if source is not None:
        source.add(outlet)


def _streams(sections: Iterable[Section]) -> list[str]:
    """Return each section's stream: the first voice's is the first picture's, and so on."""
    count: Counter[str] = Counter()
    found = []
    for section in sections:
        found.append(f"place-{count[section.kind]}")
        count[section.kind] += section.gets
    return found


def _feeds(one: Participant, places: list[Place | Section]) -> dict[str, Source]:
    """Return which source each sending section feeds: the first of its kind, its own."""
    found: dict[str, Source] = {}
    taken: set[str] = set()
    for place in places:
        if isinstance(place, Place) and place.section.sends and place.section.kind not in taken:
            taken.add(place.section.kind)
            found[place.section.mid] = one.sources[place.section.kind]
    return found
