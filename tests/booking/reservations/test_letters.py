"""Letters about reservations: to whom, when, in which words, and not when they are not true."""

from email.message import EmailMessage

import pytest
import sqlalchemy as sa

from booking.postman import Postman
from booking.reservations.letters import KIND, ReservationWriter, Topic, dealer_language
from booking.reservations.life import spoken
from booking.reservations.sink import ReservationSink
from booking.writing import HERE, Writer
from showroom.lead_tables import leads
from showroom.tables import outbox
from showroom.texts import LANGUAGES, Words
from tests.booking.reservations.conftest import Counter, open_counter
from tests.dealers import a_dealer
from tests.leads import saved_lead

ADDRESS, SENDER = "https://live.example.com", "visits@orvanne.example"


class Box:
    """Where mails arrive."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def send(self, message: EmailMessage) -> str:
        self.mails.append(message)
        return "taken"

    def to(self, address: str) -> list[str]:
        """Return the subjects of what somebody got."""
        return [mail["Subject"] for mail in self.mails if address in mail["To"]]


@pytest.fixture
def box() -> Box:
    return Box()


async def send_due(counter: Counter, box: Box) -> None:
    postman = Postman(box, Writer(ADDRESS), SENDER, counter.clock)
    sink = ReservationSink(
        postman,
        ReservationWriter(ADDRESS),
        counter.book,
        counter.showrooms,
        counter.vehicles,
        counter.dealers,
    )
    for delivery in await counter.outbox.claim(KIND, 100):
        await counter.outbox.settle(delivery, await sink.deliver(delivery))


async def waiting(counter: Counter) -> int:
    query = sa.select(sa.func.count()).where(outbox.c.finished_at.is_(None))
    async with counter.database.read() as connection:
        return await connection.scalar(query) or 0


async def test_the_customer_and_the_dealer_hear_at_once(counter: Counter, box: Box) -> None:
    given = await counter.give()
    await send_due(counter, box)
    (mine,) = box.to("jeanne@example.com")
    assert mine == "The Crête is kept for you until Friday, 17 October 2025"
    (theirs,) = box.to("seine@example.com")
    assert theirs == "Gardez une Crête pour Jeanne Moreau jusqu’au vendredi 17 octobre 2025"
    texts = {mail["To"].addresses[0].addr_spec: mail.get_body(("plain",)) for mail in box.mails}
    said = {to: body.get_content() for to, body in texts.items() if body}
    assert f"{ADDRESS}/r/{given.token}" in said["jeanne@example.com"]
    assert spoken(given.code) in said["jeanne@example.com"]
    assert f"{ADDRESS}/r/dealer/{given.dealer_token}" in said["seine@example.com"]
    # Neither of them gets what proves to be the other.
    assert given.dealer_token not in said["jeanne@example.com"]
    assert given.token not in said["seine@example.com"]


async def test_a_reminder_comes_two_days_before_the_last_day(counter: Counter, box: Box) -> None:
    given = await counter.give()
    await send_due(counter, box)
    counter.clock.now_ms = given.expires_at - 3 * 86_400_000 + 10 * 3_600_000 - 1
    await send_due(counter, box)
    assert len(box.to("jeanne@example.com")) == 1
    counter.clock.advance(seconds=1)
    await send_due(counter, box)
    assert box.to("jeanne@example.com")[1].startswith("To remind you")
    counter.clock.now_ms = given.expires_at
    await counter.book.look()
    await send_due(counter, box)
    assert box.to("jeanne@example.com")[2] == "Your reservation of the Crête is over"
    assert await waiting(counter) == 0


@pytest.mark.parametrize("end", ["redeem", "cancel"])
async def test_after_the_end_nobody_is_reminded(counter: Counter, box: Box, end: str) -> None:
    given = await counter.give()
    if end == "redeem":
        await counter.book.redeem(given.dealer_token)
    else:
        await counter.book.cancel(given.token)
    assert await waiting(counter) == 0
    counter.clock.advance(days=30)
    await counter.book.look()
    await send_due(counter, box)
    assert box.mails == []


async def test_who_has_no_address_gets_no_letter(counter: Counter, box: Box) -> None:
    room = counter.showroom.id
    await counter.dealers.upsert(room, [a_dealer(room, email=None)])
    lead = await saved_lead(counter.database, room, email=None, phone="+33612345678")
    await counter.give(lead_id=lead)
    await send_due(counter, box)
    assert box.mails == []


@pytest.mark.parametrize("days", [0, 6, 9])
async def test_who_took_their_consent_back_is_written_to_and_named_no_more(
    counter: Counter, box: Box, days: int
) -> None:
    await counter.give()
    if days:
        await send_due(counter, box)
    heard = len(box.mails)
    async with counter.database.write() as connection:
        await connection.execute(sa.update(leads).values(details={"consents": []}))
    counter.clock.advance(days=days)
    await counter.book.look()
    await send_due(counter, box)
    assert len(box.mails) == heard
    # The reminder is all that waits for its day.
    assert await waiting(counter) == (0 if days else 1)


async def test_a_name_that_would_be_a_link_is_not_sent(counter: Counter, box: Box) -> None:
    lead = await saved_lead(counter.database, counter.showroom.id, name="http://evil.example")
    await counter.give(lead_id=lead)
    await send_due(counter, box)
    assert len(box.mails) == 2
    assert "evil" not in "".join(str(mail) for mail in box.mails)


async def test_the_last_day_is_the_dealers(counter: Counter, box: Box) -> None:
    far = await open_counter(
        counter.database, counter.clock, "noumea", zone="Pacific/Noumea", country="NC"
    )
    counter.clock.advance(hours=6)  # 16:53 in Paris, tomorrow in Nouméa
    await far.give()
    await send_due(far, box)
    assert "18 October" in box.to("jeanne@example.com")[0]


@pytest.mark.parametrize(
    ("country", "language"), [("FR", "fr"), ("DE", "de"), ("GB", "en"), ("ZZ", "en")]
)
def test_a_dealer_reads_the_language_of_the_country(country: str, language: str) -> None:
    counter = a_dealer("room", country=country)  # type: ignore[arg-type]
    assert dealer_language(counter) == language


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("topic", Topic)
def test_every_letter_has_all_its_words(topic: Topic, language: str) -> None:
    words = Words(HERE / "languages").of(language, topic)
    assert {key.rpartition(".")[2] for key in words} == {"subject", "heading", "text", "action"}
