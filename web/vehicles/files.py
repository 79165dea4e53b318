"""Cars out of a file: CSV as spreadsheets write it, or JSON as `/api/v1` and settings have it.

A line that can't be read is refused by its number, and the others are read on. Text that looks like
a formula stays text: nothing here reckons.
"""

import codecs
import csv
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

from booking.contact import one_line
from booking.spreadsheet import as_written
from showroom.errors import ShowroomError
from web.vehicles.cells import amount_of, columns, known, table_of

MOST_BYTES = 2_000_000
MOST_ROWS = 2_000
SEPARATORS = (",", ";", "\t")
# What an Excel workbook begins with: a ZIP file, or one of the old kind.
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
LONGEST_SHOWN = 60


class FileRefused(ShowroomError):
    """A file that can't be read at all. `why` is the end of a key of our words, with its places."""

    code, status = "bad_request", 400

    def __init__(self, why: str, **places: object) -> None:
        super().__init__(f"This file can't be read: {why}.")
        self.why = why
        self.places = places


@dataclass(frozen=True, slots=True)
class Row:
    """A car of a file: at which line, or as which one of a list, counted from 1; 0 is none, where
    a picture alone names it.

    `table` is empty where the line has more cells than there are columns. `missing`: files that it
    names as pictures, and nobody has sent.
    """

    number: int
    table: Mapping[str, Any]
    missing: tuple[str, ...] = ()

    @property
    def readable(self) -> bool:
        """Whether what it says can be judged."""
        return bool(self.table) and not self.missing


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds. `lines`: the rows are lines. `guessed`: its letters were not UTF-8."""

    rows: tuple[Row, ...]
    lines: bool
    guessed: bool = False


def read_file(file: bytes) -> Reading:
    """Return the cars of a file. It takes a while: not for the event loop. Raises `FileRefused`."""
    if len(file) > MOST_BYTES:
        raise FileRefused("too_large", most=MOST_BYTES // 1_000_000)
    if file.startswith(WORKBOOKS):
        raise FileRefused("workbook")
    text, guessed = _decoded(file)
    if not text.strip(" ,;\t\r\n"):
        raise FileRefused("empty")
    lines = not text.lstrip().startswith(("[", "{"))
    rows = []
    for row in _csv_rows(text) if lines else _json_rows(text):
        rows.append(row)
        if len(rows) > MOST_ROWS:
            raise FileRefused("too_many", most=MOST_ROWS)
    return Reading(tuple(rows), lines, guessed)


def _decoded(file: bytes) -> tuple[str, bool]:
    """Return the text, and whether its letters had to be guessed."""
    if file.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return file.decode("utf-16", errors="replace"), False
    try:
        return file.decode("utf-8-sig"), False
    except UnicodeDecodeError:
        # Excel's "CSV" in Western Europe.
        return file.decode("cp1252", errors="replace"), True


def _csv_rows(text: str) -> Iterator[Row]:
    lines = list(io.StringIO(text, newline=""))
    skipped = next(n for n, line in enumerate(lines) if line.strip(" ,;\t\r\n"))
    separator = max(SEPARATORS, key=lines[skipped].count)
    if lines[skipped].strip().casefold().startswith("sep="):
        # Excel's own word on what is between the cells.
        separator = lines[skipped].strip()[4:5] or separator
        skipped += 1
    reader = csv.reader(lines[skipped:], delimiter=separator, strict=True)
    records = _records(reader, skipped)
    number, head = next(records, (1, []))
    names = _columns(head, number)
    for number, cells in records:
        extra = any(cell.strip() for cell in cells[len(names) :])
        # A line that ends early says nothing of the rest.
        named = {name: as_written(cell) for name, cell in zip(names, cells, strict=False)}
        yield Row(number, {} if extra else table_of(named))


def _records(reader: Any, skipped: int) -> Iterator[tuple[int, list[str]]]:
    """Yield what is not empty, with the number of the line on which it begins."""
    begins = skipped + 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begins, cells
            begins = skipped + reader.line_num + 1
    except csv.Error:
        raise FileRefused("quotes", line=begins) from None


def _columns(head: list[str], line: int) -> list[str]:
    names = [one_line(cell).casefold() for cell in head]
    while names and not names[-1]:
        names.pop()
    all_of_them = ", ".join(columns(["en"]))
    for name in names:
        if not known(name):
            raise FileRefused("column", line=line, name=name[:LONGEST_SHOWN], known=all_of_them)
        if names.count(name) > 1:
            raise FileRefused("column_twice", line=line, name=name)
    if "slug" not in names:
        raise FileRefused("no_slug", line=line, known=all_of_them)
    return names


def _json_rows(text: str) -> Iterator[Row]:
    try:
        given = json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise FileRefused("json", line=error.lineno, column=error.colno) from None
    except (ValueError, RecursionError):
        raise FileRefused("no_list") from None
    if isinstance(given, dict):
        given = given.get("items", given.get("vehicles"))
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise FileRefused("no_list")
    for number, table in enumerate(given, 1):
        yield Row(number, _settings_form(table))


def _settings_form(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a car as settings have it. The interface calls the slug `id`, and counts hundredths;
    what it does not know of a car is null.
    """
    table = {name: "" if one is None else one for name, one in given.items()}
    if "id" in table and "slug" not in table:
        table["slug"] = table.pop("id")
        if type(table.get("price")) in (int, Decimal):
            with suppress(ArithmeticError):
                table["price"] = Decimal(table["price"]).scaleb(-2)
    return with_amount(table)


def with_amount(table: dict[str, Any]) -> dict[str, Any]:
    """Return a table with its price as an amount, if it is one."""
    if isinstance(table.get("price"), str):
        table["price"] = amount_of(table["price"])
    return table


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)
