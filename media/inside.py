"""Every private member of aiortc, aioice and pylibsrtp that we use: here, and nowhere else.

Their public faces decode and encode; a forwarder does neither. What it needs below them:

==================================  ================================================================
member                              what for
==================================  ================================================================
`RTCDtlsTransport._set_role`        the role that the answer names (RFC 8842 §5)
`RTCDtlsTransport._rx_srtp`,        the SRTP sessions that the handshake has keyed (RFC 5764)
`RTCDtlsTransport._tx_srtp`
`Session._srtp`                     libsrtp's own context in them: packets are protected in place
`pylibsrtp._binding`                libsrtp's functions, as its package calls them
`Connection._nominated`             the pair that the browser has chosen (RFC 8445 §8.1.1)
`Connection._check_list`,           the addresses that ICE has checked, or is checking
`CandidatePair.state`
`Connection._protocols`             the sockets that were opened, to close those of a gathering
                                    that failed
`StunProtocol.datagram_received`    the guard in front of every connection
==================================  ================================================================

And a duck: `RTCDtlsTransport` asks its transport for `_recv()` and `_send()` only, so ours
(`media.relay.road`) is an object with these two, and may change the sockets below.

`tests/media/test_inside.py` fails clearly when a newer version has moved one of them; the versions
that are known to fit are pinned in `pyproject.toml`.
"""

from collections.abc import Callable
from typing import Any, Literal

from aioice import Connection, ice
from aiortc import RTCDtlsTransport
from pylibsrtp._binding import ffi, lib

# libsrtp's functions that work in place: (context, buffer, length in and out) -> 0 if all is well.
protect: Callable[[Any, Any, Any], int] = lib.srtp_protect
unprotect: Callable[[Any, Any, Any], int] = lib.srtp_unprotect
protect_rtcp: Callable[[Any, Any, Any], int] = lib.srtp_protect_rtcp
unprotect_rtcp: Callable[[Any, Any, Any], int] = lib.srtp_unprotect_rtcp

# RFC 3711 §3.1 and §3.4: the most that protection adds, tags of AES-GCM and keys' names included.
TRAILER = 148

_KNOWN = (ice.CandidatePair.State.IN_PROGRESS, ice.CandidatePair.State.SUCCEEDED)

Receive = Callable[[ice.StunProtocol, bytes | str, tuple[Any, ...]], None]


class Workbench:
    """A buffer in which packets are protected and opened in place, and their length beside it."""

    def __init__(self, size: int = 2048) -> None:
        self.bytes = bytearray(size)
        self.view = memoryview(self.bytes)
        self.pointer = ffi.from_buffer(self.bytes)
        self.length = ffi.new("int *")


def set_dtls_role(transport: RTCDtlsTransport, role: Literal["client", "server"]) -> None:
    """Say who begins the handshake, before it starts."""
    transport._set_role(role)


def srtp_contexts(transport: RTCDtlsTransport) -> tuple[Any, Any]:
    """Return libsrtp's contexts of a connected transport: for what comes in, and what goes out.

    They live as long as the transport does: keep it.
    """
    return transport._rx_srtp._srtp[0], transport._tx_srtp._srtp[0]


def chosen_pair(connection: Connection) -> ice.CandidatePair | None:
    """Return the pair that was nominated last, or None before."""
    return connection._nominated.get(1)


def is_checked(connection: Connection, address: tuple[str, int]) -> bool:
    """Say whether ICE has checked this address, or is checking it (RFC 8445 §7).

    Checking is enough: when our check's answer is lost on the way, the other side may still have
    settled on this pair by its own check (§12.3), and would talk to a wall.
    """
    return any(
        pair.remote_addr == address and pair.state in _KNOWN for pair in connection._check_list
    ) or any(pair.remote_addr == address for pair in connection._nominated.values())


def add_protocol(connection: Connection, protocol: ice.StunProtocol) -> None:
    """Let a connection own a socket: it closes it in the end."""
    connection._protocols.append(protocol)


def receiver_of_datagrams() -> Receive:
    """Return what takes each datagram of each connection at present."""
    return ice.StunProtocol.datagram_received


def replace_receiver_of_datagrams(receive: Receive) -> None:
    """Let `receive` take each datagram of each connection of this process from now on."""
    ice.StunProtocol.datagram_received = receive  # type: ignore[method-assign, assignment]
