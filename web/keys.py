"""The typed keys under which a page's handler finds what it needs in the application."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp.web import AppKey

from booking.absences import Absences
from booking.appointments import Appointment, Appointments
from booking.dealers.directory import Dealers
from booking.feeds import Feeds
from booking.follow_ups import FollowUps
from booking.leads.book import Leads
from booking.leads.sheets import Sheets
from booking.plan import Plan
from booking.reservations.report import ReservationReport
from booking.reservations.reservations import Reservations
from booking.roster import Roster
from booking.store.events import StoreEvents
from booking.store.funnel import Funnels
from booking.store.linking import Links
from booking.store.secrets import StoreSecrets
from media.quality import QualityLog
from showroom.calls import CallRecords
from showroom.clock import Clock
from showroom.settings import Settings
from showroom.showrooms import Showroom, Showrooms
from showroom.staff import Staff
from showroom.texts import Words
from showroom.throttle import SignInThrottle
from showroom.vehicles import Vehicles
from signaling.desk import Desk
from signaling.live import LiveState
from web.assets import Assets

SETTINGS = AppKey("settings", Settings)
CLOCK: AppKey[Clock] = AppKey("clock")
SHOWROOMS = AppKey("showrooms", Showrooms)
VEHICLES = AppKey("vehicles", Vehicles)
STAFF = AppKey("staff", Staff)
THROTTLE = AppKey("throttle", SignInThrottle)
CALLS = AppKey("calls", CallRecords)
QUALITY = AppKey("quality", QualityLog)
FOLLOW_UPS = AppKey("follow_ups", FollowUps)
ROSTER = AppKey("roster", Roster)
ABSENCES = AppKey("absences", Absences)
PLAN = AppKey("plan", Plan)
APPOINTMENTS = AppKey("appointments", Appointments)
FEEDS = AppKey("feeds", Feeds)
LEADS = AppKey("leads", Leads)
SHEETS = AppKey("sheets", Sheets)
# An advisor's visits as a calendar file, by the secret of its address.
FEED_FILES: AppKey[Callable[[str], Awaitable[bytes]]] = AppKey("feed_files")
# A visit as a calendar file.
Invite = Callable[[Showroom, Appointment], Awaitable[bytes]]
INVITATIONS: AppKey[Invite] = AppKey("invitations")
# Where the demo keeps its mail.
MAIL_FOLDER = AppKey("mail_folder", Path)
DEALERS = AppKey("dealers", Dealers)
STORE_SECRETS = AppKey("store_secrets", StoreSecrets)
STORE_LINKS = AppKey("store_links", Links)
STORE_EVENTS = AppKey("store_events", StoreEvents)
RESERVATIONS = AppKey("reservations", Reservations)
RESERVATION_REPORT = AppKey("reservation_report", ReservationReport)
FUNNELS = AppKey("funnels", Funnels)
DESK = AppKey("desk", Desk)
LIVE = AppKey("live", LiveState)
ASSETS = AppKey("assets", Assets)
WORDS = AppKey("words", Words)
