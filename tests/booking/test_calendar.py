"""Calendar files: what calendars of others read in them, and nothing that a stranger put in."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from booking.calendar import Method, Wording, feed, invitation
from showroom.words import AppointmentState
from tests.booking.visits import AVisit
from tests.samples import a_showroom
from tests.virtual_clock import START_MS

PARIS = a_showroom()
LINK = "https://live.example.com/v/2vFQ0m8cT1yq0e7rXbWzLg"
WORDING = Wording("Video visit: Crête, Orvanne Paris", f"Join here:\n{LINK}", LINK)
SENDER = "visits@orvanne.example"


def an_invitation(visit: AVisit, method: Method = Method.REQUEST) -> bytes:
    return invitation(PARIS, visit, WORDING, SENDER, START_MS, method)


def only_event(file: bytes) -> Any:
    (event,) = Calendar.from_ical(file).walk("VEVENT")
    return event


def test_an_invitation_says_what_a_calendar_needs() -> None:
    visit = AVisit(PARIS.id, sequence=2)
    calendar = Calendar.from_ical(an_invitation(visit))
    assert (calendar["VERSION"], calendar["METHOD"]) == ("2.0", "REQUEST")
    event = only_event(an_invitation(visit))
    assert event["UID"] == f"{visit.id}@orvanne.example"
    assert event["SEQUENCE"] == 2
    assert event.decoded("DTSTAMP") == datetime(2025, 10, 9, 8, 53, 20, tzinfo=UTC)
    assert event.decoded("DTSTART") == datetime(2025, 10, 16, 8, 30, tzinfo=UTC)
    assert event.decoded("DTEND") == datetime(2025, 10, 16, 9, 0, tzinfo=UTC)
    assert event["ORGANIZER"] == "mailto:visits@orvanne.example"
    assert event["ORGANIZER"].params["CN"] == "Orvanne Paris"
    assert event["ATTENDEE"] == "mailto:zoe@customer.example"
    assert event["ATTENDEE"].params["CN"] == "Zoé Petit"
    assert event["SUMMARY"] == WORDING.summary
    assert event["DESCRIPTION"] == WORDING.description
    assert event["URL"] == event["LOCATION"] == LINK
    assert event["STATUS"] == "CONFIRMED"


def test_a_second_reader_finds_the_same() -> None:
    visit = AVisit(PARIS.id, sequence=2)
    calendar = vobject.readOne(an_invitation(visit).decode())
    event = calendar.vevent
    assert calendar.method.value == "REQUEST"
    assert event.uid.value == f"{visit.id}@orvanne.example"
    assert event.sequence.value == "2"
    assert event.dtstart.value.timestamp() * 1000 == visit.starts_at
    assert event.dtend.value.timestamp() * 1000 == visit.ends_at
    assert event.summary.value == WORDING.summary
    assert event.description.value == WORDING.description
    assert event.url.value == LINK
    assert event.attendee.params["CN"] == ["Zoé Petit"]
    assert event.status.value == "CONFIRMED"


def test_times_are_written_in_utc() -> None:
    lines = an_invitation(AVisit(PARIS.id)).decode().splitlines()
    assert "DTSTART:20251016T083000Z" in lines
    assert "DTEND:20251016T090000Z" in lines


def test_a_cancellation_names_the_same_entry_with_a_higher_sequence() -> None:
    booked = AVisit(PARIS.id)
    cancelled = replace(booked, state=AppointmentState.CANCELLED, sequence=1)
    file = an_invitation(cancelled, Method.CANCEL)
    assert Calendar.from_ical(file)["METHOD"] == "CANCEL"
    before, after = only_event(an_invitation(booked)), only_event(file)
    assert before["UID"] == after["UID"]
    assert before["SEQUENCE"] < after["SEQUENCE"]
    assert after["STATUS"] == "CANCELLED"
    assert after["ATTENDEE"] == "mailto:zoe@customer.example"


@pytest.mark.parametrize("email", [None, "zoe@customer.example"])
def test_what_is_published_has_no_attendee(email: str | None) -> None:
    event = only_event(an_invitation(AVisit(PARIS.id, email=email), Method.PUBLISH))
    assert "ATTENDEE" not in event
    assert event["ORGANIZER"] == "mailto:visits@orvanne.example"


def test_lines_end_as_they_must_and_are_at_most_75_octets_long() -> None:
    file = an_invitation(AVisit(PARIS.id, name="é" * 100))
    assert file.endswith(b"\r\n")
    lines = file.split(b"\r\n")
    assert all(b"\n" not in line and b"\r" not in line for line in lines)
    assert max(map(len, lines)) <= 75
    # No letter is torn apart.
    assert all(line.decode() for line in lines[:-1])


@pytest.mark.parametrize(
    "name",
    [
        'Zoé "Zaza" Petit',
        "Petit; Zoé, née: Roux",
        "Zoé\r\nATTENDEE:mailto:all@customer.example",
        "שרה לוי",
        "👩🏽‍🚒",
        "<script>alert(1)</script>",
        "^n^'",
        "\x00\x07",
    ],
)
def test_no_name_breaks_out_of_its_place(name: str) -> None:
    file = an_invitation(AVisit(PARIS.id, name=name))
    assert only_event(file)["ATTENDEE"] == "mailto:zoe@customer.example"
    read = vobject.readOne(file.decode())
    assert read.vevent.attendee.value == "mailto:zoe@customer.example"
    assert len(file.decode().split("ATTENDEE;")) == 2
    assert "\r\nATTENDEE:" not in file.decode()


def test_a_feed_shows_what_takes_an_advisors_time_and_no_address() -> None:
    visits = [
        AVisit(PARIS.id, name="Zoé Petit"),
        AVisit(PARIS.id, name="Yann", state=AppointmentState.DONE, vehicle=None),
        AVisit(PARIS.id, name="Xavier", state=AppointmentState.CANCELLED),
        AVisit(PARIS.id, name="Will", state=AppointmentState.NO_SHOW),
        AVisit(PARIS.id, name="Hold", state=AppointmentState.HELD),
    ]
    desk = "https://live.example.com/advisor"
    file = feed(PARIS, visits, "Visits: Paris", {"crete": "Crête"}, desk, SENDER, START_MS)
    calendar = Calendar.from_ical(file)
    assert calendar["METHOD"] == "PUBLISH"
    assert calendar["X-WR-CALNAME"] == "Visits: Paris"
    events = calendar.walk("VEVENT")
    assert [event["SUMMARY"] for event in events] == ["Zoé Petit · Crête", "Yann"]
    assert {event["URL"] for event in events} == {desk}
    assert events[0]["DESCRIPTION"] == "The boot."
    assert b"customer.example" not in file
    assert b"2vFQ0m8cT1yq0e7rXbWzLg" not in file
    assert len(list(vobject.readOne(file.decode()).vevent_list)) == 2


def test_an_empty_feed_is_a_calendar_all_the_same() -> None:
    file = feed(PARIS, [], "Visits", {}, "https://live.example.com", SENDER, START_MS)
    assert Calendar.from_ical(file).walk("VEVENT") == []


def test_a_wish_of_ten_thousand_letters_is_cut_in_a_feed() -> None:
    visit = AVisit(PARIS.id, wish="x" * 10_000)
    file = feed(PARIS, [visit], "Visits", {}, "https://live.example.com", SENDER, START_MS)
    assert len(only_event(file)["DESCRIPTION"]) == 1000


@given(name=st.text(max_size=100), wish=st.text(max_size=200))
def test_whatever_customers_write_both_readers_read_one_event(name: str, wish: str) -> None:
    visit = AVisit(PARIS.id, name=name, wish=wish)
    for file in (
        an_invitation(visit),
        feed(PARIS, [visit], "Visits", {}, "https://live.example.com", SENDER, START_MS),
    ):
        assert only_event(file)["UID"] == f"{visit.id}@orvanne.example"
        assert len(vobject.readOne(file.decode()).vevent_list) == 1
