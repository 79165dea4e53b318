"""Booking over HTTP: what is free, what a form may say, and what a visit's address can do."""

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import pytest
import sqlalchemy as sa
from redis.asyncio import Redis

from showroom.hours import WeeklyHours
from showroom.showrooms import Showrooms
from showroom.tables import appointments
from tests.booking.mail_server import mail_server
from tests.houses import House, open_house
from tests.nodes import node_settings
from tests.samples import PASSWORD
from tests.web.agendas import get, person_id
from tests.web.booking import FORM, ask, booked, free, held, hold, send
from web import booking
from web.limits import HOLDS, WISHES

MINUTE_MS = 60_000
GONE = "a" * 22


async def rows(house: House) -> list[sa.RowMapping]:
    """Return all appointments."""
    query = sa.select(appointments).order_by(appointments.c.created_at)
    async with house.node.shared.database.read() as connection:
        return list((await connection.execute(query)).mappings())


async def test_free_times_come_with_the_showrooms_zone_and_how_many_could_receive(
    house: House,
) -> None:
    async with house.customer() as customer:
        status, answer = await ask(customer, "/s/paris/slots", language="en")
        assert (status, answer["zone"]) == (200, "Europe/Paris")
        assert answer["first"] == answer["slots"][0]["starts_at"]
        assert {slot["advisors"] for slot in answer["slots"]} == {2}
        assert set(answer["slots"][0]) == {"starts_at", "advisors"}
        until = answer["first"] + 60 * MINUTE_MS
        few = await free(customer, until=until)
        assert few == [
            at
            for at in (slot["starts_at"] for slot in answer["slots"])
            if at + 30 * MINUTE_MS <= until
        ]
        assert await free(customer, language="xx") == []


async def test_a_time_is_held_confirmed_and_shown_without_a_name_or_an_address(
    house: House,
) -> None:
    async with house.customer() as customer:
        kept = await held(customer, vehicle="crete")
        assert kept["held_until"] - kept["now"] == pytest.approx(5 * MINUTE_MS, abs=5_000)
        status, _ = await ask(customer, f"/v/{kept['token']}/state")
        assert status == 404, "a hold is no visit yet"
        status, answer = await send(customer, f"/v/{kept['token']}/confirm", **FORM)
        assert status == 200
        visit = answer["visit"]
        assert visit["state"] == "booked"
        assert visit["advisor"] in {"Alice", "Bruno"}
        assert set(visit) == {
            *("state", "starts_at", "ends_at", "advisor", "join_from", "change_until", "now"),
            "mail_returned",
        }
        async with customer.http.get(f"{house.url}/v/{kept['token']}") as response:
            page = await response.text()
            assert response.status == 200
            assert response.headers["Referrer-Policy"] == "no-referrer"
            assert response.headers["X-Robots-Tag"] == "noindex"
        for secret in ("Moreau", "jeanne@", "cello", "Martin", "Keller"):
            assert secret not in page
    [row] = await rows(house)
    assert (row["name"], row["email"], row["vehicle"]) == (
        "Jeanne Moreau",
        "jeanne@example.com",
        "crete",
    )
    assert row["campaign"] == {"source": "newsletter"}
    [consent] = row["consents"]
    assert (consent["purpose"], consent["version"]) == ("contact", "visit-1")
    assert consent["at"] > 0


async def test_a_form_that_is_sent_twice_books_once_and_gets_the_same_answer(
    house: House,
) -> None:
    async with house.customer() as customer:
        token = (await held(customer))["token"]
        answers = [await send(customer, f"/v/{token}/confirm", **FORM) for _ in range(2)]
        assert [status for status, _ in answers] == [200, 200]
        for _, answer in answers:
            answer["visit"].pop("now")
        assert answers[0] == answers[1]
    assert len(await rows(house)) == 1


async def test_a_time_that_is_taken_is_refused_with_the_next_free_ones(house: House) -> None:
    async with house.customer() as customer:
        first = await held(customer)
        assert (await hold(customer, first["starts_at"]))[0] == 201  # there are two advisors
        status, answer = await hold(customer, first["starts_at"])
        assert (status, answer["code"]) == (409, "slot_taken")
        assert len(answer["free"]) == 6
        assert min(answer["free"]) > first["starts_at"]
        assert (await hold(customer, answer["free"][0]))[0] == 201


async def test_a_hold_that_is_given_back_is_free_again(house: House) -> None:
    async with house.customer() as customer:
        taken = [await held(customer) for _ in range(2)]
        at = taken[0]["starts_at"]
        assert at not in await free(customer)
        for _ in range(2):
            assert (await send(customer, f"/v/{taken[0]['token']}/release"))[0] == 200
        assert at in await free(customer)
        assert (await send(customer, f"/v/{GONE}/release"))[0] == 200, "it tells nothing"


@pytest.mark.parametrize(
    "wrong",
    [
        {"starts_at": 0},
        {"starts_at": 4_102_444_800_000},
    ],
)
async def test_a_time_that_is_past_or_beyond_the_horizon_is_taken(
    house: House, wrong: dict[str, int]
) -> None:
    async with house.customer() as customer:
        status, answer = await hold(customer, wrong["starts_at"])
        assert (status, answer["code"]) == (409, "slot_taken")
        assert answer["free"]


async def test_a_time_beside_the_grid_is_none_and_neither_is_one_when_the_showroom_is_closed(
    house: House,
) -> None:
    shared = house.node.shared
    async with house.customer() as customer:
        first = (await free(customer))[0]
        status, answer = await hold(customer, first + MINUTE_MS)
        assert (status, answer["code"]) == (409, "slot_taken")
        rooms = Showrooms(shared.database)
        await rooms.save(replace(await rooms.by_slug("paris"), hours=WeeklyHours()))
        async with asyncio.timeout(10):  # the node reads its showrooms every two seconds
            while await free(customer):
                await asyncio.sleep(0.2)
        status, answer = await hold(customer, first)
        assert (status, answer["code"], answer["free"]) == (409, "slot_taken", [])


async def test_one_address_can_keep_only_so_many_times(house: House) -> None:
    async with house.customer() as customer:
        starts = (await free(customer))[::8]
        headers = {"X-CSRF-Token": await customer.csrf("/s/paris")}
        for at in starts[: int(HOLDS.burst) + 1]:
            wish = {"starts_at": at, "language": "en", "zone": "UTC"}
            async with customer.http.post(
                f"{house.url}/s/paris/holds", json=wish, headers=headers
            ) as response:
                status, waits = response.status, response.headers.get("Retry-After")
        assert status == 429
        assert int(waits or 0) > 0
        assert at in await free(customer), "what is refused is kept from nobody"


async def test_of_200_behind_one_address_one_has_the_time_and_the_others_hear_what_is_free(
    house: House,
) -> None:
    alice = await person_id(house, "alice")
    async with house.customer() as customer:
        at = (await free(customer))[0]
        wishes = (hold(customer, at, advisor=alice) for _ in range(200))
        answers = await asyncio.gather(*wishes)
        assert Counter(status for status, _ in answers) == {201: 1, 409: 199}
        for status, answer in answers:
            if status == 409:
                assert answer["code"] == "slot_taken"
                assert len(answer["free"]) == 6
        [later] = {answer["free"][0] for status, answer in answers if status == 409}
        assert (await hold(customer, later, advisor=alice))[0] == 201, "refusals count for nothing"


async def test_one_address_can_ask_for_times_that_are_taken_only_so_often(house: House) -> None:
    async with house.customer() as customer:
        headers = {"X-CSRF-Token": await customer.csrf("/s/paris")}

        async def wish() -> int:
            body = {"starts_at": 0, "language": "en", "zone": "UTC"}
            url = f"{house.url}/s/paris/holds"
            async with customer.http.post(url, json=body, headers=headers) as response:
                return response.status

        few = replace(WISHES, rate=0.001, burst=5)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(booking, "WISHES", few)
            statuses = [await wish() for _ in range(7)]
        assert statuses == [409] * 5 + [429] * 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"starts_at": -1}, "starts_at"),
        ({"starts_at": 2**63}, "starts_at"),
        ({"starts_at": "soon"}, "starts_at"),
        ({"zone": "Europe/Atlantis"}, "zone"),
        ({"zone": "../../etc/passwd"}, "zone"),
        ({"zone": ""}, "zone"),
        ({"zone": "x" * 10_000}, "zone"),
        ({"language": "english"}, "language"),
        ({"advisor": "x" * 1_000}, "advisor"),
        ({"more": 1}, None),
    ],
)
async def test_what_is_no_wish_for_a_time_is_refused_by_the_name_of_the_field(
    house: House, wrong: dict[str, Any], field: str | None
) -> None:
    async with house.customer() as customer:
        [at] = (await free(customer))[:1]
        status, answer = await hold(customer, **{"starts_at": at, **wrong})
        assert (status, answer["code"]) == (400, "bad_request")
        assert answer.get("field") == field
    assert await rows(house) == []


async def test_every_zone_that_a_browser_may_name_is_known(house: House) -> None:
    async with house.customer() as customer:
        for zone in ("America/New_York", "Asia/Calcutta", "Asia/Kolkata", "UTC", "Pacific/Apia"):
            assert zone in available_timezones()
            assert (await held(customer, zone=zone))["token"]


async def test_nobody_can_ask_for_an_advisor_of_another_showroom(house: House) -> None:
    async with house.customer() as customer:
        async with house.node.shared.database.read() as connection:
            stranger = await connection.scalar(
                sa.text("SELECT id FROM staff WHERE email = 'lea@example.com'")
            )
        [at] = (await free(customer))[:1]
        assert await free(customer, advisor=stranger) == []
        status, answer = await hold(customer, at, advisor=stranger)
        assert (status, answer["code"]) == (409, "slot_taken")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "   "}, "name"),
        ({"name": "x" * 10_000}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"email": "jeanne"}, "email"),
        ({"email": "jeanne@nowhere"}, "email"),
        ({"email": "x" * 10_000 + "@example.com"}, "email"),
        ({"email": "a@example.com\r\nBcc: b@example.com"}, "email"),
        ({"phone": "12345"}, "phone"),
        ({"phone": "call me"}, "phone"),
        ({"phone": "0899 12 34 56"}, "phone"),  # premium rate
        ({"phone": "1" * 10_000}, "phone"),
        ({"email": None}, "contact"),
        ({"email": " ", "phone": " "}, "contact"),
        ({"wish": "x" * 10_000}, "wish"),
        ({"consents": []}, "consent"),
        ({"consents": [{"purpose": "contact", "version": "an older one"}]}, "consent"),
        ({"consents": [{"purpose": "everything", "version": "visit-1"}]}, "consents"),
        ({"campaign": {"source": "x" * 1_000}}, "campaign"),
        ({"language": "e"}, "language"),
    ],
)
async def test_what_is_wrong_in_a_form_is_named_and_the_time_stays_held(
    house: House, wrong: dict[str, object], field: str
) -> None:
    async with house.customer() as customer:
        token = (await held(customer))["token"]
        status, answer = await send(customer, f"/v/{token}/confirm", **{**FORM, **wrong})
        assert (status, answer["code"], answer["field"]) == (400, "bad_request", field)
        assert "x" * 50 not in answer["message"]
        status, _ = await send(customer, f"/v/{token}/confirm", **FORM)
        assert status == 200


async def test_a_phone_number_alone_is_enough_and_is_kept_as_the_world_dials_it(
    house: House,
) -> None:
    async with house.customer() as customer:
        await booked(customer, email=None, phone="06 12 34 56 78")
    [row] = await rows(house)
    assert (row["email"], row["phone"]) == (None, "+33612345678")


async def test_a_car_that_the_range_does_not_have_costs_no_visit(house: House) -> None:
    async with house.customer() as customer:
        await booked(customer, vehicle="a-car-of-long-ago")
    [row] = await rows(house)
    assert row["vehicle"] is None


async def test_a_visit_moves_and_is_cancelled_and_booked_again(house: House) -> None:
    async with house.customer() as customer:
        token = await booked(customer)
        status, answer = await ask(customer, f"/v/{token}/slots")
        assert status == 200
        later = answer["slots"][5]["starts_at"]
        status, answer = await send(customer, f"/v/{token}/reschedule", starts_at=later)
        assert (status, answer["visit"]["starts_at"]) == (200, later)
        for _ in range(2):
            status, answer = await send(customer, f"/v/{token}/cancel")
            assert (status, answer["visit"]["state"]) == (200, "cancelled")
        status, answer = await send(customer, f"/v/{token}/reschedule", starts_at=later)
        assert (status, answer["code"]) == (409, "illegal_move")
        status, answer = await send(customer, f"/v/{token}/rebook", starts_at=later)
        assert status == 201
        assert answer["token"] != token
        status, again = await ask(customer, f"/v/{answer['token']}/state")
        assert (again["visit"]["state"], again["visit"]["starts_at"]) == ("booked", later)
        status, refused = await send(
            customer, f"/v/{answer['token']}/rebook", starts_at=later + 60 * MINUTE_MS
        )
        assert (status, refused["code"]) == (409, "illegal_move")


async def test_a_visit_can_move_into_the_time_that_it_takes_itself(house: House) -> None:
    async with house.customer() as customer:
        token = await booked(customer, 4)
        _, answer = await ask(customer, f"/v/{token}/state")
        own = answer["visit"]["starts_at"]
        _, answer = await ask(customer, f"/v/{token}/slots")
        assert {"starts_at": own - 15 * MINUTE_MS, "advisors": 2} in answer["slots"]
        status, _ = await send(customer, f"/v/{token}/reschedule", starts_at=own - 15 * MINUTE_MS)
        assert status == 200


async def test_a_visit_is_a_calendar_file_with_times_in_utc_and_its_address(
    house: House,
) -> None:
    async with house.customer() as customer:
        token = await booked(customer)
        async with customer.http.get(f"{house.url}/v/{token}/visit.ics") as response:
            assert response.content_type == "text/calendar"
            assert "visit.ics" in response.headers["Content-Disposition"]
            file = (await response.text()).replace("\r\n ", "")
    assert "METHOD:PUBLISH" in file
    assert f"/v/{token}" in file
    assert "STATUS:CONFIRMED" in file
    assert "jeanne@example.com" not in file


async def test_nobody_joins_a_visit_long_before_it_begins(house: House) -> None:
    async with house.customer() as customer:
        token = await booked(customer)
        status, answer = await send(customer, f"/v/{token}/join")
        assert (status, answer["code"]) == (409, "illegal_move")
        assert await house.node.shared.redis.keys("*:call:*") == []


async def test_whoever_joins_goes_before_the_queue_and_is_kept_for_their_advisor(
    house: House,
) -> None:
    async with (
        house.customer("walk-in") as walk_in,
        house.customer("guest") as guest,
        house.employee("a") as alice,
        house.employee("b") as bruno,
    ):
        token = await booked(guest)
        host = await soon(house, token)
        await walk_in.call()
        status, answer = await send(guest, f"/v/{token}/join")
        assert status == 201
        assert (await send(guest, f"/v/{token}/join")) == (200, answer), "a second tap"
        await guest.connect()
        await guest.until_call("waiting")
        other, hosts = (bruno, alice) if host == "alice@example.com" else (alice, bruno)
        who = {alice: "alice@example.com", bruno: "bruno@example.com"}
        await other.work(who[other], "a long enough password")
        assert (await other.until_call("ringing"))["call"] != answer["call"]
        await hosts.work(who[hosts], "a long enough password")
        ring = await hosts.until_call("ringing")
        assert ring["call"] == answer["call"]
        assert ring["visit"]["name"] == "Jeanne Moreau"
        _, state = await ask(guest, f"/v/{token}/state")
        assert state["visit"]["state"] == "waiting"


async def test_whoever_waits_already_joins_with_a_better_place(house: House) -> None:
    async with house.customer() as guest:
        token = await booked(guest)
        await soon(house, token)
        walked_in = await guest.call()
        status, answer = await send(guest, f"/v/{token}/join")
        assert status == 201
        assert answer["call"] != walked_in
        known = await house.node.shared.redis.hget(f"{{{house.paris}}}:call:{walked_in}", "state")
        assert known in (None, "closed")


async def test_a_second_device_takes_the_visit_over(house: House) -> None:
    async with house.customer("phone") as phone, house.customer("laptop") as laptop:
        token = await booked(phone)
        await soon(house, token)
        _, first = await send(phone, f"/v/{token}/join")
        await phone.connect()
        status, second = await send(laptop, f"/v/{token}/join")
        assert status == 201
        assert first["call"] != second["call"]
        assert (await phone.until_call("closed"))["end_reason"] == "customer_left"
        _, state = await ask(laptop, f"/v/{token}/state")
        assert state["visit"]["state"] == "waiting"


async def soon(house: House, token: str) -> str:
    """Let a visit begin in five minutes; return its advisor's e-mail address."""
    shared = house.node.shared
    starts = shared.clock() // MINUTE_MS * MINUTE_MS + 5 * MINUTE_MS
    changes = {
        "starts_at": starts,
        "ends_at": starts + 30 * MINUTE_MS,
        "blocked_from": starts - 5 * MINUTE_MS,
        "blocked_until": starts + 35 * MINUTE_MS,
        "due_at": starts + 10 * MINUTE_MS,
    }
    async with shared.database.write() as connection:
        await connection.execute(
            sa.update(appointments).where(appointments.c.token == token).values(changes)
        )
        email = await connection.scalar(
            sa.text(
                "SELECT staff.email FROM staff JOIN appointments ON advisor_id = staff.id"
                " WHERE token = :token"
            ),
            {"token": token},
        )
    return str(email)


async def test_mail_that_comes_back_is_told_on_the_visits_page_and_in_the_agenda(
    tmp_path: Path, redis: Redis, redis_url: str
) -> None:
    async with mail_server() as server:
        server.to_receiver = "550 5.1.1 no such user"
        settings = node_settings(
            tmp_path, redis_url=redis_url, mail_url=server.url, mail_from="visits@orvanne.example"
        )
        async with (
            open_house(settings) as house,
            house.customer() as customer,
            house.boss() as boss,
        ):
            visit = await booked(customer)
            async with asyncio.timeout(10):
                while not (await ask(customer, f"/v/{visit}/state"))[1]["visit"]["mail_returned"]:
                    await asyncio.sleep(0.05)
            assert await boss.sign_in("boss@example.com", PASSWORD) == 303
            _, agenda = await get(boss, "/manager/agenda/days", days=14)
            assert [one["mail_returned"] for one in agenda["visits"]] == [True]
