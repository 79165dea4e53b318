"""Sign-in with a company account, against a provider that runs, and with tokens that are wrong."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from redis.asyncio import Redis

from showroom.audit import AuditLog
from showroom.errors import StartupError
from showroom.factors import Factors
from showroom.settings import Settings
from showroom.staff import Staff
from showroom.words import Role
from tests.company_provider import (
    CLIENT,
    SECRET,
    Provider,
    Sign,
    company_provider,
    signed,
    signed_by_another,
    signed_by_the_secret,
    unsigned,
)
from tests.houses import House, open_house
from tests.nodes import free_port, node_settings
from tests.people import Employee, Person
from tests.samples import PASSWORD
from tests.web.agendas import person_id, post
from tests.web.test_factor_policy import demand
from tests.web.test_team import letter_in

ALICE = {"sub": "alice-there", "email": "alice@example.com", "email_verified": True}
BEGIN = "/staff/company?next=/advisor/leads"


@pytest.fixture
async def company(
    tmp_path: Path, redis: Redis, redis_url: str
) -> AsyncIterator[tuple[House, Provider]]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    async with company_provider(f"{url}/staff/company/back") as provider:
        provider.person = ALICE
        settings = node_settings(
            tmp_path,
            redis_url=redis_url,
            port=port,
            public_url=url,
            oidc_issuer=provider.url,
            oidc_client_id=CLIENT,
            oidc_client_secret=SECRET,
            oidc_factor_acr="gold, silver",
        )
        async with open_house(settings) as house:
            yield house, provider


async def begun(person: Employee) -> str:
    """Begin, and sign in there; return the address that leads back."""
    async with person.http.get(person.url + BEGIN, allow_redirects=False) as response:
        assert response.status == 303
        there = response.headers["Location"]
    async with person.http.get(there, allow_redirects=False) as response:
        assert response.status == 303
        return response.headers["Location"]


async def follow(person: Person, address: str) -> tuple[int, str]:
    async with person.http.get(address, allow_redirects=False) as response:
        return response.status, response.headers.get("Location", "")


async def signs_in(house: House) -> tuple[int, str]:
    async with Employee(house.url) as person:
        return await follow(person, await begun(person))


async def test_somebody_of_the_staff_signs_in_with_a_company_account(
    company: tuple[House, Provider],
) -> None:
    house, provider = company
    async with Employee(house.url) as person:
        async with person.http.get(house.url + "/staff/login") as response:
            assert 'href="/staff/company?' in await response.text()
        assert await follow(person, await begun(person)) == (303, "/advisor/leads")
        assert (await follow(person, house.url + "/advisor"))[0] == 200
    # From then on the subject counts: addresses change.
    provider.changes = {"email": "alice.roux@example.com", "email_verified": False}
    assert (await signs_in(house))[0] == 303


@pytest.mark.parametrize(
    ("sign", "changes"),
    [
        (signed, {"nonce": "of another sign-in"}),
        (signed, {"nonce": None}),
        (signed, {"aud": "another client"}),
        (signed, {"aud": [CLIENT, "another client"]}),
        (signed, {"aud": None}),
        (signed, {"iss": "https://evil.example"}),
        (signed, {"exp": 1}),
        (signed, {"exp": None}),
        (signed, {"email_verified": False}),
        (signed, {"email_verified": "true"}),
        (signed, {"email_verified": None}),
        (signed, {"email": "stranger@example.com"}),
        (signed, {"email": None}),
        (signed, {"sub": None}),
        (signed, {"sub": "x" * 256}),
        (unsigned, {}),
        (signed_by_another, {}),
        (signed_by_the_secret, {}),
        (lambda *_: "no.token.atall", {}),
    ],
)
async def test_a_wrong_token_lets_nobody_in(
    company: tuple[House, Provider], sign: Sign, changes: dict[str, Any]
) -> None:
    house, provider = company
    provider.sign, provider.changes = sign, changes
    assert await signs_in(house) == (401, "")
    provider.sign, provider.changes = signed, {}
    assert (await signs_in(house))[0] == 303, "the same without the fault"


async def test_a_way_back_is_gone_once_and_by_the_browser_that_began(
    company: tuple[House, Provider],
) -> None:
    house, provider = company
    async with Employee(house.url) as alice, Employee(house.url) as victim:
        address = await begun(alice)
        # Somebody else's browser is not signed in as Alice by her address.
        assert (await follow(victim, address))[0] == 401
        await begun(victim)
        assert (await follow(victim, address))[0] == 401
        cookies = {c.key: c.value for c in alice.http.cookie_jar}
        provider.takes_codes_again = True
        assert (await follow(alice, address))[0] == 303
        alice.http.cookie_jar.clear()
        alice.http.cookie_jar.update_cookies({"vs_company": cookies["vs_company"]})
        assert (await follow(alice, address))[0] == 401
        for path in ("", "?code=x", "?state=x", "?code=x&state=%ED%A0%80"):
            assert (await follow(alice, f"{house.url}/staff/company/back{path}"))[0] == 401


async def test_an_address_that_another_person_gets_there_opens_nothing(
    company: tuple[House, Provider],
) -> None:
    house, provider = company
    assert (await signs_in(house))[0] == 303
    provider.changes = {"sub": "the next Alice"}
    assert (await signs_in(house))[0] == 401


async def test_who_is_disabled_here_stays_out_and_a_second_factor_is_asked_for(
    company: tuple[House, Provider],
) -> None:
    house, _ = company
    shared = house.node.shared
    alice = await person_id(house, "alice")
    key = shared.settings.require_secret_key()
    factors = Factors(shared.database, shared.clock, key)
    await factors.begin(alice)
    secret = (await factors.of(alice)).secret
    assert secret
    await factors.confirm(alice, pyotp.TOTP(secret).now())
    assert await signs_in(house) == (303, "/staff/second?next=/advisor/leads")
    await Staff(shared.database, shared.clock).disable("alice@example.com")
    assert (await signs_in(house))[0] == 401


@pytest.mark.parametrize(
    ("claims", "there"),
    [
        ({}, "/staff/account?next=/advisor/leads"),
        ({"amr": ["pwd"], "acr": "1"}, "/staff/account?next=/advisor/leads"),
        ({"amr": ["pwd", "mfa"]}, ""),
        ({"acr": "gold"}, ""),
    ],
)
async def test_two_factors_of_the_company_count_where_a_showroom_demands_them(
    company: tuple[House, Provider], claims: dict[str, Any], there: str
) -> None:
    house, provider = company
    await Staff(house.node.shared.database, house.node.shared.clock).grant(
        "alice@example.com", "paris", Role.MANAGER
    )
    await demand(house)
    provider.person = ALICE | claims
    async with Employee(house.url) as person:
        back = await begun(person)
        assert [one["acr_values"] for one in provider.codes.values()] == ["gold silver"]
        assert await follow(person, back) == (303, "/advisor/leads")
        assert await follow(person, f"{house.url}/advisor/leads") == (
            (303 if there else 200),
            there,
        )


async def test_an_answer_without_an_end_is_not_read_on(company: tuple[House, Provider]) -> None:
    house, provider = company
    provider.padding = 300_000
    assert (await signs_in(house))[0] == 401


async def test_who_was_invited_needs_no_password_with_a_company_account(
    company: tuple[House, Provider],
) -> None:
    house, provider = company
    async with house.boss() as boss:
        assert await boss.sign_in("boss@example.com", PASSWORD) == 303
        wish = {"name": "Nora", "email": "nora@example.com", "roles": ["advisor"]}
        assert (await post(boss, "/manager/staff?showroom=paris", wish))[0] == 201
        provider.changes = {"sub": "nora-there", "email": "Nora@example.com"}
        _, link = await letter_in(house.node.shared.settings.data_dir, "nora@example.com")
        assert (await signs_in(house))[0] == 303
        # The letter sets no password any more, for whoever finds it.
        async with house.customer() as finder:
            assert (await follow(finder, house.url + link))[0] == 404
        again = {"roles": ["advisor"]}
        nora = await person_id(house, "nora")
        _, answer = await post(boss, f"/manager/staff/{nora}/roles?showroom=paris", again)
    [state] = [one["state"] for one in answer["members"] if one["id"] == nora]
    assert state == "active"


async def test_what_is_bound_to_a_company_account_stands_in_the_log(
    company: tuple[House, Provider],
) -> None:
    house, _ = company
    alice = await person_id(house, "alice")
    for _ in range(2):
        assert (await signs_in(house))[0] == 303
    noted = await AuditLog(house.node.shared.database).page(house.paris)
    assert [(one.entry.who, one.entry.after) for one in noted] == [
        (alice, {"company_account": True})
    ]


async def test_an_address_that_the_provider_tells_elsewhere_counts(
    company: tuple[House, Provider],
) -> None:
    house, provider = company
    provider.ways = {"userinfo_endpoint": f"{provider.url}/about"}
    provider.changes = {"email": None, "email_verified": None}
    for wrong in ({"sub": "another"}, {"email_verified": False}, {"email": "who@example.com"}):
        provider.told_elsewhere = {**ALICE, **wrong}
        assert (await signs_in(house))[0] == 401
    provider.told_elsewhere = ALICE
    assert (await signs_in(house))[0] == 303


async def test_a_key_of_a_kind_that_nobody_knows_is_no_matter(
    company: tuple[House, Provider],
) -> None:
    house, provider = company
    provider.strange_keys = [
        {"kty": "EC", "crv": "P-1024", "x": "AA", "y": "AA", "kid": "new"},
        {"kty": "future", "kid": "newer"},
        {},
    ]
    assert (await signs_in(house))[0] == 303


async def test_a_provider_that_wants_the_secret_in_the_form_gets_it_there(
    company: tuple[House, Provider],
) -> None:
    house, provider = company
    provider.ways = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert (await signs_in(house))[0] == 303


async def test_a_provider_that_is_away_is_tried_again(company: tuple[House, Provider]) -> None:
    house, provider = company
    async with Employee(house.url) as person:
        address = await begun(person)
        await provider.close()
        assert (await follow(person, address))[0] == 503
        assert (await follow(person, house.url + BEGIN))[0] == 503


async def test_the_browser_is_sent_with_a_challenge_and_no_secret(
    company: tuple[House, Provider],
) -> None:
    house, provider = company
    async with Employee(house.url) as person:
        _, there = await follow(person, house.url + "/staff/company?next=//evil.example")
        query = parse_qs(urlsplit(there).query)
        assert there.startswith(provider.url)
        assert SECRET not in there
        assert query["code_challenge_method"] == ["S256"]
        async with person.http.get(there, allow_redirects=False) as response:
            back = response.headers["Location"]
        assert await follow(person, back) == (303, "/advisor")


def test_an_issuer_needs_tls_a_client_and_its_secret(tmp_path: Path) -> None:
    known = {"data_dir": tmp_path, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
    issuer = "https://login.example.com/tenant/"
    assert Settings.load(**known, oidc_issuer=issuer).oidc_issuer == issuer.rstrip("/")
    for wrong in ("http://login.example.com", "login.example.com", "https://x.example/?a=b"):
        with pytest.raises(StartupError, match="SHOWROOM_OIDC_ISSUER"):
            Settings.load(**known, oidc_issuer=wrong)
    with pytest.raises(StartupError, match="SHOWROOM_OIDC_CLIENT_SECRET"):
        Settings.load(data_dir=tmp_path, oidc_client_id=CLIENT, oidc_issuer=issuer)
