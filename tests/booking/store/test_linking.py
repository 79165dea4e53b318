"""Links to the store: templates that can't be led astray, and a context that the store can read."""

import base64
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from booking.store.context import Context, read, sign
from booking.store.linking import Links, checked_template, expand
from booking.store.secrets import StoreSecrets
from showroom.database import Database
from showroom.errors import BadRequest, NotFound
from showroom.ids import CallId
from showroom.showrooms import Showroom, Store
from tests.leads import saved_lead
from tests.samples import a_vehicle
from tests.virtual_clock import START_MS, VirtualClock

SHOP = "https://shop.example.com/cars/{vehicle}?context={context}"
SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()


@pytest.mark.parametrize(
    "template",
    [
        SHOP,
        "",
        "https://shop.example.com",
        "https://shop.example.com:8443/{language}/{vehicle}#{context}",
        "https://xn--bcher-kva.example/?p={price}&c={currency}&k={configuration}",
        "https://[2001:db8::1]/{vehicle}",
    ],
)
def test_a_right_template_is_kept(template: str) -> None:
    assert checked_template(f" {template} ") == template


@pytest.mark.parametrize(
    "template",
    [
        "http://shop.example.com/{vehicle}",
        "HTTPS//shop.example.com",
        "https://{vehicle}.example.com/",
        "https://{vehicle}",
        "https://shop.example.com{vehicle}",
        "https://user:password@shop.example.com/",
        "https:///path",
        "https://",
        "https://shop.example.com:0/",
        "https://shop.example.com:99999/",
        "https://[::1/",
        "https://shop.example.com/{name}",
        "https://shop.example.com/{+vehicle}",
        "https://shop.example.com/{vehicle,price}",
        "https://shop.example.com/{}",
        "https://shop.example.com/{vehicle",
        "https://shop.example.com/vehicle}",
        "https://shop.example.com/{{vehicle}}",
        "https://shop.example.com/a b",
        "https://shop.example.com/\nX: y",
        "https://bücher.example/",
        "https://shop.example.com\\@evil.example/",
        "javascript:alert(1)",
        "//shop.example.com/",
        "x" * 2001,
        "https://shop.example.com/" + "x" * 2000,
    ],
)
def test_another_template_is_refused_with_what_is_right(template: str) -> None:
    with pytest.raises(BadRequest) as refused:
        checked_template(template)
    assert "https://" in refused.value.message or "{vehicle}" in refused.value.message


def test_a_value_is_a_part_of_the_address_and_never_more() -> None:
    values = {"vehicle": "../a b?&#/é{context}%", "context": "c"}
    link = expand(SHOP, values)
    assert link == (
        "https://shop.example.com/cars/..%2Fa%20b%3F%26%23%2F%C3%A9%7Bcontext%7D%25?context=c"
    )


def test_a_context_comes_back_as_it_was_signed() -> None:
    context = Context(
        "paris", iat=1, exp=2, call="c", lead="l", vehicle="crete", price=1, campaign={"name": "é"}
    )
    token = sign(context, SECRET)
    assert read(token, ["whsec_" + "A" * 44, SECRET]) == context
    for wrong in (token[:-1], token + "A", "A" + token, token.replace(".", "")):
        with pytest.raises(BadRequest):
            read(wrong, [SECRET])
    with pytest.raises(BadRequest):
        read(token, [])


@pytest.fixture
def links(database: Database, secrets: StoreSecrets, clock: VirtualClock) -> Links:
    return Links(database, secrets, clock)


async def test_a_link_carries_car_price_and_a_context_without_a_person(
    database: Database, showroom: Showroom, links: Links, secrets: StoreSecrets
) -> None:
    secret = await secrets.rotate(showroom.id)
    lead = await saved_lead(database, showroom.id, call="call-1")
    url = "https://shop.example.com/{language}/{vehicle}?p={price}&c={currency}&x={context}"
    room = replace(showroom, store=Store(url=url))
    link = await links.link(
        room, a_vehicle(room.id), "cfg-7", "fr", CallId("call-1"), {"source": "newsletter"}
    )
    parts = urlsplit(link)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert (parts.path, asked["p"], asked["c"]) == ("/fr/crete", "41900.00", "EUR")
    assert read(asked["x"], [secret]) == Context(
        showroom="paris",
        iat=START_MS // 1000,
        exp=START_MS // 1000 + 3600,
        call="call-1",
        lead=lead,
        vehicle="crete",
        configuration="cfg-7",
        price=4_190_000,
        currency="EUR",
        campaign={"source": "newsletter"},
    )
    told = base64.urlsafe_b64decode(asked["x"].split(".")[0] + "==").decode()
    assert "Jeanne" not in told
    assert "jeanne@" not in told


async def test_a_link_without_anything_known_works_too(
    showroom: Showroom, links: Links, secrets: StoreSecrets
) -> None:
    room = replace(showroom, store=Store(url=SHOP))
    assert await links.link(room, None, "", "en", None, {}) == (
        "https://shop.example.com/cars/?context="
    )
    with pytest.raises(NotFound):
        await links.link(showroom, None, "", "en", None, {})


async def test_a_link_is_signed_with_the_newest_secret(
    showroom: Showroom, links: Links, secrets: StoreSecrets
) -> None:
    room = replace(showroom, store=Store(url=SHOP))
    for _ in range(2):
        newest = await secrets.rotate(room.id)
        link = await links.link(room, None, "", "en", CallId("nobody's"), {})
        assert read(link.rpartition("=")[2], [newest]).call == "nobody's"
