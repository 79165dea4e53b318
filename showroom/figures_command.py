"""`showroom figures`: the figures of calls, read and counted anew, for an operator."""

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from booking.spreadsheet import csv_line
from showroom.asking import By, Figures
from showroom.clock import system_clock, to_datetime
from showroom.database import Database, migrate
from showroom.days import today
from showroom.figure_columns import BY_NAME, cells
from showroom.hours import instant
from showroom.ids import StaffId
from showroom.past_days import PastDays
from showroom.rollups import Rollups
from showroom.settings import Settings
from showroom.showrooms import Showroom, Showrooms
from showroom.slicing import Key
from showroom.staff import Staff
from showroom.ways import Ways
from showroom.words import Dimension, Period

# How many days end with today, where nobody says when to begin.
LATELY = 28
GROUPS: dict[str, Period | Dimension] = {
    **{one.value: one for one in Period},
    **{one.value: one for one in Dimension},
    "advisor": Dimension.ADVISOR,
}


def add_figures(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands to the command line."""
    figures = commands.add_parser("figures", help="what the calls came to")
    actions = figures.add_subparsers(required=True, metavar="ACTION")
    show = actions.add_parser("show", help="print figures of a period as CSV; docs/figures.md")
    show.add_argument("--showroom", required=True, help="its slug")
    show.add_argument("--since", type=date.fromisoformat, default=None, help="a day; default: "
                      f"{LATELY - 1} days ago")  # fmt: skip
    show.add_argument("--until", type=date.fromisoformat, default=None, help="a day, included;"
                      " default: today")  # fmt: skip
    show.add_argument("--by", choices=sorted(GROUPS), default=Period.DAY.value)
    show.set_defaults(run=_show)
    rebuild = actions.add_parser(
        "rebuild", help="count all calls anew; nodes may go on running meanwhile"
    )
    rebuild.add_argument("--showroom", default=None, help="its slug; default: every showroom")
    rebuild.set_defaults(run=_rebuild)


@asynccontextmanager
async def _database() -> AsyncIterator[Database]:
    url = Settings.load().database_url
    await migrate(url)
    async with Database.open(url) as database:
        yield database


async def _show(options: argparse.Namespace) -> None:
    async with _database() as database:
        showroom = await Showrooms(database).by_slug(options.showroom)
        here, by = ZoneInfo(showroom.zone), GROUPS[options.by]
        last = options.until or today(showroom.zone, system_clock())
        first = options.since or last - timedelta(days=LATELY - 1)
        since_ms, until_ms = (instant(day, 0, here) for day in (first, last + timedelta(days=1)))
        found = await Figures(database).figures(showroom, since_ms, until_ms, by)
        names = await Staff(database, system_clock).names(showroom.id)
    print(csv_line([options.by, *BY_NAME]), end="")
    for key, figures in found.items():
        label = _label(key, by, showroom)
        if by is Dimension.ADVISOR:
            label = names.get(StaffId(label), label)
        print(csv_line([label, *cells(figures)]), end="")


def _label(key: Key, by: By, showroom: Showroom) -> str:
    """Name a group: a day, week or month by its first day, an hour by its begin."""
    if not isinstance(key, int) or by is Period.HOUR_OF_WEEK:
        return str(key)
    at: datetime = to_datetime(key).astimezone(ZoneInfo(showroom.zone))
    return at.isoformat(timespec="minutes") if by is Period.HOUR else at.date().isoformat()


async def _rebuild(options: argparse.Namespace) -> None:
    async with _database() as database:
        showrooms, rollups = Showrooms(database), Rollups(database)
        days = PastDays(database, showrooms, system_clock)
        chosen = (
            [await showrooms.by_slug(options.showroom)]
            if options.showroom
            else await showrooms.all()
        )
        for showroom in chosen:
            calls = await rollups.rebuild(showroom.id)
            leads = await Ways(database).rebuild(showroom.id)
            await days.fill_one(showroom)
            print(f"{showroom.slug}: {calls:,} calls and {leads:,} leads counted.")
