"""The side sheets as rows: values in and out, inside transactions that others open."""

from dataclasses import dataclass, replace

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.leads.sheet import KeptSheet, readable
from showroom.database import insert
from showroom.ids import CallId, LeadId, ShowroomId, StaffId
from showroom.lead_tables import lead_sheets
from showroom.showrooms import Showroom

STORED = TypeAdapter(KeptSheet)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A call's sheet. `version` counts its saves, and is 0 for one that was only opened.

    `lead_id` is the lead that was made of it, `saved_at` is when it was opened or saved.
    """

    version: int
    kept: KeptSheet
    lead_id: LeadId | None
    saved_by: StaffId | None
    saved_at: int


async def read(
    connection: AsyncConnection, showroom_id: ShowroomId, call_id: CallId
) -> SheetRow | None:
    """Return a call's sheet; None when nobody has opened it, or it is another showroom's."""
    query = sa.select(lead_sheets).where(
        lead_sheets.c.call_id == call_id, lead_sheets.c.showroom_id == showroom_id
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    return SheetRow(
        version=row.version,
        kept=STORED.validate_python(row.sheet),
        lead_id=None if row.lead_id is None else LeadId(row.lead_id),
        saved_by=None if row.saved_by is None else StaffId(row.saved_by),
        saved_at=row.saved_at,
    )


async def made(
    connection: AsyncConnection, showroom: Showroom, call_id: CallId, row: SheetRow, lead_id: LeadId
) -> None:
    """Note that a lead has all of a sheet: what changes from now on is told by the difference."""
    kept = row.kept.model_copy(update={"earlier": readable(row.kept, showroom.market)})
    await write(connection, showroom.id, call_id, replace(row, kept=kept, lead_id=lead_id))


async def write(
    connection: AsyncConnection, showroom_id: ShowroomId, call_id: CallId, sheet: SheetRow
) -> None:
    """Write a sheet that was read in this transaction, under the leads' lock."""
    row = {
        "version": sheet.version,
        "sheet": STORED.dump_python(sheet.kept, mode="json"),
        "lead_id": sheet.lead_id,
        "saved_by": sheet.saved_by,
        "saved_at": sheet.saved_at,
    }
    await connection.execute(
        insert(connection, lead_sheets)
        .values(call_id=call_id, showroom_id=showroom_id, **row)
        .on_conflict_do_update(
            index_elements=["call_id"],
            set_=row,
            where=lead_sheets.c.showroom_id == showroom_id,
        )
    )
