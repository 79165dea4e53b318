"""An independent proof that nobody was paired twice: each call's log, read again from the start.

Nothing here uses the product's own table of moves. A call is with at most one advisor from a ring
until that is declined, missed, left or closed; and in all that time the advisor is with no other.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

OPENS = "ring"
CLOSES = frozenset({"decline", "miss", "leave", "close"})
FOR_EVER = 1 << 62

# One entry of a call's log: `at` (milliseconds), `kind`, `data`.
Entry = Mapping[str, Any]


@dataclass
class Verdict:
    """What a replay found. `doubles` are sentences; there should be none."""

    calls: int = 0
    pairings: int = 0
    doubles: list[str] = field(default_factory=list)


def replay(logs: Iterable[tuple[str, Sequence[Entry]]]) -> Verdict:
    """Judge the logs of all calls, each with the call's id."""
    verdict = Verdict()
    busy: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for call, entries in logs:
        verdict.calls += 1
        _one_call(call, entries, verdict, busy)
    for advisor, spans in busy.items():
        spans.sort()
        for (_, until, before), (since, _, after) in pairwise(spans):
            if since < until:
                verdict.doubles.append(f"{advisor} was in {before} and in {after} at once")
    return verdict


def _one_call(
    call: str,
    entries: Sequence[Entry],
    verdict: Verdict,
    busy: dict[str, list[tuple[int, int, str]]],
) -> None:
    advisor, since, accepts = "", 0, 0
    for entry in entries:
        kind, at = entry["kind"], int(entry["at"])
        if kind == OPENS:
            if advisor:
                verdict.doubles.append(f"{call} rang at two advisors at once")
            advisor, since = entry["data"]["advisor"], at
        elif kind == "accept":
            accepts += 1
            if entry["data"]["advisor"] != advisor:
                verdict.doubles.append(f"{call} was accepted by one for whom it did not ring")
        elif kind in CLOSES and advisor:
            busy[advisor].append((since, at, call))
            advisor = ""
    if advisor:
        busy[advisor].append((since, FOR_EVER, call))
    if accepts > 1:
        verdict.doubles.append(f"{call} was accepted {accepts} times")
    verdict.pairings += accepts


def parse(raw: str) -> Entry:
    """Return one line of a log as the script wrote it."""
    entry: Entry = json.loads(raw)
    return entry
