"""Somebody is taken out of the files of the handoff, and out of letters that are kept in a folder.

All of it reads and writes the disk: call it from a thread. Twice is no harm.
"""

import json
import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from pathlib import Path

from booking.handoff.files import END, FOLDER, locked
from booking.handoff.topics import Topic
from showroom.ids import ShowroomId, new_id


def forget_files(
    data_dir: Path, showroom_id: ShowroomId, ids: Collection[str], deliveries: Collection[str]
) -> None:
    """Remove the files of these `deliveries`, and whatever else names one of the `ids`.

    Of a table only the rows go. What tells that somebody was erased stays.
    """
    wanted = tuple(one.encode() for one in ids)
    gone = frozenset(deliveries)
    for file in sorted((data_dir / FOLDER / showroom_id).glob("*/[!.]*")):
        if file.suffix == ".csv":
            _forget_rows(file, (*wanted, *(one.encode() for one in gone)))
        elif file.suffix == ".json":
            with suppress(FileNotFoundError):
                if file.stem in gone or _names(file.read_bytes(), wanted):
                    file.unlink()


def forget_letters(folder: Path, deliveries: Collection[str], texts: Collection[str]) -> None:
    """Remove the letters of these deliveries, and those in which one of the `texts` stands."""
    gone = frozenset(deliveries)
    wanted = [text.lower() for text in texts]
    for file in sorted(folder.glob("[!.]*.eml")):
        with suppress(FileNotFoundError):
            if file.stem in gone or any(one in _said(file.read_bytes()) for one in wanted):
                file.unlink()


def _names(body: bytes, wanted: Collection[bytes]) -> bool:
    if not any(one in body for one in wanted):
        return False
    try:
        return bool(json.loads(body).get("type") != Topic.LEAD_ERASED.value)
    except (ValueError, AttributeError):
        return True


def _forget_rows(file: Path, wanted: Collection[bytes]) -> None:
    """Write a table anew without some rows, in one step: a crash leaves the old one whole."""
    with suppress(FileNotFoundError), locked(file, make=False) as table:
        table.seek(0)
        rows = list(_rows(table.read()))
        kept = [row for row in rows if not any(one in row for one in wanted)]
        if len(kept) == len(rows):
            return
        unfinished = file.parent / f".{file.name}.{new_id()}"
        try:
            with unfinished.open("wb") as out:
                out.writelines(kept)
                out.flush()
                os.fsync(out.fileno())
            unfinished.replace(file)
        finally:
            unfinished.unlink(missing_ok=True)


def _rows(table: bytes) -> Iterator[bytes]:
    """Yield the rows of a table as they stand (RFC 4180): a quoted cell may hold line ends."""
    row = b""
    for line in table.split(END):
        row += line + END
        if row.count(b'"') % 2 == 0:
            if row != END:
                yield row
            row = b""
    if row:
        yield row.removesuffix(END)


def _said(letter: bytes) -> str:
    """Return all that a letter says, in lower case."""
    message = BytesParser(EmailMessage, policy=SMTP).parsebytes(letter)
    parts = [part for part in message.walk() if part.get_content_maintype() == "text"]
    texts = [str(part.get_content()) for part in parts]
    return "\n".join([str(message["To"]), str(message["Subject"]), *texts]).lower()
