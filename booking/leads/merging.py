"""How new knowledge flows into a lead, and how two leads become one. Pure rules.

What is empty never replaces anything but what the same source said before, and what somebody wished
is never lost.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from booking.leads.lead import (
    Details,
    Lead,
    LeadState,
    StoreIds,
    Touch,
    TradeIn,
    Wish,
    WishedVehicle,
)
from booking.ledger import Consent

T = TypeVar("T", TradeIn, StoreIds)
V = TypeVar("V")
EMPTY = ("", None)
# What a lead's notes may come to; who writes on, writes over the oldest.
LONGEST_NOTES = 20_000
NOTHING = Details()


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What one source tells of a person. Addresses as `booking.contact` returns them."""

    name: str = ""
    email: str | None = None
    phone: str | None = None
    postcode: str | None = None
    language: str = ""
    details: Details = NOTHING
    dealer: str | None = None  # that the customer chose

    @property
    def keys(self) -> frozenset[str]:
        """By what a lead of this person is found."""
        return keys_of(self.email, self.phone)


def keys_of(email: str | None, phone: str | None) -> frozenset[str]:
    """Return the keys of a person in `lead_keys`."""
    by_email = {f"email:{email.lower()}"} if email else set()
    return frozenset(by_email | ({f"phone:{phone}"} if phone else set()))


def filling(lead: Lead, told: Knowledge) -> Knowledge:
    """Return what a stranger tells, without another name or address of somebody who is known.

    Nobody has seen that it is them: who knows a number only must not get what is sent to its owner.
    """
    return replace(
        told,
        name="" if lead.name else told.name,
        email=None if lead.email else told.email,
        phone=None if lead.phone else told.phone,
    )


def merged(lead: Lead, told: Knowledge, before: Knowledge | None = None) -> Lead:
    """Return the lead with what is told of it.

    `before`: what the same source told earlier, and now tells in other words. What it took back is
    taken back, unless others have changed it since, and its notes are replaced rather than added.
    The last way to reach somebody stays.
    """
    before = before or Knowledge()
    email = _said(lead.email, told.email, before.email)
    phone = _said(lead.phone, told.phone, before.phone)
    if not (email or phone):
        email, phone = lead.email, lead.phone
    chosen = lead.dealer if lead.dealer_chosen else None
    dealer = _said(chosen, told.dealer, before.dealer)
    return replace(
        lead,
        name=_said(lead.name, told.name, before.name),
        email=email,
        phone=phone,
        postcode=_said(lead.postcode, told.postcode, before.postcode),
        language=_said(lead.language, told.language, before.language) or lead.language,
        details=_details(lead.details, told.details, before.details),
        # Without a choice it is the nearest, which others know.
        dealer=dealer if dealer or chosen else lead.dealer,
        dealer_chosen=dealer is not None,
    )


def joined(kept: Lead, other: Lead) -> Lead:
    """Return the first lead with all that the other knows; of two words the newer lead's counts."""
    older, newer = sorted((kept, other), key=lambda lead: lead.created_at)
    told = Knowledge(
        name=newer.name,
        email=newer.email,
        phone=newer.phone,
        postcode=newer.postcode,
        language=newer.language,
        details=newer.details,
        dealer=newer.dealer if newer.dealer_chosen else None,
    )
    both = merged(older, told)
    others = (*kept.details.merged, other.id, *other.details.merged)
    due = [at for at in (older.due_at, newer.due_at) if at is not None]
    return replace(
        both,
        id=kept.id,
        version=kept.version,
        # Somebody has spoken to them, whichever of the two it was about.
        state=older.state if older.state is LeadState.CONTACTED else newer.state,
        details=replace(both.details, merged=others),
        dealer=both.dealer if both.dealer_chosen else kept.dealer or other.dealer,
        qualified_at=kept.qualified_at,
        owner_id=kept.owner_id or other.owner_id,
        due_at=min(due, default=None),
        created_at=kept.created_at,
    )


def _details(known: Details, told: Details, before: Details) -> Details:
    return Details(
        consents=_consents(known.consents, told.consents, before.consents),
        vehicles=_vehicles(_left(known.vehicles, before.vehicles, told.vehicles), told.vehicles),
        wishes=_wishes(_left(known.wishes, before.wishes, told.wishes) + told.wishes),
        trade_in=_trade_in(known.trade_in, told.trade_in, before.trade_in),
        budget=_said(known.budget, told.budget, before.budget),
        currency=_said(known.currency, told.currency, before.currency),
        financing=_said(known.financing, told.financing, before.financing),
        horizon=_said(known.horizon, told.horizon, before.horizon),
        notes=noted(known.notes, told.notes, before.notes),
        first_touch=_first(known.first_touch, told.first_touch),
        last_touch=_last(known.last_touch, told.last_touch),
        store=_filled(known.store, told.store, before.store),
        merged=known.merged,
    )


U = TypeVar("U", Wish, WishedVehicle)


def _left(known: tuple[U, ...], before: tuple[U, ...], told: tuple[U, ...]) -> tuple[U, ...]:
    """Return what is known but for what a source said before and says no more."""
    return tuple(one for one in known if one in told or one not in before)


def _consents(
    known: tuple[Consent, ...], told: tuple[Consent, ...], before: tuple[Consent, ...]
) -> tuple[Consent, ...]:
    """Return the newest for each purpose, without one that was said before and is said no more."""
    taken_back = {one.purpose for one in before} - {one.purpose for one in told}
    newest: dict[str, Consent] = {}
    for consent in sorted(known + told, key=lambda one: one.at):
        newest[consent.purpose] = consent
    return tuple(newest[purpose] for purpose in sorted(newest.keys() - taken_back))


def _wishes(wished: Iterable[Wish]) -> tuple[Wish, ...]:
    return tuple(dict.fromkeys(wished))


def _vehicles(
    known: tuple[WishedVehicle, ...], told: tuple[WishedVehicle, ...]
) -> tuple[WishedVehicle, ...]:
    """Return all of them; one that only says more about another stands in its place."""
    cars = list(known)
    for car in told:
        place = next((n for n, one in enumerate(cars) if _same_car(one, car)), None)
        if place is None:
            cars.append(car)
        else:
            one = cars[place]
            cars[place] = WishedVehicle(
                car.slug or one.slug,
                car.version or one.version,
                car.configuration or one.configuration,
            )
    return tuple(cars)


def _same_car(one: WishedVehicle, other: WishedVehicle) -> bool:
    """Say whether one of two says nothing else than the other, but perhaps less."""
    if one.slug != other.slug:
        unnamed = not (one.slug and other.slug)
        return unnamed and bool(one.configuration) and one.configuration == other.configuration
    pairs = ((one.version, other.version), (one.configuration, other.configuration))
    return all(a == b or not (a and b) for a, b in pairs)


def _said(known: V, told: V, before: V) -> V:
    """Return what is told. Nothing new leaves what is known, and so does what others changed."""
    if told == before:
        return told if known in EMPTY else known
    if told in EMPTY:
        return told if known == before else known
    return told


def _trade_in(
    known: TradeIn | None, told: TradeIn | None, before: TradeIn | None
) -> TradeIn | None:
    car = _filled(known or TradeIn(), told or TradeIn(), before or TradeIn())
    return None if car == TradeIn() else car


def _filled(known: T, told: T, before: T) -> T:
    """Return what is known with what is told, each part for itself."""

    def part(name: str) -> Any:
        return _said(*(getattr(one, name) for one in (known, told, before)))

    return replace(known, **{field.name: part(field.name) for field in fields(known)})


def noted(known: str, told: str, before: str = "") -> str:
    """Return the notes with what is told in place of what was told before, or below the rest."""
    lines = f"\n{known}\n"
    if before and f"\n{before}\n" in lines:
        lines = lines.replace(f"\n{before}\n", f"\n{told}\n", 1)
    elif f"\n{told}\n" not in lines:
        lines += told
    return lines.strip("\n")[-LONGEST_NOTES:]


def _first(known: Touch | None, told: Touch | None) -> Touch | None:
    touches = [one for one in (known, told) if one]
    return min(touches, key=lambda one: one.at, default=None)


def _last(known: Touch | None, told: Touch | None) -> Touch | None:
    touches = [one for one in (known, told) if one]
    return max(touches, key=lambda one: one.at, default=None)
