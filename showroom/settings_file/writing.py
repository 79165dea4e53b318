"""TOML 1.0 (toml.io), written: as much of it as settings need, laid out for people who edit it."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

BARE = re.compile(r"[A-Za-z0-9_-]+")
WIDTH = 100
# Lists of small tables that stand on one line each; others get a [[heading]].
ON_ONE_LINE = frozenset({"days", "exceptions", "paints", "pictures"})
# What can't be seen is written by its number: controls, formats, ends of lines, half a letter.
UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp"})
SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def document(settings: Mapping[str, Any], comment: str = "") -> str:
    """Return a document with the comment before it. A list of mappings is a list of tables.

    Values are texts, whole and decimal numbers, true and false, dates, lists and mappings of those.
    """
    heads = [f"# {line}".rstrip() for line in comment.splitlines()]
    return "\n".join((*heads, *_table(settings, ()))) + "\n"


def value(given: Any) -> str:
    """Return one value as it stands in a document, on one line."""
    match given:
        case bool():
            return "true" if given else "false"
        case int():
            return str(given)
        case Decimal():
            digits = f"{given:f}"
            return digits if "." in digits else f"{digits}.0"
        case float():
            return value(Decimal(repr(given)))
        case date():
            return given.isoformat()
        case str():
            return _text(given)
        case Mapping():
            inner = ", ".join(f"{key(name)} = {value(one)}" for name, one in given.items())
            return f"{{ {inner} }}" if inner else "{}"
        case Sequence():
            return f"[{', '.join(map(value, given))}]"
        case _:
            raise TypeError(f"TOML has no {type(given).__name__}")


def key(name: str) -> str:
    """Return a name as it stands before an equals sign."""
    return name if BARE.fullmatch(name) else _text(name)


def _table(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    """Yield the lines of a table: first its own values, which no heading may come before."""
    inner: list[tuple[str, Any]] = []
    for name, one in table.items():
        if isinstance(one, Mapping) or (_tables(one) and name not in ON_ONE_LINE):
            inner.append((name, one))
        else:
            yield from _line(name, one)
    for name, one in inner:
        heading = ".".join(map(key, (*path, name)))
        if isinstance(one, Mapping):
            yield from ("", f"[{heading}]")
            yield from _table(one, (*path, name))
        else:
            for entry in one:
                yield from ("", f"[[{heading}]]")
                yield from _table(entry, (*path, name))


def _line(name: str, given: Any) -> Iterator[str]:
    line = f"{key(name)} = {value(given)}"
    if _tables(given) or (isinstance(given, list) and len(line) > WIDTH):
        yield f"{key(name)} = ["
        yield from (f"  {value(one)}," for one in given)
        yield "]"
    else:
        yield line


def _tables(given: Any) -> bool:
    tables = isinstance(given, list) and given
    return bool(tables) and all(isinstance(one, Mapping) for one in given)


def _text(given: str) -> str:
    if given.isascii() and given.isprintable() and '"' not in given and "\\" not in given:
        return f'"{given}"'
    return f'"{"".join(map(_letter, given))}"'


def _letter(letter: str) -> str:
    if letter in SHORT:
        return SHORT[letter]
    kind = unicodedata.category(letter)
    if kind == "Cs":  # half of a letter, which no file can hold
        return "\ufffd"
    if kind in UNSEEN:
        number = ord(letter)
        return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
    return letter


def flat(given: Any) -> Any:
    """Return a value of a document as JSON can hold it: dates and decimal numbers become texts."""
    match given:
        case Mapping():
            return {name: flat(one) for name, one in given.items()}
        case list() | tuple():
            return [flat(one) for one in given]
        case date() | Decimal():
            return str(given)
        case _:
            return given
