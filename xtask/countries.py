"""Makes hotline/src/config/countries.txt from CLDR, as the Python package `babel` has it:

    pip install babel
    python3 xtask/countries.py > hotline/src/config/countries.txt

A line is a code (ISO 3166-1 alpha-2), the codes that stand for the same country elsewhere (alpha-3, numeric, "UK"), joined by
commas, and its English name.
"""

from babel import Locale
from babel.core import get_global

# Not assigned by ISO, but for Kosovo, Ascension and Tristan da Cunha, which have calling codes.
NO_COUNTRY = {"CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "UN", "XA", "XB", "ZZ"}

aliases = get_global("territory_aliases")
for code, name in sorted(Locale("en").territories.items()):
    if len(code) == 2 and code not in NO_COUNTRY:
        others = sorted(alias for alias, codes in aliases.items() if codes == [code])
        print(code, ",".join(others) or "-", name)
