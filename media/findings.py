"""What went wrong in a call: pure rules over its log and the samples of its line.

The rules and why they stand where they do: docs/quality.md. What is found is said in words by the
page that shows the call.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from media.quality import CONCEALED, LOSS, ROUND_TRIP_MS, KeptSample
from showroom.calls import CallEvent, CallRecord
from showroom.words import BROKEN, RecordingEnd, Side

# What an uplink bears that sends no large picture any more (bits a second): the ladder's rung.
UPLINK = 450_000
# Shorter than this nobody remembers it afterwards.
LEAST_MS = 10_000
LEAST_FROZEN_MS = 2_000
# Between two stretches with the same trouble: what is shorter is no recovery.
JOINED_MS = 12_000
# Pages send a sample every 5 s; of these, three are missing.
SILENT_MS = 20_000
LONG_WAIT_MS = 60_000
SLOW_START_MS = 5_000
# What a page shows of a call that was all trouble: what lasted longest.
MOST = 12
# While these go on a page sends no samples.
PAUSES = frozenset({"hold", "resume", "transfer", "hand_over", "accept", "connect"})


class Trouble(StrEnum):
    """What can go wrong. From `UPLINK` to `TCP` it is one side's, else the call's."""

    WAITED = "waited"  # the customer waited for long
    MISSED = "missed"  # advisors let it ring; `worst` is how many times
    DECLINED = "declined"  # advisors passed it on; as above
    SLOW_START = "slow_start"  # from the answer to the picture
    RELINKED = "relinked"  # the connection was made anew; `worst` is how many times
    ENDED = "ended"  # it ended as nobody wished
    RECORDING = "recording"  # it could not be written, or the disk was full
    UPLINK = "uplink"  # bandwidth held the picture back; `worst` in bits a second
    LOSS = "loss"  # packets lost on the way there; `worst` is a share
    DELAY = "delay"  # `worst` is a round trip in milliseconds
    FROZEN = "frozen"  # what they saw stood still; `worst` for so many milliseconds
    SOUND = "sound"  # what they heard was made up; `worst` is a share
    DEVICE = "device"  # their processor was too slow for the picture
    SILENT = "silent"  # nothing came from their page
    TCP = "tcp"  # their network lets no UDP through
    RELAYED = "relayed"  # all of the call went through TURN


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that went wrong, from `at_ms` on (UTC milliseconds) for `lasted_ms`.

    `side` is the one whom it concerns; None for the call as a whole. `worst` as of each `Trouble`.
    """

    trouble: Trouble
    at_ms: int
    lasted_ms: int = 0
    worst: float = 0
    side: Side | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """When a sample is trouble: `measure` says how bad it is, None for not at all."""

    trouble: Trouble
    measure: Callable[[KeptSample], float | None]
    worst: Callable[[Iterable[float]], float] = max
    least_ms: int = LEAST_MS
    least: float = 0


def _above(limit: float, value: float | None) -> float | None:
    return value if value is not None and value > limit else None


def _uplink(sample: KeptSample) -> float | None:
    narrow = sample.limitation == "bandwidth" and sample.bitrate_out < UPLINK
    return sample.bitrate_out if narrow else None


def _frozen(sample: KeptSample) -> float | None:
    # Nothing comes in where the other side sends no picture.
    seen = sample.width and sample.bitrate_in
    return _above(0, sample.frozen_ms) if seen else None


RULES = (
    Rule(Trouble.UPLINK, _uplink, min),
    Rule(Trouble.LOSS, lambda one: _above(LOSS.fair, one.loss)),
    Rule(Trouble.DELAY, lambda one: _above(ROUND_TRIP_MS.fair, one.round_trip_ms)),
    Rule(Trouble.FROZEN, _frozen, sum, least_ms=0, least=LEAST_FROZEN_MS),
    Rule(Trouble.SOUND, lambda one: _above(CONCEALED.fair, one.concealed)),
    Rule(Trouble.DEVICE, lambda one: 1 if one.limitation == "cpu" else None),
    Rule(Trouble.TCP, lambda one: 1 if one.tcp else None),
)


def findings(
    call: CallRecord, events: Sequence[CallEvent], samples: Sequence[KeptSample]
) -> list[Finding]:
    """Return what went wrong, first to last: at most `MOST`, those that lasted longest."""
    found = [*_of_call(call), *_of_log(events)]
    for side in (Side.CUSTOMER, Side.ADVISOR):
        own = [one for one in samples if one.side is side]
        found += [one for rule in RULES for one in _stretches(side, own, rule)]
        found += _silences(side, own, events)
    # Either side says so of the pair that they share.
    if samples and all(one.relayed for one in samples):
        found.append(Finding(Trouble.RELAYED, _begin(samples[0])))
    longest = sorted(found, key=lambda one: one.lasted_ms, reverse=True)
    # What has no length is said all the same: it is one sentence each.
    brief = [one for one in found if not one.lasted_ms]
    kept = brief + [one for one in longest if one.lasted_ms][: max(0, MOST - len(brief))]
    return sorted(kept, key=lambda one: (one.at_ms, list(Trouble).index(one.trouble)))


def _of_call(call: CallRecord) -> Iterable[Finding]:
    if call.waited_ms > LONG_WAIT_MS:
        yield Finding(Trouble.WAITED, call.created_at, call.waited_ms)
    if call.answered_at is not None and call.live_at is not None:
        took = call.live_at - call.answered_at
        if took > SLOW_START_MS:
            yield Finding(Trouble.SLOW_START, call.answered_at, took)
    if call.end_reason in BROKEN and call.ended_at is not None:
        yield Finding(Trouble.ENDED, call.ended_at)


def _of_log(events: Sequence[CallEvent]) -> Iterable[Finding]:
    counted = {
        Trouble.MISSED: ("miss", "transfer_miss"),
        Trouble.DECLINED: ("decline", "transfer_decline"),
        Trouble.RELINKED: ("relink",),
    }
    for trouble, kinds in counted.items():
        them = [event for event in events if event.kind in kinds]
        if them:
            yield Finding(trouble, them[0].at, worst=len(them))
    for event in events:
        why = event.data.get("why") if event.kind == "recording_stopped" else None
        if why in (RecordingEnd.FULL, RecordingEnd.FAILED):
            yield Finding(Trouble.RECORDING, event.at)


def _begin(sample: KeptSample) -> int:
    return sample.sampled_at - round(sample.seconds * 1000)


def _stretches(side: Side, samples: Sequence[KeptSample], rule: Rule) -> Iterable[Finding]:
    """Yield the stretches in which one side had this trouble, joined over short recoveries."""
    bad = [(one, value) for one in samples if (value := rule.measure(one)) is not None]
    stretches: list[list[tuple[KeptSample, float]]] = []
    for one, value in bad:
        if stretches and _begin(one) - stretches[-1][-1][0].sampled_at <= JOINED_MS:
            stretches[-1].append((one, value))
        else:
            stretches.append([(one, value)])
    for stretch in stretches:
        first, last = stretch[0][0], stretch[-1][0]
        lasted = last.sampled_at - _begin(first)
        worst = rule.worst(value for _, value in stretch)
        if lasted >= rule.least_ms and worst >= rule.least:
            yield Finding(rule.trouble, _begin(first), lasted, worst, side)


def _silences(
    side: Side, samples: Sequence[KeptSample], events: Sequence[CallEvent]
) -> Iterable[Finding]:
    """Yield the gaps between samples that no hold and no new advisor accounts for."""
    pauses = [event.at for event in events if event.kind in PAUSES]
    for before, after in pairwise(samples):
        begin, end = before.sampled_at, _begin(after)
        if end - begin < SILENT_MS:
            continue
        if not any(begin - SILENT_MS <= at <= end + SILENT_MS for at in pauses):
            yield Finding(Trouble.SILENT, begin, end - begin, side=side)
