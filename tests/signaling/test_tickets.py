"""One browser, several showrooms: each call keeps its own ticket."""

import pytest
from yarl import URL

from showroom.ids import CallId, ShowroomId
from signaling.tickets import CallTicket, Tickets
from tests.houses import House
from tests.people import Customer


def a_ticket(showroom: str, call: str = "call") -> CallTicket:
    return CallTicket(ShowroomId(showroom), CallId(call), "secret")


def test_a_cookie_is_read_as_it_was_written() -> None:
    tickets = Tickets((a_ticket("paris"), a_ticket("lyon")))
    assert Tickets.parse(str(tickets)) == tickets


def test_a_new_call_replaces_the_ticket_of_its_showroom_and_no_other() -> None:
    tickets = Tickets((a_ticket("paris"), a_ticket("lyon"))).with_one_more(a_ticket("paris", "new"))
    assert tickets.of(ShowroomId("paris")) == a_ticket("paris", "new")
    assert tickets.of(ShowroomId("lyon")) == a_ticket("lyon")
    assert tickets.of(ShowroomId("nice")) is None


def test_the_oldest_are_dropped() -> None:
    tickets = Tickets()
    for number in range(9):
        tickets = tickets.with_one_more(a_ticket(f"room{number}"))
    assert [ticket.showroom for ticket in tickets.all] == [f"room{n}" for n in range(4, 9)]


@pytest.mark.parametrize("value", ["", "~", "a.b", "a.b.c.d", "\udcff.b.c", "~" * 5000])
def test_what_is_no_ticket_is_left_out(value: str) -> None:
    assert Tickets.parse(value).all == ()
    assert Tickets.parse(f"{value}~a.b.c").all == (CallTicket.parse("a.b.c"),)


async def test_two_showrooms_in_one_browser_have_a_call_each(house: House) -> None:
    async with house.customer() as here, house.customer(showroom="lyon") as there:
        first = await here.call()
        share_cookies(here, there)
        second = await there.call()
        share_cookies(there, here)
        for tab, call in ((here, first), (there, second)):
            await tab.come_back()
            assert (await tab.until("call_state"))["call"] == call


def share_cookies(one: Customer, other: Customer) -> None:
    """Two tabs of one browser have the same cookies."""
    known = {cookie.key: cookie.value for cookie in one.http.cookie_jar}
    other.http.cookie_jar.update_cookies(known, response_url=URL(other.url))
