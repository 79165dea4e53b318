"""What an advisor's page lists beside the call: customers to call, and visits that are booked."""

from showroom.clock import Clock
from showroom.ids import ShowroomId
from showroom.masking import mask_phone
from showroom.staff import Session
from showroom.words import AppointmentState
from signaling.live import LiveState
from signaling.messages import FollowUp, FollowUps, Visit, Visits
from signaling.needs import AdvisorVisit, FollowUpBook, VisitBook

HOUR_MS = 60 * 60_000
BEFORE_MS, AFTER_MS = HOUR_MS, 24 * HOUR_MS
# Nobody has received the guest in any of these.
TO_COME = frozenset(
    {AppointmentState.BOOKED, AppointmentState.WAITING, AppointmentState.HOST_NO_SHOW}
)


class Lists:
    """Builds the lists that are kept in SQL."""

    def __init__(
        self, live: LiveState, follow_ups: FollowUpBook, visits: VisitBook, clock: Clock
    ) -> None:
        self._live = live
        self._follow_ups = follow_ups
        self._visits = visits
        self._clock = clock

    async def follow_ups(self, showroom: ShowroomId, session: Session) -> FollowUps:
        """Return the open follow-ups as one advisor sees them."""
        manages = session.manages(showroom)
        names = {a.id: a.name for a in await self._live.advisors(showroom)}
        items = [
            FollowUp(
                id=item.id,
                kind=item.kind,
                name=item.name,
                # A colleague phones them now: whoever else looks needs no number.
                phone=item.phone
                if manages or item.taken_by in (None, session.staff_id)
                else mask_phone(item.phone),
                language=item.language,
                vehicle=item.vehicle,
                at=item.at,
                taken_by=names.get(item.taken_by, "…") if item.taken_by else None,
                mine=item.taken_by == session.staff_id,
            )
            for item in await self._follow_ups.open_items(showroom)
        ]
        return FollowUps(items=items)

    async def visits(self, showroom: ShowroomId, session: Session) -> Visits:
        """Return one advisor's visits of the last hour and the next day, by their start."""
        now = self._clock()
        found = await self._visits.of_advisor(
            showroom, session.staff_id, now - BEFORE_MS, now + AFTER_MS
        )
        ordered = sorted(found, key=lambda visit: visit.starts_at)
        return Visits(now=now, items=[_visit(visit, now) for visit in ordered])


def _visit(visit: AdvisorVisit, now_ms: int) -> Visit:
    return Visit(
        id=visit.id,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        name=visit.name,
        vehicle=visit.vehicle,
        language=visit.language,
        wish=visit.wish,
        state=visit.state,
        late=visit.state in TO_COME and now_ms > visit.starts_at,
    )
