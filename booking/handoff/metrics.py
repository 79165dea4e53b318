"""What an operator watches (Prometheus): what waits and since when, and how endpoints do.

Gauges are read from the database when somebody asks, so every node says the same. Counters are of
this node since it started.
"""

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from showroom.clock import Clock
from showroom.database import Database
from showroom.lead_tables import endpoints
from showroom.tables import outbox


class Metrics:
    """The figures of one node, in a registry of their own."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._registry = CollectorRegistry()
        self._deliveries = Counter(
            "showroom_deliveries",
            "Deliveries that this node tried.",
            ("kind", "result"),
            registry=self._registry,
        )
        self._waiting = Gauge(
            "showroom_outbox_waiting",
            "Rows of the outbox that are due, or wait for another try.",
            ("kind",),
            registry=self._registry,
        )
        self._oldest = Gauge(
            "showroom_outbox_oldest_seconds",
            "For how long the oldest of them has waited.",
            ("kind",),
            registry=self._registry,
        )
        self._endpoints = Gauge(
            "showroom_endpoints",
            "Endpoints by state: ok, failing or disabled.",
            ("state",),
            registry=self._registry,
        )

    def count(self, kind: str, result: str) -> None:
        """Count a delivery that was tried."""
        self._deliveries.labels(kind, result).inc()

    async def text(self) -> bytes:
        """Return all figures in Prometheus' text format. Raises `TryAgain`."""
        now = self._clock()
        # What will be due one day, like a reminder, does not wait yet.
        due_since = sa.case(
            (outbox.c.attempts == 0, outbox.c.next_try_at), else_=outbox.c.created_at
        )
        waiting = (
            sa.select(
                sa.func.coalesce(endpoints.c.kind, outbox.c.kind),
                sa.func.count(),
                sa.func.min(due_since),
            )
            .select_from(outbox.outerjoin(endpoints, endpoints.c.id == outbox.c.endpoint_id))
            .where(
                outbox.c.finished_at.is_(None),
                (outbox.c.next_try_at <= now) | (outbox.c.attempts > 0),
            )
            .group_by(sa.func.coalesce(endpoints.c.kind, outbox.c.kind))
        )
        state = sa.case(
            (endpoints.c.disabled_at.is_not(None), "disabled"),
            (endpoints.c.failing_since.is_not(None), "failing"),
            else_="ok",
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(waiting)).all()
            states = (
                await connection.execute(sa.select(state, sa.func.count()).group_by(state))
            ).all()
        self._waiting.clear()
        self._oldest.clear()
        for kind, number, since in rows:
            self._waiting.labels(kind).set(number)
            self._oldest.labels(kind).set(max(0, now - since) / 1000)
        for name in ("ok", "failing", "disabled"):
            self._endpoints.labels(name).set(0)
        for name, number in states:
            self._endpoints.labels(name).set(number)
        return generate_latest(self._registry)
