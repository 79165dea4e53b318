"""The postman: puts a letter into a mail, hands it to the mailer, and says how that went."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from booking.contact import one_line
from booking.delivery import Delivered, Delivery, Failed, Later, Result
from booking.mail import POLICY, Mailer, Refused, Unsent
from booking.writing import Letter, Writer
from showroom.clock import Clock, to_datetime
from showroom.showrooms import Showroom


class Postman:
    """Sends letters from `sender`, our address."""

    def __init__(self, mailer: Mailer, writer: Writer, sender: str, clock: Clock) -> None:
        self._mailer = mailer
        self._writer = writer
        self._sender = sender
        self._clock = clock

    def compose(
        self, delivery: Delivery, showroom: Showroom, letter: Letter, to: Address
    ) -> EmailMessage:
        """Return a letter as a mail, as text and as HTML. `send` adds what must come last."""
        message = EmailMessage(policy=POLICY)
        message["From"] = Address(one_line(showroom.name), addr_spec=self._sender)
        message["To"] = to
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(to_datetime(self._clock()))
        # The same at every try: who gets it twice is shown it once.
        message["Message-ID"] = f"<{delivery.id}@{self._sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answers by machines
        message.set_content(self._writer.text(showroom, letter))
        message.add_alternative(self._writer.html(showroom, letter), subtype="html")
        return message

    async def send(self, message: EmailMessage, letter: Letter) -> Result:
        """Hand a mail over."""
        # Last: whatever makes a mail of more parts takes such headers into the first of them.
        message["Content-Language"] = letter.language
        try:
            return Delivered(await self._mailer.send(message))
        except Unsent as error:
            return Later(answer=str(error))
        except Refused as error:
            return Failed(str(error))
