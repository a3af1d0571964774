"""Makes hotline/src/domain/numbering.txt from libphonenumber's metadata, as the Python package `phonenumbers` has it:

    pip install phonenumbers regex
    python3 xtask/numbering.py > hotline/src/domain/numbering.txt

A line is: the digits that a country's numbers begin with, the country, and what numbers go on with that cost extra. A calling
code comes first, under its main country; then the digits that belong to others.
"""

import regex
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

COSTLY = ("premium_rate", "shared_cost", "personal_number")
PLAIN = ("fixed_line", "mobile", "toll_free", "voip", "uan", "pager")
# Within so many digits a range is told from others; what is mixed further down is ordinary.
DEPTH = 5
INTERNATIONAL = ("001",)


def patterns(code, regions, kinds):
    metadata = [PhoneMetadata.metadata_for_region(region) for region in regions]
    found = [getattr(each, kind).national_number_pattern for each in metadata for kind in kinds if getattr(each, kind)]
    return [regex.compile(pattern) for pattern in found if pattern and pattern != "NA"]


def may_go_on(some, digits):
    return any(pattern.fullmatch(digits, partial=True) for pattern in some)


def prefixes(wanted, others, digits=""):
    """The shortest digits with which only wanted numbers begin."""
    if not may_go_on(wanted, digits):
        return []
    if digits and not may_go_on(others, digits):
        return [digits]
    if len(digits) == DEPTH:
        return []
    return [found for digit in "0123456789" for found in prefixes(wanted, others, digits + digit)]


def leading(pattern, digits=""):
    if pattern.match(digits):
        return [digits]
    if len(digits) > DEPTH or not pattern.fullmatch(digits, partial=True):
        return []
    return [found for digit in "0123456789" for found in leading(pattern, digits + digit)]


def merged(found):
    """Ten prefixes that differ in their last digit are one."""
    found = set(found)
    for prefix in sorted(found, key=len, reverse=True):
        siblings = {prefix[:-1] + digit for digit in "0123456789"}
        if len(prefix) > 1 and siblings <= found:
            found = found - siblings | {prefix[:-1]}
    return sorted(found)


def of_region(code, regions, region):
    said = PhoneMetadata.metadata_for_region(region).leading_digits
    if said:
        return leading(regex.compile(said))
    kinds = ("fixed_line", "mobile", "voip", "personal_number")
    others = [other for other in regions if other != region]
    return prefixes(patterns(code, [region], kinds), patterns(code, others, kinds))


for code, regions in sorted(COUNTRY_CODE_TO_REGION_CODE.items()):
    if regions == INTERNATIONAL:
        continue
    costly = prefixes(patterns(code, regions, COSTLY), patterns(code, regions, PLAIN))
    print(code, regions[0], *merged(costly))
    for region in regions[1:]:
        for digits in merged(of_region(code, regions, region)):
            print(f"{code}{digits}", region)
