"""The manager's page of the log: who changed which setting, when, and from what to what."""

from collections.abc import Mapping
from typing import Annotated, Any

from aiohttp.web import Request, StreamResponse
from babel.dates import format_datetime, get_timezone
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from showroom.audit import COMMAND_LINE, Noted, Subject
from showroom.clock import to_datetime
from showroom.errors import BadRequest
from showroom.ids import StaffId
from showroom.texts import Translate
from signaling.gateway import explain
from web.keys import AUDIT_LOG, STAFF, WORDS
from web.pages import language_of, render
from web.staff import MANAGES
from web.visitor import session_of, staff_showroom

PAGE = 50
LARGEST = 2**63 - 1
# What has a name on the settings' page, and is no single field there.
PARTS = {
    "exceptions": "settings.exceptions",
    "holidays.days": "settings.holidays",
    "campaigns": "settings.section.campaigns",
    "canned": "settings.section.canned",
    **{f"texts.{name}": f"settings.field.texts.{name}" for name in ("headline", "lead", "closed")},
}


class LogAsked(BaseModel):
    """Which entries: of a kind, and below one that was shown."""

    model_config = ConfigDict(frozen=True)
    kind: Subject | None = None
    below: Annotated[int, Field(ge=1, le=LARGEST)] | None = None


async def page(request: Request) -> StreamResponse:
    """One page of the log, the newest first; it needs no script."""
    session = await session_of(request)
    showroom, rooms = await staff_showroom(request, session, MANAGES)
    try:
        asked = LogAsked.model_validate({name: one for name, one in request.query.items() if one})
    except ValidationError as error:
        raise BadRequest(explain(error)) from error
    found = await request.app[AUDIT_LOG].page(showroom.id, asked.below, PAGE + 1, asked.kind)
    names = await request.app[STAFF].names(showroom.id)
    language = language_of(request, showroom)
    t = request.app[WORDS].translator(language)
    context = {
        "showroom": showroom.name,
        "slug": showroom.slug,
        "rooms": [{"slug": room.slug, "name": room.name} for room in rooms],
        "name": session.name,
        "kinds": list(Subject),
        "kind": asked.kind,
        "entries": [_shown(one, names, showroom.zone, language, t) for one in found[:PAGE]],
        "older": found[PAGE - 1].id if len(found) > PAGE else None,
        "newest": asked.below is None,
    }
    return render(request, "log.html", context, showroom)


def _shown(
    noted: Noted, names: Mapping[StaffId, str], zone: str, language: str, t: Translate
) -> dict[str, Any]:
    entry = noted.entry
    who = t("log.command_line") if entry.who == COMMAND_LINE else t("log.gone")
    at = to_datetime(entry.happened_at)
    return {
        "when": format_datetime(
            at,
            "medium",
            tzinfo=get_timezone(zone),
            locale="en_GB" if language == "en" else language,
        ),
        "who": names.get(StaffId(entry.who), who),
        "what": f"{t(f'log.kind.{entry.subject}')}{_which(entry.subject, entry.subject_id)}",
        "deed": entry.deed,
        "fields": [
            {
                "path": _path(path, t),
                "before": _value(entry.before.get(path), t),
                "after": _value(entry.after.get(path), t),
            }
            for path in dict.fromkeys([*entry.before, *entry.after])
        ],
    }


def _which(subject: Subject, subject_id: str) -> str:
    """Return what people know it by, where that is its id: a slug, a code."""
    return f" {subject_id}" if subject in (Subject.VEHICLE, Subject.DEALER) else ""


def _path(path: str, t: Translate) -> str:
    """Return what the settings' page calls a field, or its path in a file."""
    whole, _, last = path.rpartition(".")
    if whole == "hours":
        return f"{t('settings.section.hours')} · {t(f'settings.day.{last}')}"
    if path in PARTS or whole in PARTS:
        return t(PARTS[path]) if path in PARTS else f"{t(PARTS[whole])} · {last.upper()}"
    key = f"settings.field.{path}"
    said = t(key)
    return path if said == key else said


def _value(value: Any, t: Translate) -> str:
    match value:
        case None | "" | []:
            return t("log.nothing")
        case bool():
            return t("log.on" if value else "log.off")
        case list():
            return ", ".join(_value(one, t) for one in value)
        case dict():
            return " · ".join(f"{name}: {_value(one, t)}" for name, one in value.items())
        case _:
            return str(value)
