"""Every message of the protocol as a typed model; `PROTOCOL.md` is the same in prose.

A client's message is parsed here, at the edge, into one of these: unknown fields, wrong types and
overlong texts are refused with `bad_request`, and no dict goes further into the code.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from showroom.alarms import AlarmKind
from showroom.words import (
    AdvisorState,
    AppointmentState,
    AwayReason,
    CallState,
    EndReason,
    FollowUpKind,
    Narrowed,
    Outcome,
    Path,
    PersonState,
    PhotoState,
    Quality,
    RecordingEnd,
    RecordingState,
    Rung,
    Saver,
    Side,
    Voice,
)

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
# A full description of two media sections has 4–12 kB; 40 kB leaves room and refuses nonsense.
Sdp = Annotated[str, StringConstraints(min_length=1, max_length=40_000)]
Fraction = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


def _in_pairs(numbers: list[float]) -> list[float]:
    if len(numbers) % 2:
        raise ValueError("a point has two numbers")
    return numbers


# A stroke grows in batches of at most a hundred points, each across and down.
Points = Annotated[list[Fraction], Field(min_length=2, max_length=200), AfterValidator(_in_pairs)]
Count = Annotated[int, Field(ge=0, le=10**12)]
Milliseconds = Annotated[int, Field(ge=0, le=10**14)]


class Message(BaseModel):
    """Base of all: immutable, and no field that the protocol does not name."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Command(Message):
    """A message from a page. `event` is its name on the wire, `senders` who may send it."""

    event: ClassVar[str]
    senders: ClassVar[frozenset[Side]]
    # As how many messages it counts against a socket's limit.
    cost: ClassVar[int] = 1


BOTH = frozenset({Side.CUSTOMER, Side.ADVISOR})
PEOPLE = frozenset({Side.COMPANION, Side.MANAGER})
COMPANION = frozenset({Side.COMPANION})
MANAGER = frozenset({Side.MANAGER})
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


class RelayOffer(Command):
    """Connect to the relay; with a `rank` mend that connection (ICE restart).

    The acknowledgement carries the relay's answer, `sdp`, and the connection's `rank`.
    """

    event = "relay"
    senders = BOTH | PEOPLE
    # A connection is made for it, which takes a worker a hundred times as long as a line of chat.
    cost = 5
    turn: Count
    sdp: Sdp
    rank: Count | None = None


class Settled(Command):
    """Say that this side has its picture from that path: of the relay's turn, or of the link."""

    event = "settled"
    senders = BOTH
    path: Path
    number: Count


class Admit(Command):
    """Let somebody in who asks to be, or send somebody away."""

    event = "admit"
    senders = BOTH
    person: Id
    yes: bool


class GiveVoice(Command):
    """Let a companion speak, or no more."""

    event = "give_voice"
    senders = BOTH
    person: Id
    yes: bool


class Record(Command):
    """Ask for a recording; whoever asks has agreed by that. Where both ask, it begins."""

    event = "record"
    senders = BOTH


class ConsentRecording(Command):
    """Agree to a recording that the other side asks for, or say no."""

    event = "consent_recording"
    senders = BOTH
    yes: bool


class StopRecording(Command):
    """End a recording, or take the question back; with `erase` all that was recorded goes."""

    event = "stop_recording"
    senders = BOTH
    erase: bool = False


class Chat(Command):
    """Write a line into the call. Sending the same `id` again changes nothing."""

    event = "chat"
    senders = BOTH | COMPANION
    id: Id
    text: Line


class Point(Command):
    """Mark a spot of the advisor's picture for three seconds, on both screens.

    `x` and `y` count from the picture's own upper left corner, as fractions of its width and
    height, so that the mark lands on the same part of the car whatever the screens' shapes.
    """

    event = "point"
    senders = BOTH | COMPANION
    x: Fraction
    y: Fraction


class CancelPhoto(Command):
    """No photo after all: the wish is taken back, or the advisor can't take one."""

    event = "cancel_photo"
    senders = BOTH


class LookAtPhoto(Command):
    """Say which photo this side has before it, or none. The answer carries its `strokes`."""

    event = "look_at_photo"
    senders = BOTH
    photo: Id | None = None


class Draw(Command):
    """Add to a stroke on a photo what begins at its point number `start`.

    `points`: across, down, across, down …, as fractions of the photo's width and height from its
    upper left corner. A batch sent again changes nothing.
    """

    event = "draw"
    senders = BOTH
    photo: Id
    stroke: Id
    start: Count
    points: Points


class Undraw(Command):
    """Take back one's own stroke; without one, everything that both have drawn on the photo."""

    event = "undraw"
    senders = BOTH
    photo: Id
    stroke: Id | None = None


class MediaState(Command):
    """Tell the other side what this one sends, and how much of it this one wants to be sent."""

    event = "media_state"
    senders = BOTH
    microphone: bool
    camera: bool
    paused: bool = False
    rung: Rung = Rung.FULL
    narrowed: Narrowed = Narrowed.NOTHING
    saver: Saver = Saver.OFF


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
    tcp: bool = False


# ---------------------------------------------------------------- from the customer


class Invite(Command):
    """Make a link for others to join by. The acknowledgement carries `path`; an older link ends."""

    event = "invite"
    senders = CUSTOMER


class RevokeInvitation(Command):
    """End the link. Who came by it stays."""

    event = "revoke_invitation"
    senders = CUSTOMER


class AskPhoto(Command):
    """Ask the advisor for a photo. Asking again before it comes changes nothing."""

    event = "ask_photo"
    senders = CUSTOMER


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


class TakePhoto(Command):
    """Begin to take a photo, asked or not. The acknowledgement carries its `photo` id."""

    event = "take_photo"
    senders = ADVISOR


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


# ---------------------------------------------------------------- from who joins a call


class RaiseHand(Command):
    """Ask to speak; or ask no more, and speak no more."""

    event = "raise_hand"
    senders = COMPANION
    up: bool


class LeaveCall(Command):
    """Leave a call that one has joined."""

    event = "leave_call"
    senders = PEOPLE


class Supervise(Command):
    """Listen to a call, whisper to its advisor, or speak to all. Both sides are told at once."""

    event = "supervise"
    senders = MANAGER
    call: Id
    mode: Voice


class TakeOver(Command):
    """Become the advisor of the call that one is in."""

    event = "take_over"
    senders = MANAGER


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


class PhotoCard(Message):
    """A photo of the call: where it is, whole and small; `width` and `height` in pixels."""

    id: str
    picture: str
    small: str
    width: int
    height: int


class LogEntry(Message):
    """One thing both sides may see of the call so far: a chat line, a vehicle's card, a photo.

    The card of kind `store` has the way on to the online store beside it. `name` is a companion's.
    """

    seq: int
    at: Milliseconds
    kind: Literal["chat", "vehicle", "store", "photo"]
    by: Side
    id: str
    name: str = ""
    text: str = ""
    vehicle: VehicleCard | None = None
    photo: PhotoCard | None = None


class PhotoUnderWay(Message):
    """A photo that was asked for, or that the advisor takes and sends."""

    id: str
    state: PhotoState
    since: Milliseconds


class OpenPhotos(Message):
    """Which photo each side has before it."""

    customer: str | None
    advisor: str | None


class RecordingView(Message):
    """Whether a call is recorded. `allowed`: by the showroom; `by`: who asked; `over`: how the last
    one, or the question, ended; `erasable`: something was recorded that can still be deleted."""

    allowed: bool
    state: RecordingState
    by: Side | None
    since: Milliseconds | None
    over: RecordingEnd | None
    erasable: bool


class Peer(Message):
    """What a side knows of the other."""

    name: str
    present: bool
    microphone: bool
    camera: bool
    paused: bool
    rung: Rung
    narrowed: Narrowed
    saver: Saver
    quality: Quality | None


class RelayWay(Message):
    """The present connection to the relay: a new `turn` means a new connection."""

    turn: int


class PersonHere(Message):
    """Somebody who is in the call beside its two sides, or asks to be."""

    id: str
    part: Side
    name: str
    state: PersonState
    voice: Voice
    hand: bool


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
    path: Path
    direct: bool
    relay: RelayWay | None
    people: list[PersonHere]
    invited_until: Milliseconds | None
    held: bool
    transferring: bool
    ice: Ice | None
    vehicle: VehicleCard | None
    queue: Queueing | None
    advisor: Peer | None
    log: list[LogEntry]
    recording: RecordingView | None
    photo: PhotoUnderWay | None
    open_photos: OpenPhotos
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
    path: Path
    direct: bool
    relay: RelayWay | None
    people: list[PersonHere]
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
    recording: RecordingView | None
    photo: PhotoUnderWay | None
    open_photos: OpenPhotos
    notes: str
    live_at: Milliseconds | None
    end_reason: EndReason | None


class JoinedCall(Push):
    """The whole state of a call for somebody who joined it; sent on every connect and change."""

    event = "joined_state"
    call: str
    version: int
    now: Milliseconds
    state: CallState
    held: bool
    me: PersonHere
    relay: RelayWay | None
    ice: Ice | None
    vehicle: VehicleCard | None
    advisor: Peer | None
    customer: Peer | None
    people: list[PersonHere]
    log: list[LogEntry]
    recording: RecordingView | None
    live_at: Milliseconds | None


class NotInCall(Push):
    """This page is in no call (any more): it was sent away, or the call is over."""

    event = "not_in_call"
    over: bool


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
    queue_closed: bool
    notice: dict[str, str]
    languages: dict[str, LanguageState]


class AdvisorStatus(Push):
    """The advisor's own state; sent on every connect and every change."""

    event = "advisor_state"
    state: AdvisorState
    since: Milliseconds
    away_reason: AwayReason | None
    missed_today: int


class FollowUp(Message):
    """A customer to call. `phone` in E.164, or null for a missed call without a number.

    Of what a colleague has taken it has the last two digits only, unless one manages the showroom.
    """

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


class PhotoProgress(Push):
    """How much of the photo that is on its way has arrived, in bytes of `size`."""

    event = "photo_progress"
    photo: str
    received: int
    size: int


class InkStroke(Message):
    """A stroke on a photo, whole, as the answer to `look_at_photo` carries it."""

    by: Side
    stroke: str
    points: list[float]


class Drawn(Push):
    """More of a stroke on a photo, to both sides: what begins at its point number `start`."""

    event = "drawn"
    photo: str
    by: Side
    stroke: str
    start: int
    points: list[float]


class Undrawn(Push):
    """A stroke was taken back, or (without one) all of the photo's."""

    event = "undrawn"
    photo: str
    by: Side
    stroke: str | None


class FloorAdvisor(Message):
    """One advisor on the floor."""

    id: str
    name: str
    state: AdvisorState
    since: Milliseconds
    present: bool
    sent_away: bool


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
    place: int | None


class FloorAlarm(Message):
    """One alarm that is up."""

    id: str
    kind: AlarmKind
    name: str
    numbers: dict[str, int]
    since: Milliseconds
    raised_at: Milliseconds
    acknowledged_at: Milliseconds | None
    acknowledged_by: str


class FloorState(Push):
    """The floor at this moment, to managers."""

    event = "floor_state"
    now: Milliseconds
    queue_closed: Milliseconds | None
    notice: dict[str, str]
    waiting: int
    advisors: list[FloorAdvisor]
    calls: list[FloorCall]
    alarms: list[FloorAlarm]
    silences: dict[AlarmKind, Milliseconds]


class RoomState(Message):
    """One of a manager's showrooms."""

    slug: str
    name: str
    open: bool
    waiting: int
    waits_since: Milliseconds | None
    running: int
    available: int
    on_duty: int
    offered: int
    answered: int
    alarms: int


class RoomsState(Push):
    """How all showrooms of a manager do who has more than one."""

    event = "rooms_state"
    now: Milliseconds
    rooms: list[RoomState]


class Replaced(Push):
    """A newer page took this seat; this socket is closed right after."""

    event = "replaced"


class SignedOut(Push):
    """The session ended or lacks a second factor; this socket is closed right after."""

    event = "signed_out"


COMMANDS: tuple[type[Command], ...] = (
    Signal,
    Connected,
    Relink,
    RelayOffer,
    Settled,
    Admit,
    GiveVoice,
    Record,
    ConsentRecording,
    StopRecording,
    Chat,
    Point,
    CancelPhoto,
    LookAtPhoto,
    Draw,
    Undraw,
    MediaState,
    QualitySample,
    Invite,
    RevokeInvitation,
    AskPhoto,
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
    TakePhoto,
    SaveNotes,
    ListColleagues,
    Transfer,
    EndCall,
    SaveOutcome,
    TakeFollowUp,
    ReleaseFollowUp,
    FinishFollowUp,
    RaiseHand,
    LeaveCall,
    Supervise,
    TakeOver,
)
PUSHES: tuple[type[Push], ...] = (
    CustomerCall,
    AdvisorCall,
    JoinedCall,
    NotInCall,
    NoCall,
    ShowroomState,
    AdvisorStatus,
    FollowUps,
    Visits,
    SignalRelayed,
    Logged,
    Pointed,
    PhotoProgress,
    Drawn,
    Undrawn,
    FloorState,
    RoomsState,
    Replaced,
    SignedOut,
)
