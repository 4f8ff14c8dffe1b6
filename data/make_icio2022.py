"""Make icio2022.nc, the world economy of 2022 in 80 countries and 50 sectors, from the OECD ICIO tables (2025 edition).

    python make_icio2022.py [WHEEL]

WHEEL is the file sanction_simulator-0.1.4-py3-none-any.whl; without it pip downloads it (75 MB) into a temporary folder.
It carries every intermediate flow, each producer's output, and each producer's sales to all other users together. Where
those other users are is not in it: `final_sales` recovers that. README.md tells what is published and what is imputed.
"""

import argparse
import csv
import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import economy_file
import numpy as np
import xarray as xr
from scipy.optimize import nnls

PACKAGE = "sanction-simulator==0.1.4"
WHEEL_SHA256 = "1c29bce64dd5e15d14b956556fc544cae21ac504f0cea07558019c4b9eae4909"
FOLDER = "sanction_simulator/data/"
PRIOR_WEIGHT = 0.2  # of equal tastes against the rows of the table; README.md compares 0 to 0.4 with published flows
# real estate, administration, education, health, households: their few imported inputs say nothing of final use
SOLD_AT_HOME = ("L", "O", "P", "Q", "T")
GRID = 2.0**-20  # million USD, about one dollar: multiples of it add up exactly in float64, in any order


def fetch(folder: Path) -> Path:
    """Download the wheel with pip into folder and return its path."""
    subprocess.run([sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(folder), PACKAGE], check=True)
    return next(folder.glob("*.whl"))


def read_names(archive: zipfile.ZipFile, name: str) -> dict[str, str]:
    """Code -> name from one of the two code tables of the wheel."""
    text = archive.read(f"{FOLDER}OECD_ICIO_2025_{name}_code_mapping.csv").decode("utf-8-sig")
    return dict(list(csv.reader(io.StringIO(text)))[1:])


def read_wheel(path: Path) -> dict:
    """Contents of the wheel, after a check of its SHA-256.

    countries, sectors: code -> name, in the order of the arrays. In million USD: intermediate_flow [input, exporter, sector,
    importer] (selling sector and country, using sector and country), output and other_sales [sector, exporter], where
    other_sales is output less all intermediate_flow: final use in every country, and all sales to the rest of the world.
    """
    found = economy_file.sha256(path)
    if found != WHEEL_SHA256:
        raise SystemExit(f"{path.name}: SHA-256 is {found}, not {WHEEL_SHA256}. Expected the wheel of {PACKAGE}.")
    with zipfile.ZipFile(path) as archive:
        names = read_names(archive, "country"), read_names(archive, "sector")
        with np.load(io.BytesIO(archive.read(FOLDER + "bench_cache.npz"))) as cache:
            countries, sectors = (
                {code: known[code] for code in cache[dim].tolist()} for dim, known in zip(("countries", "sectors"), names, strict=True)
            )
            shape = len(sectors), len(countries)
            purchases = cache["A"] * (cache["omb"] * cache["go"])  # origin shares times (input cost share times output)
            return {
                "countries": countries,
                "sectors": sectors,
                "intermediate_flow": on_grid(purchases.reshape(shape + shape)),
                "output": cache["go"].reshape(shape),
                "other_sales": cache["z"].reshape(shape),
            }


def on_grid(money: np.ndarray) -> np.ndarray:
    """Round million USD to whole multiples of GRID."""
    return np.round(money / GRID) * GRID


def fit_final_purchases(origin_share: np.ndarray, sold: np.ndarray, output: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Final purchases of one good by each importer, F[importer] >= 0, from what each exporter sold.

    Minimises Σ_i (Σ_n m_in F_n − sold_i)² / output_i + PRIOR_WEIGHT² · Σ_n (F_n − prior_n)² / prior_n, m = origin_share[exporter,
    importer]; sold and output [exporter], prior [importer], million USD. Rows without output are left out.
    """
    made, row_weight = output > 0, 1 / np.sqrt(np.where(output > 0, output, 1.0))
    prior_weight = PRIOR_WEIGHT / np.sqrt(prior)
    matrix = np.vstack([(origin_share * row_weight[:, None])[made], np.diag(prior_weight)])
    target = np.concatenate([(sold * row_weight)[made], prior_weight * prior])
    return nnls(matrix, target)[0]


def final_sales(bought: np.ndarray, output: np.ndarray, sold: np.ndarray, local: np.ndarray) -> tuple[np.ndarray, dict]:
    """Who buys what each exporter sells to final users: f[sector, exporter, importer], million USD, and an account of it.

    Final buyers of a country are given the origin mix of its producers (bought[sector, exporter, importer], intermediate
    flows). Each fitted row is then scaled to its sum, sold[sector, exporter]. Sold at home as a whole: the sectors marked in
    local[sector], and rows of which the fit sells nothing. Prior: countries spend on a good in proportion to value added.
    """
    total = np.where(local[:, None, None], 0.0, bought.sum(axis=1, keepdims=True))
    origin_share = np.divide(bought, total, out=np.zeros_like(bought), where=total > 0)
    income = output.sum(axis=0) - bought.sum(axis=(0, 1))
    prior = sold.sum(axis=1, keepdims=True) * income / income.sum()
    purchases = np.stack([fit_final_purchases(*rows) for rows in zip(origin_share, sold, output, prior, strict=True)])
    fitted = origin_share * purchases[:, None, :]
    row = fitted.sum(axis=2)
    factor = np.divide(sold, row, out=np.zeros_like(sold), where=row > 0)
    at_home = np.where(row > 0, 0.0, sold)
    sales = on_grid(fitted * factor[:, :, None] + at_home[:, :, None] * np.eye(sold.shape[1]))
    moved = np.where(row > 0, abs(sold - row), 0.0)
    strained = (row > 0) & (sold > 0) & ((factor < 0.5) | (factor > 2))
    return sales, {
        "prior": PRIOR_WEIGHT**2,
        "moved": moved.sum() / output.sum(),
        "moved_largest": moved.max(),
        "strained": int(strained.sum()),
        "strained_share": output[strained].sum() / output.sum(),
        "local": ", ".join(SOLD_AT_HOME),
        "local_share": sold[local].sum() / sold.sum(),
        "home": int((at_home[~local] > 0).sum()),
        "home_money": at_home[~local].sum(),
    }


def note(account: dict) -> str:
    """The full account of what was done, for the attribute `note`."""
    return (
        "Published: every intermediate flow among the 80 countries, and every producer's output. The rest of the world is not in "
        "the source: what is sold to it counts as final sales here, what is bought from it counts as value added, as do taxes less "
        "subsidies on products. IMPUTED: where final sales go. Per sector, final purchases of each country are fitted by non-negative "
        "least squares to producers' final sales, with the origin mix of the country's intermediate purchases (proportionality); "
        "rows are weighted by 1/output, and spending in proportion to income is added as a prior with weight {prior:.2f}. Rows of the "
        "fit are then scaled to each producer's final sales: this moves {moved:.2%} of world output, at most {moved_largest:,.0f} "
        "million USD in a row; the factor is below 1/2 or above 2 in {strained} rows with {strained_share:.2%} of world output. Sold "
        "at home as a whole: sectors {local}, where the few imported inputs say nothing of final use ({local_share:.1%} of final "
        "sales), and {home} other rows for which the fit found no buyer ({home_money:,.4f} million USD). Sales are the sum of flows; "
        "they fall short of published output by {short:.2f} million USD in total, at most {short_largest:.2f} in a row, because the "
        "source limits the inputs of two producers (C21 in ISL, H51 in CYP) to 98 % of output. Value added is sales less "
        "intermediate purchases. All money is a whole multiple of "
        "2^-20 million USD, so that sums are exact. There are no tariffs in this world: the tables hold none, flows are at basic "
        "prices. Names of countries are spelt as in the source."
    ).format(**account)


def attributes(account: dict) -> dict:
    """Attributes of the economy file."""
    return {
        "title": "OECD ICIO 2022: 80 countries, 50 sectors",
        "source": "OECD (2025), Inter-Country Input-Output tables, 2025 edition, year 2022, as distributed with the Python package "
        "sanction-simulator 0.1.4 (A. Bhattathiripad, V. P. Veetil); destinations of final sales imputed, see note",
        "licence": "Data: OECD terms and conditions, reuse with attribution to the OECD. The package that carries them: MIT.",
        "year": 2022,
        "unit": "million USD",
        "note": note(account),
    }


def build(wheel: dict) -> xr.Dataset:
    """Economy of MODEL section 2 from the contents of the wheel."""
    intermediate_flow, output = wheel["intermediate_flow"], wheel["output"]
    bought = intermediate_flow.sum(axis=2)  # sector, exporter, importer
    inputs = intermediate_flow.sum(axis=1)  # input, sector, country
    sales, account = final_sales(bought, output, wheel["other_sales"], np.isin(list(wheel["sectors"]), SOLD_AT_HOME))
    flow = bought + sales
    gap = output - flow.sum(axis=2)
    account |= {"short": gap.sum(), "short_largest": gap.max()}
    values = {
        "flow": flow.transpose(1, 2, 0),
        "intermediate": inputs.transpose(2, 0, 1),
        "value_added": (flow.sum(axis=2) - inputs.sum(axis=0)).T[:, :, None],
    }
    data = economy_file.economy(values, list(wheel["countries"]), list(wheel["sectors"]), ["labour"], attributes(account))
    return data.assign_coords(
        sector_name=("sector", list(wheel["sectors"].values())), country_name=("exporter", list(wheel["countries"].values()))
    )


def main() -> None:
    """Write icio2022.nc beside this script; print its account and checksum."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path, nargs="?", help="the wheel, if it is already at hand")
    path = Path(__file__).with_name("icio2022.nc")
    wheel = parser.parse_args().wheel
    with tempfile.TemporaryDirectory() as folder:
        data = build(read_wheel(wheel or fetch(Path(folder))))
    economy_file.write(data, path)
    print(f"{data.attrs['note']}\n{path.name}  sha256 {economy_file.sha256(path)}")


if __name__ == "__main__":
    main()
