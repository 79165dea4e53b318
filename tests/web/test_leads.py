"""Leads on the wire: a call's sheet, the follow-up list, the points, and the customer's forms."""

import asyncio
from base64 import urlsafe_b64encode
from typing import Any

import pytest

from showroom.ids import CallId
from tests.houses import House, live_call
from tests.people import Customer, Payload, Person
from tests.samples import PASSWORD
from tests.web.agendas import get, person_id, post
from tests.web.booking import booked, send

EMAIL = "jeanne@example.com"
FORM: dict[str, Any] = {
    "kind": "offer",
    "name": "Jeanne Moreau",
    "email": EMAIL,
    "language": "en",
    "consents": [{"purpose": "contact", "version": "request-1"}],
}
SHEET: dict[str, Any] = {
    "name": "Jeanne Moreau",
    "email": EMAIL,
    "phone": "06 12 34 56 78",
    "consents": [{"purpose": "contact", "version": "sheet-contact-1"}],
    "wishes": ["test-drive"],
    "vehicles": [{"slug": "crete"}],
}


async def ask(customer: Customer, **changes: Any) -> tuple[int, Payload]:
    return await send(customer, f"/s/{customer.showroom}/requests", **{**FORM, **changes})


async def leads_of(who: Person, start: str = "/advisor", **query: Any) -> Payload:
    status, answer = await get(who, f"{start}/leads/list", **query)
    assert status == 200, answer
    return answer


async def test_a_form_is_a_lead_on_the_list_with_where_it_came_from(
    house: House, alice: Person
) -> None:
    arrival = "?utm_source=letter&utm_medium=paper&utm_campaign=spring&customer=C-7&basket=B-9"
    async with house.customer() as customer:
        await customer.csrf(f"/s/paris{arrival}")
        await customer.csrf("/s/paris/book?utm_source=poster&configuration=K-1")
        assert await ask(customer, vehicle="crete", message="In blue?") == (201, {"ok": True})
        assert (await ask(customer, vehicle="crete", message="In blue?"))[0] == 201
    answer = await leads_of(alice)
    [lead] = answer["leads"]
    assert lead["contact"] == {
        "name": "Jeanne Moreau",
        "email": EMAIL,
        "phone": None,
        "postcode": None,
        "language": "en",
    }
    assert lead["wishes"] == ["offer"]
    assert lead["campaign"]["first"]["source"] == "letter"
    assert lead["campaign"]["last"]["source"] == "poster"
    assert lead["store"] == {"customer": "C-7", "basket": "B-9", "configuration": "K-1"}
    assert (lead["state"], lead["overdue"], lead["owner"]) == ("new", False, None)
    assert answer["found"] == 1
    assert answer["counts"] == {
        "new": 1,
        "contacted": 0,
        "won": 0,
        "lost": 0,
        "overdue": 0,
    }
    assert (await leads_of(alice, owner="none"))["counts"]["new"] == 1
    assert (await leads_of(alice, owner="me"))["counts"]["new"] == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"consents": []}, "consent"),
        ({"consents": [{"purpose": "contact", "version": "old"}]}, "consent"),
        ({"consents": [{"purpose": "marketing", "version": "marketing-1"}]}, "consent"),
        ({"email": None}, "contact"),
        ({"email": "nobody"}, "email"),
        ({"phone": "12"}, "phone"),
        ({"name": " "}, "name"),
        ({"name": "x" * 10_000}, "name"),
        ({"kind": "buy"}, "kind"),
        ({"postcode": "x" * 17}, "postcode"),
        ({"message": "x" * 2001}, "message"),
    ],
)
async def test_a_form_that_can_t_be_is_refused_by_its_field(
    house: House, alice: Person, changes: dict[str, Any], field: str
) -> None:
    async with house.customer() as customer:
        status, answer = await ask(customer, **changes)
    assert (status, answer["code"], answer["field"]) == (400, "bad_request", field)
    assert (await leads_of(alice))["leads"] == []


@pytest.mark.parametrize(
    "cookie",
    [
        "x",
        "%%%",
        urlsafe_b64encode(b"\xff\xfe").decode(),
        urlsafe_b64encode(b"[" * 3000).decode(),
        urlsafe_b64encode(b'["PARIS", {"source": ["x"], "at": 7, "customer": {}}]').decode(),
        urlsafe_b64encode(b'["PARIS", {"source": "x", "at": "99999999999999999999"}]').decode(),
        urlsafe_b64encode(b'["PARIS", 5]').decode(),
        urlsafe_b64encode(b'["elsewhere", {"source": "x"}]').decode(),
    ],
)
async def test_a_made_up_origin_is_no_reason_to_lose_a_customer(
    house: House, alice: Person, cookie: str
) -> None:
    raw = cookie.replace("PARIS", house.paris)
    async with house.customer() as customer:
        customer.http.cookie_jar.update_cookies({"vs_origin": raw})
        assert (await ask(customer))[0] == 201
    [lead] = (await leads_of(alice))["leads"]
    assert lead["store"] == {"customer": "", "basket": "", "configuration": ""}


async def test_hostile_ids_of_a_store_stay_text_and_short(house: House, alice: Person) -> None:
    async with house.customer() as customer:
        evil = "<script>\u202e\r\nSet-Cookie: a=b" + "🙂" * 300
        async with customer.http.get(
            f"{house.url}/s/paris", params={"customer": evil, "utm_source": evil}
        ) as response:
            assert response.status == 200
            assert "a" not in response.cookies
        assert (await ask(customer))[0] == 201
    [lead] = (await leads_of(alice))["leads"]
    kept = lead["store"]["customer"]
    assert kept.startswith("<script> Set-Cookie: a=b🙂")
    assert len(kept) <= 100
    assert lead["campaign"]["first"]["source"] == kept


async def test_a_sheet_autosaves_half_an_address_and_survives_a_reload(house: House) -> None:
    async with live_call(house) as (_, alice, call):
        path = f"/advisor/calls/{call}/sheet"
        status, empty = await get(alice, path)
        assert (status, empty["version"], empty["lead"]) == (200, 0, None)
        assert empty["sheet"]["language"] == "en"
        half = {"email": "jeanne@exa", "phone": "06 1"}
        status, answer = await post(alice, path, {"version": 0, "sheet": half})
        assert (status, answer["version"]) == (200, 1)
        _, again = await get(alice, path)
        assert again["sheet"]["email"] == "jeanne@exa"
        status, refused = await post(alice, f"{path}/lead", {"version": 1, "sheet": half})
        assert (status, refused["field"]) == (400, "email")
        assert (await leads_of(alice))["leads"] == []


async def test_two_tabs_never_overwrite_one_another_unseen(house: House) -> None:
    async with live_call(house) as (_, alice, call):
        path = f"/advisor/calls/{call}/sheet"
        assert (await post(alice, path, {"version": 0, "sheet": {"name": "One"}}))[0] == 200
        status, stale = await post(alice, path, {"version": 0, "sheet": {"name": "Two"}})
        assert (status, stale["code"], stale["version"]) == (409, "conflict", 1)
        assert stale["sheet"]["name"] == "One"
        # An answer that was lost: the same sheet with the version before it.
        status, same = await post(alice, path, {"version": 0, "sheet": {"name": "One"}})
        assert (status, same["version"]) == (200, 1)


async def test_a_sheet_says_when_its_person_agreed_before(house: House) -> None:
    async with live_call(house) as (customer, alice, call):
        assert (await ask(customer))[0] == 201
        [lead] = (await leads_of(alice))["leads"]
        path = f"/advisor/calls/{call}/sheet"
        status, saved = await post(alice, path, {"version": 0, "sheet": {"email": EMAIL}})
        assert (status, saved["agreed"]) == (200, {"contact": lead["consents"][0]["at"]})
        assert (await get(alice, path))[1]["agreed"] == saved["agreed"]


async def test_save_lead_answers_with_score_and_reasons_and_the_outcome_qualifies(
    house: House,
) -> None:
    async with live_call(house) as (customer, alice, call):
        path = f"/advisor/calls/{call}/sheet/lead"
        odd = {**SHEET, "trade_in": {"make": "Orvanne", "year": "20"}}
        status, made = await post(alice, path, {"version": 0, "sheet": odd})
        assert status == 200, made
        lead = made["lead"]
        assert list(made["problems"]) == ["trade_in.year"]
        assert lead["contact"]["phone"] == "+33612345678"
        assert {"rule": "in_call", "points": 0} in lead["reasons"]
        assert lead["qualified_at"] is None
        assert lead["score"] == sum(reason["points"] for reason in lead["reasons"])
        await customer.send("hang_up")
        await alice.until_call("wrap_up")
        assert (await alice.send("save_outcome", call=call, outcome="test_drive"))["ok"]
        known = await until_state(alice, lead["id"], "contacted")
        assert known["lead"]["qualified_at"] is not None
        assert [one["id"] for one in known["lead"]["calls"]] == [call]
        kinds = [event["kind"] for event in known["history"]]
        assert kinds == ["created", "sheet", "call", "contacted", "qualified"]
        assert known["lead"]["owner"] == await person_id(house, "alice")
        # Who had the call may go on with its sheet.
        status, sheet = await get(alice, f"/advisor/calls/{call}/sheet")
        assert (status, sheet["lead"]["id"]) == (200, lead["id"])


async def until_state(who: Person, lead: str, state: str) -> Payload:
    async with asyncio.timeout(10):
        while True:
            status, known = await get(who, f"/advisor/leads/{lead}")
            assert status == 200, known
            if known["lead"]["state"] == state:
                return known
            await asyncio.sleep(0.1)


async def test_a_call_carries_the_store_s_ids_from_the_page_to_the_lead(house: House) -> None:
    async with house.customer() as customer, house.employee() as alice:
        await customer.csrf("/s/paris?utm_source=store&configuration=K-1&basket=B-1")
        await alice.work("alice@example.com", PASSWORD)
        call = await customer.call(vehicle="crete")
        link = (await alice.accept())["link"]
        assert (await customer.send("connected", link=link))["ok"]
        await alice.until_call("live")
        path = f"/advisor/calls/{call}/sheet"
        car = {"slug": "crete", "version": "Hybride 200", "configuration": "K-1"}
        _, begun = await get(alice, path)
        assert begun["sheet"]["vehicles"] == [car]
        assert (await post(alice, path, {"version": 0, "sheet": SHEET}))[0] == 200
        _, saved = await get(alice, path)
        assert saved["sheet"]["vehicles"] == [car | {"configuration": ""}]
        await customer.send("hang_up")
        await alice.until_call("wrap_up")
        assert (await alice.send("save_outcome", call=call, outcome="interested"))["ok"]
        async with asyncio.timeout(10):
            while not (found := (await leads_of(alice))["leads"]):
                await asyncio.sleep(0.1)
    assert found[0]["store"] == {"customer": "", "basket": "B-1", "configuration": "K-1"}
    assert found[0]["campaign"]["first"]["source"] == "store"


async def test_a_colleague_does_not_see_the_sheet_until_the_call_is_theirs(house: House) -> None:
    async with live_call(house) as (_, alice, call), house.employee("b") as bruno:
        await bruno.work("bruno@example.com", PASSWORD)
        path = f"/advisor/calls/{call}/sheet"
        assert (await post(alice, path, {"version": 0, "sheet": {"name": "One"}}))[0] == 200
        assert (await get(bruno, path))[0] == 403
        assert (await post(bruno, path, {"version": 1, "sheet": {}}))[0] == 403
        to = await person_id(house, "bruno")
        assert (await alice.send("transfer", advisor=to))["ok"]
        ring = await bruno.until("call_state", lambda state: bool(state.get("ring")))
        assert (await get(bruno, path))[0] == 403, "it only rings there"
        assert (await bruno.send("accept", call=call, ring=ring["ring"]))["ok"]
        status, sheet = await get(bruno, path)
        assert (status, sheet["sheet"]["name"]) == (200, "One")
        assert (await get(alice, path))[0] == 403


async def test_a_sheet_of_no_call_is_not_found(house: House, alice: Person) -> None:
    assert (await get(alice, f"/advisor/calls/{CallId('unknown')}/sheet"))[0] == 404


async def test_a_booked_guest_s_sheet_has_what_they_wrote(house: House) -> None:
    async with house.customer() as customer:
        await booked(customer)
    async with house.employee() as alice:
        await alice.sign_in("alice@example.com", PASSWORD)
        [lead] = (await leads_of(alice))["leads"]
    assert lead["notes"] == "Room for a cello"
    assert lead["campaign"]["first"]["source"] == "newsletter"
    assert {"rule": "visit", "points": 15} in lead["reasons"]


async def test_a_call_back_is_a_lead(house: House, alice: Person) -> None:
    async with house.customer() as customer:
        wish = {"name": "Zoé", "phone": "06 12 34 56 78", "consent": True, "language": "fr"}
        assert (await send(customer, "/s/paris/call-backs", **wish))[0] == 201
    [lead] = (await leads_of(alice))["leads"]
    assert (lead["contact"]["phone"], lead["contact"]["language"]) == ("+33612345678", "fr")
    assert [one["purpose"] for one in lead["consents"]] == ["contact"]


async def a_lead(house: House, who: Person, start: str = "/advisor") -> Payload:
    async with house.customer() as customer:
        assert (await ask(customer))[0] == 201
    lead: Payload = (await leads_of(who, start))["leads"][0]
    return lead


async def test_an_advisor_works_a_lead_through(house: House, alice: Person) -> None:
    lead = await a_lead(house, alice)
    start = f"/advisor/leads/{lead['id']}"
    _, known = await get(alice, start)
    assert known["moves"] == ["contact", "win", "lose"]
    _, known = await post(alice, f"{start}/owner", {"owner": "me"})
    assert known["lead"]["owner_name"] == "Alice Martin"
    _, known = await post(alice, f"{start}/move", {"move": "contact"})
    assert known["lead"]["state"] == "contacted"
    _, known = await post(alice, f"{start}/note", {"note": "Call her in the evening"})
    assert known["lead"]["notes"] == "Call her in the evening"
    status, refused = await post(alice, f"{start}/move", {"move": "lose"})
    assert (status, refused["field"]) == (400, "reason")
    _, known = await post(alice, f"{start}/move", {"move": "lose", "reason": "another make"})
    assert (known["lead"]["state"], known["lead"]["due_at"]) == ("lost", None)
    assert known["moves"] == ["reopen"]
    assert (await leads_of(alice))["leads"] == []
    assert [one["id"] for one in (await leads_of(alice, state="lost"))["leads"]] == [lead["id"]]
    status, _ = await post(alice, f"{start}/move", {"move": "contact"})
    assert status == 409
    _, known = await post(alice, f"{start}/move", {"move": "reopen"})
    assert (known["lead"]["state"], known["lead"]["due_at"] is None) == ("contacted", False)
    kinds = [event["kind"] for event in known["history"]]
    expected = ["created", "request", "owner", "contacted", "note", "lost", "reopened"]
    assert kinds == expected
    assert known["history"][-1]["by_name"] == "Alice Martin"


async def test_fields_are_replaced_by_who_saw_the_newest_version(
    house: House, alice: Person
) -> None:
    lead = await a_lead(house, alice)
    path = f"/advisor/leads/{lead['id']}/fields"
    fields: Payload = {"phone": "06 12 34 56 78", "wishes": ["lease"], "budget": "30 000"}
    status, known = await post(alice, path, {"version": lead["version"], "fields": fields})
    assert (status, known["lead"]["wishes"]) == (200, ["lease"])
    assert known["lead"]["contact"]["phone"] == "+33612345678"
    assert known["lead"]["budget"] == {"amount": 3_000_000, "currency": ""}
    status, stale = await post(alice, path, {"version": lead["version"], "fields": {"name": "X"}})
    assert (status, stale["code"]) == (409, "conflict")
    version = known["lead"]["version"]
    for fields, field in (
        ({"email": "", "phone": ""}, "contact"),
        ({"phone": "12"}, "phone"),
        ({"notes": "x"}, "notes"),
        ({"dealer": "nowhere"}, "dealer"),
        ({"budget": "much"}, "budget"),
    ):
        status, refused = await post(alice, path, {"version": version, "fields": fields})
        assert (status, refused["field"]) == (400, field)


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("due", {"due_at": "2001-01-01T00:00:00Z"}),
        ("due", {"due_at": "9999-12-31T23:59:59Z"}),
        ("due", {"due_at": "2031-01-01T00:00:00"}),
        ("due", {"due_at": "soon"}),
        ("owner", {"owner": "nobody"}),
        ("owner", {}),
        ("note", {"note": " \n "}),
        ("move", {"move": "explode"}),
        ("fields", {"version": 1, "fields": {"colour": "blue"}}),
    ],
)
async def test_a_change_that_can_t_be_is_refused(
    house: House, boss: Person, what: str, body: Payload
) -> None:
    lead = await a_lead(house, boss, "/manager")
    status, answer = await post(boss, f"/manager/leads/{lead['id']}/{what}", body)
    assert (status, answer["code"]) == (400, "bad_request")
    [same] = (await leads_of(boss, "/manager"))["leads"]
    assert same == lead


async def test_an_advisor_takes_a_lead_only_for_themselves_and_a_manager_gives_it_to_any(
    house: House, alice: Person, boss: Person
) -> None:
    lead = await a_lead(house, alice)
    own, team = (f"{start}/leads/{lead['id']}/owner" for start in ("/advisor", "/manager"))
    bruno = await person_id(house, "bruno")
    lea = await person_id(house, "lea")
    assert (await post(alice, own, {"owner": bruno}))[0] == 403
    assert (await post(boss, team, {"owner": lea}))[0] == 400
    _, known = await post(boss, team, {"owner": bruno})
    assert known["lead"]["owner"] == bruno
    status, answer = await post(alice, own, {"owner": "me"})
    assert (status, answer["code"]) == (409, "already_taken")
    assert (await post(alice, own, {"owner": None}))[0] == 409
    assert (await leads_of(alice, owner="me"))["leads"] == []
    assert (await leads_of(alice, owner="none"))["leads"] == []
    assert len((await leads_of(alice, owner=bruno))["leads"]) == 1


async def test_a_manager_changes_the_points_and_they_count_from_the_next_change(
    house: House, boss: Person
) -> None:
    status, table = await get(boss, "/manager/scoring")
    assert (status, table["qualified_from"]) == (200, 50)
    assert {"name": "offer", "points": 20, "default": 20} in table["rules"]
    body = {"points": {"offer": 45, "email": 5}, "qualified_from": 60}
    _, table = await post(boss, "/manager/scoring", body)
    assert {"name": "offer", "points": 45, "default": 20} in table["rules"]
    assert (await get(boss, "/manager/scoring"))[1] == table
    lead = await a_lead(house, boss, "/manager")
    assert {"rule": "offer", "points": 45} in lead["reasons"]


@pytest.mark.parametrize(
    "body",
    [
        {"points": {"unknown": 1}, "qualified_from": 50},
        {"points": {"offer": 101}, "qualified_from": 50},
        {"points": {"offer": 1.5}, "qualified_from": 50},
        {"points": {}, "qualified_from": 0},
        {"points": {}},
    ],
)
async def test_points_that_can_t_be_are_refused(house: House, boss: Person, body: Payload) -> None:
    before = await get(boss, "/manager/scoring")
    assert (await post(boss, "/manager/scoring", body))[0] == 400
    assert await get(boss, "/manager/scoring") == before


async def test_an_advisor_may_not_see_the_points_nor_a_manager_a_sheet(house: House) -> None:
    async with live_call(house) as (_, alice, call), house.boss() as boss:
        assert await boss.sign_in("boss@example.com", PASSWORD) == 303
        assert (await get(alice, "/manager/scoring"))[0] == 403
        assert (await get(alice, "/manager/leads/list"))[0] == 403
        assert (await get(boss, f"/advisor/calls/{call}/sheet"))[0] == 403
        assert (await get(boss, "/advisor/leads/list"))[0] == 403


@pytest.mark.parametrize(
    "query", [{"state": "old"}, {"due": "later"}, {"limit": "0"}, {"limit": "101"}, {"cursor": "x"}]
)
async def test_a_list_that_can_t_be_is_refused(
    house: House, alice: Person, query: dict[str, str]
) -> None:
    assert (await get(alice, "/advisor/leads/list", **query))[0] == 400


async def test_forms_are_limited_by_address(house: House) -> None:
    async with house.customer() as customer:
        answers = [(await ask(customer, email=f"a{n}@example.com"))[0] for n in range(12)]
    assert answers[:10] == [201] * 10
    assert 429 in answers


async def test_a_form_needs_the_page_s_token(house: House) -> None:
    async with house.customer() as customer:
        path = f"{house.url}/s/paris/requests"
        async with customer.http.post(path, json=FORM) as response:
            assert response.status == 403
