"""Public holidays: which there are, by what name, and in whose words."""

from datetime import date

import pytest

from showroom.public_holidays import days_off, known, names_of, regions


def test_a_holiday_has_one_name_in_every_year_and_another_for_each_reader() -> None:
    for year in (2026, 2027, 2040):
        assert names_of("FR", "", year)[date(year, 7, 14)] == ("National Day",)
    found = days_off("FR", "", date(2026, 7, 1), date(2026, 8, 1), "fr")
    assert [(one.day, one.name, one.shown) for one in found] == [
        (date(2026, 7, 14), "National Day", "Fête nationale")
    ]


def test_a_day_that_is_kept_on_another_date_is_the_same_holiday() -> None:
    # The 4th is a Saturday.
    assert names_of("US", "", 2026)[date(2026, 7, 3)] == ("Independence Day",)


def test_what_the_moon_decides_is_the_same_holiday_while_it_is_estimated() -> None:
    names = [name for found in names_of("MA", "", 2031).values() for name in found]
    assert "Eid al-Fitr" in names
    assert not [name for name in names if "estimated" in name]


@pytest.mark.parametrize("country", ["FR", "DE", "GB", "ES", "IT", "NL", "PT", "BE", "CH", "US"])
def test_every_day_of_a_calendar_has_a_name_for_people(country: str) -> None:
    for language in ("en", "fr"):
        found = days_off(country, "", date(2027, 1, 1), date(2028, 1, 1), language)
        named = [name for names in names_of(country, "", 2027).values() for name in names]
        assert [one.name for one in found] == named
        assert all(one.shown for one in found)


def test_a_country_and_its_region_are_known_by_one_code_each() -> None:
    assert known("DE", "")
    assert known("DE", "BY")
    assert regions()["DE"]["BY"] == "Bayern"
    for country, region in (("XX", ""), ("", ""), ("DEU", ""), ("DE", "Bayern"), ("FR", "BY")):
        assert not known(country, region), (country, region)
        assert names_of(country, region, 2027) == {}


def test_every_country_that_is_offered_is_known() -> None:
    for country, found in regions().items():
        assert known(country, ""), country
        assert all(known(country, region) for region in list(found)[:2]), country
