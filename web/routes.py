"""Every URL, in one table."""

from aiohttp.web import AbstractRouteDef, get, post, static

from web import booking, customer, demo_mail, health, joining, manager, staff, visit
from web.assets import STATIC


def routes() -> list[AbstractRouteDef]:
    """Return the routes of the web side; Socket.IO adds its own at /socket.io/."""
    return [
        get("/", customer.home),
        get("/health", health.health),
        get("/s/{showroom}", customer.page),
        get("/s/{showroom}/brand.css", customer.brand_css),
        post("/s/{showroom}/calls", customer.start_call),
        post("/s/{showroom}/call-backs", customer.ask_call_back),
        get("/s/{showroom}/book", booking.page),
        get("/s/{showroom}/slots", booking.slots),
        post("/s/{showroom}/holds", booking.hold),
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
        get("/manager", manager.page),
        get("/manager/figures", manager.figures),
        get("/manager/calls/{call}", manager.call),
        static("/static", STATIC),
    ]


def demo_routes() -> list[AbstractRouteDef]:
    """Return what the demo has besides, and no other server."""
    return [
        get("/demo/mail", demo_mail.page),
        get("/demo/mail/{letter}", demo_mail.page),
        get("/demo/mail/{letter}/letter", demo_mail.letter),
        get("/demo/mail/{letter}/visit.ics", demo_mail.invitation),
    ]
