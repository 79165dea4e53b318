"""Where somebody came from: the first touch, the last one, and strangers' text in its place."""

import json
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.leads.lead import StoreIds, Touch
from booking.leads.origin import LONGEST_BYTES, arrived, cleaned, ids_of, short, touches_of

LETTER = {"source": "letter", "medium": "paper", "name": "spring"}


def test_the_first_arrival_stays_and_the_last_moves_on() -> None:
    origin = arrived({}, LETTER, {"customer": "C-1"}, 5)
    origin = arrived(origin, {"source": "poster"}, {"basket": "B-1"}, 9)
    first, last = touches_of(origin, 20)
    assert first == Touch("letter", "paper", "spring", 5)
    assert last == Touch("poster", at=9), "nothing of the letter is left in it"
    assert ids_of(origin) == StoreIds("C-1", "B-1", "")


def test_an_arrival_without_a_campaign_changes_nothing() -> None:
    origin = arrived({}, LETTER, {}, 5)
    assert arrived(origin, {"source": " \n"}, {"customer": ""}, 9) == origin
    assert arrived({}, {}, {}, 9) == {}
    assert touches_of({}, 9) == (None, None)


def test_a_touch_that_does_not_say_when_was_now() -> None:
    assert touches_of({"source": "letter"}, 7) == (Touch("letter", at=7), Touch("letter", at=7))


@pytest.mark.parametrize("at", ["-1", "x", "9" * 30, "٣", "1e3", ""])
def test_a_made_up_moment_is_now_and_none_is_in_the_future(at: str) -> None:
    assert touches_of({"source": "letter", "at": at}, 7)[1] == Touch("letter", at=7)


@given(st.text())
def test_any_text_becomes_one_short_line(text: str) -> None:
    line = short(text)
    assert len(line) <= 100
    assert len(line.encode()) <= LONGEST_BYTES
    assert len(line.splitlines()) <= 1
    assert short(line) == line


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none()))
def test_what_claims_to_be_an_origin_becomes_one(claim: dict[str, object]) -> None:
    origin = cleaned(claim)
    assert cleaned(origin) == origin
    touches_of(origin, 5)
    ids_of(origin)


def test_the_longest_origin_fits_into_a_cookie() -> None:
    longest = dict.fromkeys(("source", "medium", "name"), "🙂" * 300)
    ids = dict.fromkeys(("customer", "basket", "configuration"), "🙂" * 300)
    origin = arrived({}, longest, ids, 2**52)
    text = json.dumps(["x" * 22, origin], ensure_ascii=False, separators=(",", ":"))
    assert len(urlsafe_b64encode(text.encode())) < 4000
