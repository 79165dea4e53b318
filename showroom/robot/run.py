"""The robot advisor: signs in, answers after two seconds of ringing, shows a car, chats.

It works through the same protocol as a person. The server rings it only while no human advisor is
available. With `still` it sends no media: that is the client of the load tests.
"""

import asyncio
import os
import secrets
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import structlog
from aiortc import MediaStreamTrack
from aiortc.contrib.media import MediaRelay

from media import guard
from showroom.process import stop_signal
from showroom.robot.clip import check_clip
from showroom.robot.peer import RobotPeer
from showroom.robot.relayed import RobotRelay
from showroom.robot.show import Show
from showroom.robot.talk import named, say, topic
from showroom.robot.wire import Wire
from showroom.texts import SOURCE
from showroom.words import ROBOT_REASON, AwayReason

log = structlog.get_logger()

ANSWER_SECONDS = 2.0
NICENESS = 5
CONNECTS = frozenset({"ringing", "connecting", "live"})
TALKS = frozenset({"connecting", "live"})


class Robot:
    """One robot at work. It has at most one call, like every advisor."""

    def __init__(self, url: str, showroom: str, clip: Path | None, still: bool) -> None:
        self.wire = Wire(
            url,
            showroom,
            {
                "advisor_state": self._on_state,
                "call_state": self._on_call,
                "no_call": self._on_no_call,
                "signal": self._on_signal,
                "logged": self._on_logged,
            },
        )
        self._clip, self._still = clip, still
        self._call: dict[str, Any] = {}
        self._peer: RobotPeer | None = None
        self._relay: RobotRelay | None = None
        # While a call goes over from one path to the other, both get the same pictures.
        self._split = MediaRelay()
        self._copies: WeakKeyDictionary[RobotPeer | RobotRelay, dict[str, MediaStreamTrack]] = (
            WeakKeyDictionary()
        )
        self._show: Show | None = None
        self._answering: asyncio.Task[None] | None = None
        self._greeted = ""

    # ------------------------------------------------------------ what the server says

    async def _on_state(self, state: dict[str, Any]) -> None:
        # A robot never needs a break: it comes back, but from where a manager has sent it.
        if state["state"] == "away" and state["away_reason"] != AwayReason.BY_MANAGER:
            await self.wire.send("set_available", {"available": True})

    async def _on_call(self, call: dict[str, Any]) -> None:
        if call["call"] != self._call.get("call"):
            # One state can tell of an end and of the next ring: nothing of the last call stays.
            await self._drop()
        self._call = call
        await self._follow_link(call)
        await self._follow_relay(call)
        if call["state"] == "ringing":
            self._answer_soon(call)
        elif call["state"] in TALKS:
            await self._present(call)
            await self._settle()
            if call["state"] == "live":
                await self._greet(call)
            await self._agree(call)
            if call["photo"] and call["photo"]["state"] == "asked":
                await self._take_photo(call["call"])
        elif call["state"] == "wrap_up":
            await self._drop()
            await self.wire.send(
                "save_outcome",
                {
                    "call": call["call"],
                    "outcome": "invalid",
                    "reason": ROBOT_REASON,
                    "notes": call["notes"],
                },
            )

    async def _on_no_call(self, _: dict[str, Any]) -> None:
        self._call = {}
        await self._drop()

    async def _on_signal(self, message: dict[str, Any]) -> None:
        if self._peer and message["link"] == self._peer.link:
            await self._peer.signal(message)

    async def _on_logged(self, message: dict[str, Any]) -> None:
        entry = message["entry"]
        if entry["kind"] == "chat" and entry["by"] == "customer":
            await self._reply(entry["text"])

    # ------------------------------------------------------------ what the robot does

    async def _follow_link(self, call: dict[str, Any]) -> None:
        if call["state"] not in CONNECTS or not call["ice"]:
            return
        if self._peer and self._peer.link == call["link"] and call["direct"]:
            return
        old, self._peer = self._peer, None
        if call["direct"]:
            self._peer = RobotPeer(call["link"], call["ice"], self.wire.send, self._settle)
        if old:
            await old.close()

    async def _follow_relay(self, call: dict[str, Any]) -> None:
        turn = call["relay"] and call["relay"]["turn"]
        if (self._relay.turn if self._relay else None) == turn:
            return
        old, self._relay = self._relay, None
        if turn is not None and call["ice"] and call["state"] in TALKS:
            self._relay = RobotRelay(turn, call["ice"], self.wire.send, self._settle)
        if old:
            await old.close()

    async def _settle(self) -> None:
        """Of two paths, say which one carries the picture."""
        call = self._call
        if not call.get("relay") or call.get("state") not in TALKS:
            return
        link, relay = self._peer, self._relay
        if call["path"] == "relay" and relay and relay.connected:
            await self.wire.send("settled", {"path": "relay", "number": relay.turn})
        elif call["path"] == "direct" and link and link.connected:
            await self.wire.send("settled", {"path": "direct", "number": link.link})

    def _answer_soon(self, call: dict[str, Any]) -> None:
        if self._answering and not self._answering.done():
            return
        self._answering = asyncio.create_task(self._answer(call["call"], call["ring"]))

    async def _answer(self, call: str, ring: int) -> None:
        await asyncio.sleep(ANSWER_SECONDS)
        if self._call.get("call") == call and self._call.get("state") == "ringing":
            await self.wire.send("accept", {"call": call, "ring": ring})

    async def _present(self, call: dict[str, Any]) -> None:
        """Show the chosen car, or the first of the range."""
        if self._still:
            return
        if self._show is None:
            chosen = call["vehicle"] and call["vehicle"]["id"]
            cars = self._cars
            car = next((v for v in cars if v["id"] == chosen), cars[0])
            # A clip is read once on opening: that is not for the event loop.
            self._show = await asyncio.to_thread(Show, car, call["language"], self._clip)
        for way in (self._peer, self._relay):
            if isinstance(way, RobotPeer) and call["held"]:
                way.silence()
            elif way is not None:
                way.release({} if call["held"] else self._copy(way))

    @property
    def _cars(self) -> list[dict[str, Any]]:
        """What can be shown today."""
        return [car for car in self.wire.config["vehicles"] if not car["withdrawn"]]

    def _copy(self, way: RobotPeer | RobotRelay) -> dict[str, MediaStreamTrack]:
        """Return the show's tracks for one connection, the same at each call."""
        if way not in self._copies and self._show:
            tracks: dict[str, MediaStreamTrack] = self._show.tracks
            self._copies[way] = {
                kind: self._split.subscribe(track) for kind, track in tracks.items()
            }
        return self._copies[way]

    async def _greet(self, call: dict[str, Any]) -> None:
        if self._greeted == call["call"]:
            return
        self._greeted = call["call"]
        await self.wire.send(
            "media_state", {"microphone": not self._still, "camera": not self._still}
        )
        # After a reconnect the log tells that this was said already.
        if self._show and not call["log"]:
            await self._say("hello")
            await self._show_car(self._show.vehicle)

    async def _reply(self, text: str) -> None:
        if self._show is None:
            return
        car = named(text, self._cars)
        if car and car["id"] != self._show.vehicle["id"]:
            self._show.turn_to(car)
            await self._show_car(car)
        else:
            await self._say(topic(text, self._language))

    async def _agree(self, call: dict[str, Any]) -> None:
        """A robot has no voice or picture to protect: whoever wants to record it may."""
        recording = call["recording"]
        if recording and (recording["state"], recording["by"]) == ("asked", "customer"):
            await self.wire.send("consent_recording", {"yes": True})

    async def _take_photo(self, call: str) -> None:
        """Send what the customer asked for, or say that there is none."""
        begun = await self.wire.send("take_photo")
        jpeg = await asyncio.to_thread(self._show.still) if self._show else None
        if begun["ok"] and jpeg and await self.wire.send_photo(call, begun["photo"], jpeg):
            return
        await self.wire.send("cancel_photo")

    async def _show_car(self, car: dict[str, Any]) -> None:
        await self.wire.send("show_vehicle", {"vehicle": car["id"]})
        await self._say("turn")

    @property
    def _language(self) -> str:
        return str(self._call.get("language", SOURCE))

    async def _say(self, key: str) -> None:
        if self._show:
            text = say(key, self._show.vehicle, self._cars, self._language)
            await self.wire.send("chat", {"id": secrets.token_urlsafe(9), "text": text})

    async def _drop(self) -> None:
        """Let go of everything that belonged to a call."""
        if self._answering:
            self._answering.cancel()
            self._answering = None
        self._copies.clear()
        for way in (self._peer, self._relay):
            if way:
                await way.close()
        self._peer = self._relay = None
        show, self._show = self._show, None
        if show:
            show.stop()

    async def close(self) -> None:
        """Leave: end the call's media and the connection."""
        await self._drop()
        await self.wire.close()


async def robot(
    url: str, showroom: str, email: str, password: str, clip: Path | None, still: bool
) -> None:
    """Work as an advisor until stopped, or until another page took the seat.

    Raises `StartupError` when a sign-in fails, the first or a later one.
    """
    guard.install()
    if clip:
        await asyncio.to_thread(check_clip, clip)
    # The robot's picture may be late; nobody's signalling should be.
    os.nice(NICENESS)
    stopped, worker = stop_signal(), Robot(url, showroom, clip, still)
    try:
        await worker.wire.sign_in(email, password)
        await worker.wire.connect()
        worker.wire.over.add_done_callback(lambda _: stopped.set())
        await stopped.wait()
        if worker.wire.over.done():
            worker.wire.over.result()
            log.warning("another page works as this advisor now; the robot leaves")
    finally:
        await worker.close()
