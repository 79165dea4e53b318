"""Who opens a showroom's page is counted: without a cookie, and without being known."""

import re

from aiohttp.web import Request

from showroom.arrivals import Arrival
from showroom.showrooms import Showroom
from showroom.words import PageKind
from signaling.gateway import STAFF_COOKIE
from signaling.record import campaign_of
from web.devices import device_of
from web.keys import ARRIVALS, CLOCK
from web.origins import origin_of
from web.pages import language_of
from web.visitor import address_of

# Programs that say so, and previews of links. Cubot makes phones.
PROGRAMS = re.compile(
    r"(?<!cu)bot\b|crawl|spider|slurp|archiver|scrape|preview|externalhit|monitor|uptime|pingdom"
    r"|lighthouse|validator|\bcurl|wget|python|java/|go-http|okhttp|axios|node-fetch|libwww|httpx?/",
    re.IGNORECASE,
)
# A browser that loads a page in case somebody opens it.
AHEAD = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
LONGEST_AGENT = 512
# What the store's button adds to the address.
WIDGET = "widget"


def arrives(request: Request, showroom: Showroom, page: PageKind) -> None:
    """Count that somebody opens a page; nothing of it can hold the page up.

    Programs, pages that are loaded in advance, and staff who look at their own do not count. Who
    asks not to be tracked (Do Not Track, Global Privacy Control) is told apart from nobody: their
    pages count, they do not.
    """
    headers = request.headers
    agent = headers.get("User-Agent", "")[:LONGEST_AGENT]
    if request.method != "GET" or not agent or PROGRAMS.search(agent):
        return
    if STAFF_COOKIE in request.cookies or any("fetch" in headers.get(one, "") for one in AHEAD):
        return
    alone = headers.get("DNT") == "1" or headers.get("Sec-GPC") == "1"
    request.app[ARRIVALS].note(
        Arrival(
            showroom_id=showroom.id,
            zone=showroom.zone,
            at_ms=request.app[CLOCK](),
            address="" if alone else address_of(request),
            agent=agent,
            campaign=campaign_of(origin_of(request, showroom)) or "",
            language=language_of(request, showroom),
            device=device_of(agent),
            page=page,
            widget=request.query.get("from") == WIDGET,
        )
    )
