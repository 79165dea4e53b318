"""What programs do about a lead: several things at once, on the version that they have seen."""

from dataclasses import dataclass, replace

from booking.leads.care import Care
from booking.leads.intake import moved
from booking.leads.lead import Lead, LeadState
from booking.leads.moves import HAPPENED, OPEN, Move
from booking.leads.rows import News
from booking.leads.sheet import clean_notes
from showroom.errors import BadRequest, ChangedMeanwhile, IllegalMove
from showroom.ids import LeadId
from showroom.showrooms import Showroom

# Who is named in the history.
STORE = "store"
TOWARDS = {
    LeadState.CONTACTED: Move.CONTACT,
    LeadState.WON: Move.WIN,
    LeadState.LOST: Move.LOSE,
}


@dataclass(frozen=True, slots=True)
class Amendment:
    """What shall be otherwise; None stays as it is. A loss has a `reason`.

    `notes` takes the place of all that is there; `due_at` is in UTC milliseconds.
    """

    state: LeadState | None = None
    reason: str = ""
    notes: str | None = None
    due_at: int | None = None


class Amending(Care):
    """Changes by programs, each in one transaction."""

    async def amend(
        self,
        showroom: Showroom,
        lead_id: LeadId,
        amendment: Amendment,
        version: int | None = None,
    ) -> Lead:
        """Change a lead; `version`: only if it still is that one.

        Raises `ChangedMeanwhile`; `IllegalMove` for a state that can't follow, and for a due date
        of what is closed; `BadRequest`, which names the field.
        """
        async with self._database.write() as connection:
            lead = await self._locked(connection, showroom, lead_id)
            if version not in (None, lead.version):
                raise ChangedMeanwhile
            changed, news = lead, []
            if amendment.state not in (None, lead.state):
                changed, told = self._moved(showroom, lead, amendment)
                news.append(told)
                if lead.state not in OPEN and changed.state in OPEN:
                    await self._require_alone(connection, changed)
                await self._keep_keys(connection, changed)
            if amendment.notes is not None:
                details = replace(changed.details, notes=clean_notes(amendment.notes))
                if details != changed.details:
                    changed = replace(changed, details=details)
                    news.append(News("fields", STORE, {"fields": ["notes"]}))
            if amendment.due_at is not None:
                changed = self._with_due(changed, amendment.due_at)
                news.append(News("due", STORE, {"due_at": amendment.due_at}))
            if not news:
                return lead
            return await self._settle(connection, showroom, lead, changed, news)

    def _moved(self, showroom: Showroom, lead: Lead, amendment: Amendment) -> tuple[Lead, News]:
        wanted = amendment.state
        if wanted is None or wanted not in TOWARDS:
            raise IllegalMove("A lead that somebody knows can't be new again.")
        reason = clean_notes(amendment.reason)
        if wanted is LeadState.LOST and not reason:
            raise BadRequest("Say why this lead is lost: the figures need it.", field="reason")
        reopened = lead.state not in OPEN and wanted in OPEN
        move = Move.REOPEN if reopened else TOWARDS[wanted]
        news = News(HAPPENED[move], STORE, {"reason": reason} if reason else None)
        return moved(showroom, lead, move, self._clock()), news
