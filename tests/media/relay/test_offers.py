"""What browsers offer is understood, answered in their own terms, and refused without harm."""

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from aiortc import RTCCertificate, RTCIceParameters
from aiortc.rtcicetransport import candidate_to_aioice
from aiortc.sdp import SessionDescription, candidate_from_sdp
from hypothesis import given
from hypothesis import strategies as st

from media.relay.offers import (
    LARGEST,
    MOST_CANDIDATES,
    MOST_COMPARISONS,
    MOST_LINES,
    MOST_SECTIONS,
    Answer,
    BadOffer,
    Offer,
    Place,
    Section,
    read_offer,
)
from media.relay.rtp import ABS_SEND_TIME, TRANSPORT_CC

FOLDER = Path(__file__).parent / "descriptions"
# Chromium's are its own, word for word; the others are in the manner of their browsers.
SDPS = {file.stem: file.read_text() for file in sorted(FOLDER.glob("*.sdp"))}
CHROMIUM = SDPS["chromium_publisher"]
FINGERPRINT = RTCCertificate.generateCertificate().getFingerprints()[0]
OURS = "1 1 udp 2130706431 203.0.113.5 50000 typ host"


def answered(offer: Offer, codec: str = "vp8") -> Answer:
    """Answer as a room does, with places of one codec."""
    places: list[Place | Section] = []
    for index, section in enumerate(offer.sections):
        found = section.codec("opus" if section.kind == "audio" else codec)
        if found is None:
            places.append(section)
        elif section.gets:
            places.append(Place(section, found, 1000 + index, section.mid))
        else:
            places.append(Place(section, found))
    candidates = [candidate_to_aioice(candidate_from_sdp(OURS))]
    return Answer(RTCIceParameters("ours", "p" * 22), candidates, FINGERPRINT, places, "me")


# ---------------------------------------------------------------- what is read


def test_there_is_an_offer_of_each_kind_of_browser() -> None:
    assert set(SDPS) == {"chromium_publisher", "chromium_viewer", "firefox_like", "safari_like"}


@pytest.mark.parametrize("name", SDPS)
def test_each_browser_is_understood(name: str) -> None:
    offer = read_offer(SDPS[name])
    written = re.findall(r"^m=(\w+)", SDPS[name], re.MULTILINE)
    assert [section.kind for section in offer.sections] == written
    assert offer.pictures() == {"vp8", "h264"}
    assert {one.algorithm for one in offer.fingerprints} == {"sha-256"}
    assert len(offer.ice.usernameFragment or "") >= 4
    for section in offer.sections:
        names = {codec.name.lower() for codec in section.codecs}
        assert names <= ({"opus"} if section.kind == "audio" else {"vp8", "h264"})


@pytest.mark.parametrize(
    ("name", "mid", "codec", "number"),
    [
        ("chromium_publisher", "0", "opus", 111),
        ("chromium_publisher", "1", "vp8", 96),
        ("chromium_publisher", "1", "h264", 102),
        ("firefox_like", "0", "opus", 109),
        ("firefox_like", "1", "vp8", 120),
        ("firefox_like", "1", "h264", 126),
        ("safari_like", "1", "vp8", 100),
        # 96 is the high profile, which not every decoder in the room may know.
        ("safari_like", "1", "h264", 98),
    ],
)
def test_each_codec_is_found_under_the_number_of_this_browser(
    name: str, mid: str, codec: str, number: int
) -> None:
    section = next(one for one in read_offer(SDPS[name]).sections if one.mid == mid)
    found = section.codec(codec)
    assert found
    assert found.payloadType == number


def test_lines_may_end_as_the_standard_says() -> None:
    assert read_offer(CHROMIUM.replace("\n", "\r\n")).sections == read_offer(CHROMIUM).sections


def test_directions_ssrcs_and_extensions_are_read() -> None:
    sections = {one.mid: one for one in read_offer(SDPS["firefox_like"]).sections}
    assert [(one.sends, one.gets) for one in sections.values()] == [
        (True, True),
        (True, True),
        (False, True),
    ]
    assert sections["1"].ssrcs == (3047811240, 2210990113)
    assert sections["1"].extensions[TRANSPORT_CC] == 7
    assert sections["1"].extensions[ABS_SEND_TIME] == 4


def test_only_candidates_that_a_check_can_be_sent_to_are_taken() -> None:
    (one,) = read_offer(SDPS["safari_like"]).candidates
    assert (one.host, one.port) == ("203.0.113.7", 60410)
    hosts = {one.host for one in read_offer(CHROMIUM).candidates}
    assert hosts == {"192.0.2.2", "fd00::2"}


@pytest.mark.parametrize(
    "candidate",
    [
        "1 1 udp 1 printer.LOCAL 5000 typ host",
        "1 1 udp 1 example.com 5000 typ host",
        "1 1 udp 1 192.0.2.1 0 typ host",
        "1 1 udp 1 192.0.2.1 70000 typ host",
        "1 1 udp 1 192.0.2.1 -1 typ host",
        "1 2 udp 1 192.0.2.1 5000 typ host",
        "1 1 tcp 1 192.0.2.1 9 typ host tcptype active",
    ],
)
def test_other_candidates_are_passed_over(candidate: str) -> None:
    sdp = CHROMIUM.replace("a=mid:1\n", f"a=mid:1\na=candidate:{candidate}\n")
    assert sdp != CHROMIUM
    assert [one.port for one in read_offer(sdp).candidates] == [53163, 36988]


def test_only_so_many_candidates_are_taken() -> None:
    lines = "".join(f"a=candidate:1 1 udp 1 192.0.2.1 {port} typ host\n" for port in range(1, 200))
    offer = read_offer(CHROMIUM.replace("a=mid:1\n", f"a=mid:1\n{lines}"))
    assert len(offer.candidates) <= MOST_CANDIDATES


# ---------------------------------------------------------------- what doesn't fit into a header


@pytest.mark.parametrize("number", [72, 95, 128, 255])
def test_a_number_that_fits_into_no_header_is_no_codec(number: int) -> None:
    sdp = CHROMIUM.replace(" 96 97 ", f" {number} 97 ").replace(":96 ", f":{number} ")
    try:
        offer = read_offer(sdp)
    except BadOffer:
        return
    sections = [one for one in offer.sections if one.kind == "video"]
    numbers = {codec.payloadType for one in sections for codec in one.codecs}
    assert number not in numbers


@pytest.mark.parametrize("number", [-1, 0, 15, 16, 200, 10**9])
def test_an_extension_under_an_id_that_fits_nowhere_is_not_offered(number: int) -> None:
    sdp = SDPS["chromium_viewer"].replace(f"a=extmap:2 {ABS_SEND_TIME}", "a=x")
    sdp = sdp.replace("a=x", f"a=extmap:{number} {ABS_SEND_TIME}")
    for place in answered(read_offer(sdp)).places:
        assert isinstance(place, Place)
        assert place.extension(ABS_SEND_TIME) == 0


# ---------------------------------------------------------------- the answer


@pytest.mark.parametrize("codec", ["vp8", "h264"])
@pytest.mark.parametrize("name", SDPS)
def test_an_answer_says_of_each_section_what_was_agreed(name: str, codec: str) -> None:
    offer = read_offer(SDPS[name])
    answer = SessionDescription.parse(answered(offer, codec).sdp())
    opposite = {"sendonly": "recvonly", "recvonly": "sendonly", "sendrecv": "sendrecv"}
    assert len(answer.media) == len(offer.sections)
    assert [set(map(str, one.items)) for one in answer.group] == [{s.mid for s in offer.sections}]
    for section, media in zip(offer.sections, answer.media, strict=True):
        assert (media.kind, media.rtp.muxId) == (section.kind, section.mid)
        assert media.direction == opposite[section.direction]
        (chosen,) = media.rtp.codecs
        assert chosen.name.lower() == ("opus" if section.kind == "audio" else codec)
        assert chosen in [replace(one, rtcpFeedback=chosen.rtcpFeedback) for one in section.codecs]
        assert media.rtcp_mux
        assert media.dtls
        assert media.dtls.role == "server"  # so that the browser begins
        assert media.dtls.fingerprints == [FINGERPRINT]
        assert media.ice
        assert media.ice.usernameFragment == "ours"
        assert [one.port for one in media.ice_candidates] == [50000]
        assert len(media.ssrc) == section.gets
        taken = section.codec(chosen.name.lower())
        assert taken
        offered = {(one.type, one.parameter) for one in taken.rtcpFeedback}
        agreed = {(one.type, one.parameter) for one in chosen.rtcpFeedback}
        assert agreed <= offered
        assert (("transport-cc", None) in agreed) <= section.sends
        for extension in media.rtp.headerExtensions:
            assert section.extensions[extension.uri] == extension.id


def test_a_section_without_a_codec_of_ours_is_refused_alone() -> None:
    sdp = re.sub(r"opus/48000/2", "opus/16000/1", CHROMIUM)
    answer = SessionDescription.parse(answered(read_offer(sdp)).sdp())
    assert [one.port for one in answer.media] == [0, 9, 0, 9]
    assert [set(map(str, one.items)) for one in answer.group] == [{"1", "3"}]


# ---------------------------------------------------------------- refusals


def without(pattern: str) -> str:
    changed = re.sub(pattern, "", CHROMIUM, flags=re.MULTILINE)
    assert changed != CHROMIUM
    return changed


def with_lines(many: int, line: str) -> str:
    return CHROMIUM.replace("a=mid:1\n", "a=mid:1\n" + line * many)


@pytest.mark.parametrize(
    ("sdp", "why"),
    [
        ("", "no sections"),
        ("v=0\n" * 250_000, "too long"),
        (CHROMIUM + "a=x:" + "y" * LARGEST, "too long"),
        (with_lines(MOST_LINES, "a=x\n"), "too long"),
        (with_lines(200, "a=rtpmap:1 a/1\na=rtcp-fb:* x\n"), "too long"),
        (without(r"^a=group:.*\n"), "one transport"),
        (CHROMIUM.replace("BUNDLE 0 1 2 3", "BUNDLE 0 1 2"), "one transport"),
        (CHROMIUM.replace("a=mid:1\n", "a=mid:0\n"), "one transport"),
        (without(r"^a=mid:1\n"), "one transport"),
        (without(r"^a=fingerprint:.*\n"), "fingerprint"),
        (CHROMIUM.replace("a=setup:actpass", "a=setup:passive"), "server of DTLS"),
        (without(r"^a=setup:.*\n"), "fingerprint"),
        (without(r"^a=ice-ufrag:.*\n"), "ICE"),
        (without(r"^a=ice-pwd:.*\n"), "ICE"),
        (without(r"^a=rtcp-mux\n"), "RTCP"),
        ("v=0\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\n", "other ones than media"),
        ("v=0\n" + "m=audio 9 UDP/TLS/RTP/SAVPF 0\n" * (MOST_SECTIONS + 1), "too many"),
        ("v=0\nm=audio 9 UDP/TLS/RTP/SAVPF 0 999\n", "can't be read"),
        ("v=0\nm=audio\n", "can't be read"),
        ("v=0\na=setup:x\n" + CHROMIUM, "can't be read"),
    ],
)
def test_an_offer_that_can_not_be_answered_is_refused_with_a_reason(sdp: str, why: str) -> None:
    with pytest.raises(BadOffer, match=why):
        read_offer(sdp)


def test_a_megabyte_is_refused_unread() -> None:
    huge = CHROMIUM + "a=candidate:1 1 udp 1 192.0.2.1 5000 typ host\n" * 24_000
    assert len(huge) > 1_000_000
    began = time.process_time()
    with pytest.raises(BadOffer, match="too long"):
        read_offer(huge)
    assert time.process_time() - began < 0.1


def test_an_offer_made_to_keep_the_parser_busy_does_not() -> None:
    half = MOST_LINES // 2 - 2
    worst = "a=rtpmap:1 a/1\n" * half + "a=rtcp-fb:* x\n" * half
    many = int(MOST_COMPARISONS**0.5)
    allowed = "a=rtpmap:1 a/1\n" * many + "a=rtcp-fb:* x\n" * many
    began = time.process_time()
    for lines in (worst, allowed):
        with pytest.raises(BadOffer):
            read_offer("v=0\nm=video 9 A 1\n" + lines)
    # Unbounded it takes seconds, in which nobody's picture goes on, and hundreds of megabytes.
    assert time.process_time() - began < 1


lines = st.sampled_from(sorted({line for sdp in SDPS.values() for line in sdp.splitlines()}))


@given(st.text(max_size=300) | st.lists(lines | st.text(max_size=30), max_size=60).map("\n".join))
def test_of_garbage_there_is_an_offer_or_a_refusal_and_nothing_else(sdp: str) -> None:
    try:
        offer = read_offer(sdp)
    except BadOffer:
        return
    answered(offer).sdp()


@given(st.sampled_from(sorted(SDPS)), st.data())
def test_of_a_damaged_offer_too(name: str, data: st.DataObject) -> None:
    whole = SDPS[name].splitlines()
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(whole) - 1))
        line = whole[place]
        at = data.draw(st.integers(0, len(line)))
        number = str(data.draw(st.integers(-9, 10**12)))
        text = line[:at] + data.draw(st.text(max_size=4)) + line[at:]
        changed = ["", line * 2, line[:at], text, re.sub(r"\d+", number, line, count=1)]
        whole[place] = data.draw(st.sampled_from(changed))
    try:
        offer = read_offer("\n".join(whole))
    except BadOffer:
        return
    answer = answered(offer)
    for one in answer.places:
        if isinstance(one, Place):
            assert one.payload_type in range(128)
            assert one.extension(ABS_SEND_TIME) in range(15)
    answer.sdp()
