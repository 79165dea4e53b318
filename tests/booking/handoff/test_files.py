"""Files: whole or not at all, once for each delivery, and no formula for a spreadsheet."""

import asyncio
import csv
import fcntl
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path

import pytest

from booking.delivery import Delivered, Delivery, Later
from booking.handoff.endpoint import Endpoint, EndpointKind
from booking.handoff.files import COLUMNS, CsvWay, FolderWay, file_threads, folder_of
from booking.handoff.sink import Way
from booking.handoff.topics import Topic
from booking.spreadsheet import csv_line
from showroom.ids import DeliveryId, EndpointId, ShowroomId
from tests.booking.delivering import PATIENCE_SECONDS
from tests.booking.handoff.sending import LEAD, Handing
from tests.virtual_clock import START_MS

DAY_MS = 86_400_000


def a_delivery(
    name: str = "delivery-1", at: int = START_MS, notes: str = "", repeated: bool = False
) -> Delivery:
    data = {**LEAD, "notes": notes}
    payload = {"type": "lead.qualified", "timestamp": "2025-10-09T08:53:20.000Z", "data": data}
    return Delivery(
        1, DeliveryId(name), ShowroomId("paris"), "to:e", "lead.qualified", "lead-1", payload,
        at, None, 1, repeated=repeated,
    )  # fmt: skip


@pytest.fixture
def threads() -> Iterator[Executor]:
    with file_threads() as opened:
        yield opened


@pytest.fixture
async def table(handing: Handing) -> Endpoint:
    return await handing.endpoint(kind=EndpointKind.CSV)


def rows(file: Path) -> list[dict[str, str]]:
    """Return the rows as a reader of RFC 4180 finds them."""
    table = io.StringIO(file.read_bytes().decode(), newline="")
    return list(csv.DictReader(table, strict=True))


async def test_a_folder_gets_one_file_for_each_event_however_often(
    handing: Handing, tmp_path: Path, threads: Executor
) -> None:
    endpoint = await handing.endpoint(kind=EndpointKind.FOLDER)
    await handing.publish()
    (delivery,) = await handing.claimed(endpoint.id)
    way = FolderWay(tmp_path, threads)
    for _ in range(2):
        sent = await way.send(endpoint, delivery)
        assert sent.result == Delivered("written")
    (file,) = folder_of(tmp_path, endpoint).iterdir()
    assert file.name == f"{delivery.id}.json"
    assert json.loads(file.read_text())["data"]["contact"]["name"] == "Zoé Dupont"
    assert file.parent.stat().st_mode & 0o077 == 0


async def test_who_write_the_same_file_at_once_are_in_nobodys_way(
    handing: Handing, tmp_path: Path, threads: Executor
) -> None:
    """Nodes that share a folder may have the same process number: each is 1 in its container."""
    endpoint = await handing.endpoint(kind=EndpointKind.FOLDER)
    way = FolderWay(tmp_path, threads)
    sent = await asyncio.gather(*(way.send(endpoint, a_delivery()) for _ in range(64)))
    assert {one.result for one in sent} == {Delivered("written")}
    (file,) = folder_of(tmp_path, endpoint).iterdir()
    assert json.loads(file.read_text())["data"]["id"] == "lead-1"


async def test_a_table_has_a_header_and_one_row_for_each_event(
    table: Endpoint, tmp_path: Path, threads: Executor
) -> None:
    way = CsvWay(tmp_path, threads)
    notes = 'He said "yes",\r\nthen left'
    for name in ("one", "two", "-three"):
        await way.send(table, a_delivery(name, notes=notes))
    for name in ("one", "-three"):
        await way.send(table, a_delivery(name, notes=notes, repeated=True))
    (file,) = folder_of(tmp_path, table).iterdir()
    assert file.name == "leads-2025-10.csv"
    found = rows(file)
    assert [row["delivery"] for row in found] == ["one", "two", "'-three"]
    assert tuple(found[0]) == COLUMNS
    assert found[0]["notes"] == 'He said "yes",\nthen left'
    assert found[0]["name"] == "Zoé Dupont"
    assert found[0]["budget"] == "35000.50"
    assert file.read_bytes().count(b"\r\n") == 4


async def test_a_month_has_a_table_of_its_own(
    table: Endpoint, tmp_path: Path, threads: Executor
) -> None:
    way = CsvWay(tmp_path, threads)
    for name, days in (("one", 0), ("two", 30), ("one", 0)):
        await way.send(table, a_delivery(name, START_MS + days * DAY_MS))
    names = sorted(file.name for file in folder_of(tmp_path, table).iterdir())
    assert names == ["leads-2025-10.csv", "leads-2025-11.csv"]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t"])
async def test_no_cell_is_a_formula(
    table: Endpoint, tmp_path: Path, threads: Executor, begin: str
) -> None:
    await CsvWay(tmp_path, threads).send(table, a_delivery(notes=f"{begin}cmd|' /C calc'!A0"))
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
    written = csv_line(("one", notes, f"{notes}, and more", "end"))
    table = csv.reader(io.StringIO(written, newline=""), delimiter=split_at)
    cells = [cell for row in table for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))] == []
    harmless = csv.reader(io.StringIO(written, newline=""))
    assert next(harmless)[1].replace("'", "") == notes.replace("\r", "\n")


async def test_a_first_attempt_does_not_look_over_the_whole_table(
    table: Endpoint, tmp_path: Path, threads: Executor
) -> None:
    way = CsvWay(tmp_path, threads)
    await way.send(table, a_delivery("one", notes="x" * 2**22))
    before = bytes_read()
    await way.send(table, a_delivery("two"))
    assert bytes_read() - before < 2**20


def bytes_read() -> int:
    """Return how much this process has read so far (proc(5), `rchar`)."""
    return int(Path("/proc/self/io").read_text().split()[1])


async def test_what_a_manager_sends_again_is_in_the_table_once(
    table: Endpoint, handing: Handing, tmp_path: Path
) -> None:
    await handing.publish()
    for _ in range(3):
        assert await handing.send_due(table.id) == [Delivered("written")]
        (listed,) = await handing.lines()
        await handing.deliveries.replay(handing.showroom, listed.id)
    (file,) = folder_of(tmp_path, table).iterdir()
    assert [row["delivery"] for row in rows(file)] == [listed.id]


async def test_a_file_that_hangs_holds_up_no_other_thread(
    table: Endpoint, tmp_path: Path, threads: Executor
) -> None:
    way = CsvWay(tmp_path, threads)
    await way.send(table, a_delivery("first"))
    (file,) = folder_of(tmp_path, table).iterdir()
    with file.open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        sending = [asyncio.create_task(way.send(table, a_delivery(f"d{n}"))) for n in range(32)]
        await asyncio.sleep(0)  # all of them have begun
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.to_thread(lambda: None)
    await asyncio.gather(*sending)
    assert len(rows(file)) == 33


async def test_half_a_row_is_taken_back(table: Endpoint, tmp_path: Path, threads: Executor) -> None:
    way = CsvWay(tmp_path, threads)
    await way.send(table, a_delivery("one", notes="a\nb"))
    (file,) = folder_of(tmp_path, table).iterdir()
    with file.open("ab") as out:
        out.write(csv_line(("two", 'half "a', "row")).encode()[:12])
    await way.send(table, a_delivery("three"))
    assert [row["delivery"] for row in rows(file)] == ["one", "three"]


async def test_many_at_once_lose_no_row(table: Endpoint, tmp_path: Path, threads: Executor) -> None:
    ways = [CsvWay(tmp_path, threads) for _ in range(4)]
    for repeated in (False, True):
        deliveries = [a_delivery(f"d{n}", repeated=repeated) for n in range(40)]
        await asyncio.gather(*(ways[n % 4].send(table, one) for n, one in enumerate(deliveries)))
    (file,) = folder_of(tmp_path, table).iterdir()
    assert {row["delivery"] for row in rows(file)} == {f"d{n}" for n in range(40)}
    assert len(rows(file)) == 40


FULL = """
import asyncio, resource, signal, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from booking.handoff.files import CsvWay, FolderWay
from tests.booking.handoff.test_files import a_delivery, an_endpoint
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (700, 700))
threads = ThreadPoolExecutor(1)
way = {"csv": CsvWay, "folder": FolderWay}[sys.argv[1]](Path(sys.argv[2]), threads)
print(asyncio.run(way.send(an_endpoint(sys.argv[1]), a_delivery(notes="x" * 900))).result)
"""


def an_endpoint(kind: str) -> Endpoint:
    return Endpoint(
        EndpointId("e"), ShowroomId("paris"), EndpointKind(kind), "Files", "", tuple(Topic), None,
        (), 0, None, None, None, "",
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["csv", "folder"])
def test_a_full_disk_leaves_nothing_half_and_is_tried_again(
    kind: str, tmp_path: Path, threads: Executor
) -> None:
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
    ways: dict[str, Way] = {
        "csv": CsvWay(tmp_path, threads),
        "folder": FolderWay(tmp_path, threads),
    }
    sent = asyncio.run(ways[kind].send(an_endpoint(kind), a_delivery(notes="x" * 900)))
    assert sent.result == Delivered("written")


async def test_a_folder_that_can_not_be_made_is_tried_again(handing: Handing) -> None:
    endpoint = await handing.endpoint(kind=EndpointKind.FOLDER)
    (handing.data_dir / "handoff").write_text("in the way")
    await handing.publish()
    (result,) = await handing.send_due(endpoint.id)
    assert isinstance(result, Later)
