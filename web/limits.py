"""How often one address may do what costs us work: start calls, leave numbers, keep times."""

from collections import OrderedDict
from dataclasses import dataclass

from aiohttp.web import AppKey, Request

from showroom.throttle import network_of
from signaling.limits import Bucket
from web.visitor import address_of

# Addresses remembered at a time; the one not seen for longest is forgotten first.
REMEMBERED = 10_000


@dataclass(frozen=True)
class Allowance:
    """`burst` at once, then `rate` a second. A company's people share one address."""

    name: str
    rate: float
    burst: float


CALLS = Allowance("calls", rate=0.5, burst=30)
CALL_BACKS = Allowance("call_backs", rate=0.1, burst=10)
REQUESTS = Allowance("requests", rate=0.1, burst=10)
SLOTS = Allowance("slots", rate=2, burst=60)
# Each keeps a time from others for five minutes; who hears that a time is taken keeps none.
HOLDS = Allowance("holds", rate=0.05, burst=20)
# A run on one time, by many behind one address: all but one shall hear what else is free.
WISHES = Allowance("wishes", rate=2, burst=300)
# Whatever is asked with a visit's token: there is no hurry, except for who guesses.
VISITS = Allowance("visits", rate=5, burst=100)
# A page asks once for each postcode that somebody types.
DEALERS = Allowance("dealers", rate=1, burst=40)
# Whatever is asked with a reservation's token.
RESERVATIONS = Allowance("reservations", rate=2, burst=60)
# Whatever is asked with the token of a call's photos: a page, and each of its pictures.
PHOTOS = Allowance("photos", rate=5, burst=200)
STORE_LINKS = Allowance("store_links", rate=0.5, burst=30)
# A store has news of many customers at once.
STORES = Allowance("stores", rate=50, burst=500)
# An advisor's page sends one every two seconds, and is not in a hurry.
STILLS = Allowance("stills", rate=1, burst=5)
# A practice takes half a minute, and space until tomorrow.
PRACTISING = Allowance("practising", rate=0.05, burst=10)
# Calendars ask every few minutes, several for a company; guessing stays hopeless.
FEEDS = Allowance("feeds", rate=0.5, burst=60)


# Letters to a new password, and what is tried with a link out of one: each costs a hash.
PASSWORD_LETTERS = Allowance("password_letters", rate=0.02, burst=10)
PASSWORD_LINKS = Allowance("password_links", rate=0.1, burst=20)

# Each asks the company's sign-in twice, and everybody of an office may come at nine.
COMPANY_SIGN_INS = Allowance("company_sign_ins", rate=0.5, burst=60)

# Checks of a line: what begins one, its measures (five a check, megabytes each), its code, and who
# asks for a code by heart.
CHECKING = Allowance("checking", rate=0.1, burst=20)
MEASURING = Allowance("measuring", rate=0.2, burst=50)
CHECK_CODES = Allowance("check_codes", rate=0.02, burst=10)
LOOKUPS = Allowance("lookups", rate=0.5, burst=30)


class Limits:
    """The buckets of this node."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[tuple[str, str], Bucket] = OrderedDict()

    def take(self, address: str, allowance: Allowance) -> None:
        """Count one. Raises `TooMany`."""
        self._bucket(address, allowance).take()

    def check(self, address: str, allowance: Allowance) -> None:
        """Raise `TooMany` when there is none left; count none."""
        self._bucket(address, allowance).check()

    def _bucket(self, address: str, allowance: Allowance) -> Bucket:
        key = (address, allowance.name)
        bucket = self._buckets.pop(key, None) or Bucket(allowance.rate, allowance.burst)
        self._buckets[key] = bucket
        if len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        return bucket


LIMITS = AppKey("limits", Limits)


def limit(request: Request, allowance: Allowance) -> None:
    """Count one request of this address. Raises `TooMany`."""
    request.app[LIMITS].take(network_of(address_of(request)), allowance)


def check_limit(request: Request, allowance: Allowance) -> None:
    """Raise `TooMany` when this address has none left; the request itself is not counted."""
    request.app[LIMITS].check(network_of(address_of(request)), allowance)
