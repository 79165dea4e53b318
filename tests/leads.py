"""Leads as tests of what follows from them need them: rows, without what makes a lead."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from showroom.database import Database
from showroom.ids import LeadId, ShowroomId, new_id
from showroom.lead_tables import lead_sources, leads
from tests.virtual_clock import START_MS

AGREED = {"consents": [{"purpose": "contact", "version": "lead-1", "at": START_MS}]}


async def saved_lead(
    database: Database,
    showroom_id: ShowroomId,
    call: str | None = None,
    became: Sequence[str] = (),
    **changes: Any,
) -> LeadId:
    """Put a lead into the database, with what it came from: a `call`, other leads."""
    lead_id = LeadId(new_id())
    row = {
        "id": lead_id,
        "showroom_id": showroom_id,
        "version": 1,
        "state": "contacted",
        "name": "Jeanne Moreau",
        "email": "jeanne@example.com",
        "phone": None,
        "postcode": "75011",
        "language": "en",
        "details": AGREED,
        "dealer": None,
        "dealer_chosen": False,
        "score": 0,
        "reasons": [],
        "created_at": START_MS,
        "updated_at": START_MS,
    }
    async with database.write() as connection:
        await connection.execute(sa.insert(leads).values(row | changes))
        sources = [("lead", one) for one in became] + ([("call", call)] if call else [])
        for kind, which in sources:
            source = {"kind": kind, "source_id": which, "added_at": START_MS}
            source |= {"showroom_id": showroom_id, "lead_id": lead_id}
            await connection.execute(sa.insert(lead_sources).values(source))
    return lead_id
