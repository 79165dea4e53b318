"""The button for a store's own pages: one line there, and their visitors are a tap away from us."""

from aiohttp.web import Request, Response, StreamResponse

from showroom.direction import direction_of
from web.arriving import WIDGET
from web.customer import showroom_of
from web.keys import WORDS
from web.origins import UTM
from web.pages import language_of, safe_json

FRESH = "public, max-age=300"
# It runs on somebody else's page: nothing of it leaks out of its function or its shadow, nothing of
# the page's style gets in, and of the page it reads the address only, for the campaign in it.
SCRIPT = """(() => {
  const given = %s;
  const me = document.currentScript;
  const asked = new URLSearchParams(location.search);
  const way = new URL(given.page, me.src);
  way.searchParams.set('from', given.from);
  for (const name of given.carried) {
    if (asked.has(name)) way.searchParams.set(name, asked.get(name));
  }
  const place = document.createElement('span');
  const link = document.createElement('a');
  const style = document.createElement('style');
  link.href = way.href;
  link.target = '_blank';
  link.rel = 'noopener';
  link.lang = given.language;
  link.dir = given.direction;
  link.textContent = me.dataset.label || given.label;
  style.textContent = given.style;
  place.attachShadow({ mode: 'open' }).append(style, link);
  me.after(place);
})();
"""
STYLE = (
    "a{{display:inline-flex;align-items:center;min-height:48px;padding:0 24px;border-radius:24px;"
    "font:600 16px/1.2 system-ui,sans-serif;text-decoration:none;background:{accent};color:{ink}}}"
    "a:focus-visible{{outline:3px solid {accent};outline-offset:3px}}"
)


async def script(request: Request) -> StreamResponse:
    """A script of a few lines, in the showroom's colours and the language that is asked for."""
    showroom = await showroom_of(request)
    language = language_of(request, showroom)
    brand = showroom.brand
    given = {
        "page": f"/s/{showroom.slug}?lang={language}",
        "from": WIDGET,
        "carried": [*UTM.values()],
        "language": language,
        "direction": direction_of(language),
        "label": request.app[WORDS].translator(language)("customer.widget"),
        "style": STYLE.format(accent=brand.accent, ink=brand.accent_ink),
    }
    answer = Response(text=SCRIPT % safe_json(given), content_type="text/javascript")
    answer.headers["Cache-Control"] = FRESH
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.headers["Vary"] = "Accept-Language, Cookie"
    return answer
