"""Dealers, reservations and the store × another showroom: nothing leaks (threats 9 and 10)."""

from booking.dealers.directory import Dealers
from showroom.clock import system_clock
from tests.dealers import a_dealer
from tests.houses import House
from tests.people import Boss
from tests.samples import PASSWORD
from tests.threats.conftest import Report

SECRET_NAME = "canary of the garage"


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
