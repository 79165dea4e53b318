"""A node that sends a letter and never gets to say so: `python -m tests.booking.dying_worker …`.

Its arguments: the database's address, the mail server's, the showroom's slug, the visit's id.
"""

import asyncio
import sys

from booking.delivery import Delivery, Result
from booking.mail import SmtpMailer
from booking.outbox import Outbox
from showroom.database import Database
from showroom.ids import AppointmentId
from showroom.showrooms import Showrooms
from tests.booking.posting import Post
from tests.booking.visits import AVisit
from tests.virtual_clock import VirtualClock


class Speechless(Outbox):
    """An outbox that is never told how it went."""

    async def settle(self, _delivery: Delivery, _result: Result) -> None:
        print("sent", flush=True)  # noqa: T201 - to whoever kills us
        await asyncio.Event().wait()


async def main(database_url: str, mail_url: str, slug: str, visit: str) -> None:
    async with Database.open(database_url) as database:
        clock = VirtualClock()
        paris = await Showrooms(database).by_slug(slug)
        outbox = Speechless(database, clock)
        post = Post(database, clock, paris, SmtpMailer(mail_url), outbox)
        post.diary.put(AVisit(paris.id, AppointmentId(visit)))
        await post.worker().run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
