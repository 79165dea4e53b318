"""The lines of `docs/integration.md` are run as they stand there, against a real server."""

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
import sqlalchemy as sa
from redis.asyncio import Redis
from standardwebhooks import Webhook

from booking.dealers.directory import Dealers
from booking.handoff.endpoint import EndpointKind
from booking.handoff.endpoints import Endpoints
from booking.handoff.guard import Guard
from booking.handoff.topics import Topic
from showroom.alarms import NobodyRule
from showroom.children import leashed
from showroom.clock import system_clock
from showroom.ids import ShowroomId, new_id
from showroom.lead_tables import reservations
from tests.dealers import a_dealer
from tests.deploy.installed import ROOT
from tests.houses import House, live_call, open_house
from tests.leads import saved_lead
from tests.nodes import free_port, node_settings
from tests.people import Person
from tests.samples import PASSWORD
from tests.signaling.test_desk_rules import end
from tests.visits import saved_visit, staff_id
from tests.web.agendas import post
from tests.web.api.programs import a_program
from tests.web.api.test_leads import NEW_LEAD
from tests.web.test_privacy import sends
from web.keys import ALARMS, SHOWROOMS

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DOCUMENT = (ROOT / "docs/integration.md").read_text()
BLOCKS = BLOCK.findall(DOCUMENT)
PYTHON, NODE = (next(text for kind, text in BLOCKS if kind == word) for word in ("python", "js"))
SHELL = "".join(text for kind, text in BLOCKS if kind == "sh")
LOOPBACK = "127.0.0.1"
PATIENCE = 30


@dataclass(frozen=True)
class Receiver:
    """A receiver of the document in a process of its own, and the secret that it knows."""

    process: asyncio.subprocess.Process
    url: str
    secret: str

    async def line(self) -> str:
        """Return the next line that it prints."""
        assert self.process.stdout
        return (await asyncio.wait_for(self.process.stdout.readline(), PATIENCE)).decode().strip()


@pytest.fixture
async def open_to_us(tmp_path: Path, redis: Redis, redis_url: str) -> AsyncIterator[House]:
    """A furnished node that may deliver to this machine."""
    settings = node_settings(tmp_path, redis_url=redis_url, handoff_hosts=(LOOPBACK,))
    async with open_house(settings) as house:
        yield house


@asynccontextmanager
async def receiving(kind: str, folder: Path, port: int, secret: str) -> AsyncIterator[Receiver]:
    """Run one of the two for as long as the block runs."""
    file = folder / ("receiver.py" if kind == "python" else "receiver.mjs")
    file.write_text(PYTHON if kind == "python" else NODE)
    if kind == "js":
        (folder / "node_modules").symlink_to(ROOT / "node_modules")
    process = await asyncio.create_subprocess_exec(
        *leashed([sys.executable if kind == "python" else "node", str(file)]),
        env={**os.environ, "PORT": str(port), "SECRET": secret},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await until_open(port)
        yield Receiver(process, f"http://{LOOPBACK}:{port}", secret)
    finally:
        process.kill()
        await process.wait()


async def until_open(port: int) -> None:
    """Wait until somebody listens."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                _, writer = await asyncio.open_connection(LOOPBACK, port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return


async def endpoint(
    house: House,
    paris: ShowroomId,
    port: int,
    topics: Collection[Topic] = (Topic.LEAD_QUALIFIED, Topic.APPOINTMENT_BOOKED),
) -> str:
    """Add a webhook as a manager does; return its secret."""
    shared = house.node.shared
    endpoints = Endpoints(shared.database, Guard([LOOPBACK]), system_clock)
    added = await endpoints.add(
        paris,
        EndpointKind.WEBHOOK,
        "The store",
        f"http://{LOOPBACK}:{port}/",
        topics,
    )
    return added.secrets[0]


@pytest.mark.parametrize("text", [PYTHON, NODE])
def test_a_receiver_has_ten_lines_beside_what_it_imports(text: str) -> None:
    lines = [line for line in text.splitlines() if line and not re.match("import|from", line)]
    assert len(lines) <= 10


def test_the_readme_shows_the_same_receivers() -> None:
    shown = BLOCK.findall((ROOT / "README.md").read_text())
    assert [one for one in shown if one[0] != "sh"] == [("python", PYTHON), ("js", NODE)]


@pytest.mark.parametrize("kind", ["python", "js"])
async def test_a_lead_reaches_a_receiver_of_ten_lines(
    open_to_us: House, tmp_path: Path, kind: str
) -> None:
    port = free_port()
    secret = await endpoint(open_to_us, open_to_us.paris, port)
    async with (
        receiving(kind, tmp_path, port, secret) as receiver,
        a_program(open_to_us, "paris") as store,
    ):
        lead = await store.post("/leads", {**NEW_LEAD, "wishes": ["buy", "test-drive"]})
        assert lead.status == 201
        message, topic, which = (await receiver.line()).split()
        assert (topic, which) == ("lead.qualified", lead.data["id"])
        assert message
        visit = await store.booked(email="somebody@else.example")
        assert (await receiver.line()).split()[1:] == ["appointment.booked", visit["id"]]


async def everything_happens(house: House) -> set[str]:
    """Let everything happen of which others hear; return the ids of all that it happens to."""
    database, now = house.node.shared.database, system_clock()
    await Dealers(database, system_clock).upsert(house.paris, [a_dealer(house.paris)])
    advisor = await staff_id(database, "alice@example.com")
    # Nobody is on duty, until Alice comes.
    rooms = house.node.app[SHOWROOMS]
    paris = await rooms.by_slug("paris")
    alarms = replace(paris.alarms, nobody=NobodyRule(on=True, seconds=0))
    await rooms.save(replace(paris, alarms=alarms))
    async with asyncio.timeout(PATIENCE):
        while not (raised := (await house.node.app[ALARMS].of(house.paris))[0]):
            await asyncio.sleep(0.05)
    missed = await saved_visit(database, house.paris, advisor, now - 3_600_000, due_at=now)
    async with a_program(house, "paris") as store:
        lead = await store.post("/leads", {**NEW_LEAD, "wishes": ["buy", "test-drive"]})
        await store.ask("PATCH", f"/leads/{lead.data['id']}", json={"notes": "In the morning"})
        visit = (await store.booked(email="somebody@else.example"))["id"]
        later = {"starts_at": (await store.free())[3]}
        assert (await store.post(f"/bookings/{visit}/reschedule", later)).status == 200
        assert (await store.post(f"/bookings/{visit}/cancel")).status == 200
        async with live_call(house) as (customer, alice, call):
            one, other = [await reserved(alice, house) for _ in range(2)]
            assert (await store.post(f"/reservations/{one['code']}/redeem")).status == 200
            over = sa.update(reservations).where(reservations.c.id == other["id"])
            async with database.write() as connection:
                await connection.execute(over.values(expires_at=now))
            await end(customer, alice, call)
    return {lead.data["id"], visit, missed, one["id"], other["id"], call, raised[0].id}


async def reserved(alice: Person, house: House) -> dict[str, str]:
    """Have Alice keep a car for somebody."""
    lead = await saved_lead(house.node.shared.database, house.paris)
    wanted = {"lead": lead, "vehicle": "crete", "dealer": "75-1"}
    status, answer = await post(alice, "/advisor/reservations", wanted)
    assert status == 201, answer
    kept: dict[str, str] = answer["reservation"]
    return kept


def test_the_document_names_every_event() -> None:
    told = DOCUMENT.partition("`type` is one of ")[2].partition(";")[0]
    assert re.findall(r"`([^`]+)`", told) == sorted(Topic, key=list(Topic).index)


async def test_both_receivers_understand_every_event(open_to_us: House, tmp_path: Path) -> None:
    house, ports = open_to_us, {"python": free_port(), "js": free_port()}
    async with AsyncExitStack() as stack:
        receivers = []
        for kind, port in ports.items():
            secret = await endpoint(house, house.paris, port, tuple(Topic))
            running = receiving(kind, tmp_path, port, secret)
            receivers.append(await stack.enter_async_context(running))
        ids = await everything_happens(house)
        for receiver in receivers:
            heard: set[str] = set()
            while heard != set(Topic) - {Topic.LEAD_ERASED}:
                _, topic, which = (await receiver.line()).split()
                heard.add(topic)
                assert which in ids or topic.startswith("lead.")
        # Only then: what is not delivered yet of somebody who is erased never is.
        async with house.boss() as boss:
            await boss.sign_in("boss@example.com", PASSWORD)
            wanted = {"email": NEW_LEAD["email"], "reason": "asked", "sure": "on"}
            assert (await sends(boss, "erase", **wanted))[0] == 200
        for receiver in receivers:
            topic = ""
            while topic != Topic.LEAD_ERASED:
                _, topic, which = (await receiver.line()).split()
            assert which in ids


@pytest.mark.parametrize("kind", ["python", "js"])
async def test_what_is_forged_tampered_with_or_old_is_refused(tmp_path: Path, kind: str) -> None:
    port, secret = free_port(), "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
    now = datetime.now(UTC)
    body = json.dumps({"type": "lead.qualified", "data": {"id": "Zoë"}}, ensure_ascii=False)

    def signed(by: str, at: datetime, text: str = body) -> dict[str, str]:
        name = new_id()
        return {
            "webhook-id": name,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(by).sign(name, at, text),
        }

    other = "whsec_" + "A" * 32
    async with receiving(kind, tmp_path, port, secret) as receiver, aiohttp.ClientSession() as http:

        async def answer(headers: dict[str, str], text: str = body) -> int:
            async with http.post(receiver.url, data=text.encode(), headers=headers) as response:
                return response.status

        assert await answer(signed(secret, now)) == 204
        assert (await receiver.line()).endswith("lead.qualified Zoë")
        rotated = signed(secret, now)
        theirs = Webhook(other).sign(rotated["webhook-id"], now, body)
        rotated["webhook-signature"] = f"{theirs} {rotated['webhook-signature']}"
        assert await answer(rotated) == 204, "while two secrets sign"
        assert await answer(signed(secret, now), body.replace("Zoë", "Zoe")) == 401
        assert await answer(signed(other, now)) == 401
        assert await answer(signed(secret, now - timedelta(minutes=6))) == 401
        assert await answer(signed(secret, now + timedelta(minutes=6))) == 401
        assert await answer({}) == 401
        assert await answer({**signed(secret, now), "webhook-signature": "nonsense"}) == 401


async def test_the_commands_book_a_visit_and_bring_in_a_lead(
    open_to_us: House, tmp_path: Path
) -> None:
    settings = open_to_us.node.shared.settings
    script = 'showroom() { "$PYTHON" -m showroom "$@"; }\n' + SHELL
    process = await asyncio.create_subprocess_exec(
        "bash",
        "-euo",
        "pipefail",
        "-c",
        script,
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHON": sys.executable,
            "PYTHONPATH": str(ROOT),
            "SHOWROOM": open_to_us.url,
            "SHOWROOM_DATABASE_URL": settings.database_url,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 2 * PATIENCE)
    assert process.returncode == 0, said.decode()
    booking, lead, leads = (
        json.loads((tmp_path / f"{name}.json").read_text()) for name in ("booking", "lead", "leads")
    )
    assert booking["state"] == "booked"
    assert booking["url"].startswith("http")
    # Jeanne has booked already: she is one person, and one lead.
    assert [one["id"] for one in leads["items"]] == [lead["id"]]
    assert leads["items"][0]["store"]["basket"] == "b-88"
