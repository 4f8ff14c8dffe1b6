#!/bin/bash
# pymrio 0.7.0 does not read back the labels that it saves: load_all lets pandas guess types, so that a country NA (Namibia) becomes a missing
# value, and sectors 01, 02 become the numbers 1, 2 in the rows, but stay text in the columns. Seen with pandas 3.0.6 on Python 3.11.
# Runs without this project; exit 1 if the labels come back as they were, or otherwise than seen.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install -q --disable-pip-version-check pymrio==0.7.0 pandas==3.0.6 >/dev/null

cat > "$work/show.py" <<'P'
import numpy as np
import pandas as pd
import pymrio

pairs = pd.MultiIndex.from_product([["NA", "ZA"], ["01", "02"]], names=["region", "sector"])
uses = pd.MultiIndex.from_product([["NA", "ZA"], ["households"]], names=["region", "category"])
system = pymrio.IOSystem(Z=pd.DataFrame(np.ones((4, 4)), pairs, pairs), Y=pd.DataFrame(np.ones((4, 2)), pairs, uses))
system.save_all("saved")
back = pymrio.load_all("saved")
print("rows", [(str(region), str(sector)) for region, sector in back.Z.index])
print("columns", list(back.Z.columns))
P

found=$(cd "$work" && "$work/env/bin/python" -W ignore show.py)
echo "$found"
[ "$found" = "rows [('nan', '1'), ('nan', '2'), ('ZA', '1'), ('ZA', '2')]
columns [('NA', '01'), ('NA', '02'), ('ZA', '01'), ('ZA', '02')]" ] || { echo "pymrio reads something else"; exit 1; }
echo "as found"
