"""`showroom export` and `showroom apply`, as an operator types them."""

import argparse
from pathlib import Path

from showroom.settings_file.parts import Part


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add both commands to the command line."""
    export = commands.add_parser("export", help="write the settings of showrooms as one file")
    export.add_argument(
        "--showroom", nargs="+", action="extend", metavar="SLUG", help="default: all of them"
    )
    export.add_argument("--file", type=Path, default=None, help="default: standard output")
    export.set_defaults(run=_export)
    apply = commands.add_parser("apply", help="show what a file would change, and change it")
    apply.add_argument("file", type=Path, help="docs/settings-file.md describes it; - reads a pipe")
    apply.add_argument("--yes", action="store_true", help="don't ask")
    apply.add_argument("--only", type=_parts, default=tuple(Part), help=f"some of {','.join(Part)}")
    apply.set_defaults(run=_apply)


def _parts(text: str) -> tuple[Part, ...]:
    try:
        return tuple(Part(word.strip()) for word in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"it is some of {','.join(Part)}") from error


async def _export(options: argparse.Namespace) -> None:
    from showroom.settings_file.running import export

    await export(options.showroom or (), options.file)


async def _apply(options: argparse.Namespace) -> int:
    from showroom.settings_file.running import apply

    return await apply(options.file, options.only, yes=options.yes)
