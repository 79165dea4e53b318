"""Calls that were, for the page of figures to count; and the page as text."""

import csv
import html
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from showroom.calls import CallRecord, CallRecords
from showroom.clock import system_clock
from showroom.database import Database
from showroom.days import today
from showroom.demo.history import Site, Span, made_up, write
from showroom.ids import CallId, ShowroomId, new_id
from showroom.rollups import Rollups
from showroom.words import CallState, EndReason
from tests.people import Person
from tests.visits import staff_id

ZONE = "Europe/Paris"
ROW = re.compile(r'<tr data-key="[^"]*" data-sign="([^"]*)".*?</tr>', re.DOTALL)
CELL = re.compile(r'<td data-value="([^"]*)"[^>]*>(?:<a [^>]*>|<bdi>)?([^<]*)')
COLUMN = re.compile(r'data-column="(\w+)"')
FIGURE = re.compile(r'data-figure="(\w+)">([^<]*)<')


def here() -> date:
    """Return the date in Paris."""
    return today(ZONE, system_clock())


async def history(database: Database, room: ShowroomId, number: int = 900, days: int = 70) -> None:
    """Keep and count made-up calls of the days until yesterday, all of Alice's and Bruno's."""
    people = [await staff_id(database, f"{one}@example.com") for one in ("alice", "bruno")]
    span = Span(here() - timedelta(days=days), here() - timedelta(days=1), here())
    site = Site(room, ZONE, ("fr", "en"), tuple(people), ("crete",))
    await write(database, made_up([site], number, span))
    await Rollups(database).rebuild(room)


def a_call(room: ShowroomId, at: int, **facts: object) -> CallRecord:
    """Return a call that was abandoned after 7 s."""
    call = CallRecord(
        id=CallId(new_id()),
        showroom_id=room,
        version=1,
        state=CallState.CLOSED,
        language="en",
        vehicle=None,
        created_at=at,
        ended_at=at + 7_000,
        closed_at=at + 7_000,
        end_reason=EndReason.CUSTOMER_LEFT,
        waited_ms=7_000,
    )
    return replace(call, **facts)  # type: ignore[arg-type]


async def keep(database: Database, *calls: CallRecord) -> None:
    """Keep calls as they are kept when they end."""
    records = CallRecords(database, Rollups(database).call_kept)
    for call in calls:
        await records.save(call, [])


@dataclass(frozen=True)
class Seen:
    """The page of figures."""

    text: str

    @property
    def tiles(self) -> Mapping[str, str]:
        return {name: html.unescape(text) for name, text in FIGURE.findall(self.text)}

    @property
    def columns(self) -> Sequence[str]:
        return COLUMN.findall(self.text)

    @property
    def rows(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        """The cells of each row, as numbers and as words, by the sign of the row."""
        return {
            html.unescape(found[1]): [(v, html.unescape(t)) for v, t in CELL.findall(found[0])]
            for found in ROW.finditer(self.text)
        }

    def column(self, name: str) -> Mapping[str, str]:
        place = list(self.columns).index(name)
        return {sign: cells[place][0] for sign, cells in self.rows.items()}


async def figures(boss: Person, **query: str) -> Seen:
    async with boss.http.get(f"{boss.url}/manager/figures", params=query) as response:
        text = await response.text()
        assert response.status == 200, text
        return Seen(text)


async def exported(boss: Person, path: str = "/figures.csv", **query: str) -> list[list[str]]:
    async with boss.http.get(f"{boss.url}/manager{path}", params=query) as response:
        assert response.status == 200
        assert response.content_type == "text/csv"
        text = (await response.read()).decode("utf-8")
        assert text.startswith("\ufeff")
        return list(csv.reader(io.StringIO(text[1:], newline="")))
