"""Calendar files (RFC 5545): a visit as an invitation, and an advisor's visits as a feed.

An invitation keeps its `UID` for life, and each change counts `SEQUENCE` up, so that a calendar
moves or removes the entry that it has (RFC 5546, 2.1.4). All times are UTC: no calendar needs to
know a showroom's time zone to be right.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from icalendar import Calendar, Event, vCalAddress, vUri

from booking.contact import one_line
from showroom.clock import to_datetime
from showroom.ids import AppointmentId
from showroom.showrooms import Showroom
from showroom.words import AppointmentState

PRODUCT = "-//Live Video Showroom//Visits//EN"
# How often calendars are asked to look at a feed again; they take their own time all the same.
REFRESH = timedelta(minutes=15)
LONGEST_WISH = 1_000
# What takes, or took, an advisor's time.
IN_FEED = frozenset(
    {
        AppointmentState.BOOKED,
        AppointmentState.WAITING,
        AppointmentState.LIVE,
        AppointmentState.DONE,
    }
)


class Method(StrEnum):
    """What a calendar shall do with a file (RFC 5546, 1.4)."""

    REQUEST = "REQUEST"  # put it in, or change it: with the customer as attendee
    CANCEL = "CANCEL"  # take it out
    PUBLISH = "PUBLISH"  # show it; for who downloads it, and for feeds


class Entry(Protocol):
    """What a calendar needs of an appointment."""

    @property
    def id(self) -> AppointmentId: ...
    @property
    def state(self) -> AppointmentState: ...
    @property
    def sequence(self) -> int: ...
    @property
    def starts_at(self) -> int: ...
    @property
    def ends_at(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str | None: ...
    @property
    def vehicle(self) -> str | None: ...
    @property
    def wish(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Wording:
    """What an entry says, in the reader's language; `link` is where the visit happens."""

    summary: str
    description: str
    link: str


def invitation(
    showroom: Showroom, visit: Entry, wording: Wording, sender: str, now_ms: int, method: Method
) -> bytes:
    """Return a visit as a file for the customer's calendar; `sender` is our e-mail address.

    A visit without an e-mail address can only be published: a request needs an attendee.
    """
    event = _event(visit, wording, sender, now_ms)
    cancelled = method is Method.CANCEL or visit.state is AppointmentState.CANCELLED
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event["organizer"] = _person(sender, showroom.name)
    if visit.email is not None and method is not Method.PUBLISH:
        guest = _person(visit.email, visit.name)
        # They chose the time themselves: nobody waits for an answer.
        guest.params.update(
            {"CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "ACCEPTED"}
        )
        guest.params["RSVP"] = "FALSE"
        event.add("attendee", guest, encode=False)
    calendar = _calendar(method)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def feed(
    showroom: Showroom,
    visits: Iterable[Entry],
    title: str,
    vehicles: Mapping[str, str],
    link: str,
    sender: str,
    now_ms: int,
) -> bytes:
    """Return an advisor's visits as a calendar to subscribe to, for nobody but them.

    `title` names the calendar, `vehicles` gives a car's name by its slug, `link` leads to where
    the advisor works. Addresses and numbers of customers stay out of it: feeds get around.
    """
    calendar = _calendar(Method.PUBLISH)
    calendar.add("name", title)
    calendar.add("x-wr-calname", title)
    calendar.add("x-wr-timezone", showroom.zone)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", REFRESH)
    for visit in visits:
        if visit.state not in IN_FEED:
            continue
        car = vehicles.get(visit.vehicle or "", "")
        summary = " · ".join(part for part in (visit.name, car) if part)
        wording = Wording(summary, visit.wish[:LONGEST_WISH], link)
        event = _event(visit, wording, sender, now_ms)
        event.add("status", "CONFIRMED")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _calendar(method: Method) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method.value)
    return calendar


def _event(visit: Entry, wording: Wording, sender: str, now_ms: int) -> Event:
    event = Event()
    # Unique in the world (RFC 7986, 5.3 asks for no more), and the same in every mail.
    event.add("uid", f"{visit.id}@{sender.rpartition('@')[2]}")
    event.add("sequence", visit.sequence)
    event.add("dtstamp", to_datetime(now_ms))
    event.add("dtstart", to_datetime(visit.starts_at))
    event.add("dtend", to_datetime(visit.ends_at))
    event.add("summary", one_line(wording.summary))
    event.add("description", _visible(wording.description))
    event.add("location", wording.link)
    event["url"] = vUri(wording.link)
    return event


def _person(email: str, name: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{email}")
    # Parameters can't hold quotation marks (RFC 5545, 3.2), and few readers know RFC 6868.
    person.params["CN"] = one_line(name).replace('"', "'").replace("^", "")
    return person


def _visible(text: str) -> str:
    """Return `text` without control characters, which RFC 5545 (3.1) does not allow."""
    return "".join(
        letter for letter in text if letter in "\n\t" or unicodedata.category(letter) != "Cc"
    )
