"""What a measurement gives back: lines with a target, what came out, and whether it is met."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One line of the table. `peer`: what a prototype or a rival did in the same place."""

    what: str
    target: str
    measured: str
    met: bool
    peer: str = ""


def percentile(samples: Sequence[float], share: float) -> float:
    """Return the smallest sample that at least `share` (0–1) of all do not exceed."""
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def delays(
    what: str, samples: Sequence[float], p50: float, p95: float | None = None, peer: str = ""
) -> Line:
    """Return the line of some delays in milliseconds, with the targets of its percentiles."""
    middle, high = percentile(samples, 0.5), percentile(samples, 0.95)
    target = f"p50 ≤ {p50:.0f} ms" + (f", p95 ≤ {p95:.0f} ms" if p95 else "")
    met = middle <= p50 and (p95 is None or high <= p95)
    measured = f"p50 {middle:.0f} ms, p95 {high:.0f} ms, n = {len(samples)}"
    return Line(what, target, measured, met, peer)
