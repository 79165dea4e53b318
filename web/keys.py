"""The typed keys under which a page's handler finds what it needs in the application."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp.web import AppKey

from booking.absences import Absences
from booking.appointments import Appointment, Appointments
from booking.dealers.directory import Dealers
from booking.feeds import Feeds
from booking.follow_ups import FollowUps
from booking.handoff.deliveries import Deliveries
from booking.handoff.endpoints import Endpoints
from booking.handoff.metrics import Metrics
from booking.leads.book import Leads
from booking.leads.sheets import Sheets
from booking.plan import Plan
from booking.privacy.erasing import Erasures
from booking.privacy.exporting import Exports
from booking.reservations.report import ReservationReport
from booking.reservations.reservations import Reservations
from booking.returned import Returned
from booking.roster import Roster
from booking.rostered import Rosters
from booking.store.events import StoreEvents
from booking.store.funnel import Funnels
from booking.store.linking import Links
from booking.store.secrets import StoreSecrets
from media.check import Checks
from media.coach.coach import Coach
from media.photos import PhotoLinks, Photos
from media.practice import Practices
from media.quality import QualityLog
from media.recording.book import Recordings
from media.recording.copies import Copies
from media.recording.links import RecordingLinks
from media.thumbnails import Thumbnails
from media.uploads import Uploads
from showroom.access import Access
from showroom.api_keys import ApiKeys
from showroom.arrivals import Arrivals
from showroom.asking import Figures
from showroom.audit import AuditLog
from showroom.call_details import CallDetails
from showroom.call_search import CallSearch
from showroom.calls import CallRecords
from showroom.clock import Clock
from showroom.editing import Editor
from showroom.factors import Factors
from showroom.figure_mails import FigureMails
from showroom.forecast import Forecasts
from showroom.marks import Marks
from showroom.oidc import CompanyAccounts
from showroom.repetitions import Repetitions
from showroom.settings import Settings
from showroom.showrooms import Showroom, Showrooms
from showroom.staff import Staff
from showroom.team import Team
from showroom.texts import Words
from showroom.throttle import SignInThrottle
from showroom.traffic import Traffic
from showroom.usual import UsualDay
from showroom.vehicles import Vehicles
from showroom.work import Work
from showroom.yields import Yield
from signaling.company import Company
from signaling.desk import Desk
from signaling.live import LiveState
from signaling.orders import Orders
from web.assets import Assets

SETTINGS = AppKey("settings", Settings)
CLOCK: AppKey[Clock] = AppKey("clock")
SHOWROOMS = AppKey("showrooms", Showrooms)
EDITOR: AppKey[Editor] = AppKey("editor")
AUDIT_LOG = AppKey("audit_log", AuditLog)
VEHICLES = AppKey("vehicles", Vehicles)
STAFF = AppKey("staff", Staff)
TEAM = AppKey("team", Team)
ACCESS = AppKey("access", Access)
FACTORS = AppKey("factors", Factors)
COMPANY_ACCOUNTS = AppKey("company_accounts", CompanyAccounts)
THROTTLE = AppKey("throttle", SignInThrottle)
CALLS = AppKey("calls", CallRecords)
FIGURES = AppKey("figures", Figures)
CALL_DETAILS = AppKey("call_details", CallDetails)
FIGURE_MAILS = AppKey("figure_mails", FigureMails)
WORK = AppKey("work", Work)
FORECASTS = AppKey("forecasts", Forecasts)
ROSTERS = AppKey("rosters", Rosters)
TRAFFIC = AppKey("traffic", Traffic)
TRAFFIC_ALONE = AppKey("traffic_alone", Traffic)
YIELD_FIRST = AppKey("yield_first", Yield)
YIELD_LAST = AppKey("yield_last", Yield)
ARRIVALS = AppKey("arrivals", Arrivals)
QUALITY = AppKey("quality", QualityLog)
MARKS = AppKey("marks", Marks)
COACH = AppKey("coach", Coach)
THUMBNAILS = AppKey("thumbnails", Thumbnails)
FOLLOW_UPS = AppKey("follow_ups", FollowUps)
ROSTER = AppKey("roster", Roster)
ABSENCES = AppKey("absences", Absences)
PLAN = AppKey("plan", Plan)
APPOINTMENTS = AppKey("appointments", Appointments)
FEEDS = AppKey("feeds", Feeds)
RETURNED = AppKey("returned", Returned)
LEADS = AppKey("leads", Leads)
SHEETS = AppKey("sheets", Sheets)
# An advisor's visits as a calendar file, by the secret of its address.
FEED_FILES: AppKey[Callable[[str], Awaitable[bytes]]] = AppKey("feed_files")
# A visit as a calendar file.
Invite = Callable[[Showroom, Appointment], Awaitable[bytes]]
INVITATIONS: AppKey[Invite] = AppKey("invitations")
ENDPOINTS = AppKey("endpoints", Endpoints)
DELIVERIES = AppKey("deliveries", Deliveries)
METRICS = AppKey("metrics", Metrics)
CALL_SEARCH = AppKey("call_search", CallSearch)
# Where the demo keeps its mail.
MAIL_FOLDER = AppKey("mail_folder", Path)
ERASURES = AppKey("erasures", Erasures)
EXPORTS = AppKey("exports", Exports)
API_KEYS = AppKey("api_keys", ApiKeys)
REPETITIONS = AppKey("repetitions", Repetitions)
DEALERS = AppKey("dealers", Dealers)
STORE_SECRETS = AppKey("store_secrets", StoreSecrets)
STORE_LINKS = AppKey("store_links", Links)
STORE_EVENTS = AppKey("store_events", StoreEvents)
RESERVATIONS = AppKey("reservations", Reservations)
RESERVATION_REPORT = AppKey("reservation_report", ReservationReport)
FUNNELS = AppKey("funnels", Funnels)
PHOTOS = AppKey("photos", Photos)
PHOTO_LINKS = AppKey("photo_links", PhotoLinks)
UPLOADS = AppKey("uploads", Uploads)
PRACTICES = AppKey("practices", Practices)
RECORDINGS = AppKey("recordings", Recordings)
COPIES = AppKey("copies", Copies)
RECORDING_LINKS = AppKey("recording_links", RecordingLinks)
DESK = AppKey("desk", Desk)
ORDERS = AppKey("orders", Orders)
USUAL = AppKey("usual", UsualDay)
COMPANY = AppKey("company", Company)
LIVE = AppKey("live", LiveState)
CHECKS = AppKey("checks", Checks)
ASSETS = AppKey("assets", Assets)
WORDS = AppKey("words", Words)
