"""What all pages of figures have: who asks, the filter, the table, and the same as CSV."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from aiohttp.web import Application, HTTPSeeOther, Request, Response, StreamResponse

from booking.reservations.report import MARK
from booking.spreadsheet import csv_line
from showroom.figure_columns import Measured
from showroom.showrooms import Showroom
from showroom.staff import Session
from showroom.words import Channel, Device
from web.figures.asked import (
    DIMENSIONS,
    HOURLY_DAYS,
    WITHOUT,
    FiguresAsked,
    Preset,
    Versus,
    word_of,
)
from web.figures.parts import grid
from web.figures.report import F, Source, report, table
from web.figures.seen import Seen
from web.keys import CLOCK, STAFF, VEHICLES, WORDS
from web.pages import language_of, safe_json
from web.staff import MANAGES
from web.visitor import session_of, staff_showroom

A = TypeVar("A", bound=FiguresAsked)


async def asked_by(request: Request, kind: type[A]) -> tuple[Session, Showroom, list[Showroom], A]:
    """Return who asks for what; who comes by the form is sent to an address that lasts."""
    session = await session_of(request)
    showroom, rooms = await staff_showroom(request, session, MANAGES)
    asked = kind.of(request.query)
    if "form" in request.query:
        lasting = asked.tidy(showroom.zone, request.app[CLOCK]())
        raise HTTPSeeOther(lasting.address(showroom.slug))
    return session, showroom, rooms, asked


async def seen_of(
    request: Request,
    showroom: Showroom,
    asked: FiguresAsked,
    source: Source[F],
    measured: Measured[F],
    now_ms: int | None = None,
) -> Seen[F]:
    """Read what is asked for, with the names of all that is in it; as of now, or of a moment."""
    language = language_of(request, showroom)
    return await seen_in(request.app, language, showroom, asked, source, measured, now_ms)


async def seen_in(
    app: Application,
    language: str,
    showroom: Showroom,
    asked: FiguresAsked,
    source: Source[F],
    measured: Measured[F],
    now_ms: int | None = None,
) -> Seen[F]:
    """Read the same for a language, whoever asks."""
    now = app[CLOCK]() if now_ms is None else now_ms
    told = await report(source, measured, showroom, asked, now)
    people = await app[STAFF].names(showroom.id)
    cars = await app[VEHICLES].of(showroom.id)
    names = {
        "advisor": {str(one): name for one, name in people.items()},
        "vehicle": {str(car.slug): car.name for car in cars},
    }
    return Seen(app[WORDS], language, showroom, names, asked, told)


def context_of(session: Session, rooms: list[Showroom], seen: Seen[F]) -> dict[str, Any]:
    """Return what the head and the table of a page need."""
    told, asked, showroom = seen.told, seen.asked, seen.showroom
    columns = told.measured.by_name
    return {
        "showroom": showroom.name,
        "slug": showroom.slug,
        "rooms": [{"slug": room.slug, "name": room.name} for room in rooms],
        "name": session.name,
        "asked": asked,
        "filter": asked.query(showroom.slug),
        "by": word_of(told.by),
        "presets": [
            (one, asked.address(showroom.slug, period=one, since=None, until=None, by=None))
            for one in Preset
            if one is not Preset.OWN
        ],
        "versus": list(Versus),
        "plots": list(asked.PLOTS),
        "meanings": {column.name: column.figure for column in columns.values()},
        "groups": [
            one for one in asked.GROUPS if one != "hour" or told.stretch.days <= HOURLY_DAYS
        ],
        "choices": _choices(seen),
        "filtered": bool(asked.where),
        "unfiltered": asked.address(showroom.slug, **dict.fromkeys(DIMENSIONS)),
        "days": told.stretch,
        "days_written": seen.written.days(told.stretch),
        "before_written": seen.written.days(told.before) if told.before else "",
        "export": f"{asked.PAGE}.csv?{asked.query(showroom.slug)}",
        "table": grid(seen),
        "empty": told.total == told.measured.nothing,
        "cut": told.found - len(told.groups),
    }


def config_of(seen: Seen[F], **more: Any) -> str:
    """Return what the script needs to draw the chart."""
    told = seen.told
    kind = told.measured.by_name[seen.asked.drawn].kind
    return safe_json(
        {"zone": seen.showroom.zone, "by": word_of(told.by), "kind": kind, "marks": [], **more}
    )


def csv_of(seen: Seen[F], what: str) -> StreamResponse:
    """Return the page's table as CSV: the same rows, in the same order."""
    return _file(*table_of(seen, what))


def table_of(seen: Seen[F], what: str) -> tuple[str, bytes]:
    """Return the page's table as the name and the content of a file of CSV."""
    names, rows = table(seen.told, seen.asked.drawn)
    lines = [
        [seen.sign(group.key), *row] for group, row in zip(seen.told.groups, rows, strict=True)
    ]
    days = seen.told.stretch
    name = f"{what}-{seen.showroom.slug}-{days.first}-{days.last}.csv"
    return name, _text([word_of(seen.told.by), *names], lines)


def file_of(name: str, head: Sequence[str], lines: Iterable[Sequence[Any]]) -> StreamResponse:
    """Return a table as a file of CSV to be kept."""
    return _file(name, _text(head, lines))


def _text(head: Sequence[str], lines: Iterable[Sequence[Any]]) -> bytes:
    return (MARK + "".join(csv_line(line) for line in (head, *lines))).encode()


def _file(name: str, content: bytes) -> StreamResponse:
    return Response(
        body=content,
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _choices(seen: Seen[F]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what can be chosen of each dimension: values and their names.

    What was asked for stays on offer, also when there is nothing of it in these days.
    """
    values: dict[str, list[str]] = {
        word: sorted(known, key=lambda value: known[value].casefold())
        for word, known in seen.names.items()
    }
    values["campaign"] = list(seen.told.campaigns)
    values["language"] = list(seen.showroom.languages)
    values["device"], values["channel"] = [*map(str, Device)], [*map(str, Channel)]
    found = []
    for word, dimension in DIMENSIONS.items():
        if word not in seen.asked.GROUPS:
            continue
        offered = values[word]
        if word in ("advisor", "campaign", "vehicle"):
            offered = [WITHOUT, *offered]
        asked = getattr(seen.asked, word)
        if asked is not None and asked not in offered:
            offered = [*offered, asked]
        named = [(one, seen.name(dimension, "" if one == WITHOUT else one)) for one in offered]
        found.append((word, named))
    return found
