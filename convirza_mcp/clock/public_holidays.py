"""Public holidays of a country or a region, from the optional package `holidays`."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Self


@dataclass(frozen=True, slots=True)
class PublicHolidays:
    """The holidays of `place`, such as `US` or `US-UT`, and the days on which they are observed."""

    place: str

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a country's code, and a region's after a hyphen.

        Raises:
            ImportError: the package is not installed.
            LookupError: it knows no such place.
        """
        # Imported here, because it is optional and takes long.
        from holidays import list_supported_countries

        country, _, region = text.strip().upper().partition("-")
        regions = {each.upper(): each for each in list_supported_countries(include_aliases=True)[country]}
        return cls(f"{country}-{regions[region]}" if "-" in text else country)

    def in_year(self, year: int) -> frozenset[date]:
        return _in_year(self.place, year)

    def has(self, day: date) -> bool:
        return day in self.in_year(day.year)


@lru_cache(maxsize=256)
def _in_year(place: str, year: int) -> frozenset[date]:
    from holidays import country_holidays

    country, _, region = place.partition("-")
    return frozenset(country_holidays(country, subdiv=region or None, years=year))
