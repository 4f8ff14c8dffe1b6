"""What a page and its figures cost at 80 countries by 50 sectors, for a run, a comparison and a sweep.

    python benchmarks/report.py [SCENARIOS]

Every line is one folder: the command that made it, then the whole of `cge report` as a process, with and without figures; ratios are to the command.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

SWEEP = """title = "grid"
economy = "icio2022"
model = "eaton_kortum"
intermediates = false
flows = "none"
[elasticities]
trade = 5.0
[[tariff]]
importer = "USA"
exporter = "*"
sector = "C*"
add = 0.1
[sweep]
"tariff[0].add" = {{from = 0.0, to = 0.5, steps = {scenarios}}}
"""


def seconds(*line: str | Path) -> float:
    """Wall seconds of a command of `cge`, start and end of its process included."""
    began = time.perf_counter()
    subprocess.run([Path(sys.executable).with_name("cge"), *line], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> None:
    scenarios = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "grid.toml").write_text(SWEEP.format(scenarios=scenarios), encoding="utf-8")
        commands: dict[str, tuple[str | Path, ...]] = {
            "run": ("run", "us-tariff"),
            "run, inputs": ("run", "us-tariff-inputs"),
            "comparison": ("compare", "us-tariff-models"),
            f"sweep of {scenarios}": ("sweep", folder / "grid.toml"),
        }
        print(f"{'':16} {'command':>8} {'page':>6} {'MB':>5} {'ratio':>6} {'page and figures':>17} {'ratio':>6}")
        for kind, line in commands.items():
            out = folder / kind
            whole = seconds(*line, "--out", out)
            page = seconds("report", out, "--figures", "none")
            both = seconds("report", out)
            size = (out / "report.html").stat().st_size / 1e6
            print(f"{kind:16} {whole:8.1f} {page:6.1f} {size:5.1f} {page / whole:6.2f} {both:17.1f} {both / whole:6.2f}")


if __name__ == "__main__":
    main()
