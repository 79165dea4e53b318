"""What holds for every operation: keys, refusals, repetitions, versions, size and pace."""

import asyncio
import gzip
import io
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from showroom.api_keys import ApiKeys, Scope
from showroom.clock import system_clock
from showroom.ids import new_id
from showroom.showrooms import Showrooms
from showroom.tables import appointments
from tests.houses import House
from tests.web.api.programs import NEW_BOOKING, Program, Reply, a_program
from web.api import operations
from web.api.operations import BULK_BYTES, MOST_BYTES, AnyOperation
from web.api.table import OPERATIONS
from web.limits import Allowance

NAMES = {"showroom": "paris", "booking": "b", "lead": "l", "code": "c"}


def address_of(operation: AnyOperation, **names: str) -> str:
    """Return an operation's address, with what it needs to be parsed."""
    needed = "?language=en" if operation.id == "list_slots" else ""
    return operation.address.format(**{**NAMES, **names}) + needed


async def ask(program: Program, operation: AnyOperation, **more: Any) -> Reply:
    headers = {"Idempotency-Key": new_id(), **more.pop("headers", {})}
    path = address_of(operation, **more.pop("names", {}))
    return await program.ask(operation.method, path, headers=headers, **more)


async def test_without_a_key_that_holds_nothing_is_answered(store: Program) -> None:
    for operation in OPERATIONS:
        for given, said in (
            ("", False),
            ("Basic bHNyXzp4", False),
            ("Bearer", True),
            ("Bearer lsr_unknown", True),
            (f"Bearer {store.key}x", True),
            (f"Bearer {store.key[:-1]}", True),
            (f"Bearer {'x' * 5000}", True),
        ):
            reply = await ask(store, operation, headers={"Authorization": given})
            assert (reply.status, reply.problem) == (401, "unauthorized"), (operation.id, given)
            wanted = reply.headers["WWW-Authenticate"]
            assert wanted.startswith("Bearer ")
            assert ("invalid_token" in wanted) is said


async def test_an_address_that_tries_keys_learns_nothing_more_of_any(
    store: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = Allowance("few_wrong_keys", rate=0.001, burst=3)
    monkeypatch.setattr("web.api.serving.WRONG_KEYS", few)
    nobody = {"Authorization": ""}
    assert {(await store.get("/status", headers=nobody)).status for _ in range(9)} == {401}
    guesses = [replace(store, key=f"lsr_{n}") for n in range(4)]
    replies = [await guess.get("/status") for guess in guesses]
    assert [reply.status for reply in replies] == [401, 401, 401, 429]
    right = await store.get("/status")
    assert (right.status, right.problem) == (429, "too_many")
    assert int(right.headers["Retry-After"]) > 0


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests show many wrong keys."""
    patient = Allowance("wrong_keys", rate=1e6, burst=1e6)
    monkeypatch.setattr("web.api.serving.WRONG_KEYS", patient)


async def test_a_key_is_good_for_its_scopes_only(house: House) -> None:
    for operation in OPERATIONS:
        others = [scope for scope in Scope if scope is not operation.scope]
        async with a_program(house, "paris", others) as program:
            reply = await ask(program, operation)
            assert (reply.status, reply.problem) == (403, "missing_scope"), operation.id
            assert f'scope="{operation.scope}"' in reply.headers["WWW-Authenticate"]


async def test_no_operation_shows_another_showroom_or_says_that_there_is_one(
    store: Program, stranger: Program
) -> None:
    booking = await store.booked()
    names = {"booking": booking["id"], "lead": "l"}
    for operation in OPERATIONS:
        there = await ask(stranger, operation, names={"showroom": "paris", **names})
        nowhere = await ask(stranger, operation, names={"showroom": "nowhere", **names})
        assert there.status == 404, operation.id
        assert there.data == nowhere.data
        if "{booking}" in operation.path:
            body = {"starts_at": booking["starts_at"]} if operation.has_body else None
            lyon = await ask(stranger, operation, names={"showroom": "lyon", **names}, json=body)
            assert (lyon.status, lyon.problem) == (404, "not_found"), operation.id
    assert (await store.get(f"/bookings/{booking['id']}")).data == booking


async def test_a_revoked_key_is_refused_at_once(house: House, store: Program) -> None:
    database = house.node.shared.database
    keys = ApiKeys(database, system_clock)
    showroom = await Showrooms(database).by_slug("paris")
    assert (await store.get("/status")).status == 200
    [key] = await keys.of(showroom.id)
    await keys.revoke(showroom.id, key.id)
    assert (await store.get("/status")).problem == "unauthorized"


async def test_every_refusal_under_api_is_a_problem(store: Program) -> None:
    for method, path, status, code in (
        ("GET", "/api", 404, "not_found"),
        ("GET", "/api/", 404, "not_found"),
        ("GET", "/api/v1", 404, "not_found"),
        ("GET", "/api/v2/showrooms", 404, "not_found"),
        ("GET", "/api/v1/showrooms/paris", 404, "not_found"),
        ("GET", "/api/v1/showrooms/paris/nothing", 404, "not_found"),
        ("GET", "/api/v1/showrooms/pa%00ris/status", 404, "not_found"),
        ("GET", "/api/v1/showrooms/paris/bookings/%00", 404, "not_found"),
        ("GET", "/api/v1/showrooms/paris/bookings/" + "x" * 999, 404, "not_found"),
        ("DELETE", "/api/v1/showrooms/paris/status", 405, "method_not_allowed"),
        ("OPTIONS", "/api/v1/showrooms/paris/bookings", 405, "method_not_allowed"),
        ("POST", "/api/v1/openapi.json", 405, "method_not_allowed"),
    ):
        reply = await store.ask(method, path)
        assert (reply.status, reply.problem) == (status, code), path
        if status == 405:
            assert reply.headers["Allow"]
        assert "Set-Cookie" not in reply.headers
        assert "Access-Control-Allow-Origin" not in reply.headers


async def test_parameters_that_we_do_not_know_are_refused(store: Program) -> None:
    for query, parameter in (
        ("language=en&tongue=fr", "tongue"),
        ("language=en&language=fr", "language"),
        ("language=%ff", "language"),
        ("", "language"),
        ("language=en&limit=0", "limit"),
        ("language=en&limit=1_0", "limit"),
        ("language=en&limit=" + "9" * 5000, "limit"),
        ("language=en&cursor=nonsense", "cursor"),
        ("language=en&cursor=WzFlOTld", "cursor"),
        ("language=en&cursor=é", "cursor"),
        ("language=en&from=0", "from"),
        ("language=en&until=2031-02-30T00:00:00Z", "until"),
    ):
        reply = await store.get(f"/slots?{query}")
        assert (reply.status, reply.problem) == (422, "invalid"), query
        assert reply.data["errors"][0]["parameter"] == parameter


async def test_what_else_a_program_expects_of_us_changes_nothing(store: Program) -> None:
    for expected in ("x", "100-continue, x", "100-Continue", "é"):
        headers = {"Expect": expected}
        reply = await store.post("/bookings", {}, headers=headers)
        assert (reply.status, reply.problem) == (422, "invalid"), expected
        assert (await store.get("/status", headers=headers)).status == 200
        events = await store.post("/api/v1/store/events", {}, headers=headers)
        assert (events.status, events.problem) == (401, "bad_signature")


JSON = {"Content-Type": "application/json"}
# bytes, headers, what is right
BODIES: tuple[tuple[bytes, Mapping[str, str], int, str], ...] = (
    (b"{}", {"Content-Type": "text/plain"}, 415, "unsupported_media_type"),
    (b"{}", {"Content-Type": "application/json; charset=utf-16"}, 415, "unsupported_media_type"),
    (b"a=b", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "unsupported_media_type"),
    (b"", JSON, 400, "bad_request"),
    (b"{", JSON, 400, "bad_request"),
    (b"\xff", JSON, 400, "bad_request"),
    (b'{"starts_at": "\\ud800"}', JSON, 400, "bad_request"),
    (b'{"name": "a", "name": "b"}', JSON, 400, "bad_request"),
    (b'{"campaign": {"name": "a", "name": "b"}}', JSON, 400, "bad_request"),
    (b'{"name": NaN}', JSON, 400, "bad_request"),
    (b'{"name": -Infinity}', JSON, 400, "bad_request"),
    (b'{"name": ' + b"9" * 10_000 + b"}", JSON, 400, "bad_request"),
    (b"[" * 30_000, JSON, 400, "bad_request"),
    (b'{"name":' * 500 + b"1" + b"}" * 500, JSON, 400, "bad_request"),
    (b"[]", JSON, 422, "invalid"),
    (b"null", JSON, 422, "invalid"),
    (b'{"name": 1e999}', JSON, 422, "invalid"),
    (b'{"name": 1}', JSON, 422, "invalid"),
    (b'"' + b"x" * MOST_BYTES + b'"', JSON, 413, "too_large"),
    (b"[]", {**JSON, "Content-Encoding": "identity"}, 422, "invalid"),
    *(
        (b"[]", {**JSON, "Content-Encoding": coding}, 415, "unsupported_media_type")
        for coding in ("gzip", "deflate", "br", "zstd", "gzip, gzip", "x")
    ),
    (gzip.compress(b"[]"), {**JSON, "Content-Encoding": "gzip"}, 415, "unsupported_media_type"),
)


async def test_bodies_are_refused_by_kind_size_and_meaning(store: Program) -> None:
    for raw, headers, status, code in BODIES:
        once = {"Idempotency-Key": new_id()}
        reply = await store.ask("POST", "/bookings", data=raw, headers={**headers, **once})
        assert (reply.status, reply.problem) == (status, code), raw[:40]
    huge = io.BytesIO(b'{"items": []' + b" " * BULK_BYTES + b"}")
    reply = await store.ask("PUT", "/vehicles", data=huge, headers=JSON)
    assert (reply.status, reply.problem) == (413, "too_large")
    fine = io.BytesIO(b'{"items": []' + b" " * (BULK_BYTES - 100) + b"}")
    assert (await store.ask("PUT", "/vehicles", data=fine, headers=JSON)).status == 200


async def test_what_is_known_already_is_not_sent_again(store: Program) -> None:
    first = await store.get("/vehicles")
    tag = first.headers["ETag"]
    assert not tag.startswith("W/")
    for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        again = await store.get("/vehicles", headers={"If-None-Match": known})
        assert (again.status, again.data, again.headers["ETag"]) == (304, "", tag)
    other = await store.get("/vehicles", headers={"If-None-Match": '"x"'})
    assert other.data == first.data
    assert "private" in first.headers["Cache-Control"]


async def test_each_key_has_a_pace_of_its_own(
    store: Program, stranger: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "PACE", Allowance("api", rate=0.001, burst=3))
    replies = [await store.get("/status") for _ in range(4)]
    assert [reply.status for reply in replies] == [200, 200, 200, 429]
    assert replies[-1].problem == "too_many"
    assert int(replies[-1].headers["Retry-After"]) > 0
    lyon = replace(stranger, base="/api/v1/showrooms/lyon")
    assert (await lyon.get("/status")).status == 200


# ---------------------------------------------------------------- once


async def test_the_same_request_again_gets_the_first_answer(store: Program) -> None:
    body = {**NEW_BOOKING, "starts_at": (await store.free())[0]}
    first = await store.post("/bookings", body, once="order-7")
    shuffled = dict(reversed(body.items()))
    for name in ("order-7", '"order-7"'):
        again = await store.post("/bookings", shuffled, once=name)
        assert (again.status, again.data) == (201, first.data)
        assert again.headers["Idempotent-Replayed"] == "true"
        for header in ("ETag", "Location", "Content-Type"):
            assert again.headers[header] == first.headers[header]
    assert "Idempotent-Replayed" not in first.headers
    await store.post(f"/bookings/{first.data['id']}/cancel")
    assert (await store.post("/bookings", body, once="order-7")).data == first.data


async def test_a_refusal_is_an_answer_too(store: Program) -> None:
    body = {**NEW_BOOKING, "starts_at": "2001-01-01T00:00:00Z"}
    first = await store.post("/bookings", body, once="late")
    again = await store.post("/bookings", body, once="late")
    assert (again.status, again.problem, again.data) == (409, "slot_taken", first.data)
    assert again.headers["Idempotent-Replayed"] == "true"


async def test_an_idempotency_key_says_one_thing(store: Program, stranger: Program) -> None:
    free = await store.free()
    body = {**NEW_BOOKING, "starts_at": free[0]}
    assert (await store.post("/bookings", body, once="k")).status == 201
    other = await store.post("/bookings", {**body, "starts_at": free[2]}, once="k")
    assert (other.status, other.problem) == (422, "idempotency_key_reused")
    elsewhere = replace(stranger, base="/api/v1/showrooms/lyon")
    lyon = await elsewhere.post("/bookings", {**body, "name": "Lyon"}, once="k")
    assert lyon.status == 201, "another caller's key is another key"


async def test_every_post_needs_an_idempotency_key(store: Program) -> None:
    for operation in OPERATIONS:
        if operation.method != "POST":
            continue
        for given in ([], ["", ""], [""], [" "], ['""'], ["x" * 300], ["é"], ["a", "b"]):
            headers = [("Authorization", f"Bearer {store.key}")]
            headers += [("Idempotency-Key", one) for one in given]
            url = store.origin + address_of(operation)
            async with store.http.post(url, headers=headers, json={}) as response:
                reply = Reply(
                    response.status, response.headers, await response.json(content_type=None)
                )
            assert (reply.status, reply.problem) == (400, "idempotency_key_missing"), given


async def test_of_many_who_send_the_same_at_once_one_is_carried_out(
    house: House, store: Program
) -> None:
    body = {**NEW_BOOKING, "starts_at": (await store.free())[0]}
    replies = await asyncio.gather(*(store.post("/bookings", body, once="all") for _ in range(20)))
    done = [reply for reply in replies if reply.status == 201]
    running = [reply for reply in replies if reply.status == 409]
    assert len(done) + len(running) == 20
    assert len({reply.data["id"] for reply in done}) == 1
    assert {reply.problem for reply in running} <= {"in_progress"}
    assert all(0 < int(reply.headers["Retry-After"]) <= 60 for reply in running)
    async with house.node.shared.database.read() as connection:
        count = sa.select(sa.func.count()).select_from(appointments)
        assert await connection.scalar(count) == 1


async def test_a_node_that_died_before_it_could_answer_has_booked_once(
    house: House, store: Program
) -> None:
    body = {**NEW_BOOKING, "starts_at": (await store.free())[0]}
    first = await store.post("/bookings", body, once="crash")
    # As a power cut would leave it between the booking and the answer, a minute ago.
    async with house.node.shared.database.write() as connection:
        await connection.execute(
            sa.text(
                "UPDATE idempotent_requests SET status = NULL, body = '', "
                "claimed_at = claimed_at - 61000"
            )
        )
    again = await store.post("/bookings", body, once="crash")
    assert (again.status, again.data) == (201, first.data)
    async with house.node.shared.database.read() as connection:
        count = sa.select(sa.func.count()).select_from(appointments)
        assert await connection.scalar(count) == 1


async def test_a_change_of_a_version_is_found_done_after_a_crash(
    house: House, store: Program
) -> None:
    booking, free = await store.booked(), await store.free()
    path = f"/bookings/{booking['id']}"
    for what, body in (("reschedule", {"starts_at": free[3]}), ("cancel", None)):
        seen = {"If-Match": (await store.get(path)).headers["ETag"]}
        first = await store.post(f"{path}/{what}", body, once=what, headers=seen)
        assert first.status == 200
        async with house.node.shared.database.write() as connection:
            await connection.execute(
                sa.text(
                    "UPDATE idempotent_requests SET status = NULL, claimed_at = claimed_at - 61000"
                    " WHERE status = 200"
                )
            )
        again = await store.post(f"{path}/{what}", body, once=what, headers=seen)
        assert (again.status, again.data) == (200, first.data), what
        assert again.headers["ETag"] == first.headers["ETag"]
    late = await store.post(f"{path}/reschedule", {"starts_at": free[3]}, headers=seen)
    assert late.status == 412, "it was cancelled meanwhile"


async def test_a_key_that_is_used_again_after_a_day_tells_nobody_elses_booking(
    house: House, store: Program
) -> None:
    free = await store.free()
    body = {**NEW_BOOKING, "starts_at": free[0]}
    first = await store.post("/bookings", body, once="1")
    async with house.node.shared.database.write() as connection:
        await connection.execute(
            sa.text("UPDATE idempotent_requests SET created_at = created_at - 86400000")
        )
    other = {**body, "starts_at": free[3], "name": "Alain", "email": "alain@example.com"}
    again = await store.post("/bookings", other, once="1")
    assert (again.status, again.data["name"]) == (201, "Alain")
    assert again.data["id"] != first.data["id"]


async def test_a_crash_is_a_problem_without_a_word_of_what_is_inside(
    store: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object) -> None:
        raise RuntimeError("the inside of it")

    monkeypatch.setattr("web.api.serving._carry_out", breaks)
    body = {**NEW_BOOKING, "starts_at": "2031-01-01T00:00:00Z"}
    for reply in (await store.get("/status"), await store.post("/bookings", body, once="c")):
        assert (reply.status, reply.problem) == (500, "crashed")
        assert "inside" not in json.dumps(reply.data)
    monkeypatch.undo()
    assert (await store.post("/bookings", body, once="c")).status == 409, "it was given up"
