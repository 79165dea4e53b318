"""The second factor on the wire: set up, asked for at the sign-in, throttled."""

import re
import time

import pyotp

from tests.houses import House
from tests.people import Employee, Person
from tests.samples import PASSWORD
from tests.web.agendas import person_id, post

ALICE = "alice@example.com"
SHOWN = re.compile(r'account__secret">([A-Z2-7 ]+)<')
CODES = re.compile(r"<code>([\d-]{29})</code>")


async def send(who: Person, path: str, page: str, **form: str) -> tuple[int, str, str]:
    """Send a form of ours; return the status, where it leads, and the page."""
    form["csrf"] = await who.csrf(page)
    async with who.http.post(who.url + path, data=form, allow_redirects=False) as response:
        return response.status, response.headers.get("Location", ""), await response.text()


async def second_factor_of(alice: Person) -> tuple[str, list[str]]:
    """Set one up; return its secret and the recovery codes."""
    account = "/staff/account"
    assert (await send(alice, f"{account}/factor", account))[:2] == (303, account)
    async with alice.http.get(alice.url + account) as response:
        page = await response.text()
        assert response.headers["Cache-Control"] == "no-store"
    assert "data:image/svg+xml" in page
    shown = SHOWN.search(page)
    assert shown
    secret = shown[1].replace(" ", "")
    wrong = await send(alice, f"{account}/factor/confirm", account, code="000000")
    assert wrong[0] == 401
    code = pyotp.TOTP(secret).now()
    status, _, page = await send(alice, f"{account}/factor/confirm", account, code=code)
    assert status == 200
    async with alice.http.get(alice.url + account) as response:
        again = await response.text()
    assert not CODES.search(again)
    assert secret not in again.replace(" ", "")
    return secret, CODES.findall(page)


def next_code(secret: str) -> str:
    """Return the code of the next half minute: a phone may be so far ahead."""
    return pyotp.TOTP(secret).at(int(time.time()) + 30)


async def test_a_password_alone_opens_no_session(house: House, alice: Person) -> None:
    secret, codes = await second_factor_of(alice)
    assert len(codes) == 10
    async with Employee(house.url) as person:
        form = {"email": ALICE, "password": PASSWORD, "next": "/advisor/leads"}
        status, there, _ = await send(person, "/staff/login", "/staff/login", **form)
        assert (status, there) == (303, "/staff/second?next=/advisor/leads")
        async with person.http.get(house.url + "/advisor", allow_redirects=False) as response:
            assert response.status == 303
        wrong = await send(person, "/staff/second", there, code="000000")
        assert (wrong[0], 'role="alert"' in wrong[2]) == (401, True)
        right = {"code": next_code(secret), "next": "/advisor/leads"}
        status, led, _ = await send(person, "/staff/second", there, **right)
        assert (status, led) == (303, "/advisor/leads")
        async with person.http.get(house.url + "/advisor", allow_redirects=False) as response:
            assert response.status == 200
        async with person.http.get(house.url + "/staff/second") as response:
            assert response.status == 404
    async with Employee(house.url) as person:
        await send(person, "/staff/login", "/staff/login", email=ALICE, password=PASSWORD)
        elsewhere = {"code": codes[3], "next": "//evil.example"}
        status, led, _ = await send(person, "/staff/second", "/staff/second", **elsewhere)
        assert (status, led) == (303, "/advisor")


async def test_codes_are_guessed_slowly_from_however_many_sign_ins(
    house: House, alice: Person
) -> None:
    await second_factor_of(alice)
    statuses = []
    for _ in range(6):
        async with Employee(house.url) as person:
            await send(person, "/staff/login", "/staff/login", email=ALICE, password=PASSWORD)
            answer = await send(person, "/staff/second", "/staff/second", code="000000")
            statuses.append(answer[0])
    assert statuses[0] == 401
    assert statuses[-1] == 429


async def test_nobody_comes_to_the_second_step_without_the_password(house: House) -> None:
    async with Employee(house.url) as person:
        await person.csrf("/staff/login")
        for cookie in ("", "made-up"):
            person.http.cookie_jar.update_cookies({"vs_second": cookie})
            async with person.http.get(house.url + "/staff/second") as response:
                assert response.status == 404
            status, _, _ = await send(person, "/staff/second", "/staff/login", code="000000")
            assert status == 404


async def test_a_manager_does_not_reset_it(house: House, alice: Person, boss: Person) -> None:
    await second_factor_of(alice)
    who = await person_id(house, "alice")
    status, answer = await post(boss, f"/manager/staff/{who}/reset-factor?showroom=paris")
    assert (status, answer["code"]) == (403, "forbidden")
