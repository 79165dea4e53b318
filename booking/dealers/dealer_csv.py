"""Dealers out of a CSV file: each broken line is reported by its number, with what would be right.

`docs/dealers.md` describes the file. A record is one line, so a quotation mark that nobody closes
breaks its own line and not the rest of the file. Text that looks like a formula stays text: nothing
here reckons.
"""

import asyncio
import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from pydantic import ValidationError

from booking.contact import one_line
from booking.dealers.directory import Dealer, Dealers
from booking.dealers.entry import DealerEntry, reasons
from showroom.audit import COMMAND_LINE
from showroom.errors import BadRequest, TooLarge
from showroom.showrooms import Showroom

MOST_BYTES = 4_000_000
MOST_LINES = 20_000
REQUIRED = ("code", "name", "street", "postcode", "city", "latitude", "longitude")
OPTIONAL = ("kind", "country", "zone", "phone", "email")
DEGREES = ("latitude", "longitude")
SEPARATORS = (",", ";")


class Problem(NamedTuple):
    """A line of the file, counted from 1, and what is wrong with it."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds: the dealers of its good lines, and the broken lines."""

    dealers: tuple[Dealer, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """How an import went: how many dealers were kept, and the broken lines."""

    kept: int
    problems: tuple[Problem, ...]


async def import_dealers(
    dealers: Dealers,
    showroom: Showroom,
    file: bytes,
    *,
    good_lines: bool,
    who: str = COMMAND_LINE,
) -> Imported:
    """Keep the dealers of a file: all of them or none, or with `good_lines` those that are right.

    Raises `BadRequest` and `TooLarge` for what can't be read at all.
    """
    # Thousands of telephone numbers take seconds, in which nobody else would be served.
    read = await asyncio.to_thread(read_dealers, file, showroom)
    if read.problems and not good_lines:
        return Imported(0, read.problems)
    await dealers.upsert(showroom.id, read.dealers, who=who)
    return Imported(len(read.dealers), read.problems)


def read_dealers(file: bytes, showroom: Showroom) -> Reading:
    """Return what a CSV file (RFC 4180; UTF-8, comma or semicolon) says of a showroom's dealers.

    Raises `BadRequest` when it is no such file or its first line names other columns, and
    `TooLarge`.
    """
    lines = _lines(file)
    _, head = next(lines, (0, ""))
    separator = max(SEPARATORS, key=head.count)
    columns = _columns(head, separator)
    dealers: list[Dealer] = []
    problems: list[Problem] = []
    first_at: dict[str, int] = {}
    for number, line in lines:
        try:
            dealer = _dealer(line, separator, columns, showroom)
            if dealer.code in first_at:
                raise ValueError(
                    f"code: line {first_at[dealer.code]} has it already; a code stands once."
                )
        except ValueError as error:
            problems.append(Problem(number, str(error)))
        else:
            first_at[dealer.code] = number
            dealers.append(dealer)
    return Reading(tuple(dealers), tuple(problems))


def _lines(file: bytes) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not empty, with their numbers; the first one names the columns."""
    if len(file) > MOST_BYTES:
        raise TooLarge(f"A file has at most {MOST_BYTES // 1_000_000} MB. Split it.")
    try:
        text = file.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.count(b"\n", 0, error.start) + 1
        raise BadRequest(f"Line {line} is not UTF-8. Save the file as 'CSV UTF-8'.") from None
    lines = [
        (number, line.rstrip("\n"))
        for number, line in enumerate(io.StringIO(text, newline=None), 1)
        if line.strip(" ,;\t\n")
    ]
    if len(lines) > MOST_LINES + 1:
        raise TooLarge(f"A file has at most {MOST_LINES} dealers. Split it.")
    if not lines:
        raise BadRequest(f"This file is empty. Its first line names the columns: {_all()}.")
    return iter(lines)


def _columns(head: str, separator: str) -> list[str]:
    try:
        columns = [one_line(name).lower() for name in _fields(head, separator)]
    except ValueError as error:
        raise BadRequest(f"Line 1: {error}") from None
    unknown = [name for name in columns if name not in REQUIRED + OPTIONAL]
    missing = [name for name in REQUIRED if name not in columns]
    if unknown or missing or len(set(columns)) < len(columns):
        wrong = next(iter(unknown), "")[:40] or next(iter(missing), "") or "one name twice"
        what = "misses" if missing and not unknown else "has"
        raise BadRequest(f"Line 1 {what} '{wrong}'. The columns are: {_all()}.")
    return columns


def _dealer(line: str, separator: str, columns: list[str], showroom: Showroom) -> Dealer:
    """Return the dealer of a line. Raises `ValueError` with what would be right."""
    fields = _fields(line, separator)
    if len(fields) != len(columns):
        raise ValueError(
            f"there are {len(fields)} fields, and {len(columns)} columns. Put a text that has"
            f" '{separator}' in it between quotation marks."
        )
    given = {name: text for name, text in zip(columns, fields, strict=True) if text.strip()}
    try:
        return DealerEntry.of(_degrees(given, separator), showroom).dealer(showroom)
    except ValidationError as error:
        raise ValueError(" ".join(reasons(error))) from None


def _degrees(given: Mapping[str, str], separator: str) -> Mapping[str, str]:
    """Return the fields with degrees as programs write them: 48,85 comes with semicolons."""
    if separator == ",":
        return given
    return {
        name: text.replace(",", ".") if name in DEGREES else text for name, text in given.items()
    }


def _fields(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator, strict=True))
    except csv.Error:
        raise ValueError(
            "a quotation mark is missing. Write one before and one after a text, two for one"
            " within it, and no line break."
        ) from None


def _all() -> str:
    return f"{', '.join(REQUIRED)}; and if you like {', '.join(OPTIONAL)}"
