"""One visit, for whoever has its address: confirm, join, reschedule, cancel, book again.

The token in the address is the only proof; a wrong, foreign or lapsed one is not found. What is
shown is what the customer needs to come, and nothing of who they are.
"""

from typing import Annotated, Any, Literal

from aiohttp.web import Request, Response, StreamResponse, json_response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from booking.appointments import Appointment, Consent
from booking.calendar import invitation
from booking.contact import guest
from showroom.errors import AlreadyInCall, BadRequest
from showroom.showrooms import Showroom
from showroom.words import AppointmentState, CallState
from signaling.desk import BookedVisit
from signaling.messages import Id
from signaling.tickets import CallTicket
from web.booking import CONSENT_VERSION, Language, Moment, first_name, known_vehicle
from web.customer import give_ticket, parse, vehicle_data
from web.keys import APPOINTMENTS, CLOCK, DESK, SHOWROOMS, STAFF, VEHICLES
from web.limits import VISITS, limit
from web.pages import language_of, render, safe_json
from web.visitor import check_csrf, tickets_of
