"""Makes hotline/src/domain/area_zones.txt: the zones of each country from IANA's zone.tab, as the Python package `tzdata` has it,
and the zones of areas from libphonenumber, as `phonenumbers` has it:

    pip install phonenumbers regex tzdata
    python3 xtask/area_zones.py > hotline/src/domain/area_zones.txt

A line is a country and zones, joined by commas. Without more it is the whole country; else the digits follow, with calling code,
that the numbers of these zones begin with. Of zones of a country whose clocks agree from now on the first stands for all.
"""

import datetime
import functools
import importlib.resources
import os

os.environ["PYTHONTZPATH"] = ""  # The package's zones on every machine.
import zoneinfo

import regex
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata
from phonenumbers.tzdata import TIMEZONE_DATA

INTERNATIONAL = "001"
# North America and Argentina, Brazil, Mexico: mobiles have area codes too (libphonenumber, PhoneNumberUtil).
MOBILES_HAVE_AREAS = (1, 52, 54, 55)
# How many digits after the calling code are an area: North America, Brazil, Australia, and enough for the others. Zones that
# libphonenumber tells apart further down hold all for the whole area: portable numbers do not tell where in it they are.
AREA = {1: 3, 55: 2, 61: 1}
USUAL_AREA = 3
# Clocks agree when they do in these years: the tables of release 2026f, and as far as rules are known.
YEARS = range(2026, 2037)


@functools.cache
def clock(zone):
    """What tells a zone's clock from others: the offset of each half hour in which it changes."""
    zone, half_hour = zoneinfo.ZoneInfo(zone), datetime.timedelta(minutes=30)
    at = datetime.datetime(YEARS[0], 1, 1, tzinfo=datetime.UTC)
    changes = [(at, at.astimezone(zone).utcoffset())]
    while at.year in YEARS:
        next_day = at + datetime.timedelta(days=1)
        while next_day.astimezone(zone).utcoffset() != changes[-1][1]:
            at += half_hour
            if at.astimezone(zone).utcoffset() != changes[-1][1]:
                changes.append((at, at.astimezone(zone).utcoffset()))
        at = next_day
    return tuple(changes)


LISTED_ZONES = {zone for zones in TIMEZONE_DATA.values() for zone in zones}


def distinct(zones):
    """One zone of each clock, in order: one that libphonenumber names too, which is of the better known ones."""
    names = {}
    for zone in sorted(zones, key=lambda zone: zone not in LISTED_ZONES):
        names.setdefault(clock(zone), zone)
    return [zone for zone in zones if zone in names.values()]


def countries():
    """The zones of each country by zone.tab, which has the most populous first."""
    found = {}
    table = importlib.resources.files("tzdata").joinpath("zoneinfo/zone.tab").read_text()
    for line in table.splitlines():
        if not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            found.setdefault(country, []).append(zone)
    return {country: distinct(zones) for country, zones in found.items()}


def pattern(region, kinds):
    found = [getattr(PhoneMetadata.metadata_for_region(region), kind) for kind in kinds]
    return [regex.compile(each.national_number_pattern) for each in found if each and each.national_number_pattern]


def may_go_on(some, digits):
    return any(each.fullmatch(digits, partial=True) for each in some)


def listed(code, digits):
    """The zones that libphonenumber has for numbers that begin like this, in whichever way they go on."""
    known = [digits[:length] for length in range(len(digits), len(str(code)), -1) if digits[:length] in TIMEZONE_DATA]
    further = [prefix for prefix in TIMEZONE_DATA if prefix.startswith(digits)]
    return [zone for prefix in known[:1] + further for zone in TIMEZONE_DATA[prefix]]


def of_country(zones, country):
    """Zones as the country calls them: none when one of them has a clock that the country has not."""
    names = {clock(zone): zone for zone in country}
    mapped = [names.get(clock(zone)) for zone in zones]
    return () if None in mapped else tuple(zone for zone in country if zone in mapped)


def areas(code, region, country):
    """Digits and their zones, where these are not all of the country's."""
    kinds = {"fixed_line", "mobile"} if code in MOBILES_HAVE_AREAS else {"fixed_line"}
    fixed, other = pattern(region, kinds), pattern(region, {"mobile", "toll_free", "voip", "uan"} - kinds)

    def found(national):
        if not may_go_on(fixed, national):
            return {}
        if len(national) < AREA.get(code, USUAL_AREA):
            inner = {key: zones for digit in "0123456789" for key, zones in found(national + digit).items()}
            return merged(national, inner)
        zones = of_country(listed(code, f"{code}{national}"), country)
        return {national: zones} if 0 < len(zones) < len(country) and not may_go_on(other, national) else {}

    def merged(national, inner):
        """One prefix for all, where every number that goes on from it has the same zones. North America fills its gaps."""
        same = set(inner.values())
        usable = {national + digit for digit in "0123456789" if may_go_on(fixed, national + digit)}
        is_one = national and code != 1 and len(same) == 1 and usable <= set(inner)
        return {national: same.pop()} if is_one else inner

    return {f"{code}{national}": zones for national, zones in found("").items()}


def main():
    zones = countries()
    for code, regions in sorted(COUNTRY_CODE_TO_REGION_CODE.items()):
        for region in regions:
            if region == INTERNATIONAL:
                continue
            # Kosovo, Ascension and Tristan da Cunha are not in zone.tab.
            country = zones.get(region) or distinct(list(TIMEZONE_DATA[str(code)]))
            print(region, ",".join(country))
            if len(country) == 1:
                continue
            lines = {}
            for digits, some in areas(code, region, country).items():
                lines.setdefault(some, []).append(digits)
            for some, digits in lines.items():
                print(region, ",".join(some), *digits)


main()
