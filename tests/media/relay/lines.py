"""Sources and outlets over real contexts of libsrtp, and a reader of what comes out of them.

The reader opens packets by itself, from RFC 3711 §4.3 and RFC 7714 §8: it finds out under which
number a packet was really protected, which a library keeps to itself.
"""

import secrets
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from aiortc.rtp import RtpPacket
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pylibsrtp import Policy, Session

from media.inside import Workbench
from media.relay.keyframes import always
from media.relay.outlet import Outlet
from media.relay.rtp import Packet
from media.relay.source import Source

BENCH = Workbench()
_KEY, _SALT = 16, 12


def is_key(payload: bytes) -> bool:
    """What these tests take for a keyframe."""
    return payload.startswith(b"key")


@dataclass(eq=False)
class Publisher:
    """A stream that says what it is asked for."""

    rank: int = 1
    asked: int = 0

    def request_keyframe(self) -> None:
        self.asked += 1


@dataclass(frozen=True)
class Opened:
    """A packet that came out. `index`: its number without wrapping, as libsrtp counted it."""

    index: int
    packet: RtpPacket
    protected: bytes

    @property
    def payload(self) -> bytes:
        return self.packet.payload


class Line:
    """One outlet, and whoever reads it."""

    def __init__(self, kind: str = "video", send_time_id: int = 3) -> None:
        self.sent: list[bytes] = []
        secret = secrets.token_bytes(_KEY + _SALT)
        policy = Policy(
            secret, Policy.SSRC_ANY_OUTBOUND, srtp_profile=Policy.SRTP_PROFILE_AEAD_AES_128_GCM
        )
        policy.allow_repeat_tx = True
        policy.window_size = 1024
        self._session = Session(policy)
        master, salt = secret[:_KEY], secret[_KEY:] + bytes(2)
        self._cipher = AESGCM(_derive(master, salt, 0, _KEY))
        self._salt = _derive(master, salt, 2, _SALT)
        self.outlet = Outlet(kind, 0xABCD, 100, send_time_id, self._session._srtp[0], self._take)

    def _take(self, datagram: memoryview) -> None:
        self.sent.append(bytes(datagram))

    def resend(self, sequence: int) -> bytes | None:
        """Ask for a packet again; return its protected bytes, or None when it is gone."""
        before = len(self.sent)
        found = self.outlet.resend(sequence & 0xFFFF, BENCH)
        assert found or len(self.sent) == before
        return self.sent.pop() if len(self.sent) > before else None

    def opened(self) -> list[Opened]:
        """Return all that came, in its order. Fails when a packet is not authentic."""
        found: list[Opened] = []
        highest = 0
        for protected in self.sent:
            one = self._open(protected, highest >> 16)
            highest = max(highest, one.index)
            found.append(one)
        return found

    def _open(self, protected: bytes, rounds: int) -> Opened:
        packet = RtpPacket.parse(protected)
        end = 12 + (4 + 4 * struct.unpack_from("!H", protected, 14)[0] if protected[0] & 16 else 0)
        for guess in (rounds, rounds + 1, max(0, rounds - 1)):
            nonce = struct.pack("!HLLH", 0, packet.ssrc, guess, packet.sequence_number)
            nonce = bytes(a ^ b for a, b in zip(nonce, self._salt, strict=True))
            try:
                plain = self._cipher.decrypt(nonce, protected[end:], protected[:end])
            except InvalidTag:
                continue
            whole = RtpPacket.parse(protected[:end] + plain)
            return Opened(guess << 16 | packet.sequence_number, whole, protected)
        raise AssertionError("a packet that nobody can open")


def _derive(master: bytes, salt: bytes, label: int, length: int) -> bytes:
    """Return a session key (RFC 3711 §4.3.1 and §4.3.3)."""
    start = bytearray(salt)
    start[7] ^= label
    stream = Cipher(algorithms.AES(master), modes.CTR(bytes(start) + bytes(2))).encryptor()
    return stream.update(bytes(length))


@dataclass
class Studio:
    """A source with publishers and lines, and a clock that the test moves."""

    kind: str = "video"
    now: float = 100.0
    source: Source = field(init=False)
    _rule: Callable[[bytes], bool] = field(init=False)

    def __post_init__(self) -> None:
        self.source = Source(self.kind, 90_000, BENCH)
        self._rule = is_key if self.kind == "video" else always

    def send(
        self, publisher: Publisher, sequence: int, payload: bytes, timestamp: int | None = None
    ) -> None:
        """Let a packet of a publisher come in, a hundredth of a second after the one before."""
        self.now += 0.01
        at = sequence * 900 if timestamp is None else timestamp
        packet = Packet(96, 0, sequence & 0xFFFF, at & 0xFFFFFFFF, 7, None, payload)
        self.source.take(publisher, packet, self._rule, self.now)

    def line(self, send_time_id: int = 3) -> Line:
        """Let somebody get the source."""
        line = Line(self.kind, send_time_id)
        self.source.add(line.outlet)
        return line
