"""Nothing is untranslated, unused, outdated or broken in the catalogues; it would be found."""

import shutil
from pathlib import Path

import pytest

from tests.catalogues import FOLDERS, ROOT, bring_in_line, lacks, report

MODULE = 'def page(t, kind):\n    return t("page.title"), t(f"page.kind.{kind}"), t("page.seen")\n'
ENGLISH = """\
msgid "page.title"
msgstr "Calls of {showroom}"

msgid "page.kind.new"
msgstr "New"

msgid "page.seen.one"
msgid_plural "page.seen.other"
msgstr[0] "A call"
msgstr[1] "{n} calls"
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small project, in line, in English and German."""
    for folder in FOLDERS:
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "en.po").write_text(ENGLISH, encoding="utf-8")
        (tmp_path / folder / "de.po").write_text("", encoding="utf-8")
        (tmp_path / folder / "page.py").write_text(MODULE, encoding="utf-8")
    bring_in_line(tmp_path)
    for folder in FOLDERS:
        change(
            tmp_path / folder / "de.po",
            ('"page.title"\nmsgstr ""', '"page.title"\nmsgstr "Anrufe: {showroom}"'),
            ('"page.kind.new"\nmsgstr ""', '"page.kind.new"\nmsgstr "Neu"'),
            ('msgstr[0] ""\nmsgstr[1] ""', 'msgstr[0] "Ein Anruf"\nmsgstr[1] "{n} Anrufe"'),
        )
    return tmp_path


def change(file: Path, *changes: tuple[str, str]) -> None:
    text = file.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


def found(tree: Path) -> set[tuple[str, str, str]]:
    return {(one.kind, one.file, one.key) for one in lacks(tree)}


def test_every_text_is_there_in_every_language_and_every_one_is_used() -> None:
    assert lacks() == [], report(lacks())


def test_the_catalogues_are_as_make_words_writes_them(tmp_path: Path) -> None:
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, tmp_path / folder)
    assert bring_in_line(tmp_path) == [], "run `make words`"


def test_a_small_project_lacks_nothing(tree: Path) -> None:
    assert found(tree) == set()
    assert bring_in_line(tree) == []


DE, EN = "web/languages/de.po", "web/languages/en.po"


@pytest.mark.parametrize(
    ("file", "old", "new", "kind", "key"),
    [
        (DE, '"Neu"', '""', "untranslated", "page.kind.new"),
        (DE, '"Neu"', '" "', "untranslated", "page.kind.new"),
        (DE, '"Ein Anruf"', '""', "untranslated", "page.seen.one"),
        (DE, '#. New\nmsgid "page.kind.new"\nmsgstr "Neu"\n', "", "untranslated", "page.kind.new"),
        (DE, "#. New\n", "#. New\n#, fuzzy\n", "fuzzy", "page.kind.new"),
        (EN, '"New"', '"Brand new"', "fuzzy", "page.kind.new"),
        (DE, "Anrufe: {showroom}", "Anrufe: {Showroom}", "places", "page.title"),
        (DE, "Anrufe: {showroom}", "Anrufe", "places", "page.title"),
        (DE, "{n} Anrufe", "Anrufe", "places", "page.seen.one"),
        (DE, '"Ein Anruf"', '"{x} Anruf"', "places", "page.seen.one"),
        (DE, "page.kind.new", "page.kind.gone", "unknown", "page.kind.gone"),
        (EN, '"New"\n', '"New"\n\nmsgid "page.old"\nmsgstr "Old"\n', "unused", "page.old"),
        (EN, '"New"\n', '"New"\n\nmsgid "page.title"\nmsgstr "Old"\n', "twice", "page.title"),
    ],
)
def test_what_is_wrong_is_found(
    tree: Path, file: str, old: str, new: str, kind: str, key: str
) -> None:
    change(tree / file, (old, new))
    where = DE if kind == "fuzzy" else file
    assert (kind, where, key) in found(tree)
    assert f"{where}: 1 {kind}\n  {key}" in report(lacks(tree))


def test_a_text_that_english_has_changed_is_kept_as_fuzzy(tree: Path) -> None:
    change(tree / EN, ('"New"', '"Brand new"'))
    assert bring_in_line(tree) == [DE]
    text = (tree / DE).read_text(encoding="utf-8")
    assert '#. Brand new\n#, fuzzy\nmsgid "page.kind.new"\nmsgstr "Neu"\n' in text
    assert ("fuzzy", DE, "page.kind.new") in found(tree)


def test_a_new_text_of_english_stands_at_its_place_and_one_that_is_gone_goes(tree: Path) -> None:
    change(
        tree / EN, ('msgid "page.kind.new"\nmsgstr "New"', 'msgid "page.kind.old"\nmsgstr "Old"')
    )
    bring_in_line(tree)
    text = (tree / DE).read_text(encoding="utf-8")
    assert '#. Old\nmsgid "page.kind.old"\nmsgstr ""\n' in text
    assert "page.kind.new" not in text
    assert text.index("page.title") < text.index("page.kind.old") < text.index("page.seen")
