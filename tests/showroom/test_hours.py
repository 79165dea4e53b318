"""Opening hours: right by the wall clock, on the days when the clocks change too."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showroom.clock import to_datetime, to_ms
from showroom.errors import BadRequest
from showroom.hours import (
    ALWAYS_OPEN,
    Campaign,
    DateException,
    HolidayHours,
    Holidays,
    Interval,
    Opening,
    Timetable,
    WeeklyHours,
    instant,
    open_since,
    opening,
    spans,
)

PARIS = "Europe/Paris"
ALL_DAY = Interval(0, 24 * 60)
WEEKDAY = (Interval.of("09:00", "12:30"), Interval.of("14:00", "19:00"))
SHOP = WeeklyHours(
    WEEKDAY, WEEKDAY, WEEKDAY, WEEKDAY, WEEKDAY, saturday=(Interval.of("10:00", "18:00"),)
)


def at(text: str, zone: str = PARIS, fold: int = 0) -> int:
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold))


def every_day(opens: str, closes: str) -> WeeklyHours:
    return WeeklyHours(*((Interval.of(opens, closes),) for _ in range(7)))


@pytest.mark.parametrize(
    ("timetable", "moment", "since"),
    [
        (Timetable(SHOP), "2025-10-09 09:00", "2025-10-09 09:00"),
        (Timetable(SHOP), "2025-10-09 12:29", "2025-10-09 09:00"),
        (Timetable(SHOP), "2025-10-09 12:30", None),
        (Timetable(SHOP), "2025-10-12 12:00", None),
        # Until midnight, and on from midnight: that is one stretch.
        (Timetable(every_day("18:00", "24:00")), "2025-10-10 00:00", None),
        (Timetable(every_day("00:00", "24:00")), "2025-10-10 12:00", "2025-10-08 00:00"),
        # The hour that comes twice is an hour longer, and no second opening.
        (Timetable(every_day("01:00", "05:00")), "2025-10-26 04:59", "2025-10-26 01:00"),
    ],
)
def test_it_is_known_since_when_a_showroom_is_open(
    timetable: Timetable, moment: str, since: str | None
) -> None:
    assert open_since(timetable, PARIS, at(moment)) == (at(since) if since else None)


def test_an_open_showroom_says_until_when() -> None:
    assert opening(Timetable(SHOP), PARIS, at("2025-10-09 09:00")) == Opening(
        open=True, until=at("2025-10-09 12:30")
    )


def test_a_closed_showroom_says_when_it_opens_again() -> None:
    assert opening(Timetable(SHOP), PARIS, at("2025-10-09 12:30")) == Opening(
        open=False, next=at("2025-10-09 14:00")
    )
    assert opening(Timetable(SHOP), PARIS, at("2025-10-11 18:00")) == Opening(
        open=False, next=at("2025-10-13 09:00")
    )


def test_an_always_open_showroom_has_no_end() -> None:
    assert opening(Timetable(ALWAYS_OPEN), PARIS, at("2025-03-30 02:00")) == Opening(open=True)


def test_an_exception_beyond_the_horizon_is_no_end_in_sight() -> None:
    far = (DateException(date(2026, 10, 9)),)
    assert opening(Timetable(ALWAYS_OPEN, far), PARIS, at("2025-10-09 12:00")) == Opening(open=True)


def test_a_showroom_without_hours_never_opens() -> None:
    assert opening(Timetable(WeeklyHours()), PARIS, at("2025-10-09 12:00")) == Opening(open=False)


def test_hours_over_midnight_are_one_opening() -> None:
    late = WeeklyHours(
        friday=(Interval.of("20:00", "24:00"),), saturday=(Interval.of("00:00", "02:00"),)
    )
    assert opening(Timetable(late), PARIS, at("2025-10-10 23:00")) == Opening(
        open=True, until=at("2025-10-11 02:00")
    )


def test_an_exception_replaces_the_hours_of_its_date() -> None:
    exceptions = (
        DateException(date(2025, 12, 25)),
        DateException(date(2025, 12, 28), (Interval.of("10:00", "16:00"),)),
    )
    christmas = opening(Timetable(SHOP, exceptions), PARIS, at("2025-12-25 10:00"))
    assert christmas == Opening(open=False, next=at("2025-12-26 09:00"))
    special_sunday = opening(Timetable(SHOP, exceptions), PARIS, at("2025-12-28 10:00"))
    assert special_sunday == Opening(open=True, until=at("2025-12-28 16:00"))


def test_an_exception_interrupts_an_always_open_showroom() -> None:
    new_year = (DateException(date(2026, 1, 1)),)
    assert opening(Timetable(ALWAYS_OPEN, new_year), PARIS, at("2025-12-20 10:00")) == Opening(
        open=True, until=at("2026-01-01 00:00")
    )


def test_an_opening_more_than_sixty_days_away_is_never() -> None:
    once = (DateException(date(2026, 3, 1), (ALL_DAY,)),)
    assert opening(Timetable(WeeklyHours(), once), PARIS, at("2025-10-09 12:00")) == Opening(
        open=False
    )
    assert opening(Timetable(WeeklyHours(), once), PARIS, at("2026-01-09 12:00")).next == at(
        "2026-03-01 00:00"
    )


@pytest.mark.parametrize(
    ("sunday", "offset"), [("2025-03-30", 2), ("2025-10-26", 1), ("2025-03-29", 1)]
)
def test_nine_o_clock_stays_nine_o_clock_when_the_clocks_change(sunday: str, offset: int) -> None:
    before = at(f"{sunday} 00:00")
    opens = opening(Timetable(every_day("09:00", "18:00")), PARIS, before).next
    assert opens is not None
    assert to_datetime(opens).isoformat() == f"{sunday}T{9 - offset:02}:00:00+00:00"


def test_the_day_of_the_spring_change_has_23_hours_and_that_of_autumn_25() -> None:
    for day, hours in ((date(2025, 3, 30), 23), (date(2025, 10, 26), 25), (date(2025, 6, 1), 24)):
        once = (DateException(day, (ALL_DAY,)),)
        midnight = at(f"{day} 00:00")
        found = opening(Timetable(WeeklyHours(), once), PARIS, midnight)
        assert found == Opening(open=True, until=midnight + hours * 3_600_000)


def test_a_time_that_does_not_exist_is_the_moment_of_the_jump() -> None:
    # In Paris 02:00 becomes 03:00 on 30 March 2025.
    jump = at("2025-03-30 03:00")
    early = every_day("02:30", "09:00")
    assert opening(Timetable(early), PARIS, jump - 1) == Opening(open=False, next=jump)
    night = every_day("01:00", "02:30")
    assert opening(Timetable(night), PARIS, jump - 1) == Opening(open=True, until=jump)


def test_hours_that_the_clocks_jump_over_do_not_open() -> None:
    swallowed = every_day("02:10", "02:50")
    jump = at("2025-03-30 03:00")
    assert opening(Timetable(swallowed), PARIS, jump).next == at("2025-03-31 02:10")


def test_a_time_that_exists_twice_opens_at_the_first_and_closes_at_the_second() -> None:
    # In Paris 03:00 becomes 02:00 on 26 October 2025.
    night = every_day("02:15", "02:45")
    first, second = at("2025-10-26 02:15"), at("2025-10-26 02:45", fold=1)
    assert second - first == 90 * 60_000
    assert opening(Timetable(night), PARIS, first - 1) == Opening(open=False, next=first)
    assert opening(Timetable(night), PARIS, first) == Opening(open=True, until=second)


def test_a_zone_without_clock_changes_keeps_its_hours_all_year() -> None:
    shop = every_day("09:00", "18:00")
    for month in range(1, 13):
        moment = at(f"2025-{month:02}-15 00:00", "Asia/Tokyo")
        opens = opening(Timetable(shop), "Asia/Tokyo", moment).next
        assert opens == moment + 9 * 3_600_000


def test_the_southern_hemisphere_changes_its_clocks_the_other_way_round() -> None:
    # In Sydney 02:00 becomes 03:00 on 5 October 2025, and 03:00 becomes 02:00 on 6 April 2025.
    zone = "Australia/Sydney"
    jump = at("2025-10-05 03:00", zone)
    assert opening(Timetable(every_day("02:30", "09:00")), zone, jump - 1).next == jump
    closes = at("2025-04-06 02:30", zone, fold=1)
    assert opening(Timetable(every_day("01:00", "02:30")), zone, closes - 1) == Opening(
        open=True, until=closes
    )


def test_midnight_that_does_not_exist_does_not_close_an_open_showroom() -> None:
    # In Beirut 00:00 becomes 01:00 on 30 March 2025.
    assert opening(
        Timetable(ALWAYS_OPEN), "Asia/Beirut", at("2025-03-29 12:00", "Asia/Beirut")
    ) == (Opening(open=True))


def test_a_day_that_a_country_skipped_has_no_hours() -> None:
    # Samoa went from 29 to 31 December 2011, over the date line.
    zone = "Pacific/Apia"
    evening = at("2011-12-29 20:00", zone)
    assert opening(Timetable(every_day("09:00", "18:00")), zone, evening).next == at(
        "2011-12-31 09:00", zone
    )


@pytest.mark.parametrize("times", [("12:00", "12:00"), ("13:00", "12:00"), ("20:00", "24:01")])
def test_an_interval_goes_from_an_earlier_to_a_later_time_of_one_day(
    times: tuple[str, str],
) -> None:
    with pytest.raises(BadRequest):
        Interval.of(*times)


@pytest.mark.parametrize("text", ["9", "09:60", "nine", "", "-1:00", "09:00:00"])
def test_a_time_of_day_has_hours_and_minutes(text: str) -> None:
    with pytest.raises(BadRequest):
        Interval.of(text, "24:00")


# When these zones changed their clocks, in UTC.
CHANGES = {
    PARIS: ["2025-03-30T01:00", "2025-10-26T01:00"],
    "Australia/Sydney": ["2025-04-05T16:00", "2025-10-04T16:00"],
    "America/St_Johns": ["2025-03-09T05:30", "2025-11-02T04:30"],
    "Asia/Beirut": ["2025-03-29T22:00", "2025-10-25T21:00"],
    "Australia/Lord_Howe": ["2025-04-05T15:00", "2025-10-04T15:30"],
    "Asia/Tokyo": ["2025-06-01T00:00"],
}
ZONES = st.sampled_from(sorted(CHANGES))
ANY_TIME = st.integers(at("2024-01-01 00:00"), at("2027-01-01 00:00"))
# Half of the examples within a few hours of a change, where the mistakes live.
NEAR_A_CHANGE = st.tuples(
    st.sampled_from(sorted(at(text, "UTC") for texts in CHANGES.values() for text in texts)),
    st.integers(-5 * 3_600_000, 5 * 3_600_000),
).map(sum)
MOMENTS = ANY_TIME | NEAR_A_CHANGE
INTERVALS = st.integers(0, 1439).flatmap(
    lambda opens: st.integers(opens + 1, 1440).map(lambda closes: Interval(opens, closes))
)
DAYS = st.lists(INTERVALS, max_size=3).map(tuple)
HOURS = st.lists(DAYS, min_size=7, max_size=7).map(lambda days: WeeklyHours(*days))
EXCEPTIONS = st.lists(
    st.builds(DateException, st.dates(date(2024, 1, 1), date(2027, 1, 1)), DAYS), max_size=4
).map(tuple)


def wall_clock_says_open(
    hours: WeeklyHours, special: dict[date, tuple[Interval, ...]], local: datetime
) -> bool:
    minute = local.hour * 60 + local.minute
    today = special.get(local.date(), hours.of(local.date()))
    return any(interval.opens <= minute < interval.closes for interval in today)


@given(HOURS, EXCEPTIONS, ZONES, MOMENTS)
def test_open_is_what_the_wall_clock_says(
    hours: WeeklyHours, exceptions: tuple[DateException, ...], zone: str, at_ms: int
) -> None:
    special = {exception.day: exception.intervals for exception in exceptions}
    local = to_datetime(at_ms).astimezone(ZoneInfo(zone))
    expected = wall_clock_says_open(hours, special, local)
    found = opening(Timetable(hours, exceptions), zone, at_ms).open
    day = timedelta(days=1)
    quiet = (local - day).utcoffset() == local.utcoffset() == (local + day).utcoffset()
    if quiet:
        assert found == expected
    else:  # never closed against the wall clock
        assert found or not expected


@given(HOURS, EXCEPTIONS, ZONES, MOMENTS)
def test_what_comes_next_comes_exactly_then(
    hours: WeeklyHours, exceptions: tuple[DateException, ...], zone: str, at_ms: int
) -> None:
    found = opening(Timetable(hours, exceptions), zone, at_ms)
    change = found.until if found.open else found.next
    assert (found.next is None) if found.open else (found.until is None)
    if change is not None:
        assert change > at_ms
        assert opening(Timetable(hours, exceptions), zone, change - 1).open is found.open
        assert opening(Timetable(hours, exceptions), zone, change).open is not found.open


@pytest.mark.parametrize(
    "zone",
    [
        "Europe/Paris",
        "Asia/Tokyo",
        "Australia/Sydney",
        "Australia/Lord_Howe",
        "America/Santiago",
        "Atlantic/Azores",
        "Africa/Cairo",
    ],
)
def test_days_that_are_counted_are_as_long_as_the_zones_rules_say(zone: str) -> None:
    hours = WeeklyHours(*((Interval(0, 150), Interval(180, 1410), Interval(1425, 1440)),) * 7)
    here, first = ZoneInfo(zone), date(2025, 1, 1)
    begin, end = (
        to_ms(datetime.combine(first + timedelta(days=n), time(), here)) for n in (0, 730)
    )
    counted = list(spans(Timetable(hours), zone, begin + 1, end - 1))
    # Each interval by the zone's own arithmetic, one by one.
    slow = []
    for n in range(730):
        for interval in hours.monday:
            day = first + timedelta(days=n)
            opens = instant(day, interval.opens, here, last=False)
            closes = instant(day, interval.closes, here, last=True)
            if opens < closes:
                slow.append((opens, closes))
    assert counted == slow


SHORT = (Interval.of("10:00", "12:00"),)
FRENCH = Holidays("FR", "", (HolidayHours("Easter Monday"), HolidayHours("Christmas Day", SHORT)))


@pytest.mark.parametrize("easter_monday", [date(2025, 4, 21), date(2027, 3, 29), date(2038, 4, 26)])
def test_a_holiday_is_kept_each_year_on_its_own_date(easter_monday: date) -> None:
    table = Timetable(every_day("09:00", "18:00"), holidays=FRENCH)
    assert table.of(easter_monday) == ()
    assert table.of(easter_monday.replace(month=12, day=25)) == SHORT
    assert table.of(easter_monday + timedelta(days=7)) == (Interval.of("09:00", "18:00"),)


def test_a_holiday_that_is_not_named_is_a_day_like_any_other() -> None:
    table = Timetable(every_day("09:00", "18:00"), holidays=FRENCH)
    assert table.of(date(2027, 7, 14)) == (Interval.of("09:00", "18:00"),)


def test_an_exception_goes_before_a_holiday_and_a_holiday_before_a_campaign() -> None:
    christmas = date(2027, 12, 25)
    winter = Campaign("winter", date(2027, 12, 1), date(2028, 1, 2), every_day("08:00", "24:00"))
    table = Timetable(SHOP, (), (winter,), FRENCH)
    assert table.of(christmas) == SHORT
    assert table.of(date(2027, 12, 24)) == (Interval.of("08:00", "24:00"),)
    late = (Interval.of("15:00", "16:00"),)
    assert (
        Timetable(SHOP, (DateException(christmas, late),), (winter,), FRENCH).of(christmas) == late
    )


def test_a_campaign_without_hours_leaves_the_usual_ones() -> None:
    plain = Campaign("spring", date(2027, 3, 1), date(2027, 3, 31))
    assert Timetable(SHOP, (), (plain,)).of(date(2027, 3, 8)) == WEEKDAY


def test_a_holiday_of_one_region_is_none_elsewhere() -> None:
    days = (HolidayHours("Saint Stephen's Day"),)
    day = date(2028, 12, 26)
    assert Timetable(SHOP, holidays=Holidays("FR", "57", days)).of(day) == ()
    assert Timetable(SHOP, holidays=Holidays("FR", "", days)).of(day) == WEEKDAY


def test_a_closed_holiday_stands_in_the_opening() -> None:
    table = Timetable(SHOP, holidays=FRENCH)
    assert opening(table, PARIS, at("2027-03-29 10:00")) == Opening(
        open=False, next=at("2027-03-30 09:00")
    )
