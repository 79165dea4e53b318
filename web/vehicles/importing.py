"""Many cars by a file: first what it would change, then the change, all of it at once.

Nothing is kept in between: the page has what it shows, and sends it back to be judged again.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from aiohttp.web import Request, Response, StreamResponse

from booking.spreadsheet import csv_line
from media.pictures import PictureRefused, Unfit, car_picture
from showroom.errors import BadRequest
from showroom.range_editing import Fate, Judged, Revision
from showroom.showrooms import Showroom
from showroom.staff import Session
from showroom.texts import Translate
from showroom.vehicles import picture_address
from web.file_forms import SPOILED, Field, checked_parts, fields
from web.keys import GALLERY, RANGE_EDITOR, WORDS
from web.log import field_in_words, path_in_words
from web.pages import language_of, render
from web.vehicles.cells import cells_of, columns, languages_of
from web.vehicles.files import MOST_BYTES, FileRefused, Reading, Row, read_file, with_amount
from web.vehicles.matching import matched
from web.vehicles.pages import back, manages, place, shown
from web.vehicles.pictures import MOST_BYTES as MOST_EACH
from web.vehicles.refusals import reason

# Of each fate so many are shown; the count says how many there are.
SHOWN = 200
# Beside a file; all of them, and each. What comes back from the page is longer than the file.
MOST_PICTURES = 100
MOST_IN_ALL = 400_000_000
MOST_SENT_BACK = 4 * MOST_BYTES
MARK = "\ufeff"
# What a file looks like, where there is no car yet that shows it.
SAMPLE: Mapping[str, Any] = {
    "slug": "crete", "name": "Crête", "version": "Hybride 200", "body": "SUV", "energy": "hybrid",
    "price": Decimal("41900.00"), "currency": "EUR", "stock": "in stock", "withdrawn": False,
    "position": 1, "range_km": 870, "power_kw": 147, "seats": 5, "boot_litres": 540,
    "length_mm": 4510, "tagline": {"en": "Up there."}, "equipment": {"en": ["Tow bar", "Sunroof"]},
    "paints": [{"slug": "dune", "hex": "#c8b494", "name": {"en": "Dune"}}], "pictures": [],
}  # fmt: skip


@dataclass(slots=True)
class Pictures:
    """Pictures beside a file, by the names of their files: the paths of those that were kept, why
    others were not, and which fit no car.
    """

    sent: dict[str, str] = field(default_factory=dict)
    refused: dict[str, Unfit] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many have come."""
        return len(self.sent) + len(self.refused)


@dataclass(frozen=True, slots=True)
class Looked:
    """A file, and what would become of the cars of those of its rows that can be read."""

    reading: Reading
    revision: Revision
    meanwhile: bool = False
    pictures: Pictures = field(default_factory=Pictures)

    @property
    def rows(self) -> list[tuple[Row, Judged | None]]:
        """Each row with what becomes of it: nothing, where it has too many cells."""
        told = iter(self.revision.cars)
        return [(row, next(told) if row.readable else None) for row in self.reading.rows]


async def download(request: Request) -> StreamResponse:
    """All cars as a file that can be brought in again, or a sample of one."""
    _, showroom, _ = await manages(request)
    tables = await request.app[RANGE_EDITOR].tables(showroom.id) or [SAMPLE]
    spoken = languages_of(tables, showroom.languages)
    names = columns(spoken)
    lines = []
    for table in tables:
        cells = cells_of(table, spoken)
        lines.append(csv_line(cells[name].replace("\n", " | ") for name in names))
    return Response(
        body="".join([MARK, csv_line(names), *lines]).encode(),
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="vehicles-{showroom.slug}.csv"'},
    )


async def look(request: Request) -> StreamResponse:
    """Show what a file would change. Nothing is kept."""
    parts = await checked_parts(request)
    session, showroom, rooms = await manages(request)
    editor, pictures = request.app[RANGE_EDITOR], Pictures()
    try:
        file = await _file(request, showroom, fields(parts, MOST_IN_ALL, MOST_EACH), pictures)
        # Beside the loop: calls must not wait for a long list.
        reading = await asyncio.to_thread(read_file, file) if file else Reading((), lines=True)
    except FileRefused as refused:
        return await shown(request, refused)
    put = matched(reading.rows, pictures.sent, await editor.tables(showroom.id))
    pictures.unused.extend(put.unused)
    reading = replace(reading, rows=put.rows)
    revision = await editor.judge(showroom.id, [row.table for row in put.rows if row.readable])
    looked = Looked(reading, revision, pictures=pictures)
    return await _shown(request, (session, showroom, rooms), looked)


async def apply(request: Request) -> StreamResponse:
    """Keep what was shown, unless somebody has changed one of these cars since."""
    parts = await checked_parts(request)
    session, showroom, rooms = await manages(request)
    form = {one.name: one.text async for one in fields(parts, MOST_SENT_BACK)}
    reading = _sent_back(form.get("rows", ""))
    tables = [row.table for row in reading.rows]
    seen = form.get("seen") or "nothing"
    done = await request.app[RANGE_EDITOR].apply(showroom.id, tables, session.staff_id, seen)
    if done.done:
        raise back(showroom, done=done.count(Fate.NEW) + done.count(Fate.CHANGED))
    return await _shown(request, (session, showroom, rooms), Looked(reading, done, meanwhile=True))


async def _file(
    request: Request, showroom: Showroom, given: AsyncIterator[Field], pictures: Pictures
) -> bytes:
    """Return the file of a form, and keep its `pictures` one by one, as each arrives.

    Raises `FileRefused` when neither was chosen, or too many. What is not applied goes in a day.
    """
    file = b""
    async for one in given:
        if one.name == "file":
            file = one.content
        elif one.name == "pictures" and one.content:
            if pictures.count == MOST_PICTURES:
                raise FileRefused("too_many_pictures", most=MOST_PICTURES)
            try:
                path, _ = await request.app[GALLERY].keep(showroom.id, one.content, car_picture)
                pictures.sent[one.file] = path
            except PictureRefused as refused:
                pictures.refused[one.file] = refused.why
    if not file and not pictures.count:
        raise FileRefused("none")
    return file


def _sent_back(text: str) -> Reading:
    """Return what the page had: a list of numbers, each with a table."""
    try:
        given = json.loads(text, parse_float=Decimal)
        rows = tuple(Row(int(number), with_amount(dict(table))) for number, table in given["rows"])
        return Reading(rows, lines=bool(given["lines"]))
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise BadRequest(SPOILED) from error


async def _shown(
    request: Request, who: tuple[Session, Showroom, Sequence[Showroom]], looked: Looked
) -> StreamResponse:
    session, showroom, rooms = who
    t = request.app[WORDS].translator(language_of(request, showroom))
    editor = request.app[RANGE_EDITOR]
    changing = [(row, one) for row, one in looked.rows if one and one.fate in _CHANGES]
    # Judged by themselves: what is sent back are these alone.
    alone = await editor.judge(showroom.id, [row.table for row, _ in changing])
    sent = {
        "lines": looked.reading.lines,
        "rows": [[row.number, dict(row.table)] for row, _ in changing],
    }
    groups = _groups(looked, editor.limits(), t)
    context = {
        **place(session, showroom, rooms),
        "lines": looked.reading.lines,
        "guessed": looked.reading.guessed,
        "meanwhile": looked.meanwhile,
        "unused": looked.pictures.unused,
        "unfit": list(looked.pictures.refused.items()),
        "groups": {
            name: {"count": len(found), "shown": found[:SHOWN]} for name, found in groups.items()
        },
        "same": looked.revision.count(Fate.SAME),
        "changing": len(changing),
        "rows_json": json.dumps(sent, ensure_ascii=False, default=str),
        "seen": alone.seen,
    }
    status = 412 if looked.meanwhile else 200
    return render(request, "vehicles_import.html", context, showroom, status=status)


_CHANGES = (Fate.NEW, Fate.CHANGED)


def _groups(
    looked: Looked, limits: Mapping[str, tuple[int, int]], t: Translate
) -> dict[str, list[dict[str, Any]]]:
    """Return the rows that change something or are refused, each with what is said of it."""
    groups: dict[str, list[dict[str, Any]]] = {
        str(fate): [] for fate in (Fate.REFUSED, Fate.NEW, Fate.CHANGED)
    }
    for row, one in looked.rows:
        if one is None:
            said = [t("vehicles.import.missing", file=file) for file in row.missing]
            broken = {"number": row.number, "name": str(row.table.get("name", ""))}
            groups[Fate.REFUSED].append(
                {**broken, "said": said or [t("vehicles.import.cells")], "fields": [], "small": []}
            )
        elif one.fate is not Fate.SAME:
            said = [
                f"{path_in_words(fault.field, t)}: {reason(fault, limits, t)}"
                for fault in one.faults
            ]
            fields_told = [
                field_in_words(change.path, change.before, change.after, t)
                for change in one.changes
            ]
            entry = {"number": row.number, "name": one.name or one.slug, "slug": one.slug}
            new = set(looked.pictures.sent.values())
            small = [path for path in _paths(row) if path in new]
            groups[one.fate].append(
                {
                    **entry,
                    "said": said,
                    "fields": fields_told,
                    "small": [picture_address(path, small=True) for path in small],
                }
            )
    return groups


def _paths(row: Row) -> list[str]:
    given = row.table.get("pictures")
    tables = given if isinstance(given, list) else []
    return [str(one.get("path")) for one in tables if isinstance(one, Mapping)]
