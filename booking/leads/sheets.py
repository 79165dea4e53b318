"""The side sheets of calls: saved as they are written, and made leads of when the advisor says so.

Only who has the call, or had it last, reads and writes its sheet. After a transfer that is the new
advisor, who goes on with the same one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from booking.leads import facts, rows, sheet_rows
from booking.leads.book import Leads
from booking.leads.intake import Report
from booking.leads.lead import Lead
from booking.leads.merging import keys_of, merged
from booking.leads.rows import News, Source
from booking.leads.scoring import judge
from booking.leads.sheet import (
    Agreed,
    KeptSheet,
    Problems,
    Sheet,
    TypedVehicle,
    sheet_of,
    told_by,
    understood,
    understood_before,
)
from booking.leads.sheet_rows import SheetRow
from booking.leads.sources import known_before
from booking.ledger import Consent
from showroom.calls import CallRecord
from showroom.clock import Clock
from showroom.database import Database
from showroom.errors import BadRequest, Conflict, Forbidden, NotFound
from showroom.ids import CallId, ShowroomId, StaffId
from showroom.leads_lock import lock
from showroom.showrooms import Showroom


@dataclass(frozen=True, slots=True)
class AnsweredCall:
    """A call that was answered: who has it, or had it last, and what its customer chose.

    `configuration` is the store's id of what they made of a car there.
    """

    advisor: StaffId
    language: str
    vehicle: str | None
    configuration: str = ""


class Calls(Protocol):
    """Where calls are, while they run and after."""

    async def answered(self, showroom_id: ShowroomId, call_id: CallId) -> AnsweredCall | None:
        """Return a call of this showroom that an advisor has accepted, else None."""


class StaleSheet(Conflict):
    """Another tab, or the advisor before, has saved something else; `kept` is what stands now."""

    default = "This sheet was changed elsewhere. It is shown as it is now; add what is missing."

    def __init__(self, version: int, sheet: Sheet) -> None:
        super().__init__()
        self.version, self.sheet = version, sheet


@dataclass(frozen=True, slots=True)
class OpenSheet:
    """A sheet as its advisor sees it; `version` is 0 until it is saved, `lead` what came of it."""

    version: int
    kept: KeptSheet
    lead: Lead | None
    calls: Sequence[CallRecord] = ()

    @property
    def sheet(self) -> Sheet:
        return self.kept.sheet


@dataclass(frozen=True, slots=True)
class Committed:
    """A lead that was made of a sheet, and what of the sheet could not be understood, by field."""

    version: int
    lead: Lead
    calls: Sequence[CallRecord]
    problems: Problems


class Sheets:
    """The sheets of all showrooms."""

    def __init__(self, database: Database, leads: Leads, calls: Calls, clock: Clock) -> None:
        self._database = database
        self._leads = leads
        self._calls = calls
        self._clock = clock

    async def read(self, showroom: Showroom, call_id: CallId, staff_id: StaffId) -> OpenSheet:
        """Return a call's sheet, before the first save with what is known already.

        Raises `NotFound`, and `Forbidden` for who doesn't have the call.
        """
        call = await self._require(showroom, call_id, staff_id)
        async with self._database.read() as connection:
            row = await sheet_rows.read(connection, showroom.id, call_id)
        if row is None:
            async with self._database.write() as connection:
                row = await self._row(connection, showroom, call_id, call)
        if row.lead_id is None:
            return OpenSheet(row.version, row.kept, None)
        async with self._database.read() as connection:
            lead = await rows.with_id(connection, showroom.id, row.lead_id)
            calls = await facts.calls_of(connection, lead)
        return OpenSheet(row.version, row.kept, lead, calls)

    async def save(
        self, showroom: Showroom, call_id: CallId, staff_id: StaffId, version: int, sheet: Sheet
    ) -> SheetRow:
        """Keep a sheet as it is, which its advisor began to change at `version`.

        What is said already is not said again. When the call is closed, its lead has it at once: no
        outcome will bring it there. Raises `StaleSheet`, and as `read` does.
        """
        call = await self._require(showroom, call_id, staff_id)
        async with self._database.write() as connection:
            row = await self._row(connection, showroom, call_id, call)
            if row.version and row.kept.sheet == sheet:
                return row
            if version != row.version:
                raise StaleSheet(row.version, row.kept.sheet)
            now = self._clock()
            consents = _given(row.kept.consents, sheet.consents, now)
            kept = row.kept.model_copy(update={"sheet": sheet, "consents": consents})
            changed = SheetRow(version + 1, kept, row.lead_id, staff_id, now)
            await sheet_rows.write(connection, showroom.id, call_id, changed)
            if closed := await facts.closed_call(connection, showroom.id, call_id):
                await self._leads.take_call(connection, showroom, closed)
            return changed

    async def commit(
        self, showroom: Showroom, call_id: CallId, staff_id: StaffId, version: int, sheet: Sheet
    ) -> Committed:
        """Save a sheet and make a lead of it, or extend the person's open one.

        Raises `BadRequest` without an address or a number that can be understood; then the sheet
        is saved all the same. Raises as `save` does.
        """
        row = await self.save(showroom, call_id, staff_id, version, sheet)
        told, problems = understood(sheet, row.kept.consents, showroom.market)
        if not told.keys:
            field = next((name for name in ("email", "phone") if name in problems), "contact")
            reason = problems.get(field, "Write an e-mail address or a phone number first.")
            raise BadRequest(reason, field=field)
        async with self._database.write() as connection:
            await lock(connection, showroom.id)
            if told.dealer and not await rows.has_dealer(connection, showroom.id, told.dealer):
                problems = problems | {"dealer": "This dealer takes no leads. Choose another."}
            # Perhaps another tab has saved more meanwhile: nothing of it gets lost.
            newest = await sheet_rows.read(connection, showroom.id, call_id) or row
            lead = await self._lead(connection, showroom, call_id, staff_id, newest)
            calls = await facts.calls_of(connection, lead)
        return Committed(row.version, lead, calls, problems)

    async def foreseen(self, showroom: Showroom, call_id: CallId, kept: KeptSheet) -> Lead:
        """Return the lead that this sheet would be by now; nothing is written."""
        told = told_by(kept, showroom.market)
        earlier = understood_before(kept, showroom.market)
        async with self._database.read() as connection:
            known = await rows.of_source(connection, showroom.id, Source("call", call_id))
            found = [known] if known else await rows.with_keys(connection, showroom.id, told.keys)
            lead = found[0] if found else self._leads.blank(showroom)
            there = await facts.facts_of(connection, lead, self._clock())
            closed = await facts.closed_call(connection, showroom.id, call_id)
        there = there if closed else replace(there, in_call=True)
        lead = merged(lead, told, earlier if found else None)
        verdict = judge(showroom.scoring, lead, there)
        return replace(lead, score=verdict.score, reasons=verdict.reasons)

    async def _lead(
        self,
        connection: AsyncConnection,
        showroom: Showroom,
        call_id: CallId,
        staff_id: StaffId,
        row: SheetRow,
    ) -> Lead:
        closed = await facts.closed_call(connection, showroom.id, call_id)
        if closed:
            # The outcome came before the contact.
            lead = await self._leads.take_call(connection, showroom, closed)
        else:
            report = Report(
                Source("call", call_id),
                told_by(row.kept, showroom.market),
                News("sheet", staff_id, {"call": call_id}),
                owner=await rows.person(connection, staff_id),
                earlier=understood_before(row.kept, showroom.market),
            )
            lead = await self._leads.take_in(connection, showroom, report)
            if lead:
                await sheet_rows.made(connection, showroom, call_id, row, lead.id)
        if lead is None:
            raise BadRequest("Write an e-mail address or a phone number first.", field="contact")
        return lead

    async def _require(
        self, showroom: Showroom, call_id: CallId, staff_id: StaffId
    ) -> AnsweredCall:
        call = await self._calls.answered(showroom.id, call_id)
        if call is None:
            raise NotFound
        if call.advisor != staff_id:
            raise Forbidden("A colleague has this call. They write its sheet.")
        return call

    async def _row(
        self,
        connection: AsyncConnection,
        showroom: Showroom,
        call_id: CallId,
        call: AnsweredCall,
    ) -> SheetRow:
        """Return a call's sheet; one that nobody has opened begins now.

        What it begins with is kept: only what its advisor changes of that changes the lead,
        whatever others add to it meanwhile.
        """
        await lock(connection, showroom.id)
        row = await sheet_rows.read(connection, showroom.id, call_id)
        if row is None:
            begun = await self._begun(connection, showroom, call_id, call)
            row = SheetRow(0, begun, None, None, self._clock())
            await sheet_rows.write(connection, showroom.id, call_id, row)
        return row

    async def _begun(
        self,
        connection: AsyncConnection,
        showroom: Showroom,
        call_id: CallId,
        call: AnsweredCall,
    ) -> KeptSheet:
        """Return the sheet of a call in which nothing was written: with what is known already."""
        guest = await known_before(connection, showroom.id, call_id)
        if guest is None:
            car = TypedVehicle(slug=call.vehicle or "", configuration=call.configuration)
            cars = (car,) if call.vehicle else ()
            return KeptSheet(sheet=Sheet(language=call.language, vehicles=cars))
        # Of two that may be one person it is the lead that the guest's own news went to.
        by_email = keys_of(guest.email, None)
        found = await rows.with_keys(connection, showroom.id, by_email)
        found = found or await rows.with_keys(connection, showroom.id, guest.keys)
        lead = found[0] if found else merged(self._leads.blank(showroom), guest)
        sheet = sheet_of(lead)
        earlier = sheet if found else Sheet()
        return KeptSheet(sheet=sheet, consents=lead.details.consents, earlier=earlier)


def _given(known: Iterable[Consent], ticked: Iterable[Agreed], now: int) -> tuple[Consent, ...]:
    """Return what the customer agreed to, and when: that of before, or now."""
    before = {(one.purpose, one.version): one for one in known}
    return tuple(
        before.get((one.purpose, one.version), Consent(one.purpose, one.version, now))
        for one in ticked
    )
