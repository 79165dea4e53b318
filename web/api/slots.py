"""Free times: what can be booked, computed in the showroom's zone and told in UTC."""

from typing import Annotated

from pydantic import Field, TypeAdapter

from booking.visits import MINUTE_MS
from showroom.api_keys import Scope
from showroom.ids import StaffId
from web.api.operations import Answer, Call, Nothing, Operation
from web.api.paging import Page, Paged, cursor_to, page, place_of
from web.api.values import LATEST_MS, Id, Language, Moment, Told
from web.keys import APPOINTMENTS, ROSTER

# Where a page ends: the begin of its last slot.
PLACE = TypeAdapter(tuple[Annotated[int, Field(ge=0, le=LATEST_MS)]])


class SlotsAsked(Paged):
    """Which free times are asked for."""

    language: Language
    advisor: Annotated[Id | None, Field(description="Only this advisor's.")] = None
    from_: Annotated[
        Moment | None, Field(alias="from", description="None that begins earlier.")
    ] = None
    until: Annotated[Moment | None, Field(description="None that ends later.")] = None


class FreeSlot(Told):
    """A time at which a visit can begin, and how many advisors could receive it."""

    starts_at: Moment
    ends_at: Moment
    advisors: int


class FreeSlots(Page[FreeSlot]):
    """Free times, first to last."""


async def slots(call: Call[SlotsAsked, Nothing]) -> Answer:
    """List the free times."""
    query, showroom = call.query, call.showroom
    after = place_of(query, PLACE)
    advisor = None if query.advisor is None else StaffId(query.advisor)
    if advisor is not None:
        await call.app[ROSTER].check(showroom.id, advisor)
    free = await call.app[APPOINTMENTS].slots(showroom, query.language, advisor, query.until)
    begin = max(query.from_ or 0, after[0] + 1 if after else 0)
    found = [one for one in free if one.starts_at >= begin]
    shown = found[: query.limit]
    end = cursor_to([shown[-1].starts_at]) if len(found) > query.limit else None
    items = [
        FreeSlot(
            starts_at=one.starts_at,
            ends_at=one.starts_at + showroom.visits.length * MINUTE_MS,
            advisors=len(one.workers),
        )
        for one in shown
    ]
    return page(call.request, FreeSlots, items, end)


OPERATIONS = (
    Operation(
        id="list_slots",
        method="GET",
        path="/slots",
        group="Visits",
        scope=Scope.SLOTS_READ,
        summary="Free times for a visit",
        description="Computed in the showroom's zone, told in UTC.",
        handle=slots,
        query=SlotsAsked,
        body=Nothing,
        answers={200: FreeSlots},
    ),
)
