"""The manager's page of the log: who changed which setting, when, and from what to what."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from aiohttp.web import Request, StreamResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from showroom.audit import COMMAND_LINE, SERVER, Noted, Subject
from showroom.errors import BadRequest
from showroom.showrooms import Showroom
from showroom.texts import Translate
from signaling.gateway import explain
from web.keys import API_KEYS, AUDIT_LOG, ENDPOINTS, STAFF, WORDS
from web.pages import language_of, render
from web.spoken import moment
from web.staff import MANAGES
from web.visitor import session_of, staff_showroom

PAGE = 50
LARGEST = 2**63 - 1
# What people know by its id: a slug, a code.
BY_ID = (Subject.VEHICLE, Subject.DEALER)
# What has a name on the settings' page, and is no single field there.
PARTS = {
    "exceptions": "settings.exceptions",
    "holidays.days": "settings.holidays",
    "campaigns": "settings.section.campaigns",
    "canned": "settings.section.canned",
    "tagline": "log.field.tagline",
    "text": "log.field.text",
    "equipment": "log.field.equipment",
    **{f"texts.{name}": f"settings.field.texts.{name}" for name in ("headline", "lead", "closed")},
}


class LogAsked(BaseModel):
    """Which entries: of a kind, and below one that was shown."""

    model_config = ConfigDict(frozen=True)
    kind: Subject | None = None
    below: Annotated[int, Field(ge=1, le=LARGEST)] | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """What people call those who change settings, and what they change, by id."""

    staff: Mapping[str, str]
    keys: Mapping[str, str]
    endpoints: Mapping[str, str]

    @classmethod
    async def of(cls, request: Request, showroom: Showroom) -> "Names":
        """Return the names in one showroom; those of programs also when their key is revoked."""
        return cls(
            {str(who): name for who, name in (await request.app[STAFF].names(showroom.id)).items()},
            {str(one.id): one.name for one in await request.app[API_KEYS].of(showroom.id)},
            {str(one.id): one.name for one in await request.app[ENDPOINTS].of(showroom.id)},
        )

    def who(self, who: str, t: Translate) -> str:
        """Return who has changed something."""
        if who in (COMMAND_LINE, SERVER):
            return t("log.command_line" if who == COMMAND_LINE else "log.server")
        if who in self.keys:
            return t("log.program", name=self.keys[who])
        return self.staff.get(who) or t("log.gone")

    def what(self, noted: Noted, t: Translate) -> str:
        """Return what was changed: its kind and its name, for as long as there is one."""
        entry = noted.entry
        known = {**self.staff, **self.keys, **self.endpoints}
        name = entry.subject_id if entry.subject in BY_ID else known.get(entry.subject_id, "")
        # What is gone has left its name in the entry that tells so.
        name = name or str(entry.before.get("name") or entry.after.get("name") or "")
        if entry.subject is Subject.FLOOR:
            name = _said(f"log.floor.{entry.subject_id}", t) or name
        own = entry.subject is not Subject.SHOWROOM
        return f"{t(f'log.kind.{entry.subject}')} {name if own else ''}".strip()


async def page(request: Request) -> StreamResponse:
    """One page of the log, the newest first; it needs no script."""
    session = await session_of(request)
    showroom, rooms = await staff_showroom(request, session, MANAGES)
    try:
        asked = LogAsked.model_validate({name: one for name, one in request.query.items() if one})
    except ValidationError as error:
        raise BadRequest(explain(error)) from error
    found = await request.app[AUDIT_LOG].page(showroom.id, asked.below, PAGE + 1, asked.kind)
    names = await Names.of(request, showroom)
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


def _shown(noted: Noted, names: Names, zone: str, language: str, t: Translate) -> dict[str, Any]:
    entry = noted.entry

    def value(side: Mapping[str, Any], path: str) -> Any:
        found = side.get(path)
        # A moment is known by its name, as in the tables.
        if isinstance(found, int) and path.endswith("_until"):
            return moment(found, zone, language)
        return found

    return {
        "when": moment(entry.happened_at, zone, language),
        "who": names.who(entry.who, t),
        "what": names.what(noted, t),
        "deed": entry.deed,
        "fields": [
            field_in_words(path, value(entry.before, path), value(entry.after, path), t)
            for path in dict.fromkeys([*entry.before, *entry.after])
        ],
    }


def field_in_words(path: str, before: Any, after: Any, t: Translate) -> dict[str, str]:
    """Return one field in words; of two lists of tables only what is not in both."""
    if _tables(before) or _tables(after):
        both = [one for one in before or [] if one in (after or [])]
        before, after = ([one for one in some or [] if one not in both] for some in (before, after))
    empty = "settings.closed" if path.startswith("hours.") else "log.nothing"
    old, new = (_value(one, t) or t(empty) for one in (before, after))
    return {"path": path_in_words(path, t), "before": old, "after": new}


def _tables(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(one, dict) for one in value)


def path_in_words(path: str, t: Translate) -> str:
    """Return what the settings' page calls a field, or its path in a file."""
    whole, _, last = path.rpartition(".")
    if whole == "hours":
        return f"{t('settings.section.hours')} · {t(f'settings.day.{last}')}"
    if path in PARTS or whole in PARTS:
        return t(PARTS[path]) if path in PARTS else f"{t(PARTS[whole])} · {last.upper()}"
    if whole == "scoring.points":
        return f"{t('log.field.scoring.points')} · {t(f'lead.rule.{last}')}"
    return _said(f"settings.field.{path}", t) or _said(f"log.field.{path}", t) or path


def _said(key: str, t: Translate) -> str:
    """Return the words of a key, empty where it has none."""
    said = t(key)
    return "" if said == key else said


def _value(value: Any, t: Translate) -> str:
    """Return a value in words, empty where there is none."""
    match value:
        case None:
            return ""
        case bool():
            return t("log.on" if value else "log.off")
        case list():
            return ("; " if _tables(value) else ", ").join(_value(one, t) for one in value)
        case dict():
            return " · ".join(filter(None, (_inner(*one, t) for one in value.items())))
        case _:
            return str(value)


def _inner(name: str, value: Any, t: Translate) -> str:
    """Return one field of a table within a list: its value says which one it is, but for hours."""
    match name, value:
        case "hours", list():
            return _value(value, t) or t("settings.closed")
        case "hours", dict():
            days = ((t(f"settings.day.{day}"), _value(one, t)) for day, one in value.items())
            return ", ".join(f"{day} {hours}" for day, hours in days if hours)
        case _:
            return _value(value, t)
