"""Reservations on the wire: given by staff, shown to the customer, redeemed by the dealer."""

import html
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import segno
import sqlalchemy as sa

from booking.dealers.directory import Dealers
from booking.reservations.rows import Reservation
from booking.store.secrets import StoreSecrets
from showroom.ids import LeadId
from showroom.lead_tables import lead_events, leads
from showroom.lead_tables import reservations as rows
from tests.dealers import a_dealer
from tests.houses import House
from tests.leads import saved_lead
from tests.people import Person
from tests.virtual_clock import VirtualClock
from tests.web.agendas import get, post
from tests.web.test_store import order, send
from web.limits import RESERVATIONS as ALLOWED


@pytest.fixture
async def lead(house: House) -> LeadId:
    dealers = Dealers(house.node.shared.database, VirtualClock())
    await dealers.upsert(house.paris, [a_dealer(house.paris)])
    return await saved_lead(house.node.shared.database, house.paris)


async def given(house: House, alice: Person, lead: LeadId) -> Reservation:
    """Have Alice give a reservation; return it with its tokens."""
    wanted = {"lead": lead, "vehicle": "crete", "dealer": "75-1"}
    status, answer = await post(alice, "/advisor/reservations", wanted)
    assert status == 201, answer
    async with house.node.shared.database.read() as connection:
        row = (await connection.execute(rows.select())).mappings().one()
    assert answer["reservation"]["link"] == f"/r/{row['token']}"
    known = {name: row[name] for name in Reservation.__dataclass_fields__}
    return Reservation(**known)


async def read(who: Person, path: str) -> str:
    async with who.http.get(who.url + path) as response:
        assert response.status == 200
        # Told to no other site, and found by no search.
        assert response.headers["Referrer-Policy"] == "same-origin"
        assert response.headers["X-Robots-Tag"] == "noindex"
        return await response.text()


async def act(who: Person, page: str, what: str) -> str:
    """Press the page's button; return the page that follows."""
    form = {"csrf": await who.csrf(page)}
    async with who.http.post(f"{who.url}{page}/{what}", data=form) as response:
        assert response.status == 200
        return await response.text()


async def test_an_advisor_gives_one_and_a_second_tap_gives_the_same(
    house: House, alice: Person, lead: LeadId
) -> None:
    first = await given(house, alice, lead)
    again = await given(house, alice, lead)
    assert first == again
    assert first.given_by is not None


async def test_staff_see_what_is_kept_for_a_lead_and_give_it_back(
    house: House, alice: Person, boss: Person, lead: LeadId
) -> None:
    first = await given(house, alice, lead)
    for who in (alice, boss):
        status, answer = await get(who, f"/advisor/leads/{lead}/reservations")
        assert status == 200
        (seen,) = answer["reservations"]
        assert (seen["id"], seen["state"], seen["ordered"]) == (first.id, "given", False)
        assert (seen["dealer"], seen["link"]) == ("Garage de la Seine", f"/r/{first.token}")
    for _ in range(2):
        status, answer = await post(alice, f"/advisor/reservations/{first.id}/cancel")
        assert (status, answer["reservation"]["state"]) == (200, "cancelled")
    (seen,) = (await get(boss, f"/advisor/leads/{lead}/reservations"))[1]["reservations"]
    assert seen["state"] == "cancelled"
    assert (await get(alice, "/advisor/leads/nobody/reservations"))[0] == 404
    assert (await post(alice, "/advisor/reservations/none/cancel"))[0] == 404


async def test_the_last_day_is_the_dealers(house: House, alice: Person, lead: LeadId) -> None:
    far = "Pacific/Auckland"
    dealers = Dealers(house.node.shared.database, VirtualClock())
    await dealers.upsert(house.paris, [a_dealer(house.paris, zone=far)])
    kept = await given(house, alice, lead)
    over = datetime.fromtimestamp(kept.expires_at / 1000, ZoneInfo(far))
    (seen,) = (await get(alice, f"/advisor/leads/{lead}/reservations"))[1]["reservations"]
    assert seen["last_day"] == f"{over - timedelta(days=1):%Y-%m-%d}"
    assert f"{over:%H:%M}" == "00:00"


async def test_what_can_not_be_given_says_why(house: House, alice: Person, lead: LeadId) -> None:
    for changed, right in (
        ({"lead": "nobody"}, 404),
        ({"vehicle": "nothing"}, 404),
        ({"dealer": "nowhere"}, 404),
        ({"dealer": None}, 400),
        ({"more": 1}, 400),
    ):
        wanted = {"lead": lead, "vehicle": "crete", "dealer": "75-1", **changed}
        status, answer = await post(alice, "/advisor/reservations", wanted)
        assert status == right, answer
        assert answer["message"]


async def test_the_customer_sees_the_pass_and_may_give_it_back(
    house: House, alice: Person, lead: LeadId
) -> None:
    reservation = await given(house, alice, lead)
    async with house.customer() as jeanne:
        page = await read(jeanne, f"/r/{reservation.token}")
        for shown in ("Crête", "Garage de la Seine", f"{reservation.code[:4]}-", "data:image/svg"):
            assert shown in page
        code = segno.make_qr(f"{reservation.code[:4]}-{reservation.code[4:]}", error="m")
        assert code.svg_data_uri(light="#ffffff", border=2, scale=4) in html.unescape(page)
        # It shows no more personal data than it must.
        for secret in ("Jeanne", "jeanne@example.com", reservation.dealer_token, lead):
            assert secret not in page
        page = await act(jeanne, f"/r/{reservation.token}", "cancel")
        assert "This reservation is cancelled" in page
        assert "cancelled" in await act(jeanne, f"/r/{reservation.token}", "cancel")
        page = await read(jeanne, f"/r/dealer/{reservation.dealer_token}")
        assert "This reservation is cancelled" in page
        assert "Jeanne" not in page
        assert "Redeem</span>" not in page


async def test_the_dealer_redeems_once_and_a_second_tap_is_harmless(
    house: House, alice: Person, lead: LeadId
) -> None:
    reservation = await given(house, alice, lead)
    place = f"/r/dealer/{reservation.dealer_token}"
    async with house.customer() as dealer:
        page = await read(dealer, place)
        assert "Reserved for Jeanne Moreau" in page
        form = {"csrf": await dealer.csrf(place)}
        for _ in range(2):
            async with dealer.http.post(f"{house.url}{place}/redeem", data=form) as response:
                assert "Redeemed" in await response.text()
        assert "Jeanne Moreau" in await read(dealer, place)
        page = await read(dealer, f"/r/{reservation.token}")
        assert "Enjoy the Crête" in page
        page = await act(dealer, f"/r/{reservation.token}", "cancel")
        assert "Enjoy the Crête" in page


async def test_the_dealer_reads_no_name_of_who_took_their_consent_back(
    house: House, alice: Person, lead: LeadId
) -> None:
    place = f"/r/dealer/{(await given(house, alice, lead)).dealer_token}"
    async with house.node.shared.database.write() as connection:
        await connection.execute(leads.update().values(details={"consents": []}))
    async with house.customer() as dealer:
        assert "Jeanne" not in await read(dealer, place)
        page = await act(dealer, place, "redeem")
        assert "Redeemed" in page
        assert "Jeanne" not in page


async def test_an_expired_one_says_so_and_what_to_do(
    house: House, alice: Person, lead: LeadId
) -> None:
    reservation = await given(house, alice, lead)
    async with house.node.shared.database.write() as connection:
        await connection.execute(rows.update().values(expires_at=reservation.created_at))
    async with house.customer() as dealer:
        page = await act(dealer, f"/r/dealer/{reservation.dealer_token}", "redeem")
        assert "This reservation is over" in page
        assert "Jeanne" not in page
        assert "Ask the showroom for a new one" in page


async def test_no_change_without_the_pages_token(house: House, alice: Person, lead: LeadId) -> None:
    reservation = await given(house, alice, lead)
    async with house.customer() as stranger:
        for path in (f"{reservation.token}/cancel", f"dealer/{reservation.dealer_token}/redeem"):
            async with stranger.http.post(f"{house.url}/r/{path}", data={}) as response:
                assert response.status == 403
            async with stranger.http.get(f"{house.url}/r/{path}") as response:
                assert response.status == 405


async def test_the_report_counts_and_exports(
    house: House, alice: Person, boss: Person, lead: LeadId
) -> None:
    reservation = await given(house, alice, lead)
    async with boss.http.get(f"{house.url}/manager/reservations") as response:
        page = await response.text()
    assert "Garage de la Seine" in page
    assert re.search(r'data-label="Given">1</td>', page)
    async with boss.http.get(f"{house.url}/manager/reservations.csv") as response:
        assert response.content_type == "text/csv"
        assert f"{reservation.code[:4]}-{reservation.code[4:]}" in await response.text()
    year = datetime.now(UTC).year
    for query, right in (
        (f"?first={year}-01-01&last={year}-02-01", 200),
        (f"?first={year}-02-01&last={year}-01-01", 400),
        (f"?first={year - 3}-01-01&last={year}-01-01", 400),
        ("?first=soon", 400),
        ("?first=&last=", 200),
    ):
        async with boss.http.get(f"{house.url}/manager/reservations{query}") as response:
            assert response.status == right, query


async def test_asking_for_reservations_has_a_limit(house: House) -> None:
    async with house.customer() as guesser:
        seen = set()
        for n in range(int(ALLOWED.burst) + 40):
            async with guesser.http.get(f"{house.url}/r/guess-{n}") as response:
                seen.add(response.status)
        assert seen == {404, 429}


async def test_an_order_shows_with_its_reservation_and_wins_the_lead(
    house: House, alice: Person, lead: LeadId
) -> None:
    kept = await given(house, alice, lead)
    database = house.node.shared.database
    secret = await StoreSecrets(database, house.node.shared.clock).rotate(house.paris)
    told_twice = order(lead)
    for _ in range(2):
        assert (await send(house, secret, told_twice))[0] == 200
    async with database.read() as connection:
        row = (await connection.execute(rows.select())).mappings().one()
        state = await connection.scalar(sa.select(leads.c.state).where(leads.c.id == lead))
        told = (await connection.execute(lead_events.select().order_by("seq"))).all()
    assert row["ordered_at"] is not None
    assert state == "won"
    assert [(one.kind, one.by) for one in told][:2] == [
        ("reservation.given", kept.given_by),
        ("order.created", "store"),
    ]
    assert told[1].data["amount"] == 4_190_000
    assert [one.kind for one in told].count("order.created") == 1


async def test_an_order_whose_cancellation_was_quicker_sells_nothing(
    house: House, alice: Person, lead: LeadId
) -> None:
    await given(house, alice, lead)
    database = house.node.shared.database
    secret = await StoreSecrets(database, house.node.shared.clock).rotate(house.paris)
    bought = order(lead)
    gone = {name: bought["data"][name] for name in ("lead", "order", "occurred_at")}
    cancelled = bought | {"type": "order.cancelled", "data": gone}
    for n, body in enumerate((cancelled, bought)):
        assert (await send(house, secret, body, f"msg_{n}"))[0] == 200
    async with database.read() as connection:
        assert await connection.scalar(sa.select(rows.c.ordered_at)) is None
        assert await connection.scalar(sa.select(leads.c.state)) == "contacted"
