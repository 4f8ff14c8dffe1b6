"""What it costs to read five million rows of tariffs, beside reading the same file with pyarrow alone: CPU time, and the most memory.

    python benchmarks/tariffs.py [ROWS]

Files in three layouts are made in a temporary folder: duties for most favoured nations of eighty importers on five thousand products, and
preferences. Each reading is a process of its own, in turns, and its CPU time is that of all of its threads. Reading goes from the file to rates on
the sectors of the bundled economy.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

import cge
from cge.data.countries import iso3166

TURNS = 3
PRODUCTS = 5000

OURS = """
from cge.data.economy import open_economy
from cge.data.tariffs.file import read_rates
from cge.data.tariffs.products import read_products
world = open_economy("icio2022")
def work(path, products): return read_rates(path, world, read_products(products), **OPTIONS)
"""
THEIRS = """
from pyarrow import csv
def work(path, products): return csv.read_csv(path)
"""
MEASURE = """
import json, re, sys, time
BODY
before = time.process_time()
found = work(*sys.argv[1:3])
spent = time.process_time() - before
most = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]
print(json.dumps([spent, int(most) / 1024]))
"""


def measured(body: str, path: Path, products: Path) -> tuple[float, float]:
    """CPU seconds of a reading and MB of its process at most."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE.replace("BODY", body), str(path), str(products)], capture_output=True, text=True, check=True
    )
    seconds, memory = json.loads(done.stdout.splitlines()[-1])
    return seconds, memory


def schedule(rows: int) -> pd.DataFrame:
    """Importers, exporters, products and percent of so many rows: first the duties for all, then preferences."""
    random = np.random.default_rng(1)
    labels = [label for label in cge.open_economy("icio2022").countries if label != "ROW"]
    goods = np.array([f"{code:06d}" for code in 10000 + 150 * np.arange(PRODUCTS)])
    importer, product = (each.ravel() for each in np.meshgrid(np.arange(len(labels)), np.arange(PRODUCTS), indexing="ij"))
    pairs = random.permutation(len(labels) * (len(labels) - 1))[: max(0, rows - len(importer)) // PRODUCTS]
    n, i = pairs // (len(labels) - 1), pairs % (len(labels) - 1)
    i = i + (i >= n)
    names = np.array([*labels, "WLD"])
    return pd.DataFrame(
        {
            "importer": names[np.r_[importer, np.repeat(n, PRODUCTS)]],
            "exporter": names[np.r_[np.full(len(importer), len(labels)), np.repeat(i, PRODUCTS)]],
            "sector": goods[np.r_[product, np.tile(np.arange(PRODUCTS), len(pairs))]],
            "percent": random.integers(0, 400, len(importer) + PRODUCTS * len(pairs)) / 20,
        }
    )


def files(folder: Path, rows: int) -> dict[str, tuple[Path, str]]:
    """A file in each layout, and the options to read it with."""
    table = schedule(rows)
    sectors = [s for s in cge.open_economy("icio2022").sectors if s[0] in "ABC"]
    goods = table["sector"].unique()
    pd.DataFrame({"from": goods, "to": np.resize(sectors, len(goods))}).to_csv(folder / "products.csv", index=False)
    codes = {row["alpha3"]: row["numeric"] for row in iso3166()} | {"WLD": "000"}
    wits = pd.DataFrame(
        {
            "Selected Nomen": "H5", "Native Nomen": "H5", "Reporter": table["importer"].map(codes), "Reporter Name": "Country of that name",
            "Product": table["sector"], "Product Name": "What it is called", "Partner": table["exporter"].map(codes), "Partner Name": "Partner",
            "Tariff Year": 2018, "Trade Year": 2018, "Trade Source": "CMT", "DutyType": np.where(table["exporter"] == "WLD", "MFN", "PRF"),
            "Simple Average": table["percent"], "Weighted Average": table["percent"], "Imports Value in 1000 USD": 10.5,
        }
    )  # fmt: skip
    tidy = table.rename(columns={"percent": "tariff"})
    macmap = tidy.rename(columns={"sector": "hs6_2007", "tariff": "adv"}).assign(year=2019)
    found = {}
    for name, written, options in (("wits", wits, "{}"), ("macmap", macmap, "{'unit': 'percent'}"), ("tidy", tidy, "{'unit': 'percent'}")):
        written.to_csv(folder / f"{name}.csv", index=False)
        found[name] = (folder / f"{name}.csv", options)
    return found


def main() -> None:
    """Measure in turns, print medians, and the limits that they are held to."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000
    with tempfile.TemporaryDirectory() as folder:
        given = files(Path(folder), rows)
        products = Path(folder) / "products.csv"
        spent: dict[tuple[str, str], list[tuple[float, float]]] = {}
        for _ in range(TURNS):
            for name, (path, options) in given.items():
                for who, body in (("pyarrow", THEIRS), ("cge", OURS.replace("OPTIONS", options))):
                    spent.setdefault((name, who), []).append(measured(body, path, products))
        sizes = {name: path.stat().st_size / 2**20 for name, (path, _) in given.items()}
    print(f"{rows:,} rows; CPU seconds and MB, medians of {TURNS}; at most 4 times pyarrow's CPU and 700 MB")
    for name in given:
        (theirs, less), (ours, most) = (
            [statistics.median(each) for each in zip(*spent[name, who], strict=True)] for who in ("pyarrow", "cge")
        )
        print(
            f"{name:8} {sizes[name]:5.0f} MB file  pyarrow {theirs:5.2f} s {less:5.0f} MB  cge {ours:5.2f} s {most:5.0f} MB  "
            f"ratio {ours / theirs:.2f}"
        )


if __name__ == "__main__":
    main()
