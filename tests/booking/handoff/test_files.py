"""Files: whole or not at all, once for each delivery, and no formula for a spreadsheet."""

import asyncio
import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from booking.delivery import Delivered, Delivery, Later
from booking.handoff.endpoints import Endpoint, EndpointKind
from booking.handoff.files import COLUMNS, CsvWay, FolderWay, folder_of, line
from booking.handoff.sink import Way
from booking.handoff.topics import Topic
from showroom.ids import DeliveryId, EndpointId, ShowroomId
from tests.booking.handoff.sending import LEAD, Handing
from tests.virtual_clock import START_MS

DAY_MS = 86_400_000


def a_delivery(name: str = "delivery-1", at: int = START_MS, notes: str = "") -> Delivery:
    data = {**LEAD, "notes": notes}
    payload = {"type": "lead.qualified", "timestamp": "2025-10-09T08:53:20.000Z", "data": data}
    return Delivery(
        1, DeliveryId(name), ShowroomId("paris"), "to:e", "lead.qualified", "lead-1", payload,
        at, None, 1,
    )  # fmt: skip


@pytest.fixture
async def table(handing: Handing) -> Endpoint:
    return await handing.endpoint(kind=EndpointKind.CSV)


def rows(file: Path) -> list[dict[str, str]]:
    """Return the rows as a reader of RFC 4180 finds them."""
    table = io.StringIO(file.read_bytes().decode(), newline="")
    return list(csv.DictReader(table, strict=True))


async def test_a_folder_gets_one_file_for_each_event_however_often(
    handing: Handing, tmp_path: Path
) -> None:
    endpoint = await handing.endpoint(kind=EndpointKind.FOLDER)
    await handing.publish()
    (delivery,) = await handing.claimed(endpoint.id)
    way = FolderWay(tmp_path)
    for _ in range(2):
        sent = await way.send(endpoint, delivery)
        assert sent.result == Delivered("written")
    (file,) = folder_of(tmp_path, endpoint).iterdir()
    assert file.name == f"{delivery.id}.json"
    assert json.loads(file.read_text())["data"]["contact"]["name"] == "Zoé Dupont"
    assert file.parent.stat().st_mode & 0o077 == 0


async def test_a_table_has_a_header_and_one_row_for_each_event(
    table: Endpoint, tmp_path: Path
) -> None:
    way = CsvWay(tmp_path)
    for name in ("one", "two", "one", "-three", "-three"):
        await way.send(table, a_delivery(name, notes='He said "yes",\r\nthen left'))
    (file,) = folder_of(tmp_path, table).iterdir()
    assert file.name == "leads-2025-10.csv"
    found = rows(file)
    assert [row["delivery"] for row in found] == ["one", "two", "'-three"]
    assert tuple(found[0]) == COLUMNS
    assert found[0]["notes"] == 'He said "yes",\nthen left'
    assert found[0]["name"] == "Zoé Dupont"
    assert found[0]["budget"] == "35000.50"
    assert file.read_bytes().count(b"\r\n") == 4


async def test_a_month_has_a_table_of_its_own(table: Endpoint, tmp_path: Path) -> None:
    way = CsvWay(tmp_path)
    for name, days in (("one", 0), ("two", 30), ("one", 0)):
        await way.send(table, a_delivery(name, START_MS + days * DAY_MS))
    names = sorted(file.name for file in folder_of(tmp_path, table).iterdir())
    assert names == ["leads-2025-10.csv", "leads-2025-11.csv"]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t"])
async def test_no_cell_is_a_formula(table: Endpoint, tmp_path: Path, begin: str) -> None:
    await CsvWay(tmp_path).send(table, a_delivery(notes=f"{begin}cmd|' /C calc'!A0"))
    (file,) = folder_of(tmp_path, table).iterdir()
    (row,) = rows(file)
    assert row["notes"].startswith(f"'{begin}")
    assert row["phone"] == "'+33612345678"


@pytest.mark.parametrize("split_at", [",", ";", "\t"])
@pytest.mark.parametrize(
    "notes",
    [
        ";=1+1;",
        "a;=1+1;b",
        "a, b;=1+1;",
        'a;"=1+1";b',
        'a;""=1+1;b',
        "a\t@x\tb",
        "\t=1+1\t",
        "a;\t=1+1\t",
        "a\n=1+1;b",
        "a\r-1\t;+1",
        'a"\n"=1+1";b',
    ],
)
def test_no_cell_is_a_formula_wherever_a_spreadsheet_splits(notes: str, split_at: str) -> None:
    """Where the comma is the decimal sign it splits at semicolons, and quotes hold nothing."""
    written = line(("one", notes, f"{notes}, and more", "end"))
    table = csv.reader(io.StringIO(written, newline=""), delimiter=split_at)
    cells = [cell for row in table for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))] == []
    harmless = csv.reader(io.StringIO(written, newline=""))
    assert next(harmless)[1].replace("'", "") == notes.replace("\r", "\n")


async def test_half_a_row_is_taken_back(table: Endpoint, tmp_path: Path) -> None:
    way = CsvWay(tmp_path)
    await way.send(table, a_delivery("one", notes="a\nb"))
    (file,) = folder_of(tmp_path, table).iterdir()
    with file.open("ab") as out:
        out.write(line(("two", 'half "a', "row")).encode()[:12])
    await way.send(table, a_delivery("three"))
    assert [row["delivery"] for row in rows(file)] == ["one", "three"]


async def test_many_at_once_lose_no_row(table: Endpoint, tmp_path: Path) -> None:
    ways = [CsvWay(tmp_path) for _ in range(4)]
    await asyncio.gather(*(ways[n % 4].send(table, a_delivery(f"d{n // 2}")) for n in range(80)))
    (file,) = folder_of(tmp_path, table).iterdir()
    assert {row["delivery"] for row in rows(file)} == {f"d{n}" for n in range(40)}
    assert len(rows(file)) == 40


FULL = """
import asyncio, resource, signal, sys
from pathlib import Path
from booking.handoff.files import CsvWay, FolderWay
from tests.booking.handoff.test_files import a_delivery, an_endpoint
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (700, 700))
way = {"csv": CsvWay, "folder": FolderWay}[sys.argv[1]](Path(sys.argv[2]))
print(asyncio.run(way.send(an_endpoint(sys.argv[1]), a_delivery(notes="x" * 900))).result)
"""


def an_endpoint(kind: str) -> Endpoint:
    return Endpoint(
        EndpointId("e"), ShowroomId("paris"), EndpointKind(kind), "Files", "", tuple(Topic), None,
        (), 0, None, None, None, "",
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["csv", "folder"])
def test_a_full_disk_leaves_nothing_half_and_is_tried_again(kind: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, kind, str(tmp_path)],
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith("Later(")
    assert "can't be written" in done.stdout
    folder = folder_of(tmp_path, an_endpoint(kind))
    assert [file.read_bytes() for file in folder.iterdir()] in ([], [b""])
    ways: dict[str, Way] = {"csv": CsvWay(tmp_path), "folder": FolderWay(tmp_path)}
    sent = asyncio.run(ways[kind].send(an_endpoint(kind), a_delivery(notes="x" * 900)))
    assert sent.result == Delivered("written")


async def test_a_folder_that_can_not_be_made_is_tried_again(handing: Handing) -> None:
    endpoint = await handing.endpoint(kind=EndpointKind.FOLDER)
    (handing.data_dir / "handoff").write_text("in the way")
    await handing.publish()
    (result,) = await handing.send_due(endpoint.id)
    assert isinstance(result, Later)
