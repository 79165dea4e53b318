"""What came of calls that never were: leads, reservations, orders, and visits that were booked.

Nobody's name is in them. They are written as erasure leaves them: rows that count, and that nobody
sees.
"""

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

import sqlalchemy as sa

from showroom.clock import DAY_MS
from showroom.database import Database
from showroom.ids import ShowroomId
from showroom.lead_tables import lead_sources, leads, reservations
from showroom.tables import appointments, calls
from showroom.ways import Ways
from showroom.words import AppointmentState, Channel, Outcome

BATCH = 2_000
MINUTE_MS = 60_000
# How many of the calls that were closed so become a lead, and what these wish for.
BECOMES = {
    Outcome.INTERESTED: 0.3, Outcome.TEST_DRIVE: 0.95, Outcome.OFFER_WANTED: 0.95,
    Outcome.BOUGHT: 1.0,
}  # fmt: skip
WISHES = {
    Outcome.INTERESTED: ["brochure"], Outcome.TEST_DRIVE: ["test-drive"],
    Outcome.OFFER_WANTED: ["offer", "buy"], Outcome.BOUGHT: ["buy", "offer"],
}  # fmt: skip
QUALIFIED, KEPT, REDEEMED, ORDERED, NO_SHOW = 0.62, 0.18, 0.275, 0.09, 0.12
# Of these campaigns somebody may have come by first.
BEFORE = ("newsletter", "search", "dealer-week")


async def write_buyers(
    database: Database, showroom_id: ShowroomId, dealers: Sequence[str], seed: int = 1
) -> int:
    """Keep what came of all calls of a showroom, unless it has leads; return how many leads."""
    c = calls.c
    columns = c.id, c.created_at, c.ended_at, c.outcome, c.campaign, c.language, c.vehicle
    query = sa.select(*columns, c.advisor_id, c.channel).where(c.showroom_id == showroom_id)
    async with database.read() as connection:
        mine = sa.select(leads.c.id).where(leads.c.showroom_id == showroom_id).limit(1)
        if await connection.scalar(mine):
            return 0
        known = (await connection.execute(query.order_by(c.created_at, c.id))).mappings().all()
    chance = Random(seed)  # noqa: S311 - nothing is kept secret by it
    rows: dict[sa.Table, list[dict[str, Any]]] = {
        table: [] for table in (leads, lead_sources, reservations, appointments)
    }
    for number, call in enumerate(known):
        for table, row in _of_call(chance, showroom_id, dealers, number, dict(call)):
            rows[table].append(row)
    for table, some in rows.items():
        for n in range(0, len(some), BATCH):
            async with database.write() as connection:
                await connection.execute(sa.insert(table), some[n : n + BATCH])
    return await Ways(database).rebuild(showroom_id)


Rows = Iterator[tuple[sa.Table, dict[str, Any]]]


def _of_call(
    chance: Random,
    showroom_id: ShowroomId,
    dealers: Sequence[str],
    number: int,
    call: Mapping[str, Any],
) -> Rows:
    """Yield the rows that one call led to."""
    if call["channel"] == Channel.VISIT:
        yield from _visit(chance, showroom_id, number, call)
    outcome = Outcome(call["outcome"]) if call["outcome"] else None
    if outcome is None or chance.random() >= BECOMES.get(outcome, 0):
        return
    lead, at = f"history-lead-{number:08}", call["ended_at"]
    qualified = at + chance.randrange(MINUTE_MS) if chance.random() < QUALIFIED else None
    bought = outcome is Outcome.BOUGHT or (qualified and chance.random() < ORDERED)
    over = at + round(chance.expovariate(1 / (9 * DAY_MS))) if bought else None
    name = call["campaign"]
    first = chance.choice(BEFORE) if name and chance.random() < 0.2 else name
    touches = {"first_touch": first, "last_touch": name}
    yield leads, {
        "id": lead, "showroom_id": showroom_id, "version": 1, "name": "", "email": None,
        "phone": None, "postcode": None, "language": call["language"], "score": 40,
        "details": {
            "wishes": WISHES[outcome],
            **{one: {"name": text, "at": at} for one, text in touches.items() if text},
        },
        "dealer": chance.choice(dealers) if dealers and qualified else None,
        "dealer_chosen": False, "reasons": [], "qualified_at": qualified,
        "state": "won" if bought else "contacted", "created_at": at, "closed_at": over,
        "updated_at": over or qualified or at, "erased_at": over or qualified or at,
    }  # fmt: skip
    source = {"kind": "call", "source_id": call["id"], "added_at": at}
    yield lead_sources, source | {"showroom_id": showroom_id, "lead_id": lead}
    if qualified and dealers and chance.random() < KEPT:
        yield _kept(chance, showroom_id, lead, qualified, call, chance.choice(dealers))


def _kept(
    chance: Random,
    showroom_id: ShowroomId,
    lead: str,
    at: int,
    call: Mapping[str, Any],
    dealer: str,
) -> tuple[sa.Table, dict[str, Any]]:
    """Return a car that was kept; the first web reservations of this kind: 110 of 400 redeemed."""
    came = chance.random() < REDEEMED
    ended = at + (chance.randrange(8 * DAY_MS) if came else 8 * DAY_MS)
    return reservations, {
        "id": f"{lead}-kept", "showroom_id": showroom_id, "token": f"{lead}-token",
        "dealer_token": f"{lead}-dealer", "code": lead.removeprefix("history-lead-"),
        "state": "redeemed" if came else "expired", "lead_id": lead,
        "vehicle": call["vehicle"] or "", "dealer": dealer, "given_by": None, "created_at": at,
        "expires_at": at + 8 * DAY_MS, "redeemed_at": ended if came else None, "ended_at": ended,
    }  # fmt: skip


def _visit(chance: Random, showroom_id: ShowroomId, number: int, call: Mapping[str, Any]) -> Rows:
    """Yield the booking that a call was, and now and then one to which nobody came."""
    at, absent = call["created_at"], chance.random() < NO_SHOW
    booked = at - round(chance.expovariate(1 / (2 * DAY_MS))) - 3_600_000
    row = {
        "showroom_id": showroom_id, "sequence": 0, "starts_at": at, "ends_at": at + 30 * MINUTE_MS,
        "blocked_from": at, "blocked_until": at + 30 * MINUTE_MS, "advisor_id": call["advisor_id"],
        "named": False, "language": call["language"], "zone": "", "vehicle": call["vehicle"],
        "wish": "", "name": "", "email": None, "phone": None, "consents": [],
        "campaign": {"name": call["campaign"]} if call["campaign"] else {},
        "created_at": booked, "booked_at": booked,
    }  # fmt: skip
    for which, state, its in (
        ("came", AppointmentState.DONE, call["id"]),
        *([("absent", AppointmentState.NO_SHOW, None)] if absent else []),
    ):
        name = f"history-visit-{number:08}-{which}"
        yield appointments, {
            **row, "id": name, "token": f"{name}-token", "state": state.value, "call_id": its,
            "ended_at": at + 30 * MINUTE_MS,
        }  # fmt: skip
