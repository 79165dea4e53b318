"""Customer taps Call → the advisor's page rings."""

from bench.accept import CALLS, have_calls
from bench.figures import Line, delays

HOW = """The same browsers. From the time stamp of the click on *Call an advisor now* to the
animation frame in which the advisor's *Accept* is painted."""


async def measure(calls: int = CALLS) -> list[Line]:
    samples = [timing.tap_to_ring for timing in await have_calls(calls)]
    return [delays("Call → the advisor's page rings", samples, 60)]
