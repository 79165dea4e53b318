"""The document of the figures names every figure, and no other."""

import re
from dataclasses import fields
from pathlib import Path

from showroom.call_figures import CallFigures
from showroom.figure_columns import COLUMNS
from showroom.texts import Words
from showroom.traffic import TRAFFIC
from showroom.words import Channel, Dimension
from showroom.work import WORK
from showroom.yields import YIELD
from web.words import LANGUAGES

DOCUMENT = Path(__file__).parents[2] / "docs" / "figures.md"


def names_in(section: str) -> set[str]:
    """Return the names in the first two columns of a section's tables."""
    text = (
        DOCUMENT.read_text(encoding="utf-8").partition(f"## {section}\n")[2].partition("\n## ")[0]
    )
    rows = re.findall(r"^\| ([^|]*\|[^|]*)\|", text, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def test_each_figure_is_defined_in_the_document() -> None:
    made = {name for name in vars(CallFigures) if not name.startswith("_")} - {"of"}
    assert names_in("The terms") == made | {field.name for field in fields(CallFigures)}
    assert names_in("Traffic") == set(TRAFFIC.by_name)
    assert names_in("Yield") == set(YIELD.by_name)
    assert names_in("Advisors' time") == set(WORK.by_name)


def rules() -> dict[str, str]:
    """Return the rule of each figure that the document defines."""
    text = DOCUMENT.read_text(encoding="utf-8").partition("## The terms\n")[2]
    rows = re.findall(r"^\| [^|]* \| (`[^|]*`) \| ([^|]*) \|$", text, re.MULTILINE)
    return {name: rule for names, rule in rows for name in re.findall(r"`(\w+)`", names)}


def test_the_page_defines_each_figure_in_the_words_of_the_document() -> None:
    start, defined = "figures.means.", rules()
    words = Words(LANGUAGES).of("en", "figures.means")
    said = {key.removeprefix(start): text for key, text in words.items()}
    names = {one.figure for one in COLUMNS} | {one.figure for one in TRAFFIC.columns}
    names |= {one.figure for one in YIELD.columns} | {one.figure for one in WORK.columns}
    assert said.keys() == names | {"outcomes"}
    for name, text in said.items():
        rule = defined[name]
        assert text == f"{rule[0].upper()}{rule[1:]}.", name


def test_each_dimension_is_explained_in_the_document() -> None:
    named = names_in("By what calls are told apart")
    assert named == {*Dimension, *Channel, "utm_campaign"}
