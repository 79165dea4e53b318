"""The command line, as somebody with a terminal meets it."""

import asyncio
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from cryptography import x509
from socketio.exceptions import ConnectionError as Refused

from showroom.__main__ import main
from showroom.asking import Figures
from showroom.audit import COMMAND_LINE, AuditLog
from showroom.calls import CallRecord, CallRecords
from showroom.children import leashed
from showroom.clock import to_datetime
from showroom.database import Database, migrate
from showroom.days import STEP_MS
from showroom.demo.lan import certificate_for, qr_code
from showroom.ids import CallId
from showroom.showrooms import Showroom, Showrooms
from showroom.words import CallState
from tests.houses import furnish
from tests.nodes import SECRET, free_port
from tests.people import Customer, Employee
from tests.samples import a_showroom
from tests.virtual_clock import START_MS

SIGN_IN = re.compile(r"^\s+(\S+@\S+)  (\S+)$", re.MULTILINE)


def run(*arguments: str, said: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `showroom …` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "showroom", *arguments],
        input=said,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **settings},
    )


@contextmanager
def demo(folder: Path, port: int, *options: str) -> Iterator[str]:
    """Run `showroom demo`; yield what it prints until it is ready."""
    command = [sys.executable, "-u", "-m", "showroom", "demo"]
    command += ["--port", str(port), "--data", str(folder), *options]
    process = subprocess.Popen(leashed(command), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            if "stops it" in line:
                break
        yield "".join(lines)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        process.stdout.close()  # type: ignore[union-attr]


def children_of(folder: Path) -> list[str]:
    """Return the command lines of processes that name this folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in command and "pytest" not in command:
            found.append(command)
    return found


async def test_demos_run_side_by_side_and_their_sign_ins_work_and_stay(tmp_path: Path) -> None:
    one, two, port = tmp_path / "one", tmp_path / "two", free_port()
    with demo(one, port) as first, demo(two, free_port(), "--no-robot") as second:
        people = dict(SIGN_IN.findall(first))
        assert set(people) == {f"{who}@orvanne.example" for who in ("manager", "alice", "bruno")}
        assert people.items().isdisjoint(SIGN_IN.findall(second))
        base = f"http://localhost:{port}"
        for page in ("/s/orvanne", "/advisor", "/manager", "/demo/mail"):
            assert base + page in first
        async with Employee(base, "orvanne") as alice:
            assert (
                await alice.sign_in("alice@orvanne.example", people["alice@orvanne.example"]) == 303
            )
            async with alice.http.get(f"{base}/advisor") as response:
                assert response.status == 200
            async with alice.http.get(f"{base}/s/orvanne") as response:
                assert (await response.text()).count("/static/vehicles/") >= 6
    assert children_of(tmp_path) == [], "the robot and both servers have ended"
    with demo(one, free_port(), "--no-robot") as again:
        assert dict(SIGN_IN.findall(again)) == people


async def test_somebody_who_was_added_can_sign_in_and_a_second_time_is_refused(
    tmp_path: Path, migrated_sqlite: Path
) -> None:
    shutil.copy(migrated_sqlite, tmp_path / "showroom.db")
    async with Database.open(f"sqlite+aiosqlite:///{tmp_path / 'showroom.db'}") as database:
        await furnish(database)
    settings = {"SHOWROOM_DATA_DIR": str(tmp_path), "SHOWROOM_SECRET_KEY": SECRET}
    add = ["staff", "add", "zoe@example.com", "Zoé", "--showroom", "paris", "--role", "manager"]
    assert run(*add, said="a long enough password\n", **settings).returncode == 0
    again = run(*add, said="a long enough password\n", **settings)
    assert (again.returncode, again.stderr.count("\n")) == (1, 1)
    assert "already" in again.stderr
    nowhere = run(*add[:4], "--showroom", "nowhere", said="a long enough password\n", **settings)
    assert nowhere.returncode == 1
    assert run("staff", "disable", "zoe@example.com", **settings).returncode == 0


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"SHOWROOM_PORT": "eighty"}, "SHOWROOM_PORT"),
        ({"SHOWROOM_SECRET_KEY": "short"}, "SHOWROOM_SECRET_KEY"),
        ({"SHOWROOM_SECRET_KEY": ""}, "SHOWROOM_SECRET_KEY"),
        ({"SHOWROOM_DATABASE_URL": "mysql://x/y"}, "SHOWROOM_DATABASE_URL"),
        ({"SHOWROOM_REDIS_URL": "redis://127.0.0.1:1/0"}, "SHOWROOM_REDIS_URL"),
        ({"SHOWROOM_DATABASE_URL": "postgresql://127.0.0.1:1/x"}, "SHOWROOM_DATABASE_URL"),
        ({"SHOWROOM_TURN_URLS": "turn:turn.example.com"}, "SHOWROOM_TURN_SECRET"),
        ({"SHOWROOM_COLOUR": "red"}, "SHOWROOM_COLOUR"),
        ({"SHOWROOM_TLS_CERTIFICATE": "/nowhere.pem"}, "SHOWROOM_TLS_CERTIFICATE"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_a_sentence_that_names_it(
    tmp_path: Path,
    settings: dict[str, str],
    named: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    known = {"SHOWROOM_DATA_DIR": str(tmp_path), "SHOWROOM_SECRET_KEY": SECRET}
    for name, value in {**known, **settings}.items():
        monkeypatch.setenv(name, value)
    assert main(["serve"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("showroom: ")
    assert named in said
    assert said.strip().count("\n") == 0, said


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    known = {"SHOWROOM_DATA_DIR": str(tmp_path), "SHOWROOM_SECRET_KEY": SECRET}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run("serve", **known, SHOWROOM_PORT=str(port))
    assert (ended.returncode, "SHOWROOM_PORT" in ended.stderr) == (2, True)
    assert str(port) in ended.stderr


def test_make_alone_lists_the_targets() -> None:
    root = Path(__file__).parents[2]
    listed = subprocess.run(["make"], cwd=root, capture_output=True, text=True, check=True).stdout
    for target in ("demo", "test", "bench", "screenshots", "clean"):
        assert re.search(rf"^\s+make {target}\s+\S", listed, re.MULTILINE)


async def test_the_certificate_of_the_local_network_names_its_address(tmp_path: Path) -> None:
    certificate, key = certificate_for(tmp_path, "192.0.2.7")
    loaded = x509.load_pem_x509_certificate(certificate.read_bytes())
    names = loaded.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    addresses = [str(found) for found in names.get_values_for_type(x509.IPAddress)]
    assert addresses == ["192.0.2.7", "127.0.0.1"]
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
    assert certificate_for(tmp_path, "192.0.2.7") == (certificate, key)
    assert key.stat().st_mode & 0o077 == 0


async def test_the_demo_on_the_local_network_speaks_tls(tmp_path: Path) -> None:
    port = free_port()
    with demo(tmp_path, port, "--no-robot", "--lan") as printed:
        found = re.search(r"https://([\d.]+):(\d+)/advisor", printed)
        assert found, printed
        url = f"https://{found[1]}:{found[2]}/staff/login"
        async with aiohttp.ClientSession() as http, http.get(url, ssl=False) as response:
            assert response.status == 200
            assert "Secure" in response.headers["Set-Cookie"]
        assert qr_code(found[0]) in printed
        async with Customer(f"http://localhost:{port}", "orvanne") as customer:
            with pytest.raises(Refused):
                await customer.connect({"Origin": f"https://{found[1]}:1"})
            await customer.leave()
            customer.socket = customer._new_socket()
            await customer.connect({"Origin": f"https://{found[1]}:{found[2]}"})
            await customer.until("showroom_state")


def test_the_qr_code_fits_a_terminal() -> None:
    drawn = qr_code("https://192.168.178.20:8443/advisor").splitlines()
    assert 10 < len(drawn) < 30


def test_dealers_come_from_a_file_whole_or_by_their_good_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOWROOM_DATA_DIR", str(tmp_path))
    database_url = f"sqlite+aiosqlite:///{tmp_path}/showroom.db"
    asyncio.run(furnished(database_url))
    file = tmp_path / "dealers.csv"
    head = "code,name,street,postcode,city,latitude,longitude\n"
    file.write_text(head + "1,A,1 rue,75001,Paris,48.8,2.3\n2,B,1 rue,75001,Paris,98.8,2.3\n")
    command = ["dealers", "import", str(file), "--showroom", "paris"]
    assert main(command) == 1
    said = capsys.readouterr()
    assert "line 3: latitude: write degrees from -90 to 90" in said.err
    assert "--good-lines" in said.err
    assert main([*command, "--good-lines"]) == 0
    assert capsys.readouterr().out == "1 dealers kept, 1 lines left out.\n"
    assert main([*command[:2], str(tmp_path / "none.csv"), *command[3:]]) == 1
    assert "can't be read" in capsys.readouterr().err
    assert main([*command[:-1], "nowhere"]) == 1


async def furnished(database_url: str) -> None:
    await migrate(database_url)
    async with Database.open(database_url) as database:
        await Showrooms(database).save(a_showroom())


def test_a_showroom_is_allowed_to_record_and_forbidden_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOWROOM_DATA_DIR", str(tmp_path))
    database_url = f"sqlite+aiosqlite:///{tmp_path}/showroom.db"
    asyncio.run(furnished(database_url))

    async def kept() -> Showroom:
        async with Database.open(database_url) as database:
            return await Showrooms(database).by_slug("paris")

    async def noted() -> list[tuple[str, Any]]:
        async with Database.open(database_url) as database:
            log = await AuditLog(database).page(before.id)
        return [(entry.who, entry.after) for _, entry in log]

    before = asyncio.run(kept())
    assert not before.policy.recording
    for action, may in (("allow", True), ("forbid", False)):
        assert main(["recording", action, "--showroom", "paris"]) == 0
        policy = replace(before.policy, recording=may)
        assert asyncio.run(kept()) == replace(before, policy=policy), "and nothing else changes"
        assert asyncio.run(noted())[0] == (COMMAND_LINE, {"policy.recording": may})
    assert main(["recording", "allow", "--showroom", "nowhere"]) == 1


def test_the_way_to_the_store_is_set_and_its_secret_shown_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOWROOM_DATA_DIR", str(tmp_path))
    database_url = f"sqlite+aiosqlite:///{tmp_path}/showroom.db"
    asyncio.run(furnished(database_url))
    here = ["--showroom", "paris"]
    assert main(["store", "link", "http://shop.example.com/", *here]) == 1
    assert "begins with https://" in capsys.readouterr().err
    assert main(["store", "link", "https://shop.example.com/{vehicle}", *here]) == 0
    assert main(["store", "retire", *here]) == 1
    assert "Make one first" in capsys.readouterr().err
    assert main(["store", "secret", *here]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("whsec_")
    assert "not shown again" in said.err
    assert main(["store", "retire", *here]) == 0

    async def noted() -> list[Any]:
        async with Database.open(database_url) as database:
            showroom = await Showrooms(database).by_slug("paris")
            return [entry.after for _, entry in await AuditLog(database).page(showroom.id)]

    link = {"store.url": "https://shop.example.com/{vehicle}"}
    assert asyncio.run(noted()) == [{"store.signing_keys": 1}, link], "one alone is retired already"
    assert main(["store", "link", "https://shop.example.com/", "--showroom", "nowhere"]) == 1


async def test_the_figures_are_rebuilt_by_a_command(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'showroom.db'}"
    await migrate(url)
    async with Database.open(url) as database:
        paris = a_showroom()
        await Showrooms(database).save(paris)
        call = CallRecord(CallId("c"), paris.id, 1, CallState.CLOSED, "en", None, START_MS)
        await CallRecords(database).save(call, [])  # nobody counts it
    settings = {"SHOWROOM_DATABASE_URL": url}
    done = run("figures", "rebuild", **settings)
    assert (done.returncode, done.stdout) == (0, "paris: 1 calls and 0 leads counted.\n")
    async with Database.open(url) as database:
        told = await Figures(database).figures(paris, 0, START_MS // STEP_MS * STEP_MS + STEP_MS)
        assert told[""].offered == 1
    day = to_datetime(START_MS).date().isoformat()
    asked = ("figures", "show", "--showroom", "paris", "--since", day, "--until", day)
    shown = run(*asked, **settings).stdout.splitlines()
    assert shown[0].startswith("day,offered,answered,")
    assert shown[1:] == [f"{day},1,0,0.0,0.0,0,0,0,,,,,0,,,,,0"]
    shown = run(*asked, "--by", "device", **settings).stdout.splitlines()
    assert shown[1:] == ["unknown,1,0,0.0,0.0,0,0,0,,,,,0,,,,,0"]
    empty = run(*asked[:-3], "2020-01-01", "--until", "2020-01-31", **settings).stdout
    assert len(empty.splitlines()) == 1
    wrong = run("figures", "rebuild", "--showroom", "lyon", **settings)
    assert (wrong.returncode, wrong.stderr) == (
        1,
        "showroom: There is no such showroom. Check the address.\n",
    )
