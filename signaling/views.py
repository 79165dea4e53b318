"""Turns the live state into what a page may see. Here, and only here, is decided who sees what."""

from collections.abc import Mapping, Sequence

from showroom.errors import NotFound
from showroom.ids import StaffId, VehicleId
from showroom.showrooms import Showroom
from showroom.vehicles import Vehicle, Vehicles, picture_address
from showroom.words import CallState, PersonState, Side
from signaling.live import LiveCall, LogLine, Person
from signaling.messages import (
    AdvisorCall,
    CustomerCall,
    Ice,
    JoinedCall,
    LogEntry,
    OpenPhotos,
    Peer,
    PersonHere,
    PhotoCard,
    PhotoUnderWay,
    Queueing,
    RecordingView,
    RelayWay,
    VehicleCard,
    VisitCard,
)
from signaling.needs import IceMaker

CONNECTS = frozenset({CallState.RINGING, CallState.CONNECTING, CallState.LIVE})
QUEUES = frozenset({CallState.WAITING, CallState.RINGING})


def vehicle_card(vehicle: Vehicle, language: str) -> VehicleCard:
    """Return the card of a vehicle in one of the showroom's languages."""
    return VehicleCard(
        id=vehicle.slug,
        name=vehicle.name,
        version=vehicle.version,
        tagline=vehicle.tagline.get(language) or next(iter(vehicle.tagline.values()), ""),
        price=vehicle.price,
        currency=vehicle.currency,
        picture=picture_address(vehicle.picture("three_quarter")),
        equipment=list(
            vehicle.equipment.get(language) or next(iter(vehicle.equipment.values()), ())
        ),
    )


class Views:
    """Builds `call_state` for either side."""

    def __init__(self, vehicles: Vehicles, ice: IceMaker) -> None:
        self._vehicles = vehicles
        self._ice = ice

    async def customer(
        self,
        showroom: Showroom,
        call: LiveCall,
        log: Sequence[LogLine],
        names: Mapping[StaffId, str],
        advisor_present: bool,
        queue: Queueing | None,
        people: Sequence[Person],
        now_ms: int,
    ) -> CustomerCall:
        """Return the customer's view: no notes, and no advisor's name before the accept."""
        accepted = call.accepted_at is not None and call.advisor is not None
        return CustomerCall(
            call=call.id,
            version=call.version,
            now=now_ms,
            state=call.state,
            since=call.since,
            link=call.link,
            path=call.path,
            direct=call.direct,
            relay=relay_way(call),
            people=here(people),
            invited_until=call.invited_until,
            held=call.held,
            transferring=call.transfer_to is not None,
            ice=self.ice(showroom, call, now_ms),
            vehicle=await self.card(showroom, call.vehicle, call.language),
            queue=queue if call.state in QUEUES else None,
            advisor=_peer(
                call, Side.ADVISOR, names.get(call.advisor or StaffId(""), ""), advisor_present
            )
            if accepted
            else None,
            log=await self.entries(showroom, call.language, log),
            recording=_recording(showroom, call),
            photo=_under_way(call),
            open_photos=_open(call),
            live_at=call.live_at,
            end_reason=call.end_reason,
            rating=call.rating,
        )

    async def advisor(
        self,
        showroom: Showroom,
        call: LiveCall,
        log: Sequence[LogLine],
        names: Mapping[StaffId, str],
        who: StaffId,
        people: Sequence[Person],
        now_ms: int,
    ) -> AdvisorCall:
        """Return the view of advisor `who`: the one in the call, or the target of a transfer."""
        target = call.transfer_to == who and call.advisor != who
        return AdvisorCall(
            call=call.id,
            version=call.version,
            now=now_ms,
            state=CallState.RINGING if target else call.state,
            since=call.since,
            link=call.link,
            path=call.path,
            direct=call.direct,
            relay=None if target else relay_way(call),
            people=[] if target else here(people),
            ring=call.ring,
            ring_until=call.ring_until,
            held=call.held,
            transfer_to=names.get(call.transfer_to, "")
            if call.transfer_to and not target
            else None,
            transferred_from=_giver(call, target, names),
            ice=None if target else self.ice(showroom, call, now_ms),
            language=call.language,
            vehicle=await self.card(showroom, call.vehicle, call.language),
            waited_ms=call.waited_ms(now_ms),
            repeated=call.repeated,
            visit=_visit_card(call),
            customer=_peer(call, Side.CUSTOMER, "", call.present),
            log=[] if target else await self.entries(showroom, call.language, log),
            recording=None if target else _recording(showroom, call),
            photo=None if target else _under_way(call),
            open_photos=_open(call),
            notes=call.notes,
            live_at=call.live_at,
            end_reason=call.end_reason,
        )

    async def joined(
        self,
        showroom: Showroom,
        call: LiveCall,
        log: Sequence[LogLine],
        me: Person,
        people: Sequence[Person],
        advisor: tuple[str, bool],
        now_ms: int,
    ) -> JoinedCall:
        """Return a call as somebody sees it who joined it; before they are let in next to nothing.

        `advisor`: their name, and whether they are there.
        """
        inside = me.state is PersonState.IN
        entries = await self.entries(showroom, call.language, log)
        theirs = [entry for entry in entries if entry.kind != "photo"]
        name, present = advisor
        return JoinedCall(
            call=call.id,
            version=call.version,
            now=now_ms,
            state=call.state,
            held=call.held and inside,
            me=here([me])[0],
            relay=relay_way(call) if inside else None,
            ice=self.ice(showroom, call, now_ms) if inside else None,
            vehicle=await self.card(showroom, call.vehicle, call.language) if inside else None,
            advisor=_peer(call, Side.ADVISOR, name, present) if inside else None,
            customer=_peer(call, Side.CUSTOMER, "", call.present) if inside else None,
            people=here(people) if inside else [],
            log=theirs if inside else [],
            recording=_recording(showroom, call) if inside else None,
            live_at=call.live_at if inside else None,
        )

    def ice(self, showroom: Showroom, call: LiveCall, now_ms: int) -> Ice | None:
        """Return how to connect, or None when there is nobody to connect to."""
        if call.state not in CONNECTS:
            return None
        return Ice(
            servers=self._ice(call.id, now_ms),
            policy="relay" if showroom.policy.relay_only else "all",
        )

    async def card(self, showroom: Showroom, slug: str | None, language: str) -> VehicleCard | None:
        """Return a vehicle's card, or None when it left the range in the meantime."""
        if not slug:
            return None
        try:
            vehicle = await self._vehicles.get(showroom.id, VehicleId(slug))
        except NotFound:
            return None
        return vehicle_card(vehicle, language)

    async def entries(
        self, showroom: Showroom, language: str, log: Sequence[LogLine]
    ) -> list[LogEntry]:
        found = [await self.entry(showroom, language, line) for line in log]
        return [entry for entry in found if entry]

    async def entry(self, showroom: Showroom, language: str, line: LogLine) -> LogEntry | None:
        """Return a line of the log as both sides may see it; None for what is not theirs."""
        if line.kind == "chat":
            return LogEntry(
                seq=line.seq,
                at=line.at,
                kind="chat",
                by=Side(line.by),
                id=line.data["id"],
                name=line.data.get("name", ""),
                text=line.data["text"],
            )
        if line.kind == "photo":
            return LogEntry(
                seq=line.seq,
                at=line.at,
                kind="photo",
                by=Side(line.by),
                id=line.data["photo"],
                photo=photo_card(showroom, line),
            )
        if line.kind not in ("vehicle", "store"):
            return None
        card = await self.card(showroom, line.data["vehicle"], language)
        if card is None:
            return None
        return LogEntry(
            seq=line.seq,
            at=line.at,
            kind="vehicle" if line.kind == "vehicle" else "store",
            by=Side(line.by),
            id=line.data["id"],
            vehicle=card,
        )


def relay_way(call: LiveCall) -> RelayWay | None:
    """Return how a page connects to the relay, or None while there is none."""
    on = call.relay and call.state in (CallState.CONNECTING, CallState.LIVE)
    return RelayWay(turn=call.turn) if on else None


def here(people: Sequence[Person]) -> list[PersonHere]:
    """Return people as all in a call see them."""
    return [
        PersonHere(
            id=one.id,
            part=one.part,
            name=one.name,
            state=one.state,
            voice=one.voice,
            hand=one.hand,
        )
        for one in people
    ]


def photo_card(showroom: Showroom, line: LogLine) -> PhotoCard:
    """Return where a photo of the log is, for whoever may see it."""
    picture = f"/s/{showroom.slug}/photos/{line.data['photo']}"
    size = {"width": line.data["width"], "height": line.data["height"]}
    return PhotoCard(id=line.data["photo"], picture=picture, small=f"{picture}/small", **size)


def _under_way(call: LiveCall) -> PhotoUnderWay | None:
    if (photo := call.photo) is None:
        return None
    return PhotoUnderWay(id=photo.id, state=photo.state, since=photo.since)


def _recording(showroom: Showroom, call: LiveCall) -> RecordingView:
    found = call.recording
    return RecordingView(
        allowed=showroom.policy.recording,
        state=found.state,
        by=found.by,
        since=found.since,
        over=found.over,
        erasable=found.erasable,
    )


def _open(call: LiveCall) -> OpenPhotos:
    return OpenPhotos(customer=call.customer_looks_at, advisor=call.advisor_looks_at)


def _visit_card(call: LiveCall) -> VisitCard | None:
    if (visit := call.visit) is None:
        return None
    return VisitCard(id=visit.id, starts_at=visit.starts_at, name=visit.name, wish=visit.wish)


def _giver(call: LiveCall, target: bool, names: Mapping[StaffId, str]) -> str | None:
    giver = call.advisor if target else call.transferred_from
    return names.get(giver, "") if giver else None


def _peer(call: LiveCall, side: Side, name: str, present: bool) -> Peer:
    media = call.media_of(side)
    own_link = call.customer_quality if side is Side.CUSTOMER else call.advisor_quality
    return Peer(
        name=name,
        present=present,
        microphone=media.microphone,
        camera=media.camera,
        paused=media.paused,
        rung=media.rung,
        narrowed=media.narrowed,
        saver=media.saver,
        quality=own_link,
    )
