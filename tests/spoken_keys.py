"""Which keys of the catalogues scripts, templates and modules say, found without running them."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

PACKAGES = ("web", "booking", "showroom", "signaling", "media")
# A hole in a text that is put together, whatever the language it is written in.
HOLE = "\0"
SCRIPT_TEXT = re.compile(r"'([^'\n]*)'|`([^`]*)`")
# One that stands within another's hole.
INNER_TEXT = re.compile(r"\b\w+\((?:'([^'\n]*)'|`([^`]*)`)")
TEMPLATE_SUM = re.compile(r"(?:'[^'\n]*'|[\w.\[\]]+)(?: ~ (?:'[^'\n]*'|[\w.\[\]]+))*")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
WITH_HOLE = re.compile(rf"^[\w-]+\.[^ ]*$|^{HOLE}\.[\w.]+$")
FORM = re.compile(r"\.(?:one|other)$")


class Spoken:
    """`key in spoken`: some text in the sources is the key, or is put together to be like it."""

    def __init__(self, root: Path) -> None:
        texts = set(_texts(root))
        self.literal = {text for text in texts if HOLE not in text}
        # What begins with a hole could be anything, unless something particular is at its end.
        sums = [text for text in texts if HOLE in text and WITH_HOLE.search(text)]
        starts = [f"{text}{HOLE}" for text in self.literal if re.fullmatch(r"(?:[\w-]+\.)+", text)]
        self._shape = re.compile("|".join(map(_shape, {*sums, *starts})))

    def __contains__(self, key: str) -> bool:
        return any(
            one in self.literal or self._shape.fullmatch(one) is not None
            for one in (key, FORM.sub("", key))
        )


def _shape(text: str) -> str:
    """Return the pattern of a text with holes.

    A hole holds one name, and a path where it is the begin or stands below two names.
    """
    start, *rest = map(re.escape, text.split(HOLE))
    path = len(rest) == 1 and (not start or text.count(".") > 1)
    return start + "".join((".+" if path else "[^.]+") + one for one in rest)


def _texts(root: Path) -> Iterator[str]:
    for package in PACKAGES:
        for file in sorted((root / package).rglob("*")):
            if "vendor" in file.parts:
                continue
            match file.suffix:
                case ".py":
                    yield from _of_module(file.read_text(encoding="utf-8"))
                case ".js":
                    yield from _of_script(file.read_text(encoding="utf-8"))
                case ".html" | ".txt":
                    yield from _of_template(file.read_text(encoding="utf-8"))


def _of_module(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            parts = (one.value if isinstance(one, ast.Constant) else HOLE for one in node.values)
            yield "".join(map(str, parts))


def _of_script(text: str) -> Iterator[str]:
    told = COMMENT.sub("", text)
    for plain, template in (*SCRIPT_TEXT.findall(told), *INNER_TEXT.findall(told)):
        yield plain or re.sub(r"\$\{[^}]*\}", HOLE, template)


def _of_template(text: str) -> Iterator[str]:
    for found in TEMPLATE_SUM.findall(text):
        parts: Iterable[str] = found.split(" ~ ")
        yield "".join(one[1:-1] if one.startswith("'") else HOLE for one in parts)
