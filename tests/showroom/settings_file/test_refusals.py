"""Files that are wrong: all of it is said at once, in words, and nothing is applied."""

import pytest
from babel import Locale

from showroom.database import Database
from showroom.settings_file.applying import Wrong
from showroom.texts import LANGUAGES
from tests.showroom.settings_file.samples import (
    everything,
    exported,
    files_of,
    furnish_whole,
    parsed,
)
from tests.virtual_clock import VirtualClock

NONSENSE = """
version = 1

[[showrooms]]
slug = "paris"
name_ = "Paris"
market = "France"
languages = ["french", "fr", 3, "ja"]
zone = "Europe/Pari"
exceptions = [{ day = "Christmas", hours = [] }, { day = 2026-12-25, hours = ["18:00-09:00"] }]
policy.ring_second = 20
policy.recording = "yes"
policy.retention_days = 0
visits = 30
scoring.points.emial = 5
scoring.qualified_from = true
store.url = "http://shop.example.com"
brand.accent = "red"
brand.logo = "../../etc/passwd"

[showrooms.hours]
monday = ["9-18"]
mondy = []

[[showrooms.campaigns]]
name = "Spring"
first = 2026-05-01
last = 2026-04-01
hours = {}

[[showrooms.vehicles]]
slug = "crete"
price = 41900.005
seats = "five"
stock = "in stok"
pictures = [{ angle = "side", path = "vehicles/x.svg" }]

[[showrooms.vehicles]]
slug = "crete"

[[showrooms.vehicles]]
slug = "new"
tagline.xx = "?"

[[showrooms.dealers]]
code = "75-01"
latitude = 98.0
phone = "12"
country_ = "FR"

[[showrooms.endpoints]]
kind = "webhok"
name = "Store"

[[showrooms.endpoints]]
kind = "csv"
name = "Table"
address = "/etc"
topics = ["call.ended"]
dealer = "75-02"

[[showrooms.endpoints]]
kind = "webhook"
name = "Inside"
address = "http://127.0.0.1/leads"
topics = []

[[staff]]
email = "zoe"
name = "Zoé"
languages = []
roles.pariss = ["adviser"]

[[staff]]
email = "nina@example.com"
name = "Nina"
languages = []

[[staff]]
name = "Nobody"
"""

SAID = (
    "the file · version: there is no such table. These are known: showrooms, staff.",
    "showroom paris · name_: there is no such field. Did you mean name?",
    "showroom paris · market: write the country's two letters (ISO 3166-1), like FR.",
    'showroom paris · languages: number 1: "french" is none: write two letters (ISO 639-1), like'
    " fr. number 3: 3 is none: write two letters (ISO 639-1), like fr. number 4: no page is written"
    " in Japanese (ja) so far. There are "
    + ", ".join(f"{Locale('en').languages[one]} ({one})" for one in LANGUAGES)
    + ".",
    "showroom paris · zone: write an IANA time zone, like Europe/Paris. Did you mean Europe/Paris?",
    'showroom paris · exceptions: number 1: day: "Christmas" is no date: write it like 2026-12-25.'
    ' number 2: hours: "18:00-09:00": Hours go from an earlier to a later time of one day, at most'
    " to 24:00.",
    "showroom paris · policy.ring_second: there is no such field. Did you mean ring_seconds?",
    "showroom paris · policy.recording: write true or false, without quotes.",
    "showroom paris · policy.retention_days: write a whole number from 1 to 36500, without quotes.",
    "showroom paris · visits: this is a table of its own: write its fields under a [heading].",
    "showroom paris · scoring.points.emial: there is no such field. Did you mean email?",
    "showroom paris · scoring.qualified_from: write a whole number from 1 to 1000, without quotes.",
    "showroom paris · store.url: Write an address that begins with https:// and a host, like"
    " https://shop.example.com/cars/{vehicle}?context={context}",
    'showroom paris · brand.accent: "red" is none: write a colour like #9a4a1f.',
    'showroom paris · brand.logo: "../../etc/passwd" is none: write a path below /static, like'
    " vehicles/crete-side-dune.svg, or of one uploaded.",
    'showroom paris · hours: monday: "9-18" are no hours: write them like "09:00-18:00". mondy:'
    " there is no such field. Did you mean monday?",
    "showroom paris · campaigns: A campaign ends on the day it begins, or later.",
    "vehicle crete of paris · price: write an amount like 41900.00, without quotes or currency.",
    "vehicle crete of paris · seats: write a whole number from 1 to 100, without quotes.",
    'vehicle crete of paris · stock: "in stok" is not known. Did you mean in stock?',
    "vehicle crete of paris · pictures: paint: write it, it is needed.",
    "vehicle crete of paris: it stands twice in the file. Put both together.",
    'vehicle new of paris · tagline: "xx" is none: write two letters (ISO 639-1), like fr.',
    *(
        f"vehicle new of paris · {field}: write it, a new vehicle needs it."
        for field in (
            "name", "version", "body", "price", "currency", "energy", "power_kw", "seats",
            "boot_litres", "length_mm", "stock",
        )
    ),
    "dealer 75-01 of paris · country_: there is no such field. Did you mean country?",
    "dealer 75-01 of paris · latitude: write degrees from -90 to 90, like 48.8566.",
    "dealer 75-01 of paris · phone: This is not a phone number. Write it like 06 12 34 56 78 or"
    " +33 6 12 34 56 78.",
    'endpoint Store of paris · kind: "webhok" is not known. Did you mean webhook?',
    "endpoint Table of paris · topics: csv carries lead.qualified, lead.updated only.",
    "endpoint Table of paris · address: files lie in the data folder: leave it out.",
    "endpoint Table of paris · dealer: there is no dealer with this code. Did you mean 75-01?",
    "endpoint Inside of paris · topics: choose what it hears of: lead.qualified, lead.updated,"
    " lead.erased, appointment.booked, appointment.rescheduled, appointment.cancelled,"
    " appointment.no_show, call.ended, reservation.created, reservation.expired,"
    " reservation.redeemed, alarm.raised, alarm.cleared.",
    "endpoint Inside of paris · address: We can't send there: the address leads inside our own"
    " network; SHOWROOM_HANDOFF_HOSTS can allow the host.",
    "staff zoe · email: An e-mail address looks like name@example.com.",
    'staff zoe · roles: "adviser" is not known. Did you mean advisor?',
    "staff zoe · roles.pariss: there is no such showroom. Did you mean paris?",
    "staff nina@example.com · roles: everybody has a role in a showroom. Write disabled = true to"
    " shut somebody out.",
    "staff · email: write it: it says which one this is.",
)  # fmt: skip


async def test_all_that_is_wrong_is_said_at_once_and_nothing_is_applied(
    database: Database, clock: VirtualClock
) -> None:
    await furnish_whole(database, clock)
    files = files_of(database, clock)
    before = await everything(database)
    for refused in (files.compare, files.apply):
        with pytest.raises(Wrong) as wrong:
            await refused(parsed(NONSENSE))
        assert sorted(map(str, wrong.value.problems)) == sorted(SAID)
    assert await everything(database) == before


async def test_one_wrong_field_among_good_ones_applies_none_of_them(
    database: Database, clock: VirtualClock
) -> None:
    await furnish_whole(database, clock)
    files = files_of(database, clock)
    before = await everything(database)
    text = (await exported(files)).replace("ring_seconds = 20", "ring_seconds = 25")
    with pytest.raises(Wrong):
        await files.apply(parsed(text.replace("seats = 5", "seats = 0", 1)))
    assert await everything(database) == before


@pytest.mark.parametrize(
    "text",
    [
        "showrooms = 1",
        "showrooms = [1]",
        "showrooms = {}",
        "[[showrooms]]\nslug = 7",
        "[[showrooms]]\nname = 'x'",
        "[[showrooms]]\nslug = 'a b'",
        "[[showrooms]]\nslug = 'paris'\nvehicles = 1",
        "[[showrooms]]\nslug = 'paris'\npolicy = [1]",
        "[[showrooms]]\nslug = 'paris'\nhours = 'always'",
        "[[showrooms]]\nslug = 'paris'\nlanguages = []",
        "[[showrooms]]\nslug = 'paris'\nname = \"two\\nlines\"",
        "[[showrooms]]\nslug = 'paris'\n[[showrooms]]\nslug = 'paris'",
        "[[showrooms]]\nslug = 'paris'\n[[showrooms.vehicles]]\nslug = 'crete'\nprice = nan",
        "[[showrooms]]\nslug = 'paris'\n[[showrooms.vehicles]]\nslug = 'crete'\nprice = -1",
        "[[showrooms]]\nslug = 'paris'\n[[showrooms.dealers]]\ncode = '75-01'\nlatitude = nan",
        "[[showrooms]]\nslug = 'paris'\n[[showrooms.dealers]]\ncode = '75-01'\nname = 3",
        "[[showrooms]]\nslug = 'paris'\n[[showrooms.dealers]]\ncode = '75-01'\nid = 3",
        "[[showrooms]]\nslug = 'paris'\n[[showrooms.endpoints]]\nname = 'a'\nkind = []",
        "[[showrooms]]\nslug = 'paris'\n[showrooms.visits]\nlength = '30 weeks'",
        "[[showrooms]]\nslug = 'paris'\n[showrooms.visits]\nlength = '99999 days'",
        "[[showrooms]]\nslug = 'paris'\n[showrooms.hours]\nmonday = ['25:00-26:00']",
        "[[showrooms]]\nslug = 'paris'\nid = 'mine'",
        "[[staff]]\nemail = 'zoe@example.com'\npassword = 'a long enough password'",
        "[[staff]]\nemail = 'zoe@example.com'\nroles = ['advisor']",
        "[[staff]]\nemail = 'zoe@example.com'\n[staff.roles]\nparis = []\nlyon = []",
        "[[staff]]\nemail = 'zoe@example.com'\n[[staff]]\nemail = 'ZOE@example.com'",
    ],
)
async def test_nonsense_is_refused_in_a_sentence(
    database: Database, clock: VirtualClock, text: str
) -> None:
    await furnish_whole(database, clock)
    with pytest.raises(Wrong) as wrong:
        await files_of(database, clock).apply(parsed(text))
    assert all(str(one).endswith((".", "?")) for one in wrong.value.problems)
