"""A dealer's own system redeems what the customer shows."""

import pytest

from booking.dealers.directory import Dealers
from booking.reservations.life import spoken
from booking.reservations.rows import Reservation
from showroom.clock import system_clock
from tests.dealers import a_dealer
from tests.houses import House
from tests.leads import saved_lead
from tests.samples import PASSWORD
from tests.web.api.programs import Program
from tests.web.test_reservations import given


@pytest.fixture
async def kept(house: House) -> Reservation:
    """A car of Paris that is kept at a dealer's."""
    return await a_reservation(house)


async def a_reservation(house: House) -> Reservation:
    """Have Alice keep a car for a lead."""
    database = house.node.shared.database
    await Dealers(database, system_clock).upsert(house.paris, [a_dealer(house.paris)])
    lead = await saved_lead(database, house.paris)
    async with house.employee() as alice:
        assert await alice.sign_in("alice@example.com", PASSWORD) == 303
        return await given(house, alice, lead)


async def test_a_code_is_redeemed_once_however_it_is_typed(
    kept: Reservation, store: Program
) -> None:
    typed = spoken(kept.code).lower()
    told = (await store.get(f"/reservations/{typed}")).data
    assert (told["id"], told["state"], told["dealer"]) == (kept.id, "given", kept.dealer)
    assert not {kept.token, kept.dealer_token} & {str(value) for value in told.values()}
    first = await store.post(f"/reservations/{typed}/redeem")
    assert (first.status, first.data["state"]) == (200, "redeemed")
    again = await store.post(f"/reservations/{kept.code}/redeem")
    assert (again.status, again.data) == (200, first.data)


async def test_a_code_of_another_showroom_or_of_nobody_is_not_found(
    kept: Reservation, store: Program, stranger: Program
) -> None:
    for program, code in ((stranger, kept.code), (store, "AAAAAAAA"), (store, "-")):
        for reply in (
            await program.get(f"/reservations/{code}"),
            await program.post(f"/reservations/{code}/redeem"),
        ):
            assert (reply.status, reply.problem) == (404, "not_found")
    assert (await store.get(f"/reservations/{kept.code}")).data["state"] == "given"
