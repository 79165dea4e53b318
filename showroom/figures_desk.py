"""Puts together what goes out of the figures by itself: the mails that managers asked for."""

from collections.abc import Sequence

from aiohttp.web import Application

from booking.mail import mailer_of, sender_of
from booking.postman import Postman
from booking.worker import Worker
from booking.writing import Writer
from showroom.figure_mails import FigureMails
from showroom.parts import Books
from showroom.shared import Shared
from signaling.chores import Loop, every
from web.figures.mailing import KIND, FigureMailSink, Mailing
from web.keys import FIGURE_MAILS

# Who chose seven o'clock has it a moment after seven.
DUE_SECONDS = 10.0


def figures_desk(app: Application, shared: Shared, books: Books) -> Sequence[Loop]:
    """Hand out what the pages need, and return what must run."""
    settings, database, clock = shared.settings, shared.database, shared.clock
    mails = FigureMails(database, clock, settings.require_secret_key())
    app[FIGURE_MAILS] = mails
    postman = Postman(mailer_of(settings), Writer(settings.address), sender_of(settings), clock)
    sink = FigureMailSink(app, postman, mails, settings.address)
    mailing = Mailing(database, mails, books.showrooms, books.outbox)
    return [every(DUE_SECONDS, mailing.work), Worker(books.outbox, {KIND: sink}).run]
