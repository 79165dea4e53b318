"""Every URL, in one table."""

from aiohttp.web import AbstractRouteDef, get, post, static

from web import (
    agenda,
    api_keys,
    booking,
    customer,
    dealers,
    demo_mail,
    feeds,
    handoff,
    health,
    joining,
    lead_pages,
    leads,
    manager,
    metrics,
    requests,
    reservations,
    roster,
    scoring,
    sheets,
    staff,
    store,
    visit,
)
from web.api.routes import routes as api_routes
from web.assets import STATIC


def routes() -> list[AbstractRouteDef]:
    """Return the routes of the web side; Socket.IO adds its own at /socket.io/."""
    return [
        get("/", customer.home),
        get("/health", health.health),
        get("/metrics", metrics.metrics),
        get("/s/{showroom}", customer.page),
        get("/s/{showroom}/brand.css", customer.brand_css),
        post("/s/{showroom}/calls", customer.start_call),
        post("/s/{showroom}/call-backs", customer.ask_call_back),
        post("/s/{showroom}/requests", requests.ask),
        get("/s/{showroom}/book", booking.page),
        get("/s/{showroom}/slots", booking.slots),
        post("/s/{showroom}/holds", booking.hold),
        get("/s/{showroom}/dealers", dealers.near),
        get("/s/{showroom}/store", store.go_on),
        get("/v/{token}", visit.page),
        get("/v/{token}/state", visit.state),
        get("/v/{token}/slots", visit.slots),
        get("/v/{token}/visit.ics", visit.invitation),
        post("/v/{token}/release", visit.release),
        post("/v/{token}/confirm", visit.confirm),
        post("/v/{token}/reschedule", visit.reschedule),
        post("/v/{token}/cancel", visit.cancel),
        post("/v/{token}/rebook", visit.rebook),
        post("/v/{token}/join", joining.join),
        get("/staff/login", staff.login_page),
        post("/staff/login", staff.login),
        post("/staff/logout", staff.logout),
        get("/advisor", staff.advisor_page),
        get("/advisor/agenda", agenda.own_page),
        get("/advisor/agenda/days", agenda.own_days),
        *_rosters("/advisor/agenda"),
        get("/advisor/calls/{call}/sheet", sheets.read),
        post("/advisor/calls/{call}/sheet", sheets.save),
        post("/advisor/calls/{call}/sheet/lead", sheets.commit),
        get("/advisor/leads", lead_pages.own_page),
        *_leads("/advisor/leads"),
        post("/advisor/agenda/feed", feeds.create),
        post("/advisor/agenda/feed/revoke", feeds.revoke),
        get("/calendar/{secret}.ics", feeds.file),
        get("/manager", manager.page),
        get("/manager/figures", manager.figures),
        get("/manager/calls/{call}", manager.call),
        get("/manager/agenda", agenda.team_page),
        get("/manager/agenda/days", agenda.team_days),
        get("/manager/agenda/visits/{visit}/takers", agenda.takers),
        post("/manager/agenda/visits/{visit}/advisor", agenda.reassign),
        *_rosters("/manager/agenda/advisors/{advisor}"),
        *_handoff("/manager/handoff"),
        get("/manager/keys", api_keys.page),
        post("/manager/keys", api_keys.create),
        post("/manager/keys/{key}/revoke", api_keys.revoke),
        *api_routes(),
        get("/manager/dealers", dealers.page),
        post("/manager/dealers", dealers.bring),
        post("/manager/dealers/close", dealers.close),
        post("/manager/dealers/reopen", dealers.reopen),
        post("/api/v1/store/events", store.receive),
        *_handoff("/manager/handoff"),
        get("/r/{token}", reservations.page),
        post("/r/{token}/cancel", reservations.cancel),
        get("/r/dealer/{token}", reservations.dealer_page),
        post("/r/dealer/{token}/redeem", reservations.redeem),
        post("/advisor/reservations", reservations.give),
        get("/manager/reservations", reservations.report),
        get("/manager/reservations.csv", reservations.export),
        get("/manager/leads", lead_pages.team_page),
        *_leads("/manager/leads"),
        get("/manager/scoring", scoring.table),
        post("/manager/scoring", scoring.change),
        static("/static", STATIC),
    ]


def _rosters(start: str) -> list[AbstractRouteDef]:
    """Return the routes to somebody's hours and absences: an advisor's own, or any for managers."""
    return [
        get(f"{start}/roster", roster.of),
        get(f"{start}/effect", roster.effect),
        post(f"{start}/hours", roster.set_hours),
        post(f"{start}/absences", roster.add_absence),
        post(f"{start}/absences/{{absence}}/remove", roster.remove_absence),
    ]


def _handoff(start: str) -> list[AbstractRouteDef]:
    """Return the routes to what leaves the house, for managers."""
    one = f"{start}/endpoints/{{endpoint}}"
    return [
        get(start, handoff.page),
        get(f"{start}/endpoints", handoff.endpoints),
        post(f"{start}/endpoints", handoff.add),
        post(f"{one}/rotate", handoff.rotate),
        post(f"{one}/end-rotation", handoff.end_rotation),
        post(f"{one}/enable", handoff.enable),
        post(f"{one}/disable", handoff.disable),
        post(f"{one}/remove", handoff.remove),
        post(f"{one}/replay", handoff.replay_failed),
        get(f"{start}/deliveries", handoff.deliveries),
        get(f"{start}/deliveries/{{delivery}}", handoff.delivery),
        post(f"{start}/deliveries/{{delivery}}/replay", handoff.replay),
    ]


def _leads(start: str) -> list[AbstractRouteDef]:
    """Return the routes to a showroom's leads, for advisors or for managers."""
    return [
        get(f"{start}/list", leads.listed),
        get(f"{start}/{{lead}}", leads.one),
        post(f"{start}/{{lead}}/move", leads.move),
        post(f"{start}/{{lead}}/due", leads.due),
        post(f"{start}/{{lead}}/owner", leads.owner),
        post(f"{start}/{{lead}}/note", leads.note),
        post(f"{start}/{{lead}}/fields", leads.change),
    ]


def demo_routes() -> list[AbstractRouteDef]:
    """Return what the demo has besides, and no other server."""
    return [
        get("/demo/mail", demo_mail.page),
        get("/demo/mail/{letter}", demo_mail.page),
        get("/demo/mail/{letter}/letter", demo_mail.letter),
        get("/demo/mail/{letter}/visit.ics", demo_mail.invitation),
    ]
