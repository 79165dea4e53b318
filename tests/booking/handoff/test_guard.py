"""The guard: nothing inside is reached, however an address is spelled or a name turns."""

import asyncio
import socket
import threading
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

import pytest

from booking.handoff.guard import Forbidden, Guard, GuardedResolver, is_inside, literal
from booking.handoff.posting import open_poster
from showroom.database import Database
from showroom.ids import ShowroomId
from tests.booking.delivering import PATIENCE_SECONDS, until
from tests.booking.handoff.receiver import receiving
from tests.booking.handoff.sending import Handing
from tests.virtual_clock import VirtualClock

PUBLIC = "93.184.216.34"
LOCALHOST = (
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "0",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:0:0:1]",
    "１２７.0.0.1",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
)
INSIDE = (
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.255",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::1",
    "2002:a00:1::1",
    "2001:db8::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
)


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_of_our_own_network_is_inside(address: str) -> None:
    assert is_inside(ip_address(address))


@pytest.mark.parametrize(
    "address", [PUBLIC, "1.1.1.1", "172.15.255.255", "172.32.0.1", "100.63.255.255", "2606:4700::1"]
)
def test_an_address_out_on_the_internet_is_not(address: str) -> None:
    assert not is_inside(ip_address(address))


@pytest.mark.parametrize("host", LOCALHOST)
def test_loopback_is_refused_in_every_spelling(host: str) -> None:
    with pytest.raises(Forbidden):
        Guard().check(f"http://{host}:8080/hooks")


def test_a_name_is_no_literal() -> None:
    assert literal("store.example.com") is None
    assert literal("deadbeef.example") is None


@pytest.mark.parametrize(
    "url",
    [
        "ftp://store.example.com/",
        "file:///etc/passwd",
        "gopher://store.example.com/",
        "//store.example.com/",
        "store.example.com/hooks",
        "https://",
        "https:///hooks",
        "https://user@store.example.com/",
        "https://user:secret@store.example.com/",
        "https://:secret@store.example.com/",
        "https://store.example.com:99999/",
        "https://[::1/",
        "",
        "\x00",
    ],
)
def test_what_is_no_address_of_a_receiver_is_refused(url: str) -> None:
    with pytest.raises(Forbidden):
        Guard().check(url)


@pytest.mark.parametrize(
    "url",
    ["https://store.example.com/hooks?a=b", "http://store.example.com:8443/", f"http://{PUBLIC}/"],
)
def test_any_port_of_a_receiver_out_there_will_do(url: str) -> None:
    assert str(Guard().check(url)) == url


def test_a_listed_host_or_network_may_be_inside() -> None:
    guard = Guard(["crm.lan", "10.1.0.0/16", "::1"])
    guard.permit("CRM.lan.", ip_address("192.168.0.9"))
    guard.permit("any.example", ip_address("10.1.2.3"))
    guard.check("http://10.1.2.3/hooks")
    guard.check("http://[::1]:80/hooks")
    for url in ("http://10.2.0.1/", "http://127.0.0.1/"):
        with pytest.raises(Forbidden):
            guard.check(url)
    with pytest.raises(Forbidden):
        guard.permit("other.lan", ip_address("192.168.0.9"))


class Turning:
    """A name server whose answer changes with every question."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, _host: str, _family: socket.AddressFamily) -> Sequence[str]:
        self.asked += 1
        return self.answers[(self.asked - 1) % len(self.answers)]


async def test_of_a_name_with_two_kinds_of_address_only_those_outside_are_connected_to() -> None:
    resolver = GuardedResolver(Guard(), Turning(["127.0.0.1", PUBLIC, "fe80::1%eth0", "::1"]))
    found = await resolver.resolve("store.example.com", 443)
    await resolver.close()
    assert [one["host"] for one in found] == [PUBLIC]
    assert found[0]["flags"] & socket.AI_NUMERICHOST


async def test_a_name_that_hangs_is_asked_for_once_however_many_wait() -> None:
    asked, there = [], asyncio.Event()

    async def look_up(host: str, family: socket.AddressFamily) -> Sequence[str]:
        asked.append((host, family))
        await there.wait()
        return ["127.0.0.1", PUBLIC]

    resolver = GuardedResolver(Guard(), look_up)
    hosts = ["a.example", "b.example"] * 40
    async with asyncio.TaskGroup() as tasks:
        waiting = [tasks.create_task(resolver.resolve(host, 443)) for host in hosts]
        await until(lambda: len(asked) >= 2)
        there.set()
    await resolver.close()
    assert sorted(asked) == [(host, socket.AF_UNSPEC) for host in ("a.example", "b.example")]
    assert {one["host"] for task in waiting for one in task.result()} == {PUBLIC}


async def test_twenty_names_that_hang_hold_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    hanging, over = set[str](), threading.Event()

    def getaddrinfo(host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        if host.startswith("hangs"):
            hanging.add(host)
            over.wait()
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (PUBLIC, 0))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    resolver = GuardedResolver(Guard())
    hang = [asyncio.create_task(resolver.resolve(f"hangs{n}.example")) for n in range(20)]
    try:
        await until(lambda: len(hanging) >= 16)
        async with asyncio.timeout(PATIENCE_SECONDS):
            (found,) = await resolver.resolve("store.example")
    finally:
        over.set()
        await asyncio.gather(*hang)
        await resolver.close()
    assert found["host"] == PUBLIC


async def test_a_name_that_turns_inside_between_two_looks_reaches_nothing(
    clock: VirtualClock,
) -> None:
    """The server on loopback counts: a request that got through would be heard there."""
    turning = Turning(["127.0.0.1"], ["::1"], ["127.0.0.1", "::ffff:127.0.0.1"])
    async with receiving() as inside, open_poster(Guard(), clock, turning) as poster:
        port = inside.url.rpartition(":")[2]
        for _ in range(30):
            answer = await poster.post(f"http://rebind.example:{port}/ok", {}, b"{}")
            assert answer.status is None
            assert "SHOWROOM_HANDOFF_HOSTS" in answer.text
        await asyncio.sleep(0.1)
        assert inside.requests == []
    assert turning.asked == 30


async def test_what_was_checked_is_what_is_connected_to(clock: VirtualClock) -> None:
    """First an address outside, and inside ever after: one look-up is all there is."""
    turning = Turning(["192.0.2.1"], ["127.0.0.1"])
    allowed = Guard(["192.0.2.0/24"])  # stands for one outside that answers nobody
    async with receiving() as inside, open_poster(allowed, clock, turning) as poster:
        port = inside.url.rpartition(":")[2]
        async with asyncio.timeout(20):
            task = asyncio.create_task(poster.post(f"http://rebind.example:{port}/ok", {}, b""))
            await asyncio.sleep(0.5)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert inside.requests == []
    assert turning.asked == 1


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f.1", "[::1]"])
async def test_no_spelling_of_loopback_reaches_it_over_the_system_s_resolver(
    clock: VirtualClock, host: str
) -> None:
    async with receiving() as inside, open_poster(Guard(), clock) as poster:
        port = inside.url.rpartition(":")[2]
        assert (await poster.post(f"http://{host}:{port}/ok", {}, b"")).status is None
        await asyncio.sleep(0.05)
        assert inside.requests == []


async def test_a_listed_name_is_reached_inside(clock: VirtualClock) -> None:
    async with receiving() as inside, open_poster(Guard(["localhost"]), clock) as poster:
        port = inside.url.rpartition(":")[2]
        assert (await poster.post(f"http://localhost:{port}/ok", {}, b"")).status == 200


async def test_a_webhook_that_points_inside_waits_and_says_how_to_allow_it(
    database: Database, clock: VirtualClock, paris: ShowroomId, tmp_path: Path
) -> None:
    handing = Handing(database, clock, paris, tmp_path, allowed=(), look_up=Turning(["10.0.0.1"]))
    endpoint = await handing.endpoint("https://store.example.com/hooks")
    await handing.publish()
    await handing.send_due(endpoint.id)
    (line,) = await handing.lines()
    assert line.state == "waiting"
    assert "SHOWROOM_HANDOFF_HOSTS" in line.answer
