"""Guessing passwords is slow, from one address or from thousands, and nobody is locked out by it.

An attempt runs in one of two lanes. A browser that signed in to this account before carries a
*device cookie* and has a lane of its own, which strangers can't fill. Everybody else shares three
limits: growing delays for this account from this address, a limit for the address over all
accounts, and one for the account over all addresses. (After OWASP, 'Slow Down Online Guessing
Attacks with Device Cookies'.)

An attempt is counted by `check`, before the password is looked at, in the same atomic script that
decides: a hundred parallel guesses are a hundred attempts. A right password takes it back.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

import structlog
from redis.asyncio import Redis

from showroom.clock import Clock
from showroom.errors import TooMany, TryAgain
from showroom.valkey import AWAY

HOUR_MS = 3_600_000
DEVICE_DAYS = 180
# An IPv6 customer holds a /64 and can use a fresh address of it for each guess.
IPV6_PREFIX = 64

# KEYS: one counter each. ARGV: now, then for each key `free`, `longest` and `forget` (ms), or
# `limit`, 0 and `window`. A counter with delays doubles its pause from the first attempt above
# `free`; one without refuses for the rest of its window. Returns the ms to wait, or 0 when the
# attempt may go on and has been counted everywhere.
_COUNT = """
local now = tonumber(ARGV[1])
local wait = 0
local counts = {}
for i, key in ipairs(KEYS) do
  local most, longest, span = unpack(ARGV, 3 * i - 1, 3 * i + 1)
  most, longest, span = tonumber(most), tonumber(longest), tonumber(span)
  local kept = redis.call('HMGET', key, 'n', 'since', 'last')
  local n, since = tonumber(kept[1] or 0), tonumber(kept[2] or now)
  local last = tonumber(kept[3] or now)
  if longest > 0 then
    if now - last >= span then n = 0 end
    if n > most then
      local pause = math.min(1000 * 2 ^ math.min(n - most - 1, 30), longest)
      wait = math.max(wait, last + pause - now)
    end
  else
    if now - since >= span then n, since = 0, now end
    if n >= most then wait = math.max(wait, since + span - now) end
  end
  counts[i] = {n + 1, since, span}
end
if wait > 0 then return math.ceil(wait) end
for i, key in ipairs(KEYS) do
  redis.call('HSET', key, 'n', counts[i][1], 'since', counts[i][2], 'last', now)
  redis.call('PEXPIRE', key, counts[i][3])
end
return 0
"""

# KEYS: the counter to clear, then those from which one attempt is taken back.
_TAKE_BACK = """
redis.call('DEL', KEYS[1])
for i = 2, #KEYS do
  if tonumber(redis.call('HGET', KEYS[i], 'n') or 0) > 0 then
    redis.call('HINCRBY', KEYS[i], 'n', -1)
  end
end
return 0
"""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Counter:
    """A limit. With `longest_ms` the pause doubles after `most` attempts, up to that; without, no
    more than `most` attempts in `span_ms`. It is forgotten after `span_ms`.
    """

    most: int
    longest_ms: int
    span_ms: int


PAIR = Counter(most=3, longest_ms=15 * 60_000, span_ms=24 * HOUR_MS)
DEVICE = Counter(most=5, longest_ms=15 * 60_000, span_ms=24 * HOUR_MS)
ADDRESS = Counter(most=60, longest_ms=0, span_ms=HOUR_MS)
ACCOUNT = Counter(most=20, longest_ms=0, span_ms=HOUR_MS)


class SignInThrottle:
    """Counts sign-ins in Redis. Addresses of people and of mail stand there only as digests."""

    def __init__(self, redis: Redis, clock: Clock, secret: str) -> None:
        self._redis = redis
        self._clock = clock
        self._secret = secret.encode()
        self._count = redis.register_script(_COUNT)
        self._take_back = redis.register_script(_TAKE_BACK)

    async def check(self, email: str, address: str, device: str | None) -> None:
        """Count an attempt, or raise `TooMany` with `retry_after` in seconds.

        `address` is the peer's IP address, `device` the browser's device cookie. Raises `TryAgain`
        when Redis is away: without counting nobody signs in.
        """
        lane = self._lane(email, address, device)
        numbers = [n for _, c in lane for n in (c.most, c.longest_ms, c.span_ms)]
        try:
            wait_ms = await self._count(
                keys=[key for key, _ in lane], args=[self._clock(), *numbers]
            )
        except AWAY as error:
            raise TryAgain from error
        if wait_ms:
            log.info("sign-in throttled", account=self._account(email)[:12])
            seconds = -(-int(wait_ms) // 1000)
            raise TooMany(
                f"Too many attempts to sign in. Try again in {_in_words(seconds)}.", seconds
            )

    async def failed(self, email: str, address: str, device: str | None) -> None:
        """Say that the password was wrong. `check` has counted the attempt already, and it stays
        counted; this leaves a trace for whoever watches.
        """
        log.info(
            "sign-in failed",
            account=self._account(email)[:12],
            network=self._digest("address", network_of(address))[:12],
            known_device=self._device(email, device) is not None,
        )

    async def succeeded(self, email: str, address: str, device: str | None) -> str:
        """Take the attempt back and return the browser's device cookie, valid for 180 days."""
        try:
            await self._take_back(keys=[key for key, _ in self._lane(email, address, device)])
        except AWAY as error:
            raise TryAgain from error
        number = secrets.token_urlsafe(16)
        issued = str(self._clock())
        return f"{number}.{issued}.{self._seal(email, number, issued)}"

    def _lane(self, email: str, address: str, device: str | None) -> list[tuple[str, Counter]]:
        """Return the counters of an attempt; the first is the one a success clears.

        The hash tag puts them into one slot, as a script on a cluster needs it.
        """
        account = self._account(email)
        known = self._device(email, device)
        if known is not None:
            return [(f"{{sign-in}}:device:{self._digest('device', known)}", DEVICE)]
        peer = self._digest("address", network_of(address))
        return [
            (f"{{sign-in}}:pair:{account}:{peer}", PAIR),
            (f"{{sign-in}}:address:{peer}", ADDRESS),
            (f"{{sign-in}}:account:{account}", ACCOUNT),
        ]

    def _device(self, email: str, device: str | None) -> str | None:
        """Return a cookie's number when we made it for this account, and not too long ago."""
        number, _, rest = (device or "").partition(".")
        issued, _, seal = rest.partition(".")
        right = self._seal(email, number, issued)
        if not seal.isascii() or not hmac.compare_digest(seal, right):
            return None
        too_old = self._clock() - int(issued) > DEVICE_DAYS * 24 * HOUR_MS
        return None if too_old else number

    def _seal(self, email: str, number: str, issued: str) -> str:
        return self._digest("device-cookie", self._account(email), number, issued)

    def _account(self, email: str) -> str:
        return self._digest("account", email.strip().lower())

    def _digest(self, purpose: str, *parts: str) -> str:
        text = "\0".join((purpose, *parts)).encode(errors="surrogatepass")
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()[:43]


def network_of(address: str) -> str:
    """Return what limits count as one: an IPv4 address, or the network of an IPv6 customer."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return f"{int(parsed) >> (128 - IPV6_PREFIX):x}"


def _in_words(seconds: int) -> str:
    return f"{seconds} s" if seconds < 120 else f"{-(-seconds // 60)} min"
