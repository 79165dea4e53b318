"""What staff do about a lead: they speak to somebody, and say what came of it.

Every question names the showroom that asks: what is another one's is not found (threat 9).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from booking.leads import rows
from booking.leads.intake import moved
from booking.leads.lead import Lead
from booking.leads.merging import Knowledge, keys_of, noted
from booking.leads.moves import HAPPENED, OPEN, RESULTS, WAYS, Move
from booking.leads.rows import News
from booking.leads.sheet import Sheet, clean_notes, understood
from booking.leads.sources import Sources
from showroom.errors import AlreadyTaken, BadRequest, Conflict, Forbidden, IllegalMove
from showroom.ids import LeadId, StaffId
from showroom.leads_lock import lock
from showroom.showrooms import Showroom

YEAR_MS = 366 * 24 * 3_600_000
# Of the sheet's fields, those that say who the lead is rather than what it holds.
OWN = frozenset({"name", "email", "phone", "postcode"})
DETAILS = frozenset(
    {"vehicles", "wishes", "trade_in", "budget", "currency", "financing", "horizon"}
)
EDITABLE = OWN | DETAILS | {"language", "dealer"}


class StaleLead(Conflict):
    """The lead is another than the one that somebody saw."""

    default = "Somebody changed this lead meanwhile. Look at it again, then repeat your change."


class Care(Sources):
    """The follow-up of leads. Each method returns the lead as it is then."""

    async def move(
        self,
        showroom: Showroom,
        lead_id: LeadId,
        move: Move,
        by: StaffId,
        reason: str = "",
    ) -> Lead:
        """Make a move; one that has been made already changes nothing.

        Raises `IllegalMove`, also when a newer lead of the person is open, and `BadRequest` for a
        loss without a reason.
        """
        reason = clean_notes(reason)
        if move is Move.LOSE and not reason:
            raise BadRequest("Say why this lead is lost: the figures need it.", field="reason")
        async with self._database.write() as connection:
            lead = await self._locked(connection, showroom, lead_id)
            if RESULTS.get(move) is lead.state:
                return lead
            changed = moved(showroom, lead, move, self._clock())
            changed = replace(changed, owner_id=changed.owner_id or by)
            if move is Move.REOPEN:
                await self._require_alone(connection, changed)
            await self._keep_keys(connection, changed)
            news = News(HAPPENED[move], by, {"reason": reason} if reason else None)
            return await self._settle(connection, showroom, lead, changed, [news])

    async def set_due(self, showroom: Showroom, lead_id: LeadId, due_at: int, by: StaffId) -> Lead:
        """Set when somebody should speak to them again, from now on and within a year.

        Raises `BadRequest`, and `IllegalMove` for a lead that is closed.
        """
        async with self._database.write() as connection:
            lead = await self._locked(connection, showroom, lead_id)
            changed, news = self._with_due(lead, due_at), News("due", by, {"due_at": due_at})
            return await self._settle(connection, showroom, lead, changed, [news])

    async def assign(
        self,
        showroom: Showroom,
        lead_id: LeadId,
        owner: StaffId | None,
        by: StaffId,
        *,
        manages: bool,
    ) -> Lead:
        """Say who takes care of a lead. Managers assign anybody, advisors themselves.

        Raises `AlreadyTaken` for an advisor who wants a colleague's, `Forbidden` for one who gives
        it to somebody else, and `BadRequest` for who doesn't work here.
        """
        async with self._database.write() as connection:
            lead = await self._locked(connection, showroom, lead_id)
            if not manages and owner not in (by, None):
                raise Forbidden("Only a manager can give a lead to somebody else. Ask yours.")
            if not manages and lead.owner_id not in (by, None):
                raise AlreadyTaken
            if owner and owner not in await rows.carers(connection, showroom.id):
                raise BadRequest("Choose somebody who works in this showroom.", field="owner")
            if lead.owner_id == owner:
                return lead
            changed, news = replace(lead, owner_id=owner), News("owner", by, {"owner": owner})
            return await self._settle(connection, showroom, lead, changed, [news])

    async def add_note(self, showroom: Showroom, lead_id: LeadId, note: str, by: StaffId) -> Lead:
        """Add to a lead's notes. Raises `BadRequest` for an empty one."""
        text = clean_notes(note)
        if not text:
            raise BadRequest("Write what you want to remember.", field="note")
        async with self._database.write() as connection:
            lead = await self._locked(connection, showroom, lead_id)
            details = replace(lead.details, notes=noted(lead.details.notes, text))
            changed, news = replace(lead, details=details), News("note", by, {"note": text})
            return await self._settle(connection, showroom, lead, changed, [news])

    async def change(
        self, showroom: Showroom, lead_id: LeadId, version: int, given: Sheet, by: StaffId
    ) -> Lead:
        """Replace what is given of a lead, which the person who gives it saw in that `version`.

        A new address or number that another open lead has makes one lead of the two. Raises
        `StaleLead`, and `BadRequest` that names the field.
        """
        names = given.model_fields_set
        if others := sorted(names - EDITABLE):
            raise BadRequest("This can't be changed here.", field=others[0])
        told, problems = understood(given, (), showroom.market)
        for field, problem in problems.items():
            raise BadRequest(problem, field=field)
        async with self._database.write() as connection:
            lead = await self._locked(connection, showroom, lead_id)
            if lead.version != version:
                raise StaleLead
            if told.dealer and not await rows.has_dealer(connection, showroom.id, told.dealer):
                raise BadRequest("This dealer takes no leads. Choose another.", field="dealer")
            found = await self._found(connection, showroom.id, lead, told.keys)
            one, news = await self._joined(connection, found)
            changed = _replaced(one, told, names)
            if not (changed.email or changed.phone):
                raise BadRequest(
                    "Keep an e-mail address or a number: one of them.", field="contact"
                )
            before = Knowledge(email=lead.email, phone=lead.phone)
            await self._keep_keys(connection, changed, before)
            news.append(News("fields", by, {"fields": sorted(names)}))
            return await self._settle(connection, showroom, found[0], changed, news)

    async def tell(
        self,
        connection: AsyncConnection,
        showroom: Showroom,
        lead_id: LeadId,
        news: News,
        move: Move | None = None,
    ) -> Lead:
        """Write a lead's history on, in the caller's transaction; make a move if it is possible.

        For what others do to a lead: the store sells the car, a reservation runs out. A lead is not
        reopened while a newer one of the person is open.
        """
        lead = await self._locked(connection, showroom, lead_id)
        changed, told = lead, [news]
        for step in WAYS.get((lead.state, move), ()) if move else ():
            changed = moved(showroom, changed, step, self._clock())
            told.append(News(HAPPENED[step], news.by))
        if changed.state in OPEN and lead.state not in OPEN and await self._newer(connection, lead):
            changed, told = lead, [news]
        if changed.state is not lead.state:
            await self._keep_keys(connection, changed)
        return await self._settle(connection, showroom, lead, changed, told)

    async def _locked(
        self, connection: AsyncConnection, showroom: Showroom, lead_id: LeadId
    ) -> Lead:
        await lock(connection, showroom.id)
        return await rows.with_id(connection, showroom.id, lead_id)

    def _with_due(self, lead: Lead, due_at: int) -> Lead:
        now = self._clock()
        if not now <= due_at <= now + YEAR_MS:
            raise BadRequest("Choose a time from now on, within a year.", field="due_at")
        if lead.state not in OPEN:
            raise IllegalMove("This lead is closed. Reopen it first.")
        return replace(lead, due_at=due_at)

    async def _require_alone(self, connection: AsyncConnection, lead: Lead) -> None:
        if await self._newer(connection, lead):
            raise IllegalMove("This person has a newer lead, which is open. Go on with that one.")

    async def _newer(self, connection: AsyncConnection, lead: Lead) -> bool:
        """Say whether the person of a closed lead has another one, which is open."""
        keys = keys_of(lead.email, lead.phone)
        return bool(await rows.with_keys(connection, lead.showroom_id, keys))


def _replaced(lead: Lead, told: Knowledge, names: Sequence[str] | set[str]) -> Lead:
    """Return the lead with what is told in place of what was, empty or not."""
    own: dict[str, Any] = {name: getattr(told, name) for name in OWN & set(names)}
    if "language" in names:
        own["language"] = told.language or lead.language
    if "dealer" in names:
        own |= {"dealer": told.dealer, "dealer_chosen": told.dealer is not None}
    details = {name: getattr(told.details, name) for name in DETAILS & set(names)}
    return replace(lead, **own, details=replace(lead.details, **details))
