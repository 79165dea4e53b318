"""The limits of one socket and one address."""

import pytest

from showroom.errors import TooMany
from signaling.limits import AddressLimit, Bucket


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    now = [0.0]
    bucket = Bucket(rate=2, burst=3, now=lambda: now[0])
    for _ in range(3):
        bucket.take()
    with pytest.raises(TooMany):
        bucket.take()
    now[0] = 0.5
    bucket.take()
    with pytest.raises(TooMany):
        bucket.take()


def test_a_bucket_never_holds_more_than_its_burst() -> None:
    now = [0.0]
    bucket = Bucket(rate=2, burst=3, now=lambda: now[0])
    now[0] = 1e6
    for _ in range(3):
        bucket.take()
    with pytest.raises(TooMany):
        bucket.take()


def test_an_address_gets_its_place_back_when_a_socket_goes() -> None:
    limit = AddressLimit(most=2)
    with limit.hold("a"), limit.hold("b"):
        with limit.hold("a"), pytest.raises(TooMany), limit.hold("a"):
            pass
        with limit.hold("a"):
            pass
    assert not limit._held
