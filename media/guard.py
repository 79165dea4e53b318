"""The guard in front of every aiortc connection of ours.

aioice hands any datagram that is not STUN to the connection, whoever sent it. With aioice 0.13 and
aiortc 1.16 one empty datagram from a stranger ends a call, and a spray of DTLS ClientHellos while
it is set up makes it fail. So data is let in only from an address that ICE has checked or is
checking (RFC 8445 §7, RFC 8827 §4.1), and nothing empty or malformed at all.
"""

import struct
from collections import Counter
from typing import Any

from aioice import Connection, ice, stun

from media import inside

# RFC 7983 §7: a first byte of 0–3 is STUN; DTLS, RTP and RTCP begin with higher ones.
LAST_STUN_BYTE = 3

dropped: Counter[str] = Counter()
_unguarded = inside.receiver_of_datagrams()


def install() -> None:
    """Guard all connections of this process from now on. Doing it twice changes nothing."""
    inside.replace_receiver_of_datagrams(_guarded)


def _guarded(self: ice.StunProtocol, data: bytes | str, address: tuple[Any, ...]) -> None:
    datagram = data if isinstance(data, bytes) else data.encode()
    why = _refused(self.receiver, datagram, (address[0], address[1]))
    if why:
        dropped[why] += 1
        return
    _unguarded(self, datagram, address)


def _refused(connection: Connection, datagram: bytes, address: tuple[str, int]) -> str | None:
    """Return why a datagram is dropped, or None to let it in."""
    if not datagram:
        return "empty"
    if datagram[0] <= LAST_STUN_BYTE:
        try:
            stun.parse_message(datagram)
        except (ValueError, struct.error):
            return "malformed"
        return None
    return None if inside.is_checked(connection, address) else "stranger"
