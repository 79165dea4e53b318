"""The page of a showroom's staff, and the letters that let people in."""

import re
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import aiohttp

from showroom.audit import AuditLog, Deed
from showroom.staff import Staff
from showroom.words import Role
from tests.booking.delivering import until
from tests.houses import House, live_call
from tests.people import Employee, Person
from tests.samples import PASSWORD
from tests.web.agendas import person_id, post

PAGE, TEAM = "/manager/staff", "?showroom=paris"
NORA = "nora@example.com"
WISH = {"name": "Nora Weiß", "email": NORA, "roles": ["advisor"], "languages": ["fr"]}
LONG = "another long password"
LINK = re.compile(r"http://[\w.]+:\d+(/staff/link/[\w-]+)")


def member(answer: dict[str, Any], email: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in answer["members"] if one["email"] == email)
    return found


async def letter_to(house: House, email: str, count: int = 1) -> tuple[str, str]:
    """Wait for a letter; return it as text, and the path of its link."""
    return await letter_in(house.node.shared.settings.data_dir, email, count)


async def letter_in(data_dir: Path, email: str, count: int = 1) -> tuple[str, str]:
    """Do the same in a server's data folder."""
    folder = data_dir / "mail"
    found: list[Path] = []

    async def there() -> bool:
        letters = sorted(folder.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
        found[:] = [one for one in letters if email in one.read_text()]
        return len(found) >= count

    await until(there)
    message = message_from_bytes(found[-1].read_bytes(), policy=default)
    body = message.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    link = LINK.search(text)
    assert link
    html = message.get_body(("html",))
    assert html is not None
    assert link[1] in html.get_content()
    return f"{message['Subject']}\n{text}", link[1]


async def fill_in(house: House, path: str, **form: str) -> tuple[int, str, str]:
    """Send a page's form as a stranger's browser does."""
    async with Employee(house.url) as stranger:
        token = await stranger.csrf(path)
        async with stranger.http.post(
            house.url + path, data={"csrf": token, **form}, allow_redirects=False
        ) as response:
            return response.status, response.headers.get("Location", ""), await response.text()


async def status(house: House, email: str, password: str) -> int:
    async with Employee(house.url) as person:
        return await person.sign_in(email, password)


async def test_somebody_is_invited_by_mail_accepts_and_works(house: House, boss: Person) -> None:
    code, answer = await post(boss, PAGE + TEAM, WISH)
    assert (code, answer["written"]) == (201, True)
    nora = member(answer, NORA)
    assert (nora["state"], nora["roles"], nora["languages"]) == ("invited", ["advisor"], ["fr"])
    text, path = await letter_to(house, NORA)
    assert "Bonjour Nora Weiß," in text
    assert "Orvanne Paris" in text
    for wrong in ({"password": LONG, "again": "other"}, {"password": "short", "again": "short"}):
        code, _, page = await fill_in(house, path, **wrong)
        assert (code, 'role="alert"' in page) == (400, True)
    form = {"password": LONG, "again": LONG, "language-en": "on"}
    assert (await fill_in(house, path, **form))[:2] == (303, "/staff/login?set=1")
    async with aiohttp.ClientSession() as late, late.get(house.url + path) as response:
        assert response.status == 404
        assert response.headers["X-Robots-Tag"] == "noindex"
    async with house.employee() as person:
        await person.work(NORA, LONG)
    _, answer = await post(boss, f"{PAGE}/{nora['id']}/roles{TEAM}", {"roles": ["advisor"]})
    nora = member(answer, NORA)
    assert (nora["state"], nora["languages"], bool(nora["signed_in_at"])) == (
        "active",
        ["en"],
        True,
    )
    entries = await AuditLog(house.node.shared.database).page(house.paris)
    assert [(one.entry.deed, one.entry.subject_id) for one in entries] == [(Deed.ADDED, nora["id"])]


async def test_an_invitation_is_sent_again_and_taken_back(house: House, boss: Person) -> None:
    _, answer = await post(boss, PAGE + TEAM, WISH)
    nora = member(answer, NORA)["id"]
    _, first = await letter_to(house, NORA)
    assert (await post(boss, f"{PAGE}/{nora}/invite-again{TEAM}"))[0] == 200
    _, second = await letter_to(house, NORA, 2)
    for path, right in ((first, 404), (second, 200)):
        async with boss.http.get(house.url + path) as response:
            assert response.status == right
    _, answer = await post(boss, f"{PAGE}/{nora}/take-back{TEAM}")
    assert all(one["id"] != nora for one in answer["members"])
    async with boss.http.get(house.url + second) as response:
        assert response.status == 404


async def test_who_is_disabled_in_a_call_is_out_of_it_and_of_everything(
    house: House, boss: Person
) -> None:
    alice = await person_id(house, "alice")
    async with live_call(house) as (customer, employee, _):
        code, answer = await post(boss, f"{PAGE}/{alice}/disable{TEAM}")
        assert (code, member(answer, "alice@example.com")["state"]) == (200, "disabled")
        await employee.until("signed_out")
        # As for whoever a command dismisses.
        ended = await customer.until_call("wrap_up")
        assert ended["end_reason"] == "advisor_gone"
    assert await status(house, "alice@example.com", PASSWORD) == 401
    assert (await post(boss, f"{PAGE}/{alice}/enable{TEAM}"))[0] == 200
    assert await status(house, "alice@example.com", PASSWORD) == 303


async def test_a_ring_stops_when_its_advisor_is_disabled(house: House, boss: Person) -> None:
    alice = await person_id(house, "alice")
    async with house.customer() as customer, house.employee() as employee:
        await employee.work("alice@example.com", PASSWORD)
        await customer.call()
        await employee.until_call("ringing")
        assert (await post(boss, f"{PAGE}/{alice}/disable{TEAM}"))[0] == 200
        await customer.until_newest("call_state", lambda call: call["state"] == "waiting")


async def test_a_role_that_is_taken_closes_what_it_had_opened(house: House, boss: Person) -> None:
    alice = await person_id(house, "alice")
    async with house.employee() as employee:
        await employee.work("alice@example.com", PASSWORD)
        code, _ = await post(boss, f"{PAGE}/{alice}/roles{TEAM}", {"roles": ["manager"]})
        assert code == 200
        await employee.until("signed_out")


async def test_a_manager_neither_makes_administrators_nor_is_shown_the_choice(
    house: House, boss: Person
) -> None:
    alice = await person_id(house, "alice")
    refused = await post(boss, f"{PAGE}/{alice}/roles{TEAM}", {"roles": ["administrator"]})
    assert (refused[0], refused[1]["code"]) == (403, "forbidden")
    refused = await post(boss, PAGE + TEAM, {**WISH, "roles": ["administrator"]})
    assert refused[0] == 403
    async with boss.http.get(house.url + PAGE) as response:
        assert 'value="administrator"' not in await response.text()
    shared = house.node.shared
    await Staff(shared.database, shared.clock).grant(
        "boss@example.com", "paris", Role.ADMINISTRATOR
    )
    async with boss.http.get(house.url + PAGE) as response:
        assert 'value="administrator"' in await response.text()
    granted = await post(boss, f"{PAGE}/{alice}/roles{TEAM}", {"roles": ["administrator"]})
    assert granted[0] == 200
    boss_id = await person_id(house, "boss")
    await post(boss, f"{PAGE}/{alice}/roles{TEAM}", {"roles": ["advisor"]})
    refused = await post(boss, f"{PAGE}/{boss_id}/roles{TEAM}", {"roles": ["manager"]})
    assert (refused[0], refused[1]["code"]) == (409, "last_administrator")


async def test_what_names_nobody_or_nothing_is_refused(house: House, boss: Person) -> None:
    for body in (
        {},
        {**WISH, "roles": []},
        {**WISH, "roles": ["boss"]},
        {**WISH, "name": " "},
        {**WISH, "name": "x" * 101},
        {**WISH, "email": "nora"},
        {**WISH, "languages": ["french"]},
        {**WISH, "languages": ["fr"] * 21},
        {**WISH, "showroom": "lyon"},
    ):
        assert (await post(boss, PAGE + TEAM, body))[0] == 400, body
    lea = await person_id(house, "lea")
    for act in ("invite-again", "take-back", "disable", "enable"):
        for who in ("unknown", lea):
            assert (await post(boss, f"{PAGE}/{who}/{act}{TEAM}"))[0] == 404
    assert (await post(boss, f"{PAGE}/{lea}/roles{TEAM}", {"roles": []}))[0] == 404


async def test_a_forgotten_password_is_asked_for_with_the_same_answer_for_everybody(
    house: House,
) -> None:
    answers = [
        await fill_in(house, "/staff/forgot", email=email)
        for email in ("alice@example.com", "nobody@example.com", "", "\0")
    ]
    csrf = re.compile(r'content="[0-9a-f]{64}"')
    assert {(code, csrf.sub("", page)) for code, _, page in answers} == {
        (200, csrf.sub("", answers[0][2]))
    }
    _, path = await letter_to(house, "alice@example.com")
    assert (await fill_in(house, path, password=LONG, again=LONG))[0] == 303
    assert await status(house, "alice@example.com", PASSWORD) == 401
    assert await status(house, "alice@example.com", LONG) == 303


async def test_letters_to_new_passwords_are_bounded_for_an_address(house: House) -> None:
    codes = [(await fill_in(house, "/staff/forgot", email="x@example.com"))[0] for _ in range(11)]
    assert codes == [200] * 10 + [429]
