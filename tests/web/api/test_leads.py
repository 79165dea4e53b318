"""Leads of other systems, and for other systems."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from showroom.api_keys import Scope
from showroom.clock import system_clock
from showroom.lead_tables import leads
from tests.houses import House
from tests.leads import saved_lead
from tests.virtual_clock import START_MS
from tests.web.api.programs import Program, Reply, a_program
from web.api.values import rfc_3339

NEW_LEAD: dict[str, Any] = {
    "name": "Jeanne Moreau",
    "email": "jeanne@example.com",
    "phone": "06 12 34 56 78",
    "language": "fr",
    "consents": [{"purpose": "contact", "version": "shop-1"}],
    "wishes": ["offer"],
    "vehicles": [{"slug": "crete", "configuration": "cfg-7"}],
    "trade_in": {"make": "Renault", "model": "Clio", "year": 2014, "condition": "fair"},
    "budget": {"amount": 3_000_000, "currency": "EUR"},
    "horizon": "month",
    "notes": "Only in the evening",
    "campaign": {"source": "newsletter"},
    "store": {"customer": "c-1", "basket": "b-2"},
}


async def added(store: Program, **changes: Any) -> Reply:
    reply = await store.post("/leads", {**NEW_LEAD, **changes})
    assert reply.status in (200, 201), reply
    return reply


async def test_a_lead_of_another_system_is_told_as_it_came(store: Program) -> None:
    reply = await added(store)
    assert reply.status == 201
    lead = await store.get(reply.headers["Location"])
    assert lead.headers["ETag"] == reply.headers["ETag"]
    told = lead.data
    assert told["id"] == reply.data["id"]
    assert told["contact"]["phone"] == "+33612345678"
    assert told["wishes"] == ["offer"]
    assert told["vehicles"] == [{"slug": "crete", "version": "", "configuration": "cfg-7"}]
    assert told["budget"] == {"amount": 3_000_000, "currency": "EUR"}
    assert told["campaign"]["first"]["source"] == "newsletter"
    assert told["store"]["basket"] == "b-2"
    assert told["notes"] == "Only in the evening"
    assert told["state"] == "new"


async def test_a_person_with_an_open_lead_keeps_it(store: Program) -> None:
    first = await added(store)
    again = await added(store, email="JEANNE@example.com", phone=None, wishes=["test-drive"])
    assert (again.status, again.data["id"]) == (200, first.data["id"])
    told = (await store.get(f"/leads/{first.data['id']}")).data
    assert set(told["wishes"]) == {"offer", "test-drive"}
    await store.booked(email="jeanne@example.com")
    [kept] = (await store.get("/leads")).data["items"]
    assert kept["id"] == first.data["id"]
    assert "visit" in [reason["rule"] for reason in kept["reasons"]]


async def test_the_same_lead_sent_again_is_one_even_after_a_crash(
    store: Program, house: House
) -> None:
    first = await store.post("/leads", NEW_LEAD, once="l")
    async with house.node.shared.database.write() as connection:
        await connection.execute(
            sa.text("UPDATE idempotent_requests SET status = NULL, claimed_at = claimed_at - 61000")
        )
    again = await store.post("/leads", NEW_LEAD, once="l")
    assert again.data["id"] == first.data["id"]
    async with house.node.shared.database.read() as connection:
        assert await connection.scalar(sa.select(sa.func.count()).select_from(leads)) == 1


async def test_leads_are_listed_by_change_page_by_page(store: Program) -> None:
    for n in range(5):
        await added(store, email=f"p{n}@example.com", phone=None)
    found: list[str] = []
    following: str | None = "/leads?limit=2"
    while following:
        reply = await store.get(following)
        found += [lead["contact"]["email"] for lead in reply.data["items"]]
        following = reply.data["next"]
    assert found == [f"p{n}@example.com" for n in range(5)]
    everything = (await store.get("/leads")).data["items"]
    since = everything[3]["updated_at"]
    late = (await store.get("/leads", params={"updated_since": since})).data["items"]
    assert "p4@example.com" in [lead["contact"]["email"] for lead in late]
    assert len(late) < 5
    which = everything[0]["id"]
    reply = await store.ask("PATCH", f"/leads/{which}", json={"state": "won"})
    assert reply.status == 200
    won = (await store.get("/leads?state=won")).data["items"]
    assert [lead["id"] for lead in won] == [which]
    assert len((await store.get("/leads?state=new")).data["items"]) == 4
    halves = [await store.get(f"/leads?qualified={word}") for word in ("true", "false")]
    assert sum(len(half.data["items"]) for half in halves) == 5
    assert (await store.get("/leads?state=lots")).problem == "invalid"
    assert (await store.get("/leads?cursor=1")).problem == "invalid"


async def test_a_lead_is_followed_up_on_the_version_that_was_seen(store: Program) -> None:
    first = await added(store)
    path = f"/leads/{first.data['id']}"
    seen = {"If-Match": first.headers["ETag"]}
    changes = [store.ask("PATCH", path, json={"notes": f"by {n}"}, headers=seen) for n in range(4)]
    replies = await asyncio.gather(*changes)
    assert sorted(reply.status for reply in replies) == [200, 412, 412, 412]
    assert {r.problem for r in replies if r.status == 412} == {"changed_meanwhile"}
    done = next(reply for reply in replies if reply.status == 200)
    due = rfc_3339(system_clock() + 3_600_000)
    fresh = {"If-Match": done.headers["ETag"]}
    both = {"state": "contacted", "due_at": due}
    assert (await store.ask("PATCH", path, json=both, headers=fresh)).data["state"] == "contacted"
    lost = await store.ask("PATCH", path, json={"state": "lost"})
    assert (lost.status, lost.problem) == (400, "bad_request")
    assert lost.data["errors"][0]["pointer"] == "/reason"
    lost = await store.ask("PATCH", path, json={"state": "lost", "reason": "Bought elsewhere"})
    assert lost.data["state"] == "lost"
    for body, status in (
        ({"state": "new"}, 409),
        ({"due_at": due}, 409),
        ({"state": "won"}, 409),
        ({"due_at": "2001-01-01T00:00:00Z"}, 400),
        ({"state": "sold"}, 422),
        ({"owner": "me"}, 422),
        ({}, 200),
        ({"state": "contacted"}, 200),
    ):
        assert (await store.ask("PATCH", path, json=body)).status == status, body


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"wishes": ["fly"]}, "/wishes/0"),
        ({"dealer": "nobody"}, "/dealer"),
        ({"budget": {"amount": -1, "currency": "EUR"}}, "/budget/amount"),
        ({"budget": {"amount": 10**30, "currency": "EUR"}}, "/budget/amount"),
        ({"budget": {"amount": 1, "currency": "euro"}}, "/budget/currency"),
        ({"trade_in": {"year": 1}}, "/trade_in/year"),
        ({"consents": []}, "/consents"),
        ({"email": None, "phone": None}, "/email"),
        ({"notes": "x" * 10_000}, "/notes"),
    ],
)
async def test_what_is_wrong_with_a_lead_is_named(
    store: Program, change: dict[str, Any], pointer: str
) -> None:
    reply = await store.post("/leads", {**NEW_LEAD, **change})
    assert (reply.status, reply.problem) == (422, "invalid")
    assert [error["pointer"] for error in reply.data["errors"]] == [pointer]


async def test_who_took_their_consent_back_is_told_without_who_they_are(
    house: House, store: Program
) -> None:
    database = house.node.shared.database
    lead = await saved_lead(database, house.paris, qualified_at=START_MS, details={"consents": []})
    known = await saved_lead(database, house.paris, qualified_at=START_MS)
    told = {one["id"]: one["contact"]["email"] for one in (await store.get("/leads")).data["items"]}
    assert told == {lead: None, known: "jeanne@example.com"}
    reply = await store.get(f"/leads/{lead}")
    assert (reply.status, reply.data["contact"]["name"]) == (200, "")
    change = await store.ask(
        "PATCH",
        f"/leads/{lead}",
        json={"notes": "They ask to be left alone."},
        headers={"If-Match": reply.headers["ETag"]},
    )
    assert change.status == 200


async def test_who_may_only_write_leads_reads_none(house: House, store: Program) -> None:
    await added(store)
    async with a_program(house, "paris", [Scope.LEADS_WRITE]) as writer:
        reply = await writer.post("/leads", {**NEW_LEAD, "name": "Somebody", "phone": None})
        assert set(reply.data) == {"id", "state", "version"}
        assert (await writer.get(f"/leads/{reply.data['id']}")).problem == "missing_scope"


async def test_leads_are_not_told_to_another_showroom(store: Program, stranger: Program) -> None:
    lead = (await added(store)).data["id"]
    assert (await stranger.get(f"/leads/{lead}")).problem == "not_found"
    change = await stranger.ask("PATCH", f"/leads/{lead}", json={"state": "won"})
    assert change.problem == "not_found"
    assert (await stranger.get("/leads")).data["items"] == []
    assert (await store.get(f"/leads/{lead}")).data["state"] == "new"
