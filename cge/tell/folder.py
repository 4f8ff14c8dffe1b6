"""An output folder read back: what a report or a table for a paper is made of, without the run file or the economy at hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from cge.data.arrays import Array
from cge.data.files.folder import MARKS, marked
from cge.errors import InputError

if TYPE_CHECKING:
    import xarray as xr

Kind = Literal["run", "gains", "comparison", "sweep"]

KEEPS: dict[Kind, tuple[str, ...]] = {
    "sweep": ("sweep.zarr", "failures.csv"),
    "comparison": ("comparison.csv", "comparison_groups.csv", "comparison.nc"),
    "gains": ("gains.csv",),
    "run": ("welfare.csv", "groups.csv", "factors.csv", "sectors.csv", "solution.nc"),
}
"""What every folder of a kind holds; the first file tells the kind."""

SAID = (
    "model",
    "transfers",
    "method",
    "intermediates",
    "economy",
    "elasticities",
    "countries",
    "sectors",
    "run_file",
    "inputs",
    "versions",
)
"""Keys of every summary.json that reports and tables are made from."""

QUANTILES = {"p05": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95}


@dataclass(frozen=True, eq=False)
class Results:
    """An output folder.

    Attributes:
        folder: where it is; kind; summary: summary.json; tables: csv files by name without the ending (flows.csv is left alone: it is large, and
            solution.nc holds the same); run_file: text of the run file, empty where the folder does not keep it.
        economy: attributes of the economy (`source`, `licence`, `unit`, …), empty where not kept; sector_names: in words, by label.
        sectors: labels of a run, in order; flows, sales: a run's, benchmark and counterfactual, money [sector, exporter, importer] and
            [sector, country]; None for other kinds.
        linked: whether the economy of a run has the input-output links that its run file keeps; of other kinds it is not known to have none.
        store: a sweep's, [scenario, country]; None for other kinds.
    """

    folder: Path
    kind: Kind
    summary: dict[str, Any]
    tables: dict[str, pd.DataFrame]
    run_file: str = ""
    economy: dict[str, Any] = field(default_factory=dict)
    sector_names: dict[str, str] = field(default_factory=dict)
    sectors: tuple[str, ...] = ()
    flows: tuple[Array, Array] | None = None
    sales: tuple[Array, Array] | None = None
    linked: bool = True
    store: xr.Dataset | None = None

    @property
    def countries(self) -> list[str]:
        """Labels in the economy's order."""
        if self.store is not None:
            return [str(label) for label in self.store["country"].values]
        table = {"run": "welfare", "gains": "gains", "comparison": "comparison"}[self.kind]
        return list(dict.fromkeys(self.tables[table]["country"].astype(str)))

    @property
    def unit(self) -> str:
        """The unit of money."""
        return str(self.economy.get("unit", "money of the economy"))

    @property
    def title(self) -> str:
        """Of the run file."""
        return str(self.summary.get("title", self.folder.name))


def open_results(folder: Path) -> Results:
    """Read an output folder.

    Raises:
        InputError: there is none, it is not one of this package, it holds no solution, or a part of it is missing or damaged.
    """
    summary = _summary(folder)
    kind = _kind(folder)
    try:
        found = _read(folder, kind, summary)
        _check(found)
    except (OSError, ValueError, KeyError, UnicodeDecodeError) as error:
        raise InputError(f"{folder}: cannot be read as the output of a {kind} ({type(error).__name__}: {error}); make it again.") from error
    return found


def _summary(folder: Path) -> dict[str, Any]:
    """summary.json of a folder that is ours and solved."""
    if not folder.is_dir():
        raise InputError(f"{folder}: is not a folder. Give the output folder of cge run, gains, compare or sweep.")
    if not any(marked(folder / name) for name in MARKS):
        raise InputError(f"{folder}: is not an output folder of cge (no {' or '.join(MARKS)} of it).")
    if not marked(folder / "summary.json"):
        reason = json.loads((folder / "diagnosis.json").read_text(encoding="utf-8")).get("sentence", "")
        raise InputError(f"{folder}: holds no solution, so there is nothing to show. {reason}".strip())
    summary: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    if summary["outcome"] == "incomplete":
        raise InputError(f"{folder}: the sweep is not finished; the same cge sweep goes on where it stopped.")
    if summary["outcome"] != "solved":
        raise InputError(f"{folder}: nothing was solved ({summary['outcome']}).")
    return summary


def _kind(folder: Path) -> Kind:
    """What made a folder, from what it holds; every part of that kind is there."""
    kind = next((kind for kind, files in KEEPS.items() if (folder / files[0]).exists()), None)
    if kind is None:
        raise InputError(f"{folder}: is incomplete: none of {', '.join(files[0] for files in KEEPS.values())} is there; make it again.")
    missing = [name for name in KEEPS[kind] if not (folder / name).exists()]
    if missing:
        raise InputError(f"{folder}: is incomplete: {', '.join(missing)} is missing; make it again.")
    return kind


def _read(folder: Path, kind: Kind, summary: dict[str, Any]) -> Results:
    import xarray as xr

    # labels are text whatever they look like: a country may be called NA
    text = dict.fromkeys(("country", "exporter", "importer", "sector", "factor", "member", "model", "statistic"), str)
    tables = {
        path.stem: pd.read_csv(path, dtype=text, keep_default_na=False, na_values=[""])
        for path in sorted(folder.glob("*.csv"))
        if path.stem != "flows" and path.stat().st_size > 1
    }
    if kind == "run":
        return _read_run(folder, summary, tables)
    if kind == "comparison":
        with xr.open_dataset(folder / "comparison.nc", engine="netcdf4") as data:
            return Results(folder, kind, summary, tables, *_said(data.attrs))
    if kind == "sweep":
        from cge.questions.sweep.store import STORE, open_store

        store = open_store(folder / STORE)
        return Results(folder, kind, summary, tables, *_said(store.attrs), store=store)
    return Results(folder, kind, summary, tables, str(summary.get("run_file_text", "")), dict(summary.get("economy_attributes", {})))


def _said(attrs: Mapping[Any, Any]) -> tuple[str, dict[str, Any]]:
    """Text of the run file and attributes of the economy, as far as a folder keeps them."""
    return str(attrs.get("run_file", "")), json.loads(str(attrs.get("economy", "{}")))


def _read_run(folder: Path, summary: dict[str, Any], tables: dict[str, pd.DataFrame]) -> Results:
    """A run, with what solution.nc holds of flows, sales and the economy."""
    import xarray as xr

    path = folder / "solution.nc"
    with xr.open_dataset(path, engine="netcdf4") as root:
        run_file = str(root.attrs["run_file"])
    with xr.open_dataset(path, group="benchmark", engine="netcdf4") as data:
        linked = bool(data["input_share"].values.any())
        economy, sectors = dict(data.attrs), tuple(str(label) for label in data["sector"].values)
        names = {} if "sector_name" not in data else dict(zip(sectors, (str(name) for name in data["sector_name"].values), strict=True))
    order = {"flow": ("sector", "exporter", "importer"), "sales": ("sector", "country")}
    with xr.open_dataset(path, group="solution", engine="netcdf4") as data:
        pairs = {
            name: tuple(data[f"{name}{which}"].transpose(*dims).values for which in ("_benchmark", "")) for name, dims in order.items()
        }
    flows, sales = (pairs["flow"][0], pairs["flow"][1]), (pairs["sales"][0], pairs["sales"][1])
    return Results(folder, "run", summary, tables, run_file, economy, names, sectors, flows, sales, linked)


def _check(found: Results) -> None:
    """ValueError where the summary lacks a key, or a table lacks countries or columns that the summary promises."""
    of_sweep = ("scenarios", "solved", "failed", "axes", "draws", "residual")
    said = of_sweep if found.kind == "sweep" else ("sentence", "iterations", "seconds", "residual", "walras", "corners")
    silent = [name for name in (*SAID, *said) if found.summary.get(name) is None]
    if silent:
        raise ValueError(f"summary.json does not say {', '.join(silent)}")
    if len(found.countries) != found.summary["countries"]:
        raise ValueError(f"{len(found.countries)} countries where summary.json has {found.summary['countries']}")
    first = {"run": "welfare", "comparison": "comparison", "gains": "gains", "sweep": "failures"}[found.kind]
    needed = {"run": "real_income_pct", "comparison": "statistic", "gains": "gains_from_trade_pct", "sweep": "outcome"}[found.kind]
    if needed not in found.tables[first]:
        raise ValueError(f"no column {needed} in {first}.csv")


# --- sweeps --------------------------------------------------------------------------------------------------------------------------
