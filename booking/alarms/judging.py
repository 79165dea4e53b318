"""Whether what is seen of a showroom at a moment is too much for it: pure rules.

An alarm that is up stays so for longer than it takes to raise it, so that what swings around a
limit raises one alarm and not fifty. docs/alarms.md says the same to people.
"""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from showroom.alarms import AlarmKind, AlarmRules

# Who is up to this part of the limit again is over it: of waiting, and of how many calls it takes.
RELEASE = 0.5
# So many points above its limit an answer rate is good again.
RELEASE_POINTS = 5


class Key(NamedTuple):
    """What there is at most one alarm of in a showroom; `subject` is a receiver's id, or empty."""

    kind: AlarmKind
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A receiver that gets nothing: since when (UTC ms), and whether it said itself that it wants
    nothing more."""

    name: str
    since: int
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """A showroom at `now`. Moments in UTC milliseconds.

    `waits_since`: since when whoever waits longest does; None when nobody does. `nobody_since`:
    since when nobody has been on duty; None when somebody is, while it is closed, and while a
    manager has closed the queue. `settled`: the calls of the last minutes that were answered or
    ended; `answered` of these.
    """

    now: int
    waits_since: int | None = None
    waiting: int = 0
    nobody_since: int | None = None
    settled: int = 0
    answered: int = 0
    receivers: Mapping[str, Trouble] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fact:
    """What is wrong: since when, what it is about by its name, and in numbers, with the limit."""

    since: int
    numbers: Mapping[str, int]
    name: str = ""


def wrong(rules: AlarmRules, seen: Seen, up: Collection[Key]) -> dict[Key, Fact]:
    """Return what is wrong; `up` are the alarms that are up already."""
    return dict(_found(rules, seen, up))


def _found(rules: AlarmRules, seen: Seen, up: Collection[Key]) -> Iterator[tuple[Key, Fact]]:
    if rules.waiting.on and seen.waits_since is not None:
        key, limit = Key(AlarmKind.WAITING), rules.waiting.seconds
        waited = (seen.now - seen.waits_since) / 1000
        if waited > limit * (RELEASE if key in up else 1):
            yield key, Fact(seen.waits_since, {"limit": limit, "waiting": seen.waiting})
    if rules.nobody.on and seen.nobody_since is not None:
        limit = rules.nobody.seconds
        if (seen.now - seen.nobody_since) / 1000 > limit:
            yield Key(AlarmKind.NOBODY), Fact(seen.nobody_since, {"limit": limit})
    if rules.answers.on:
        yield from _answers(rules, seen, Key(AlarmKind.ANSWERS) in up)
    if rules.receiver.on:
        for subject, one in seen.receivers.items():
            minutes = rules.receiver.minutes
            if one.refused or (seen.now - one.since) / 60_000 > minutes:
                key = Key(AlarmKind.RECEIVER, subject)
                yield key, Fact(one.since, {"limit": minutes}, one.name)


def _answers(rules: AlarmRules, seen: Seen, up: bool) -> Iterator[tuple[Key, Fact]]:
    rule = rules.answers
    least = math.ceil(rule.least * RELEASE) if up else rule.least
    limit = min(100, rule.percent + RELEASE_POINTS) if up else rule.percent
    if seen.settled >= max(1, least) and 100 * seen.answered < limit * seen.settled:
        numbers = {
            "limit": rule.percent,
            "minutes": rule.minutes,
            "offered": seen.settled,
            "answered": seen.answered,
        }
        yield Key(AlarmKind.ANSWERS), Fact(seen.now, numbers)
