"""A car as cells: a line of a table in a spreadsheet, and the fields of a form are the same.

What can't be understood stays as it was written, so that whoever judges the car refuses it.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from booking.contact import one_line

PLAIN = (
    "slug", "name", "version", "body", "energy", "price", "currency", "stock", "withdrawn",
    "position", "range_km", "power_kw", "seats", "boot_litres", "length_mm",
)  # fmt: skip
BY_LANGUAGE = ("tagline", "equipment", "paints")
NUMBERS = ("position", "range_km", "power_kw", "seats", "boot_litres", "length_mm")
# An empty cell takes these away.
MAY_BE_EMPTY = ("version", "body", "energy", "range_km", *BY_LANGUAGE, "pictures")
# Between the parts of a cell; in a form each part has a line of its own.
BETWEEN = re.compile(r"\s*[|\r\n]+\s*")
LANGUAGE = re.compile(r"[a-z]{2}")
# As spreadsheets write them in the languages that pages are in.
YES = ("true", "yes", "1", "oui", "vrai", "ja", "wahr", "sí", "si", "sì", "sim", "waar")
NO = ("false", "no", "0", "non", "faux", "nein", "falsch", "nee", "não", "onwaar")
# Thousands apart by a space or an apostrophe, as spreadsheets write them; 5,0 is five.
SPACES = re.compile(r"(?<=\d)[ '\u2019](?=\d{3}\b)")
WHOLE = re.compile(r"(\d{1,12})(?:[.,]0{1,2})?")
# A comma or a point before one or two digits is the decimal sign. Before three it may be either,
# unless another sign stands behind them: 41.900 is not understood, and 41.900,00 is.
AMOUNT = re.compile(
    r"(\d{1,12}|\d{1,3}(?:\.\d{3})+(?=,)|\d{1,3}(?:,\d{3})+(?=\.))(?:[.,](\d{1,2}))?"
)
SIGNS = re.compile(r"\s*(?:€|£|\$)\s*")
PAINT = re.compile(r"(\S+)\s+(#\S+)(?:\s+(.*))?")
PICTURE = re.compile(r"(\S+)\s+(\S+)\s+(.+)")


def columns(languages: Iterable[str]) -> list[str]:
    """Return the names of all cells, for those who speak these languages."""
    spoken = list(languages)
    said = [f"{name}.{language}" for name in BY_LANGUAGE for language in spoken]
    return [*PLAIN, *said, "pictures"]


def known(column: str) -> bool:
    """Say whether there is such a cell, in whatever language."""
    name, _, language = column.partition(".")
    if language:
        return name in BY_LANGUAGE and LANGUAGE.fullmatch(language) is not None
    return name in (*PLAIN, "pictures")


def table_of(cells: Mapping[str, str], *, whole: bool = False) -> dict[str, Any]:
    """Return the table of a car's cells, of those that are named.

    An empty cell of what can't be empty says nothing, unless the cells are the `whole` car.
    """
    table: dict[str, Any] = {}
    for column, text in cells.items():
        name, _, language = column.partition(".")
        if not text.strip() and name not in MAY_BE_EMPTY:
            if whole:
                table[name] = ""
            continue
        if name == "tagline":
            table.setdefault(name, {})[language] = one_line(text)
        elif name == "equipment":
            table.setdefault(name, {})[language] = _parts(text)
        elif name == "pictures":
            table[name] = _each(text, PICTURE, ("angle", "paint", "path"))
        elif name != "paints":
            table[name] = _plain(name, one_line(text))
    if paints := {name: text for name, text in cells.items() if name.startswith("paints.")}:
        table["paints"] = _paints(paints)
    return table


def cells_of(table: Mapping[str, Any], languages: Iterable[str]) -> dict[str, str]:
    """Return a car's table as cells, with a line for each part of one."""
    cells = {name: _text(table.get(name)) for name in PLAIN}
    for language in languages:
        cells[f"tagline.{language}"] = table["tagline"].get(language, "")
        cells[f"equipment.{language}"] = "\n".join(table["equipment"].get(language, ()))
        cells[f"paints.{language}"] = "\n".join(
            f"{one['slug']} {one['hex']} {one['name'].get(language, '')}".strip()
            for one in table["paints"]
        )
    pictures = (f"{one['angle']} {one['paint']} {one['path']}" for one in table["pictures"])
    cells["pictures"] = "\n".join(pictures)
    return cells


def languages_of(tables: Iterable[Mapping[str, Any]], spoken: Iterable[str]) -> list[str]:
    """Return the languages of the house, and then those in which a car says something."""
    found: dict[str, None] = dict.fromkeys(spoken)
    for table in tables:
        for name in ("tagline", "equipment"):
            found |= dict.fromkeys(table[name])
        for paint in table["paints"]:
            found |= dict.fromkeys(paint["name"])
    return list(found)


def amount_of(text: str) -> Decimal | str:
    """Return a price as somebody writes it, or the text itself."""
    found = AMOUNT.fullmatch(SPACES.sub("", SIGNS.sub("", one_line(text))))
    if found is None:
        return text
    whole = found[1].replace(".", "").replace(",", "")
    return Decimal(f"{whole}.{found[2] or '0'}")


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return YES[0] if value else NO[0]
        case _:
            return str(value)


def _plain(name: str, text: str) -> Any:
    low = text.casefold()
    if name in NUMBERS and (found := WHOLE.fullmatch(SPACES.sub("", text))):
        return int(found[1])
    if name == "price":
        return amount_of(text)
    if name == "withdrawn" and low in (*YES, *NO):
        return low in YES
    if name == "currency":
        return text.upper()
    return low if name == "stock" else text


def _parts(text: str) -> list[str]:
    return [part for one in BETWEEN.split(text) if (part := one_line(one))]


def _each(text: str, form: re.Pattern[str], names: Collection[str]) -> Any:
    """Return the parts of a cell as tables; the text itself where one has another form."""
    found = [form.fullmatch(part) for part in _parts(text)]
    if not all(found):
        return text
    return [dict(zip(names, one.groups(""), strict=True)) for one in found if one]


def _paints(cells: Mapping[str, str]) -> Any:
    """Return the paints that several languages name, each with its name in all of them."""
    paints: dict[str, dict[str, Any]] = {}
    for column, text in cells.items():
        read = _each(text, PAINT, ("slug", "hex", "name"))
        if isinstance(read, str):
            return read
        for one in read:
            paint = paints.setdefault(one["slug"], {**one, "name": {}})
            if paint["hex"] != one["hex"]:
                return text
            if one["name"]:
                paint["name"][column.partition(".")[2]] = one["name"]
    return list(paints.values())
