"""Calls over bad lines: what both sides see and hear of each other."""

import asyncio
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from bench.camera import write_clip
from bench.couple import Couple, Seat, couple
from bench.figures import Line
from bench.line import Host, Network, network
from bench.machine import CHROMIUM
from bench.node import running_node
from bench.router import Shape
from bench.turn import PORT, turn_server
from bench.voice import write_voice

HOW = """The customer, the advisor and the server (with a real coturn) are three hosts in network
namespaces; a router of our own in user space shapes the customer's line in both directions, with
20 ms of delay each way and a queue of 400 ms where nothing else is said. Two Chromium show the
real pages; both sides send a voice, and a street scene that moves all the time at 30 frames a
second: 960×540 on the line of 1 Mbit/s (of 1280×720 two encoders and two decoders without hardware
take all of two cores), 640×360 elsewhere. The customer's browser has been on the page before, over
a fast line; then the line is shaped and the page opened again. *Set up* is from the tap on *Call
an advisor now* to the first frame that the customer sees; the advisor accepts at once. All else is
measured for 20 s, beginning 8 s after both cameras are on: frames decoded, the picture's size at
the end, samples of sound that were made up, and time frozen (W3C webrtc-stats), in both directions
(→ the customer, ← the advisor). *Stills*: the customer has the data saver and sharp stills on; the
longest time between two that arrived. *Address*: the advisor's phone gets another one in mid-call;
the longest time between two frames at the customer's, of which Chromium on Linux takes 2 s to tell
its connections of the new address. *Held down by the processor*: the share of the time in which
the sender's browser made its picture smaller because of it."""
SCRIPT = Path(__file__).with_name("lines.js")
QUEUE_MS = 400
DELAY_MS = 20
SETTLE_SECONDS = 8
SECONDS = 20
PATIENCE_SECONDS = 40
KBIT = 1000
ELSEWHERE = 77


@dataclass(frozen=True)
class Heard:
    """What one side got of the other in some seconds.

    `cpu`: for which share of the time the sender's processor held its picture down.
    """

    fps: float
    width: int
    height: int
    concealed: float
    frozen: float
    codec: str
    protocol: str
    cpu: float

    @classmethod
    def between(
        cls, before: dict[str, Any], after: dict[str, Any], sender: tuple[float, float]
    ) -> "Heard":
        seconds = (after["at"] - before["at"]) / 1000
        samples = after["samples"] - before["samples"]
        return cls(
            fps=(after["frames"] - before["frames"]) / seconds,
            width=after["width"],
            height=after["height"],
            concealed=(after["concealed"] - before["concealed"]) / samples if samples else 1.0,
            frozen=(after["frozen"] - before["frozen"]) / seconds,
            codec=after["codec"].removeprefix("video/"),
            protocol=after["protocol"],
            cpu=(sender[1] - sender[0]) / seconds,
        )

    def __str__(self) -> str:
        picture = f"{self.fps:.1f} fps at {self.width}×{self.height} ({self.codec})"
        said = f"{picture}, {self.concealed:.1%} concealed, {self.frozen:.1%} frozen"
        return f"{said}, held down by the processor {self.cpu:.0%}" if self.cpu > 0.01 else said


@dataclass(frozen=True)
class Talk:
    """A call over a bad line. `set_up` in seconds; `there` is what the customer got."""

    set_up: float
    there: Heard
    back: Heard
    stills: list[dict[str, Any]]
    gap: float

    def __str__(self) -> str:
        return f"→ {self.there}; ← {self.back}; set up in {self.set_up:.1f} s"

    def at_least(self, fps: float, side: int) -> bool:
        """Return whether both pictures have so many frames, and such a shorter side."""
        return all(
            one.fps >= fps and min(one.width, one.height) >= side for one in (self.there, self.back)
        )

    def conceals(self) -> float:
        return max(self.there.concealed, self.back.concealed)

    def freezes(self) -> float:
        return max(self.there.frozen, self.back.frozen)

    def longest_wait(self) -> float:
        """Return the longest time in seconds between two stills that arrived."""
        times = [one["at"] / 1000 for one in self.stills]
        return max((b - a for a, b in pairwise(times)), default=float("inf"))


@dataclass(frozen=True)
class Stage:
    """The network, and the two people."""

    net: Network
    both: Couple
    customer: Host
    advisor: Host

    async def talk(
        self, shape: Shape, during: Callable[[Page], Awaitable[None]] | None = None
    ) -> Talk:
        """Have a call in which the customer's line is like this, both directions alike."""

        async def come_again(page: Page) -> None:
            await self.both.open_page(page)
            await self.net.shape(self.customer, shape)
            await self.both.open_page(page)

        await self.net.shape(self.customer, Shape())
        async with asyncio.timeout(2 * PATIENCE_SECONDS):
            async with self.both.talk(come_again, ring_seconds=0) as page:
                frame = await page.evaluate("firstFrame")
                set_up = (frame["at"] - await page.evaluate("marks.call")) / 1000
                for name in ("Turn microphone on", "Turn camera on"):
                    await page.get_by_role("button", name=name).click()
                if during:
                    await during(page)
                await asyncio.sleep(SETTLE_SECONDS)
                talk = await self._measure(page, set_up)
                # The end of the call is nobody's figure: it goes over a fast line.
                await self.net.shape(self.customer, Shape())
        return talk

    async def _measure(self, page: Page, set_up: float) -> Talk:
        pages = (page, self.both.advisor)
        before = [await one.evaluate("bench.reading()") for one in pages]
        await page.evaluate("bench.stills.length = 0, bench.longest = 0")
        await asyncio.sleep(SECONDS)
        after = [await one.evaluate("bench.reading()") for one in pages]
        cpu = [(a["cpu"], b["cpu"]) for a, b in zip(before, after, strict=True)]
        there, back = map(Heard.between, before, after, reversed(cpu))
        stills, gap = await page.evaluate("[bench.stills, bench.longest / 1000]")
        return Talk(set_up, there, back, stills, gap)


async def measure() -> list[Line]:
    _end_gently()
    async with _stage(960, 540) as stage:
        first = await _surely(_megabit, stage)
    async with _stage(640, 360) as stage:
        return [first, *[await _surely(row, stage) for row in ROWS]]


async def _surely(row: "Row", stage: Stage) -> Line:
    """Measure a row; one that does not come about is told, and takes no other with it."""
    try:
        return await row(stage)
    except TimeoutError:
        name = row.__name__.strip("_").replace("_", " ")
        return Line(name, "a call", "did not come about in time", met=False)


def _end_gently() -> None:
    """Let a SIGTERM end this as Ctrl-C does, so that nothing is left of the network."""
    task = asyncio.current_task()
    assert task
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


async def _megabit(stage: Stage) -> Line:
    talk = await stage.talk(_slow(1000))
    met = talk.at_least(20, 540)
    return Line("1 Mbit/s", "≥ 20 fps at ≥ 540 lines", str(talk), met)


async def _two_hundred(stage: Stage) -> Line:
    talk = await stage.talk(_slow(200))
    met = talk.at_least(10, 1) and talk.conceals() < 0.03
    return Line("200 kbit/s", "≥ 10 fps, < 3 % concealed", str(talk), met)


async def _modem(stage: Stage) -> Line:
    talk = await stage.talk(_slow(56))
    met = talk.at_least(6, 120) and talk.conceals() < 0.03 and talk.set_up < 4
    target = "≥ 6 fps at ≥ 160×120, < 3 % concealed, set up in < 4 s"
    return Line("56 kbit/s", target, str(talk), met, "a prototype: 7.3 fps, 2.2 s")


async def _modem_stills(stage: Stage) -> Line:
    async def save(page: Page) -> None:
        await page.get_by_role("switch", name="Data saver").click()
        await page.get_by_role("checkbox", name="sharp photos").check()

    talk = await stage.talk(_slow(56), save)
    wait, width = talk.longest_wait(), min((one["width"] for one in talk.stills), default=0)
    met = wait <= 8 and width >= 640 and talk.conceals() < 0.03
    kilobytes = [one["bytes"] / 1000 for one in talk.stills]
    said = f"{len(talk.stills)} stills of {width} px, at most {wait:.1f} s apart"
    said += f", {min(kilobytes, default=0):.0f}–{max(kilobytes, default=0):.0f} kB"
    said += f"; → {talk.there.concealed:.1%} concealed, ← {talk.back}"
    target = "stills of ≥ 640 px at least every 8 s, < 3 % concealed"
    return Line("56 kbit/s, stills preferred", target, said, met)


async def _lossy(stage: Stage) -> Line:
    talk = await stage.talk(Shape(delay_ms=DELAY_MS, loss=0.1))
    met = talk.conceals() < 0.01 and talk.freezes() < 0.02
    target = "< 1 % concealed, < 2 % frozen"
    return Line("10 % loss", target, str(talk), met, "browsers' default: 4.6 % concealed")


async def _far(stage: Stage) -> Line:
    talk = await stage.talk(Shape(delay_ms=300, jitter_ms=50))
    return Line("300 ms each way, 50 ms jitter", "said as it is", str(talk), True)


async def _moves(stage: Stage) -> Line:
    gaps: list[float] = []

    async def wander(page: Page) -> None:
        await asyncio.sleep(SETTLE_SECONDS)
        await page.evaluate("bench.longest = 0")
        await stage.net.move(stage.advisor, ELSEWHERE)
        await asyncio.sleep(SETTLE_SECONDS)
        gaps.append(await page.evaluate("bench.longest / 1000"))

    talk = await stage.talk(Shape(delay_ms=DELAY_MS), wander)
    met = gaps[0] < 2.5 and talk.there.fps > 5
    said = f"picture back after {gaps[0]:.2f} s; then {talk.there}"
    return Line("The advisor's address changes", "picture back in < 2.5 s", said, met)


async def _no_udp(stage: Stage) -> Line:
    talk = await stage.talk(Shape(delay_ms=DELAY_MS, udp=False))
    met = talk.set_up < 3 and talk.there.protocol == "tcp"
    said = f"set up in {talk.set_up:.1f} s over {talk.there.protocol.upper()}; → {talk.there}"
    return Line("UDP blocked", "up over TURN/TCP in < 3 s", said, met)


async def _only_443(stage: Stage) -> Line:
    talk = await stage.talk(Shape(delay_ms=DELAY_MS, udp=False, shut=PORT))
    met = talk.set_up < 3 and talk.there.protocol == "tls"
    said = f"set up in {talk.set_up:.1f} s over {talk.there.protocol.upper()}; → {talk.there}"
    return Line("UDP and TURN's own port blocked", "up over TURN/TLS 443 in < 3 s", said, met)


Row = Callable[[Stage], Coroutine[Any, Any, Line]]
ROWS: Sequence[Row] = (
    _two_hundred,
    _modem,
    _modem_stills,
    _lossy,
    _far,
    _no_udp,
    _only_443,
    _moves,
)


def _slow(kilobits: float) -> Shape:
    return Shape(rate=kilobits * KBIT, delay_ms=DELAY_MS, queue_ms=QUEUE_MS)


@asynccontextmanager
async def _stage(width: int, height: int) -> AsyncIterator[Stage]:
    """Open the network, the server and both browsers with a camera of this size."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        camera, voice = write_clip(folder, width, height), write_voice(folder)
        net = await stack.enter_async_context(network(["server", "customer", "advisor"]))
        server, customer, advisor = net.hosts
        turn = await stack.enter_async_context(turn_server(server, folder))
        node = await stack.enter_async_context(
            running_node(folder, server.address, server.inside, **turn)
        )
        # Away from loopback a page needs HTTPS for its camera, or this word.
        flags = (
            f"--unsafely-treat-insecure-origin-as-secure={node.url}",
            f"--use-file-for-fake-audio-capture={voice}",
            # The TURN server's certificate is its own.
            "--ignore-certificate-errors",
        )
        at_home, at_work = (Seat(one.wrapper(folder, CHROMIUM), flags) for one in net.hosts[1:])
        both = await stack.enter_async_context(
            couple(node, camera, at_home, at_work, scripts=[SCRIPT])
        )
        yield Stage(net, both, customer, advisor)
