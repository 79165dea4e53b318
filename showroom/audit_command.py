"""`showroom audit`: who changed which setting of a showroom, for an operator."""

import argparse
import json

from showroom.api_keys import ApiKeys
from showroom.audit import MOST, AuditLog, Entry
from showroom.clock import system_clock, to_datetime
from showroom.database import Database, migrate
from showroom.settings import Settings
from showroom.showrooms import Showrooms
from showroom.staff import Staff


def add_audit(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    audit = commands.add_parser("audit", help="who changed which setting, the newest first")
    audit.add_argument("--showroom", required=True, help="its slug")
    audit.add_argument(
        "--last", type=int, default=50, metavar="N", help=f"at most {MOST} changes; default: 50"
    )
    audit.set_defaults(run=_audit)


async def _audit(options: argparse.Namespace) -> None:
    url = Settings.load().database_url
    await migrate(url)
    async with Database.open(url) as database:
        showroom = await Showrooms(database).by_slug(options.showroom)
        people = await Staff(database, system_clock).names(showroom.id)
        # A program is known by its key, also when that is revoked.
        programs = await ApiKeys(database, system_clock).of(showroom.id)
        names = {str(one): name for one, name in people.items()}
        names |= {str(one.id): one.name for one in programs}
        page = await AuditLog(database).page(showroom.id, limit=options.last)
    for _, entry in page:
        for line in lines(entry, names.get(entry.who, entry.who)):
            print(line)


def lines(entry: Entry, who: str) -> list[str]:
    """Return a line for each field that was changed: when (UTC), who, what, from what to what."""
    at = to_datetime(entry.happened_at).isoformat(timespec="seconds")
    begin = f"{at}\t{who}\t{entry.subject} {entry.subject_id}\t{entry.deed}"
    return [
        f"{begin}\t{path}\t{_told(entry.before.get(path))}\t{_told(entry.after.get(path))}"
        for path in dict.fromkeys([*entry.before, *entry.after])
    ]


def _told(value: object) -> str:
    # As JSON: no name or wish can begin a line of its own, or steer a terminal.
    return json.dumps(value, ensure_ascii=True)
