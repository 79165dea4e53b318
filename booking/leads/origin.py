"""Where somebody came from, and the store's ids: flat text, which visits and calls carry along.

It is strangers' text from an address: cut short, on one line, and nothing is decided by it.
"""

from collections.abc import Mapping

from booking.contact import one_line
from booking.leads.lead import StoreIds, Touch

LONGEST = 100
LONGEST_BYTES = 200  # so that all of it fits into one cookie
TOUCH = ("source", "medium", "name")
IDS = ("customer", "basket", "configuration")
FIRST = "first_"

# Keys are those of `TOUCH`, with `at`; the same with `FIRST` before; and those of `IDS`.
Origin = Mapping[str, str]


def arrived(known: Origin, utm: Mapping[str, str], ids: Mapping[str, str], now: int) -> Origin:
    """Return the origin after an arrival. Without any campaign or id it is what it was."""
    touch = {name: text for name in TOUCH if (text := short(utm.get(name, "")))}
    found = dict(known)
    if touch:
        touch["at"] = str(now)
        found = {name: text for name, text in found.items() if name not in (*TOUCH, "at")} | touch
        if not any(name.startswith(FIRST) for name in found):
            found |= {FIRST + name: text for name, text in touch.items()}
    return found | {name: text for name in IDS if (text := short(ids.get(name, "")))}


def cleaned(given: Mapping[str, object]) -> Origin:
    """Return what is sensible of something that claims to be an origin."""
    names = {*TOUCH, "at", *(FIRST + name for name in (*TOUCH, "at")), *IDS}
    return {
        name: line
        for name, text in given.items()
        if name in names and isinstance(text, str) and (line := short(text))
    }


def touches_of(origin: Origin, at: int) -> tuple[Touch | None, Touch | None]:
    """Return the first touch and the last; one that does not say when was at `at`."""
    last = _touch(origin, "", at)
    return _touch(origin, FIRST, at) or last, last


def ids_of(origin: Origin) -> StoreIds:
    """Return what the store calls the customer, their basket and their configuration."""
    return StoreIds(**{name: short(origin.get(name, "")) for name in IDS})


def short(text: str) -> str:
    """Return a text that fits: one line of at most 100 characters and 200 bytes."""
    line = one_line(text[: 4 * LONGEST])[:LONGEST]
    return line.encode(errors="replace")[:LONGEST_BYTES].decode(errors="ignore").strip()


def _touch(origin: Origin, prefix: str, at: int) -> Touch | None:
    said = {name: short(origin.get(prefix + name, "")) for name in TOUCH}
    if not any(said.values()):
        return None
    when = origin.get(f"{prefix}at", "")
    # No later than now: a made-up moment must not be the newest for ever.
    known = when.isascii() and when.isdecimal() and len(when) < 16
    return Touch(**said, at=min(int(when), at) if known else at)
