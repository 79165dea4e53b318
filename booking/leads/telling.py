"""What others are told when a lead changes, and what stays of what they were told before."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from booking.handoff.payloads import UNNAMED
from booking.handoff.publishing import rewrite
from booking.handoff.topics import Publish, Topic
from booking.leads import rows
from booking.leads.lead import Lead
from booking.leads.public import lead_out, withheld
from showroom.calls import CallRecord
from showroom.showrooms import Showroom


async def unname(connection: AsyncConnection, lead: Lead) -> None:
    """Take who comes, and what they wish, out of what is told of a lead's visits."""
    sources = await rows.sources_of(connection, lead)
    visits = [source.id for source in sources if source.kind == "appointment"]
    await rewrite(connection, visits, UNNAMED)


async def tell(
    publish: Publish,
    connection: AsyncConnection,
    showroom: Showroom,
    before: Lead | None,
    lead: Lead,
    calls: Sequence[CallRecord],
) -> None:
    """Tell others of a lead that has changed, if they may know; `before`: as it was, if it was."""
    if lead.qualified_at is None:
        return
    told = withheld(lead)
    data = lead_out(showroom, told, calls).model_dump(mode="json")
    if told is not lead:
        # What waits, or can be sent again, would name who took their consent back meanwhile.
        await rewrite(connection, (lead.id, *lead.details.merged), data)
    where = connection, showroom.id
    if before is None or before.qualified_at is None:
        await publish(*where, Topic.LEAD_QUALIFIED, lead.id, data, lead.dealer)
        return
    # To another dealer it is a new lead. Nobody takes on one without a name.
    is_new = told is lead and lead.dealer not in (None, before.dealer)
    to_dealer = Topic.LEAD_QUALIFIED if is_new else None
    await publish(*(*where, Topic.LEAD_UPDATED, lead.id, data, lead.dealer), to_dealer=to_dealer)
