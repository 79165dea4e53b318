"""Headers of RTP are read as RFC 3550 §5.1 and RFC 8285 write them."""

import struct
from dataclasses import dataclass

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from media.relay.rtp import (
    HEADER,
    ONE_BYTE_EXTENSION,
    Malformed,
    clock,
    newer,
    parse,
    send_time_extension,
)

TWO_BYTE_EXTENSION = 0x1000


@dataclass(frozen=True)
class Written:
    """A packet as the test writes it: field by field, from the drawing in the RFC."""

    payload_type: int = 96
    marker: bool = False
    sequence: int = 1
    timestamp: int = 2
    ssrc: int = 3
    sources: tuple[int, ...] = ()
    profile: int | None = None
    extensions: tuple[tuple[int, bytes], ...] = ()
    gap: int = 0
    payload: bytes = b"payload"
    padding: int = 0

    def __bytes__(self) -> bytes:
        bits = 2 << 30 | bool(self.padding) << 29 | (self.profile is not None) << 28
        bits |= len(self.sources) << 24 | self.marker << 23 | self.payload_type << 16
        data = struct.pack("!LLL", bits | self.sequence, self.timestamp, self.ssrc)
        data += b"".join(struct.pack("!L", one) for one in self.sources)
        if self.profile is not None:
            words = self._extension()
            data += struct.pack("!HH", self.profile, len(words) // 4) + words
        data += self.payload
        if self.padding:
            data += bytes(self.padding - 1) + bytes([self.padding])
        return data

    def _extension(self) -> bytes:
        data = b""
        for number, value in self.extensions:
            data += bytes(self.gap)
            if self.profile == ONE_BYTE_EXTENSION:
                data += bytes([number << 4 | len(value) - 1]) + value
            else:
                data += bytes([number, len(value)]) + value
        return data + bytes(-len(data) % 4)


short = st.integers(0, 0xFFFF)
long = st.integers(0, 0xFFFFFFFF)
packets = st.builds(
    Written,
    payload_type=st.integers(0, 127),
    marker=st.booleans(),
    sequence=short,
    timestamp=long,
    ssrc=long,
    sources=st.lists(long, max_size=15).map(tuple),
    profile=st.sampled_from([None, ONE_BYTE_EXTENSION, TWO_BYTE_EXTENSION, 0xABCD]),
    extensions=st.lists(
        st.tuples(st.integers(1, 14), st.binary(min_size=1, max_size=16)), max_size=5
    ).map(tuple),
    gap=st.integers(0, 3),
    payload=st.binary(max_size=60),
    padding=st.integers(0, 255),
)


@given(packets, st.integers(0, 14))
@example(Written(padding=255, payload=b""), 5)
def test_whatever_is_written_is_read(written: Written, wanted: int) -> None:
    packet = parse(memoryview(bytes(written)), wanted)
    assert packet.payload == written.payload
    assert (packet.payload_type, bool(packet.marker)) == (written.payload_type, written.marker)
    assert packet.sequence == written.sequence
    assert (packet.timestamp, packet.ssrc) == (written.timestamp, written.ssrc)
    found = [value for number, value in written.extensions if number == wanted and len(value) == 2]
    expected = None
    if written.profile == ONE_BYTE_EXTENSION and wanted and found:
        expected = int.from_bytes(found[0], "big")
    assert packet.transport_sequence == expected


def test_the_marker_stands_where_it_is_written_again() -> None:
    packet = parse(memoryview(bytes(Written(marker=True, payload_type=96))), 0)
    assert packet.marker | packet.payload_type == 0x80 | 96


@given(packets, st.data())
def test_a_packet_that_is_cut_off_is_read_or_malformed(
    written: Written, data: st.DataObject
) -> None:
    whole = bytes(written)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    try:
        packet = parse(memoryview(cut), 5)
    except Malformed:
        return
    assert len(cut) >= HEADER.size
    assert packet.payload in cut


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(Written())[:11],
        bytes(Written(sources=(1, 2)))[:19],
        bytes(Written(profile=ONE_BYTE_EXTENSION, extensions=((1, b"xx"),)))[:15],
        bytes(Written(profile=ONE_BYTE_EXTENSION, extensions=((1, b"xx"),)))[:17],
        b"\xa0" + bytes(Written(payload=b"\x09"))[1:],  # more padding than there is packet
    ],
)
def test_headers_that_promise_more_than_there_is_are_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse(memoryview(data), 1)


@given(st.binary(max_size=200), st.integers(0, 14))
def test_whatever_comes_is_read_or_malformed(data: bytes, wanted: int) -> None:
    try:
        parse(memoryview(data), wanted)
    except Malformed:
        return


def test_padding_alone_has_no_payload() -> None:
    assert parse(memoryview(bytes(Written(payload=b"", padding=200))), 0).payload == b""


@given(st.integers(1, 14), st.floats(0, 1e6))
def test_abs_send_time_has_24_bits_of_64_seconds(number: int, seconds: float) -> None:
    extension = send_time_extension(number, seconds)
    profile, words, head = struct.unpack_from("!HHB", extension)
    assert (profile, words, len(extension)) == (ONE_BYTE_EXTENSION, 1, 8)
    assert (head >> 4, (head & 15) + 1) == (number, 3)
    later = send_time_extension(number, seconds + 1)
    between = int.from_bytes(later[5:], "big") - int.from_bytes(extension[5:], "big")
    assert abs(between % (1 << 24) - (1 << 18)) <= 1


@given(short, st.integers(0, 0x7FFF))
def test_newer_is_what_comes_within_half_the_numbers(start: int, ahead: int) -> None:
    assert newer((start + ahead) & 0xFFFF, start)
    assert not newer(start, (start + ahead + 1) & 0xFFFF)


def test_the_clock_never_goes_back() -> None:
    times = [clock() for _ in range(1000)]
    assert times == sorted(times)
