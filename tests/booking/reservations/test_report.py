"""The report: what became of a period's reservations, by dealer and as CSV."""

import csv
import io

from booking.reservations.life import spoken
from booking.reservations.report import ReservationReport, as_csv, total
from booking.reservations.reservations import Order
from showroom.ids import VehicleId
from tests.booking.reservations.conftest import Counter
from tests.dealers import LYON, a_dealer
from tests.leads import saved_lead
from tests.samples import a_vehicle
from tests.virtual_clock import START_MS

DAY_MS = 86_400_000


async def test_each_dealer_has_its_figures_of_the_period(counter: Counter) -> None:
    room = counter.showroom.id
    await counter.dealers.upsert(room, [a_dealer(room, "69-1", **LYON)])
    leads = [await saved_lead(counter.database, room) for _ in range(5)]
    given = [await counter.give(lead_id=lead) for lead in leads[:3]]
    lyon = [await counter.give(lead_id=lead, dealer_code="69-1") for lead in leads[3:]]
    await counter.book.redeem(given[0].dealer_token)
    await counter.book.cancel(given[1].token)
    async with counter.database.write() as connection:
        await counter.book.ordered(connection, room, leads[0], Order("o-1", START_MS))
    counter.clock.now_ms = lyon[0].expires_at
    await counter.book.look()
    await counter.give(lead_id=leads[1])  # another day
    report = ReservationReport(counter.database)
    paris, there = await report.by_dealer(room, START_MS, START_MS + DAY_MS)
    assert (paris.dealer, paris.given, paris.redeemed, paris.expired) == ("75-1", 3, 1, 1)
    assert (paris.cancelled, paris.ordered) == (1, 1)
    assert (there.dealer, there.given, there.expired) == ("69-1", 2, 2)
    assert total([paris, there]).given == 5
    assert await report.by_dealer(room, 0, START_MS) == []
    assert total([]).given == 0


async def test_the_export_holds_no_person_and_no_formula(counter: Counter) -> None:
    slug = VehicleId("=cmd()")
    await counter.vehicles.save(a_vehicle(counter.showroom.id, slug))
    given = await counter.give(vehicle=slug)
    found = await ReservationReport(counter.database).of(
        counter.showroom.id, START_MS, START_MS + 1
    )
    text = as_csv(found).decode("utf-8-sig")
    (line,) = csv.DictReader(io.StringIO(text))
    assert line["code"] == spoken(given.code)
    assert (line["vehicle"], line["state"]) == ("'=cmd()", "given")
    assert line["given_at"] == "2025-10-09T08:53:20+00:00"
    assert line["redeemed_at"] == line["ordered_at"] == ""
    for secret in ("Jeanne", "jeanne", given.token, given.dealer_token):
        assert secret not in text
