"""`showroom privacy`: what there is of somebody, as a file, or erased."""

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from booking.privacy.erasing import Reason
from booking.privacy.exporting import Exports
from booking.privacy.person import Person
from showroom.audit import COMMAND_LINE
from showroom.errors import NotFound, StartupError
from showroom.parts import Books
from showroom.privacy_desk import erasures
from showroom.settings import Settings
from showroom.shared import Shared, open_shared
from showroom.texts import Words
from showroom.valkey import EmbeddedServer, connect
from web.personal_file import archive
from web.words import LANGUAGES


def add_privacy(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    privacy = commands.add_parser("privacy", help="what there is of somebody: exported or erased")
    actions = privacy.add_subparsers(required=True, metavar="ACTION")
    export = actions.add_parser("export", help="write all that there is of somebody into a zip")
    erase = actions.add_parser("erase", help="erase somebody, and print the receipt's number")
    for action in (export, erase):
        action.add_argument("--showroom", required=True, help="its slug")
        action.add_argument("--email", default="", help="by this address")
        action.add_argument("--phone", default="", help="by this number")
    export.add_argument("--file", required=True, type=Path, help="where to write it")
    export.add_argument("--language", default="en", help="of the page in it; default: en")
    export.set_defaults(run=_export)
    erase.add_argument("--reason", required=True, choices=[reason.value for reason in Reason])
    erase.set_defaults(run=_erase)


@asynccontextmanager
async def _shared(settings: Settings) -> AsyncIterator[Shared]:
    """Open what the nodes share, also beside a node that runs with a Redis of its own."""
    if not settings.redis_url:
        url = EmbeddedServer(settings.data_dir).url
        try:
            await (await connect(url)).aclose()
        except StartupError:
            pass  # no node runs: the server is ours for as long as this takes
        else:
            settings = settings.model_copy(update={"redis_url": url})
    async with open_shared(settings) as shared:
        yield shared


async def _export(options: argparse.Namespace) -> None:
    async with _shared(Settings.load()) as shared:
        books, words = Books.of(shared), Words(LANGUAGES)
        showroom = await books.showrooms.by_slug(options.showroom)
        person = Person.of(options.email, options.phone, showroom.market)
        found, data = await Exports(shared.database, shared.clock).of(showroom, person)
        if not found:
            raise NotFound("There is nothing of this person here.")
        body = await archive(showroom, found, data, books.photos, words, options.language)
        options.file.touch(mode=0o600)
        options.file.write_bytes(body)
        await erasures(shared, books).exported(showroom, found, COMMAND_LINE)


async def _erase(options: argparse.Namespace) -> None:
    async with _shared(Settings.load()) as shared:
        books = Books.of(shared)
        showroom = await books.showrooms.by_slug(options.showroom)
        person = Person.of(options.email, options.phone, showroom.market)
        desk = erasures(shared, books)
        receipt = await desk.erase(showroom, person, Reason(options.reason), COMMAND_LINE)
    counts = ", ".join(f"{kind} {count}" for kind, count in receipt.counts.items() if count)
    print(f"{receipt.id}\t{counts}")
