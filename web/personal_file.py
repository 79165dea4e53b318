"""The file that somebody gets of what there is of them: JSON, a page to be read, and the photos."""

import asyncio
import io
import json
import re
import zipfile
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from booking.privacy.person import Found
from media.photos import Photos
from showroom.clock import to_ms
from showroom.direction import direction_of
from showroom.errors import NotFound
from showroom.ids import PhotoId
from showroom.showrooms import Showroom
from showroom.texts import Translate, Words
from web.consents import TEXTS
from web.pages import environment
from web.spoken import moment

# Photos beyond these bytes are listed, and not in the file.
MOST_BYTES = 100_000_000
# As the export writes moments (RFC 3339).
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
SECTIONS = (
    "leads", "history", "sheets", "visits", "call_backs", "calls", "said", "pointed", "photos",
    "recordings", "reservations", "deliveries",
)  # fmt: skip


async def archive(
    showroom: Showroom,
    found: Found,
    data: dict[str, Any],
    photos: Photos,
    words: Words,
    language: str,
) -> bytes:
    """Return a zip with `data.json`, `data.html` in `language`, and `photos/…jpg`."""
    told = data | {"consents": [_with_text(one, showroom, words) for one in data["consents"]]}
    pictures = await _pictures(showroom, found, photos)
    t, start = words.translator(language), "privacy.field."
    texts = words.of(language, "privacy")
    page = environment.get_template("personal_data.html").render(
        t=t,
        language=language,
        direction=direction_of(language),
        showroom=showroom.name,
        data=_read_aloud(told, showroom.zone, language, t),
        fields={key.removeprefix(start): text for key, text in texts.items() if start in key},
        sections=SECTIONS,
        pictures=sorted(pictures),
    )
    return await asyncio.to_thread(_zipped, told, page, pictures)


def _with_text(one: Mapping[str, Any], showroom: Showroom, words: Words) -> dict[str, Any]:
    """Return a consent with the text that they agreed to; None for a text that is not ours."""
    key, spoken = TEXTS.get(one["version"]), one["language"]
    if key is None or spoken not in words.languages:
        return {**one, "text": None}
    return {**one, "text": words.translator(spoken)(key, brand=showroom.brand.name)}


def _read_aloud(one: Any, zone: str, language: str, t: Translate) -> Any:
    """Return what JSON says as people say it: moments by the showroom's clocks, yes and no."""
    match one:
        case dict():
            return {name: _read_aloud(value, zone, language, t) for name, value in one.items()}
        case list():
            return [_read_aloud(value, zone, language, t) for value in one]
        case bool():
            return t("privacy.file.yes" if one else "privacy.file.no")
        case str() if MOMENT.fullmatch(one):
            return moment(to_ms(datetime.fromisoformat(one)), zone, language)
        case _:
            return one


async def _pictures(showroom: Showroom, found: Found, photos: Photos) -> dict[str, bytes]:
    pictures: dict[str, bytes] = {}
    room = MOST_BYTES
    for which in found.photos:
        try:
            photo = await photos.get(showroom.id, PhotoId(which))
            if photo.size > room:
                continue
            pictures[f"photos/{which}.jpg"] = await photos.read(photo)
            room -= photo.size
        except NotFound:
            continue  # it went meanwhile
    return pictures


def _zipped(data: Mapping[str, Any], page: str, pictures: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("data.json", json.dumps(data, ensure_ascii=False, indent=2, default=str))
        file.writestr("data.html", page)
        for name, picture in pictures.items():
            file.writestr(name, picture, zipfile.ZIP_STORED)
    return out.getvalue()
