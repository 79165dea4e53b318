"""What a letter says: its words, in the customer's language and time, as text and as HTML."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from booking.calendar import Wording
from booking.contact import one_line
from booking.letters import Topic, Visit
from booking.times import TimeWords
from showroom.direction import direction_of
from showroom.showrooms import Showroom
from showroom.texts import Translate, Words

HERE = Path(__file__).parent
FALLBACK = "en"
# The visit does not take place (any more): the letter looks back.
OVER = frozenset({Topic.CANCELLED, Topic.CALLED_OFF, Topic.NO_SHOW, Topic.HOST_NO_SHOW})
# What nobody is called, but what mail programs make a link or an address of. Whoever books with
# somebody else's address must not be able to have us send them one.
NO_NAME = re.compile(r"""[/@:\\<>"]|\w\.\w{2,}""")


@dataclass(frozen=True, slots=True)
class Choice:
    """A link of its own below the words: a time that is offered, or the photos of a visit."""

    text: str
    link: str


@dataclass(frozen=True, slots=True)
class Rows:
    """A table in words: its first column names what the row is about. `more` follows below it."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter in words; what its templates show. `aside` is a link below all others."""

    language: str
    subject: str
    greeting: str
    heading: str
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    colon: str
    choices_label: str
    choices: tuple[Choice, ...]
    action: str
    link: str
    footer: str
    signature: str
    table: Rows | None = None
    aside: Choice | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What a letter names that the appointment itself holds only by id, and free times to offer."""

    advisor: str = ""
    vehicle: str = ""
    free: Sequence[int] = ()


class Writer:
    """Writes letters and calendar entries. `address` is where this server's pages are."""

    def __init__(self, address: str, words: Words | None = None) -> None:
        self._address = address
        self._words = words or Words(HERE / "languages")
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._templates.globals["direction_of"] = direction_of

    def link(self, visit: Visit) -> str:
        """Return the address of the customer's own page."""
        return f"{self._address}/v/{visit.token}"

    def letter(self, topic: Topic, showroom: Showroom, visit: Visit, known: Known) -> Letter:
        """Return the letter about `topic` in the visit's language."""
        language = self._language(visit.language)
        t, times = self._words.translator(language), self._times(showroom, visit)
        when = {
            "day": times.day(visit.starts_at),
            "from": times.time(visit.starts_at),
            "until": times.time(visit.ends_at),
            "zone": times.zone(visit.starts_at),
        }
        name = spoken_name(visit.name)
        return Letter(
            language=language,
            subject=t(f"{topic}.subject", **when),
            greeting=t("letter.greeting", name=name) if name else t("letter.greeting.nameless"),
            heading=t(f"{topic}.heading", **when),
            paragraphs=self._paragraphs(t, topic, language),
            facts=_facts(t, topic, showroom, t("letter.time", **when), known),
            colon=t("letter.colon"),
            choices_label=t("letter.times"),
            choices=tuple(self._free_time(t, times, visit, at) for at in known.free),
            action=t(f"{topic}.action"),
            link=self.link(visit),
            footer=t("letter.footer"),
            signature=t("letter.signature"),
        )

    def text(self, showroom: Showroom, letter: Letter) -> str:
        """Return the letter as plain text."""
        template = self._templates.get_template("letter.txt")
        return re.sub(r"\n{3,}", "\n\n", template.render(letter=letter, brand=showroom.brand))

    def html(self, showroom: Showroom, letter: Letter) -> str:
        """Return the letter as HTML in the showroom's colours."""
        template = self._templates.get_template("letter.html")
        return template.render(letter=letter, brand=showroom.brand)

    def entry(self, showroom: Showroom, visit: Visit, vehicle: str = "") -> Wording:
        """Return what the customer's calendar says about a visit."""
        t = self._words.translator(self._language(visit.language))
        key = "calendar.summary.vehicle" if vehicle else "calendar.summary"
        link = self.link(visit)
        return Wording(
            summary=t(key, showroom=showroom.name, vehicle=vehicle),
            description=t("calendar.description", link=link),
            link=link,
        )

    def feed_title(self, showroom: Showroom, language: str) -> str:
        """Return the name of an advisor's calendar feed."""
        t = self._words.translator(self._language(language))
        return t("calendar.feed", showroom=showroom.name)

    def _language(self, wished: str) -> str:
        return wished if wished in self._words.languages else FALLBACK

    def _times(self, showroom: Showroom, visit: Visit) -> TimeWords:
        language = self._language(visit.language)
        return TimeWords(language, showroom.market, visit.zone, instead=showroom.zone)

    def _paragraphs(self, t: Translate, topic: Topic, language: str) -> tuple[str, ...]:
        there = self._words.of(language, topic)
        return tuple(t(key) for key in (f"{topic}.text", f"{topic}.more") if key in there)

    def _free_time(self, t: Translate, times: TimeWords, visit: Visit, at: int) -> Choice:
        said = {"day": times.day(at), "from": times.time(at), "zone": times.zone(at)}
        return Choice(t("letter.slot", **said), f"{self.link(visit)}?start={at}")


def spoken_name(given: str) -> str:
    """Return how a customer is addressed; empty when what they gave can't be sent as a name."""
    name = one_line(given)
    return "" if NO_NAME.search(name) else name


def _facts(
    t: Translate, topic: Topic, showroom: Showroom, when: str, known: Known
) -> tuple[tuple[str, str], ...]:
    over = topic in OVER
    facts = (
        (t("letter.before" if over else "letter.when"), when),
        (t("letter.advisor"), "" if over else known.advisor),
        (t("letter.vehicle"), known.vehicle),
        (t("letter.showroom"), showroom.name),
    )
    return tuple((label, value) for label, value in facts if value)
