"""The manager's page of yield: from who came to what was ordered, and what each cost."""

from asyncio import gather
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar, Literal

from aiohttp.web import Request, StreamResponse

from showroom.figure_columns import Number
from showroom.hours import Campaign
from showroom.showrooms import Showroom
from showroom.words import Dimension
from showroom.yields import DEALERS_OWN, STEPS, YIELD, Yield, YieldFigures
from web.figures.asked import PAGE, FiguresAsked, Stretch
from web.figures.mail_list import mails_of
from web.figures.parts import tile
from web.figures.seen import Seen
from web.figures.shared import asked_by, config_of, context_of, csv_of, seen_of
from web.figures.traffic import TrafficAsked
from web.figures.writing import NONE
from web.keys import CLOCK, DEALERS, TRAFFIC_ALONE, YIELD_FIRST, YIELD_LAST
from web.pages import render

FIRST_TILES = ("leads", "orders")
TILES = ("requests", "qualified", "no_show_rate", "redeemed_rate")
# How long a step took, from which one on: the sum of its times, and how many took it.
TOOK = {
    "leads": "lead_ms", "qualified": "qualified_ms", "reserved": "reserved_ms",
    "orders": "order_ms",
}  # fmt: skip
# A step whose share is of the step before; all that a lead may lead to is a share of the leads.
BEFORE = {"live": "requests", "leads": "live", **dict.fromkeys(STEPS[3:], "leads")}
COSTLY = ("requests", "leads", "qualified", "test_drives", "orders")


class YieldAsked(FiguresAsked):
    """The address of the page. `touch`: by which of their campaigns leads are told apart."""

    PAGE: ClassVar[str] = f"{PAGE}/yield"
    PLOTS: ClassVar[Sequence[str]] = tuple(YIELD.by_name)

    touch: Literal["first", "last"] = "last"


def _read(request: Request, asked: YieldAsked) -> Yield:
    return request.app[YIELD_FIRST if asked.touch == "first" else YIELD_LAST]


async def page(request: Request) -> StreamResponse:
    """The funnel, by whatever it is told apart; dealers; what campaigns cost for each step."""
    session, showroom, rooms, asked = await asked_by(request, YieldAsked)
    read = _read(request, asked)
    now = request.app[CLOCK]()
    days = asked.stretch(showroom.zone, now)
    # Side by side, and of the same days also where midnight is near.
    seen, dealers, visitors, spent = await gather(
        seen_of(request, showroom, asked, read, YIELD, now),
        read.by_dealer(showroom, days.since_ms, days.until_ms, asked.where),
        _visitors(request, showroom, days),
        _spent(read, showroom, asked, days),
    )
    context = {
        **context_of(session, rooms, seen),
        **await mails_of(request, session, seen, "yield"),
        "first_tiles": [tile(seen, name, first=True) for name in FIRST_TILES],
        "tiles": [tile(seen, name) for name in TILES],
        "funnel": _funnel(seen, visitors),
        "dealers": await _dealers(request, seen, dealers),
        "dealer_columns": DEALERS_OWN,
        "costs": _costs(seen, spent),
        "costly": COSTLY,
        "touches": [
            (one, asked.address(showroom.slug, touch=one), one == asked.touch)
            for one in ("last", "first")
        ],
        "config_json": config_of(seen),
    }
    return render(request, "figures_yield.html", context, showroom)


async def export(request: Request) -> StreamResponse:
    """The page's table as CSV."""
    _, showroom, _, asked = await asked_by(request, YieldAsked)
    seen = await seen_of(request, showroom, asked, _read(request, asked), YIELD)
    return csv_of(seen, "yield")


async def _visitors(request: Request, showroom: Showroom, days: Stretch) -> int | None:
    """Return how many came; None when the filter names what only calls have."""
    traffic = TrafficAsked.of(request.query)
    if traffic.beyond:
        return None
    told = await request.app[TRAFFIC_ALONE].figures(
        showroom, days.since_ms, days.until_ms, None, traffic.where
    )
    return told[""].visitors if "" in told else 0


def _funnel(seen: Seen[YieldFigures], visitors: int | None) -> list[dict[str, Any]]:
    """Return each step: how many, of all, of the step before, and how long it took."""
    total, written = seen.told.total, seen.written
    counts = {name: getattr(total, name) for name in STEPS}
    before = dict(BEFORE)
    if visitors is not None:
        counts = {"visitors": visitors, **counts}
        before["requests"] = "visitors"
    # More may call than came: who came by a page that was open since yesterday, for one.
    most = max(counts.values()) or 1
    rows = []
    for name, count in counts.items():
        whole = counts.get(before.get(name, ""), 0)
        took = getattr(total, TOOK[name]) / count if name in TOOK and count else None
        rows.append(
            {
                "name": name,
                "count": written.count(count),
                "share": count / most,
                "of": before.get(name, ""),
                "rate": written.percent(count / whole) if whole else NONE,
                "took": NONE if took is None else written.long(took),
            }
        )
    return rows


async def _dealers(
    request: Request, seen: Seen[YieldFigures], told: dict[str, YieldFigures]
) -> list[dict[str, Any]]:
    known = await request.app[DEALERS].all(seen.showroom.id)
    names = {dealer.code: dealer.name for dealer in known}
    ordered = sorted(told, key=lambda code: (-told[code].leads, code))
    return [
        {
            "name": names.get(code, code) if code else seen.t("figures.without.dealer"),
            "cells": [(name, seen.written.count(getattr(told[code], name)))
                      for name in DEALERS_OWN],
        }
        for code in ordered
    ]  # fmt: skip


async def _spent(
    read: Yield, showroom: Showroom, asked: YieldAsked, days: Stretch
) -> list[tuple[Campaign, float, YieldFigures]]:
    """Return the campaigns with a cost that ran in these days, and what came by each.

    Of a campaign that ran longer the part counts that its days here are of all its days.
    """
    mine = [
        (one, part)
        for one in showroom.campaigns
        if one.cost and (part := _part(one, days)) and asked.campaign in (None, _key(one))
    ]
    if not mine:
        return []
    by = await read.figures(showroom, days.since_ms, days.until_ms, Dimension.CAMPAIGN, asked.where)
    return [(one, part, by.get(_key(one), YieldFigures())) for one, part in mine]


def _costs(
    seen: Seen[YieldFigures], spent: list[tuple[Campaign, float, YieldFigures]]
) -> list[dict[str, Any]]:
    """Return what one of each step cost, of each campaign with a cost."""
    rows = []
    for one, part, told in spent:
        cost = (one.cost or 0) * part / 100
        each: list[tuple[str, Number]] = [
            (name, cost / count if (count := getattr(told, name)) else None) for name in COSTLY
        ]
        rows.append(
            {
                "name": one.name,
                "whole": part == 1,
                "cost": seen.written.money(cost, one.currency),
                "each": [
                    (name, NONE if value is None else seen.written.money(value, one.currency))
                    for name, value in each
                ],
            }
        )
    return rows


def _key(campaign: Campaign) -> str:
    return campaign.utm or campaign.name


def _part(campaign: Campaign, days: Stretch) -> float:
    """Return which part of a campaign's days are among these."""
    first, last = max(campaign.first, days.first), min(campaign.last, days.last)
    whole = campaign.last - campaign.first + timedelta(days=1)
    return max(timedelta(), last - first + timedelta(days=1)) / whole
