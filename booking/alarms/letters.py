"""Letters about alarms, to whom a rule names: at most one of an alarm in ten minutes.

Like every letter it is written when it is sent, from what is by then: what was raised and is over
already is told once, as over. Nobody who called is named in it.
"""

from email.headerregistry import Address

from sqlalchemy.ext.asyncio import AsyncConnection

from booking.alarms import rows
from booking.alarms.rows import Alarm
from booking.contact import one_line
from booking.delivery import Delivery, Dropped, Result
from booking.outbox import Outbox
from booking.postman import Postman
from booking.times import TimeWords
from booking.writing import FALLBACK, HERE, Letter, spoken_name
from showroom.alarms import AlarmKind
from showroom.clock import Clock
from showroom.database import Database
from showroom.errors import NotFound
from showroom.ids import ShowroomId
from showroom.showrooms import Showroom, Showrooms
from showroom.staff_records import Person, people_by_email
from showroom.texts import Words
from showroom.words import Role

KIND = "alarm_mail"
TOPIC = "alarm"
PAUSE_MS = 10 * 60_000
# After this, whoever asks looks at the floor.
USEFUL_MS = 3_600_000
MANAGES = frozenset({Role.MANAGER, Role.ADMINISTRATOR})


class AlarmLetters:
    """Puts letters about alarms into the outbox."""

    def __init__(self, outbox: Outbox, clock: Clock) -> None:
        self._outbox = outbox
        self._clock = clock

    async def post(self, connection: AsyncConnection, showroom: Showroom, alarm: Alarm) -> None:
        """Write about an alarm, now or ten minutes after the last letter. This is a `Post`."""
        receivers = await _receivers(connection, showroom, alarm.kind)
        if not receivers:
            return
        now = self._clock()
        last = await rows.last_mail(connection, showroom.id, alarm.key)
        if last is not None and last > now:
            return  # the letter that waits tells how things stand by then
        at = now if last is None else max(now, last + PAUSE_MS)
        await rows.change(connection, alarm, mail_at=at)
        for number, address in enumerate(receivers):
            payload = {"alarm": alarm.id, "at": at, "to": address}
            # Each has letters of their own: a mailbox that hangs holds up nobody else's.
            subject = f"{alarm.id}.{number}"
            await self._outbox.add(
                connection, showroom.id, KIND, TOPIC, subject, payload, at, at + USEFUL_MS
            )


class AlarmLetterSink:
    """Sends what the outbox holds of kind `KIND`. `address` is where this server's pages are."""

    def __init__(
        self,
        postman: Postman,
        database: Database,
        showrooms: Showrooms,
        address: str,
        clock: Clock,
        words: Words | None = None,
    ) -> None:
        self._postman = postman
        self._database = database
        self._showrooms = showrooms
        self._address = address
        self._clock = clock
        self._words = words or Words(HERE / "languages")

    async def deliver(self, delivery: Delivery) -> Result:
        """Write and send one letter, or drop it where nobody needs it any more."""
        to = str(delivery.payload["to"])
        try:
            showroom = await self._showrooms.by_id(delivery.showroom_id)
        except NotFound:
            return Dropped("the showroom is gone")
        async with self._database.read() as connection:
            alarm = await self._present(connection, delivery)
            person = (await people_by_email(connection)).get(to.lower())
        if isinstance(alarm, Dropped):
            return alarm
        if person and not _manages(person, showroom.id):
            return Dropped("they don't manage this showroom any more")
        letter = self._letter(showroom, alarm, person)
        name = spoken_name(person.name) if person else ""
        message = self._postman.compose(delivery, showroom, letter, Address(name, addr_spec=to))
        return await self._postman.send(message, letter)

    async def _present(self, connection: AsyncConnection, delivery: Delivery) -> Alarm | Dropped:
        """Return the newest alarm of this kind, which is what a letter tells of."""
        alarm = await rows.find(connection, delivery.showroom_id, delivery.payload["alarm"])
        if alarm is None or alarm.mail_at != delivery.payload["at"]:
            return Dropped("another letter tells of it")
        newest = await rows.last_of(connection, delivery.showroom_id, alarm.key) or alarm
        if newest.cleared_at is None and newest.acknowledged_at is not None:
            return Dropped("somebody has seen it")
        silences = await rows.silences_of(connection, delivery.showroom_id, self._clock())
        return Dropped("it is silenced") if alarm.kind in silences else newest

    def _letter(self, showroom: Showroom, alarm: Alarm, person: Person | None) -> Letter:
        spoken = (*(person.languages if person else ()), *showroom.languages)
        language = next((one for one in spoken if one in self._words.languages), FALLBACK)
        t = self._words.translator(language)
        times = TimeWords(language, showroom.market, showroom.zone, instead=showroom.zone)
        name = spoken_name(person.name) if person else ""
        over = alarm.cleared_at is not None
        topic = f"alarm.over.{alarm.kind}" if over else f"alarm.{alarm.kind}"
        said = _said(alarm, showroom, times)
        facts = [(t("alarm.raised"), times.moment(alarm.raised_at))]
        if alarm.cleared_at is not None:
            facts.append((t("alarm.cleared"), times.moment(alarm.cleared_at)))
            lasted = times.duration(alarm.cleared_at - alarm.raised_at)
            facts.append((t("alarm.lasted"), lasted))
        return Letter(
            language=language,
            subject=t(f"{topic}.subject", **said),
            greeting=t("letter.greeting", name=name) if name else t("letter.greeting.nameless"),
            heading=t(f"{topic}.heading", **said),
            paragraphs=(t(f"alarm.{alarm.kind}.text", **said),),
            facts=(*facts, (t("letter.showroom"), showroom.name)),
            colon=t("letter.colon"),
            choices_label="",
            choices=(),
            action=t("alarm.action"),
            link=f"{self._address}/manager?showroom={showroom.slug}",
            footer=t("alarm.footer"),
            signature=t("alarm.signature", showroom=showroom.name),
        )


def _said(alarm: Alarm, showroom: Showroom, times: TimeWords) -> dict[str, str]:
    """Return what the words of an alarm can name."""
    numbers = alarm.numbers
    limit, offered = numbers.get("limit", 0), numbers.get("offered", 0)
    answered = numbers.get("answered", 0)
    limits = {
        AlarmKind.ANSWERS: times.percent(limit / 100),
        AlarmKind.RECEIVER: times.duration(limit * 60_000),
    }
    return {
        "showroom": one_line(showroom.name),
        "name": one_line(alarm.name),
        "since": times.moment(alarm.since_at),
        "at": times.moment(alarm.raised_at),
        "time": times.duration(alarm.raised_at - alarm.since_at),
        "limit": limits.get(alarm.kind) or times.duration(limit * 1000),
        "offered": times.number(offered),
        "answered": times.number(answered),
        "share": times.percent(answered / offered if offered else 0),
        "span": times.duration(numbers.get("minutes", 0) * 60_000),
    }


def _manages(person: Person, showroom_id: ShowroomId) -> bool:
    return not person.disabled and bool(person.roles.get(showroom_id, frozenset()) & MANAGES)


async def _receivers(
    connection: AsyncConnection, showroom: Showroom, kind: AlarmKind
) -> tuple[str, ...]:
    """Return who gets a letter. Where a receiver is down and nobody is named, it is all who manage
    the showroom: what is not delivered can't tell of itself."""
    named = showroom.alarms.of(kind).mail
    if named or kind is not AlarmKind.RECEIVER:
        return named
    people = await people_by_email(connection)
    return tuple(email for email, one in sorted(people.items()) if _manages(one, showroom.id))
