"""Staff, dealers and endpoints as tables of a file: their fields, and the way there and back."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from booking.dealers.directory import Dealer, DealerKind, dealer_document
from booking.dealers.entry import LONGEST_CODE, DealerEntry, reasons
from booking.handoff.endpoint import CARRIES, EndpointKind, checked_address
from booking.handoff.guard import Guard
from booking.handoff.topics import Topic
from showroom.errors import BadRequest
from showroom.ids import ShowroomId, StaffId
from showroom.settings_file.reading import Document, Fields, Place, nearest
from showroom.settings_file.values import languages, line, optional, switch, word, words
from showroom.staff import LONGEST_NAME, normalised
from showroom.staff_records import Person
from showroom.words import Role

roles = words(Role)
STAFF_NEEDS = ("name", "languages")
NEW_STAFF: Document = {"robot": False, "disabled": False, "roles": {}}


def _roles(given: Any) -> dict[str, list[str]]:
    if not isinstance(given, dict):
        raise ValueError('write the roles by showroom, like paris = ["advisor"].')
    return {room: roles(theirs) for room, theirs in given.items()}


STAFF: Fields = {
    "email": normalised,
    "name": line(LONGEST_NAME),
    "languages": languages(least=0),
    "robot": switch,
    "disabled": switch,
    "roles": _roles,
}


def _as_it_is(given: Any) -> Any:
    return given


# A dealer's own rules judge the values: `DealerEntry`.
DEALER: Fields = {
    "code": line(LONGEST_CODE),
    **{name: _as_it_is for name in DealerEntry.model_fields if name != "code"},
    "closed": switch,
}
NEW_DEALER: Document = {"closed": False}

ENDPOINT: Fields = {
    "kind": word([one.value for one in EndpointKind]),
    "name": line(100),
    "address": line(2000, 0),
    "topics": words(Topic),
    "dealer": optional(line(LONGEST_CODE)),
}
ENDPOINT_NEEDS = ("topics",)
NEW_ENDPOINT: Document = {"address": ""}


def staff_document(person: Person, slugs: Mapping[ShowroomId, str]) -> dict[str, Any]:
    """Return a member of staff as a table, with their roles in the showrooms of `slugs`."""
    return {
        "email": person.email,
        "name": person.name,
        "languages": list(person.languages),
        "robot": person.robot,
        "disabled": person.disabled,
        "roles": {
            slugs[room]: [role.value for role in Role if role in person.roles[room]]
            for room in sorted(person.roles, key=lambda room: slugs.get(room, ""))
            if room in slugs
        },
    }


def person_of(table: Document, staff_id: StaffId, ids: Mapping[str, ShowroomId]) -> Person:
    """Return the member of staff of a whole table; `ids` by the slugs of its showrooms."""
    return Person(
        id=staff_id,
        email=table["email"],
        name=table["name"],
        languages=tuple(table["languages"]),
        robot=table["robot"],
        disabled=table["disabled"],
        roles={ids[room]: frozenset(map(Role, theirs)) for room, theirs in table["roles"].items()},
    )


def dealer_of(table: Document, showroom_id: ShowroomId, closed_at: int | None) -> Dealer:
    """Return the dealer of a whole table."""
    known = {name: given for name, given in table.items() if name != "closed"}
    return Dealer(
        **known
        | {
            "showroom_id": showroom_id,
            "kind": DealerKind(table["kind"]),
            "latitude": float(table["latitude"]),
            "longitude": float(table["longitude"]),
            "closed_at": closed_at,
        }
    )


def judged_dealer(table: Document, market: str, zone: str, place: Place) -> dict[str, Any]:
    """Return a dealer's whole table as it is kept; what is wrong is told to `place`.

    `market` and `zone` are the showroom's: they stand for what the table leaves open.
    """
    given = {name: one for name, one in table.items() if name != "closed"}
    try:
        entry = DealerEntry.model_validate(given, context={"market": market})
    except ValidationError as error:
        for reason in reasons(error):
            field, _, text = reason.partition(": ")
            named = field in DEALER
            (place.at(field) if named else place).wrong(text if named else reason)
        return {}
    known = entry.model_dump() | {
        "country": entry.country or market,
        "zone": entry.zone or zone,
    }
    dealer = Dealer(showroom_id=ShowroomId(""), **known)
    return dealer_document(replace(dealer, closed_at=0 if table["closed"] else None))


def judge_endpoint(
    table: Document,
    standing: Document | None,
    guard: Guard,
    dealers: Collection[str],
    place: Place,
) -> None:
    """Tell `place` what of an endpoint's whole table can't be; `dealers`: the codes there are."""
    kind, before = EndpointKind(table["kind"]), standing or {}
    carried = [topic.value for topic in CARRIES[kind]]
    topics = table.get("topics")
    if topics == []:
        place.at("topics").wrong(f"choose what it hears of: {', '.join(carried)}.")
    elif topics is not None and not set(topics) <= set(carried):
        place.at("topics").wrong(f"{kind.value} carries {', '.join(carried)} only.")
    address = table["address"]
    if address != before.get("address"):
        try:
            kept = checked_address(guard, kind, address)
        except BadRequest as error:
            place.at("address").wrong(error.message)
        else:
            if kept != address:
                right = f"write {kept}." if kept else "files lie in the data folder: leave it out."
                place.at("address").wrong(right)
    dealer = table.get("dealer")
    if dealer is not None and dealer != before.get("dealer") and dealer not in dealers:
        near = nearest(dealer, dealers) if dealers else ""
        place.at("dealer").wrong(f"there is no dealer with this code.{near}")
