"""The table of points by which leads are scored, for managers over HTTP."""

from typing import Annotated

from aiohttp.web import Request, StreamResponse, json_response
from pydantic import BaseModel, ConfigDict, Field

from booking.leads.scoring import RULES, points_of
from showroom.errors import BadRequest
from showroom.showrooms import Scoring
from web.customer import parse
from web.keys import CLOCK, SHOWROOMS
from web.staff import MANAGES
from web.visitor import check_csrf, session_of, staff_showroom


class ScoringGiven(BaseModel):
    """The points of rules; those that are not named have their usual ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    points: dict[str, Annotated[int, Field(ge=-100, le=100)]]
    qualified_from: Annotated[int, Field(ge=1, le=1000)]


async def table(request: Request) -> StreamResponse:
    """The table of points."""
    session = await session_of(request)
    showroom, _ = await staff_showroom(request, session, MANAGES)
    return _table(showroom.scoring)


async def change(request: Request) -> StreamResponse:
    """Replace the table of points; it counts for each lead from its next change on."""
    check_csrf(request, request.headers.get("X-CSRF-Token", ""))
    session = await session_of(request)
    showroom, _ = await staff_showroom(request, session, MANAGES)
    given = await parse(request, ScoringGiven)
    usual = {rule.name: rule.points for rule in RULES}
    if unknown := sorted(given.points.keys() - usual.keys()):
        raise BadRequest(f"There is no rule {unknown[0][:40]!r}. Load the table again.", "points")
    points = {name: n for name, n in given.points.items() if n != usual[name]}
    changed = Scoring(points, given.qualified_from)
    await request.app[SHOWROOMS].set_scoring(
        showroom.id, changed, points_of, who=session.staff_id, now_ms=request.app[CLOCK]()
    )
    return _table(changed)


def _table(scoring: Scoring) -> StreamResponse:
    points = points_of(scoring)
    rules = [
        {"name": rule.name, "points": points[rule.name], "default": rule.points} for rule in RULES
    ]
    answer = {"ok": True, "rules": rules, "qualified_from": scoring.qualified_from}
    return json_response(answer)
