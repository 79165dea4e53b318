"""`showroom bench`: measure, print, and write the table."""

import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from types import ModuleType

from bench import (
    accept,
    booking,
    forward,
    glass,
    handoff,
    lines,
    machine,
    moved,
    pairing,
    publish,
    recording,
    ring,
    rollups,
    rtt,
    sockets,
)
from bench.figures import Line
from showroom.errors import StartupError

FIGURES: dict[str, ModuleType] = {
    "accept": accept,
    "rtt": rtt,
    "glass": glass,
    "ring": ring,
    "sockets": sockets,
    "pairing": pairing,
    "booking": booking,
    "handoff": handoff,
    "forward": forward,
    "publish": publish,
    "recording": recording,
    "lines": lines,
    "moved": moved,
    "figures": rollups,
}
HEAD = """# Benchmarks

Made by `make bench`; `showroom bench NAME…` measures some of them and leaves the other rows. These
are measurements and no timed tests: another machine, or other work on this one, gives others. The
last number of a row is the machine's load average when its measurement began: above 0.5, other work
took part of the two cores, and the row says what the product does on a busy machine.

| figure | what | target | measured | met | elsewhere | commit, day, load |
|---|---|---|---|---|---|---|
"""


async def bench(names: Sequence[str], write: Path | None) -> None:
    """Measure the named figures, or all; print their rows, and write them into a document.

    Raises `StartupError` for a name that is no figure's.
    """
    if unknown := [name for name in names if name not in FIGURES]:
        raise StartupError(f"There is no figure {unknown[0]!r}; there are {', '.join(FIGURES)}.")
    facts = machine.machine()
    print("\n".join(facts), flush=True)
    rows = {}
    for name in names or FIGURES:
        measure: Callable[[], Awaitable[list[Line]]] = FIGURES[name].measure
        load = os.getloadavg()[0]
        rows[name] = [row(name, line, load) for line in await measure()]
        print("\n".join(rows[name]), flush=True)
        if write:  # after each: what was measured is kept when a later one fails
            save(write, rows, facts)


def save(file: Path, rows: dict[str, list[str]], facts: list[str]) -> None:
    """Write the document; rows of figures that were not measured now stay as they are."""
    file.write_text(document(kept(file) | rows, facts), encoding="utf-8")


def row(name: str, line: Line, load: float) -> str:
    """Return one row of the table; `load`: the load average when the measurement began."""
    met = "yes" if line.met else "**no**"
    when = f"{machine.commit()}, {machine.today()}, {load:.1f}"
    cells = (f"`{name}`", line.what, line.target, line.measured, met, line.peer, when)
    return f"| {' | '.join(cells)} |"


def kept(file: Path) -> dict[str, list[str]]:
    """Return the rows of an earlier document by figure."""
    found: dict[str, list[str]] = {}
    for text in file.read_text(encoding="utf-8").splitlines() if file.exists() else []:
        name = text.removeprefix("| `").partition("`")[0]
        if text.startswith("| `") and name in FIGURES:
            found.setdefault(name, []).append(text)
    return found


def document(rows: dict[str, list[str]], facts: list[str]) -> str:
    """Return the whole document."""
    table = "\n".join(text for name in FIGURES for text in rows.get(name, []))
    where = "\n".join(f"- {fact}" for fact in facts)
    ways = "\n\n".join(f"**`{name}`** {figure.HOW}" for name, figure in FIGURES.items())
    return (
        f"{HEAD}{table}\n\n## The machine\n\nAll parts (browsers, servers, databases, clients) run"
        f" on one machine, and share it:\n\n{where}\n\n## How\n\n{ways}\n"
    )
