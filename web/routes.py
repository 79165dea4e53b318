"""Every URL, in one table."""

from aiohttp.web import AbstractRouteDef, get, post, static

from web import (
    access,
    account,
    agenda,
    alarms,
    api_keys,
    assets,
    booking,
    calls,
    check,
    company,
    copies,
    customer,
    dealers,
    demo_mail,
    demo_store,
    feeds,
    floor,
    handoff,
    health,
    joining,
    lead_pages,
    leads,
    log,
    manager,
    metrics,
    oidc,
    photos,
    pictures,
    practice,
    privacy,
    recordings,
    replay,
    requests,
    reservations,
    roster,
    scoring,
    sheets,
    showroom_settings,
    staff,
    stills,
    store,
    team,
    visit,
    widget,
)
from web.api.routes import routes as api_routes
from web.api.serving import expected
from web.figures import advisors as advisors_time
from web.figures import mails as figure_mails
from web.figures import pages as figures
from web.figures import staffing, traffic, yields
from web.vehicles import forms as vehicle_forms
from web.vehicles import importing as vehicle_files
from web.vehicles import pages as vehicles
from web.vehicles import pictures as vehicle_pictures


def routes() -> list[AbstractRouteDef]:
    """Return the routes of the web side; Socket.IO adds its own at /socket.io/."""
    return [
        get("/", customer.home),
        get("/check", check.chooser),
        get("/health", health.health),
        get("/metrics", metrics.metrics),
        *_customers("/s/{showroom}"),
        *_visit("/v/{token}"),
        *_reservation("/r"),
        get("/p/{token}", photos.recap),
        get("/p/{token}/{photo}", photos.recap_photo),
        get("/pictures/{showroom}/{name}", pictures.shown),
        get("/calendar/{secret}.ics", feeds.file),
        get("/staff/login", staff.login_page),
        post("/staff/login", staff.login),
        post("/staff/logout", staff.logout),
        *_accounts("/staff"),
        *_advisors("/advisor"),
        *_managers("/manager"),
        post("/api/v1/store/events", store.receive, expect_handler=expected),
        *api_routes(),
        get(r"/static/{version:[0-9a-f]{12}}/{path:[\w./-]+}", assets.versioned),
        static("/static", assets.STATIC),
    ]


def _customers(start: str) -> list[AbstractRouteDef]:
    """Return the routes of a showroom's public pages."""
    return [
        get(start, customer.page),
        get(f"{start}/brand.css", customer.brand_css),
        get(f"{start}/widget.js", widget.script),
        post(f"{start}/calls", customer.start_call),
        get(f"{start}/join/{{link}}", company.page),
        post(f"{start}/join/{{link}}", company.knock),
        post(f"{start}/call-backs", customer.ask_call_back),
        post(f"{start}/requests", requests.ask),
        get(f"{start}/book", booking.page),
        get(f"{start}/slots", booking.slots),
        post(f"{start}/holds", booking.hold),
        get(f"{start}/dealers", dealers.near),
        get(f"{start}/store", store.go_on),
        get(f"{start}/check", check.page),
        post(f"{start}/check/ways", check.ways),
        get(f"{start}/check/down", check.down),
        post(f"{start}/check/up", check.up),
        post(f"{start}/check/results", check.keep),
        get(f"{start}/photos/{{photo}}", photos.whole),
        get(f"{start}/photos/{{photo}}/small", photos.small),
    ]


def _visit(start: str) -> list[AbstractRouteDef]:
    """Return the routes of a booked visit, for whoever has its token."""
    return [
        get(start, visit.page),
        get(f"{start}/state", visit.state),
        get(f"{start}/slots", visit.slots),
        get(f"{start}/visit.ics", visit.invitation),
        post(f"{start}/release", visit.release),
        post(f"{start}/confirm", visit.confirm),
        post(f"{start}/reschedule", visit.reschedule),
        post(f"{start}/cancel", visit.cancel),
        post(f"{start}/rebook", visit.rebook),
        post(f"{start}/join", joining.join),
    ]


def _reservation(start: str) -> list[AbstractRouteDef]:
    """Return the routes of a reservation: the customer's by one token, the dealer's by another."""
    return [
        get(f"{start}/{{token}}", reservations.page),
        post(f"{start}/{{token}}/cancel", reservations.cancel),
        get(f"{start}/dealer/{{token}}", reservations.dealer_page),
        post(f"{start}/dealer/{{token}}/redeem", reservations.redeem),
    ]


def _accounts(start: str) -> list[AbstractRouteDef]:
    """Return the routes by which staff come to a password, and to a second factor."""
    return [
        get(f"{start}/second", staff.second_page),
        post(f"{start}/second", staff.second),
        get(f"{start}/company", oidc.begin),
        get(f"{start}/company/back", oidc.back),
        get(f"{start}/account", account.page),
        post(f"{start}/account/factor", account.begin),
        post(f"{start}/account/factor/confirm", account.confirm),
        post(f"{start}/account/factor/remove", account.remove),
        get(f"{start}/forgot", access.forgot_page),
        post(f"{start}/forgot", access.forgot),
        get(f"{start}/link/{{token}}", access.page),
        post(f"{start}/link/{{token}}", access.set_password),
        get(f"{start}/mails/{{token}}", figure_mails.link),
        post(f"{start}/mails/{{token}}", figure_mails.stop_by_link),
    ]


def _advisors(start: str) -> list[AbstractRouteDef]:
    """Return the routes of an advisor's pages."""
    return [
        get(start, staff.advisor_page),
        get(f"{start}/checks/{{code}}", check.look_up),
        get(f"{start}/agenda", agenda.own_page),
        get(f"{start}/agenda/days", agenda.own_days),
        *_rosters(f"{start}/agenda"),
        post(f"{start}/agenda/feed", feeds.create),
        post(f"{start}/agenda/feed/revoke", feeds.revoke),
        get(f"{start}/calls/{{call}}/sheet", sheets.read),
        post(f"{start}/calls/{{call}}/sheet", sheets.save),
        post(f"{start}/calls/{{call}}/sheet/lead", sheets.commit),
        post(f"{start}/calls/{{call}}/photos/{{photo}}", photos.receive),
        post(f"{start}/calls/{{call}}/stills", stills.judge),
        *_practice(f"{start}/practice"),
        get(f"{start}/leads", lead_pages.own_page),
        *_leads(f"{start}/leads"),
        get(f"{start}/leads/{{lead}}/reservations", reservations.of_lead),
        post(f"{start}/reservations", reservations.give),
        post(f"{start}/reservations/{{reservation}}/cancel", reservations.call_off),
    ]


def _practice(start: str) -> list[AbstractRouteDef]:
    """Return the routes of an advisor's practice calls."""
    one = f"{start}/{{practice}}"
    return [
        get(start, practice.page),
        post(start, practice.begin),
        get(one, practice.state),
        get(f"{one}/film", practice.film),
        post(f"{one}/offer", practice.offer),
        post(f"{one}/stills", practice.judge),
        post(f"{one}/end", practice.end),
        post(f"{one}/erase", practice.erase),
    ]


def _copies(start: str) -> list[AbstractRouteDef]:
    """Return the routes of a recording's anonymised copy."""
    return [
        get(start, copies.play),
        post(start, copies.ask),
        get(f"{start}/progress", copies.progress),
        post(f"{start}/link", copies.link),
        post(f"{start}/cancel", copies.cancel),
    ]


def _managers(start: str) -> list[AbstractRouteDef]:
    """Return the routes of a manager's pages."""
    return [
        get(start, manager.page),
        get(f"{start}/today", manager.figures),
        get(f"{start}/figures", figures.page),
        get(f"{start}/figures.csv", figures.export),
        get(f"{start}/figures/traffic", traffic.page),
        get(f"{start}/figures/traffic.csv", traffic.export),
        get(f"{start}/figures/yield", yields.page),
        get(f"{start}/figures/yield.csv", yields.export),
        post(f"{start}/figures/mails", figure_mails.add),
        post(f"{start}/figures/mails/{{mail}}/stop", figure_mails.stop),
        get(f"{start}/figures/advisors", advisors_time.page),
        get(f"{start}/figures/advisors.csv", advisors_time.export),
        get(f"{start}/figures/staffing", staffing.page),
        get(f"{start}/figures/staffing.csv", staffing.export),
        get(f"{start}/calls", calls.page),
        get(f"{start}/calls/{{call}}", replay.page),
        get(f"{start}/calls/{{call}}/timeline", manager.call),
        get(f"{start}/recordings/{{recording}}", recordings.play),
        post(f"{start}/recordings/{{recording}}/link", recordings.link),
        post(f"{start}/recordings/{{recording}}/erase", recordings.erase),
        *_copies(f"{start}/recordings/{{recording}}/copy"),
        get(f"{start}/checks/{{code}}", check.look_up),
        get(f"{start}/stills", stills.floor),
        post(f"{start}/follow-ups/{{follow_up}}/release", manager.release),
        post(f"{start}/floor/queue", floor.queue),
        post(f"{start}/floor/notice", floor.notice),
        post(f"{start}/floor/advisors/{{advisor}}", floor.advisor),
        post(f"{start}/floor/calls/{{call}}", floor.place),
        post(f"{start}/floor/campaign", floor.campaign),
        post(f"{start}/floor/alarms/{{kind}}", alarms.silence),
        get(f"{start}/alarms", alarms.history),
        post(f"{start}/alarms/{{alarm}}/acknowledge", alarms.acknowledge),
        get(f"{start}/agenda", agenda.team_page),
        get(f"{start}/agenda/days", agenda.team_days),
        get(f"{start}/agenda/visits/{{visit}}/takers", agenda.takers),
        post(f"{start}/agenda/visits/{{visit}}/advisor", agenda.reassign),
        *_rosters(f"{start}/agenda/advisors/{{advisor}}"),
        get(f"{start}/leads", lead_pages.team_page),
        *_leads(f"{start}/leads"),
        get(f"{start}/scoring", scoring.table),
        post(f"{start}/scoring", scoring.change),
        *_handoff(f"{start}/handoff"),
        *_privacy(f"{start}/privacy"),
        get(f"{start}/dealers", dealers.page),
        post(f"{start}/dealers", dealers.bring),
        post(f"{start}/dealers/close", dealers.close),
        post(f"{start}/dealers/reopen", dealers.reopen),
        get(f"{start}/reservations", reservations.report),
        get(f"{start}/reservations.csv", reservations.export),
        get(f"{start}/showroom", showroom_settings.page),
        get(f"{start}/showroom/holidays", showroom_settings.holidays),
        post(f"{start}/showroom/settings", showroom_settings.change),
        post(f"{start}/showroom/logo", showroom_settings.upload_logo),
        *_vehicles(f"{start}/vehicles"),
        get(f"{start}/log", log.page),
        *_team(f"{start}/staff"),
        get(f"{start}/keys", api_keys.page),
        post(f"{start}/keys", api_keys.create),
        post(f"{start}/keys/{{key}}/revoke", api_keys.revoke),
    ]


def _vehicles(start: str) -> list[AbstractRouteDef]:
    """Return the routes to a showroom's cars, for managers."""
    one = f"{start}/cars/{{vehicle}}"
    return [
        get(start, vehicles.page),
        get(f"{start}.csv", vehicle_files.download),
        post(f"{start}/import", vehicle_files.look),
        post(f"{start}/apply", vehicle_files.apply),
        # A page that was shown there is loaded again, in another language.
        get(f"{start}/import", vehicles.page),
        get(f"{start}/apply", vehicles.page),
        get(f"{start}/new", vehicle_forms.new_page),
        post(f"{start}/new", vehicle_forms.add),
        get(one, vehicle_forms.page),
        post(one, vehicle_forms.change),
        post(f"{one}/pictures", vehicle_pictures.add),
        post(f"{one}/pictures/remove", vehicle_pictures.remove),
        # A page that was refused there is loaded again, in another language.
        get(f"{one}/pictures", vehicle_forms.page),
        post(f"{one}/withdraw", vehicles.withdraw),
        post(f"{one}/bring-back", vehicles.bring_back),
    ]


def _team(start: str) -> list[AbstractRouteDef]:
    """Return the routes of a showroom's staff, for those who lead it."""
    one = f"{start}/{{person}}"
    return [
        get(start, team.page),
        post(start, team.invite),
        post(f"{one}/invite-again", team.invite_again),
        post(f"{one}/take-back", team.take_back),
        post(f"{one}/roles", team.set_roles),
        post(f"{one}/disable", team.disable),
        post(f"{one}/enable", team.enable),
        post(f"{one}/reset-factor", team.reset_factor),
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
        post(f"{one}/move", handoff.move),
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


def _privacy(start: str) -> list[AbstractRouteDef]:
    """Return the routes to what there is of one person, for managers."""
    return [
        get(start, privacy.page),
        post(start, privacy.look),
        post(f"{start}/export", privacy.export),
        # A page that was refused there is loaded again, in another language.
        get(f"{start}/erase", privacy.page),
        post(f"{start}/erase", privacy.erase),
        get(f"{start}/receipts/{{receipt}}.json", privacy.receipt_json),
        get(f"{start}/receipts/{{receipt}}", privacy.receipt),
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
        get("/demo/store", demo_store.page),
        post("/demo/store", demo_store.order),
    ]
