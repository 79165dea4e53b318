"""Free times and bookings, for a store's own page."""

import asyncio
from base64 import urlsafe_b64encode
from datetime import datetime

from showroom.ids import new_id
from tests.houses import House
from tests.web.api.programs import NEW_BOOKING, Program


async def test_free_times_are_listed_page_by_page(store: Program) -> None:
    reply = await store.get("/slots", params={"language": "en", "limit": "7"})
    assert reply.status == 200
    first, following = reply.data["items"], reply.data["next"]
    assert len(first) == 7
    assert reply.headers["Link"] == f'<{following}>; rel="next"'
    second = (await store.get(following)).data["items"]
    starts = [slot["starts_at"] for slot in first + second]
    assert starts == sorted(set(starts)) == (await store.free(limit="14"))
    assert all(datetime.fromisoformat(start).utcoffset() is not None for start in starts)
    begin, end = starts[3], starts[9]
    some = await store.get("/slots", params={"language": "fr-FR", "from": begin, "until": end})
    assert some.data["items"][0]["starts_at"] == begin
    assert all(slot["ends_at"] <= end for slot in some.data["items"])
    assert some.data["next"] is None
    assert "Link" not in some.headers


async def test_an_unknown_advisor_is_not_found_and_has_no_free_times(store: Program) -> None:
    reply = await store.get("/slots", params={"language": "en", "advisor": "nobody"})
    assert (reply.status, reply.problem) == (404, "not_found")


async def test_a_visit_is_booked_told_moved_and_cancelled(store: Program) -> None:
    free = await store.free()
    body = {**NEW_BOOKING, "starts_at": free[0], "phone": "06 12 34 56 78", "zone": "Asia/Tokyo"}
    reply = await store.post("/bookings", body)
    assert reply.status == 201
    booking = reply.data
    assert booking["starts_at"] == free[0]
    assert booking["state"] == "booked"
    assert booking["phone"] == "+33612345678"
    assert booking["zone"] == "Asia/Tokyo"
    assert booking["consents"][0]["purpose"] == "contact"
    assert booking["url"].startswith("http")
    again = await store.get(reply.headers["Location"])
    assert again.data == booking
    assert again.headers["ETag"] == reply.headers["ETag"]
    path = f"/bookings/{booking['id']}"
    moved = await store.post(f"{path}/reschedule", {"starts_at": free[3]})
    assert (moved.status, moved.data["starts_at"]) == (200, free[3])
    assert moved.data["sequence"] == booking["sequence"] + 1
    over = await store.post(f"{path}/cancel")
    assert (over.status, over.data["state"]) == (200, "cancelled")
    late = await store.post(f"{path}/reschedule", {"starts_at": free[4]})
    assert (late.status, late.problem) == (409, "illegal_move")


async def test_bookings_are_listed_page_by_page(store: Program) -> None:
    booked = [await store.booked(email=f"p{n}@example.com") for n in range(3)]
    await store.post(f"/bookings/{booked[1]['id']}/cancel")
    first = await store.get("/bookings?limit=2")
    second = await store.get(first.data["next"])
    found = first.data["items"] + second.data["items"]
    assert {one["id"] for one in found} == {one["id"] for one in booked}
    assert [one["starts_at"] for one in found] == sorted(one["starts_at"] for one in booked)
    assert sorted(one["state"] for one in found) == ["booked", "booked", "cancelled"]
    advisor = booked[0]["advisor"]["id"]
    theirs = (await store.get("/bookings", params={"advisor": advisor})).data["items"]
    assert {one["advisor"]["id"] for one in theirs} == {advisor}
    late = {"from": "2099-01-01T00:00:00Z"}
    assert (await store.get("/bookings", params=late)).data["items"] == []
    assert (await store.get("/bookings?advisor=nobody")).problem == "not_found"
    for place in (b'[0, "\\u0000"]', b'[-1, "x"]', b"[0]"):
        made_up = {"cursor": urlsafe_b64encode(place).decode().rstrip("=")}
        assert (await store.get("/bookings", params=made_up)).problem == "invalid", place


async def test_a_time_that_is_taken_is_refused_with_those_that_are_free(store: Program) -> None:
    start = (await store.free())[0]
    body = {**NEW_BOOKING, "starts_at": start}
    replies = await asyncio.gather(*(store.post("/bookings", body) for _ in range(5)))
    taken = [reply for reply in replies if reply.status == 409]
    assert [reply.status for reply in replies].count(201) == 2, "Alice and Bruno receive"
    assert {reply.problem for reply in taken} == {"slot_taken"}
    assert all(start not in reply.data["free"] for reply in taken)
    assert all(len(reply.data["free"]) == 6 for reply in taken)
    booked = await store.post("/bookings", {**body, "starts_at": taken[0].data["free"][0]})
    assert booked.status == 201


async def test_a_change_counts_only_on_the_version_that_was_seen(store: Program) -> None:
    booking = await store.booked()
    free = await store.free()
    path = f"/bookings/{booking['id']}"
    seen = {"If-Match": (await store.get(path)).headers["ETag"]}
    moves = [store.post(f"{path}/reschedule", {"starts_at": s}, headers=seen) for s in free[2:5]]
    replies = await asyncio.gather(*moves)
    assert sorted(reply.status for reply in replies) == [200, 412, 412]
    lost = next(reply for reply in replies if reply.status == 412)
    assert lost.problem == "changed_meanwhile"
    stale = await store.post(f"{path}/cancel", headers=seen)
    assert stale.status == 412
    weak = {"If-Match": "W/" + (await store.get(path)).headers["ETag"]}
    assert (await store.post(f"{path}/cancel", headers=weak)).status == 412
    assert (await store.post(f"{path}/cancel", headers={"If-Match": "*"})).status == 200


async def test_everything_that_is_wrong_with_a_booking_is_named(store: Program) -> None:
    body = {
        **NEW_BOOKING,
        "starts_at": (await store.free())[0],
        "email": "nobody",
        "phone": "12",
        "name": "\u202e \n",
        "consents": [{"purpose": "news", "version": "1"}],
    }
    reply = await store.post("/bookings", body)
    assert (reply.status, reply.problem) == (422, "invalid")
    named = {error["pointer"] for error in reply.data["errors"]}
    assert named == {"/name", "/email", "/phone", "/consents"}
    for change, pointer in (
        ({"starts_at": "2031-05-02T14:30:00"}, "/starts_at"),
        ({"starts_at": 1_900_000_000_000}, "/starts_at"),
        ({"starts_at": "9999-12-31T23:59:59-23:59"}, "/starts_at"),
        ({"language": "english"}, "/language"),
        ({"vehicle": "none"}, "/vehicle"),
        ({"advisor": "nobody"}, "/advisor"),
        ({"zone": "Mars/Olympus"}, "/zone"),
        ({"name": "x" * 10_000}, "/name"),
        ({"colour/~": 1}, "/colour~1~0"),
    ):
        fine = {**NEW_BOOKING, "starts_at": (await store.free())[0]}
        reply = await store.post("/bookings", {**fine, **change})
        assert (reply.status, reply.problem) == (422, "invalid"), change
        assert [error["pointer"] for error in reply.data["errors"]] == [pointer]


async def test_a_past_time_is_taken_and_a_hold_is_no_booking(store: Program, house: House) -> None:
    past = await store.post("/bookings", {**NEW_BOOKING, "starts_at": "2001-01-01T00:00:00Z"})
    assert (past.status, past.problem) == (409, "slot_taken")
    unknown = await store.get(f"/bookings/{new_id()}")
    assert (unknown.status, unknown.problem) == (404, "not_found")
