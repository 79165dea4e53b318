"""Every message of the protocol as a typed model; `PROTOCOL.md` is the same in prose.

A client's message is parsed here, at the edge, into one of these: unknown fields, wrong types and
overlong texts are refused with `bad_request`, and no dict goes further into the code.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from showroom.words import (
    AdvisorState,
    AppointmentState,
    AwayReason,
    CallState,
    EndReason,
    FollowUpKind,
    Outcome,
    Quality,
    Side,
)

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
# A full description of two media sections has 4–12 kB; 40 kB leaves room and refuses nonsense.
Sdp = Annotated[str, StringConstraints(min_length=1, max_length=40_000)]
Fraction = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=10**12)]
Milliseconds = Annotated[int, Field(ge=0, le=10**14)]


class Message(BaseModel):
    """Base of all: immutable, and no field that the protocol does not name."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Command(Message):
    """A message from a page. `event` is its name on the wire, `senders` who may send it."""

    event: ClassVar[str]
    senders: ClassVar[frozenset[Side]]


BOTH = frozenset({Side.CUSTOMER, Side.ADVISOR})
CUSTOMER = frozenset({Side.CUSTOMER})
ADVISOR = frozenset({Side.ADVISOR})


# ---------------------------------------------------------------- from either side of a call


class Description(Message):
    """An offer or an answer (RFC 8829)."""

    type: Literal["offer", "answer"]
    sdp: Sdp


class Candidate(Message):
    """One ICE candidate as browsers write it (RFC 8839); an empty `candidate` ends the list."""

    candidate: Annotated[str, StringConstraints(max_length=1000)]
    sdpMid: Annotated[str, StringConstraints(max_length=64)] | None = None
    sdpMLineIndex: Annotated[int, Field(ge=0, le=64)] | None = None
    usernameFragment: Annotated[str, StringConstraints(max_length=256)] | None = None


class Signal(Command):
    """Hand a description or a candidate to the other side of the same link."""

    event = "signal"
    senders = BOTH
    link: Count
    description: Description | None = None
    candidate: Candidate | None = None


class Connected(Command):
    """Say that this side's connection of this link carries media."""

    event = "connected"
    senders = BOTH
    link: Count


class Relink(Command):
    """Ask for a fresh connection because this side's can't be mended by an ICE restart."""

    event = "relink"
    senders = BOTH
    link: Count


class Chat(Command):
    """Write a line into the call. Sending the same `id` again changes nothing."""

    event = "chat"
    senders = BOTH
    id: Id
    text: Line


class Point(Command):
    """Mark a spot of the advisor's picture for three seconds, on both screens.

    `x` and `y` count from the picture's own upper left corner, as fractions of its width and
    height, so that the mark lands on the same part of the car whatever the screens' shapes.
    """

    event = "point"
    senders = BOTH
    x: Fraction
    y: Fraction


class MediaState(Command):
    """Tell the other side what this one sends: sound, picture, or a pause that was not wanted."""

    event = "media_state"
    senders = BOTH
    microphone: bool
    camera: bool
    paused: bool = False


class QualitySample(Command):
    """What this side's connection did in the last seconds, from the browser's statistics."""

    event = "quality"
    senders = BOTH
    link: Count
    seconds: Annotated[float, Field(gt=0, le=60, allow_inf_nan=False)]
    bitrate_in: Count
    bitrate_out: Count
    loss: Fraction
    round_trip_ms: Annotated[float, Field(ge=0, le=60_000, allow_inf_nan=False)] | None = None
    frames: Count
    width: Annotated[int, Field(ge=0, le=16_384)]
    height: Annotated[int, Field(ge=0, le=16_384)]
    freezes: Count
    frozen_ms: Count
    concealed: Fraction
    limitation: Literal["none", "cpu", "bandwidth", "other"]
    relayed: bool


# ---------------------------------------------------------------- from the customer


class LeaveQueue(Command):
    """Leave the queue, or stop a ring."""

    event = "leave_queue"
    senders = CUSTOMER


class HangUp(Command):
    """End an accepted call."""

    event = "hang_up"
    senders = CUSTOMER


class Rate(Command):
    """Rate a call that is over; a later rating replaces an earlier one."""

    event = "rate"
    senders = CUSTOMER
    stars: Annotated[int, Field(ge=1, le=5)]
    comment: Text = ""


# ---------------------------------------------------------------- from the advisor


class SetAvailable(Command):
    """Say whether calls may ring here. The answer is an `advisor_state`."""

    event = "set_available"
    senders = ADVISOR
    available: bool


class Accept(Command):
    """Take the call that rings."""

    event = "accept"
    senders = ADVISOR
    call: Id
    ring: Count


class Decline(Command):
    """Pass the call that rings to the next advisor."""

    event = "decline"
    senders = ADVISOR
    call: Id
    ring: Count


class Hold(Command):
    """Pause the call: the customer sees 'one moment' and hears nobody."""

    event = "hold"
    senders = ADVISOR


class Resume(Command):
    """Go on after a hold."""

    event = "resume"
    senders = ADVISOR


class ShowVehicle(Command):
    """Put a vehicle's card on the customer's screen."""

    event = "show_vehicle"
    senders = ADVISOR
    vehicle: Id


class ShowStoreLink(Command):
    """Put the way on to the online store on the customer's screen, with a vehicle's card."""

    event = "show_store_link"
    senders = ADVISOR
    vehicle: Id


class SaveNotes(Command):
    """Keep the advisor's private notes of this call. The customer never gets them."""

    event = "save_notes"
    senders = ADVISOR
    notes: Text


class ListColleagues(Command):
    """Ask who is available for a transfer. The acknowledgement carries `colleagues`."""

    event = "list_colleagues"
    senders = ADVISOR


class Transfer(Command):
    """Ring another available advisor with this call; it stays here until they accept."""

    event = "transfer"
    senders = ADVISOR
    advisor: Id


class EndCall(Command):
    """End an accepted call and go to wrap-up."""

    event = "end_call"
    senders = ADVISOR


class SaveOutcome(Command):
    """Close the call with its outcome; the advisor is available again."""

    event = "save_outcome"
    senders = ADVISOR
    call: Id
    outcome: Outcome
    reason: Text = ""
    notes: Text = ""


class TakeFollowUp(Command):
    """Take a call-back or a missed call on. It can't be taken by two."""

    event = "take_follow_up"
    senders = ADVISOR
    follow_up: Id


class ReleaseFollowUp(Command):
    """Give a follow-up back, so that anybody may take it. A manager may for somebody else."""

    event = "release_follow_up"
    senders = ADVISOR
    follow_up: Id


class FinishFollowUp(Command):
    """Mark a follow-up as done."""

    event = "finish_follow_up"
    senders = ADVISOR
    follow_up: Id


# ---------------------------------------------------------------- from the server


class Push(Message):
    """A message to a page. `event` is its name on the wire."""

    event: ClassVar[str]


class IceServer(Message):
    """One entry of `RTCConfiguration.iceServers`."""

    urls: list[str]
    username: str | None = None
    credential: str | None = None


class Ice(Message):
    """How this call's connections are made; `policy` is `relay` where addresses stay private."""

    servers: list[IceServer]
    policy: Literal["all", "relay"]


class VehicleCard(Message):
    """What a page shows of a vehicle. `price` counts in hundredths of `currency`."""

    id: str
    name: str
    version: str
    tagline: str
    price: int
    currency: str
    picture: str
    equipment: list[str]


class LogEntry(Message):
    """One thing both sides may see of the call so far: a chat line, or a vehicle's card.

    The card of kind `store` has the way on to the online store beside it.
    """

    seq: int
    at: Milliseconds
    kind: Literal["chat", "vehicle", "store"]
    by: Side
    id: str
    text: str = ""
    vehicle: VehicleCard | None = None


class Peer(Message):
    """What a side knows of the other."""

    name: str
    present: bool
    microphone: bool
    camera: bool
    paused: bool
    quality: Quality | None


class Queueing(Message):
    """Where a waiting customer stands. `expected_wait` in seconds, null when nobody can tell."""

    position: int
    expected_wait: int | None
    offer_call_back: bool


class VisitCard(Message):
    """What an advisor sees of the appointment behind a call, before they accept."""

    id: str
    starts_at: Milliseconds
    name: str
    wish: str


class CustomerCall(Push):
    """The whole state of the customer's call; sent on every connect and every change."""

    event = "call_state"
    call: str
    version: int
    now: Milliseconds
    state: CallState
    since: Milliseconds
    link: int
    held: bool
    transferring: bool
    ice: Ice | None
    vehicle: VehicleCard | None
    queue: Queueing | None
    advisor: Peer | None
    log: list[LogEntry]
    live_at: Milliseconds | None
    end_reason: EndReason | None
    rating: int | None


class AdvisorCall(Push):
    """The whole state of the advisor's call, the ring included."""

    event = "call_state"
    call: str
    version: int
    now: Milliseconds
    state: CallState
    since: Milliseconds
    link: int
    ring: int
    ring_until: Milliseconds | None
    held: bool
    transfer_to: str | None
    transferred_from: str | None
    ice: Ice | None
    language: str
    vehicle: VehicleCard | None
    waited_ms: Milliseconds
    repeated: bool
    visit: VisitCard | None
    customer: Peer | None
    log: list[LogEntry]
    notes: str
    live_at: Milliseconds | None
    end_reason: EndReason | None


class NoCall(Push):
    """There is no call (any more) behind this page."""

    event = "no_call"


class LanguageState(Message):
    """How one language's queue stands. `expected_wait` in seconds, null when nobody can tell."""

    free: int
    on_duty: int
    waiting: int
    expected_wait: int | None


class ShowroomState(Push):
    """What everybody may know of a showroom. `next_opening` and `open_until`: UTC milliseconds."""

    event = "showroom_state"
    open: bool
    open_until: Milliseconds | None
    next_opening: Milliseconds | None
    languages: dict[str, LanguageState]


class AdvisorStatus(Push):
    """The advisor's own state; sent on every connect and every change."""

    event = "advisor_state"
    state: AdvisorState
    since: Milliseconds
    away_reason: AwayReason | None
    missed_today: int


class FollowUp(Message):
    """A customer to call. `phone` in E.164, or null for a missed call without a number."""

    id: str
    kind: FollowUpKind
    name: str
    phone: str | None
    language: str
    vehicle: str | None
    at: Milliseconds
    taken_by: str | None
    mine: bool


class FollowUps(Push):
    """The open follow-ups of the showroom, oldest first."""

    event = "follow_ups"
    items: list[FollowUp]


class Visit(Message):
    """A booked visit. `late`: it should have begun, and nobody has received the guest yet."""

    id: str
    starts_at: Milliseconds
    ends_at: Milliseconds
    name: str
    vehicle: str | None
    language: str
    wish: str
    state: AppointmentState
    late: bool


class Visits(Push):
    """The advisor's own visits, from an hour ago until tomorrow; `now` is the server's time."""

    event = "visits"
    now: Milliseconds
    items: list[Visit]


class Colleague(Message):
    """An advisor who could take a transfer."""

    id: str
    name: str


class SignalRelayed(Push):
    """The other side's description or candidate."""

    event = "signal"
    link: int
    description: Description | None = None
    candidate: Candidate | None = None


class Logged(Push):
    """A new entry of the call's log, to both sides."""

    event = "logged"
    entry: LogEntry


class Pointed(Push):
    """A mark on the advisor's picture, to both sides."""

    event = "pointed"
    by: Side
    x: float
    y: float


class FloorAdvisor(Message):
    """One advisor on the floor."""

    id: str
    name: str
    state: AdvisorState
    since: Milliseconds
    present: bool


class FloorCall(Message):
    """One call that waits, rings or runs."""

    call: str
    state: CallState
    since: Milliseconds
    created_at: Milliseconds
    language: str
    vehicle: str | None
    advisor: str | None
    quality: Quality | None


class FloorState(Push):
    """The floor at this moment, to managers."""

    event = "floor_state"
    now: Milliseconds
    waiting: int
    advisors: list[FloorAdvisor]
    calls: list[FloorCall]


class Replaced(Push):
    """A newer page took this seat; this socket is closed right after."""

    event = "replaced"


class SignedOut(Push):
    """This account was signed out or disabled; this socket is closed right after."""

    event = "signed_out"


COMMANDS: tuple[type[Command], ...] = (
    Signal,
    Connected,
    Relink,
    Chat,
    Point,
    MediaState,
    QualitySample,
    LeaveQueue,
    HangUp,
    Rate,
    SetAvailable,
    Accept,
    Decline,
    Hold,
    Resume,
    ShowVehicle,
    ShowStoreLink,
    SaveNotes,
    ListColleagues,
    Transfer,
    EndCall,
    SaveOutcome,
    TakeFollowUp,
    ReleaseFollowUp,
    FinishFollowUp,
)
PUSHES: tuple[type[Push], ...] = (
    CustomerCall,
    AdvisorCall,
    NoCall,
    ShowroomState,
    AdvisorStatus,
    FollowUps,
    Visits,
    SignalRelayed,
    Logged,
    Pointed,
    FloorState,
    Replaced,
    SignedOut,
)
