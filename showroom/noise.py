"""Whether two shares, or two counts, differ by more than chance would have it.

Shares by a plain confidence interval: R. G. Newcombe, Interval estimation for the difference
between independent proportions, Statistics in Medicine 17 (1998), 873-890, method 10: the interval
of the difference is put together from Wilson's score intervals of the two shares. It holds for few
calls and for shares near 0 and 1, too.

Counts by J. Przyborowski and H. Wilenski, Homogeneity of results in testing samples from Poisson
series, Biometrika 31 (1940), 313-323: of all that came in two stretches of the same length, half
would come in each. It takes it that everybody comes by themselves; who comes because of others
makes larger differences.
"""

import math
from typing import NamedTuple

# The normal distribution's 97.5 %: 19 of 20 such intervals hold what they are about.
Z = 1.959964


class Share(NamedTuple):
    """A part of a whole, both as numbers of calls."""

    part: int
    whole: int


def wilson(share: Share, z: float = Z) -> tuple[float, float]:
    """Return the score interval of a share of at least one call, from 0 to 1."""
    part, whole = share
    rate, square = part / whole, z * z
    middle = rate + square / (2 * whole)
    reach = z * math.sqrt(rate * (1 - rate) / whole + square / (4 * whole * whole))
    begin, end = ((middle + sign * reach) / (1 + square / whole) for sign in (-1, 1))
    return max(0.0, begin), min(1.0, end)


def difference(now: Share, before: Share, z: float = Z) -> tuple[float, float] | None:
    """Return the interval of `now` - `before`, from -1 to 1; None when one is a share of nothing.

    Without 0 in it, the two differ by more than chance.
    """
    if not now.whole or not before.whole:
        return None
    rate, rate_before = now.part / now.whole, before.part / before.whole
    least, most = wilson(now, z)
    least_before, most_before = wilson(before, z)
    down = math.hypot(rate - least, most_before - rate_before)
    up = math.hypot(most - rate, rate_before - least_before)
    return rate - rate_before - down, rate - rate_before + up


def by_chance(now: Share, before: Share) -> bool | None:
    """Say whether chance alone could make such a difference; None when nothing can be said."""
    found = difference(now, before)
    return None if found is None else found[0] <= 0 <= found[1]


def by_chance_counts(now: int, before: int) -> bool | None:
    """Say the same of how many came in two stretches of the same length; None when nobody did."""
    if not now + before:
        return None
    least, most = wilson(Share(now, now + before))
    return least <= 0.5 <= most
