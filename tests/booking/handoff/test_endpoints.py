"""Endpoints: added with care, their secrets shown once, and never another showroom's."""

import base64
from collections.abc import Awaitable, Callable

import pytest

from booking.delivery import Delivered
from booking.handoff.endpoint import EndpointKind, EndpointState
from booking.handoff.endpoints import Endpoints
from booking.handoff.topics import Topic
from showroom.audit import AuditLog, Deed, Subject
from showroom.database import Database
from showroom.errors import BadRequest, IllegalMove, NotFound
from showroom.ids import EndpointId, ShowroomId
from tests.booking.delivering import until
from tests.booking.handoff.receiver import receiving
from tests.booking.handoff.sending import Handing
from tests.samples import saved_showroom

URL = "https://store.example.com/hooks"


async def test_a_secret_is_what_the_specification_asks_for(handing: Handing) -> None:
    endpoint = await handing.endpoint(URL)
    (secret,) = endpoint.secrets
    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) >= 24
    assert secret not in repr(endpoint)
    assert endpoint.secrets != (await handing.endpoint(URL)).secrets


async def test_during_a_rotation_there_are_two_secrets_the_newest_first(handing: Handing) -> None:
    endpoint = await handing.endpoint(URL)
    known = handing.endpoints
    first = await known.rotate(handing.showroom, endpoint.id)
    assert (await known.get(handing.showroom, endpoint.id)).secrets == (first, *endpoint.secrets)
    with pytest.raises(IllegalMove, match="Drop the old one"):
        await known.rotate(handing.showroom, endpoint.id)
    assert (await known.get(handing.showroom, endpoint.id)).secrets == (first, *endpoint.secrets)
    await known.end_rotation(handing.showroom, endpoint.id)
    assert (await known.get(handing.showroom, endpoint.id)).secrets == (first,)
    second = await known.rotate(handing.showroom, endpoint.id)
    assert (await known.get(handing.showroom, endpoint.id)).secrets == (second, first)


async def test_only_webhooks_have_a_secret(handing: Handing) -> None:
    folder = await handing.endpoint(kind=EndpointKind.FOLDER)
    assert folder.secrets == ()
    with pytest.raises(IllegalMove):
        await handing.endpoints.rotate(handing.showroom, folder.id)


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        (EndpointKind.WEBHOOK, ""),
        (EndpointKind.WEBHOOK, "store.example.com"),
        (EndpointKind.WEBHOOK, "ftp://store.example.com"),
        (EndpointKind.WEBHOOK, "https://me:secret@store.example.com"),
        (EndpointKind.ADF_HTTP, "http://10.0.0.8/crm"),
        (EndpointKind.ADF_HTTP, "http://0xA000008/crm"),
        (EndpointKind.ADF_MAIL, "crm.example.com"),
        (EndpointKind.ADF_MAIL, "crm@example.com\r\nBcc: all@example.com"),
    ],
)
async def test_an_address_that_can_not_be_sent_to_is_refused_with_its_field(
    handing: Handing, kind: EndpointKind, address: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        await handing.endpoint(address, kind, [Topic.LEAD_QUALIFIED])
    assert refused.value.field == "address"


async def test_a_new_address_is_checked_like_the_first_one(handing: Handing) -> None:
    endpoint = await handing.endpoint(URL)
    for wrong in ("", "store.example.com", "https://10.0.0.8/", "crm@example.com"):
        with pytest.raises(BadRequest) as refused:
            await handing.endpoints.move(handing.showroom, endpoint.id, wrong)
        assert refused.value.field == "address"
    assert await handing.endpoints.get(handing.showroom, endpoint.id) == endpoint


async def test_an_endpoint_that_moves_keeps_secret_and_log_and_gets_what_waited(
    handing: Handing,
) -> None:
    endpoint = await handing.endpoint("http://127.0.0.1:1/")
    await handing.publish()
    await handing.send_due(endpoint.id)
    async with receiving(endpoint.secrets) as store:
        await handing.endpoints.move(handing.showroom, endpoint.id, f"{store.url}/ok")
        handing.clock.advance(seconds=5)
        assert await handing.send_due(endpoint.id) == [Delivered("200 ok")]
        await until(lambda: len(store.requests) == 1)
    assert store.requests[0]["verified"] == [True]
    (line,) = await handing.lines()
    assert [one.request["url"] for one in await handing.log(line)] == [
        f"{store.url}/ok",
        "http://127.0.0.1:1/",
    ]


async def test_files_take_no_path_from_outside(handing: Handing) -> None:
    folder = await handing.endpoint("/etc/cron.d", EndpointKind.FOLDER)
    assert folder.address == ""
    await handing.endpoints.move(handing.showroom, folder.id, "/etc/cron.d")
    assert (await handing.endpoints.get(handing.showroom, folder.id)).address == ""


async def test_a_crm_hears_of_leads_only(handing: Handing) -> None:
    crm = await handing.endpoint("crm@example.com", EndpointKind.ADF_MAIL)
    assert crm.topics == (Topic.LEAD_QUALIFIED, Topic.LEAD_UPDATED)
    with pytest.raises(BadRequest, match="hears of"):
        await handing.endpoint("crm@example.com", EndpointKind.ADF_MAIL, [Topic.CALL_ENDED])


async def test_a_dealer_who_is_in_no_directory_is_refused(handing: Handing) -> None:
    with pytest.raises(BadRequest) as refused:
        await handing.endpoint(URL, dealer="nobody")
    assert refused.value.field == "dealer"


async def test_a_removed_endpoint_gets_nothing_more_and_its_backlog_is_dropped(
    handing: Handing,
) -> None:
    endpoint = await handing.endpoint(URL)
    await handing.publish()
    await handing.endpoints.remove(handing.showroom, endpoint.id)
    assert await handing.claimed(endpoint.id) == []
    (line,) = await handing.lines()
    assert (line.state, line.answer) == ("dropped", "the endpoint was removed")
    assert await handing.endpoints.of(handing.showroom) == []


async def test_a_state_says_how_it_does(handing: Handing) -> None:
    endpoint = await handing.endpoint(URL)
    assert endpoint.state is EndpointState.NEW
    await handing.endpoints.disable(handing.showroom, endpoint.id, "x" * 500)
    disabled = await handing.endpoints.get(handing.showroom, endpoint.id)
    assert disabled.state is EndpointState.DISABLED
    assert disabled.disabled_reason == "x" * 200


@pytest.mark.parametrize(
    "ask",
    [
        Endpoints.get,
        lambda known, *which: known.move(*which, URL),
        Endpoints.rotate,
        Endpoints.end_rotation,
        Endpoints.disable,
        Endpoints.enable,
        Endpoints.remove,
    ],
)
async def test_another_showrooms_endpoint_is_not_found(
    handing: Handing,
    database: Database,
    ask: Callable[[Endpoints, ShowroomId, EndpointId], Awaitable[object]],
) -> None:
    endpoint = await handing.endpoint(URL)
    lyon = await saved_showroom(database, "lyon")
    with pytest.raises(NotFound):
        await ask(handing.endpoints, lyon, endpoint.id)
    assert await handing.endpoints.get(handing.showroom, endpoint.id) == endpoint


async def test_each_change_is_noted_with_who_made_it_and_never_a_secret(handing: Handing) -> None:
    known, boss = handing.endpoints, {"who": "the-boss"}
    here = handing.showroom
    made = await known.add(
        here, EndpointKind.WEBHOOK, "Store", f"{URL}?key=canary", [Topic.LEAD_UPDATED], **boss
    )
    await known.move(here, made.id, f"{URL}?key=another", **boss)
    rotated = await known.rotate(here, made.id, **boss)
    await known.end_rotation(here, made.id, **boss)
    await known.end_rotation(here, made.id, **boss)
    await known.disable(here, made.id, "it is moved", **boss)
    await known.disable(here, made.id, **boss)
    await known.enable(here, made.id, **boss)
    await known.remove(here, made.id, **boss)
    log = [noted.entry for noted in await AuditLog(handing.database).page(here)][::-1]
    assert {(one.who, one.subject, one.subject_id) for one in log} == {
        ("the-boss", Subject.ENDPOINT, made.id)
    }
    assert [(one.deed, one.before, one.after) for one in log[1:-1]] == [
        (Deed.CHANGED, {"address": f"{URL}?…"}, {"address": f"{URL}?… (another query)"}),
        (Deed.CHANGED, {"signing_keys": 1}, {"signing_keys": 2}),
        (Deed.CHANGED, {"signing_keys": 2}, {"signing_keys": 1}),
        (Deed.CHANGED, {"disabled": False}, {"disabled": True, "disabled_reason": "it is moved"}),
        (Deed.CHANGED, {"disabled": True, "disabled_reason": "it is moved"}, {"disabled": False}),
    ]
    assert (log[0].deed, log[0].before, log[0].after["topics"]) == (
        Deed.ADDED,
        {},
        ["lead.updated"],
    )
    assert (log[-1].deed, log[-1].before["name"], log[-1].after) == (Deed.REMOVED, "Store", {})
    for canary in ("canary", "key=another", rotated, *made.secrets):
        assert canary not in repr(log)


async def test_a_change_that_fails_is_not_noted(handing: Handing) -> None:
    folder = await handing.endpoint(kind=EndpointKind.FOLDER)
    with pytest.raises(IllegalMove):
        await handing.endpoints.rotate(handing.showroom, folder.id)
    (added,) = await AuditLog(handing.database).page(handing.showroom)
    assert added.entry.deed is Deed.ADDED
