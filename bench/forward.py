"""What a media worker costs: a packet's CPU, its delay, how many viewers a core bears."""

import asyncio
from dataclasses import replace
from statistics import median

from bench.figures import Line
from bench.forwarding.processes import there
from bench.forwarding.run import Cost, hall

HOW = """A media worker, and Janus from Debian's packages at its best setting (`event_loops = 2`),
in turns with the same load: an aiortc publisher for each room plays a clip of 720p that was encoded
once at 1.7 Mbit/s of VP8 (no encoder runs) and paces it as a browser does (2.5 times that rate, not
a frame at once), and viewers that have connected like any other then count packets by their clear
headers, decode nothing, and send a browser's reports each second. The engine has one core to itself
and the load has the other. CPU is the engine's whole process, all threads, over 20 s, by the
packets that arrived; a delay runs from before a frame's last packet is protected by the publisher
to the kernel's time stamp at the viewer, for one viewer in twenty; three runs of each, of which the
middle one counts. *A core* is the most viewers in ten rooms that met both conditions, in steps of
20 up from 400, or down if 400 are too many. *MediaRelay* decodes and encodes anew: two viewers, as
many as its core bears. *Memory* is the resident set after one minute and after ten."""
SETTINGS = ((1, 60), (12, 48))
RUNS = 3
# With three, who decodes has more to do than its core can: it drops pictures and looks cheaper.
DECODED = 2
ROOMS = 10
GOAL, STEP, FEWEST, MOST = 400, 20, 200, 560
LATEST_MS, MOST_LOSS = 20.0, 0.01
MINUTES = 10


async def measure() -> list[Line]:
    costs = {setting: await _in_turns(*setting) for setting in SETTINGS}
    one, many = costs[SETTINGS[0]], costs[SETTINGS[1]]
    decoding = await _cost("decoding", 1, DECODED)
    memory, shared = await _memory()
    return [
        _cpu("60 viewers, one room: CPU a packet", 1.0, one),
        Line(
            "60 viewers, one room: added delay",
            "p95 ≤ 4 ms",
            f"p95 {one['relay'].p95:.1f} ms",
            one["relay"].p95 <= 4,
            f"Janus: {one['janus'].p95:.1f} ms; prototype: 2.3 ms" if "janus" in one else "",
        ),
        _cpu("48 viewers, twelve rooms: CPU a packet", 1.2, many),
        await _capacity(),
        _beside_decoding(decoding, one["relay"]),
        Line(
            f"60 viewers for {MINUTES} minutes: memory",
            "flat (≤ 2 % more)",
            f"{memory / 1e6:.1f} MB after one minute, {shared / 1e6:.1f} MB after {MINUTES}",
            shared <= 1.02 * memory,
        ),
    ]


def _cpu(what: str, most: float, costs: dict[str, Cost]) -> Line:
    ours = costs["relay"]
    target = f"≤ {most:.1f} × Janus"
    measured = f"{ours.micros_a_packet:.1f} µs"
    if "janus" not in costs:
        return Line(what, target, measured, False, "Janus is not installed (Debian: janus)")
    theirs = costs["janus"].micros_a_packet
    ratio = ours.micros_a_packet / theirs
    return Line(
        what, target, f"{measured}, {ratio:.2f} × Janus", ratio <= most, f"Janus: {theirs:.1f} µs"
    )


def _beside_decoding(decoding: Cost, relay: Cost) -> Line:
    ratio = decoding.micros_a_packet / relay.micros_a_packet
    cost = f"MediaRelay: {decoding.micros_a_packet:,.0f} µs, {decoding.cpu / DECODED:.2f} of a core"
    return Line(
        "CPU a packet, beside aiortc's MediaRelay",
        "≥ 100 × less",
        f"{ratio:,.0f} × less",
        ratio >= 100,
        f"{cost} a viewer",
    )


async def _in_turns(rooms: int, viewers: int) -> dict[str, Cost]:
    """Return each engine's middle run."""
    runs: dict[str, list[Cost]] = {}
    for _ in range(RUNS):
        for name in ("relay", "janus"):
            if there(name):
                runs.setdefault(name, []).append(await _cost(name, rooms, viewers))
    return {name: _middle(costs) for name, costs in runs.items()}


def _middle(costs: list[Cost]) -> Cost:
    """Return the run in the middle by its CPU, with the middle of all delays."""
    ordered = sorted(costs, key=lambda cost: cost.micros_a_packet)
    chosen = ordered[len(ordered) // 2]
    return replace(chosen, p95=median(cost.p95 for cost in costs))


async def _cost(name: str, rooms: int, viewers: int) -> Cost:
    async with hall(name, rooms, viewers) as opened:
        return await opened.cost()


async def _capacity() -> Line:
    """Find how many viewers one core bears: up from `GOAL`, or down where that is too many."""
    borne = await _step(GOAL, STEP) or await _step(GOAL - STEP, -STEP)
    what = "Viewers a core, ten rooms, p95 < 20 ms, loss < 1 %"
    if not borne:
        return Line(what, f"≥ {GOAL}", f"fewer than {FEWEST}", False)
    viewers, cost = borne
    found = f"{viewers} (p95 {cost.p95:.1f} ms, loss {cost.loss:.2%}, {cost.cpu:.0%} busy)"
    beside = "prototype, on a faster machine: 430"
    if there("janus"):
        janus = await _cost("janus", ROOMS, viewers)
        beside = (
            f"Janus with as many: p95 {janus.p95:.1f} ms, loss {max(janus.loss, 0):.2%}, "
            f"{janus.cpu:.0%} busy; {beside}"
        )
    return Line(what, f"≥ {GOAL}", found, viewers >= GOAL, beside)


async def _step(viewers: int, step: int) -> tuple[int, Cost] | None:
    """Return the last number of viewers that the core bears, and what they cost."""
    found = None
    while FEWEST <= viewers <= MOST:
        cost = await _cost("relay", ROOMS, viewers)
        bears = cost.p95 < LATEST_MS and cost.loss < MOST_LOSS
        if bears:
            found = viewers, cost
        # Upwards the first number that is too many is the end, downwards the first that is not.
        if bears == (step < 0):
            break
        viewers += step
    return found


async def _memory() -> tuple[int, int]:
    async with hall("relay", 1, 60) as opened:
        await asyncio.sleep(60)
        early = opened.memory()
        await asyncio.sleep((MINUTES - 1) * 60)
        return early, opened.memory()
