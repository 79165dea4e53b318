"""The guard in front of every aiortc connection of ours.

aioice hands any datagram that is not STUN to the connection, whoever sent it. With aioice 0.13 and
aiortc 1.16 one empty datagram from a stranger ends a call, and a spray of DTLS ClientHellos while
it is set up makes it fail. So data is let in only from an address that ICE has checked or is
checking (RFC 8445 §7, RFC 8827 §4.1), and nothing empty or malformed at all.

Checking is enough: when our check's answer is lost on the way, the other side may still have
settled on this pair by its own check (RFC 8445 §12.3), and would talk to a wall.

It replaces `aioice.ice.StunProtocol.datagram_received` and reads `Connection._check_list`,
`Connection._nominated` and `CandidatePair.state`; `tests/media/test_guard.py` fails clearly when a
newer aioice names them otherwise.
"""

import struct
from collections import Counter
from typing import Any

from aioice import ice, stun

# RFC 7983 §7: a first byte of 0–3 is STUN; DTLS, RTP and RTCP begin with higher ones.
LAST_STUN_BYTE = 3
KNOWN = (ice.CandidatePair.State.IN_PROGRESS, ice.CandidatePair.State.SUCCEEDED)

dropped: Counter[str] = Counter()
_unguarded = ice.StunProtocol.datagram_received


def install() -> None:
    """Guard all connections of this process from now on. Doing it twice changes nothing."""
    ice.StunProtocol.datagram_received = _guarded  # type: ignore[method-assign, assignment]


def _guarded(self: ice.StunProtocol, data: bytes | str, address: tuple[Any, ...]) -> None:
    datagram = data if isinstance(data, bytes) else data.encode()
    why = _refused(self.receiver, datagram, (address[0], address[1]))
    if why:
        dropped[why] += 1
        return
    _unguarded(self, datagram, address)


def _refused(connection: ice.Connection, datagram: bytes, address: tuple[str, int]) -> str | None:
    """Return why a datagram is dropped, or None to let it in."""
    if not datagram:
        return "empty"
    if datagram[0] <= LAST_STUN_BYTE:
        try:
            stun.parse_message(datagram)
        except (ValueError, struct.error):
            return "malformed"
        return None
    return None if _is_checked(connection, address) else "stranger"


def _is_checked(connection: ice.Connection, address: tuple[str, int]) -> bool:
    return any(
        pair.remote_addr == address and pair.state in KNOWN for pair in connection._check_list
    ) or any(pair.remote_addr == address for pair in connection._nominated.values())
