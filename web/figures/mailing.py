"""Mails of figures on their way: what is due goes into the outbox, and out of it as a letter.

The outbox names the mail and its days. Like every letter it is written when it is sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from email.headerregistry import Address
from typing import Any
from urllib.parse import parse_qsl

from aiohttp.web import AppKey, Application

from booking.delivery import Delivery, Dropped, Result
from booking.outbox import Outbox
from booking.postman import Postman
from booking.writing import FALLBACK, HERE, Choice, Letter, Rows, spoken_name
from showroom.clock import DAY_MS
from showroom.database import Database
from showroom.errors import BadRequest, NotFound
from showroom.figure_columns import CALLS, Measured
from showroom.figure_mails import FigureMail, FigureMails, Reader, Rhythm, days_of
from showroom.ids import FigureMailId
from showroom.showrooms import Showrooms
from showroom.texts import Translate, Words
from showroom.traffic import TRAFFIC
from showroom.work import WORK
from showroom.yields import YIELD
from web import keys
from web.figures import advisors, traffic, yields
from web.figures.asked import FiguresAsked, Preset, Versus, word_of
from web.figures.mail_list import choices
from web.figures.pages import visitors
from web.figures.parts import FIRST_TILES, TILES, tile
from web.figures.report import table
from web.figures.seen import Seen
from web.figures.shared import seen_in, table_of

KIND = "figure_mail"
# Later, the next one says more.
WORTH_MS = DAY_MS
# What an eye takes in: the whole table is enclosed.
MOST_ROWS, MOST_COLUMNS = 10, 4


@dataclass(frozen=True, slots=True)
class Mailable:
    """A page of figures that can be mailed."""

    kind: type[FiguresAsked]
    source: AppKey[Any]
    measured: Measured[Any]
    tiles: Sequence[str]
    file: str

    def asked(self, filter_of: str) -> FiguresAsked:
        """Read what stands in the page's address. Raises `BadRequest`."""
        return self.kind.of(dict(parse_qsl(filter_of)))


PAGES: Mapping[str, Mailable] = {
    "overview": Mailable(FiguresAsked, keys.FIGURES, CALLS, (*FIRST_TILES, *TILES), "figures"),
    "traffic": Mailable(
        traffic.TrafficAsked, keys.TRAFFIC, TRAFFIC, (*traffic.FIRST_TILES, *traffic.TILES),
        "traffic",
    ),
    "yield": Mailable(
        yields.YieldAsked, keys.YIELD_LAST, YIELD, (*yields.FIRST_TILES, *yields.TILES), "yield"
    ),
    "advisors": Mailable(
        advisors.AdvisorsAsked, keys.WORK, WORK, (*advisors.FIRST_TILES, *advisors.TILES),
        "advisors",
    ),
}  # fmt: skip


def of_days(asked: FiguresAsked, rhythm: Rhythm, first: date, last: date) -> FiguresAsked:
    """Return the same question about the days of a mail, beside the week before them."""
    compared: dict[str, Any] = {"compare": Versus.PREVIOUS, "compare_since": None}
    if asked.compare is Versus.NOTHING:
        compared["compare"] = Versus.NOTHING
    elif rhythm is Rhythm.DAILY:
        # A Saturday is compared with a Saturday.
        before = first - timedelta(days=7)
        compared = {"compare": Versus.CHOSEN, "compare_since": before}
    days = {"period": Preset.OWN, "since": first, "until": last}
    return asked.model_copy(update=days | compared)


class Mailing:
    """Puts what is due into the outbox. Every node does; each mail goes once for each time."""

    def __init__(
        self, database: Database, mails: FigureMails, showrooms: Showrooms, outbox: Outbox
    ) -> None:
        self._database = database
        self._mails = mails
        self._showrooms = showrooms
        self._outbox = outbox

    async def work(self) -> None:
        """Do it once, for all that is due."""
        for mail in await self._mails.due():
            try:
                showroom = await self._showrooms.by_id(mail.showroom_id)
            except NotFound:
                continue  # it was removed just now, and its mails with it
            async with self._database.write() as connection:
                if (at_ms := await self._mails.take(connection, mail, showroom)) is None:
                    continue
                first, last = days_of(mail.rhythm, showroom.zone, at_ms)
                days = {"first": first.isoformat(), "last": last.isoformat()}
                await self._outbox.add(
                    connection, showroom.id, KIND, mail.rhythm, mail.id, days, at_ms,
                    at_ms + WORTH_MS,
                )  # fmt: skip


class FigureMailSink:
    """Sends what the outbox holds of kind `KIND`. `address` is where this server's pages are."""

    def __init__(
        self, app: Application, postman: Postman, mails: FigureMails, address: str
    ) -> None:
        self._app = app
        self._postman = postman
        self._mails = mails
        self._address = address
        self._words = Words(HERE / "languages")

    async def deliver(self, delivery: Delivery) -> Result:
        """Write and send one letter, or drop it when nobody wants it, or may read it, any more."""
        mail = await self._mails.get(FigureMailId(delivery.subject_id))
        reader = await self._mails.reader(mail) if mail else None
        if mail is None or reader is None:
            return Dropped("it was stopped, or its reader does not lead the showroom any more")
        days = [date.fromisoformat(delivery.payload[name]) for name in ("first", "last")]
        page = PAGES[mail.page]
        try:
            showroom = await self._app[keys.SHOWROOMS].by_id(mail.showroom_id)
            asked = of_days(page.asked(mail.asked), mail.rhythm, days[0], days[1])
        except NotFound:
            return Dropped("the showroom is gone")
        except BadRequest:
            return Dropped("its page can't be asked for that any more")
        source = self._app[page.source]
        if getattr(asked, "touch", "") == "first":
            source = self._app[keys.YIELD_FIRST]
        seen = await seen_in(self._app, mail.language, showroom, asked, source, page.measured)
        tiles = [tile(seen, name) for name in page.tiles]
        if mail.page == "overview":
            tiles = [*await visitors(self._app, seen), *tiles]
        letter = self._letter(mail, reader, tiles, seen)
        to = Address(spoken_name(reader.name), addr_spec=reader.email)
        message = self._postman.compose(delivery, showroom, letter, to)
        if letter.aside:
            message["List-Unsubscribe"] = f"<{letter.aside.link}>"
        name, content = table_of(seen, page.file)
        message.add_attachment(
            content, maintype="text", subtype="csv", filename=name, params={"charset": "utf-8"}
        )
        return await self._postman.send(message, letter)

    def _letter(
        self, mail: FigureMail, reader: Reader, tiles: Sequence[dict[str, Any]], seen: Seen[Any]
    ) -> Letter:
        language = mail.language if mail.language in self._words.languages else FALLBACK
        t = self._words.translator(language)
        name, showroom = spoken_name(reader.name), seen.showroom
        said = {
            "showroom": showroom.name,
            "days": seen.written.days(seen.told.stretch),
            "page": seen.t(f"figures.tab.{mail.page}"),
        }
        before = seen.told.before
        compared = t("figures.compared", days=seen.written.days(before)) if before else ""
        chosen = [t("figures.chosen", what=what) for what in choices(seen, seen.asked)]
        return Letter(
            language=language,
            subject=t(f"figures.{mail.rhythm}.subject", **said),
            greeting=t("letter.greeting", name=name) if name else t("letter.greeting.nameless"),
            heading=t(f"figures.{mail.rhythm}.heading", **said),
            paragraphs=tuple(one for one in (t("figures.about", **said), compared, *chosen) if one),
            facts=tuple(_fact(t, seen, one) for one in tiles),
            colon=t("letter.colon"),
            choices_label="",
            choices=(),
            action=t("figures.action"),
            link=self._address + seen.asked.address(showroom.slug),
            footer=t("figures.footer"),
            signature=t("figures.signature", showroom=showroom.name),
            table=_rows(t, seen),
            aside=Choice(
                t("figures.stop"), f"{self._address}/staff/mails/{self._mails.token(mail.id)}"
            ),
        )


def _fact(t: Translate, seen: Seen[Any], known: dict[str, Any]) -> tuple[str, str]:
    """Return a tile in words: what it is, what it was, and whether that could be chance."""
    label, value = seen.t(f"figures.name.{known['name']}"), known["value"]
    if not known["change"]:
        return label, value
    kind = {None: "compared", True: "chance", False: "certain"}[known["chance"]]
    said = {"value": value, "change": known["change"], "before": known["before"]}
    return label, t(f"figures.fact.{kind}", **said)


def _rows(t: Translate, seen: Seen[Any]) -> Rows | None:
    """Return the top rows of the table; None without any."""
    told, plot = seen.told, seen.asked.drawn
    names, rows = table(told, plot)
    shown = [n for n, name in enumerate(names) if name == plot or not name.endswith("_before")]
    shown.sort(key=lambda n: names[n] != plot)
    shown = sorted(shown[: MOST_COLUMNS - 1])
    columns = [told.measured.by_name[names[n]] for n in shown]
    some = list(zip(told.groups, rows, strict=True))[:MOST_ROWS]
    if not some:
        return None
    more = len(told.groups) - len(some)
    return Rows(
        head=(
            seen.t(f"figures.by.{word_of(told.by)}"),
            *(seen.t(f"figures.name.{one.name}") for one in columns),
        ),
        rows=tuple(
            (
                seen.label(group.key),
                *(
                    seen.written.figure(column, row[n])
                    for n, column in zip(shown, columns, strict=True)
                ),
            )
            for group, row in some
        ),
        more=t.count("figures.more", more) if more else "",
    )
