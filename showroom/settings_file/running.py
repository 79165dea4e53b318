"""What `showroom export` and `showroom apply` do."""

import os
import sys
import tomllib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from booking.handoff.guard import Guard
from showroom.clock import system_clock
from showroom.database import Database, migrate
from showroom.errors import BadRequest, NotFound
from showroom.settings import Settings
from showroom.settings_file.applying import SettingsFiles, Wrong
from showroom.settings_file.parts import Part
from showroom.settings_file.reading import Document
from showroom.settings_file.standing import settings_document
from showroom.settings_file.writing import document

MOST_BYTES = 32_000_000
LARGEST_EXPONENT = 30
NOT_APPLIED = 3
COMMENT = """\
The settings of live showrooms, as `showroom export` has written them. Edit what you like, and
`showroom apply FILE` shows what that changes, asks, and applies it. What is not named here stays as
it is; nothing is ever deleted. To copy a showroom, give its table another slug, here and in the
roles of its staff. docs/settings-file.md describes each field.
There are no passwords, keys or secrets in it, but names and e-mail addresses of staff, and the
addresses that news go to: keep it like those.
"""
STDIN = Path("-")


@asynccontextmanager
async def _files() -> AsyncIterator[SettingsFiles]:
    settings = Settings.load()
    await migrate(settings.database_url)
    async with Database.open(settings.database_url) as database:
        yield SettingsFiles(database, Guard(settings.handoff_hosts), system_clock)


async def export(slugs: Sequence[str], file: Path | None) -> None:
    """Write the settings of showrooms, of all without any slug, to a file or standard output.

    Raises `NotFound`, and `BadRequest` when the file can't be written.
    """
    wanted = set(slugs)
    async with _files() as files:
        standing = await files.standing(wanted or None)
    if missing := sorted(wanted - standing.showrooms.keys()):
        raise NotFound(f"There is no showroom {missing[0]!r}.")
    written = document(settings_document(standing), COMMENT).encode()
    if file is None:
        sys.stdout.buffer.write(written)
        sys.stdout.flush()
    else:
        _write(file, written)


def _write(file: Path, written: bytes) -> None:
    # Written beside and moved, for its owner only: people's addresses stand in it.
    new = file.with_name(f"{file.name}.new")
    try:
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
            opened.write(written)
        new.replace(file)
    except OSError as error:
        raise BadRequest(f"{file} can't be written: {error.strerror or error}.") from error


async def change_one(slug: str, settings: Document) -> None:
    """Change some settings of one showroom, as a file with these would. Raises `NotFound`."""
    async with _files() as files:
        standing = await files.standing([slug])
        if slug not in standing.showrooms:
            raise NotFound(f"There is no showroom {slug!r}.")
        await files.apply({"showrooms": [{"slug": slug, **settings}]}, [Part.SHOWROOMS])


async def apply(file: Path, only: Sequence[Part], *, yes: bool) -> int:
    """Show what a file would change, ask unless `yes`, and apply it; return the exit status.

    Raises `BadRequest` for a file that is wrong, after all that is wrong was printed.
    """
    name = "standard input" if file == STDIN else str(file)
    given = _parsed(name, _content(file))
    async with _files() as files:
        try:
            plan = await files.compare(given, only)
            _say(*plan.lines)
            if not plan.changes:
                _say("Nothing to change: all of it is so already.")
                return 0
            if not (yes or _agreed(len(plan.changes))):
                _say("Nothing was applied.")
                return NOT_APPLIED
            applied = await files.apply(given, only)
        except Wrong as wrong:
            for problem in wrong.problems:
                print(f"{name}: {problem}", file=sys.stderr)
            raise BadRequest(f"Nothing was applied. Mend {name} and apply it again.") from wrong
    if list(applied.lines) != plan.lines:
        _say("Somebody has changed settings meanwhile. This is what was applied:", *applied.lines)
    _say("Applied.")
    if applied.new_people:
        _say("Who is new can sign in once they have a password: showroom staff password EMAIL")
    if applied.new_webhooks:
        _say("New webhooks have secrets of their own: rotate them at /manager/handoff to see them.")
    return 0


def _content(file: Path) -> bytes:
    try:
        if file == STDIN:
            content = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with file.open("rb") as opened:
                content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadRequest(f"{file} can't be read: {error.strerror or error}.") from error
    if len(content) > MOST_BYTES:
        raise BadRequest(f"{file} is larger than {MOST_BYTES // 1_000_000} MB.")
    return content


def _parsed(name: str, content: bytes) -> Document:
    """Return what a file says; decimal numbers stay what they are in writing."""
    try:
        parsed: dict[str, Any] = tomllib.loads(content.decode("utf-8-sig"), parse_float=_decimal)
    except UnicodeDecodeError as error:
        raise BadRequest(f"{name} is not written in UTF-8.") from error
    except ValueError as error:
        raise BadRequest(f"{name} is not TOML: {error}.") from error
    except RecursionError as error:
        raise BadRequest(f"{name} is not one of ours: it is nested too deeply.") from error
    return parsed


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    # 1e999999999 is short here, and a gigabyte of digits once somebody prints it.
    if number.is_finite() and abs(number.adjusted()) > LARGEST_EXPONENT:
        raise ValueError(f"{text[:40]} is no number that settings have")
    return number


def _agreed(count: int) -> bool:
    if not sys.stdin.isatty():
        return False
    asked = f"Apply {'this change' if count == 1 else f'these changes to {count} tables'}? [y/N] "
    # Where it is seen also when the difference goes into a file.
    print(asked, end="", file=sys.stderr, flush=True)
    try:
        return input().strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _say(*lines: str) -> None:
    for line in lines:
        print(line)
