"""`make words`: brings the catalogues in line with English, and says what they lack.

English is written by hand, in each folder's `en.po`. The other languages get its new keys, its
order and its text as a comment above each of theirs; a translation whose English has changed since
is marked fuzzy, and one whose key is gone goes as well.
"""

import io
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po, write_po

from showroom.texts import SOURCE, home_of, languages_in
from tests.spoken_keys import Spoken

ROOT = Path(__file__).parents[1]
FOLDERS = ("web/languages", "booking/languages", "showroom/languages")
# One line for each text, however long, so that a change of a text is one line of a change.
WIDTH = 100_000
HEADER = """\
# {name}. How to write these: docs/languages.md
msgid ""
msgstr ""
"Language: {locale}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural}\\n"

"""
PLACE = re.compile(r"\{(\w*)\}")
NAMED_TWICE = re.compile(r'^msgid "(.+)"$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Lack:
    """Something wrong with a text. `kind`: untranslated, fuzzy, unused, unknown, places, twice."""

    kind: str
    file: str
    key: str


def read(file: Path) -> Catalog:
    """Read a catalogue."""
    with file.open("rb") as opened:
        return read_po(opened, file.stem)


def written(catalog: Catalog, language: str) -> str:
    """Return the text of a catalogue's file."""
    home = home_of(language)
    head = HEADER.format(
        name=home_of(language).get_language_name("en"), locale=home, plural=get_plural(str(home))
    )
    body = io.BytesIO()
    write_po(body, catalog, width=WIDTH, omit_header=True)
    return head + body.getvalue().decode().strip() + "\n"


def messages(catalog: Catalog) -> Iterator[Message]:
    """Yield what a catalogue says, without its head."""
    return (one for one in catalog if one.id)


def said(message: Message) -> tuple[str, ...]:
    """Return all forms of a text."""
    forms = message.string
    return (forms,) if isinstance(forms, str) else tuple(forms or ())


def in_line(source: Catalog, other: Catalog, language: str) -> Catalog:
    """Return a language's catalogue with the keys, the order and the comments of English."""
    made = Catalog(locale=str(home_of(language)))
    for message in messages(source):
        english, old = comments(message), other.get(key_of(message))
        if old is None or old.pluralizable != message.pluralizable or not any(said(old)):
            made.add(message.id, "", auto_comments=english)
            continue
        flags = {"fuzzy"} if old.fuzzy or old.auto_comments != english else set()
        made.add(
            message.id, old.string, flags=flags,
            auto_comments=english, user_comments=old.user_comments,
        )  # fmt: skip
    return made


def comments(english: Message) -> list[str]:
    """Return what stands above a translation: the English, on one line for each form."""
    return list(dict.fromkeys(" ".join(form.split()) for form in said(english)))


def key_of(message: Message) -> str:
    """Return the key of a text; of one that is counted, that of its first form."""
    return str(message.id if isinstance(message.id, str) else message.id[0])


def lacks(root: Path = ROOT) -> list[Lack]:
    """Return all that is wrong with the catalogues."""
    found = []
    for folder in FOLDERS:
        source = read(root / folder / f"{SOURCE}.po")
        for language in languages_in(root / folder):
            name = f"{folder}/{language}.po"
            text = (root / name).read_text(encoding="utf-8")
            twice = Counter(NAMED_TWICE.findall(text))
            found += [Lack("twice", name, key) for key, times in twice.items() if times > 1]
            found += [
                Lack(kind, name, key) for kind, key in _wrong(source, read(root / name), language)
            ]
        spoken = _spoken(root)
        keys = (key_of(one) for one in messages(source))
        found += [Lack("unused", f"{folder}/{SOURCE}.po", key) for key in keys if key not in spoken]
    return found


def _wrong(source: Catalog, other: Catalog, language: str) -> Iterator[tuple[str, str]]:
    known = {key_of(one): one for one in messages(source)}
    theirs = {key_of(one): one for one in messages(other)}
    yield from (("unknown", key) for key in theirs if key not in known)
    for key, english in known.items():
        message = theirs.get(key)
        if message is None or not said(message) or not all(map(str.strip, said(message))):
            yield "untranslated", key
        elif message.fuzzy or (language != SOURCE and message.auto_comments != comments(english)):
            yield "fuzzy", key
        elif not _same_places(english, message):
            yield "places", key


def _same_places(english: Message, message: Message) -> bool:
    """Say whether each form has the places of English: of the first, if English has fewer there."""
    allowed = [set(PLACE.findall(form)) for form in said(english)]
    forms = [set(PLACE.findall(form)) for form in said(message)]
    if not message.pluralizable:
        return forms == allowed
    least, most = allowed[0] - {"n"}, allowed[-1]
    return forms[-1] == most and all(least <= one <= most for one in forms)


@cache
def _spoken(root: Path) -> Spoken:
    return Spoken(root)


def bring_in_line(root: Path = ROOT) -> list[str]:
    """Write each catalogue as it has to be; return which have changed."""
    changed = []
    for folder in FOLDERS:
        source = read(root / folder / f"{SOURCE}.po")
        for language in languages_in(root / folder):
            file = root / folder / f"{language}.po"
            here = source if language == SOURCE else in_line(source, read(file), language)
            text = written(here, language)
            if text != file.read_text(encoding="utf-8"):
                file.write_text(text, encoding="utf-8")
                changed.append(f"{folder}/{language}.po")
    return changed


def report(found: Iterable[Lack]) -> str:
    """Return a line for each kind and file, and the keys below it."""
    lines = []
    groups: dict[tuple[str, str], list[str]] = {}
    for one in found:
        groups.setdefault((one.file, one.kind), []).append(one.key)
    for (file, kind), keys in sorted(groups.items()):
        lines += [f"{file}: {len(keys)} {kind}", *(f"  {key}" for key in keys)]
    return "\n".join(lines) or "Every text is there in every language, and every one is used."


if __name__ == "__main__":
    for name in bring_in_line():
        print(f"{name}: written anew")
    wrong = lacks()
    print(report(wrong))
    sys.exit(bool(wrong))
