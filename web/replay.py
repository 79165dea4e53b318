"""One call on the manager's page: what happened, what went wrong, and what came of it."""

from collections.abc import Sequence
from typing import Any

from aiohttp.web import Request, StreamResponse

from booking.handoff.deliveries import Line as Delivery
from booking.leads.lead import Lead
from booking.leads.rows import Source
from media.findings import findings
from media.quality import KeptSample
from showroom.calls import CallEvent, CallRecord
from showroom.ids import CallId, EndpointId
from showroom.showrooms import Showroom
from showroom.words import ROBOT_REASON
from web.calls import times_of
from web.curves import MEASURES, SIDES, Line, line_of
from web.keys import (
    CALLS,
    CLOCK,
    COPIES,
    DELIVERIES,
    ENDPOINTS,
    LEADS,
    LIVE,
    MARKS,
    PHOTOS,
    QUALITY,
    RECORDINGS,
    STAFF,
    VEHICLES,
    WORDS,
)
from web.pages import language_of, render, safe_json
from web.photos import picture
from web.pointing import pointed
from web.recordings import recording_data
from web.spoken import clock, stars
from web.staff import MANAGES
from web.statistics import CallsOfToday
from web.telling import Teller, in_short
from web.visitor import session_of, staff_showroom


async def page(request: Request) -> StreamResponse:
    """One call, also while it runs. A call of another showroom is not found."""
    session = await session_of(request)
    showroom, rooms = await staff_showroom(request, session, MANAGES)
    which = CallId(request.match_info["call"])
    known = CallsOfToday(request.app[CALLS], request.app[LIVE])
    call, events = await known.call(showroom.id, which, request.app[CLOCK]())
    teller = await _teller(request, showroom, call)
    samples = await request.app[QUALITY].of_call(showroom.id, which)
    marks = await request.app[MARKS].of_call(showroom.id, which)
    line = line_of(samples)
    recorded = await request.app[RECORDINGS].of_call(showroom.id, which)
    copies = await request.app[COPIES].of(showroom.id, [one.id for one in recorded])
    lead = await request.app[LEADS].of_source(showroom.id, Source("call", which))
    deliveries = await _deliveries(request, showroom, teller, call, lead)
    photos = {
        str(one.id): picture(one) for one in await request.app[PHOTOS].of_call(showroom.id, which)
    }
    config = {
        "showroom": showroom.slug,
        "recordings": recording_data(recorded, copies),
        "axis": [line.begin_ms, line.end_ms] if line else None,
    }
    context = {
        "config_json": safe_json(config),
        "showroom": showroom.name,
        "slug": showroom.slug,
        "rooms": [{"slug": room.slug, "name": room.name} for room in rooms],
        "name": session.name,
        "time": teller.times.time(call.created_at),
        "day": teller.times.day(call.created_at),
        "facts": _facts(teller, call),
        "found": [teller.finding(one) for one in findings(call, events, samples)],
        "logged": bool(events),
        "timeline": _timeline(
            teller, call, events, lead, deliveries, pointed(teller, events, marks, samples)
        ),
        "photos": photos,
        "recorded": bool(recorded),
        "was_recorded": any(event.kind == "recording_started" for event in events),
        "line": _line(teller, line, samples) if line else None,
        "lead": lead,
        "deliveries": deliveries,
    }
    words = ("common", "error", "manager")
    return render(request, "call.html", context, showroom, words=words)


async def _teller(request: Request, showroom: Showroom, call: CallRecord) -> Teller:
    return Teller(
        request.app[WORDS].translator(language_of(request, showroom)),
        times_of(request, showroom),
        await request.app[STAFF].names(showroom.id),
        {str(car.slug): car.name for car in await request.app[VEHICLES].of(showroom.id)},
        call.created_at,
    )


def _facts(teller: Teller, call: CallRecord) -> list[tuple[str, str]]:
    """Return what is known of the call, by its name; what is not known is left out."""
    t = teller.t
    state = f"common.end.{call.end_reason}" if call.end_reason else f"common.state.{call.state}"
    facts = [
        ("manager.column.state", t(state)),
        ("manager.column.advisor", call.advisor_id and teller.names.get(call.advisor_id)),
        ("manager.column.vehicle", teller.cars.get(call.vehicle or "", call.vehicle)),
        ("manager.column.language", teller.times.language(call.language)),
        ("replay.fact.device", t(f"calls.device.{call.device}")),
        ("replay.fact.channel", t(f"calls.channel.{call.channel}")),
        ("replay.fact.campaign", call.campaign),
        ("manager.column.waited", clock(call.waited_ms)),
        ("manager.column.talked", clock(call.talked_ms)),
        ("replay.fact.rings", str(call.rings)),
        ("manager.column.quality", call.quality and t(f"manager.quality.{call.quality}")),
        ("manager.column.outcome", call.outcome and t(f"common.outcome.{call.outcome}")),
        ("manager.column.reason", _reason(teller, call)),
        ("manager.column.rating", call.rating and stars(call.rating)),
        ("manager.column.comment", call.comment),
        ("manager.column.notes", call.notes),
    ]
    return [(t(name), value) for name, value in facts if value]


def _reason(teller: Teller, call: CallRecord) -> str:
    """Return what the advisor wrote beside the outcome; the robot's own word in words."""
    robot = call.outcome_reason == ROBOT_REASON
    return teller.t("common.reason.robot") if robot else call.outcome_reason


def _timeline(
    teller: Teller,
    call: CallRecord,
    events: Sequence[CallEvent],
    lead: Lead | None,
    deliveries: Sequence[dict[str, Any]],
    pointed: Sequence[dict[str, Any]],
) -> list[dict[str, Any]]:
    """Return all that happened, first to last: the log, and what came of the call afterwards."""
    t, rows = teller.t, [*(teller.event(event, call) for event in events), *pointed]
    if call.outcome and call.closed_at:
        what = t("replay.timeline.outcome", what=t(f"common.outcome.{call.outcome}"))
        rows.append(_later("outcome", what, teller.moment(call.closed_at)))
    if lead and lead.created_at >= call.created_at:
        name = lead.name or t("leads.unnamed")
        what = t("replay.timeline.lead", name=name)
        rows.append(_later("lead", what, teller.moment(lead.created_at)))
    rows += [_later("delivery", one["text"], one) for one in deliveries]
    return sorted(rows, key=lambda row: int(row["at"]))


def _later(kind: str, text: str, moment: dict[str, Any]) -> dict[str, Any]:
    return {**moment, "kind": kind, "text": text, "photo": None, "pointer": None}


async def _deliveries(
    request: Request, showroom: Showroom, teller: Teller, call: CallRecord, lead: Lead | None
) -> list[dict[str, Any]]:
    """Return what others were told of the call and its lead since then, and how that went."""
    subjects = [call.id, *([lead.id] if lead else [])]
    found = await request.app[DELIVERIES].about(showroom.id, subjects, call.created_at)
    names = {one.id: one.name for one in await request.app[ENDPOINTS].of(showroom.id)}
    return [_delivery(teller, one, names) for one in found]


def _delivery(teller: Teller, one: Delivery, names: dict[EndpointId, str]) -> dict[str, Any]:
    t = teller.t
    text = t(
        "replay.timeline.delivery",
        topic=t(f"handoff.topic.{one.topic}"),
        endpoint=names.get(one.endpoint_id) or t("replay.endpoint.gone"),
        state=t(f"handoff.state.{one.state}"),
    )
    at = one.finished_at or one.created_at
    return {"text": text, "state": one.state, "answer": one.answer} | teller.moment(at)


def _line(teller: Teller, line: Line, samples: Sequence[KeptSample]) -> dict[str, Any]:
    """Return the curves, their axis and their table, in words."""
    t, since = teller.t, line.begin_ms - teller.begun_ms
    curves = []
    for curve, measure in zip(line.curves, MEASURES, strict=True):
        own = {
            str(side): in_short(
                teller,
                curve.name,
                [
                    value
                    for one in samples
                    if one.side is side and (value := measure.of(one)) is not None
                ],
            )
            for side in SIDES
        }
        title = t(f"replay.curve.{curve.name}")
        curves.append(
            {
                "title": title,
                "top": teller.measure(curve.name, curve.top),
                "said": t("replay.curve.said", measure=title, **own),
                "lines": curve.lines,
            }
        )
    rows = [
        {
            "after": clock(row.at_ms - teller.begun_ms),
            "values": [
                teller.measure(measure.name, row.values[side][measure.name])
                for measure in MEASURES
                for side in SIDES
            ],
        }
        for row in line.rows
    ]
    ticks = [(clock(since + tick.after_ms), f"{tick.share:.4f}") for tick in line.ticks]
    return {"curves": curves, "rows": rows, "ticks": ticks}
