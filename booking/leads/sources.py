"""Where leads come from: visits that are booked, call-backs, calls that are closed.

Each of these runs in the transaction that keeps the visit, the call-back, or the call.
"""

from collections.abc import Mapping
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from booking import ledger
from booking.follow_ups import CallBack, untold
from booking.handoff.topics import Topic
from booking.leads import rows, sheet_rows
from booking.leads.intake import Intake, Report, moved
from booking.leads.lead import Details, Lead, Wish, WishedVehicle
from booking.leads.merging import Knowledge
from booking.leads.moves import HAPPENED, OPEN, Move, due_when_new
from booking.leads.origin import Origin, ids_of, touches_of
from booking.leads.public import call_out
from booking.leads.rows import News, Source
from booking.leads.scoring import CONTACT
from booking.leads.sheet import clean_notes, told_by, understood_before
from booking.ledger import Appointment, Consent
from showroom.calls import CallRecord
from showroom.ids import CallId, FollowUpId, ShowroomId, StaffId
from showroom.leads_lock import lock
from showroom.showrooms import Showroom
from showroom.tables import appointments, follow_ups
from showroom.words import AppointmentEvent, CallState, FollowUpKind, Outcome

# What an outcome says of somebody's wishes, and of where their lead stands.
WISHES: Mapping[Outcome, Wish] = {
    Outcome.TEST_DRIVE: Wish.TEST_DRIVE,
    Outcome.OFFER_WANTED: Wish.OFFER,
    Outcome.BOUGHT: Wish.BUY,
}


class Sources(Intake):
    """The hooks of bookings, call-backs and calls."""

    async def visit_announced(
        self,
        connection: AsyncConnection,
        showroom: Showroom,
        visit: Appointment,
        event: AppointmentEvent,
    ) -> None:
        """Take in what happened to a visit. This is an `Announce`."""
        source = Source("appointment", visit.id)
        news = News(f"visit_{event.value}", data={"visit": visit.id, "starts_at": visit.starts_at})
        if event is AppointmentEvent.BOOKED:
            # Nobody has to call somebody who comes by themselves.
            due_at = due_when_new(showroom, visit.starts_at)
            news = replace(news, by="customer")
            report = Report(source, _told_by_visit(visit), news, due_at, by_stranger=True)
            await self.take_in(connection, showroom, report)
        else:
            await self._visit_changed(connection, showroom, visit, event, news)

    async def _visit_changed(
        self,
        connection: AsyncConnection,
        showroom: Showroom,
        visit: Appointment,
        event: AppointmentEvent,
        news: News,
    ) -> None:
        await lock(connection, showroom.id)
        lead = await rows.of_source(connection, showroom.id, Source("appointment", visit.id))
        if lead is None:
            return
        now, due_at, source = self._clock(), lead.due_at, None
        if lead.state in OPEN and event is not AppointmentEvent.REASSIGNED:
            rescheduled = event is AppointmentEvent.RESCHEDULED
            due_at = due_when_new(showroom, visit.starts_at if rescheduled else now)
        if untold(visit, event):
            # Until somebody calls they may come for nothing; who does has spoken to this person.
            source = Source("follow_up", visit.id)
            due_at = due_at and now
        changed = replace(lead, due_at=due_at)
        await self._settle(connection, showroom, lead, changed, [news], source=source)

    async def call_back_asked(self, connection: AsyncConnection, asked: CallBack) -> None:
        """Take in a wish to be called back. This is an `Asked`."""
        showroom = await self._showrooms.by_id(asked.showroom_id)
        first, last = touches_of(asked.origin, asked.at)
        details = Details(
            consents=(Consent(CONTACT, asked.consent_text_version, asked.at),),
            vehicles=_car(asked.vehicle),
            first_touch=first,
            last_touch=last,
            store=ids_of(asked.origin),
        )
        told = Knowledge(
            name=asked.name, phone=asked.phone, language=asked.language, details=details
        )
        news = News("call_back", "customer", {"follow_up": asked.id})
        due_at = due_when_new(showroom, asked.at)
        source = Source("follow_up", asked.id)
        report = Report(source, told, news, due_at, by_stranger=True)
        await self.take_in(connection, showroom, report)

    async def call_back_finished(
        self,
        connection: AsyncConnection,
        showroom_id: ShowroomId,
        follow_up_id: FollowUpId,
        by: StaffId,
    ) -> None:
        """Take in that somebody has called back. This is a `Finished`."""
        await lock(connection, showroom_id)
        source = Source("follow_up", follow_up_id)
        lead = await rows.of_source(connection, showroom_id, source)
        if lead is None or lead.state not in OPEN:
            return
        showroom = await self._showrooms.by_id(showroom_id)
        changed = moved(showroom, lead, Move.CONTACT, self._clock())
        owner = changed.owner_id or await rows.person(connection, by)
        news = News(HAPPENED[Move.CONTACT], by, {"follow_up": follow_up_id})
        await self._settle(connection, showroom, lead, replace(changed, owner_id=owner), [news])

    async def call_kept(
        self, connection: AsyncConnection, before: CallRecord | None, call: CallRecord
    ) -> None:
        """Take in what became of a call. This is a `Kept`."""
        if call.state is not CallState.CLOSED:
            return
        showroom = await self._showrooms.by_id(call.showroom_id)
        if before is not None and before.state is CallState.CLOSED:
            await self._call_amended(connection, showroom, before, call)
            return
        lead = None
        if call.answered_at is not None:
            lead = await self.take_call(connection, showroom, call, is_news=True)
        data = call_out(showroom, call, lead).model_dump(mode="json")
        dealer = lead.dealer if lead else None
        await self._publish(connection, showroom.id, Topic.CALL_ENDED, call.id, data, dealer)

    async def take_call(
        self,
        connection: AsyncConnection,
        showroom: Showroom,
        call: CallRecord,
        *,
        is_news: bool = False,
    ) -> Lead | None:
        """Take in a call that is closed, with its sheet; None when nobody knows who it was."""
        await lock(connection, showroom.id)
        sheet = await sheet_rows.read(connection, showroom.id, call.id)
        told, earlier = Knowledge(), None
        if sheet and sheet.version:
            told = told_by(sheet.kept, showroom.market)
            earlier = understood_before(sheet.kept, showroom.market)
        guest = None if told.keys else await known_before(connection, showroom.id, call.id)
        if guest:
            if await rows.with_keys(connection, showroom.id, guest.keys):
                # It has their consent since they booked, or they took it back meanwhile.
                guest = replace(guest, details=replace(guest.details, consents=()))
            told = _with_contact(guest, told if earlier else None)
        told = replace(told, details=_with_call(told.details, call))
        report = Report(
            Source("call", call.id),
            told,
            News("call", call.advisor_id or "", _facts(call)),
            # What nobody has closed is looked after soon.
            due_at=None if call.outcome else due_when_new(showroom, self._clock()),
            move=_move(call.outcome),
            owner=await rows.person(connection, call.advisor_id),
            earlier=earlier,
            is_news=is_news,
            by_stranger=guest is not None,
        )
        lead = await self.take_in(connection, showroom, report)
        if sheet and sheet.version and lead:
            await sheet_rows.made(connection, showroom, call.id, sheet, lead.id)
        return lead

    async def _call_amended(
        self,
        connection: AsyncConnection,
        showroom: Showroom,
        before: CallRecord,
        call: CallRecord,
    ) -> None:
        """Count a rating that comes when the call is closed already."""
        if before.rating == call.rating:
            return
        await lock(connection, showroom.id)
        lead = await rows.of_source(connection, showroom.id, Source("call", call.id))
        if lead:
            news = [News("rated", "customer", {"call": call.id, "stars": call.rating})]
            await self._settle(connection, showroom, lead, lead, news, calls_changed=True)


async def known_before(
    connection: AsyncConnection, showroom_id: ShowroomId, call_id: CallId
) -> Knowledge | None:
    """Return what is known of a call's customer: by the visit they booked, or a call-back."""
    visits = await ledger.where(
        connection, appointments.c.showroom_id == showroom_id, appointments.c.call_id == call_id
    )
    if visits:
        return _told_by_visit(visits[-1])
    query = sa.select(follow_ups).where(
        follow_ups.c.showroom_id == showroom_id,
        follow_ups.c.call_id == call_id,
        follow_ups.c.kind == FollowUpKind.CALL_BACK.value,
    )
    asked = (await connection.execute(query)).first()
    if asked is None:
        return None
    consent = Consent(CONTACT, asked.consent_text_version or "", asked.created_at)
    details = Details(consents=(consent,), vehicles=_car(asked.vehicle))
    return Knowledge(asked.name, None, asked.phone, None, asked.language, details)


def _told_by_visit(visit: Appointment) -> Knowledge:
    at = visit.booked_at or visit.created_at
    first, last = touches_of(visit.campaign, at)
    details = Details(
        consents=visit.consents,
        vehicles=_car(visit.vehicle),
        notes=clean_notes(visit.wish),
        first_touch=first,
        last_touch=last,
        store=ids_of(visit.campaign),
    )
    return Knowledge(visit.name, visit.email, visit.phone, None, visit.language, details)


def _with_contact(guest: Knowledge, told: Knowledge | None) -> Knowledge:
    """Return what a sheet tells with the contact that the customer gave before.

    What they agree to stands in the sheet, where there is one.
    """
    told = told or Knowledge(details=Details(consents=guest.details.consents))
    return replace(
        told,
        name=told.name or guest.name,
        email=guest.email,
        phone=guest.phone,
        language=told.language or guest.language,
    )


def _with_call(details: Details, call: CallRecord) -> Details:
    """Return the details with what the call itself adds: not its notes, which stay in the house."""
    origin: Origin = call.origin or {}
    first, last = touches_of(origin, call.created_at)
    wish = WISHES.get(call.outcome) if call.outcome else None
    known = {car.slug for car in details.vehicles}
    return replace(
        details,
        vehicles=details.vehicles + (() if call.vehicle in known else _car(call.vehicle)),
        wishes=tuple(dict.fromkeys((*details.wishes, *([wish] if wish else [])))),
        first_touch=first,
        last_touch=last,
        store=ids_of(origin),
    )


def _facts(call: CallRecord) -> dict[str, object]:
    return {
        "call": call.id,
        "outcome": call.outcome,
        "reason": call.outcome_reason,
        "duration_s": (call.talked_ms or 0) // 1000,
        "rating": call.rating,
    }


def _move(outcome: Outcome | None) -> Move | None:
    if outcome is None:
        return None
    return Move.WIN if outcome is Outcome.BOUGHT else Move.CONTACT


def _car(slug: str | None) -> tuple[WishedVehicle, ...]:
    return (WishedVehicle(slug),) if slug else ()
