"""Whether two shares, counts or means differ by more than chance would have it.

Shares by a plain confidence interval: R. G. Newcombe, Interval estimation for the difference
between independent proportions, Statistics in Medicine 17 (1998), 873-890, method 10: the interval
of the difference is put together from Wilson's score intervals of the two shares. It holds for few
calls and for shares near 0 and 1, too.

Counts by J. Przyborowski and H. Wilenski, Homogeneity of results in testing samples from Poisson
series, Biometrika 31 (1940), 313-323: of all that came in two stretches of the same length, half
would come in each. It takes it that everybody comes by themselves; who comes because of others
makes larger differences.

Means by B. L. Welch, The generalization of "Student's" problem when several different population
variances are involved, Biometrika 34 (1947), 28-35: an interval of the difference that needs no
equal spread. Student's quantiles by the series of M. Abramowitz and I. A. Stegun, Handbook of
Mathematical Functions (1964), 26.7.5.
"""

import math
from typing import NamedTuple

# The normal distribution's 97.5 %: 19 of 20 such intervals hold what they are about.
Z = 1.959964


# Of fewer a mean says too little, and the series is not exact enough.
LEAST_OF_A_MEAN = 5


class Share(NamedTuple):
    """A part of a whole, both as numbers of calls."""

    part: int
    whole: int


class Sample(NamedTuple):
    """What a mean is made of: how many there are, their sum, and the sum of their squares."""

    size: int
    total: float
    squares: float

    @property
    def variance_of_mean(self) -> float:
        """The square of the mean's standard error; `size` is 2 at least."""
        spread = self.squares - self.total**2 / self.size
        return max(0.0, spread) / (self.size - 1) / self.size


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


def by_chance_means(now: Sample, before: Sample) -> bool | None:
    """Say the same of two means; None for fewer than five, or when nothing differs within them."""
    if min(now.size, before.size) < LEAST_OF_A_MEAN:
        return None
    ours, theirs = now.variance_of_mean, before.variance_of_mean
    both = ours + theirs
    if not both:
        return None
    freedom = both**2 / (ours**2 / (now.size - 1) + theirs**2 / (before.size - 1))
    apart = abs(now.total / now.size - before.total / before.size)
    return apart <= student(freedom) * math.sqrt(both)


def student(freedom: float, z: float = Z) -> float:
    """Return Student's quantile where the normal distribution's is `z`; `freedom` is 4 or more."""
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / freedom ** (n + 1) for n, term in enumerate(terms))
