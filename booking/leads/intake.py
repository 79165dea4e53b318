"""Taking knowledge in: whose lead it is, what becomes of it, and who hears of it.

All of it happens in one transaction, mostly one that others opened: that which books a visit, keeps
a call, or answers a form. So a lead is never without its history, and never handed over twice.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from booking.handoff.topics import Publish
from booking.leads import facts, rows
from booking.leads.lead import Details, Lead, LeadState
from booking.leads.merging import Knowledge, filling, joined, keys_of, merged
from booking.leads.moves import (
    HAPPENED,
    MOVES,
    OPEN,
    Move,
    after,
    due_when_contacted,
    due_when_new,
)
from booking.leads.public import agreed
from booking.leads.rows import News, Source
from booking.leads.scoring import judge
from booking.leads.telling import tell, unname
from showroom.clock import Clock
from showroom.database import Database
from showroom.ids import LeadId, ShowroomId, StaffId, new_id
from showroom.leads_lock import lock
from showroom.showrooms import Showroom, Showrooms
from showroom.ways import count_ways

# Finds the code of the dealer who is nearest to a postcode: (connection, showroom, postcode).
Nearest = Callable[[AsyncConnection, Showroom, str], Awaitable[str | None]]


@dataclass(frozen=True, slots=True)
class Report:
    """What a source tells.

    `due_at`: when somebody should speak to the customer, if what they did asks for it. `owner`: who
    takes care of the lead, if nobody does. `earlier`: what a source said before, that tells anew.
    `is_news`: also of a source that was counted before. `by_stranger`: nobody of ours has seen that
    it is the person whose address it names.
    """

    source: Source
    told: Knowledge
    news: News
    due_at: int | None = None
    move: Move | None = None
    owner: StaffId | None = None
    earlier: Knowledge | None = None
    is_news: bool = False
    by_stranger: bool = False


class Intake:
    """The first half of a lead's life; `Leads` has the rest."""

    def __init__(
        self,
        database: Database,
        showrooms: Showrooms,
        publish: Publish,
        nearest: Nearest,
        clock: Clock,
    ) -> None:
        self._database = database
        self._showrooms = showrooms
        self._publish = publish
        self._nearest = nearest
        self._clock = clock

    async def take_in(
        self, connection: AsyncConnection, showroom: Showroom, report: Report
    ) -> Lead | None:
        """Make a lead of what is told, or extend the person's open one; None without an address.

        A source that was counted before is so still: it adds what it says now, but no history.
        """
        await lock(connection, showroom.id)
        known = await rows.of_source(connection, showroom.id, report.source)
        told = await self._checked(connection, showroom, report.told)
        keys = told.keys | (report.earlier.keys if report.earlier else frozenset())
        found = await self._found(connection, showroom.id, known, keys)
        if not found and not told.keys:
            return None
        now = self._clock()
        others: Sequence[Lead] = ()
        if report.by_stranger and len(found) > 1:
            lead, told = await self._one_of(connection, found, known, told)
            found, others = [lead], [one for one in found if one != lead]
        if found:
            lead, news = await self._joined(connection, found)
        else:
            lead = self.blank(showroom, report.due_at)
            news = [News("created", report.news.by)]
        if report.by_stranger:
            told = filling(lead, told)
        changed = merged(lead, told, report.earlier if found else None)
        if report.owner and changed.owner_id is None:
            changed = replace(changed, owner_id=report.owner)
        is_news = known is None or report.is_news
        if is_news:
            news.append(report.news)
            news += [News("alike", data={"lead": other.id}) for other in others]
            changed = _brought_forward(changed, report.due_at)
            if report.move and (changed.state, report.move) in MOVES:
                changed = moved(showroom, changed, report.move, now)
                news.append(News(HAPPENED[report.move], report.news.by))
        source = report.source if known is None else None
        before = found[0] if found else None
        settled = await self._settle(connection, showroom, before, changed, news, source=source)
        await self._keep_keys(connection, settled, report.earlier)
        for other in others if is_news else ():
            alike = News("alike", data={"lead": settled.id})
            await self._settle(connection, showroom, other, other, [alike])
        return settled

    def blank(self, showroom: Showroom, due_at: int | None = None) -> Lead:
        """Return a lead of whom nothing is known yet."""
        now = self._clock()
        return Lead(
            id=LeadId(new_id()),
            showroom_id=showroom.id,
            version=0,
            state=LeadState.NEW,
            name="",
            email=None,
            phone=None,
            postcode=None,
            language=showroom.languages[0],
            details=Details(),
            dealer=None,
            dealer_chosen=False,
            score=0,
            reasons=(),
            qualified_at=None,
            owner_id=None,
            due_at=due_at or due_when_new(showroom, now),
            created_at=now,
            updated_at=now,
        )

    async def _checked(
        self, connection: AsyncConnection, showroom: Showroom, told: Knowledge
    ) -> Knowledge:
        """Return what is told without a dealer that takes no leads: no reason to lose the rest."""
        if told.dealer is None or await rows.has_dealer(connection, showroom.id, told.dealer):
            return told
        return replace(told, dealer=None)

    async def _found(
        self,
        connection: AsyncConnection,
        showroom_id: ShowroomId,
        known: Lead | None,
        keys: Collection[str],
    ) -> list[Lead]:
        """Return the leads that this person is; all others are to become part of the first.

        It is the oldest of those that were handed over, so that none of them is twice; else the
        oldest.

        A lead that is closed stays alone: what its own call or visit adds is not a new interest.
        """
        if known and known.state not in OPEN:
            return [known]
        found = await rows.with_keys(connection, showroom_id, keys)
        if known and known.id not in {lead.id for lead in found}:
            found.append(known)
        return sorted(found, key=lambda one: (one.qualified_at is None, one.created_at, one.id))

    async def _one_of(
        self,
        connection: AsyncConnection,
        found: Sequence[Lead],
        known: Lead | None,
        told: Knowledge,
    ) -> tuple[Lead, Knowledge]:
        """Return which lead a stranger adds to, and what they tell without what finds the others.

        Whoever has a lead, and knows somebody's number, must not make theirs of both.
        """
        showroom_id = found[0].showroom_id
        by_email = await rows.with_keys(connection, showroom_id, keys_of(told.email, None))
        by_phone = await rows.with_keys(connection, showroom_id, keys_of(None, told.phone))
        lead = known or (by_email or found)[0]
        email = told.email if by_email in ([], [lead]) else None
        phone = told.phone if by_phone in ([], [lead]) else None
        return lead, replace(told, email=email, phone=phone)

    async def _joined(
        self, connection: AsyncConnection, found: Sequence[Lead]
    ) -> tuple[Lead, list[News]]:
        """Make the others of a person's leads part of the first one."""
        lead, *others = found
        news = []
        for other in others:
            await rows.take_over(connection, lead, other, self._clock())
            lead = joined(lead, other)
            news.append(News("joined", data={"lead": other.id}))
        return lead, news

    async def _keep_keys(
        self, connection: AsyncConnection, lead: Lead, earlier: Knowledge | None = None
    ) -> None:
        """Let an open lead be found by its address and number, and a closed one by nothing."""
        if lead.state not in OPEN:
            await rows.drop_keys(connection, lead)
            return
        keys = keys_of(lead.email, lead.phone)
        if earlier:
            # A mistyped address must not find this lead when its owner comes.
            await rows.drop_keys(connection, lead, earlier.keys - keys)
        await rows.add_keys(connection, lead, keys)

    async def _settle(
        self,
        connection: AsyncConnection,
        showroom: Showroom,
        before: Lead | None,
        lead: Lead,
        news: Sequence[News],
        *,
        source: Source | None = None,
        calls_changed: bool = False,
    ) -> Lead:
        """Score a lead anew, write it with its news, and tell others if they may know.

        `before`: as it was read, None for a new one. `source`: one that counts from now on.
        """
        now = self._clock()
        lead = await self._with_dealer(connection, showroom, before, lead)
        known = await facts.facts_of(connection, lead, now, source)
        verdict = judge(showroom.scoring, lead, known)
        lead = replace(lead, score=verdict.score, reasons=verdict.reasons)
        if lead == before and not news and not calls_changed:
            return lead
        qualifies = verdict.qualified and lead.qualified_at is None
        if qualifies:
            lead = replace(lead, qualified_at=now)
            news = [*news, News("qualified", data={"score": lead.score})]
        elif not news:
            news = [News("changed")]
        lead = replace(lead, version=lead.version + 1, updated_at=now)
        await (rows.save(connection, lead) if before else rows.add(connection, lead))
        if source:
            await rows.add_source(connection, lead, source, now)
        await count_ways(connection, showroom.id, [lead.id])
        await rows.add_news(connection, lead, news, now)
        if not agreed(lead):
            # Also what was told of a visit a moment ago, whether anything else has changed or not.
            await unname(connection, lead)
        changed = calls_changed or before is None or _seen(before) != _seen(lead)
        if changed:
            await tell(self._publish, connection, showroom, before, lead, known.calls)
        return lead

    async def _with_dealer(
        self, connection: AsyncConnection, showroom: Showroom, before: Lead | None, lead: Lead
    ) -> Lead:
        """Return the lead with the dealer nearest to its postcode, unless one was chosen.

        Who has closed since is left out: nobody there would take it on.
        """
        if lead.dealer and not await rows.has_dealer(connection, showroom.id, lead.dealer):
            lead = replace(lead, dealer=None, dealer_chosen=False)
        moved_house = lead.postcode and (before is None or lead.postcode != before.postcode)
        if not lead.postcode or lead.dealer_chosen or not (moved_house or lead.dealer is None):
            return lead
        return replace(lead, dealer=await self._nearest(connection, showroom, lead.postcode))


def moved(showroom: Showroom, lead: Lead, move: Move, now: int) -> Lead:
    """Return the lead after a move, with when it is due; raises `IllegalMove`."""
    state = after(lead.state, move)
    if state in OPEN:
        due_at = due_when_contacted(showroom, now)
        return replace(lead, state=state, due_at=due_at, closed_at=None)
    return replace(lead, state=state, due_at=None, closed_at=now)


def _brought_forward(lead: Lead, due_at: int | None) -> Lead:
    if due_at is None or lead.state not in OPEN:
        return lead
    return replace(lead, due_at=min(due_at, lead.due_at or due_at))


def _seen(lead: Lead) -> Lead:
    """Return a lead without what others don't see, to compare two of them."""
    return replace(lead, version=0, updated_at=0, owner_id=None, due_at=None, closed_at=None)
