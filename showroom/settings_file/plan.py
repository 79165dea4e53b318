"""What a settings file would change: worked out from the file and what stands, and from no more."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from booking.dealers.directory import dealer_document
from booking.handoff.endpoint import EndpointKind, endpoint_document, told
from booking.handoff.guard import Guard
from showroom.audit import Subject, difference
from showroom.settings_file import people_tables as people
from showroom.settings_file import showroom_tables as rooms
from showroom.settings_file.parts import Part
from showroom.settings_file.reading import (
    Document,
    Place,
    entries,
    merged,
    nearest,
    read_table,
    require,
    shown,
)
from showroom.settings_file.standing import Standing, paired
from showroom.settings_file.writing import flat, key, value

OF_SHOWROOM = (Part.DEALERS, Part.VEHICLES, Part.ENDPOINTS)
EXAMPLES = {
    "showrooms": "[[showrooms]]",
    "staff": "[[staff]]",
    **{part.value: f"[[showrooms.{part.value}]]" for part in OF_SHOWROOM},
}


@dataclass(frozen=True, slots=True)
class Change:
    """One table that is to be added (`before` is None) or changed. Both tables are whole.

    `showroom`: the slug of the one it belongs to; empty for staff. `key` says which one it is
    within it: a slug, a code, an e-mail address; an endpoint's is its kind, name and number.
    """

    subject: Subject
    showroom: str
    key: Any
    before: Document | None
    after: Document

    @property
    def lines(self) -> list[str]:
        """The change as people read it, a line for each field."""
        head = label(self.subject, self.showroom, self.key)
        if self.before is None:
            theirs = self.after.get("roles", {}).items()
            roles = " and ".join(f"{', '.join(roles)} of {room}" for room, roles in theirs)
            return [f"{head} · added as {roles}" if roles else f"{head} · added"]
        return [
            f"{head} · {path}: {_told(old)} → {_told(new)}"
            for path, old, new in difference(*told(self.before, self.after))
        ]


@dataclass(slots=True)
class Plan:
    """What is to be done, in the order in which it can be, and all that is wrong with the file."""

    changes: list[Change] = field(default_factory=list)
    place: Place = field(default_factory=lambda: Place([]))

    @property
    def lines(self) -> list[str]:
        """All changes as people read them."""
        return [line for change in self.changes for line in change.lines]


def label(subject: Subject, showroom: str, which: Any) -> str:
    """Return how people call something: `vehicle crete of paris`."""
    name = which[1] if isinstance(which, tuple) else which
    plain = name if name.isprintable() and name == name.strip() and name else key(name)
    number = f" ({which[2] + 1})" if isinstance(which, tuple) and which[2] else ""
    within = "" if subject in (Subject.SHOWROOM, Subject.STAFF) else f" of {showroom}"
    return f"{subject.value} {plain}{number}{within}"


def _told(given: Any) -> str:
    return "nothing" if given is None else value(given)


def slugs_named(given: Document) -> set[str]:
    """Return the slugs of the showrooms that a file names."""
    named = given.get("showrooms")
    tables = named if isinstance(named, list) else []
    return {str(one.get("slug")) for one in tables if isinstance(one, dict)}


def planned(
    given: Document, standing: Standing, guard: Guard, only: Collection[Part] = tuple(Part)
) -> Plan:
    """Return what a file would change of what stands; other parts than `only` are not looked at."""
    plan = Plan()
    for name in given:
        if name not in ("showrooms", "staff"):
            plan.place.unknown(name, ("showrooms", "staff"), "table")
    known = set(standing.showrooms)
    seen: Counter[str] = Counter()
    for table in _tables(given, "showrooms", plan.place):
        slug = _name(table, "slug", "showroom", plan.place)
        if slug is None:
            continue
        seen[slug] += 1
        place = plan.place.of(label(Subject.SHOWROOM, "", slug))
        if seen[slug] > 1:
            place.wrong("it stands twice in the file. Put both together.")
        else:
            _showroom(plan, place, slug, table, standing, guard, only)
            if Part.SHOWROOMS in only:
                known.add(slug)
    if Part.STAFF in only:
        _staff(plan, given, standing, known)
    return plan


def _showroom(
    plan: Plan,
    place: Place,
    slug: str,
    table: Document,
    standing: Standing,
    guard: Guard,
    only: Collection[Part],
) -> None:
    room = standing.showrooms.get(slug)
    before = rooms.showroom_document(room) if room else None
    parts = {part: table[part.value] for part in OF_SHOWROOM if part.value in table}
    own = {name: one for name, one in table.items() if name not in EXAMPLES}
    after: dict[str, Any] = dict(before or rooms.NEW_SHOWROOM)
    if Part.SHOWROOMS in only:
        after = merged(after, read_table(rooms.SHOWROOM, own, before, place))
        require(rooms.SHOWROOM_NEEDS, after, place, "a new showroom")
        rooms.judge_holidays(after, place)
        _add(plan, place, Subject.SHOWROOM, slug, slug, before, after)
    elif before is None:
        place.wrong("there is no such showroom yet, and its own settings are left out.")
    # Dealers before endpoints, which may name one.
    codes = set(standing.range(slug).dealers)
    for part in OF_SHOWROOM:
        if part in parts and part in only:
            found = _tables({part.value: parts[part]}, part.value, place)
            if part is Part.DEALERS:
                codes |= _dealers(plan, slug, found, standing, after)
            elif part is Part.VEHICLES:
                _vehicles(plan, slug, found, standing)
            else:
                _endpoints(plan, slug, found, standing, codes, guard)


def _vehicles(plan: Plan, room: str, tables: list[dict[str, Any]], standing: Standing) -> None:
    cars = standing.range(room).vehicles
    for slug, place, table in _each(plan, Subject.VEHICLE, room, tables, "slug"):
        before = rooms.vehicle_document(cars[slug]) if slug in cars else None
        read = read_table(rooms.VEHICLE, table, before, place)
        after = merged(before or rooms.NEW_VEHICLE, read)
        require(rooms.VEHICLE_NEEDS, after, place, "a new vehicle")
        _add(plan, place, Subject.VEHICLE, room, slug, before, after)


def _dealers(
    plan: Plan, room: str, tables: list[dict[str, Any]], standing: Standing, around: Document
) -> set[str]:
    """Plan the dealers of a showroom, whose settings are `around`; return their codes."""
    there = standing.range(room).dealers
    codes = set()
    for code, place, table in _each(plan, Subject.DEALER, room, tables, "code"):
        codes.add(code)
        before = dealer_document(there[code]) if code in there else None
        read = read_table(people.DEALER, table, before, place)
        after = merged(before or people.NEW_DEALER, read)
        if after != before:
            market, zone = str(around.get("market", "")), str(around.get("zone", ""))
            after = people.judged_dealer(after, market, zone, place)
        _add(plan, place, Subject.DEALER, room, code, before, after)
    return codes


def _endpoints(
    plan: Plan,
    room: str,
    tables: list[dict[str, Any]],
    standing: Standing,
    codes: Collection[str],
    guard: Guard,
) -> None:
    there = standing.range(room).endpoints
    kinds = [kind.value for kind in EndpointKind]
    named = []
    for table in tables:
        name = _name(table, "name", f"endpoint of {room}", plan.place)
        if name is None:
            continue
        place = plan.place.of(label(Subject.ENDPOINT, room, name))
        kind = table.get("kind")
        if kind in kinds:
            named.append((place, table))
        else:
            near = nearest(str(kind), kinds)
            place.at("kind").wrong(f"{shown(kind or '')} is not known.{near}")
    keys = paired([table for _, table in named], there)
    for (place, table), which in zip(named, keys, strict=True):
        before = endpoint_document(there[which]) if which in there else None
        read = read_table(people.ENDPOINT, table, before, place)
        after = merged(before or people.NEW_ENDPOINT, read)
        require(people.ENDPOINT_NEEDS, after, place, "a new endpoint")
        if after != before:
            people.judge_endpoint(after, before, guard, codes, place)
        _add(plan, place, Subject.ENDPOINT, room, which, before, after)


def _staff(plan: Plan, given: Document, standing: Standing, known: Collection[str]) -> None:
    tables = _tables(given, "staff", plan.place)
    for email, place, table in _each(plan, Subject.STAFF, "", tables, "email"):
        person = standing.staff.get(email)
        before = people.staff_document(person, standing.slugs) if person else None
        read = read_table(people.STAFF, {**table, "email": email}, before, place)
        after = merged(before or people.NEW_STAFF, read)
        require(people.STAFF_NEEDS, after, place, "somebody new")
        roles = table.get("roles")
        for room in roles if isinstance(roles, dict) else ():
            if room not in known:
                place.at("roles").unknown(room, known, "showroom")
        after["roles"] = {room: theirs for room, theirs in sorted(after["roles"].items()) if theirs}
        if after != before and not after["roles"] and not place.at("roles").spoiled:
            place.at("roles").wrong(
                "everybody has a role in a showroom. Write disabled = true to shut somebody out."
            )
        _add(plan, place, Subject.STAFF, "", email, before, after)


def _each(
    plan: Plan, subject: Subject, room: str, tables: list[dict[str, Any]], by: str
) -> list[tuple[str, Place, dict[str, Any]]]:
    """Return tables by their names, each name once, with the place of each."""
    found: dict[str, tuple[str, Place, dict[str, Any]]] = {}
    for table in tables:
        name = _name(table, by, f"{subject.value} of {room}" if room else subject, plan.place)
        if name is None:
            continue
        which = name.strip().lower() if subject is Subject.STAFF else name
        place = plan.place.of(label(subject, room, which))
        if which in found:
            place.wrong("it stands twice in the file. Put both together.")
        else:
            found[which] = (which, place, table)
    return list(found.values())


def _name(table: Mapping[str, Any], by: str, what: str, place: Place) -> str | None:
    name = table.get(by)
    if isinstance(name, str) and name.strip():
        return name
    place.of(what).at(by).wrong("write it: it says which one this is.")
    return None


def _tables(given: Document, name: str, place: Place) -> list[dict[str, Any]]:
    return entries(given.get(name, []), place.at(name), f"like {EXAMPLES[name]}")


def _add(
    plan: Plan,
    place: Place,
    subject: Subject,
    room: str,
    which: Any,
    before: Document | None,
    after: Document,
) -> None:
    broken = any(one.table == place.table for one in place.problems)
    if not broken and (before is None or difference(flat(before), flat(after))):
        plan.changes.append(Change(subject, room, which, before, after))
