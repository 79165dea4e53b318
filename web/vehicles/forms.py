"""One car by a form: its cells are those of a line of a file, and are judged by the same rules."""

from collections.abc import Mapping
from typing import Any

from aiohttp.web import HTTPSeeOther, Request, StreamResponse
from babel import Locale

from showroom.range_editing import Fate, Fault, FaultKind, Judged, Revision, Table
from showroom.showrooms import Showroom
from showroom.texts import Translate
from showroom.vehicles import picture_address
from web.keys import RANGE_EDITOR, WORDS
from web.log import field_in_words
from web.pages import language_of, render
from web.vehicles.cells import cells_of, columns, languages_of, table_of
from web.vehicles.matching import ANGLES, ANY_PAINT
from web.vehicles.pages import back, manages, place
from web.vehicles.refusals import reason
from web.visitor import checked_form

NEW_CAR: Mapping[str, Any] = {"stock": "in stock", "tagline": {}, "equipment": {}, "paints": []}
LONGEST_NOTICE = 20


async def new_page(request: Request) -> StreamResponse:
    """An empty form, with what all cars here have in common."""
    _, showroom, _ = await manages(request)
    tables = await request.app[RANGE_EDITOR].tables(showroom.id)
    last: Table = tables[-1] if tables else {"currency": "EUR", "position": 0}
    usual = {"currency": last["currency"], "position": last["position"] + 1, "seats": 5}
    return await _shown(request, {**NEW_CAR, **usual, "pictures": []})


async def add(request: Request) -> StreamResponse:
    """Add a car, unless there is one by its name in addresses."""
    form = await checked_form(request)
    session, showroom, _ = await manages(request)
    editor, given = request.app[RANGE_EDITOR], table_of(_cells(form), whole=True)
    revision = await editor.judge(showroom.id, [given])
    one = revision.cars[0]
    if one.fate in (Fate.SAME, Fate.CHANGED):
        taken = Judged(one.slug, one.name, Fate.REFUSED, faults=(Fault("slug", FaultKind.TWICE),))
        revision = Revision((taken,), revision.seen)
    elif one.fate is Fate.NEW:
        revision = await editor.apply(showroom.id, [given], session.staff_id, revision.seen)
    return await _answered(request, showroom, form, revision)


async def page(request: Request) -> StreamResponse:
    """The form of one car."""
    return await shown_with(request)


async def shown_with(request: Request, refused: str = "") -> StreamResponse:
    """Show the form of one car, and why a picture was refused."""
    _, showroom, _ = await manages(request)
    slug = request.match_info["vehicle"]
    table = await request.app[RANGE_EDITOR].table(showroom.id, slug)
    return await _shown(request, table, refused=refused)


async def change(request: Request) -> StreamResponse:
    """Change a car; what somebody else has changed meanwhile is told instead of lost."""
    form = await checked_form(request)
    session, showroom, _ = await manages(request)
    editor, slug = request.app[RANGE_EDITOR], request.match_info["vehicle"]
    await editor.table(showroom.id, slug)
    given = table_of({**_cells(form), "slug": slug}, whole=True)
    revision = await editor.judge(showroom.id, [given])
    if revision.cars[0].fate is not Fate.REFUSED:
        seen = form.get("seen", "") or revision.seen
        revision = await editor.apply(showroom.id, [given], session.staff_id, seen)
    return await _answered(request, showroom, form, revision)


def _cells(form: Mapping[str, str]) -> dict[str, str]:
    """Return what the form has of a car. Whether it is withdrawn is no field of it."""
    return {name: text for name, text in form.items() if name not in ("csrf", "seen", "withdrawn")}


async def _answered(
    request: Request, showroom: Showroom, form: Mapping[str, str], revision: Revision
) -> StreamResponse:
    """Lead on to the car, or show again what was typed, with what is wrong about it."""
    if revision.done:
        raise _to(showroom, revision.cars[0].slug)
    return await _shown(request, {}, typed=_cells(form), revision=revision)


def _to(showroom: Showroom, slug: str) -> HTTPSeeOther:
    return back(showroom, f"/cars/{slug}", saved=1)


async def _shown(
    request: Request,
    table: Mapping[str, Any],
    typed: Mapping[str, str] | None = None,
    revision: Revision | None = None,
    refused: str = "",
) -> StreamResponse:
    session, showroom, rooms = await manages(request)
    editor, slug = request.app[RANGE_EDITOR], request.match_info.get("vehicle", "")
    standing = await editor.table(showroom.id, slug) if slug else NEW_CAR
    language = language_of(request, showroom)
    t = request.app[WORDS].translator(language)
    spoken = languages_of([standing], showroom.languages)
    one = revision.cars[0] if revision else None
    seen = (await editor.judge(showroom.id, [{"slug": slug}])).seen if slug else ""
    meanwhile = [] if one is None or one.faults else _differences(one, t)
    context = {
        **place(session, showroom, rooms),
        "car": {"slug": slug, "name": standing.get("name", ""), **_state(standing)},
        "cells": dict.fromkeys(columns(spoken), "")
        | (dict(typed) if typed is not None else cells_of(table, spoken)),
        "spoken": [(code, _language(code, language)) for code in spoken],
        "faults": _faults(one, spoken, editor.limits(), t),
        "meanwhile": meanwhile,
        "seen": seen,
        "saved": "saved" in request.query and not (revision or refused),
        "refused": refused,
        "angles": ANGLES,
        "paints": _paints(standing, language),
        "pictures": _pictures(standing),
    }
    status = (415 if refused else 200) if one is None else 400 if one.faults else 412
    return render(request, "vehicle.html", context, showroom, status=status)


def _paints(table: Mapping[str, Any], language: str) -> list[tuple[str, str]]:
    """Return the paints by what they are called; one for all where a car has none."""
    found = [(one["slug"], one["name"].get(language) or one["slug"]) for one in table["paints"]]
    return found or [(ANY_PAINT, "")]


def _pictures(table: Mapping[str, Any]) -> list[dict[str, str]]:
    return [
        {**one, "small": picture_address(one["path"], small=True)}
        for one in table.get("pictures", ())
    ]


def _state(table: Mapping[str, Any]) -> dict[str, Any]:
    return {"withdrawn": bool(table.get("withdrawn"))}


def _differences(one: Judged, t: Translate) -> list[dict[str, str]]:
    """Return what stands now, beside what was typed, field by field."""
    found = one.changes[:LONGEST_NOTICE]
    return [field_in_words(change.path, change.before, change.after, t) for change in found]


def _faults(
    one: Judged | None, spoken: list[str], limits: Mapping[str, tuple[int, int]], t: Translate
) -> dict[str, str]:
    """Return what is wrong, by the cells that it is about."""
    found = {fault.field: reason(fault, limits, t) for fault in (one.faults if one else ())}
    names = {column: column.partition(".")[0] for column in columns(spoken)}
    return {column: found[name] for column, name in names.items() if name in found}


def _language(code: str, language: str) -> str:
    """Return what a language is called in another one."""
    return str(Locale.parse(language).languages.get(code, code))
