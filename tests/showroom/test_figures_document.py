"""The document of the figures names every figure, and no other."""

import re
from dataclasses import fields
from pathlib import Path

from showroom.call_figures import CallFigures
from showroom.words import Channel, Dimension

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


def test_each_dimension_is_explained_in_the_document() -> None:
    named = names_in("By what calls are told apart")
    assert named == {*Dimension, *Channel, "utm_campaign"}
