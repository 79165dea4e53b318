"""Letters to staff: an invitation, and the way to a new password.

Like every letter they are written when they are sent. The outbox names a link by its id; its token
is made only then, and stands nowhere but in the mail.
"""

from email.headerregistry import Address

from sqlalchemy.ext.asyncio import AsyncConnection

from booking.delivery import Delivery, Dropped, Result
from booking.outbox import Outbox
from booking.postman import Postman
from booking.writing import FALLBACK, HERE, Letter, spoken_name
from showroom.clock import Clock
from showroom.database import Database
from showroom.errors import NotFound
from showroom.ids import ShowroomId, StaffId, StaffLinkId
from showroom.members import Member, everybody
from showroom.showrooms import Showroom, Showrooms
from showroom.staff_links import LinkKind, Seal, find_link
from showroom.texts import Words

KIND = "staff_mail"


class StaffLetters:
    """Puts letters to staff into the outbox. This is a `Post`."""

    def __init__(self, outbox: Outbox, clock: Clock) -> None:
        self._outbox = outbox
        self._clock = clock

    async def send(
        self,
        connection: AsyncConnection,
        showroom_id: ShowroomId,
        staff_id: StaffId,
        kind: LinkKind,
        link: StaffLinkId,
        expires_at: int,
    ) -> None:
        """Write to somebody in the name of a showroom."""
        payload = {"link": link}
        now = self._clock()
        await self._outbox.add(
            connection, showroom_id, KIND, kind, staff_id, payload, now, expires_at
        )

    async def drop(self, connection: AsyncConnection, staff_id: StaffId, kind: LinkKind) -> None:
        """Let no letter go out whose link leads nowhere."""
        await self._outbox.drop(connection, KIND, staff_id, kind)


class StaffLetterSink:
    """Sends what the outbox holds of kind `KIND`. `address` is where this server's pages are."""

    def __init__(
        self,
        postman: Postman,
        database: Database,
        showrooms: Showrooms,
        seal: Seal,
        address: str,
        clock: Clock,
        words: Words | None = None,
    ) -> None:
        self._postman = postman
        self._database = database
        self._showrooms = showrooms
        self._seal = seal
        self._address = address
        self._clock = clock
        self._words = words or Words(HERE / "languages")

    async def deliver(self, delivery: Delivery) -> Result:
        """Write and send one letter, or drop it when its link leads nowhere by now."""
        kind = LinkKind(delivery.topic)
        token = self._seal.token(StaffLinkId(delivery.payload["link"]))
        async with self._database.read() as connection:
            link = await find_link(connection, token, self._clock())
            members = await everybody(connection) if link else []
        member = next((one for one in members if link and one.person.id == link.staff_id), None)
        if member is None:
            return Dropped("the link leads nowhere any more")
        try:
            showroom = await self._showrooms.by_id(delivery.showroom_id)
        except NotFound:
            return Dropped("the showroom is gone")
        letter = self._letter(kind, showroom, member, f"{self._address}/staff/link/{token}")
        to = Address(spoken_name(member.person.name), addr_spec=member.person.email)
        message = self._postman.compose(delivery, showroom, letter, to)
        return await self._postman.send(message, letter)

    def _letter(self, kind: LinkKind, showroom: Showroom, member: Member, link: str) -> Letter:
        spoken = (*member.person.languages, *showroom.languages)
        language = next((one for one in spoken if one in self._words.languages), FALLBACK)
        t = self._words.translator(language)
        name = spoken_name(member.person.name)
        topic = f"staff.{kind}"
        return Letter(
            language=language,
            subject=t(f"{topic}.subject", showroom=showroom.name),
            greeting=t("letter.greeting", name=name) if name else t("letter.greeting.nameless"),
            heading=t(f"{topic}.heading", showroom=showroom.name),
            paragraphs=(t(f"{topic}.text"),),
            facts=(),
            colon=t("letter.colon"),
            choices_label="",
            choices=(),
            action=t(f"{topic}.action"),
            link=link,
            footer=t(f"{topic}.footer"),
            signature=t("staff.signature", showroom=showroom.name),
        )
