"""Letters on their way: written from what is true, sent once where nothing dies, never lost."""

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import pytest
import structlog
from icalendar import Calendar

from booking.letters import KIND, Topic
from booking.mail import FolderMailer, SmtpMailer, letters_in
from booking.returned import Returned
from showroom.children import leashed
from showroom.database import Database
from showroom.ids import AppointmentId, ShowroomId
from showroom.showrooms import Showroom, Showrooms
from showroom.vehicles import Vehicles
from showroom.words import AppointmentEvent, AppointmentState
from tests.booking.delivering import until, working
from tests.booking.mail_server import MailServer, mail_server
from tests.booking.posting import Post
from tests.booking.visits import DAY_MS, HOUR_MS, MINUTE_MS, VISIT_AT, AVisit
from tests.samples import a_showroom, a_vehicle, saved_advisor
from tests.virtual_clock import VirtualClock


@pytest.fixture
async def paris(database: Database) -> Showroom:
    showroom = a_showroom()
    await Showrooms(database).save(showroom)
    await Vehicles(database).save(a_vehicle(showroom.id))
    return showroom


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with mail_server() as opened:
        yield opened


@pytest.fixture
def post(database: Database, clock: VirtualClock, paris: Showroom, server: MailServer) -> Post:
    return Post(database, clock, paris, SmtpMailer(server.url))


def body(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def invitation(message: EmailMessage) -> tuple[str, Any]:
    """Return the method and the event of a mail's calendar part."""
    (part,) = (part for part in message.walk() if part.get_content_type() == "text/calendar")
    calendar = Calendar.from_ical(part.get_content())
    assert part["Content-Type"].params["method"] == calendar["METHOD"]
    (event,) = calendar.walk("VEVENT")
    return str(calendar["METHOD"]), event


async def test_a_confirmation_arrives_whole(
    post: Post, server: MailServer, database: Database
) -> None:
    alice = await saved_advisor(database)
    visit = AVisit(post.showroom.id, advisor_id=alice)
    await post.tell(visit, AppointmentEvent.BOOKED)
    await post.send_due()
    (got,) = server.got
    assert got["From"] == "Orvanne Paris <visits@orvanne.example>"
    assert got["To"] == "Zoé Petit <zoe@customer.example>"
    assert got["Subject"] == "Your video visit: Thursday, 16 October 2025, 10:30"
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["Content-Language"] == "en"
    assert got["Date"] == "Thu, 09 Oct 2025 08:53:20 +0000"
    assert got["Message-ID"].endswith("@orvanne.example>")
    for kind in ("plain", "html"):
        assert f"https://live.example.com/v/{visit.token}" in body(got, kind)
        assert "Alice Martin" in body(got, kind)
        assert "Crête" in body(got, kind)
    method, event = invitation(got)
    assert method == "REQUEST"
    assert (event["UID"], event["SEQUENCE"]) == (f"{visit.id}@orvanne.example", 0)
    (attached,) = got.iter_attachments()
    assert attached.get_filename() == "visit.ics"
    assert b"METHOD:REQUEST\r\n" in attached.get_content()


async def test_the_parts_of_a_mail_stand_as_mail_programs_expect_them(
    post: Post, server: MailServer
) -> None:
    await post.tell(AVisit(post.showroom.id), AppointmentEvent.BOOKED)
    await post.send_due()
    assert [part.get_content_type() for part in server.got[0].walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]


async def test_a_visit_is_followed_from_the_booking_to_the_door(
    post: Post, server: MailServer, clock: VirtualClock
) -> None:
    await post.tell(AVisit(post.showroom.id), AppointmentEvent.BOOKED)
    await post.send_due()
    arrived = [(0.0, str(server.got[0]["Subject"]))]
    clock.now_ms = VISIT_AT - DAY_MS - HOUR_MS
    while clock.now_ms <= VISIT_AT + HOUR_MS:
        before = len(server.got)
        await post.send_due()
        minutes = (VISIT_AT - clock.now_ms) / MINUTE_MS
        arrived += [(minutes, str(mail["Subject"])) for mail in server.got[before:]]
        clock.advance(seconds=600)
    assert [subject for _, subject in arrived] == [
        "Your video visit: Thursday, 16 October 2025, 10:30",
        "To remind you: your video visit, Thursday, 16 October 2025, 10:30",
        "Your video visit begins at 10:30",
        "Your visit is about to begin",
    ]
    for (minutes, _), planned in zip(arrived[1:], (24 * 60, 60, 10), strict=True):
        assert planned - 10 < minutes <= planned
    assert [result for _, result in await post.endings()] == ["delivered"] * 4


async def test_a_new_time_moves_the_entry_and_old_reminders_stay_silent(
    post: Post, server: MailServer, clock: VirtualClock
) -> None:
    visit = AVisit(post.showroom.id)
    await post.tell(visit, AppointmentEvent.BOOKED)
    await post.send_due()
    moved = replace(
        visit, starts_at=VISIT_AT + 2 * DAY_MS, ends_at=visit.ends_at + 2 * DAY_MS, sequence=1
    )
    await post.tell(moved, AppointmentEvent.RESCHEDULED)
    await post.send_due()
    clock.now_ms = VISIT_AT
    await post.send_due()
    first, second = server.got
    assert second["Subject"] == "Your visit has moved: Saturday, 18 October 2025, 10:30"
    (_, before), (method, after) = invitation(first), invitation(second)
    assert method == "REQUEST"
    assert before["UID"] == after["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)
    assert after.decoded("DTSTART").timestamp() * 1000 == moved.starts_at


async def test_a_cancellation_takes_the_entry_out(post: Post, server: MailServer) -> None:
    visit = AVisit(post.showroom.id, state=AppointmentState.CANCELLED, sequence=1)
    await post.tell(visit, AppointmentEvent.CANCELLED)
    await post.send_due()
    method, event = invitation(server.got[0])
    assert (method, event["SEQUENCE"], event["STATUS"]) == ("CANCEL", 1, "CANCELLED")


async def test_an_apology_offers_the_three_free_times_nearest_to_the_one_that_was_chosen(
    post: Post, server: MailServer
) -> None:
    visit = AVisit(post.showroom.id, state=AppointmentState.CANCELLED, sequence=1)
    post.diary.free = [VISIT_AT + hours * HOUR_MS for hours in (-100, -2, 1, 3, 24)]
    await post.tell(visit, AppointmentEvent.CALLED_OFF)
    await post.send_due()
    (got,) = server.got
    text = body(got)
    assert invitation(got)[0] == "CANCEL"
    offered = [f"?start={VISIT_AT + hours * HOUR_MS}\n" for hours in (-2, 1, 3)]
    assert [text.count(link) for link in offered] == [1, 1, 1]
    assert text.count("?start=") == 3


async def test_an_apology_without_any_free_time_is_sent_all_the_same(
    post: Post, server: MailServer
) -> None:
    visit = AVisit(post.showroom.id, state=AppointmentState.CANCELLED)
    await post.tell(visit, AppointmentEvent.CALLED_OFF)
    await post.send_due()
    assert "?start=" not in body(server.got[0])


@pytest.mark.parametrize(
    ("event", "state", "subject"),
    [
        (AppointmentEvent.NO_SHOW, AppointmentState.NO_SHOW, "We missed you. Another time?"),
        (
            AppointmentEvent.HOST_NO_SHOW,
            AppointmentState.HOST_NO_SHOW,
            "We are sorry that you waited",
        ),
    ],
)
async def test_whoever_was_missing_a_letter_leads_to_another_time(
    post: Post,
    server: MailServer,
    event: AppointmentEvent,
    state: AppointmentState,
    subject: str,
) -> None:
    visit = AVisit(post.showroom.id, state=state)
    await post.tell(visit, event)
    await post.send_due()
    (got,) = server.got
    assert got["Subject"] == subject
    assert f"/v/{visit.token}" in body(got)
    assert not list(got.iter_attachments())


async def test_a_colleague_is_named_to_who_had_chosen_another(
    post: Post, server: MailServer, database: Database
) -> None:
    alice = await saved_advisor(database)
    visit = AVisit(post.showroom.id, advisor_id=alice, named=True)
    await post.tell(visit, AppointmentEvent.REASSIGNED)
    await post.send_due()
    assert "With: Alice Martin" in body(server.got[0])


@pytest.mark.parametrize(
    ("topic", "now"),
    [
        (Topic.REMINDER_DAY, {"sequence": 1}),
        (Topic.REMINDER_SOON, {"state": AppointmentState.WAITING}),
        (Topic.REMINDER_HOUR, {"state": AppointmentState.CANCELLED}),
        (Topic.BOOKED, {"state": AppointmentState.CANCELLED}),
        (Topic.HOST_NO_SHOW, {"state": AppointmentState.LIVE}),
        (Topic.BOOKED, {"email": None}),
    ],
)
async def test_what_is_not_true_any_more_is_dropped(
    post: Post, server: MailServer, topic: Topic, now: dict[str, Any]
) -> None:
    visit = post.diary.put(AVisit(post.showroom.id))
    await post.put(visit, topic)
    post.diary.put(replace(visit, **now))
    await post.send_due()
    assert server.got == []
    assert await post.endings() == [(topic.value, "dropped")]


async def test_a_letter_about_an_appointment_that_is_gone_is_dropped(
    post: Post, server: MailServer
) -> None:
    await post.put(AVisit(post.showroom.id), Topic.BOOKED)
    await post.send_due()
    assert await post.endings() == [("booked", "dropped")]


async def test_a_car_that_has_left_the_range_is_not_named(post: Post, server: MailServer) -> None:
    await post.tell(AVisit(post.showroom.id, vehicle="gone"), AppointmentEvent.BOOKED)
    await post.send_due()
    assert "Car:" not in body(server.got[0])


async def test_a_french_customer_gets_a_french_mail(post: Post, server: MailServer) -> None:
    await post.tell(AVisit(post.showroom.id, language="fr"), AppointmentEvent.BOOKED)
    await post.send_due()
    (got,) = server.got
    assert got["Subject"] == "Votre visite vidéo : jeudi 16 octobre 2025, 10:30"
    assert got["Content-Language"] == "fr"
    assert invitation(got)[1]["SUMMARY"] == "Visite vidéo : Crête, Orvanne Paris"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Zoé\r\nBcc: all@customer.example", ""),
        ("Zoé\nX-Evil: 1\n\nbody", ""),
        ('"Zoé" <all@customer.example>', ""),
        ("Zoé\r\n\r\nPetit", "Zoé Petit"),
        ("Petit, Zoé; (Zaza)", "Petit, Zoé; (Zaza)"),
        ("שרה לוי", "שרה לוי"),
        ("Zoë 👩🏽‍🚒", "Zoë 👩🏽‍🚒"),
        ("x" * 100, "x" * 100),
        ("é" * 100, "é" * 100),
        ("<script>alert(1)</script>", ""),
    ],
)
async def test_whatever_a_customer_is_called_only_they_get_the_mail(
    post: Post, server: MailServer, name: str, shown: str
) -> None:
    await post.tell(AVisit(post.showroom.id, name=name, wish="x" * 10_000), AppointmentEvent.BOOKED)
    await post.send_due()
    (got,) = server.got
    assert server.receivers == ["zoe@customer.example"]
    # Not `got["To"]`: the library writes long names as it should, and reads them with a gap in.
    (header,) = (str(value) for key, value in got.raw_items() if key == "To")
    written, address = parseaddr(header.replace("\r\n", ""))
    assert address == "zoe@customer.example"
    assert (str(make_header(decode_header(written))) if written else "") == shown
    assert got["Bcc"] is got["X-Evil"] is None
    assert "<script>" not in body(got, "html")
    assert "x" * 101 not in got.as_string()


async def test_a_refused_address_ends_it_with_the_answer(post: Post, server: MailServer) -> None:
    server.to_receiver = "550 5.1.1 no such user"
    await post.put(post.diary.put(AVisit(post.showroom.id)), Topic.BOOKED)
    await post.send_due()
    assert await post.endings() == [("booked", "failed")]
    assert await post.answers() == ["550 5.1.1 no such user"]


async def test_a_visit_whose_last_letter_came_back_is_known_until_one_arrives(
    post: Post, server: MailServer, clock: VirtualClock
) -> None:
    wrong, right = AVisit(post.showroom.id), AVisit(post.showroom.id)
    returned = Returned(post.database)
    both = [AppointmentId(wrong.id), AppointmentId(right.id)]
    await post.tell(right, AppointmentEvent.BOOKED)
    await post.send_due()
    server.to_receiver = "550 5.1.1 no such user"
    await post.tell(wrong, AppointmentEvent.BOOKED)
    await post.send_due()
    assert await returned.of(post.showroom.id, both) == {wrong.id}
    assert await returned.of(ShowroomId("another"), both) == set()
    server.to_receiver = "250 OK"
    moved = replace(wrong, sequence=wrong.sequence + 1)
    await post.tell(moved, AppointmentEvent.RESCHEDULED)
    await post.send_due()
    assert await returned.of(post.showroom.id, both) == set()


async def test_a_server_that_is_busy_gets_it_later_with_the_same_message_id(
    post: Post, server: MailServer, clock: VirtualClock
) -> None:
    server.to_data = "451 4.3.0 busy"
    await post.put(post.diary.put(AVisit(post.showroom.id)), Topic.BOOKED)
    (first,) = await post.outbox.claim(KIND, 1)
    await post.outbox.settle(first, await post.sink.deliver(first))
    assert await post.answers() == ["451 4.3.0 busy"]
    server.to_data = "250 OK"
    clock.advance(seconds=5)
    await post.send_due()
    assert [mail["Message-ID"] for mail in server.got] == [f"<{first.id}@orvanne.example>"]


async def test_a_server_that_hangs_up_after_the_mail_gets_it_again_under_the_same_id(
    post: Post, server: MailServer, clock: VirtualClock
) -> None:
    server.hang_up = True
    await post.put(post.diary.put(AVisit(post.showroom.id)), Topic.BOOKED)
    await post.send_due()
    server.hang_up = False
    clock.advance(seconds=5)
    await post.send_due()
    first, second = server.got
    assert first["Message-ID"] == second["Message-ID"]
    assert await post.endings() == [("booked", "delivered")]


async def test_a_server_that_hangs_for_one_letter_takes_the_others(
    post: Post, server: MailServer
) -> None:
    server.hang.clear()
    await post.put(post.diary.put(AVisit(post.showroom.id)), Topic.BOOKED)
    async with working(post.worker(delivery_seconds=0.5)):
        await until(lambda: len(server.got) == 1)
        server.hang.set()
        await post.put(post.diary.put(AVisit(post.showroom.id)), Topic.BOOKED)
        await until(lambda: len(server.got) == 2)


@pytest.mark.parametrize("way", ["smtp", "folder"])
async def test_a_folder_gets_what_a_server_gets(
    database: Database,
    clock: VirtualClock,
    paris: Showroom,
    server: MailServer,
    tmp_path: Path,
    way: str,
) -> None:
    mailer = SmtpMailer(server.url) if way == "smtp" else FolderMailer(tmp_path / "mail")
    post = Post(database, clock, paris, mailer)
    await post.tell(AVisit(paris.id), AppointmentEvent.BOOKED)
    await post.send_due()
    if way == "smtp":
        texts = [(str(mail["Subject"]), body(mail), invitation(mail)[0]) for mail in server.got]
    else:
        texts = [
            (
                mail.subject,
                mail.text.replace("\r\n", "\n"),
                str(Calendar.from_ical(mail.calendar)["METHOD"]),
            )
            for mail in letters_in(tmp_path / "mail")
        ]
    ((subject, text, method),) = texts
    assert subject == "Your video visit: Thursday, 16 October 2025, 10:30"
    assert text.startswith("Hello Zoé Petit,\n")
    assert method == "REQUEST"


async def test_no_log_line_holds_a_name_an_address_or_an_id(post: Post, server: MailServer) -> None:
    visit = AVisit(post.showroom.id)
    server.to_receiver = "550 5.1.1 <zoe@customer.example> unknown"
    with structlog.testing.capture_logs() as logs:
        async with working(post.worker()):
            await post.tell(visit, AppointmentEvent.BOOKED)
            await until(lambda: bool(logs))
    assert logs[0]["result"] == "failed"
    said = repr(logs)
    assert not [secret for secret in (visit.id, visit.token, "zoe", "Zoé") if secret in said]


async def test_a_node_killed_between_sending_and_saying_so_costs_a_second_mail_never_one(
    post: Post, server: MailServer, database_url: str, clock: VirtualClock
) -> None:
    visit = AVisit(post.showroom.id)
    await post.put(post.diary.put(visit), Topic.BOOKED)
    arguments = [database_url, server.url, post.showroom.slug, visit.id]
    node = await asyncio.create_subprocess_exec(
        *leashed([sys.executable, "-m", "tests.booking.dying_worker", *arguments]),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert node.stdout is not None
        async with asyncio.timeout(30):
            while await node.stdout.readline() != b"sent\n":
                assert node.returncode is None
    finally:
        node.kill()
        await node.wait()
    assert len(server.got) == 1
    async with working(post.worker()):
        clock.advance(seconds=60)
        await until(lambda: _sent(post))
    first, second = server.got
    assert first["Message-ID"] == second["Message-ID"]
    assert body(first) == body(second)


async def _sent(post: Post) -> bool:
    return await post.endings() == [("booked", "delivered")]
