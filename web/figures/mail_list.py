"""What a page of figures says of the mails that somebody gets of it and of the others."""

from typing import Any
from urllib.parse import parse_qsl

from aiohttp.web import Request

from showroom.figure_mails import MOST, FigureMail
from showroom.staff import Session
from web.figures.asked import PAGE, FiguresAsked, word_of
from web.figures.seen import Seen
from web.keys import FIGURE_MAILS

USUAL = "07:00"


async def mails_of(
    request: Request, session: Session, seen: Seen[Any], page: str
) -> dict[str, Any]:
    """Return somebody's own mails of the showroom, and what the form for another one needs."""
    known = await request.app[FIGURE_MAILS].of(seen.showroom.id, session.staff_id)
    return {
        "mail_page": page,
        "mail_usual": USUAL,
        "mail_most": MOST,
        "mails": [_told(seen, one) for one in known],
    }


def choices(seen: Seen[Any], asked: FiguresAsked) -> list[str]:
    """Return in words which calls count, where not all do: 'Device: Phone'."""
    return [
        seen.t(
            "figures.mail.only",
            of=seen.t(f"figures.by.{word_of(one)}"),
            name=seen.name(one, next(map(str, values))),
        )
        for one, values in asked.where.items()
    ]


def _told(seen: Seen[Any], mail: FigureMail) -> dict[str, Any]:
    time = f"{mail.minute // 60:02}:{mail.minute % 60:02}"
    page = seen.t(f"figures.tab.{mail.page}")
    where = PAGE if mail.page == "overview" else f"{PAGE}/{mail.page}"
    return {
        "id": mail.id,
        "text": seen.t(f"figures.mail.{mail.rhythm}.at", page=page, time=time),
        "address": f"{where}?{mail.asked}",
        "choices": choices(seen, FiguresAsked.of(dict(parse_qsl(mail.asked)))),
    }
