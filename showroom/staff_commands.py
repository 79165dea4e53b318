"""`showroom staff`: accounts, as an operator types them."""

import argparse
import getpass
import sys

from showroom.clock import system_clock
from showroom.database import Database, migrate
from showroom.settings import Settings
from showroom.staff import Staff
from showroom.words import Role


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `staff` to the command line."""
    staff = commands.add_parser("staff", help="accounts")
    actions = staff.add_subparsers(required=True, metavar="ACTION")
    add = actions.add_parser(
        "add", help="add somebody; the password is asked for, or read from a pipe"
    )
    add.add_argument("email")
    add.add_argument("name")
    add.add_argument("--showroom", required=True, help="the showroom's slug")
    add.add_argument("--role", choices=[role.value for role in Role], default="advisor")
    add.add_argument("--languages", default="en,fr", help="like en,fr")
    add.add_argument("--robot", action="store_true", help="a stand-in: rings after all humans")
    add.set_defaults(run=_add)
    password = actions.add_parser(
        "password", help="set somebody's password, and end their sessions; asked for, or piped"
    )
    password.add_argument("email")
    password.set_defaults(run=_password)
    factor = actions.add_parser(
        "reset-factor", help="remove somebody's second factor, and end their sessions"
    )
    factor.add_argument("email")
    factor.set_defaults(run=_reset_factor)
    disable = actions.add_parser("disable", help="shut somebody out at once")
    disable.add_argument("email")
    disable.set_defaults(run=_disable)


async def _add(options: argparse.Namespace) -> None:
    settings = Settings.load()
    password = _typed_password()
    await migrate(settings.database_url)
    async with Database.open(settings.database_url) as database:
        await Staff(database, system_clock).add(
            options.email,
            options.name,
            password,
            {options.showroom: Role(options.role)},
            [word.strip() for word in options.languages.split(",") if word.strip()],
            options.robot,
        )


async def _password(options: argparse.Namespace) -> None:
    password = _typed_password()
    async with Database.open(Settings.load().database_url) as database:
        await Staff(database, system_clock).set_password(options.email, password)


def _typed_password() -> str:
    return getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")


async def _reset_factor(options: argparse.Namespace) -> None:
    async with Database.open(Settings.load().database_url) as database:
        await Staff(database, system_clock).reset_factor(options.email)


async def _disable(options: argparse.Namespace) -> None:
    async with Database.open(Settings.load().database_url) as database:
        await Staff(database, system_clock).disable(options.email)
