"""How many it takes to answer in time: Erlang C, the queue without end (M/M/n).

A. K. Erlang, Solution of some problems in the theory of probabilities of significance in automatic
telephone exchanges, Elektroteknikeren 13 (1917), 5-13; in today's notation R. B. Cooper,
Introduction to Queueing Theory, 2nd ed. (1981), 3.4 and 3.5. Its chance to wait is made of Erlang
B by the recursion B(n) = a B(n - 1) / (n + a B(n - 1)): no factorials, so nothing overflows, and
all terms are positive, so nothing cancels out.

It takes it that calls come by themselves (Poisson), that they take exponentially distributed
times, that nobody gives up, and that who is there does nothing else: it asks for rather too many.
"""

import math
from collections.abc import Iterator

# Nobody has more advisors at the same time; whoever needs them asks for something impossible.
MOST = 10_000


def blocked(load: float) -> Iterator[float]:
    """Yield Erlang B for 0, 1, 2, … advisors: how likely all of them are busy when nobody waits.

    `load` is the offered traffic in erlangs: calls in a stretch of time × how long each takes ÷
    that stretch.
    """
    share, number = 1.0, 0
    while True:
        yield share
        number += 1
        share = load * share / (number + load * share)


def waits(load: float, advisors: int) -> float:
    """Return Erlang C, how likely somebody has to wait; 1 where the queue would grow for ever."""
    if load <= 0:
        return 0.0 if advisors > 0 else 1.0
    if advisors <= load:
        return 1.0
    share = next(one for number, one in enumerate(blocked(load)) if number == advisors)
    return _waits(load, advisors, share)


def answered_within(load: float, advisors: int, seconds: float, handling_s: float) -> float:
    """Return the share of calls, 0 to 1, that are answered within so many seconds.

    `handling_s`: the mean time that a call takes an advisor.
    """
    return _within(waits(load, advisors), load, advisors, seconds, handling_s)


def needed(load: float, share: float, seconds: float, handling_s: float) -> int:
    """Return the fewest advisors with whom this share is answered within so many seconds.

    `share` is below 1, which no number of them reaches. Without calls it takes nobody. Raises
    `OverflowError` when it takes more than 10,000.
    """
    if load <= 0:
        return 0
    for number, busy in enumerate(blocked(load)):
        if number > MOST:
            raise OverflowError("It takes more advisors than anybody has.")
        if number > load:
            waiting = _waits(load, number, busy)
            if _within(waiting, load, number, seconds, handling_s) >= share:
                return number
    raise AssertionError  # the numbers never end


def _waits(load: float, advisors: int, busy: float) -> float:
    return advisors * busy / (advisors - load * (1 - busy))


def _within(waiting: float, load: float, advisors: int, seconds: float, handling_s: float) -> float:
    if advisors <= load:
        return 0.0
    return 1 - waiting * math.exp(-(advisors - load) * seconds / handling_s)
