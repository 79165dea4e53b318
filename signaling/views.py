"""Turns the live state into what a page may see. Here, and only here, is decided who sees what."""

from collections.abc import Mapping, Sequence

from showroom.errors import NotFound
from showroom.ids import StaffId, VehicleId
from showroom.showrooms import Showroom
from showroom.vehicles import Vehicle, Vehicles
from showroom.words import CallState, Side
from signaling.live import LiveCall, LogLine
from signaling.messages import (
    AdvisorCall,
    CustomerCall,
    Ice,
    LogEntry,
    Peer,
    Queueing,
    VehicleCard,
    VisitCard,
)
from signaling.needs import IceMaker

CONNECTS = frozenset({CallState.RINGING, CallState.CONNECTING, CallState.LIVE})
QUEUES = frozenset({CallState.WAITING, CallState.RINGING})


def vehicle_card(vehicle: Vehicle, language: str) -> VehicleCard:
    """Return the card of a vehicle in one of the showroom's languages."""
    picture = vehicle.picture("three_quarter")
    return VehicleCard(
        id=vehicle.slug,
        name=vehicle.name,
        version=vehicle.version,
        tagline=vehicle.tagline.get(language) or next(iter(vehicle.tagline.values()), ""),
        price=vehicle.price,
        currency=vehicle.currency,
        picture=f"/static/{picture}" if picture else "",
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
            notes=call.notes,
            live_at=call.live_at,
            end_reason=call.end_reason,
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
                text=line.data["text"],
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
        quality=own_link,
    )
