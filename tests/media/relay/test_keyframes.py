"""A picture's beginning is found in the payloads that encoders write."""

import fractions
import struct

import av
import numpy as np
import pytest
from aiortc.codecs import get_encoder
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import Vp8Encoder
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from hypothesis import given
from hypothesis import strategies as st

from media.relay.keyframes import OF_CODEC, always, h264, vp8

KEY, INTER = b"\x10\x02\x00\x9d\x01\x2a", b"\x11\x02\x00\x11\x11\x11"


def descriptor(
    picture: int | None = None,
    long_picture: bool = False,
    level: bool = False,
    layer: bool = False,
    key_index: bool = False,
    first: bool = True,
    partition: int = 0,
) -> bytes:
    """Write a VP8 payload descriptor from the drawing in RFC 7741 §4.2."""
    extended = picture is not None or level or layer or key_index
    data = bytes([extended << 7 | first << 4 | partition])
    if extended:
        bits = (picture is not None) << 7 | level << 6 | layer << 5 | key_index << 4
        data += bytes([bits])
    if picture is not None:
        data += struct.pack("!H", 0x8000 | picture) if long_picture else bytes([picture & 0x7F])
    data += b"\x07" * level
    return data + b"\x20" * (layer or key_index)


forms = st.builds(
    descriptor,
    picture=st.none() | st.integers(0, 0x7FFF),
    long_picture=st.booleans(),
    level=st.booleans(),
    layer=st.booleans(),
    key_index=st.booleans(),
)


@given(forms)
def test_a_vp8_keyframe_is_found_behind_every_descriptor(form: bytes) -> None:
    assert vp8(form + KEY)
    assert not vp8(form + INTER)
    assert not vp8(form)


@pytest.mark.parametrize("other", [descriptor(first=False), descriptor(partition=3)])
def test_the_middle_of_a_vp8_picture_is_no_beginning(other: bytes) -> None:
    assert not vp8(other + KEY)


def aggregated(*units: bytes) -> bytes:
    """Write a STAP-A (RFC 6184 §5.7.1)."""
    return b"\x78" + b"".join(struct.pack("!H", len(unit)) + unit for unit in units)


SPS, PPS, IDR, SLICE, SEI = b"\x67sps", b"\x68pp", b"\x65idr", b"\x41slice", b"\x06sei"


@pytest.mark.parametrize(
    ("payload", "begins"),
    [
        (SPS, True),
        (IDR, True),
        (PPS, False),
        (SLICE, False),
        (SEI, False),
        (aggregated(SPS, PPS), True),
        (aggregated(SEI, IDR), True),
        (aggregated(SEI, SLICE), False),
        (aggregated(SEI)[:3], False),
        (b"\x7c\x85" + b"idr", True),  # the first fragment of an IDR slice (§5.8)
        (b"\x7c\x05" + b"idr", False),
        (b"\x7c\x45" + b"idr", False),
        (b"\x7c\x81" + b"slice", False),
        (b"\x65", False),
        (b"", False),
    ],
)
def test_h264_begins_with_a_parameter_set_or_an_idr_slice(payload: bytes, begins: bool) -> None:
    assert h264(payload) is begins


@given(st.binary(max_size=80))
def test_no_payload_makes_a_rule_stumble(payload: bytes) -> None:
    for rule in OF_CODEC.values():
        assert rule(payload) in (True, False)


def test_sound_begins_anywhere() -> None:
    assert OF_CODEC["opus"] is always
    assert always(b"x")


@pytest.mark.parametrize(("name", "rule"), [("VP8", vp8), ("H264", h264)])
def test_in_what_an_encoder_writes_each_keyframe_is_found_and_nothing_else(
    name: str, rule: object
) -> None:
    encoder = get_encoder(RTCRtpCodecParameters(f"video/{name}", 90_000, payloadType=96))
    assert isinstance(encoder, Vp8Encoder | H264Encoder)
    noise, packets = np.random.default_rng(1), 0
    for index in range(12):
        pixels = noise.integers(0, 255, (240, 320, 3), np.uint8)
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        frame.pts, frame.time_base = index * 3000, fractions.Fraction(1, 90_000)
        forced = index in (0, 5)
        payloads, _ = encoder.encode(frame, force_keyframe=forced)
        packets += len(payloads)
        assert any(map(OF_CODEC[name.lower()], payloads)) is forced, index
        if name == "VP8":
            assert [vp8(payload) for payload in payloads] == [forced] + [False] * (
                len(payloads) - 1
            )
    assert packets > 24
