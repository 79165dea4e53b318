"""What became of a period's reservations, by dealer: given, redeemed, expired, ordered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from booking.reservations import rows
from booking.reservations.life import ReservationState, spoken
from booking.reservations.rows import Reservation
from booking.spreadsheet import csv_line
from showroom.clock import to_datetime
from showroom.database import Database
from showroom.ids import ShowroomId
from showroom.lead_tables import reservations

COLUMNS = (
    "code", "dealer", "vehicle", "state", "given_at", "expires_at", "redeemed_at", "ordered_at",
)  # fmt: skip
# It lets spreadsheets read the table as UTF-8.
MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class DealerFigures:
    """How many of a dealer's reservations stand where; `ordered` are those that led to an order."""

    dealer: str
    given: int
    redeemed: int
    expired: int
    cancelled: int
    ordered: int


class ReservationReport:
    """The reservations that were given within a period, from `from_ms` until before `until_ms`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_dealer(
        self, showroom_id: ShowroomId, from_ms: int, until_ms: int
    ) -> list[DealerFigures]:
        """Return the figures of each dealer who has any, those with the most first."""
        c = reservations.c
        given = sa.func.count().label("given")
        query = (
            sa.select(
                c.dealer,
                given,
                _in_state(ReservationState.REDEEMED),
                _in_state(ReservationState.EXPIRED),
                _in_state(ReservationState.CANCELLED),
                sa.func.count(c.ordered_at).label("ordered"),
            )
            .where(*_within(showroom_id, from_ms, until_ms))
            .group_by(c.dealer)
            .order_by(given.desc(), c.dealer)
        )
        async with self._database.read() as connection:
            found = (await connection.execute(query)).mappings()
            return [DealerFigures(**row) for row in found]

    async def of(
        self, showroom_id: ShowroomId, from_ms: int, until_ms: int
    ) -> Sequence[Reservation]:
        """Return the reservations themselves, the newest first."""
        async with self._database.read() as connection:
            return await rows.where(connection, *_within(showroom_id, from_ms, until_ms))


def total(figures: Sequence[DealerFigures]) -> DealerFigures:
    """Return the figures of all dealers together."""
    return DealerFigures(
        dealer="",
        given=sum(one.given for one in figures),
        redeemed=sum(one.redeemed for one in figures),
        expired=sum(one.expired for one in figures),
        cancelled=sum(one.cancelled for one in figures),
        ordered=sum(one.ordered for one in figures),
    )


def as_csv(found: Sequence[Reservation]) -> bytes:
    """Return reservations as CSV (RFC 4180, UTF-8), with nothing about who they are for."""
    return "".join([MARK, csv_line(COLUMNS), *(csv_line(_cells(one)) for one in found)]).encode()


def _cells(one: Reservation) -> Iterable[str]:
    moments = (one.created_at, one.expires_at, one.redeemed_at, one.ordered_at)
    return spoken(one.code), one.dealer, one.vehicle, one.state.value, *map(_moment, moments)


def _in_state(state: ReservationState) -> sa.Label[int]:
    is_so = sa.case((reservations.c.state == state.value, 1), else_=0)
    return sa.func.coalesce(sa.func.sum(is_so), 0).label(state.value)


def _within(showroom_id: ShowroomId, from_ms: int, until_ms: int) -> tuple[Any, ...]:
    c = reservations.c
    return c.showroom_id == showroom_id, c.created_at >= from_ms, c.created_at < until_ms


def _moment(ms: int | None) -> str:
    return "" if ms is None else to_datetime(ms).isoformat(timespec="seconds")
