"""Photos in a call: one at a time, drawn on by both, and only while the call runs."""

import asyncio
from typing import Any

import pytest

from media.photos import Photos
from showroom.drawings import Stroke
from showroom.errors import TooMany
from showroom.files import FolderFiles
from showroom.ids import CallId, PhotoId
from showroom.words import Side
from signaling.messages import Draw
from signaling.party import Party
from signaling.photos import MOST_POINTS, MOST_STROKES
from tests.houses import House, live_call
from tests.people import Payload, Person
from tests.photos import sends_photo
from tests.samples import PASSWORD
from tests.visits import desk_of, paris_of, staff_id


async def drawing(who: Person, photo: str) -> list[Payload]:
    answer = await who.send("look_at_photo", photo=photo)
    assert answer["ok"], answer
    strokes: list[Payload] = answer["strokes"]
    return strokes


def line(photo: str, stroke: str = "s", start: int = 0, *points: float) -> Payload:
    return {"photo": photo, "stroke": stroke, "start": start, "points": points or (0.1, 0.2)}


async def test_a_second_tap_asks_for_no_second_photo(house: House) -> None:
    async with live_call(house) as (customer, alice, _):
        assert (await customer.send("ask_photo"))["ok"]
        asked = (await alice.until("call_state", lambda m: bool(m["photo"])))["photo"]
        assert asked["state"] == "asked"
        assert (await customer.send("ask_photo"))["ok"]
        taken = [await alice.send("take_photo"), await alice.send("take_photo")]
        assert [one["photo"] for one in taken] == [asked["id"]] * 2
        state = await customer.until(
            "call_state", lambda m: (m["photo"] or {}).get("state") == "taking"
        )
        assert state["photo"]["id"] == asked["id"]


async def test_both_see_how_far_a_photo_is_and_then_the_photo(house: House) -> None:
    async with live_call(house) as (customer, alice, call):
        photo = await sends_photo(alice, call)
        for side in (customer, alice):
            progress = await side.until("photo_progress")
            assert (progress["photo"], 0 < progress["received"] < progress["size"]) == (photo, True)
            entry = (await side.until("logged"))["entry"]
            assert (entry["kind"], entry["by"], entry["id"]) == ("photo", "advisor", photo)
            assert entry["photo"] == {
                "id": photo,
                "picture": f"/s/paris/photos/{photo}",
                "small": f"/s/paris/photos/{photo}/small",
                "width": 800,
                "height": 600,
            }
            await side.until("call_state", lambda m: m["photo"] is None)
            await side.come_back()
            assert (await side.until_call("live"))["log"][-1]["photo"]["id"] == photo


async def test_a_wish_can_be_taken_back_but_not_what_is_on_its_way(house: House) -> None:
    async with live_call(house) as (customer, alice, _):
        assert (await customer.send("cancel_photo"))["ok"]
        await customer.send("ask_photo")
        await customer.until("call_state", lambda m: bool(m["photo"]))
        assert (await customer.send("cancel_photo"))["ok"]
        await alice.until("call_state", lambda m: m["photo"] is None)
        await alice.send("take_photo")
        assert (await customer.send("cancel_photo"))["code"] == "illegal_move"
        assert (await alice.send("cancel_photo"))["ok"]
        await customer.until("call_state", lambda m: m["photo"] is None)


async def test_what_one_draws_the_other_sees_and_who_comes_back_finds_it(house: House) -> None:
    async with live_call(house) as (customer, alice, call):
        photo = await sends_photo(alice, call)
        assert (await customer.send("draw", **line(photo, "a", 0, 0.1, 0.2, 0.3, 0.4)))["ok"]
        seen = await alice.until("drawn")
        assert seen == {**line(photo, "a"), "by": "customer", "points": [0.1, 0.2, 0.3, 0.4]}
        # A batch whose answer got lost comes again, with a point more.
        assert (await customer.send("draw", **line(photo, "a", 1, 0.3, 0.4, 0.5, 0.6)))["ok"]
        assert (await alice.send("draw", **line(photo, "a", 0, 1, 1)))["ok"]
        whole = [
            {"by": "customer", "stroke": "a", "points": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]},
            {"by": "advisor", "stroke": "a", "points": [1, 1]},
        ]
        await customer.come_back(page="reloaded")
        assert await drawing(customer, photo) == await drawing(alice, photo) == whole
        gap = await customer.send("draw", **line(photo, "a", 4))
        assert gap["code"] == "conflict"


async def test_one_takes_back_ones_own_stroke_and_either_clears_all(house: House) -> None:
    async with live_call(house) as (customer, alice, call):
        photo = await sends_photo(alice, call)
        for side in (customer, alice):
            for stroke in ("a", "b"):
                assert (await side.send("draw", **line(photo, stroke)))["ok"]
        assert (await customer.send("undraw", photo=photo, stroke="b"))["ok"]
        taken = await alice.until("undrawn")
        assert taken == {"photo": photo, "by": "customer", "stroke": "b"}
        left = [(one["by"], one["stroke"]) for one in await drawing(alice, photo)]
        assert left == [("customer", "a"), ("advisor", "a"), ("advisor", "b")]
        assert (await customer.send("undraw", photo=photo))["ok"]
        assert await drawing(alice, photo) == []
        assert (await alice.send("draw", **line(photo, "c")))["ok"]
        assert len(await drawing(alice, photo)) == 1


async def test_a_drawing_has_bounds(house: House) -> None:
    async with live_call(house) as (_, alice, call):
        photo = PhotoId(await sends_photo(alice, call))
        shared = house.node.shared
        advisor = await staff_id(shared.database, "alice@example.com")
        who = Party(await paris_of(shared), Side.ADVISOR, CallId(call), advisor)
        photos = desk_of(shared).photos
        points = [0.5, 0.5] * 100
        for start in range(0, MOST_POINTS, 100):
            await photos.draw(who, Draw(photo=photo, stroke="s", start=start, points=points))
        too_long = Draw(photo=photo, stroke="s", start=MOST_POINTS, points=[0, 0])
        with pytest.raises(TooMany):
            await photos.draw(who, too_long)
        for n in range(MOST_STROKES - 1):
            await photos.draw(who, Draw(photo=photo, stroke=f"s{n}", start=0, points=[0, 0]))
        one_more = Draw(photo=photo, stroke="more", start=0, points=[0, 0])
        with pytest.raises(TooMany):
            await photos.draw(who, one_more)
        assert len(await photos.drawing(who.showroom.id, photo)) == MOST_STROKES


@pytest.mark.parametrize(
    "points",
    [[], [0.1], [2, 0], [-0.1, 0], ["x", 0], [0.1, 0.2] * 101, [None, 0], "0.1", [0.1, 0.2, 0.3]],
)
async def test_points_beside_the_photo_or_without_measure_are_refused(
    house: House, points: Any
) -> None:
    async with live_call(house) as (customer, alice, call):
        photo = await sends_photo(alice, call)
        answer = await customer.send("draw", photo=photo, stroke="s", start=0, points=points)
        assert answer["code"] == "bad_request"


async def test_both_know_which_photo_the_other_one_has_before_it(house: House) -> None:
    async with live_call(house) as (customer, alice, call):
        photo = await sends_photo(alice, call)
        await customer.send("look_at_photo", photo=photo)
        state = await alice.until("call_state", lambda m: bool(m["open_photos"]["customer"]))
        assert state["open_photos"] == {"customer": photo, "advisor": None}
        await alice.send("look_at_photo", photo=photo)
        await customer.until("call_state", lambda m: m["open_photos"]["advisor"] == photo)
        await customer.send("look_at_photo", photo=None)
        await alice.until("call_state", lambda m: m["open_photos"]["customer"] is None)
        assert (await customer.send("look_at_photo", photo="unknown"))["code"] == "not_found"
        assert (await customer.send("draw", **line("unknown")))["code"] == "not_found"


async def test_after_the_call_a_drawing_can_be_seen_and_changes_no_more(house: House) -> None:
    async with live_call(house) as (customer, alice, call):
        photo = await sends_photo(alice, call)
        await customer.send("draw", **line(photo, "a", 0, 0.25, 0.5))
        await customer.send("hang_up")
        await alice.until_call("wrap_up")
        for side in (customer, alice):
            assert len(await drawing(side, photo)) == 1
            for event, wish in (
                ("draw", line(photo)),
                ("undraw", {"photo": photo}),
                ("ask_photo" if side is customer else "take_photo", {}),
            ):
                assert (await side.send(event, **wish))["code"] == "illegal_move"
        outcome = {"call": call, "outcome": "interested"}
        assert (await alice.send("save_outcome", **outcome))["ok"]
        shared = house.node.shared
        kept = Photos(shared.database, FolderFiles(shared.settings.data_dir), shared.clock)
        async with asyncio.timeout(10):
            while not (await kept.get(house.paris, PhotoId(photo))).strokes:
                await asyncio.sleep(0.05)
        strokes = (await kept.get(house.paris, PhotoId(photo))).strokes
        assert strokes == (Stroke(Side.CUSTOMER, (2500, 5000)),)


async def test_a_colleague_who_takes_the_call_over_has_no_photo_before_them(house: House) -> None:
    async with live_call(house) as (customer, alice, call), house.employee("b") as bruno:
        await bruno.work("bruno@example.com", PASSWORD)
        photo = await sends_photo(alice, call)
        await alice.send("look_at_photo", photo=photo)
        await customer.send("ask_photo")
        colleagues = (await alice.send("list_colleagues"))["colleagues"]
        assert (await alice.send("transfer", advisor=colleagues[0]["id"]))["ok"]
        rung = await bruno.accept()
        assert (rung["log"], rung["photo"]) == ([], None)
        state = await bruno.until_call("connecting")
        assert (state["photo"]["state"], state["open_photos"]["advisor"]) == ("asked", None)
        assert [entry["id"] for entry in state["log"] if entry["kind"] == "photo"] == [photo]
        assert (await alice.send("take_photo"))["code"] == "illegal_move"
