"""What others are told when a lead changes, and what stays of what they were told before."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from booking.handoff.payloads import UNNAMED
from booking.handoff.publishing import rewrite
from booking.handoff.topics import Publish, Topic
from booking.leads import rows
from booking.leads.lead import Lead
from booking.leads.public import agreed, lead_out, withheld
from showroom.calls import CallRecord
from showroom.showrooms import Showroom


async def tell(
    publish: Publish,
    connection: AsyncConnection,
    showroom: Showroom,
    lead: Lead,
    calls: Sequence[CallRecord],
    *,
    qualifies: bool,
) -> None:
    """Tell others of a lead that has changed, if they may know; `qualifies`: from now on."""
    if not agreed(lead):
        sources = await rows.sources_of(connection, lead)
        visits = [source.id for source in sources if source.kind == "appointment"]
        await rewrite(connection, visits, UNNAMED)
    if lead.qualified_at is None:
        return
    told = withheld(lead)
    data = lead_out(showroom, told, calls).model_dump(mode="json")
    if told is not lead:
        # What waits, or can be sent again, would name who took their consent back meanwhile.
        await rewrite(connection, (lead.id, *lead.details.merged), data)
    topic = Topic.LEAD_QUALIFIED if qualifies else Topic.LEAD_UPDATED
    await publish(connection, showroom.id, topic, lead.id, data, lead.dealer)
