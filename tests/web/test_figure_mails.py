"""A manager asks for the figures by mail, gets them, and stops them by the link."""

import asyncio
import csv
import io
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from booking.outbox import Outbox
from showroom.database import Database
from showroom.demo.visitors import write_traffic
from showroom.figure_mails import FigureMail, FigureMails
from showroom.mail_tables import figure_mails
from showroom.showrooms import Showrooms
from showroom.tables import outbox, staff_roles
from showroom.words import Role
from tests.booking.mail_server import MailServer, mail_server
from tests.houses import House, open_house
from tests.nodes import SECRET, node_settings
from tests.people import Person
from tests.samples import PASSWORD
from tests.visits import staff_id
from tests.web.figures import exported, here, history
from web.figures.mailing import Mailing
from web.keys import CLOCK, FIGURE_MAILS

PAGE = "/manager/figures"
ADDRESS = re.compile(r"https?://\S+/staff/mails/\S+")


@pytest.fixture
async def mails() -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        yield server


@pytest.fixture
async def house(tmp_path: Path, mails: MailServer) -> AsyncIterator[House]:
    """A node with a mail server, and ten weeks behind Paris."""
    settings = node_settings(tmp_path, mail_url=mails.url, mail_from="figures@orvanne.example")
    async with open_house(settings) as opened:
        database = opened.node.shared.database
        await history(database, opened.paris, 1500)
        await write_traffic(database, opened.paris)
        yield opened


async def submit(boss: Person, path: str, **fields: str) -> int:
    """Send a form as the page does; return the status, 303 when it worked."""
    form = {"csrf": await boss.csrf("/staff/login"), **fields}
    async with boss.http.post(boss.url + path, data=form, allow_redirects=False) as answer:
        return answer.status


async def wants(boss: Person, **changes: str) -> int:
    known = {"page": "overview", "filter": "", "rhythm": "daily", "at": "07:00"}
    return await submit(boss, f"{PAGE}/mails?showroom=paris", **known | changes)


async def own(house: House) -> list[FigureMail]:
    who = await staff_id(house.node.shared.database, "boss@example.com")
    return await house.node.app[FIGURE_MAILS].of(house.paris, who)


async def comes(house: House, mails: MailServer) -> EmailMessage:
    """Let what was asked for be due; return what arrives."""
    app, shared = house.node.app, house.node.shared
    async with shared.database.write() as connection:
        await connection.execute(sa.update(figure_mails).values(next_at=app[CLOCK]() - 1))
    await mailing(house).work()
    return await arrived(mails)


def mailing(house: House) -> Mailing:
    shared = house.node.shared
    book = FigureMails(shared.database, shared.clock, SECRET)
    letters = Outbox(shared.database, shared.clock)
    return Mailing(shared.database, book, Showrooms(shared.database), letters)


async def arrived(mails: MailServer) -> EmailMessage:
    async with asyncio.timeout(20):
        while not mails.got:
            await asyncio.sleep(0.05)
    return mails.got.pop()


def texts(message: EmailMessage) -> tuple[str, str]:
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert rich is not None
    return plain.get_content(), rich.get_content()


async def test_the_day_before_comes_with_its_tiles_its_table_and_the_csv(
    house: House, boss: Person, mails: MailServer
) -> None:
    asked = "showroom=paris&device=phone&by=vehicle&period=year"
    assert await wants(boss, filter=asked) == 303
    message = await comes(house, mails)
    assert mails.receivers == ["boss@example.com"]
    assert message["Subject"].startswith("Orvanne Paris: the day’s figures")
    plain, rich = texts(message)
    day = here() - timedelta(days=1)
    query = {
        "period": "own", "since": str(day), "until": str(day), "device": "phone",
        "by": "vehicle", "compare": "chosen", "compare_since": str(day - timedelta(days=7)),
    }  # fmt: skip
    async with boss.http.get(boss.url + PAGE, params=query) as answer:
        page = await answer.text()
    tiles = dict(re.findall(r'data-figure="(\w+)">([^<]*)<', page))
    assert len(tiles) > 8
    for name, label in (("visitors", "Unique visitors"), ("offered", "Calls offered")):
        assert f"{label}: {tiles[name]} (" in plain
        assert label in rich
    assert re.search(r"Calls offered: .*; (could be chance|more than chance)\)", plain)
    assert "Only Device: Phone." in plain
    head, *lines = await exported(boss, **query)
    [file] = list(message.iter_attachments())
    assert file.get_filename() == f"figures-paris-{day}-{day}.csv"
    assert file.get_content_type() == "text/csv"
    enclosed = list(csv.reader(io.StringIO(file.get_content().removeprefix("\ufeff"))))
    assert enclosed == [head, *lines]
    for line in lines[:10]:
        assert line[0] in plain or "No car in particular" in plain
    link = re.search(r"https?://\S+/manager/figures\?\S+", plain)
    assert link
    async with boss.http.get(
        house.url + link[0].partition("/manager")[1] + link[0].partition("/manager")[2]
    ) as answer:
        assert dict(re.findall(r'data-figure="(\w+)">([^<]*)<', await answer.text())) == tiles


async def test_the_link_in_the_mail_stops_it_and_looking_does_not(
    house: House, boss: Person, mails: MailServer
) -> None:
    assert await wants(boss) == 303
    message = await comes(house, mails)
    found = ADDRESS.search(texts(message)[0])
    assert found
    assert message["List-Unsubscribe"] == f"<{found[0]}>"
    path = found[0][found[0].index("/staff/") :]
    async with house.customer() as anybody:
        async with anybody.http.get(house.url + path) as answer:
            assert answer.status == 200
            assert answer.headers["X-Robots-Tag"] == "noindex"
            assert "Stop this mail?" in await answer.text()
        assert len(await own(house)) == 1
        assert await submit(anybody, path) == 200
        assert not await own(house)
        async with anybody.http.get(house.url + path) as answer:
            assert "The mail is stopped" in await answer.text()
        async with anybody.http.get(house.url + path[:-2]) as answer:
            assert answer.status == 404


async def test_who_leads_no_more_gets_no_more(
    house: House, boss: Person, mails: MailServer
) -> None:
    assert await wants(boss) == 303
    database = house.node.shared.database
    who = await staff_id(database, "boss@example.com")
    async with database.write() as connection:
        theirs = sa.update(staff_roles).where(staff_roles.c.staff_id == who)
        await connection.execute(theirs.values(role=Role.ADVISOR.value))
        await connection.execute(sa.update(figure_mails).values(next_at=1))
    await mailing(house).work()
    await gone(database)
    assert not mails.got


async def gone(database: Database) -> None:
    """Wait until nothing is on its way any more."""
    query = sa.select(sa.func.count()).where(outbox.c.finished_at.is_(None))
    async with asyncio.timeout(20):
        while True:
            async with database.read() as connection:
                if not await connection.scalar(query):
                    break
            await asyncio.sleep(0.05)
    async with database.read() as connection:
        assert (await connection.scalars(sa.select(outbox.c.result))).all() == ["dropped"]
        assert not (await connection.scalars(sa.select(figure_mails.c.id))).all()


@pytest.mark.parametrize("page", ["overview", "traffic", "yield", "advisors"])
async def test_every_page_comes_weekly_in_the_readers_language(
    house: House, boss: Person, mails: MailServer, page: str
) -> None:
    where = f"{PAGE}/mails?showroom=paris&lang=fr"
    known = {"page": page, "filter": "", "rhythm": "weekly", "at": "06:30"}
    assert await submit(boss, where, **known) == 303
    [mail] = await own(house)
    assert (mail.page, mail.rhythm, mail.minute, mail.language) == (page, "weekly", 390, "fr")
    message = await comes(house, mails)
    assert message["Content-Language"] == "fr"
    assert "les chiffres de la semaine" in message["Subject"]
    plain, _ = texts(message)
    monday = here() - timedelta(days=here().weekday() + 7)
    assert f"since={monday}&until={monday + timedelta(days=6)}" in plain
    [file] = list(message.iter_attachments())
    assert str(monday) in (file.get_filename() or "")


async def test_the_page_lists_ones_own_mails_and_stops_them(house: House, boss: Person) -> None:
    assert await wants(boss, filter="showroom=paris&device=phone", at="06:45") == 303
    async with boss.http.get(f"{boss.url}{PAGE}?showroom=paris") as answer:
        text = await answer.text()
    assert "Overview, daily at 06:45" in text
    assert "Device: Phone" in text
    [mail] = await own(house)
    async with house.employee() as alice:
        assert await alice.sign_in("alice@example.com", PASSWORD) == 303
        assert await submit(alice, f"{PAGE}/mails/{mail.id}/stop?showroom=paris") == 403
    assert await own(house)
    back: dict[str, Any] = {"page": "overview", "filter": "showroom=paris&by=week"}
    assert await submit(boss, f"{PAGE}/mails/{mail.id}/stop?showroom=paris", **back) == 303
    assert not await own(house)


@pytest.mark.parametrize(
    "wrong",
    [
        {"page": "staffing"}, {"rhythm": "hourly"}, {"at": "24:00"}, {"at": "7"},
        {"filter": "device=toaster"}, {"filter": "x" * 2001}, {"at": ""},
    ],
)  # fmt: skip
async def test_what_makes_no_sense_is_not_mailed(
    house: House, boss: Person, wrong: dict[str, str]
) -> None:
    assert await wants(boss, **wrong) == 400
    assert not await own(house)
