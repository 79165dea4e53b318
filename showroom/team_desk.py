"""Puts together what staff are taken on, let in and written to by."""

from collections.abc import Sequence
from dataclasses import dataclass

from booking.mail import mailer_of, sender_of
from booking.postman import Postman
from booking.staff_letters import KIND, StaffLetters, StaffLetterSink
from booking.worker import Worker
from booking.writing import Writer
from showroom.access import Access
from showroom.factors import Factors
from showroom.oidc import CompanyAccounts
from showroom.parts import Books
from showroom.shared import Shared
from showroom.staff_links import Seal
from showroom.team import Team
from signaling.chores import Loop


@dataclass(frozen=True)
class TeamDesk:
    """What the pages need of staff's accounts, and what must run."""

    team: Team
    access: Access
    factors: Factors
    company: CompanyAccounts
    loops: Sequence[Loop]


def team_desk(shared: Shared, books: Books) -> TeamDesk:
    """Put it together."""
    settings, database, clock = shared.settings, shared.database, shared.clock
    secret = settings.require_secret_key()
    seal = Seal(secret)
    letters = StaffLetters(books.outbox, clock)
    postman = Postman(mailer_of(settings), Writer(settings.address), sender_of(settings), clock)
    sink = StaffLetterSink(postman, database, books.showrooms, seal, settings.address, clock)
    return TeamDesk(
        Team(database, clock, seal, letters),
        Access(database, clock, shared.passwords, seal, letters),
        Factors(database, clock, secret),
        CompanyAccounts(settings, shared.redis, database, clock),
        loops=[Worker(books.outbox, {KIND: sink}).run],
    )
