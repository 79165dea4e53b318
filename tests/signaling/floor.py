"""A showroom's floor on a real Redis, with time that only moves when a test says so."""

import json
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis

from showroom.hours import ALWAYS_OPEN
from showroom.ids import AppointmentId, CallId, ShowroomId, StaffId, new_id
from showroom.showrooms import Brand, Policy, Showroom
from showroom.words import Path
from signaling.live import LiveAdvisor, LiveCall, LiveState, LogLine, Person
from signaling.pairing import Pairing, Times, prefix
from signaling.visits import BookedVisit

START = 1_800_000_000_000
TIMES = Times(
    queue_grace_ms=30_000,
    call_grace_ms=60_000,
    advisor_grace_ms=75_000,
    connect_ms=45_000,
    wrap_up_ms=900_000,
)
BRAND = Brand("Orvanne", "", "#9a4a1f", "#ffffff", "#16181c", "#f7f4ef")


def a_showroom(**changes: Any) -> Showroom:
    """Return a showroom that is always open and speaks English and French."""
    known = {
        "id": ShowroomId(new_id()),
        "slug": "orvanne",
        "name": "Orvanne Live",
        "brand": BRAND,
        "market": "FR",
        "languages": ("en", "fr"),
        "zone": "Europe/Paris",
        "hours": ALWAYS_OPEN,
        "policy": Policy(),
    }
    return Showroom(**{**known, **changes})


async def records_nothing(_showroom: ShowroomId, _recording: str) -> str:
    """Tell workers that nothing is recorded."""
    return ""


@dataclass
class Floor:
    """Short words for what happens on a floor."""

    redis: Redis
    showroom: Showroom = field(default_factory=a_showroom)
    now: int = START

    def __post_init__(self) -> None:
        self.pairing = Pairing(self.redis, TIMES, now_ms=self.now)
        self.live = LiveState(self.redis)

    async def run(self, op: str, **arguments: Any) -> list[str]:
        return await self.pairing.run(self.showroom, op, **arguments)

    async def wait(self, seconds: float) -> None:
        """Let time pass, and carry out what became due."""
        self.now += int(seconds * 1000)
        self.pairing.now_ms = self.now
        await self.run("sweep", languages=list(self.showroom.languages), most=200)

    async def wait_here(self, seconds: float, *seats: tuple[str, str]) -> None:
        """Let time pass while the pages of these seats stay open."""
        end = self.now + int(seconds * 1000)
        while self.now < end:
            await self.renew(*seats)
            await self.wait(min(15, (end - self.now) / 1000))

    async def tick(self, seconds: float = 0.001) -> None:
        """Let time pass (a moment, so that an order is well defined); nothing is carried out."""
        self.now += int(seconds * 1000)
        self.pairing.now_ms = self.now

    # ------------------------------------------------------------ people

    async def advisor(
        self, name: str, languages: str = "en", stand_in: bool = False, available: bool = True
    ) -> StaffId:
        await self.tick()
        await self.run(
            "sign_on", advisor=name, name=name.title(), languages=languages, stand_in=stand_in
        )
        await self.seat("advisor", name)
        if available:
            await self.run("go_available", advisor=name)
        return StaffId(name)

    async def customer(
        self, name: str, language: str = "en", first: bool = False, seated: bool = True
    ) -> CallId:
        await self.tick()
        await self.run("request", id=name, language=language, fields={"vehicle": ""}, first=first)
        if seated:
            await self.seat("customer", name)
        return CallId(name)

    async def guest(
        self, name: str, host: str | None = "alice", starts_in: float = 0, late_after: float = 120
    ) -> CallId:
        """Let the guest of a booked visit join; it begins so many seconds from now."""
        await self.tick()
        starts = self.now + int(starts_in * 1000)
        visit = BookedVisit(
            id=AppointmentId(f"visit-{name}"),
            advisor=StaffId(host) if host else None,
            kept_until=starts + int(late_after * 1000),
            starts_at=starts,
            name=name.title(),
            wish="the boot",
        )
        fields = {"vehicle": "", **visit.dump()}
        await self.run(
            "request", id=name, language="en", fields=fields, first=False,
            kept_until=visit.kept_until,
        )  # fmt: skip
        await self.seat("customer", name)
        return CallId(name)

    async def keep_free(self, advisor: str, visit: str, seconds: float) -> None:
        until = self.now + int(seconds * 1000)
        await self.run("keep_free", advisor=advisor, visit=visit, until_ms=until)

    async def seat(self, kind: str, who: str, sid: str = "", page: str = "") -> None:
        await self.run(
            "take_seat", kind=kind, id=who, sid=sid or f"sid-{who}", page=page or f"page-{who}"
        )

    async def lose(self, kind: str, who: str, sid: str = "") -> None:
        await self.run("leave_seat", kind=kind, id=who, sid=sid or f"sid-{who}")

    async def renew(self, *seats: tuple[str, str]) -> list[str]:
        rows = [[kind, who, f"sid-{who}"] for kind, who in seats]
        return await self.run("renew_seats", seats=rows)

    # ------------------------------------------------------------ moves

    async def accept(self, advisor: str) -> None:
        state = await self.of(advisor)
        await self.run("accept", advisor=advisor, id=state.call or "", ring=state.ring)

    async def decline(self, advisor: str) -> None:
        state = await self.of(advisor)
        await self.run("decline", advisor=advisor, id=state.call or "", ring=state.ring)

    async def talk(self, call: str, advisor: str) -> None:
        """Bring a ringing call to live."""
        await self.accept(advisor)
        await self.talk_on(call)

    async def talk_on(self, call: str) -> None:
        """Let the customer be connected on the present link."""
        await self.run("connected", side="customer", id=call, link=(await self.call(call)).link)

    # ------------------------------------------------------------ company

    async def invite(self, call: str, secret: str = "secret", seconds: float = 7200) -> None:
        """Let the customer make a link; an empty secret revokes it."""
        until = self.now + int(seconds * 1000)
        await self.run("invite", side="customer", id=call, digest=secret, until_ms=until)

    async def knock(self, call: str, who: str, secret: str = "secret", seated: bool = True) -> None:
        """Let somebody with the link ask to be let in."""
        await self.tick()
        token = f"token-{who}"
        await self.run("knock", id=call, digest=secret, who=who, name=who.title(), token=token)
        if seated:
            await self.place(call, who)

    async def place(self, call: str, who: str, sid: str = "") -> None:
        await self.run("take_place", id=call, who=who, sid=sid or f"sid-{who}")

    async def lose_place(self, call: str, who: str, sid: str = "") -> None:
        await self.run("leave_place", id=call, who=who, sid=sid or f"sid-{who}")

    async def admit(self, call: str, who: str, yes: bool = True) -> None:
        await self.run("admit", side="customer", id=call, who=who, yes=yes)

    async def voice(self, call: str, who: str, yes: bool = True) -> None:
        await self.run("give_voice", side="customer", id=call, who=who, yes=yes)

    async def companion(self, call: str, who: str) -> None:
        """Bring a companion into a call."""
        await self.invite(call)
        await self.knock(call, who)
        await self.admit(call, who)

    async def supervise(self, call: str, who: str = "boss", mode: str = "nobody") -> None:
        """Let the manager who works as `who` join a call."""
        await self.tick()
        person, sid = f"m-{who}", f"sid-{who}"
        await self.run(
            "supervise", id=call, who=person, advisor=who, name=who.title(), mode=mode, sid=sid
        )

    async def take_over(self, call: str, who: str = "boss") -> None:
        name = who.title()
        await self.run("take_over", id=call, who=f"m-{who}", advisor=who, name=name, languages="en")

    async def go(self, call: str, who: str) -> None:
        await self.run("go", id=call, who=who)

    # ------------------------------------------------------------ paths

    async def route(self, call: str, to: str) -> None:
        """Choose a worker for a call, or none."""
        before = (await self.call(call)).relay
        await self.run("route", id=call, **{"from": before, "to": to})

    async def settled(self, call: str, *sides: str) -> None:
        """Let these sides (both, if none is named) have their picture from where it shall come."""
        for side in sides or ("customer", "advisor"):
            now = await self.call(call)
            number = now.turn if now.path is Path.RELAY else now.link
            await self.run(
                "settled", side=side, id=call, advisor=now.advisor, path=now.path, number=number
            )

    async def leg(self, call: str, who: str, **more: Any) -> list[str]:
        """Ask for a place in the relay's room: for a side, or somebody else."""
        now = await self.call(call)
        known: dict[str, Any] = {"id": call, "turn": now.turn}
        if who in ("customer", "advisor"):
            known |= {"side": who, "advisor": now.advisor}
            who = who if who == "customer" else f"a-{now.advisor}"
        return await self.run("leg", **{**known, "who": who, **more})

    async def seats(self, call: str) -> dict[str, str]:
        """Return who may be in the relay's room, and who hears them."""
        *_, seats, _ = await self.run("arrangement", id=call)
        return {seat["who"]: seat["voice"] for seat in json.loads(seats)}

    async def outcome(self, call: str, advisor: str) -> None:
        await self.run(
            "save_outcome", advisor=advisor, id=call, outcome="interested", reason="", notes=""
        )

    # ------------------------------------------------------------ what is

    async def call(self, call: str) -> LiveCall:
        found = await self.live.call(self.showroom.id, CallId(call))
        assert found is not None, f"there is no call {call}"
        return found

    async def field(self, call: str, name: str) -> str | None:
        found = await self.redis.hget(f"{prefix(self.showroom.id)}:call:{call}", name)
        return None if found is None else str(found)

    async def log(self, call: str) -> list[LogLine]:
        return await self.live.log(self.showroom.id, CallId(call))

    async def of(self, advisor: str) -> LiveAdvisor:
        found = await self.live.advisor(self.showroom.id, StaffId(advisor))
        assert found is not None, f"there is no advisor {advisor}"
        return found

    async def person(self, call: str, who: str) -> Person | None:
        return next((one for one in await self.people(call) if one.id == who), None)

    async def people(self, call: str) -> list[Person]:
        return await self.live.people(self.showroom.id, CallId(call))

    async def states(self, *calls: str) -> list[str]:
        return [str((await self.call(call)).state) for call in calls]
