#!/bin/bash
# harpy3 0.3.1 writes text of a HAR file in Latin-1 and reads it as UTF-8: a file that it has written itself cannot be read where a header's
# description has an accent. Reading by name (readHarFileInfo, readHeader) gets the other headers. Seen with numpy 2.4.6 on Python 3.11.
# harpy3 is under the GPL. Runs without this project; exit 1 if that changes.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install -q --disable-pip-version-check harpy3==0.3.1 numpy==2.4.6 >/dev/null

cat > "$work/show.py" <<'P'
import numpy as np
from harpy import HarFileObj, HeaderArrayObj
from harpy.har_file_io import HarFileIO

regions = [{"name": "REG", "status": "k", "dim_type": "Set", "dim_desc": ["civ", "fra"]}]
file = HarFileObj()
for name, words in (("GOOD", "exports"), ("TEXT", "exports of Côte d'Ivoire")):
    array = np.array([1.0, 2.0], dtype=np.float32)
    dims = (2, 1, 1, 1, 1, 1, 1)
    file.addHeaderArrayObj(
        HeaderArrayObj.HeaderArrayFromData(name, array, name, words, sets=regions, data_type="RE", storage_type="FULL", file_dims=dims)
    )
file.writeToDisk("x.har")
try:
    print("whole:", [header["name"] for header in HarFileObj.loadFromDisk("x.har")["head_arrs"]])
except Exception as error:
    print("whole:", type(error).__name__)
print("by name:", HarFileIO.readHeader(hfi=HarFileIO.readHarFileInfo("x.har"), header_name="GOOD")["array"].tolist())
P

found=$(cd "$work" && "$work/env/bin/python" -W ignore show.py 2>/dev/null)
echo "$found"
[ "$found" = "whole: UnicodeDecodeError
by name: [1.0, 2.0]" ] || { echo "harpy3 does something else"; exit 1; }
echo "as found"
