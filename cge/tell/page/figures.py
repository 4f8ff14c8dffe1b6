"""The figures of an output folder as files."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cge.data.geography import located
from cge.errors import DataError, InputError
from cge.questions.run.page import industries
from cge.questions.sweep.page import MOST_LINES, along, is_number
from cge.questions.sweep.uncertainty import spread
from cge.runfile.in_words import spoken
from cge.tell import plot
from cge.tell.folder import Results
from cge.tell.plot.style import FORMATS

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def write_figures(found: Results, folder: Path, form: str = "png") -> list[Path]:
    """Write every figure that suits a folder's kind into `folder` (made where it is missing; other files there stay) and name them.

    Args:
        form: png, svg or pdf.

    Raises:
        DataError: another form. InputError: the folder cannot be written.
    """
    if f".{form}" not in FORMATS:
        raise DataError(f"figures: no format {form}; choose one of {', '.join(name[1:] for name in FORMATS)}.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken: set[str] = set()
        return [plot.save(ax, folder / f"{_free(name, taken)}.{form}") for name, ax in figures(found)]
    except OSError as error:
        raise InputError(f"figures: {folder} cannot be written ({error.strerror or error}).") from error


def figures(found: Results) -> Iterator[tuple[str, Axes]]:
    """Names and Axes of the figures of a folder, each made when it is asked for."""
    if found.kind == "sweep":
        yield from _of_sweep(found)
    elif found.kind == "comparison":
        yield from _of_comparison(found)
    elif found.kind == "gains":
        yield from _map(found.tables["gains"], "gains_from_trade_pct", "Gains from trade, %")
    else:
        yield from _of_run(found)


def _of_run(found: Results) -> Iterator[tuple[str, Axes]]:
    welfare, sectors = found.tables["welfare"], found.tables["sectors"]
    yield "welfare", plot.welfare_bars(welfare)
    yield from _map(welfare, "real_income_pct", "Real income, change in %")
    if len(found.countries) > 1:
        yield "flows", plot.flow_heatmap(flows_frame(found))
    most = _most_moved(welfare)
    yield f"sectors_{_plain(most)}", plot.sector_dumbbells(sectors, most, names=found.sector_names or None)
    if "firms" in found.tables:
        firms = found.tables["firms"]
        for country, sector in industries(firms)[["exporter", "sector"]].head(MOST_FIRMS).itertuples(index=False):
            yield f"firms_{_plain(country)}_{_plain(sector)}", plot.firms_distribution(firms, country, sector)


MOST_FIRMS = 12
"""Industries whose distribution of firms is drawn: those whose exports change most."""


def _of_comparison(found: Results) -> Iterator[tuple[str, Axes]]:
    """Welfare and a map for each model that was solved."""
    table = found.tables["comparison"]
    for number, member in enumerate(dict.fromkeys(table["member"]), start=1):
        rows = table[table["member"] == member]
        order = list(dict.fromkeys(rows["country"]))
        wide = rows.pivot(index="country", columns="statistic", values="value").reindex(order).reset_index()
        if wide["real_income_pct"].notna().any():
            name = f"{number}_{_plain(member)}"
            yield f"welfare_{name}", plot.welfare_bars(wide)
            yield from _map(wide, "real_income_pct", f"Real income, change in %, {spoken(str(member))}", f"map_{name}")


def _of_sweep(found: Results) -> Iterator[tuple[str, Axes]]:
    """Bands of the first combination over countries, and effects along the key with the most values for every combination of the others."""
    countries = len(found.countries)
    if found.summary["draws"]:
        yield "bands", plot.sweep_bands(spread(found).head(countries))
    found_along = along(found)
    if found_along is None:
        last = spread(found).tail(countries).rename(columns={"median": "real_income_pct"})
        yield from _map(last, "real_income_pct", "Real income, change in % (median)")
        return
    axis, parts = found_along
    draw, word = (plot.sweep_bands, "curves") if is_number(parts[0][1][axis]) else (plot.sweep_labels, "labels")
    for number, (name, part) in enumerate(parts[:MOST_LINES], start=1):
        title = f"Real income, change in %{', ' if name else ''}{name}"
        yield (word if len(parts) == 1 else f"{word}_{number}"), draw(part, axis, title=title)


def _map(table: pd.DataFrame, statistic: str, title: str, name: str = "map") -> Iterator[tuple[str, Axes]]:
    """A map, where any label names a country."""
    if located(table["country"].astype(str))[0]:
        yield name, plot.world_map(table, statistic, title)


def flows_frame(found: Results) -> pd.DataFrame:
    """Flows over all sectors as a table with the columns of flows.csv, from solution.nc."""
    assert found.flows is not None
    old, new = (array.sum(axis=0) for array in found.flows)
    labels, count = np.array(found.countries, dtype=object), len(found.countries)
    pairs = {"exporter": np.repeat(labels, count), "importer": np.tile(labels, count), "sector": "all"}
    return pd.DataFrame({**pairs, "benchmark": old.ravel(), "counterfactual": new.ravel()})


def _most_moved(welfare: pd.DataFrame) -> str:
    """The country whose real income changes most in money."""
    size = np.nan_to_num(np.abs(welfare["equivalent_variation"].to_numpy(float)))
    return str(welfare["country"].iloc[int(size.argmax())])


def _free(name: str, taken: set[str]) -> str:
    """The name, or with a number where another figure has it (`a/b` and `a|b` are both a_b, and some systems take A for a); `taken` learns it."""
    found = next(one for k in itertools.count(1) if (one := name if k == 1 else f"{name}_{k}").lower() not in taken)
    taken.add(found.lower())
    return found


def _plain(label: str) -> str:
    """A label as part of a file's name."""
    kept = "".join(mark if mark.isalnum() or mark in "-_" else "_" for mark in str(label))
    return kept[:40] or "_"
