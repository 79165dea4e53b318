"""`showroom export` and `showroom apply`, as somebody with a terminal meets them."""

import asyncio
import io
import logging
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from showroom.__main__ import main
from showroom.api_keys import ApiKeys, Scope
from showroom.audit import COMMAND_LINE, AuditLog, Noted
from showroom.clock import system_clock
from showroom.database import Database
from showroom.showrooms import Showroom, Showrooms
from showroom.vehicles import Vehicles
from tests.houses import make_tables
from tests.nodes import SECRET
from tests.samples import PASSWORD, a_vehicle
from tests.showroom.settings_file.samples import furnish_whole
from tests.virtual_clock import VirtualClock

CHANGE = '[[showrooms]]\nslug = "paris"\npolicy.ring_seconds = 25\n'
LINE = "showroom paris · policy.ring_seconds: 20 → 25\n"
Said = pytest.CaptureFixture[str]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a furnished showroom, which the settings name."""
    monkeypatch.setenv("SHOWROOM_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SHOWROOM_SECRET_KEY", SECRET)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))
    # What others in this process log, perhaps to a stream that is closed, no command has said.
    monkeypatch.setattr(logging.getLogger(), "handlers", [logging.NullHandler()])

    async def furnish() -> None:
        await make_tables(url(tmp_path))
        async with Database.open(url(tmp_path)) as database:
            await furnish_whole(database, VirtualClock())

    asyncio.run(furnish())
    return tmp_path


def url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder}/showroom.db"


def kept(folder: Path) -> tuple[Showroom, tuple[Noted, ...]]:
    """Return Paris, and its log."""

    async def read() -> tuple[Showroom, tuple[Noted, ...]]:
        async with Database.open(url(folder)) as database:
            room = await Showrooms(database).by_slug("paris")
            return room, await AuditLog(database).page(room.id)

    return asyncio.run(read())


def test_without_a_terminal_and_without_a_yes_it_is_only_shown(data: Path, capsys: Said) -> None:
    file = data / "change.toml"
    file.write_text(CHANGE)
    assert main(["apply", str(file)]) == 3
    assert capsys.readouterr().out == f"{LINE}Nothing was applied.\n"
    room, log = kept(data)
    assert (room.policy.ring_seconds, log) == (20, ())


def test_with_a_yes_it_is_applied_and_noted_and_then_there_is_nothing_to_do(
    data: Path, capsys: Said
) -> None:
    file = data / "change.toml"
    file.write_text("\ufeff" + CHANGE, encoding="utf-8")
    assert main(["apply", str(file), "--yes"]) == 0
    assert capsys.readouterr().out == f"{LINE}Applied.\n"
    room, log = kept(data)
    assert room.policy.ring_seconds == 25
    assert [noted.entry.who for noted in log] == [COMMAND_LINE]
    assert main(["apply", str(file)]) == 0
    assert capsys.readouterr().out == "Nothing to change: all of it is so already.\n"
    assert len(kept(data)[1]) == 1


class Terminal:
    """`showroom apply FILE` at a terminal, as far as its question."""

    def __init__(self, file: Path) -> None:
        self._ours, theirs = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "showroom", "apply", str(file)],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        self.said = ""

    def until(self, text: str) -> None:
        """Read until this was said."""
        until = time.monotonic() + 60
        while text not in self.said and time.monotonic() < until:
            if select.select([self._ours], [], [], 1)[0]:
                self.said += os.read(self._ours, 10_000).decode().replace("\r", "")
        assert text in self.said

    def answer(self, text: str) -> int:
        """Type a line; return the exit status."""
        os.write(self._ours, f"{text}\n".encode())
        self.until("pplied.\n")
        return self._process.wait(60)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._ours)


@pytest.fixture
def terminal(data: Path) -> Iterator[Terminal]:
    """A terminal at which somebody is asked about `CHANGE`."""
    file = data / "change.toml"
    file.write_text(CHANGE)
    opened = Terminal(file)
    try:
        opened.until("[y/N]")
        yield opened
    finally:
        opened.close()


@pytest.mark.parametrize(("answer", "status", "seconds"), [("y", 0, 25), ("n", 3, 20), ("", 3, 20)])
def test_at_a_terminal_somebody_is_asked(
    data: Path, terminal: Terminal, answer: str, status: int, seconds: int
) -> None:
    assert LINE in terminal.said
    assert terminal.answer(answer) == status
    assert kept(data)[0].policy.ring_seconds == seconds


def test_who_is_asked_hears_what_somebody_else_has_changed_meanwhile(
    data: Path, terminal: Terminal
) -> None:
    async def change() -> None:
        async with Database.open(url(data)) as database:
            showrooms = Showrooms(database)
            room = await showrooms.by_slug("paris")
            policy = replace(room.policy, ring_seconds=30, recording=True)
            await showrooms.save(replace(room, policy=policy))

    asyncio.run(change())
    assert terminal.answer("y") == 0
    assert "changed settings meanwhile" in terminal.said
    assert "showroom paris · policy.ring_seconds: 30 → 25\n" in terminal.said
    room, log = kept(data)
    assert (room.policy.ring_seconds, room.policy.recording) == (25, True)
    assert [noted.entry.before for noted in log] == [{"policy.ring_seconds": 30}]


def test_what_is_exported_is_applied_as_it_is_by_file_and_by_pipe(
    data: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["export"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("# The settings of live showrooms")
    assert text.count("[[showrooms]]") == 2
    file = data / "all.toml"
    assert main(["export", "--file", str(file)]) == 0
    assert file.read_text() == text
    assert file.stat().st_mode & 0o077 == 0
    assert main(["apply", str(file)]) == 0
    copy = text.replace('slug = "paris"', 'slug = "nice"').replace("\nparis = ", "\nnice = ")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(copy.encode())))
    capsys.readouterr()
    assert main(["apply", "-", "--yes", "--only", "showrooms, vehicles"]) == 0
    said = capsys.readouterr().out
    assert said.endswith("Applied.\n")
    assert "vehicle crete of nice · added" in said
    assert "staff" not in said
    assert main(["export", "--showroom", "nice", "lyon"]) == 0
    slugs = capsys.readouterr().out
    assert 'slug = "nice"' in slugs
    assert 'slug = "paris"' not in slugs


def test_who_is_new_and_what_is_new_is_told_what_it_needs(data: Path, capsys: Said) -> None:
    file = data / "new.toml"
    file.write_text(
        CHANGE + '[[showrooms.endpoints]]\nkind = "webhook"\nname = "New"\n'
        'address = "https://new.example.com"\ntopics = ["call.ended"]\n'
        '[[staff]]\nemail = "nina@example.com"\nname = "Nina"\nlanguages = []\n'
        'roles.paris = "advisor"\n'
    )
    assert main(["apply", str(file), "--yes"]) == 0
    said = capsys.readouterr().out
    assert "staff nina@example.com · added as advisor of paris" in said
    assert "showroom staff password" in said
    assert "/manager/handoff" in said
    assert "whsec_" not in said


def test_a_password_is_set_for_who_has_none(
    data: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    for typed, status in ((f"{PASSWORD} 2\n", 0), ("short\n", 1)):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        assert main(["staff", "password", "zoe@example.com"]) == status
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    assert main(["staff", "password", "nobody@example.com"]) == 1
    assert "no account" in capsys.readouterr().err


def test_a_wrong_file_is_told_line_by_line_with_its_name(data: Path, capsys: Said) -> None:
    file = data / "wrong.toml"
    file.write_text(CHANGE.replace("ring_seconds", "ring_second") + 'name_ = "x"\n')
    assert main(["apply", str(file), "--yes"]) == 1
    said = capsys.readouterr()
    assert said.err.splitlines() == [
        f"{file}: showroom paris · policy.ring_second: there is no such field."
        " Did you mean ring_seconds?",
        f"{file}: showroom paris · name_: there is no such field. Did you mean name?",
        f"showroom: Nothing was applied. Mend {file} and apply it again.",
    ]
    assert said.out == ""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[[showrooms]\n", "is not TOML: .*line 1"),
        (b'name = "\xff"\n', "is not written in UTF-8"),
        (b"a = " + b"[" * 100_000, "nested too deeply"),
        (b"a = " + b"9" * 5000, "is not TOML"),
        (b"a = 1e999999999\n", "is not TOML: 1e999999999 is no number"),
    ],
)
def test_a_file_that_can_not_be_read_is_one_sentence(
    data: Path, capsys: Said, content: bytes, said: str
) -> None:
    file = data / "broken.toml"
    file.write_bytes(content)
    assert main(["apply", str(file), "--yes"]) == 1
    err = capsys.readouterr().err
    assert re.search(said, err), err
    assert err.count("\n") == 1


def test_what_is_not_there_is_said(data: Path, capsys: Said) -> None:
    assert main(["apply", str(data / "none.toml")]) == 1
    assert "can't be read" in capsys.readouterr().err
    assert main(["export", "--showroom", "atlantis"]) == 1
    assert "no showroom 'atlantis'" in capsys.readouterr().err
    assert main(["export", "--file", str(data / "none" / "all.toml")]) == 1
    assert "can't be written" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["apply", "x.toml", "--only", "cars"])
    assert "showrooms,staff,dealers,vehicles,endpoints" in capsys.readouterr().err


def test_what_was_applied_is_printed_from_the_log(data: Path, capsys: Said) -> None:
    file = data / "change.toml"
    file.write_text(CHANGE)
    assert main(["apply", str(file), "--yes"]) == 0
    capsys.readouterr()
    assert main(["audit", "--showroom", "paris", "--last", "1"]) == 0
    [line] = capsys.readouterr().out.splitlines()
    at, *what = line.split("\t")
    assert datetime.fromisoformat(at) <= datetime.now(UTC)
    assert what[0] == COMMAND_LINE
    assert what[2:] == ["changed", "policy.ring_seconds", "20", "25"]
    assert main(["audit", "--showroom", "lyon"]) == 0
    assert capsys.readouterr().out == "", "another showroom's log is its own"
    assert main(["audit", "--showroom", "nowhere"]) == 1


def test_a_program_is_printed_by_the_name_of_its_key(data: Path, capsys: Said) -> None:
    async def a_program_changes_a_car() -> None:
        async with Database.open(url(data)) as database:
            paris = await Showrooms(database).by_slug("paris")
            key, _ = await ApiKeys(database, system_clock).add(
                paris.id, "The importer", [Scope.VEHICLES_WRITE]
            )
            car = a_vehicle(paris.id, "dune")
            await Vehicles(database).revise(paris.id, lambda _: {"dune": car}, key.id, 1_000)
            await ApiKeys(database, system_clock).revoke(paris.id, key.id)

    asyncio.run(a_program_changes_a_car())
    assert main(["audit", "--showroom", "paris"]) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert "The importer" in {line[1] for line in lines if line[2] == "vehicle dune"}
