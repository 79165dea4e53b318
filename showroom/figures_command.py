"""`showroom figures`: the rollups of the manager's figures, for an operator."""

import argparse

from showroom.clock import system_clock
from showroom.database import Database, migrate
from showroom.past_days import PastDays
from showroom.rollups import Rollups
from showroom.settings import Settings
from showroom.showrooms import Showrooms


def add_figures(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    figures = commands.add_parser("figures", help="what the manager's figures are made of")
    actions = figures.add_subparsers(required=True, metavar="ACTION")
    rebuild = actions.add_parser(
        "rebuild", help="count all calls anew; nodes may go on running meanwhile"
    )
    rebuild.add_argument("--showroom", default=None, help="its slug; default: every showroom")
    rebuild.set_defaults(run=_rebuild)


async def _rebuild(options: argparse.Namespace) -> None:
    url = Settings.load().database_url
    await migrate(url)
    async with Database.open(url) as database:
        showrooms, rollups = Showrooms(database), Rollups(database)
        days = PastDays(database, showrooms, system_clock)
        chosen = (
            [await showrooms.by_slug(options.showroom)]
            if options.showroom
            else await showrooms.all()
        )
        for showroom in chosen:
            calls = await rollups.rebuild(showroom.id)
            await days.fill_one(showroom)
            print(f"{showroom.slug}: {calls:,} calls counted.")
