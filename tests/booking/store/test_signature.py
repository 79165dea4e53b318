"""Signatures by Standard Webhooks: what the library signs holds, and nothing else does."""

import base64
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from booking.store.signature import verify
from showroom.errors import BadSignature
from tests.virtual_clock import START_MS, VirtualClock

SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
OTHER = "whsec_" + base64.b64encode(b"o" * 32).decode()
BODY = '{"type":"order.created","who":"Zoë"}'.encode()
SECOND_MS = 1000


def signed(
    secret: str = SECRET, body: bytes = BODY, at_ms: int = START_MS, message: str = "msg_1"
) -> dict[str, str]:
    """Return the headers of the specification's own library."""
    moment = datetime.fromtimestamp(at_ms // 1000, UTC)
    return {
        "webhook-id": message,
        "webhook-timestamp": str(at_ms // 1000),
        "webhook-signature": Webhook(secret).sign(message, moment, body.decode()),
    }


def test_what_the_library_signs_is_verified(clock: VirtualClock) -> None:
    assert verify([SECRET], signed(), BODY, clock) == "msg_1"


def test_both_secrets_hold_during_a_rotation(clock: VirtualClock) -> None:
    both = signed() | {
        "webhook-signature": " ".join(
            signed(secret)["webhook-signature"] for secret in (OTHER, SECRET)
        )
    }
    for secrets, headers in (
        ([OTHER, SECRET], signed()),
        ([SECRET, OTHER], signed()),
        ([SECRET], both),
        ([OTHER], both),
    ):
        assert verify(secrets, headers, BODY, clock) == "msg_1"


@pytest.mark.parametrize(
    ("ahead_s", "holds"), [(-301, False), (-300, True), (300, True), (301, False)]
)
def test_five_minutes_are_the_limit_by_our_clock(
    clock: VirtualClock, ahead_s: int, holds: bool
) -> None:
    headers = signed(at_ms=START_MS + ahead_s * SECOND_MS)
    if holds:
        assert verify([SECRET], headers, BODY, clock)
    else:
        with pytest.raises(BadSignature):
            verify([SECRET], headers, BODY, clock)


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": "msg_2"},
        {"webhook-id": ""},
        {"webhook-id": "m" * 129},
        {"webhook-id": "msg 1"},
        {"webhook-timestamp": str(START_MS // 1000 + 1)},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "1e9"},
        {"webhook-timestamp": "nan"},
        {"webhook-timestamp": "9" * 400},
        {"webhook-timestamp": f"-{START_MS // 1000}"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,é\udcff"},
        {"webhook-signature": "v2," + signed()["webhook-signature"][3:]},
        {"webhook-signature": signed()["webhook-signature"][3:]},
        {"webhook-signature": signed(OTHER)["webhook-signature"]},
        {"webhook-signature": "v1,a " * 10_000 + signed()["webhook-signature"]},
    ],
)
def test_other_headers_do_not_hold(clock: VirtualClock, changed: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        verify([SECRET], signed() | changed, BODY, clock)


@pytest.mark.parametrize("body", [b"", BODY + b" ", BODY[:-1], b"\xff\xfe", b"\0"])
def test_another_body_does_not_hold(clock: VirtualClock, body: bytes) -> None:
    with pytest.raises(BadSignature):
        verify([SECRET], signed(), body, clock)


def test_without_a_secret_nothing_holds(clock: VirtualClock) -> None:
    with pytest.raises(BadSignature):
        verify([], signed(), BODY, clock)
