"""Letters about reservations: to the customer and to the dealer, and when they are true.

Like those about visits they are rows of the outbox without a word of their text: they are written
when they are sent, from what the reservation is by then.
"""

from collections.abc import Mapping
from enum import StrEnum

from babel import Locale, UnknownLocaleError
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.dealers.directory import Dealer
from booking.outbox import Outbox
from booking.reservations.life import ReservationState, reminded_at, spoken
from booking.reservations.rows import Holder, Reservation
from booking.times import TimeWords
from booking.writing import FALLBACK, HERE, Letter, spoken_name
from showroom.clock import DAY_MS, Clock
from showroom.showrooms import Showroom
from showroom.texts import Translate, Words

KIND = "reservation_mail"


class Topic(StrEnum):
    """What a letter is about."""

    GIVEN = "reservation_given"
    TO_DEALER = "reservation_to_dealer"
    REMINDER = "reservation_reminder"
    EXPIRED = "reservation_expired"


TRUE_IN: Mapping[Topic, ReservationState] = {
    Topic.GIVEN: ReservationState.GIVEN,
    Topic.TO_DEALER: ReservationState.GIVEN,
    Topic.REMINDER: ReservationState.GIVEN,
    Topic.EXPIRED: ReservationState.EXPIRED,
}


class ReservationLetters:
    """Puts letters into the outbox, in the transaction that makes them true. An `Announce`."""

    def __init__(self, outbox: Outbox, clock: Clock) -> None:
        self._outbox = outbox
        self._clock = clock

    async def announce(
        self,
        connection: AsyncConnection,
        _showroom: Showroom,
        reservation: Reservation,
        dealer: Dealer,
    ) -> None:
        """Tell who is concerned. Whether somebody has an address shows when it is sent."""
        now, over_at = self._clock(), reservation.expires_at
        if reservation.state is ReservationState.GIVEN:
            await self._add(connection, reservation, Topic.GIVEN, now, over_at)
            await self._add(connection, reservation, Topic.TO_DEALER, now, over_at)
            remind_at = reminded_at(dealer.zone, over_at)
            if remind_at > now:
                await self._add(connection, reservation, Topic.REMINDER, remind_at, over_at)
            return
        for topic in Topic:
            await self._outbox.drop(connection, KIND, _subject(reservation, topic))
        if reservation.state is ReservationState.EXPIRED:
            await self._add(connection, reservation, Topic.EXPIRED, now, now + DAY_MS)

    async def _add(
        self,
        connection: AsyncConnection,
        reservation: Reservation,
        topic: Topic,
        at: int,
        until: int,
    ) -> None:
        await self._outbox.add(
            connection,
            reservation.showroom_id,
            KIND,
            topic,
            _subject(reservation, topic),
            {"reservation": reservation.id},
            at,
            until,
        )


def _subject(reservation: Reservation, topic: Topic) -> str:
    """Return whose letters go in their order: a customer's must not wait for a dealer's."""
    to_dealer = topic is Topic.TO_DEALER
    return f"{reservation.id}:dealer" if to_dealer else reservation.id


class ReservationWriter:
    """Writes letters about reservations. `address` is where this server's pages are."""

    def __init__(self, address: str, words: Words | None = None) -> None:
        self._address = address
        self._words = words or Words(HERE / "languages")

    def letter(
        self,
        topic: Topic,
        showroom: Showroom,
        reservation: Reservation,
        dealer: Dealer,
        holder: Holder,
        vehicle: str,
    ) -> Letter:
        """Return the letter about `topic`: to the customer in their language, or to the dealer."""
        to_dealer = topic is Topic.TO_DEALER
        language = self._language(dealer_language(dealer) if to_dealer else holder.language)
        t = self._words.translator(language)
        times = TimeWords(language, showroom.market, dealer.zone, instead=showroom.zone)
        name = dealer.name if to_dealer else spoken_name(holder.name)
        said = {
            "vehicle": vehicle,
            "dealer": dealer.name,
            "name": spoken_name(holder.name) or t("reservation.nameless"),
            "day": times.day(reservation.expires_at - 1),
        }
        return Letter(
            language=language,
            subject=t(f"{topic}.subject", **said),
            greeting=t("letter.greeting", name=name) if name else t("letter.greeting.nameless"),
            heading=t(f"{topic}.heading", **said),
            paragraphs=(t(f"{topic}.text", **said),),
            facts=_facts(t, topic, reservation, dealer, said),
            colon=t("letter.colon"),
            choices_label="",
            choices=(),
            action=t(f"{topic}.action"),
            link=self.link(topic, showroom, reservation),
            footer=t("reservation.footer.dealer" if to_dealer else "reservation.footer"),
            signature=t("reservation.signature"),
        )

    def link(self, topic: Topic, showroom: Showroom, reservation: Reservation) -> str:
        """Return where a letter leads."""
        if topic is Topic.TO_DEALER:
            return f"{self._address}/r/dealer/{reservation.dealer_token}"
        if topic is Topic.EXPIRED:
            return f"{self._address}/s/{showroom.slug}"
        return f"{self._address}/r/{reservation.token}"

    def _language(self, wished: str) -> str:
        return wished if wished in self._words.languages else FALLBACK


def dealer_language(dealer: Dealer) -> str:
    """Return the language that most people speak where a dealer is, by Unicode's CLDR."""
    try:
        return Locale.parse(f"und_{dealer.country}", resolve_likely_subtags=True).language
    except (UnknownLocaleError, ValueError):
        return FALLBACK


def _facts(
    t: Translate, topic: Topic, reservation: Reservation, dealer: Dealer, said: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    facts = [(t("letter.vehicle"), said["vehicle"])]
    if topic is Topic.TO_DEALER:
        facts.append((t("reservation.for"), said["name"]))
    else:
        place = f"{dealer.name}, {dealer.street}, {dealer.postcode} {dealer.city}"
        facts.append((t("reservation.dealer"), place))
    if topic is not Topic.EXPIRED:
        facts.append((t("reservation.code"), spoken(reservation.code)))
        facts.append((t("reservation.until"), said["day"]))
    return tuple(facts)
