#!/bin/bash
# country_converter 1.3.2 knows UN numbers without their leading zeros alone: 36 is Australia, and 036, as WITS, UN Comtrade and the UN itself write it,
# is "not found". A column of reporters as published loses every country with a number below 100 (Argentina, Australia, Austria, Belgium, Brazil …), said
# in the log only, while the others are converted. Numbers that Comtrade and WITS have beside the UN's (842 the United States, 699 India, 251 France,
# 918 the European Union) are not found either. Seen with pandas 2.3.3 on Python 3.11.
# Runs without this project; exit 1 if they are converted, or otherwise than seen.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install -q --disable-pip-version-check country_converter==1.3.2 pandas==2.3.3 >/dev/null

cat > "$work/show.py" <<'P'
import logging

import country_converter as coco

logging.disable(logging.CRITICAL)
known = coco.CountryConverter().data
numbers = known["ISOnumeric"].dropna().astype(int)
short = known.loc[numbers.index[numbers < 100], "ISO3"]
as_published = coco.convert([f"{number:03d}" for number in numbers[numbers < 100]], to="ISO3")
bare = coco.convert([f"{number}" for number in numbers[numbers < 100]], to="ISO3")
print("with zeros", sum(a == b for a, b in zip(as_published, short)), "of", len(short))
print("without", sum(a == b for a, b in zip(bare, short)), "of", len(short))
print({code: coco.convert(code, to="ISO3") for code in ("036", "36", "840", "842", "699", "251", "918")})
P

found=$(cd "$work" && "$work/env/bin/python" show.py)
echo "$found"
[ "$found" = "with zeros 0 of 30
without 30 of 30
{'036': 'not found', '36': 'AUS', '840': 'USA', '842': 'not found', '699': 'not found', '251': 'not found', '918': 'not found'}" ] \
    || { echo "country_converter reads something else"; exit 1; }
echo "as found"
