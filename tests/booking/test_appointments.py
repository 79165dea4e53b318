"""Appointments, on each database: holding, booking, moving, cancelling, booking again."""


from showroom.ids import StaffId
from showroom.words import AppointmentEvent, AppointmentState
from tests.booking.diary import CAMPAIGN, CONSENTS, JEANNE, MINUTE_MS, TOMORROW, Diary

ANNA, BRUNO = StaffId("anna"), StaffId("bruno")


async def test_a_slot_is_held_and_then_booked(diary: Diary) -> None:
    held = await diary.hold(vehicle="crete")
    assert (held.state, held.starts_at, held.ends_at) == (
        AppointmentState.HELD,
        TOMORROW,
        TOMORROW + 30 * MINUTE_MS,
    )
    assert held.held_until == diary.clock() + 5 * MINUTE_MS
    booked = await diary.confirm(held)
    assert booked.state is AppointmentState.BOOKED
    assert (booked.id, booked.token) == (held.id, held.token)
    assert (booked.name, booked.email, booked.phone) == (JEANNE.name, JEANNE.email, JEANNE.phone)
    assert (booked.consents, booked.campaign) == (CONSENTS, CAMPAIGN)
    assert diary.events == [AppointmentEvent.BOOKED]
    assert await diary.book.by_token(held.token) == booked
    assert await diary.book.get(diary.showroom.id, held.id) == booked
