"""Where a picture begins that needs no earlier one: the codecs' payload formats, as far as that."""

from collections.abc import Callable

IsKeyframe = Callable[[bytes], bool]

# RFC 6184 §5.2 and §5.4
_IDR, _SPS, _STAP_A, _FU_A = 5, 7, 24, 28


def vp8(payload: bytes) -> bool:
    """Say whether this is the first packet of a VP8 keyframe (RFC 7741 §4.2, RFC 6386 §9.1)."""
    # S: the start of a partition; and of the first one, whose number is 0.
    if len(payload) < 2 or not payload[0] & 0x10 or payload[0] & 0x07:
        return False
    at = 1
    if payload[0] & 0x80:  # X: the extended control bits follow
        extended = payload[1]
        at = 2
        if extended & 0x80:  # I: a picture id of one byte or two
            at += 2 if len(payload) > at and payload[at] & 0x80 else 1
        at += bool(extended & 0x40) + bool(extended & 0x30)  # L, and T or K
    return len(payload) > at and not payload[at] & 0x01


def h264(payload: bytes) -> bool:
    """Say whether this packet carries a parameter set or begins an IDR slice (RFC 6184 §5.4)."""
    if len(payload) < 2:
        return False
    kind = payload[0] & 0x1F
    if kind == _FU_A:
        return bool(payload[1] & 0x80) and payload[1] & 0x1F in (_IDR, _SPS)
    if kind == _STAP_A:
        return any(unit & 0x1F in (_IDR, _SPS) for unit in _first_bytes(payload))
    return kind in (_IDR, _SPS)


def _first_bytes(packet: bytes) -> list[int]:
    """Return the first byte of each unit of an aggregation packet."""
    found, at = [], 1
    while at + 2 < len(packet):
        found.append(packet[at + 2])
        at += 2 + int.from_bytes(packet[at : at + 2], "big")
    return found


def always(_: bytes) -> bool:
    """Sound begins anywhere."""
    return True


OF_CODEC: dict[str, IsKeyframe] = {"vp8": vp8, "h264": h264, "opus": always}
