"""Public holidays: France, its regions, and codes that are none."""

from datetime import date

import pytest
from holidays import list_supported_countries

from cadran.checks.holidays import UnknownCountry, holidays_of, known_region, knows_country, public_holidays
from cadran.metrics.workdays import Calendar

FRANCE_2026 = {
    date(2026, 1, 1),
    date(2026, 4, 6),
    date(2026, 5, 1),
    date(2026, 5, 8),
    date(2026, 5, 14),
    date(2026, 5, 25),
    date(2026, 7, 14),
    date(2026, 8, 15),
    date(2026, 11, 1),
    date(2026, 11, 11),
    date(2026, 12, 25),
}


def test_france_has_its_eleven_holidays() -> None:
    assert public_holidays("FR", None, 2026) == FRANCE_2026


@pytest.mark.parametrize("region", ["57", "FR-57", "FR-67", "68", "FR-6AE"])
def test_alsace_and_moselle_have_two_more(region: str) -> None:
    assert public_holidays("FR", region, 2026) == FRANCE_2026 | {date(2026, 4, 3), date(2026, 12, 26)}


@pytest.mark.parametrize("region", [None, "", "FR-IDF", "IDF", "DE-BY", "nowhere", "\x00", "Alsace-Moselle"])
def test_a_region_without_holidays_of_its_own_has_the_country_s(region: str | None) -> None:
    assert known_region("FR", region) is None
    assert public_holidays("FR", region, 2026) == FRANCE_2026


@pytest.mark.parametrize("country", ["XX", "", "fr", "FRA", "F\x00"])
def test_an_unknown_country_is_refused(country: str) -> None:
    assert not knows_country(country)
    with pytest.raises(UnknownCountry, match="ISO 3166-1"):
        public_holidays(country, None, 2026)
    with pytest.raises(UnknownCountry):
        holidays_of(country)


def test_every_known_country_and_region_answers_with_days_of_the_year_asked() -> None:
    known = list_supported_countries(include_aliases=False)
    asked = [(country, region) for country, found in known.items() for region in (None, *found)]
    assert len(asked) > 250
    for country, region in asked[::7]:
        assert all(day.year == 2022 for day in public_holidays(country, region, 2022)), (country, region)


def test_a_holiday_observed_the_year_before_belongs_to_that_year() -> None:
    # 1 January 2022 was a Saturday: federal offices closed on 31 December 2021.
    assert date(2021, 12, 31) in public_holidays("US", None, 2021)
    assert date(2021, 12, 31) not in public_holidays("US", None, 2022)


def test_a_year_is_worked_out_once() -> None:
    assert public_holidays("BE", None, 2031) is public_holidays("BE", "nowhere", 2031)


def test_working_days_of_france() -> None:
    # 261 weekdays in 2026, nine of the eleven holidays on one.
    assert Calendar(holidays_of("FR")).count(date(2026, 1, 1), date(2027, 1, 1)) == 252
    assert Calendar(holidays_of("FR", "FR-57")).count(date(2026, 1, 1), date(2027, 1, 1)) == 251
