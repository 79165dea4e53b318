"""For who has no system: a file for each event, or a table of leads that a spreadsheet opens.

Everything stands in `handoff/<showroom>/<endpoint>` in the data folder. The names are ids of ours:
nothing from outside becomes part of a path. A full disk is tried again like a receiver that hangs.
"""

import asyncio
import fcntl
import io
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from booking.delivery import Delivered, Delivery, Later
from booking.handoff.endpoint import Endpoint
from booking.handoff.lead_data import LeadData
from booking.handoff.sink import Sent
from booking.handoff.webhooks import written
from booking.spreadsheet import csv_line
from showroom.clock import to_datetime
from showroom.ids import new_id

FOLDER = "handoff"
WRITERS = 32
END = b"\r\n"
COLUMNS = (
    "delivery",
    "event",
    "at",
    "lead",
    "version",
    "state",
    "name",
    "email",
    "phone",
    "postcode",
    "language",
    "wishes",
    "vehicles",
    "dealer",
    "score",
    "budget",
    "currency",
    "financing",
    "horizon",
    "trade_in",
    "campaign",
    "consents",
    "notes",
)


class FolderWay:
    """One JSON file for each event, named by the delivery: a repetition overwrites itself."""

    def __init__(self, data_dir: Path, threads: Executor) -> None:
        """`threads`: of `file_threads`."""
        self._data_dir = data_dir
        self._threads = threads

    async def send(self, endpoint: Endpoint, delivery: Delivery) -> Sent:
        file = folder_of(self._data_dir, endpoint) / f"{delivery.id}.json"
        body = written(delivery.payload)
        return await _kept(file, body, self._threads, lambda: _replace(file, body.encode()))


class CsvWay:
    """One row for each event of a lead (RFC 4180), in one file for each month (UTC)."""

    def __init__(self, data_dir: Path, threads: Executor) -> None:
        """`threads`: of `file_threads`."""
        self._data_dir = data_dir
        self._threads = threads

    async def send(self, endpoint: Endpoint, delivery: Delivery) -> Sent:
        month = to_datetime(delivery.created_at).strftime("%Y-%m")
        file = folder_of(self._data_dir, endpoint) / f"leads-{month}.csv"
        row = csv_line(row_of(delivery))
        again = delivery.repeated
        return await _kept(file, row, self._threads, lambda: _append(file, row, again))


def folder_of(data_dir: Path, endpoint: Endpoint) -> Path:
    """Return where an endpoint's files are."""
    return data_dir / FOLDER / endpoint.showroom_id / endpoint.id


@contextmanager
def file_threads() -> Iterator[Executor]:
    """Yield threads for files only: a disk that hangs must not hold up who hashes passwords."""
    threads = ThreadPoolExecutor(WRITERS, "files")
    try:
        yield threads
    finally:
        # Nor whoever stops: what is being written is whole or not there.
        threads.shutdown(wait=False, cancel_futures=True)


async def _kept(file: Path, body: str, threads: Executor, write: Callable[[], None]) -> Sent:
    asked = {"file": "/".join(file.parts[-4:]), "body": body}
    try:
        await asyncio.get_running_loop().run_in_executor(threads, write)
    except OSError as error:
        return Sent(Later(answer=f"the file can't be written: {error.strerror}"), asked)
    return Sent(Delivered("written"), asked)


def _replace(file: Path, content: bytes) -> None:
    """Write a file so that whoever reads it finds all of it or none."""
    # What it holds is personal: it is nobody else's on this machine.
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Nobody else's, on no node that shares the folder: in containers all are process 1.
    unfinished = file.parent / f".{file.name}.{new_id()}"
    try:
        with unfinished.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def _append(file: Path, row: str, again: bool) -> None:
    """Add a row, `again` only if none of its delivery is there: a look goes over the whole table.

    Half a row, left by a crash, is taken back.
    """
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with locked(file) as out:
        end = _end_of_rows(out)
        if again and _has(out, end, row.partition(",")[0]):
            return
        out.truncate(end)
        rest = row.encode() if end else (csv_line(COLUMNS) + row).encode()
        try:
            while rest:
                rest = rest[out.write(rest) :]
            os.fsync(out.fileno())
        except OSError:
            out.truncate(end)
            raise


@contextmanager
def locked(file: Path, *, make: bool = True) -> Iterator[io.FileIO]:
    """Yield a table, opened for one at a time, in this process or another.

    Raises `FileNotFoundError` for one that is not there, unless it is to be made.
    """
    while True:
        with file.open("a+b" if make else "r+b", buffering=0) as out:
            # Whoever else writes waits; closing lets go.
            fcntl.flock(out, fcntl.LOCK_EX)
            with suppress(FileNotFoundError):
                # Another one may stand there by now, without the rows of somebody who was erased.
                if os.path.samestat(os.fstat(out.fileno()), file.stat()):
                    yield out
                    return


def _end_of_rows(table: io.FileIO) -> int:
    """Return where the last whole row ends; nearly always that is the end of the file."""
    size = table.seek(0, os.SEEK_END)
    table.seek(max(0, size - len(END)))
    if table.read() == END:
        return size
    table.seek(0)
    rows, end, _half = table.read().rpartition(END)
    return len(rows + end)


def _has(table: io.FileIO, size: int, key: str) -> bool:
    table.seek(0)
    return END + f"{key},".encode() in table.read()[:size]


def row_of(delivery: Delivery) -> tuple[object, ...]:
    """Return the cells of an event, as `COLUMNS` names them."""
    lead = LeadData.model_validate(delivery.payload["data"])
    contact, old, touch = lead.contact, lead.trade_in, lead.campaign.last or lead.campaign.first
    return (
        delivery.id,
        delivery.topic,
        delivery.payload["timestamp"],
        lead.id,
        lead.version,
        lead.state,
        contact.name,
        contact.email,
        contact.phone,
        contact.postcode,
        contact.language,
        " ".join(lead.wishes),
        " ".join(filter(None, (f"{car.slug} {car.version}".strip() for car in lead.vehicles))),
        lead.dealer.code if lead.dealer else "",
        lead.score,
        lead.budget,
        lead.budget.currency if lead.budget else "",
        lead.financing,
        lead.horizon,
        " ".join(str(part) for part in (old.make, old.model, old.year) if part) if old else "",
        " / ".join(filter(None, (touch.source, touch.medium, touch.name))) if touch else "",
        " ".join(one.purpose for one in lead.consents),
        lead.notes,
    )
