"""For who has no system: a file for each event, or a table of leads that a spreadsheet opens.

Everything stands in `handoff/<showroom>/<endpoint>` in the data folder. The names are ids of ours:
nothing from outside becomes part of a path. A full disk is tried again like a receiver that hangs.
"""

import asyncio
import csv
import fcntl
import io
import os
import re
from collections.abc import Callable
from pathlib import Path

from booking.delivery import Delivered, Delivery, Later
from booking.handoff.endpoints import Endpoint
from booking.handoff.lead_data import LeadData
from booking.handoff.sink import Sent
from booking.handoff.webhooks import written
from showroom.clock import to_datetime

FOLDER = "handoff"
# What a spreadsheet takes for a formula when a cell begins with it (OWASP, CSV injection). A cell
# begins wherever it splits: where the comma is the decimal sign that is at semicolons, also in what
# quotes hold together for everybody else.
FORMULA = re.compile(r'(?:^|(?<=[;\t\n]))(?="*[=+\-@\t])')
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

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    async def send(self, endpoint: Endpoint, delivery: Delivery) -> Sent:
        file = folder_of(self._data_dir, endpoint) / f"{delivery.id}.json"
        body = written(delivery.payload)
        return await _kept(file, body, lambda: _replace(file, body.encode()))


class CsvWay:
    """One row for each event of a lead (RFC 4180), in one file for each month (UTC)."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    async def send(self, endpoint: Endpoint, delivery: Delivery) -> Sent:
        month = to_datetime(delivery.created_at).strftime("%Y-%m")
        file = folder_of(self._data_dir, endpoint) / f"leads-{month}.csv"
        row = line(row_of(delivery))
        return await _kept(file, row, lambda: _append(file, row))


def folder_of(data_dir: Path, endpoint: Endpoint) -> Path:
    """Return where an endpoint's files are."""
    return data_dir / FOLDER / endpoint.showroom_id / endpoint.id


async def _kept(file: Path, body: str, write: Callable[[], None]) -> Sent:
    asked = {"file": "/".join(file.parts[-4:]), "body": body}
    try:
        await asyncio.to_thread(write)
    except OSError as error:
        return Sent(Later(answer=f"the file can't be written: {error.strerror}"), asked)
    return Sent(Delivered("written"), asked)


def _replace(file: Path, content: bytes) -> None:
    """Write a file so that whoever reads it finds all of it or none."""
    # What it holds is personal: it is nobody else's on this machine.
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = file.parent / f".{file.name}.{os.getpid()}"
    try:
        with unfinished.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def _append(file: Path, row: str) -> None:
    """Add a row unless one of its delivery is there. Half a row, left by a crash, is taken back."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = row.partition(",")[0]
    with file.open("a+b", buffering=0) as out:
        # Whoever else appends, in this process or another, waits; closing lets go.
        fcntl.flock(out, fcntl.LOCK_EX)
        out.seek(0)
        content = out.read()
        whole = content[: content.rfind(b"\r\n") + 2] if b"\r\n" in content else b""
        if f"\r\n{key},".encode() in whole:
            return
        out.truncate(len(whole))
        rest = row.encode() if whole else (line(COLUMNS) + row).encode()
        try:
            while rest:
                rest = rest[out.write(rest) :]
            os.fsync(out.fileno())
        except OSError:
            out.truncate(len(whole))
            raise


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


def line(cells: tuple[object, ...]) -> str:
    """Return a line of the table (RFC 4180), in which no cell is a formula to a spreadsheet."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(
        ["" if cell is None else _harmless(str(cell)) for cell in cells]
    )
    return out.getvalue()


def _harmless(text: str) -> str:
    """Return a cell that is text whatever it holds."""
    # A line of the table ends with CR LF, and nothing else does.
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    text = text.encode(errors="replace").decode()
    return FORMULA.sub("'", text)
