"""The parts of the page of figures as its template shows them: tiles, shares, table, remarks."""

from collections.abc import Mapping, Sequence
from typing import Any

from showroom.call_details import Remark
from showroom.call_figures import CallFigures
from showroom.figure_columns import BY_NAME
from showroom.words import Dimension, Outcome, Quality
from web.figures.report import F, Group, change, kind_of, table
from web.figures.seen import Seen
from web.figures.writing import NONE

# Whether the showroom was worth its cost was judged by these two.
FIRST_TILES = ("talking_average_s",)
TILES = (
    "offered", "answer_rate", "service_level", "waiting_p50_s", "waiting_p90_s", "waiting_max_s",
    "rings_per_answer", "short_abandons", "rating",
)  # fmt: skip
LINE_COLUMNS = ("offered", "talking_average_s", "rating", "ratings")
SPARK = (120, 32)  # of the trend in a tile: its own units, which the style sheet stretches


def tile(seen: Seen[F], name: str, *, first: bool = False) -> dict[str, Any]:
    """Return one figure of all that is seen, what it was before, and the first ones' trend."""
    told = seen.told
    column = told.measured.by_name[name]
    found: dict[str, Any] = {
        "name": name,
        "figure": column.figure,
        "value": seen.written.figure(column, column.of(told.total)),
        "change": "",
        "before": "",
        "chance": None,
        "spark": _spark([column.of(one) for one in told.trend]) if first else "",
    }
    if told.total_before is not None:
        differs = change(column, told.total, told.total_before)
        found |= {
            "change": seen.written.change(column, differs),
            "before": seen.written.figure(column, differs.before),
            "chance": differs.by_chance,
        }
    return found


def _spark(values: list[float | None]) -> str:
    """Return the points of a trend's line, or nothing where there is none."""
    known = [(n, value) for n, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return ""
    width, height = SPARK
    most = max(value for _, value in known) or 1
    step = width / (len(values) - 1)
    return " ".join(f"{n * step:.1f},{height - value / most * height:.1f}" for n, value in known)


def outcomes(seen: Seen[CallFigures]) -> list[dict[str, Any]]:
    """Return how calls were closed, as shares of all that were."""
    found, before = seen.told.total.outcomes, seen.told.total_before
    whole = sum(found.values())
    return [
        {
            "name": one.value,
            "count": seen.written.count(found.get(one, 0)),
            "share": found.get(one, 0) / whole if whole else 0,
            "percent": seen.written.percent(found.get(one, 0) / whole) if whole else NONE,
            "before": seen.written.count(before.outcomes.get(one, 0)) if before else "",
        }
        for one in Outcome
    ]


def lines_of(seen: Seen[F], told: Mapping[Quality, CallFigures]) -> list[dict[str, Any]]:
    """Return how many calls had a line of each class, their length and their rating."""
    whole = sum(one.offered for one in told.values())
    rows = []
    for quality, one in told.items():
        columns = [BY_NAME[name] for name in LINE_COLUMNS]
        rows.append(
            {
                "name": quality.value,
                "percent": seen.written.percent(one.offered / whole),
                "cells": [seen.written.figure(column, column.of(one)) for column in columns],
            }
        )
    return rows


def said(seen: Seen[F], remarks: Sequence[Remark]) -> list[dict[str, Any]]:
    """Return what customers wrote, and of which calls."""
    return [
        {
            "when": seen.written.moment(one.created_at),
            "stars": "★" * (one.rating or 0),
            "rating": one.rating,
            "text": one.comment,
            "advisor": seen.name(Dimension.ADVISOR, one.advisor or ""),
            "call": f"/manager/calls/{one.call}?showroom={seen.showroom.slug}",
        }
        for one in remarks
    ]


def grid(seen: Seen[F]) -> dict[str, Any]:
    """Return the table: of each cell what is written, and the number as the CSV has it."""
    told, plot = seen.told, seen.asked.drawn
    names, rows = table(told, plot)
    most = max((told.measured.much(group.figures) for group in told.groups), default=0) or 1
    return {
        "columns": [(name, kind_of(told, name).name, name.endswith("_before")) for name in names],
        "plot": names.index(plot),
        "rows": [
            _row(seen, group, names, row, most)
            for group, row in zip(told.groups, rows, strict=True)
        ],
    }


def _row(
    seen: Seen[F], group: Group[F], names: list[str], row: list[float | None], most: float
) -> dict[str, Any]:
    (page, calls), measured = seen.ways(group.key), seen.told.measured
    much = measured.much(group.figures)
    return {
        "key": group.key,
        "sign": seen.sign(group.key),
        "label": seen.label(group.key),
        "short": seen.short(group.key),
        "page": page,
        "calls": calls if much and seen.asked.OF_CALLS else None,
        "share": much / most,
        "cells": [
            ("" if value is None else value, seen.written.figure(kind_of(seen.told, name), value))
            for name, value in zip(names, row, strict=True)
        ],
        "empty": group.figures == measured.nothing,
    }
