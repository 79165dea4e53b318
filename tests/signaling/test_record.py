"""What the record keeps of a live call, for the figures."""

import pytest

from showroom.ids import AppointmentId, CallId, ShowroomId
from showroom.words import Channel, Device
from signaling.live import LiveCall
from signaling.record import campaign_of, record_of
from signaling.visits import BookedVisit

WAITING = {
    "version": "1",
    "state": "waiting",
    "since": "1000",
    "created": "1000",
    "language": "en",
    "link": "0",
}


def test_a_call_that_was_booked_is_a_visit_and_another_is_not() -> None:
    visit = BookedVisit(AppointmentId("a"), None, 2_000, 1_500)
    for raw, channel in ((WAITING, Channel.WALK_IN), (WAITING | visit.dump(), Channel.VISIT)):
        call = LiveCall.parse(CallId("c"), raw)
        assert record_of(ShowroomId("s"), call, None, 3_000).channel is channel


def test_a_call_of_before_devices_were_kept_has_an_unknown_one() -> None:
    call = LiveCall.parse(CallId("c"), WAITING)
    assert record_of(ShowroomId("s"), call, None, 3_000).device is Device.UNKNOWN


@pytest.mark.parametrize(
    ("origin", "campaign"),
    [
        (None, None),
        ({"source": "letter", "first_name": "spring"}, None),
        ({"name": "tv spot", "first_name": "spring"}, "tv spot"),
        ({"name": " "}, None),
        ({"name": "x" * 300}, "x" * 100),
    ],
)
def test_the_campaign_is_the_name_of_the_last_touch(
    origin: dict[str, str] | None, campaign: str | None
) -> None:
    assert campaign_of(origin) == campaign
