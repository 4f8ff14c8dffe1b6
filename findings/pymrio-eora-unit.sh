#!/bin/bash
# pymrio up to 0.6.3 says that Eora26 is in millions of dollars ("Mill USD"); Eora publishes thousands, and pymrio 0.7.0 says so ("000 USD").
# The numbers are the same, only the unit is wrong: https://github.com/IndEcol/pymrio/issues/175. Seen with the versions below, on Python 3.11.
# Runs without this project; exit 1 if either version says something else.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"

cat > "$work/show.py" <<'P'
import importlib.metadata
import pathlib
import tempfile

import pymrio

# one year of a world of two countries and one sector, in the files of Eora26
files = {
    "labels_T.txt": "Australia\tAUS\tIndustries\tAgriculture\nBelgium\tBEL\tIndustries\tAgriculture\n",
    "labels_FD.txt": "Australia\tAUS\tFinal demand\tHousehold final consumption P.3h\nBelgium\tBEL\tFinal demand\tHousehold final consumption P.3h\n",
    "labels_VA.txt": "Primary inputs\tCompensation of employees D.1\n",
    "labels_Q.txt": "CO2 (Gg)\tTotal\n",
    "Eora26_2017_bp_T.txt": "1\t2\n3\t4\n",
    "Eora26_2017_bp_FD.txt": "7\t0\n0\t7\n",
    "Eora26_2017_bp_VA.txt": "6\t8\n",
    "Eora26_2017_bp_Q.txt": "1\t1\n",
    "Eora26_2017_bp_QY.txt": "0\t0\n",
}
folder = pathlib.Path(tempfile.mkdtemp())
for name, text in files.items():
    (folder / name).write_text(text)
system = pymrio.parse_eora26(folder, year=2017, price="bp")
print(importlib.metadata.version("pymrio"), "|", system.unit.iloc[0, 0], "|", system.Z.to_numpy().tolist())
P

said() {
    "$work/env/bin/pip" install -q --disable-pip-version-check "$@" >/dev/null
    (cd "$work" && "$work/env/bin/python" -W ignore show.py)
}
old=$(said pymrio==0.6.3 pandas==2.3.3)
new=$(said pymrio==0.7.0)
printf '%s\n%s\n' "$old" "$new"
[ "$old" = "0.6.3 | Mill USD | [[1, 2], [3, 4]]" ] || { echo "pymrio 0.6.3 says something else"; exit 1; }
[ "$new" = "0.7.0 | 000 USD | [[1, 2], [3, 4]]" ] || { echo "pymrio 0.7.0 says something else"; exit 1; }
echo "as found"
