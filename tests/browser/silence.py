"""Which keys the scripts of a page may say without the page having been given their words."""

import re
from functools import cache
from posixpath import dirname, join, normpath

from playwright.async_api import Page

from tests.catalogues import ROOT, key_of, messages, read
from tests.spoken_keys import COMMENT, said_by_script

STATIC = ROOT / "web/static"
# Imports at the begin of a module, and those that wait until they are needed.
IMPORTED = re.compile(r"(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']+)'")
SCRIPTS = """[...document.querySelectorAll('script[type=module][src]')]
    .map((one) => new URL(one.src).pathname)"""
WORDS = "Object.keys(JSON.parse(document.getElementById('words')?.textContent ?? '{}'))"
# Says what it is asked for: its keys are its callers'.
SHARED = "js/words.js"


@cache
def _keys() -> frozenset[str]:
    source = read(ROOT / "web/languages/en.po")
    return frozenset(key_of(one).removesuffix(".one") for one in messages(source))


@cache
def _known(name: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the keys that a script names in full, and what it imports."""
    text = COMMENT.sub("", (STATIC / name).read_text(encoding="utf-8"))
    imported = (normpath(join(dirname(name), one)) for one in IMPORTED.findall(text))
    return _keys().intersection(said_by_script(text)), tuple(imported)


async def silent(page: Page) -> set[str]:
    """Return the keys that would be shown instead of their words."""
    given = {one.removesuffix(".one") for one in await page.evaluate(WORDS)}
    # The version of all files is a folder of the path.
    ways = [one.split("/", 3)[3] for one in await page.evaluate(SCRIPTS)]
    seen: set[str] = set()
    missing: set[str] = set()
    while ways:
        name = ways.pop()
        if name not in seen:
            seen.add(name)
            said, imported = _known(name)
            ways += imported
            missing |= set() if name == SHARED else said - given
    return missing
