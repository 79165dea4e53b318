"""The demo's mail: letters that were kept instead of sent, as their readers would see them.

Only `showroom demo` has these pages: they show letters, and with them the addresses of visits, to
anybody who asks.
"""

import asyncio

from aiohttp.web import Request, Response, StreamResponse

from booking.mail import KeptMail, letters_in
from showroom.clock import to_datetime
from showroom.errors import NotFound
from web.keys import MAIL_FOLDER
from web.pages import render

# The letter stands in a frame of its own, where no script runs and nothing is loaded.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'self'"
)


async def page(request: Request) -> StreamResponse:
    """The letters, newest first, and one of them in full."""
    letters = await _letters(request)
    asked = request.match_info.get("letter")
    opened = _one(letters, asked) if asked else None
    context = {
        "letters": [_line(letter) for letter in letters],
        "opened": opened and _line(opened) | {"calendar": bool(opened.calendar)},
    }
    response = render(request, "demo_mail.html", context)
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    return response


async def letter(request: Request) -> StreamResponse:
    """One letter's HTML. Its links lead out of the frame that it stands in."""
    found = _one(await _letters(request), request.match_info["letter"])
    html = found.html.replace("<head>", '<head><base target="_top">', 1)
    headers = {"Content-Security-Policy": LETTER_POLICY}
    return Response(text=html, content_type="text/html", headers=headers)


async def invitation(request: Request) -> StreamResponse:
    """The calendar file that came with a letter."""
    found = _one(await _letters(request), request.match_info["letter"])
    if not found.calendar:
        raise NotFound
    headers = {"Content-Disposition": 'attachment; filename="visit.ics"'}
    return Response(text=found.calendar, content_type="text/calendar", headers=headers)


async def _letters(request: Request) -> list[KeptMail]:
    return await asyncio.to_thread(letters_in, request.app[MAIL_FOLDER])


def _one(letters: list[KeptMail], name: str) -> KeptMail:
    for letter in letters:
        if letter.name == name:
            return letter
    raise NotFound


def _line(letter: KeptMail) -> dict[str, object]:
    """Return a letter's envelope. The demo runs on its reader's machine, so its clock is theirs."""
    return {
        "name": letter.name,
        "subject": letter.subject,
        "receiver": letter.receiver,
        "at": f"{to_datetime(letter.kept_at).astimezone():%H:%M}",
    }
