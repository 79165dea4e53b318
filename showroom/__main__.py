"""The command line: `showroom serve`, and all else that an operator types."""

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvloop

from showroom import log
from showroom.api_keys import ApiKeys, Scope, scopes_of
from showroom.audit_command import add_audit
from showroom.clock import system_clock, to_datetime
from showroom.database import Database, migrate
from showroom.errors import BadRequest, ShowroomError, StartupError
from showroom.figures_command import add_figures
from showroom.ids import ApiKeyId, ShowroomId
from showroom.privacy_command import add_privacy
from showroom.settings import Settings
from showroom.settings_file.commands import add_commands as add_settings_file
from showroom.showrooms import Showrooms
from showroom.staff_commands import add_commands as add_staff


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit status. A wrong setting is one sentence and status 2."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options.run(options)) or 0
    except StartupError as error:
        print(f"showroom: {error}", file=sys.stderr)
        return 2
    except ShowroomError as error:
        print(f"showroom: {error.message}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _run(work: Coroutine[Any, Any, int | None]) -> int | None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="showroom",
        description="The live video showroom. Settings are environment variables: .env.sample.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="run one node")
    serve.set_defaults(run=_serve)

    media = commands.add_parser("media", help="run media workers, for calls of more than two")
    media.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="default: one a core"
    )
    media.set_defaults(run=_media)

    demo = commands.add_parser("demo", help="run a whole showroom on this machine, to try it")
    demo.add_argument("--port", type=int, default=8080)
    demo.add_argument("--lan", action="store_true", help="also on the local network, with TLS")
    demo.add_argument("--data", type=Path, default=None, help="default: .demo/PORT")
    demo.add_argument("--no-robot", action="store_true", help="without the robot advisor")
    demo.add_argument("--clip", type=Path, default=None, help="the robot shows this video file")
    demo.set_defaults(run=_demo)

    commands.add_parser("migrate", help="bring the database's schema up to date").set_defaults(
        run=_migrate
    )
    add_settings_file(commands)
    add_staff(commands)
    _add_key(commands)
    _add_robot(commands)
    _add_dealers(commands)
    _add_store(commands)
    _add_recording(commands)
    add_figures(commands)
    add_audit(commands)
    add_privacy(commands)

    bench = commands.add_parser("bench", help="measure, and write docs/benchmarks.md")
    bench.add_argument("names", nargs="*", help="only these figures")
    bench.add_argument("--write", type=Path, default=None, help="the file to write")
    bench.set_defaults(run=_bench)
    return parser


def _add_key(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    key = commands.add_parser("key", help="keys with which other programs use /api/v1")
    actions = key.add_subparsers(required=True, metavar="ACTION")
    add = actions.add_parser("add", help="make a key; it is printed this once")
    add.add_argument("--name", required=True, help="which program gets it")
    add.add_argument(
        "--scopes", required=True, help=f"some of {','.join(scope.value for scope in Scope)}"
    )
    add.set_defaults(run=_key_add)
    listed = actions.add_parser("list", help="the keys of a showroom")
    listed.set_defaults(run=_key_list)
    revoke = actions.add_parser("revoke", help="end a key at once")
    revoke.add_argument("id", help="as `key list` shows it")
    revoke.set_defaults(run=_key_revoke)
    for action in (add, listed, revoke):
        action.add_argument("--showroom", required=True, help="the showroom's slug")


def _add_robot(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    robot = commands.add_parser("robot", help="an advisor that answers by itself")
    robot.add_argument("--url", default="http://localhost:8080")
    robot.add_argument("--showroom", required=True, help="the showroom's slug")
    robot.add_argument("--email", required=True)
    robot.add_argument("--clip", type=Path, default=None, help="show this video file, in a loop")
    robot.add_argument("--still", action="store_true", help="send nothing: for load tests")
    robot.set_defaults(run=_robot)


def _add_dealers(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    dealers = commands.add_parser("dealers", help="who takes leads on")
    actions = dealers.add_subparsers(required=True, metavar="ACTION")
    bring = actions.add_parser("import", help="add dealers of a CSV file, or bring them up to date")
    bring.add_argument("file", type=Path, help="docs/dealers.md describes it")
    bring.add_argument("--showroom", required=True, help="the showroom's slug")
    bring.add_argument(
        "--good-lines", action="store_true", help="keep what is right, also if lines are broken"
    )
    bring.set_defaults(run=_dealers_import)


def _add_store(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    store = commands.add_parser("store", help="the online store that customers go on to")
    actions = store.add_subparsers(required=True, metavar="ACTION")
    link = actions.add_parser("link", help="set the link to it; docs/store.md describes it")
    link.add_argument("url", help="like https://shop.example.com/{vehicle}?context={context}")
    link.set_defaults(run=_store_link)
    secret = actions.add_parser("secret", help="make a secret to share; the one before goes on")
    secret.set_defaults(run=_store_secret)
    retire = actions.add_parser("retire", help="end a rotation: only the newest secret holds")
    retire.set_defaults(run=_store_retire)
    for action in (link, secret, retire):
        action.add_argument("--showroom", required=True, help="the showroom's slug")


def _add_recording(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    recording = commands.add_parser("recording", help="whether calls may be recorded")
    actions = recording.add_subparsers(required=True, metavar="ACTION")
    allow = actions.add_parser("allow", help="either side may ask; it runs once both have agreed")
    allow.set_defaults(run=_recording_allow, may=True)
    forbid = actions.add_parser("forbid", help="nobody is asked, and what runs ends")
    forbid.set_defaults(run=_recording_allow, may=False)
    for action in (allow, forbid):
        action.add_argument("--showroom", required=True, help="the showroom's slug")


async def _serve(_: argparse.Namespace) -> None:
    from showroom.app import serve

    settings = Settings.load()
    log.configure(settings.log_level, settings.log_format)
    await serve(settings)


async def _media(options: argparse.Namespace) -> None:
    from showroom.relaying import media

    settings = Settings.load()
    log.configure(settings.log_level, settings.log_format)
    await media(settings, max(1, options.workers))


async def _demo(options: argparse.Namespace) -> None:
    from showroom.demo.run import demo

    await demo(
        port=options.port,
        lan=options.lan,
        data_dir=options.data or Path(".demo") / str(options.port),
        robot=not options.no_robot,
        clip=options.clip,
    )


async def _migrate(_: argparse.Namespace) -> None:
    await migrate(Settings.load().database_url)


@asynccontextmanager
async def _keys_of(slug: str) -> AsyncIterator[tuple[ApiKeys, ShowroomId]]:
    """Yield the keys and the showroom's id; raises `NotFound`."""
    settings = Settings.load()
    await migrate(settings.database_url)
    async with Database.open(settings.database_url) as database:
        showroom = await Showrooms(database).by_slug(slug)
        yield ApiKeys(database, system_clock), showroom.id


async def _key_add(options: argparse.Namespace) -> None:
    async with _keys_of(options.showroom) as (keys, showroom_id):
        _, secret = await keys.add(showroom_id, options.name, scopes_of(options.scopes))
    print(secret)


async def _key_list(options: argparse.Namespace) -> None:
    async with _keys_of(options.showroom) as (keys, showroom_id):
        for key in await keys.of(showroom_id):
            state = f"revoked {_day(key.revoked_at)}" if key.revoked_at else "holds"
            print(
                key.id, key.name, ",".join(key.scopes), f"made {_day(key.created_at)}",
                f"used {_day(key.used_at)}", state, sep="\t",
            )  # fmt: skip


def _day(at_ms: int | None) -> str:
    return "never" if at_ms is None else to_datetime(at_ms).date().isoformat()


async def _key_revoke(options: argparse.Namespace) -> None:
    async with _keys_of(options.showroom) as (keys, showroom_id):
        await keys.revoke(showroom_id, ApiKeyId(options.id))


async def _robot(options: argparse.Namespace) -> None:
    from showroom.robot.run import robot

    log.configure("warning")
    # Not an argument: those can be read by everybody on the machine.
    password = os.environ.get("ROBOT_PASSWORD") or sys.stdin.readline().rstrip("\n")
    await robot(
        url=options.url,
        showroom=options.showroom,
        email=options.email,
        password=password,
        clip=options.clip,
        still=options.still,
    )


async def _dealers_import(options: argparse.Namespace) -> None:
    from booking.dealers.dealer_csv import import_dealers
    from booking.dealers.directory import Dealers

    try:
        file = options.file.read_bytes()
    except OSError as error:
        raise BadRequest(f"{options.file} can't be read: {error.strerror or error}.") from error
    async with Database.open(Settings.load().database_url) as database:
        showroom = await Showrooms(database).by_slug(options.showroom)
        dealers = Dealers(database, system_clock)
        done = await import_dealers(dealers, showroom, file, good_lines=options.good_lines)
    for problem in done.problems:
        print(f"line {problem.line}: {problem.reason}", file=sys.stderr)
    if done.problems and not options.good_lines:
        raise BadRequest(
            "No dealer was kept. Mend these lines, or keep the others with --good-lines."
        )
    print(f"{done.kept} dealers kept, {len(done.problems)} lines left out.")


async def _store_link(options: argparse.Namespace) -> None:
    from booking.store.linking import checked_template
    from showroom.settings_file.running import change_one

    url = checked_template(options.url)
    await change_one(options.showroom, {"store": {"url": url}})


async def _store_secret(options: argparse.Namespace) -> None:
    from booking.store.secrets import StoreSecrets

    async with Database.open(Settings.load().database_url) as database:
        showroom = await Showrooms(database).by_slug(options.showroom)
        print(await StoreSecrets(database, system_clock).rotate(showroom.id))
    print("Give it to the store now: it is not shown again.", file=sys.stderr)


async def _store_retire(options: argparse.Namespace) -> None:
    from booking.store.secrets import StoreSecrets

    async with Database.open(Settings.load().database_url) as database:
        showroom = await Showrooms(database).by_slug(options.showroom)
        await StoreSecrets(database, system_clock).retire(showroom.id)


async def _recording_allow(options: argparse.Namespace) -> None:
    from showroom.settings_file.running import change_one

    await change_one(options.showroom, {"policy": {"recording": options.may}})


async def _bench(options: argparse.Namespace) -> None:
    from bench.run import bench

    await bench(options.names, options.write)


if __name__ == "__main__":
    sys.exit(main())
