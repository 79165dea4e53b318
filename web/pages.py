"""Rendering: one context for every page."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
from aiohttp.web import Request, Response
from markupsafe import Markup

from showroom.direction import direction_of
from showroom.errors import ShowroomError
from showroom.showrooms import Brand, Showroom
from web.keys import ASSETS, SETTINGS, WORDS
from web.visitor import CSRF_COOKIE, LANGUAGE_COOKIE, csrf_nonce, csrf_token, set_cookie
from web.words import choose_language, meant, own_names

TEMPLATES = Path(__file__).parent / "templates"
# What pages look like that belong to no showroom: sign-in, errors.
HOUSE = Brand(
    name="Live Showroom",
    logo="",
    accent="#1d4ed8",
    accent_ink="#ffffff",
    ink="#14161a",
    paper="#f7f6f3",
)
YEAR = 365 * 24 * 3600

environment = jinja2.Environment(
    loader=jinja2.FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def safe_json(data: object) -> Markup:
    """Return JSON that can stand inside a <script> block: nothing in it can close the block."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704 - escaped just above


def spoken_by(request: Request, showroom: Showroom | None = None) -> Sequence[str]:
    """Return the languages to choose from: the showroom's, but for those that no page speaks."""
    spoken = request.app[WORDS].languages
    offered = [word for word in showroom.languages if word in spoken] if showroom else spoken
    return offered or spoken


def language_of(request: Request, showroom: Showroom | None = None) -> str:
    """Return the language to answer in: one that the pages and the showroom speak."""
    return choose_language(
        spoken_by(request, showroom),
        request.query.get("lang"),
        request.cookies.get(LANGUAGE_COOKIE),
        request.headers.get("Accept-Language", ""),
    )


def render(
    request: Request,
    template: str,
    context: Mapping[str, Any],
    showroom: Showroom | None = None,
    status: int = 200,
    words: tuple[str, ...] = (),
    kept: Mapping[str, str] | None = None,
) -> Response:
    """Render a page in the visitor's language, in the showroom's colours.

    `words` names the parts of the texts that the page's own scripts need; `kept` is what the links
    to the other languages carry on, without it what the page's own address asked for.
    """
    app = request.app
    language = language_of(request, showroom)
    nonce = csrf_nonce(request)
    page = environment.get_template(template).render(
        t=app[WORDS].translator(language),
        language=language,
        languages=own_names(spoken_by(request, showroom)),
        direction=direction_of(language),
        brand=showroom.brand if showroom else HOUSE,
        brand_css=f"/s/{showroom.slug}/brand.css" if showroom else None,
        csrf=csrf_token(app[SETTINGS], nonce),
        asset=app[ASSETS],
        words_json=safe_json(dict(app[WORDS].of(language, *words))),
        kept=_asked(request) if kept is None else kept,
        **context,
    )
    response = Response(text=page, content_type="text/html", status=status)
    response.headers["Content-Language"] = language
    response.enable_compression()
    if CSRF_COOKIE not in request.cookies:
        set_cookie(request, response, CSRF_COOKIE, nonce)
    if meant([language], request.query.get("lang")):
        set_cookie(request, response, LANGUAGE_COOKIE, language, YEAR)
    return response


def _asked(request: Request) -> dict[str, str]:
    return {name: value for name, value in request.query.items() if name != "lang"}


def words_for(request: Request, error: ShowroomError) -> str:
    """Return what a refusal says to a person, in the visitor's language."""
    t = request.app[WORDS].translator(language_of(request))
    return t(f"error.{error.code}", seconds=getattr(error, "retry_after", ""))


async def render_error(request: Request, error: ShowroomError) -> Response:
    """Render a refusal as a page, in the visitor's language."""
    t = request.app[WORDS].translator(language_of(request))
    context = {
        "status": error.status,
        "title": t(f"error.{error.code}.title"),
        "message": words_for(request, error),
        "home": "/",
    }
    return render(request, "error.html", context, status=error.status)
