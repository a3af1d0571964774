"""Makes hotline/src/domain/numbering.txt and numbering_examples.txt from libphonenumber's metadata, as the Python package
`phonenumbers` has it:

    pip install phonenumbers regex
    python3 xtask/numbering.py plans > hotline/src/domain/numbering.txt
    python3 xtask/numbering.py examples > hotline/src/domain/numbering_examples.txt

A line of plans is: the digits that a country's numbers begin with, the country, and what numbers go on with that cost extra.
A calling code comes first, under its main country; then the digits that belong to others. `900/10` means: numbers that go on
with 900 and have ten digits after the calling code. A line of examples is: costly or plain, the country, a number.
"""

import sys

import regex
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

COSTLY = ("premium_rate", "shared_cost", "personal_number")
PLAIN = ("fixed_line", "mobile", "toll_free", "voip", "uan", "pager")
# Within so many digits a range is told from others; what is mixed further down is ordinary.
DEPTH = 5
INTERNATIONAL = ("001",)


def descriptions(regions, kinds):
    metadata = [PhoneMetadata.metadata_for_region(region) for region in regions]
    found = [getattr(each, kind) for each in metadata for kind in kinds]
    return [each for each in found if each and each.national_number_pattern not in (None, "NA")]


def patterns(regions, kinds):
    return [regex.compile(each.national_number_pattern) for each in descriptions(regions, kinds)]


def may_go_on(some, digits):
    return any(pattern.fullmatch(digits, partial=True) for pattern in some)


def has_number(pattern, digits, length):
    """Whether some number of so many digits begins like this. Plans seldom tell the last digits apart: two stand for all."""
    if len(digits) == length:
        return bool(pattern.fullmatch(digits))
    if not pattern.fullmatch(digits, partial=True):
        return False
    choices = "0123456789" if len(digits) <= DEPTH else "16"
    return any(has_number(pattern, digits + digit, length) for digit in choices)


def prefixes(wanted, others, digits=""):
    """The shortest digits with which only wanted numbers begin, as `wanted` and `others` tell of digits."""
    if not wanted(digits):
        return []
    if digits and not others(digits):
        return [digits]
    if len(digits) == DEPTH:
        return []
    return [found for digit in "0123456789" for found in prefixes(wanted, others, digits + digit)]


def told_by_length(kind, plain, found):
    """Prefixes of a kind of costly numbers that ordinary numbers have too, but none of the same length."""
    pattern = regex.compile(kind.national_number_pattern)
    for length in kind.possible_length:
        alike = [regex.compile(each.national_number_pattern) for each in plain if length in each.possible_length]
        wanted = lambda digits: not digits.startswith(tuple(found) or "-") and has_number(pattern, digits, length)
        others = lambda digits: any(has_number(other, digits, length) for other in alike)
        for prefix in merged(prefixes(wanted, others)):
            yield f"{prefix}/{length}"


def costly(regions):
    wanted, others = patterns(regions, COSTLY), patterns(regions, PLAIN)
    found = merged(prefixes(lambda digits: may_go_on(wanted, digits), lambda digits: may_go_on(others, digits)))
    plain = descriptions(regions, PLAIN)
    # Whose example is found is told by its digits; to look for all takes hours.
    mixed = [kind for kind in descriptions(regions, COSTLY) if not kind.example_number.startswith(tuple(found) or "-")]
    by_length = [each for kind in mixed for each in told_by_length(kind, plain, found)]
    return found + sorted(set(by_length))


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


def of_region(regions, region):
    said = PhoneMetadata.metadata_for_region(region).leading_digits
    if said:
        return leading(regex.compile(said))
    kinds = ("fixed_line", "mobile", "voip", "personal_number")
    wanted, others = patterns([region], kinds), patterns([other for other in regions if other != region], kinds)
    return prefixes(lambda digits: may_go_on(wanted, digits), lambda digits: may_go_on(others, digits))


def plans():
    for code, regions in sorted(COUNTRY_CODE_TO_REGION_CODE.items()):
        if regions == INTERNATIONAL:
            continue
        print(code, regions[0], *costly(regions))
        for region in regions[1:]:
            for digits in merged(of_region(regions, region)):
                print(f"{code}{digits}", region)


def examples():
    for code, regions in sorted(COUNTRY_CODE_TO_REGION_CODE.items()):
        for region in sorted(set(regions) - set(INTERNATIONAL)):
            for cost, kinds in (("costly", COSTLY), ("plain", PLAIN)):
                for kind in descriptions([region], kinds):
                    if kind.example_number:
                        print(cost, region, f"+{code}{kind.example_number}")


{"plans": plans, "examples": examples}[sys.argv[1]]()
