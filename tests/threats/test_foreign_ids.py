"""Every route and every message × ids of another showroom: nothing leaks, nothing moves (threat 9).

The cases are held against the code's own tables, so a new route or message without one fails here.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa
from aiohttp.web import RouteDef
from yarl import URL

from booking.absences import Absences
from booking.feeds import Feeds
from booking.handoff.endpoint import EndpointKind
from booking.handoff.endpoints import Endpoints
from booking.handoff.guard import Guard
from booking.handoff.publishing import Publishing
from booking.handoff.topics import Topic
from booking.outbox import Outbox
from booking.roster import Roster
from showroom import tables
from showroom.clock import system_clock
from showroom.ids import EndpointId, StaffId
from showroom.showrooms import Showrooms
from showroom.vehicles import Vehicles
from signaling.gateway import BY_EVENT, SIDES
from signaling.messages import COMMANDS
from signaling.pairing import prefix
from tests.houses import House, live_call
from tests.people import Boss, Companion, Customer, Employee, Person
from tests.photos import sends_photo
from tests.samples import PASSWORD, a_vehicle
from tests.threats.conftest import Report
from tests.threats.test_foreign_leads import ROUTES as LEADS
from tests.visits import (
    MINUTE_MS,
    a_booked_visit,
    desk_of,
    joins,
    paris_of,
    saved_visit,
    staff_id,
)
from web.api.table import OPERATIONS
from web.routes import routes

CHAT, NOTES, NAME = "canary of the chat", "canary of the notes", "Canary Customer"
PHONE, DIGITS = "06 12 34 56 78", "612345678"
GUEST, WISH = "Canary Guest", "canary of the wish"
FRIEND = "Canary Friend"
ENDPOINT = "canary-of-the-store"
CAR = "only-in-paris"
# A day in 2040: an absence in Paris.
FAR = 2_209_000_000_000


@dataclass(frozen=True)
class Paris:
    """What Lyon must neither see nor touch."""

    call: str
    link: int
    ring: int
    follow_up: str
    alice: str
    bruno: str
    visit: str
    endpoint: str = "endpoint"
    delivery: str = "delivery"
    photo: str = "photo"
    companion: str = "companion"
    manager: str = "manager"
    link_path: str = ""

    def secrets(self) -> tuple[str, ...]:
        known = (self.call, self.follow_up, self.alice, self.visit, self.endpoint, self.delivery)
        people = (self.companion, self.manager, self.photo, FRIEND)
        return (*known, *people, CHAT, NOTES, NAME, DIGITS, GUEST, WISH, ENDPOINT)

    def places(self) -> dict[str, str]:
        """Return what stands in the addresses of routes, by its name there."""
        names = {"showroom": "paris", "call": self.call, "token": self.visit}
        names |= {"visit": self.visit, "advisor": self.alice, "secret": self.alice}
        names |= {"absence": "unknown", "key": "unknown", "person": self.alice}
        names |= {"alarm": "unknown", "kind": "waiting"}
        names |= {"receipt": "unknown", "mail": "unknown", "vehicle": CAR, "name": "a.jpg"}
        names |= {"booking": self.visit, "lead": "unknown", "code": "unknown"}
        names |= {"reservation": "unknown", "follow_up": self.follow_up}
        names |= {"photo": self.photo, "recording": "unknown", "practice": "unknown"}
        names |= {"endpoint": self.endpoint, "delivery": self.delivery}
        names |= {"link": f"{self.call}.{self.companion}"}
        return names


Case = Callable[[Paris], dict[str, Any]]
SAMPLE = {"seconds": 5, "bitrate_in": 1, "bitrate_out": 1, "loss": 0, "frames": 1, "width": 1}
SAMPLE |= {"height": 1, "freezes": 0, "frozen_ms": 0, "concealed": 0, "relayed": False}
EVENTS: dict[str, Case] = {
    "signal": lambda p: {"link": p.link, "description": {"type": "offer", "sdp": "v=0"}},
    "connected": lambda p: {"link": p.link},
    "relink": lambda p: {"link": p.link + 7},
    "relay": lambda _: {"turn": 1, "sdp": "v=0"},
    "settled": lambda p: {"path": "direct", "number": p.link},
    "admit": lambda p: {"person": p.companion, "yes": False},
    "give_voice": lambda p: {"person": p.companion, "yes": True},
    "chat": lambda _: {"id": "foreign", "text": "from Lyon"},
    "point": lambda _: {"x": 0.5, "y": 0.5},
    "cancel_photo": lambda _: {},
    "look_at_photo": lambda p: {"photo": p.photo},
    "draw": lambda p: {"photo": p.photo, "stroke": "s", "start": 0, "points": [0.5, 0.5]},
    "undraw": lambda p: {"photo": p.photo},
    "media_state": lambda _: {"microphone": True, "camera": True},
    "quality": lambda p: {"link": p.link, "limitation": "none", **SAMPLE},
    "ask_photo": lambda _: {},
    "invite": lambda _: {},
    "revoke_invitation": lambda _: {},
    "leave_queue": lambda _: {},
    "hang_up": lambda _: {},
    "rate": lambda _: {"stars": 1, "comment": "from Lyon"},
    "set_available": lambda _: {"available": True},
    "accept": lambda p: {"call": p.call, "ring": p.ring},
    "decline": lambda p: {"call": p.call, "ring": p.ring},
    "hold": lambda _: {},
    "resume": lambda _: {},
    "show_vehicle": lambda _: {"vehicle": CAR},
    "show_store_link": lambda _: {"vehicle": CAR},
    "take_photo": lambda _: {},
    "save_notes": lambda _: {"notes": "from Lyon"},
    "list_colleagues": lambda _: {},
    "transfer": lambda p: {"advisor": p.bruno},
    "end_call": lambda _: {},
    "save_outcome": lambda p: {"call": p.call, "outcome": "invalid"},
    "take_follow_up": lambda p: {"follow_up": p.follow_up},
    "release_follow_up": lambda p: {"follow_up": p.follow_up},
    "finish_follow_up": lambda p: {"follow_up": p.follow_up},
    "raise_hand": lambda _: {"up": True},
    "leave_call": lambda _: {},
    "record": lambda _: {},
    "consent_recording": lambda _: {"yes": True},
    "stop_recording": lambda _: {"erase": True},
    "supervise": lambda p: {"call": p.call, "mode": "nobody"},
    "take_over": lambda _: {},
}
# What names an id of Paris is refused; with this code for those of Lyon who may send it, and are in
# a live call there: nothing but the id is wrong.
NAMES_PARIS = {
    "accept": "illegal_move",
    "decline": "illegal_move",
    "show_vehicle": "not_found",
    # Neither has Lyon a store.
    "show_store_link": "illegal_move",
    "transfer": "advisor_not_free",
    "save_outcome": "not_found",
    "take_follow_up": "not_found",
    "release_follow_up": "not_found",
    "finish_follow_up": "not_found",
    "admit": "not_found",
    "give_voice": "not_found",
    "supervise": "illegal_move",
    "take_over": "not_found",
}

Cases = list[tuple[str, str, set[int]]]
# Of an advisor's own agenda, of the team's, of what the latter names by an id, and of changes.
OWN: Cases = [
    ("nobody", "?showroom=paris", {303}),
    ("lea", "?showroom=paris", {403}),
    ("chief", "?showroom=paris", {403}),
    ("lea", "", {200}),
]
TEAM: Cases = [
    ("nobody", "?showroom=paris", {303}),
    ("chief", "?showroom=paris", {403}),
    ("lea", "?showroom=paris", {403}),
    ("lea", "", {403}),
    ("chief", "", {200}),
]
NAMED: Cases = [
    ("nobody", "?showroom=paris", {303}),
    ("chief", "?showroom=paris", {403}),
    ("lea", "?showroom=lyon", {403}),
    ("chief", "?showroom=lyon", {404}),
]
CHECKS: Cases = [
    ("nobody", "?showroom=paris", {303}),
    ("lea", "?showroom=paris", {403}),
    ("chief", "?showroom=paris", {403}),
    ("lea", "?showroom=lyon", {404}),
    ("chief", "?showroom=lyon", {404}),
]
PRACTICE: Cases = [
    ("nobody", "?showroom=paris", {303}),
    ("lea", "?showroom=paris", {403}),
    ("chief", "?showroom=lyon", {403}),
    ("lea", "?showroom=lyon", {404}),
]
CALL: Cases = [
    ("nobody", "?showroom=paris", {303}),
    ("lea", "?showroom=paris", {403}),
    ("chief", "?showroom=paris", {403}),
    ("chief", "?showroom=lyon", {404}),
    ("chief", "", {404}),
]
CHANGE: Cases = [("nobody", "", {403}), ("lea", "", {403}), ("chief", "", {403})]

# By method and path: who asks, with what, and what is right. {call} is the call in Paris.
ROUTES: dict[tuple[str, str], Cases] = {
    ("GET", "/"): [("chief", "", {200})],
    ("GET", "/check"): [("chief", "", {200})],
    ("GET", "/health"): [("nobody", "", {200})],
    ("GET", "/s/{showroom}"): [("nobody", "", {200}), ("chief", "", {200})],
    ("GET", "/s/{showroom}/brand.css"): [("nobody", "", {200})],
    ("GET", "/s/{showroom}/widget.js"): [("nobody", "", {200})],
    ("POST", "/s/{showroom}/calls"): [("nobody", "", {403}), ("chief", "", {403})],
    ("POST", "/s/{showroom}/call-backs"): [("nobody", "", {403}), ("chief", "", {403})],
    # A call's id is not its link.
    ("GET", "/s/{showroom}/join/{link}"): [("nobody", "", {404}), ("chief", "", {404})],
    ("POST", "/s/{showroom}/join/{link}"): [("nobody", "", {403}), ("chief", "", {403})],
    ("GET", "/s/{showroom}/book"): [("nobody", "", {200}), ("chief", "", {200})],
    ("GET", "/s/{showroom}/slots"): [
        ("nobody", "?language=en", {200}),
        ("nobody", "", {400}),
    ],
    ("GET", "/s/{showroom}/dealers"): [("nobody", "", {200}), ("chief", "", {200})],
    ("GET", "/s/{showroom}/store"): [("nobody", "", {404}), ("chief", "", {404})],
    ("GET", "/s/{showroom}/check"): [("nobody", "", {200}), ("chief", "", {200})],
    ("POST", "/s/{showroom}/check/ways"): [("nobody", "", {403}), ("chief", "", {403})],
    ("GET", "/s/{showroom}/check/down"): [("nobody", "", {403}), ("chief", "", {403})],
    ("POST", "/s/{showroom}/check/up"): [("nobody", "", {403}), ("chief", "", {403})],
    ("POST", "/s/{showroom}/check/results"): [("nobody", "", {403}), ("chief", "", {403})],
    # `tests/web/test_check.py` asks with a code of another showroom.
    ("GET", "/advisor/checks/{code}"): CHECKS,
    ("GET", "/manager/checks/{code}"): CHECKS,
    ("POST", "/s/{showroom}/holds"): [("nobody", "", {403}), ("chief", "", {403})],
    # An appointment's id is not its token.
    # A photo's address is no key, and neither is its call's id.
    ("GET", "/s/{showroom}/photos/{photo}"): [
        (who, "", {404}) for who in ("nobody", "lea", "chief")
    ],
    ("GET", "/s/{showroom}/photos/{photo}/small"): [
        (who, "", {404}) for who in ("nobody", "lea", "chief")
    ],
    ("GET", "/p/{token}"): [("nobody", "", {404}), ("chief", "", {404})],
    ("GET", "/p/{token}/{photo}"): [("nobody", "", {404}), ("chief", "", {404})],
    ("POST", "/advisor/calls/{call}/photos/{photo}"): CHANGE,
    ("GET", "/v/{token}"): [("nobody", "", {404}), ("lea", "", {404}), ("chief", "", {404})],
    ("GET", "/v/{token}/state"): [("nobody", "", {404}), ("chief", "", {404})],
    ("GET", "/v/{token}/slots"): [("nobody", "", {404}), ("chief", "", {404})],
    ("GET", "/v/{token}/visit.ics"): [("nobody", "", {404}), ("chief", "", {404})],
    ("POST", "/v/{token}/release"): [("nobody", "", {403}), ("chief", "", {403})],
    ("POST", "/v/{token}/confirm"): [("nobody", "", {403}), ("chief", "", {403})],
    ("POST", "/v/{token}/reschedule"): [("nobody", "", {403}), ("chief", "", {403})],
    ("POST", "/v/{token}/cancel"): [("nobody", "", {403}), ("chief", "", {403})],
    ("POST", "/v/{token}/rebook"): [("nobody", "", {403}), ("chief", "", {403})],
    ("POST", "/v/{token}/join"): [("nobody", "", {403}), ("chief", "", {403})],
    ("GET", "/staff/login"): [("chief", "", {200})],
    ("POST", "/staff/login"): [("nobody", "", {403})],
    ("POST", "/staff/logout"): [("nobody", "", {403})],
    # Without a provider there is no such way in.
    ("GET", "/staff/company"): [("nobody", "", {404}), ("chief", "", {404})],
    ("GET", "/staff/company/back"): [("nobody", "", {404}), ("chief", "", {404})],
    # Without a password that was right just now there is no second step.
    ("GET", "/staff/second"): [("nobody", "", {404}), ("chief", "", {404})],
    ("POST", "/staff/second"): [("nobody", "", {403})],
    ("GET", "/staff/account"): [("nobody", "", {303}), ("lea", "", {200}), ("chief", "", {200})],
    **{
        ("POST", f"/staff/account/factor{act}"): [("nobody", "", {403}), ("chief", "", {403})]
        for act in ("", "/confirm", "/remove")
    },
    ("GET", "/staff/forgot"): [("nobody", "", {200}), ("chief", "", {200})],
    ("POST", "/staff/forgot"): [("nobody", "", {403})],
    # Somebody's id is not their link.
    ("GET", "/staff/link/{token}"): [("nobody", "", {404}), ("chief", "", {404})],
    ("POST", "/staff/link/{token}"): [("nobody", "", {403}), ("chief", "", {403})],
    ("GET", "/advisor"): [
        ("nobody", "?showroom=paris", {303}),
        ("lea", "?showroom=paris", {403}),
        ("chief", "?showroom=paris", {403}),
        ("lea", "", {200}),
    ],
    ("GET", "/advisor/agenda"): OWN,
    ("GET", "/advisor/leads"): OWN,
    ("GET", "/advisor/agenda/days"): OWN,
    ("GET", "/advisor/agenda/roster"): OWN,
    ("GET", "/advisor/agenda/effect"): [
        ("nobody", "?showroom=paris", {303}),
        ("lea", "?showroom=paris&begins=2031-01-01T00:00&ends=2031-01-02T00:00", {403}),
        ("lea", "?begins=2000-01-01T00:00&ends=2199-01-01T00:00", {200}),
    ],
    ("POST", "/advisor/agenda/hours"): CHANGE,
    ("POST", "/advisor/agenda/absences"): CHANGE,
    ("POST", "/advisor/agenda/absences/{absence}/remove"): CHANGE,
    ("POST", "/advisor/agenda/feed"): CHANGE,
    ("POST", "/advisor/agenda/feed/revoke"): CHANGE,
    # An advisor's id is not the secret of their feed.
    ("GET", "/calendar/{secret}.ics"): [("nobody", "", {404}), ("chief", "", {404})],
    ("GET", "/manager/showroom"): TEAM,
    ("GET", "/manager/log"): TEAM,
    ("GET", "/manager/showroom/holidays"): [
        ("nobody", "?showroom=paris&country=FR", {303}),
        ("chief", "?showroom=paris&country=FR", {403}),
        ("lea", "?country=FR", {403}),
        ("chief", "?country=FR", {200}),
    ],
    ("POST", "/manager/showroom/settings"): CHANGE,
    ("POST", "/manager/showroom/logo"): CHANGE,
    ("GET", "/manager/vehicles"): TEAM,
    **{("GET", f"/manager/vehicles{part}"): TEAM for part in (".csv", "/import", "/apply", "/new")},
    ("POST", "/manager/vehicles/import"): CHANGE,
    ("POST", "/manager/vehicles/apply"): CHANGE,
    ("POST", "/manager/vehicles/new"): CHANGE,
    ("GET", "/manager/vehicles/cars/{vehicle}"): NAMED,
    ("GET", "/manager/vehicles/cars/{vehicle}/pictures"): NAMED,
    # Customers see them; whoever has the address of one may.
    ("GET", "/pictures/{showroom}/{name}"): [("nobody", "", {404}), ("chief", "", {404})],
    **{
        ("POST", f"/manager/vehicles/cars/{{vehicle}}{act}"): CHANGE
        for act in ("", "/withdraw", "/bring-back", "/pictures", "/pictures/remove")
    },
    # `tests/showroom/test_team.py` changes people of another showroom.
    ("GET", "/manager/staff"): TEAM,
    ("POST", "/manager/staff"): CHANGE,
    **{
        ("POST", f"/manager/staff/{{person}}/{act}"): CHANGE
        for act in ("invite-again", "take-back", "roles", "disable", "enable", "reset-factor")
    },
    ("GET", "/manager/keys"): TEAM,
    ("POST", "/manager/keys"): CHANGE,
    ("POST", "/manager/keys/{key}/revoke"): CHANGE,
    # A session is no key; `tests/web/api` asks with keys of another showroom.
    ("GET", "/api/v1/openapi.json"): [("nobody", "", {200})],
    ("GET", "/api/v1/docs"): [("nobody", "", {200})],
    **{
        (one.method, one.address): [("nobody", "", {401}), ("chief", "", {401})]
        for one in OPERATIONS
    },
    ("GET", "/manager/agenda"): TEAM,
    ("GET", "/manager/leads"): TEAM,
    ("GET", "/manager/agenda/days"): TEAM,
    ("GET", "/manager/agenda/visits/{visit}/takers"): NAMED,
    ("POST", "/manager/agenda/visits/{visit}/advisor"): CHANGE,
    ("GET", "/manager/agenda/advisors/{advisor}/roster"): NAMED,
    ("GET", "/manager/agenda/advisors/{advisor}/effect"): NAMED,
    ("POST", "/manager/agenda/advisors/{advisor}/hours"): CHANGE,
    ("POST", "/manager/agenda/advisors/{advisor}/absences"): CHANGE,
    ("POST", "/manager/agenda/advisors/{advisor}/absences/{absence}/remove"): CHANGE,
    # A paper of the operator's, not of a showroom; without its token it is not there.
    ("GET", "/metrics"): [("nobody", "", {404}), ("chief", "", {404})],
    ("GET", "/manager/privacy"): TEAM,
    ("POST", "/manager/privacy"): CHANGE,
    ("GET", "/manager/privacy/erase"): TEAM,
    ("POST", "/manager/privacy/export"): CHANGE,
    ("POST", "/manager/privacy/erase"): CHANGE,
    # `tests/web/test_privacy.py` asks for a receipt of another showroom.
    ("GET", "/manager/privacy/receipts/{receipt}"): NAMED,
    ("GET", "/manager/privacy/receipts/{receipt}.json"): NAMED,
    ("GET", "/manager/handoff"): TEAM,
    ("GET", "/manager/handoff/endpoints"): TEAM,
    ("GET", "/manager/handoff/deliveries"): TEAM,
    ("GET", "/manager/handoff/deliveries/{delivery}"): NAMED,
    ("POST", "/manager/handoff/endpoints"): CHANGE,
    ("POST", "/manager/handoff/endpoints/{endpoint}/move"): CHANGE,
    ("POST", "/manager/handoff/endpoints/{endpoint}/rotate"): CHANGE,
    ("POST", "/manager/handoff/endpoints/{endpoint}/end-rotation"): CHANGE,
    ("POST", "/manager/handoff/endpoints/{endpoint}/enable"): CHANGE,
    ("POST", "/manager/handoff/endpoints/{endpoint}/disable"): CHANGE,
    ("POST", "/manager/handoff/endpoints/{endpoint}/remove"): CHANGE,
    ("POST", "/manager/handoff/endpoints/{endpoint}/replay"): CHANGE,
    ("POST", "/manager/handoff/deliveries/{delivery}/replay"): CHANGE,
    # Without a signature nobody is told anything.
    ("POST", "/api/v1/store/events"): [("nobody", "", {401}), ("chief", "", {401})],
    # A reservation's id is not its token, and a customer's token not the dealer's.
    ("GET", "/r/{token}"): [("nobody", "", {404}), ("chief", "", {404})],
    ("POST", "/r/{token}/cancel"): [("nobody", "", {403}), ("chief", "", {403})],
    ("GET", "/r/dealer/{token}"): [("nobody", "", {404}), ("chief", "", {404})],
    ("POST", "/r/dealer/{token}/redeem"): [("nobody", "", {403}), ("chief", "", {403})],
    ("POST", "/advisor/reservations"): CHANGE,
    ("POST", "/advisor/reservations/{reservation}/cancel"): CHANGE,
    ("GET", "/manager/reservations"): TEAM,
    ("GET", "/manager/reservations.csv"): TEAM,
    ("GET", "/manager/dealers"): TEAM,
    ("POST", "/manager/dealers"): CHANGE,
    ("POST", "/manager/dealers/close"): CHANGE,
    ("POST", "/manager/dealers/reopen"): CHANGE,
    ("GET", "/manager"): [
        ("nobody", "?showroom=paris", {303}),
        ("chief", "?showroom=paris", {403}),
        ("lea", "?showroom=paris", {403}),
        ("chief", "?showroom=lyon&showroom=paris", {200}),
        ("chief", "", {200}),
    ],
    ("GET", "/manager/figures"): TEAM,
    ("GET", "/manager/figures.csv"): TEAM,
    ("GET", "/manager/figures/traffic"): TEAM,
    ("GET", "/manager/figures/traffic.csv"): TEAM,
    ("GET", "/manager/figures/yield"): TEAM,
    ("GET", "/manager/figures/yield.csv"): TEAM,
    ("POST", "/manager/figures/mails"): CHANGE,
    ("POST", "/manager/figures/mails/{mail}/stop"): CHANGE,
    ("GET", "/staff/mails/{token}"): [("nobody", "", {404}), ("chief", "", {404})],
    ("POST", "/staff/mails/{token}"): [("nobody", "", {403}), ("chief", "", {403})],
    ("GET", "/manager/figures/advisors"): TEAM,
    ("GET", "/manager/figures/advisors.csv"): TEAM,
    ("GET", "/manager/figures/staffing"): TEAM,
    ("GET", "/manager/figures/staffing.csv"): TEAM,
    ("GET", "/manager/today"): [
        ("nobody", "?showroom=paris", {303}),
        ("chief", "?showroom=paris", {403}),
        ("lea", "?showroom=paris", {403}),
        ("chief", "", {200}),
    ],
    ("POST", "/manager/follow-ups/{follow_up}/release"): CHANGE,
    # `tests/web/test_floor.py` gives orders about what is another showroom's.
    ("POST", "/manager/floor/queue"): CHANGE,
    ("POST", "/manager/floor/notice"): CHANGE,
    ("POST", "/manager/floor/advisors/{advisor}"): CHANGE,
    ("POST", "/manager/floor/calls/{call}"): CHANGE,
    ("POST", "/manager/floor/campaign"): CHANGE,
    # `tests/web/test_alarms.py` asks for alarms of another showroom.
    ("POST", "/manager/floor/alarms/{kind}"): CHANGE,
    ("GET", "/manager/alarms"): TEAM,
    ("POST", "/manager/alarms/{alarm}/acknowledge"): CHANGE,
    # `tests/web/test_recordings.py` and `test_practice.py` ask for what is another's.
    ("GET", "/manager/recordings/{recording}"): NAMED,
    ("POST", "/manager/recordings/{recording}/link"): CHANGE,
    ("POST", "/manager/recordings/{recording}/erase"): CHANGE,
    ("GET", "/manager/recordings/{recording}/copy"): NAMED,
    ("GET", "/manager/recordings/{recording}/copy/progress"): NAMED,
    ("POST", "/manager/recordings/{recording}/copy"): CHANGE,
    ("POST", "/manager/recordings/{recording}/copy/link"): CHANGE,
    ("POST", "/manager/recordings/{recording}/copy/cancel"): CHANGE,
    ("GET", "/advisor/practice"): OWN,
    ("POST", "/advisor/practice"): CHANGE,
    ("GET", "/advisor/practice/{practice}"): PRACTICE,
    ("GET", "/advisor/practice/{practice}/film"): PRACTICE,
    ("POST", "/advisor/practice/{practice}/offer"): CHANGE,
    ("POST", "/advisor/practice/{practice}/stills"): CHANGE,
    ("POST", "/advisor/practice/{practice}/end"): CHANGE,
    ("POST", "/advisor/practice/{practice}/erase"): CHANGE,
    ("POST", "/advisor/calls/{call}/stills"): CHANGE,
    ("GET", "/manager/stills"): TEAM,
    ("GET", "/manager/calls"): TEAM,
    ("GET", "/manager/calls/{call}"): CALL,
    ("GET", "/manager/calls/{call}/timeline"): CALL,
}


@asynccontextmanager
async def busy_paris(house: House) -> AsyncIterator[Paris]:
    """Yield a Paris with a live call and a guest who waits, and all that is private about it.

    The guest's visit is in the record as that of an advisor who works in Lyon, too.
    """
    vehicles = Vehicles(house.node.shared.database)
    await vehicles.save(a_vehicle(house.paris, CAR))
    async with (
        live_call(house) as (customer, alice, call),
        house.employee("b") as bruno,
        house.customer("guest") as guest,
        house.companion() as friend,
        house.boss() as boss,
    ):
        lea = await staff_id(house.node.shared.database, "lea@example.com")
        visit = a_booked_visit(lea, 5 * MINUTE_MS, name=GUEST, wish=WISH)
        await saved_visit(
            house.node.shared.database, house.paris, lea, visit.starts_at,
            id=visit.id, name=GUEST, wish=WISH,
        )  # fmt: skip
        await joins(guest, house.node.shared, visit)
        await desk_of(house.node.shared).visits_changed(house.paris, [lea])
        await bruno.work("bruno@example.com", PASSWORD)
        await until_known(alice)
        token = await customer.csrf("/s/paris")
        wish = {"name": NAME, "phone": PHONE, "consent": True, "language": "fr"}
        async with customer.http.post(
            f"{house.url}/s/paris/call-backs", json=wish, headers={"X-CSRF-Token": token}
        ) as response:
            assert response.status == 201
        await customer.send("chat", id="k", text=CHAT)
        await alice.send("save_notes", notes=NOTES)
        item = (await alice.until("follow_ups", lambda m: bool(m["items"])))["items"][0]
        state = await alice.until_call("live")
        colleagues = (await alice.send("list_colleagues"))["colleagues"]
        redis = house.node.shared.redis
        names = await redis.smembers(f"{prefix(house.paris)}:advisors")
        other = next(str(name) for name in names if name != colleagues[0]["id"])
        ids = item["id"], other, colleagues[0]["id"], visit.id
        told = await something_told(house)
        photo = await sends_photo(alice, call)
        line = {"photo": photo, "stroke": "k", "start": 0, "points": [0.1, 0.2]}
        assert (await customer.send("draw", **line))["ok"]
        path = (await customer.send("invite"))["path"]
        me = (await friend.ask(path, FRIEND))["id"]
        assert (await alice.send("admit", person=me, yes=True))["ok"]
        await friend.until_joined(lambda joined: bool(joined["me"]["state"] == "in"))
        await boss.watch("boss@example.com", PASSWORD)
        manager = (await boss.supervise(call))["me"]["id"]
        # Until no change of ours is under way any more.
        await customer.until_newest("call_state", lambda shown: len(shown["people"]) == 2)
        joined = me, manager, path
        yield Paris(call, state["link"], state["ring"], *ids, *told, photo, *joined)


async def something_told(house: House) -> tuple[str, str]:
    """Have an endpoint in Paris, and a delivery that failed; return their ids."""
    shared = house.node.shared
    endpoints = Endpoints(shared.database, Guard(), system_clock)
    endpoint = await endpoints.add(
        house.paris,
        EndpointKind.WEBHOOK,
        ENDPOINT,
        f"https://{ENDPOINT}.invalid",
        [Topic.CALL_ENDED],
    )
    publishing = Publishing(Outbox(shared.database, system_clock), system_clock)
    async with shared.database.write() as connection:
        await publishing.publish(
            connection, house.paris, Topic.CALL_ENDED, "call", {"name": NAME}, None
        )
        which = tables.outbox.c.endpoint_id == endpoint.id
        failed = {"finished_at": system_clock(), "result": "failed"}
        await connection.execute(sa.update(tables.outbox).where(which).values(failed))
        delivery = await connection.scalar(sa.select(tables.outbox.c.id).where(which))
    return endpoint.id, str(delivery)


async def until_known(alice: Employee) -> None:
    """Wait until the node knows the car that only Paris has: it can be shown there."""
    async with asyncio.timeout(10):
        while not (await alice.send("show_vehicle", vehicle=CAR))["ok"]:
            await asyncio.sleep(0.1)


async def snapshot(house: House) -> dict[str, Any]:
    """Return everything that Redis knows of Paris, without what changes by itself."""
    redis, start = house.node.shared.redis, prefix(house.paris)
    kept: dict[str, Any] = {}
    for kind in ("call", "adv", "people"):
        async for key in redis.scan_iter(f"{start}:{kind}:*"):
            known = await redis.hgetall(key)
            known.pop("kept_until", None)  # said anew every few seconds, before a visit
            kept[key] = known
    async for key in redis.scan_iter(f"{start}:log:*"):
        kept[key] = await redis.lrange(key, 0, -1)
    async for key in redis.scan_iter(f"{start}:ink:*"):
        kept[key] = await redis.hgetall(key)
    return kept


def test_every_message_has_a_case() -> None:
    assert set(EVENTS) == {command.event for command in COMMANDS}


def test_every_route_has_a_case() -> None:
    known = [
        (route.method, route.path)
        for route in routes()
        if isinstance(route, RouteDef) and not route.path.startswith("/static/")
    ]
    assert ROUTES.keys() | LEADS.keys() == set(known)
    assert len(known) == len(set(known)), "each stands once in the table"


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_a_case_fits_its_message(event: str) -> None:
    kind = next(command for command in COMMANDS if command.event == event)
    kind.model_validate(EVENTS[event](Paris("call", 1, 1, "follow", "alice", "bruno", "visit")))


async def test_no_message_from_lyon_sees_or_moves_anything_in_paris(
    house: House, figure: Report
) -> None:
    sent = 0
    async with (
        busy_paris(house) as paris,
        Employee(house.url, "lyon") as lea,
        Customer(house.url, "lyon") as caller,
        Customer(house.url, "lyon") as visitor,
        Boss(house.url, "lyon") as chief,
        Companion(house.url, "lyon") as friend,
    ):
        before = await snapshot(house)
        await lea.work("lea@example.com", PASSWORD)
        await caller.call()
        link = (await lea.accept())["link"]
        assert (await caller.send("connected", link=link))["ok"]
        await visitor.connect()
        assert await chief.sign_in("chief@example.com", PASSWORD) == 303
        await chief.connect()
        me = (await friend.ask((await caller.send("invite"))["path"], "Lyonnais"))["id"]
        assert (await caller.send("admit", person=me, yes=True))["ok"]
        people: tuple[Person, ...] = (lea, caller, visitor, chief, friend)
        # Those that name an id first, as long as the call in Lyon lasts.
        for event in sorted(EVENTS, key=lambda name: name not in NAMES_PARIS):
            for person in people:
                answer = await person.send(event, **EVENTS[event](paris))
                sent += 1
                if event in NAMES_PARIS:
                    may = SIDES[person.space] in BY_EVENT[event].senders
                    code = NAMES_PARIS[event] if may else "bad_request"
                    assert answer.get("code") == code, (event, person.space, answer)
                assert_silent(answer, paris)
        assert (await lea.until("visits"))["items"] == []
        for person in people:
            assert_silent(person.heard, paris)
        assert await snapshot(house) == before
    figure(f"{sent} messages with ids of another showroom: 0 leaks, 0 changes there")


def assert_silent(what: object, paris: Paris) -> None:
    text = what if isinstance(what, str) else json.dumps(what, ensure_ascii=False)
    found = [secret for secret in paris.secrets() if secret in text]
    assert not found, text[:500]


async def test_no_route_shows_paris_to_lyon(house: House, figure: Report) -> None:
    asked = 0
    async with (
        busy_paris(house) as paris,
        Employee(house.url, "lyon") as lea,
        Boss(house.url, "lyon") as chief,
        aiohttp.ClientSession() as nobody,
    ):
        await lea.sign_in("lea@example.com", PASSWORD)
        await chief.sign_in("chief@example.com", PASSWORD)
        browsers = {"lea": lea.http, "chief": chief.http, "nobody": nobody}
        for (method, path), cases in ROUTES.items():
            for who, query, right in cases:
                url = house.url + path.format(**paris.places()) + query
                async with browsers[who].request(method, url, allow_redirects=False) as response:
                    assert response.status in right, (method, url, who)
                    text = await response.text()
                    if "/calls/" in path:
                        text = text.replace(paris.call, "", 1)
                    elif path.endswith("/book"):
                        # Whom a customer may ask for is public: a first name, and a handle to it.
                        text = text.replace(paris.alice, "")
                    assert_silent(text, paris)
                asked += 1
    figure(f"{asked} requests over {len(ROUTES)} routes: 0 leaks")


async def post(who: Person, path: str, body: dict[str, Any]) -> tuple[int, str]:
    """Send a change as a page of their own does, with their session and its token."""
    token = await who.csrf("/s/lyon")
    is_form = path.startswith("/staff")
    async with who.http.post(
        who.url + path,
        data={"csrf": token, **body} if is_form else None,
        json=None if is_form else body,
        headers={"X-CSRF-Token": token, "Accept": "application/json"},
        allow_redirects=False,
    ) as response:
        return response.status, await response.text()


async def test_no_change_that_lyon_may_make_reaches_paris(house: House, figure: Report) -> None:
    """With a right token of their own: so the showroom's filter itself is what has to hold."""
    wish = {"name": "Lyon", "consent": True, "language": "fr"}
    async with (
        busy_paris(house) as paris,
        Employee(house.url, "lyon") as lea,
        Boss(house.url, "lyon") as chief,
        a_waiting_ticket(house) as ticket,
    ):
        await lea.sign_in("lea@example.com", PASSWORD)
        await chief.sign_in("chief@example.com", PASSWORD)
        waiting = ticket.split(".")[1]
        before = await snapshot(house)
        # Two numbers: what one asks for twice is one call-back.
        for who, phone in ((lea, "0698765432"), (chief, "0698765433")):
            who.http.cookie_jar.update_cookies({"vs_call": ticket}, response_url=URL(house.url))
            # Paris' ticket says nothing in Lyon.
            status, text = await post(who, "/s/lyon/call-backs", {**wish, "phone": phone})
            assert status == 201, text
            assert_silent(text, paris)
            # The only car of Paris is no car of Lyon; one that both have is.
            asked = {"language": "fr", "vehicle": CAR}
            status, text = await post(who, "/s/lyon/calls", asked)
            assert (status, json.loads(text)["code"]) == (404, "not_found")
            status, text = await post(who, "/s/lyon/calls", {**asked, "vehicle": "crete"})
            assert status == 201, text
            assert_silent(text, paris)
            wrong = {"email": "alice@example.com", "password": "x", "next": "/manager"}
            status, text = await post(who, "/staff/login", wrong)
            assert status == 401
            assert_silent(text, paris)
            status, text = await post(who, "/staff/logout", {})
            assert status == 303
        async with house.node.shared.database.read() as connection:
            kept = (await connection.execute(sa.select(tables.follow_ups))).all()
        lyons = [row for row in kept if row.showroom_id != house.paris]
        assert [(row.name, row.call_id) for row in lyons] == [("Lyon", None)] * 2
        assert [row.name for row in kept if row.showroom_id == house.paris] == [NAME]
        assert await snapshot(house) == before
        assert waiting in str(before), "the ticket was that of a call in Paris"
    figure("10 changes with a right token and ids of another showroom: 0 reached it")


async def test_no_agenda_of_lyon_shows_or_moves_anything_in_paris(
    house: House, figure: Report
) -> None:
    """Visits, hours, absences and feeds: with a right token, and ids of Paris in the address."""
    database = house.node.shared.database
    away = {"begins": "2031-01-01T00:00", "ends": "2031-01-02T00:00", "reason": "from Lyon"}
    changes = 0
    async with (
        busy_paris(house) as paris,
        Employee(house.url, "lyon") as lea,
        Boss(house.url, "lyon") as chief,
    ):
        await lea.sign_in("lea@example.com", PASSWORD)
        await chief.sign_in("chief@example.com", PASSWORD)
        lea_id, alice = await staff_id(database, "lea@example.com"), StaffId(paris.alice)
        roster, feeds = Roster(database), Feeds(database, system_clock)
        absences = Absences(database, Showrooms(database), roster, nobody_hears, system_clock)
        room = await paris_of(house.node.shared)
        mine = await absences.add(room, alice, FAR, FAR + 1, WISH)
        secret = await feeds.create(house.paris, alice)
        team = "/manager/agenda"
        for who, path, body, right in (
            (chief, f"{team}/visits/{paris.visit}/advisor", {"advisor": lea_id}, 404),
            (chief, f"{team}/advisors/{paris.alice}/hours", {"hours": {}}, 404),
            (chief, f"{team}/advisors/{paris.alice}/absences", away, 404),
            (chief, f"{team}/advisors/{paris.alice}/absences/{mine.id}/remove", {}, 404),
            # Their own address, with the id of somebody else's absence: nothing to remove.
            (chief, f"{team}/advisors/{lea_id}/absences/{mine.id}/remove", {}, 200),
            (lea, f"/advisor/agenda/absences/{mine.id}/remove", {}, 200),
            (lea, "/advisor/agenda/hours", {"hours": {}}, 200),
            (lea, "/advisor/agenda/feed", {}, 201),
            (lea, "/advisor/agenda/feed/revoke", {}, 200),
        ):
            status, text = await post(who, path, body)
            assert status == right, (path, text)
            assert_silent(text, paris)
            changes += 1
        assert await roster.absences(house.paris, FAR, FAR + 1) == [mine]
        assert await roster.hours(house.paris, alice) is None
        assert await roster.hours(house.paris, lea_id) is None
        assert (await feeds.subscriber(secret)).staff_id == alice
        async with database.read() as connection:
            rows = sa.select(tables.appointments.c.advisor_id)
            assert (await connection.scalars(rows)).all() == [lea_id]
    figure(f"{changes} changes of agendas with ids of another showroom: 0 reached it")


async def test_no_manager_of_lyon_sees_or_moves_an_endpoint_of_paris(
    house: House, figure: Report
) -> None:
    """With a right token, and ids of Paris in the address."""
    endpoint, delivery = await something_told(house)
    shared, changes = house.node.shared, 0
    known = Endpoints(shared.database, Guard(), system_clock)
    before = await known.get(house.paris, EndpointId(endpoint))
    async with Boss(house.url, "lyon") as chief:
        await chief.sign_in("chief@example.com", PASSWORD)
        one = f"/manager/handoff/endpoints/{endpoint}"
        told: dict[str, dict[str, str]] = {"move": {"address": "https://lyon.example/"}}
        for path in (
            *(f"{one}/{what}" for what in ("rotate", "end-rotation", "enable", "disable")),
            f"{one}/move",
            f"{one}/remove",
            f"{one}/replay",
            f"/manager/handoff/deliveries/{delivery}/replay",
        ):
            status, text = await post(chief, path, told.get(path.rpartition("/")[2], {}))
            assert (status, json.loads(text)["code"]) == (404, "not_found"), path
            changes += 1
    assert await known.get(house.paris, EndpointId(endpoint)) == before
    async with shared.database.read() as connection:
        results = await connection.scalars(sa.select(tables.outbox.c.result))
        assert results.all() == ["failed"]
    figure(f"{changes} changes of another showroom's endpoint: 0 reached it")


async def nobody_hears(*_: object) -> None:
    """Take the place of what tells others of a visit."""


async def test_an_advisor_of_paris_is_no_manager_of_paris(house: House) -> None:
    async with house.employee() as alice:
        await alice.sign_in("alice@example.com", PASSWORD)
        for path in (
            "/manager",
            "/manager/today",
            "/manager/figures",
            "/manager/calls",
            "/manager/figures.csv",
            "/manager/figures/traffic",
            "/manager/figures/traffic.csv",
            "/manager/figures/yield",
            "/manager/figures/yield.csv",
            "/manager/figures/advisors",
            "/manager/figures/advisors.csv",
            "/manager/figures/staffing",
            "/manager/figures/staffing.csv",
            "/manager/calls/x",
            "/manager/calls/x/timeline",
            "/manager/agenda",
            "/manager/agenda/days",
            "/manager/handoff",
            "/manager/handoff/endpoints",
            "/manager/handoff/deliveries",
        ):
            async with alice.http.get(f"{house.url}{path}?showroom=paris") as response:
                assert response.status == 403


async def test_a_link_of_paris_opens_nothing_in_lyon(house: House) -> None:
    async with busy_paris(house) as paris, Companion(house.url, "lyon") as friend:
        path = paris.link_path.replace("/s/paris/", "/s/lyon/")
        status, answer = await friend.knock(path, "Lyon")
        assert (status, answer["code"]) == (404, "not_found")
        async with friend.http.get(house.url + path) as response:
            assert response.status == 404
            assert_silent((await response.text()).replace(paris.call, ""), paris)


async def test_a_ticket_of_paris_opens_nothing_in_lyon(house: House) -> None:
    async with (
        busy_paris(house) as paris,
        a_waiting_ticket(house) as ticket,
        Customer(house.url, "lyon") as thief,
    ):
        thief.http.cookie_jar.update_cookies({"vs_call": ticket}, response_url=URL(house.url))
        await thief.connect()
        await thief.until("no_call")
        assert (await thief.send("hang_up"))["code"] == "not_found"
        assert_silent(thief.heard, paris)


@asynccontextmanager
async def a_waiting_ticket(house: House) -> AsyncIterator[str]:
    """Yield the cookie of somebody who waits in Paris."""
    async with house.customer("waits") as customer:
        await customer.call()
        yield next(c.value for c in customer.http.cookie_jar if c.key == "vs_call")
