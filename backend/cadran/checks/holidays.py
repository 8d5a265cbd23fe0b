"""Public holidays of the company's country and region, from the ``holidays`` library."""

from collections.abc import Callable
from datetime import date
from functools import cache, partial

from holidays import country_holidays, list_supported_countries

# The library knows Alsace by its code of before 2021 only; ISO 3166-2 also has its two departments.
_ALIASES = {("FR", "67"): "6AE", ("FR", "68"): "6AE"}


class UnknownCountry(ValueError):  # noqa: N818 - reads as what it is
    """A country whose public holidays are not known."""


@cache
def _regions() -> dict[str, list[str]]:
    """Region codes with holidays of their own, by ISO 3166-1 alpha-2 country."""
    return list_supported_countries(include_aliases=False)


def knows_country(country: str) -> bool:
    """Whether the public holidays of this ISO 3166-1 alpha-2 code are known."""
    return country in _regions()


def known_region(country: str, region: str | None) -> str | None:
    """The library's code of a region that has public holidays of its own, else None: the country's then hold.

    ``region`` is an ISO 3166-2 code with or without its country (``FR-57`` or ``57``). Most regions have no holiday of
    their own, ``FR-IDF`` for one.
    """
    code = (region or "").strip().removeprefix(f"{country}-")
    code = _ALIASES.get((country, code), code)
    return code if code in _regions().get(country, ()) else None


@cache
def _holidays(country: str, region: str | None, year: int) -> frozenset[date]:
    return frozenset(day for day in country_holidays(country, subdiv=region, years=year) if day.year == year)


def public_holidays(country: str, region: str | None, year: int) -> frozenset[date]:
    """The public holidays of a year, those that fall on a weekend included; none after 2100, where the library ends.

    Raises UnknownCountry.
    """
    if not knows_country(country):
        raise UnknownCountry(f"The public holidays of country {country[:40]!r} are not known: give an ISO 3166-1 code.")
    return _holidays(country, known_region(country, region), year)


def holidays_of(country: str, region: str | None = None) -> Callable[[int], frozenset[date]]:
    """The public holidays as a function of the year, as ``metrics.workdays.Calendar`` takes. Raises UnknownCountry."""
    public_holidays(country, region, 2000)
    return partial(public_holidays, country, region)
