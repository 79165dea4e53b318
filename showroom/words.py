"""The enums that two packages name. Every state is one of these, never a bare string."""

from enum import StrEnum


class CallState(StrEnum):
    """Where a call stands. `signaling.life` says which moves lead from one to the next."""

    WAITING = "waiting"  # in the queue
    RINGING = "ringing"  # offered to one advisor, with a deadline
    CONNECTING = "connecting"  # accepted; the picture is on its way
    LIVE = "live"  # both sides reported a working connection, or one of them did
    WRAP_UP = "wrap_up"  # over; the advisor owes an outcome
    CLOSED = "closed"  # over, nothing more to come


class EndReason(StrEnum):
    """Why a call ended. Statistics, logs and pages share these words."""

    CUSTOMER_LEFT = "customer_left"  # the customer left the queue by their own choice
    CUSTOMER_LOST = "customer_lost"  # the customer's page vanished from the queue
    SHOWROOM_CLOSED = "showroom_closed"  # it closed, and nobody was there any more to answer
    CUSTOMER_HUNG_UP = "customer_hung_up"  # the customer ended a call that was accepted
    ADVISOR_ENDED = "advisor_ended"  # the advisor ended it
    CUSTOMER_GONE = "customer_gone"  # the customer's page vanished in the call
    ADVISOR_GONE = "advisor_gone"  # the advisor's page vanished in the call
    CONNECT_FAILED = "connect_failed"  # accepted, but no picture came in time


# Ends in the queue: nobody had accepted yet. These are what statistics call abandoned.
ABANDONED = frozenset({EndReason.CUSTOMER_LEFT, EndReason.CUSTOMER_LOST, EndReason.SHOWROOM_CLOSED})
# Ends that nobody wished: whoever calls again soon goes before the others.
BROKEN = frozenset({EndReason.ADVISOR_GONE, EndReason.CUSTOMER_GONE, EndReason.CONNECT_FAILED})


class AdvisorState(StrEnum):
    """What an advisor is doing, as the server knows it."""

    AWAY = "away"
    AVAILABLE = "available"
    RINGING = "ringing"
    BUSY = "busy"
    WRAP_UP = "wrap_up"


class AwayReason(StrEnum):
    """Why an advisor is away. Shown to them, because 'you are away' without a why is maddening."""

    OWN_CHOICE = "own_choice"
    MISSED_RING = "missed_ring"
    CONNECTION_LOST = "connection_lost"
    WRAP_UP_EXPIRED = "wrap_up_expired"
    SIGNED_OUT = "signed_out"  # by themselves, from elsewhere, or because the session ran out
    DISABLED = "disabled"
    BY_MANAGER = "by_manager"


# Why the robot advisor closes a call as it does: pages say it in their own language.
ROBOT_REASON = "robot"


class Outcome(StrEnum):
    """How the advisor closed a call."""

    INTERESTED = "interested"
    TEST_DRIVE = "test_drive"
    OFFER_WANTED = "offer_wanted"
    BOUGHT = "bought"
    NO_FIT = "no_fit"
    INVALID = "invalid"


class Role(StrEnum):
    """What a member of staff may do in one showroom."""

    ADVISOR = "advisor"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"


class Side(StrEnum):
    """Who somebody is in a call: one of its two sides, or one of those who joined them."""

    CUSTOMER = "customer"
    ADVISOR = "advisor"
    COMPANION = "companion"  # let in by the customer's link
    MANAGER = "manager"  # listens, whispers or barges in


class Voice(StrEnum):
    """Who hears somebody."""

    NOBODY = "nobody"
    ADVISOR = "advisor"
    ALL = "all"


class PersonState(StrEnum):
    """Where somebody who joins a call stands."""

    ASKING = "asking"  # at the door
    IN = "in"


class Path(StrEnum):
    """How the media of a call flow."""

    DIRECT = "direct"  # from browser to browser, through TURN where nothing else works
    RELAY = "relay"  # through a media worker


class Device(StrEnum):
    """What a customer calls with. `web.devices` holds the rules."""

    PHONE = "phone"
    TABLET = "tablet"
    DESKTOP = "desktop"
    UNKNOWN = "unknown"  # their browser does not say


class PageKind(StrEnum):
    """What a customer opened; of their pages those that have an address of their own."""

    SHOWROOM = "showroom"  # the landing page, and the call that it becomes
    BOOK = "book"
    CHECK = "check"  # of their line
    VISIT = "visit"  # that they have booked
    JOIN = "join"  # by a companion's link


class Channel(StrEnum):
    """How a call came about."""

    WALK_IN = "walk_in"  # somebody came, and asked for a call
    VISIT = "visit"  # booked before, for this time


class Quality(StrEnum):
    """A link's quality in one word. `media.quality` holds the rules."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


class Rung(StrEnum):
    """How large a picture is sent: what the line bears, or what the other side asked for."""

    FULL = "full"  # all that the camera has
    LARGE = "large"  # 540 lines
    MIDDLE = "middle"  # 360 lines
    SMALL = "small"  # 180 lines, 8 frames a second
    STILLS = "stills"  # sound, and a sharp still every few seconds


class Narrowed(StrEnum):
    """Why no larger picture is sent."""

    NOTHING = ""  # it is as large as it can be
    LINE = "line"  # the line bears no more
    LOSS = "loss"  # too much gets lost on it
    DELAY = "delay"  # it holds everything up
    SAVER = "saver"  # the other side saves data


class Saver(StrEnum):
    """What a side wants to be sent."""

    OFF = "off"  # as much as the line bears
    ON = "on"  # a smaller picture, to save data
    STILLS = "stills"  # the same, and sharp stills rather than the smallest moving picture


class PhotoState(StrEnum):
    """How far a photo is that is not there yet."""

    ASKED = "asked"  # by the customer
    TAKING = "taking"  # by the advisor's page, which then sends it


class RecordingState(StrEnum):
    """Whether a call is recorded."""

    OFF = "off"
    ASKED = "asked"  # one side has asked the other
    ON = "on"  # both have agreed


class RecordingEnd(StrEnum):
    """How a recording, or the question for one, ended."""

    DECLINED = "declined"  # nothing was recorded
    STOPPED = "stopped"  # by one of the two sides
    ERASED = "erased"  # by one of them, and with it what there was
    TRANSFER = "transfer"  # another advisor has the call, who has not agreed
    OVER = "over"  # with the call
    FULL = "full"  # the disk is
    FAILED = "failed"  # it could not be written


class FollowUpKind(StrEnum):
    """Why a customer is on the advisors' list."""

    CALL_BACK = "call_back"  # asked to be called back
    MISSED_CALL = "missed_call"  # left the queue before anybody answered
    CALLED_OFF = "called_off"  # we called their visit off, and no letter can tell them


class AppointmentState(StrEnum):
    """Where an appointment stands. `booking.visits` says which moves lead from one to the next."""

    HELD = "held"  # a slot kept for five minutes while the form is filled in
    LAPSED = "lapsed"  # the form was never sent
    BOOKED = "booked"
    WAITING = "waiting"  # the customer has checked in
    HOST_NO_SHOW = "host_no_show"  # they waited for five minutes, and nobody came
    LIVE = "live"  # an advisor has received them
    DONE = "done"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"  # the customer did not come


class AppointmentEvent(StrEnum):
    """What happened to an appointment that somebody outside must hear of."""

    BOOKED = "booked"
    RESCHEDULED = "rescheduled"
    REASSIGNED = "reassigned"  # another advisor, the same time
    CANCELLED = "cancelled"  # by the customer
    CALLED_OFF = "called_off"  # by the showroom: no advisor is left for it
    NO_SHOW = "no_show"
    HOST_NO_SHOW = "host_no_show"


class Dimension(StrEnum):
    """By what the figures tell calls apart; the columns of the rollups are named so."""

    ADVISOR = "advisor_id"  # who answered, or whom it rang when it was abandoned
    CAMPAIGN = "campaign"
    VEHICLE = "vehicle"
    LANGUAGE = "language"
    DEVICE = "device"
    CHANNEL = "channel"


class Period(StrEnum):
    """Stretches of time by which figures are grouped, as the showroom's clocks show them."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"  # from Monday on
    MONTH = "month"
    HOUR_OF_WEEK = "hour_of_week"  # 0 is Monday from 00:00 on, 167 Sunday from 23:00 on
