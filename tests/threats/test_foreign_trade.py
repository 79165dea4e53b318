"""Dealers, reservations and the store × another showroom: nothing leaks (threats 9 and 10)."""

import asyncio
from typing import Any

import sqlalchemy as sa

from booking.dealers.directory import Dealers
from showroom.clock import system_clock
from showroom.ids import LeadId, new_id
from showroom.lead_tables import reservations
from showroom.showrooms import Showrooms
from tests.dealers import a_dealer
from tests.houses import House
from tests.leads import saved_lead
from tests.people import Boss, Employee, Person
from tests.samples import PASSWORD
from tests.threats.conftest import Report
from tests.web.agendas import post
from web.limits import RESERVATIONS

SECRET_NAME = "canary of the garage"
GUESSES, AT_ONCE = 2_000, 50


async def test_no_directory_of_lyon_shows_or_closes_a_dealer_of_paris(
    house: House, figure: Report
) -> None:
    dealers = Dealers(house.node.shared.database, system_clock)
    await dealers.upsert(house.paris, [a_dealer(house.paris, name=SECRET_NAME)])
    async with Boss(house.url, "lyon") as chief:
        await chief.sign_in("chief@example.com", PASSWORD)
        page = "/manager/dealers"
        for path in (page, f"{page}?showroom=lyon", f"{page}?q=75-1", "/s/lyon/dealers?q=75"):
            async with chief.http.get(house.url + path) as response:
                assert response.status == 200
                assert SECRET_NAME not in await response.text()
        form = {"csrf": await chief.csrf(page), "code": "75-1"}
        for path, right in (
            (f"{page}/close", 404),
            (f"{page}/close?showroom=lyon", 404),
            (f"{page}/close?showroom=paris", 403),
            (f"{page}/reopen?showroom=paris", 403),
        ):
            async with chief.http.post(house.url + path, data=form) as response:
                assert response.status == right, path
    assert [one.name for one in await dealers.open(house.paris)] == [SECRET_NAME]
    figure("8 questions about a dealer of another showroom: 0 answered")


async def a_reservation(house: House) -> tuple[LeadId, dict[str, Any]]:
    """Keep a car in Paris; return the lead, and what its advisor sees of the reservation."""
    database = house.node.shared.database
    dealer = a_dealer(house.paris, name=SECRET_NAME)
    await Dealers(database, system_clock).upsert(house.paris, [dealer])
    lead = await saved_lead(database, house.paris)
    async with house.employee() as alice:
        await alice.sign_in("alice@example.com", PASSWORD)
        wanted = {"lead": lead, "vehicle": "crete", "dealer": "75-1"}
        _, answer = await post(alice, "/advisor/reservations", wanted)
    return lead, answer["reservation"]


async def test_nobody_in_lyon_keeps_a_car_for_a_lead_of_paris_or_sees_that_one_is_kept(
    house: House, figure: Report
) -> None:
    lead, kept = await a_reservation(house)
    token = kept["link"].removeprefix("/r/")
    database = house.node.shared.database
    lyon = (await Showrooms(database).by_slug("lyon")).id
    await Dealers(database, system_clock).upsert(lyon, [a_dealer(lyon, "69-1")])
    theirs = await saved_lead(database, lyon)
    async with Employee(house.url, "lyon") as lea, Boss(house.url, "lyon") as chief:
        await lea.sign_in("lea@example.com", PASSWORD)
        await chief.sign_in("chief@example.com", PASSWORD)
        for wanted, query, right in (
            ({"lead": lead, "vehicle": "crete", "dealer": "69-1"}, "", 404),
            ({"lead": theirs, "vehicle": "crete", "dealer": "75-1"}, "", 404),
            ({"lead": lead, "vehicle": "crete", "dealer": "75-1"}, "?showroom=paris", 403),
        ):
            status, answer = await post(lea, f"/advisor/reservations{query}", wanted)
            assert status == right, answer
            assert SECRET_NAME not in str(answer)
        call_off = f"/advisor/reservations/{kept['id']}/cancel"
        for person in (lea, chief):
            assert (await post(person, call_off))[0] == 404
            assert (await post(person, f"{call_off}?showroom=paris"))[0] == 403
        for path in ("/manager/reservations", "/manager/reservations.csv"):
            assert token not in await read(chief, path)
            assert SECRET_NAME not in await read(chief, path)
    async with database.read() as connection:
        assert await connection.scalar(sa.select(reservations.c.state)) == "given"
    figure("9 requests about a reservation of another showroom: 0 answered")


async def test_guesses_find_no_reservation_and_few_are_looked_at(
    house: House, figure: Report
) -> None:
    _, kept = await a_reservation(house)
    token = kept["link"].removeprefix("/r/")
    statuses: list[int] = []
    async with house.customer() as guesser:
        begun = asyncio.get_running_loop().time()

        async def guess(n: int) -> int:
            # Near the right one, too; and the customer's token on the dealer's page.
            near = token[: n % 20] + new_id()[n % 20 :]
            tried = (new_id(), near, f"dealer/{token}")[n % 3]
            async with guesser.http.get(f"{house.url}/r/{tried}") as response:
                return response.status

        for start in range(0, GUESSES, AT_ONCE):
            statuses += await asyncio.gather(*map(guess, range(start, start + AT_ONCE)))
        seconds = asyncio.get_running_loop().time() - begun
    assert set(statuses) == {404, 429}
    looked_at = statuses.count(404)
    assert looked_at <= RESERVATIONS.burst + RESERVATIONS.rate * seconds + 1
    figure(f"{GUESSES} guesses of a reservation's address: 0 hits, {looked_at} looked at")


async def read(who: Person, path: str) -> str:
    async with who.http.get(who.url + path) as response:
        assert response.status == 200
        return await response.text()
