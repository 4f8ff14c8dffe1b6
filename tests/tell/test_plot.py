"""Figures hold the numbers that they are given, whatever these are, and the map finds the countries of the bundled economies."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib.axes import Axes
from numpy.testing import assert_allclose
from outputs import read_back

from cge.data import bundled
from cge.data.countries import iso3166
from cge.data.geography import centre, code_of, located, members_of, name_of, rings, world
from cge.errors import DataError
from cge.questions.solve import solve
from cge.questions.sweep.uncertainty import spread
from cge.results.channels import CHANNELS
from cge.results.tables import flows_table
from cge.results.welfare import welfare_table
from cge.runfile.load import load
from cge.tell import plot
from cge.tell.plot.flows import flow_change
from cge.tell.plot.style import TALLEST, scale

Output = Callable[[str], Path]
GEOGRAPHY = bundled.folder("data") / "geography"


def labels(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.get_yticklabels()]


def welfare(countries: list[str], seed: int = 0) -> pd.DataFrame:
    """A table whose channels add up."""
    channels = np.random.default_rng(seed).normal(size=(len(countries), len(CHANNELS)))
    table = pd.DataFrame(channels, columns=list(CHANNELS)).assign(country=countries)
    return table.assign(real_income_pct=100 * np.expm1(channels.sum(axis=1) / 100))


def economy_labels(name: str) -> list[str]:
    with xr.open_dataset(bundled.find("data", name), engine="netcdf4") as data:
        return [str(label) for label in data["exporter"].values]


# --- countries -----------------------------------------------------------------------------------------------------------------------


def test_every_country_of_the_bundled_world_has_a_shape() -> None:
    found, without = located(economy_labels("icio2022"))
    assert (len(found), without) == (80, [])
    assert {("SGP",), ("MLT",), ("HKG",), ("LUX",)} <= set(found.values())


def test_labels_are_codes_or_names_and_what_has_no_place_is_named() -> None:
    found, without = located(["usa", "GER", "South Korea", "ROW", "EU27", "Home", "WF", "Germany"])
    members = found.pop("EU27")
    assert found == {"usa": ("USA",), "GER": ("DEU",), "South Korea": ("KOR",)}
    assert (len(members), "FRA" in members, "DEU" in members) == (26, True, False)  # Germany has a label of its own
    assert without == ["ROW", "Home", "WF", "Germany"]  # the last is GER again; WF is a region of EXIOBASE
    assert code_of("nowhere") is None
    assert (name_of("KOR"), name_of("ROW")) == ("South Korea", "ROW")


def test_members_of_a_merged_region_take_its_colour() -> None:
    """As the economy remembers them, one after the other; the rest of the world, too, where it was merged here."""
    attrs = {"aggregation": "South = ESP, PRT; Europe = South, FRA; ROW = CHL, ARG; goods = C29, C30"}
    assert members_of("Europe", attrs) == ["ESP", "PRT", "FRA"]
    found, without = located(["Europe", "ROW", "DEU", "Elsewhere"], {}, attrs)
    assert found == {"Europe": ("ESP", "PRT", "FRA"), "ROW": ("CHL", "ARG"), "DEU": ("DEU",)}
    assert without == ["Elsewhere"]
    table = pd.DataFrame({"country": ["Europe", "DEU"], "real_income_pct": [1.0, -2.0]})
    ax = plot.world_map(table, attrs=attrs)
    assert_allclose(coloured(ax), [1.0, -2.0])
    (shapes,) = [c for c in ax.collections if c.get_gid() == "countries"]
    pieces = [sum(path.codes == 1) for path in shapes.get_paths()]
    assert pieces[0] == sum(len(rings(world().countries[code])) for code in ("ESP", "PRT", "FRA"))


def test_colours_reach_the_largest_and_tell_the_small_apart() -> None:
    """Few move, many hardly: nothing is cut off, and what is typical is not white."""
    values = np.array([-4.0, 2.0, *np.linspace(-0.05, 0.05, 78)])
    _, limits = scale(values)
    assert (limits.vmin, limits.vmax) == (-4.0, 4.0)
    assert 0 == limits(-4.0) < limits(2.0) < limits(4.0) == 1
    assert limits(0.05) - limits(0.0) > 0.05
    assert limits(0.0) == pytest.approx(0.5)


def test_shapes_are_closed_rings_inside_the_map() -> None:
    box = world().box
    for code, shape in world().countries.items():
        for ring in rings(shape):
            assert len(ring) >= 3, code
            assert ring[:, 0].min() >= box[0], code
            assert ring[:, 0].max() <= box[2], code
    x, y, area = centre(world().countries["FRA"])  # near 47° N, 2.5° E
    assert (0 < x < 100, -1250 < y < -1100, area > 1e4) == (True, True, True)


def test_shapes_stay_on_their_side_of_the_antimeridian() -> None:
    widths = {code: max(float(np.ptp(ring[:, 0])) for ring in rings(shape)) for code, shape in world().countries.items()}
    assert max(widths, key=lambda code: widths[code]) == "RUS"
    assert widths["RUS"] < 0.4 * (world().box[2] - world().box[0])
    assert widths["FJI"] < 100


def test_bundled_geography_is_small_and_as_described() -> None:
    path = GEOGRAPHY / "world.json"
    assert path.stat().st_size < 400_000
    assert hashlib.sha256(path.read_bytes()).hexdigest() in (GEOGRAPHY / "README.md").read_text(encoding="utf-8")
    codes = [row["alpha3"] for row in iso3166()]
    assert len(set(codes)) == len(codes)
    assert set(world().countries) <= set(codes)


# --- welfare -------------------------------------------------------------------------------------------------------------------------


def test_bars_add_up_to_the_mark_and_are_sorted() -> None:
    table = welfare(["A", "B", "C"])
    ax = plot.welfare_bars(table)
    order = table.sort_values("real_income_pct", ascending=False)
    assert labels(ax) == list(order["country"])
    marks = next(line for line in ax.lines if line.get_label() == "real income")
    assert_allclose(marks.get_xdata(), 100 * np.log1p(order["real_income_pct"] / 100))
    widths = np.array([[bar.get_width() for bar in group] for group in ax.containers])
    assert_allclose(widths.sum(axis=0), marks.get_xdata())
    assert_allclose(widths, order[list(CHANNELS)].to_numpy().T)


def test_bars_of_a_solution_are_those_of_its_table(output: Output) -> None:
    solution = solve(load(output("run").parent / "case.toml"))
    bars, again = plot.welfare_bars(solution), plot.welfare_bars(welfare_table(solution))
    assert [[b.get_width() for b in group] for group in bars.containers] == [[b.get_width() for b in group] for group in again.containers]


def test_channels_that_are_nothing_are_left_out() -> None:
    table = welfare(["A", "B"]).assign(entry_log=0.0, market_log=1e-14)
    assert "entry" not in plot.welfare_bars(table).get_legend_handles_labels()[1]
    assert "own share" in plot.welfare_bars(table).get_legend_handles_labels()[1]


def test_chosen_countries_keep_their_order_and_unknown_ones_are_named() -> None:
    assert labels(plot.welfare_bars(welfare(["A", "B", "C"]), ["C", "A"])) == ["C", "A"]
    with pytest.raises(DataError, match="no Germny"):
        plot.welfare_bars(welfare(["Germany", "B"]), ["Germny"])


@pytest.mark.parametrize("count", [1, 2, 80, 200])
def test_any_number_of_countries_fits_a_page(count: int) -> None:
    ax = plot.welfare_bars(welfare([f"C{k}" for k in range(count)]))
    assert len(labels(ax)) == count
    assert ax.figure.get_size_inches()[1] <= TALLEST


def test_a_country_without_numbers_keeps_its_row(tmp_path: Path) -> None:
    table = welfare(["A", "B"])
    table.loc[0, ["real_income_pct", *CHANNELS]] = np.nan
    ax = plot.welfare_bars(table)
    assert labels(ax) == ["B", "A"]
    plot.save(ax, tmp_path / "a.png")


# --- map -----------------------------------------------------------------------------------------------------------------------------


def coloured(ax: Axes) -> np.ndarray:
    return next(np.asarray(c.get_array()) for c in ax.collections if c.get_gid() == "countries")


def test_map_holds_the_statistic_of_the_countries_it_knows() -> None:
    table = pd.DataFrame({"country": ["USA", "ROW", "SGP", "FRA"], "real_income_pct": [1.0, 2.0, -3.0, np.nan]})
    ax = plot.world_map(table)
    assert_allclose(coloured(ax), [1.0, -3.0])
    assert ax.get_title(loc="left") == "Not on the map: ROW (+2.00)"


def test_map_of_nothing_but_regions_still_draws(tmp_path: Path) -> None:
    ax = plot.world_map(welfare(["Home", "Foreign"]))
    assert "Home" in ax.get_title(loc="left")
    plot.save(ax, tmp_path / "map.svg")


@pytest.mark.parametrize("values", [[0.0, 0.0], [1.0, 2.0], [-1.0, -2.0], [-1.0, 1e6]])
def test_map_is_sane_for_zeros_and_one_sign(values: list[float], tmp_path: Path) -> None:
    plot.save(plot.world_map(pd.DataFrame({"country": ["USA", "CHN"], "x": values}), "x", "$t$itle"), tmp_path / "map.png")


def test_map_without_the_statistic_says_so() -> None:
    with pytest.raises(DataError, match=r"no real_incom in this table\. Did you mean real_income_pct"):
        plot.world_map(welfare(["USA"]), "real_incom")


# --- flows ---------------------------------------------------------------------------------------------------------------------------


def test_heat_map_holds_the_changes(output: Output) -> None:
    table = flows_table(solve(load(output("run").parent / "case.toml")))
    ax = plot.flow_heatmap(table, "goods")
    image = np.ma.getdata(ax.collections[0].get_array())
    rows = table[(table["sector"] == "goods") & (table["exporter"] == "North") & (table["importer"] == "Home")]
    expected = 100 * (rows["counterfactual"].item() / rows["benchmark"].item() - 1)
    assert labels(ax) == ["Home", "North", "South"]
    assert image[1, 0] == pytest.approx(expected)
    assert np.ma.getmaskarray(ax.collections[0].get_array()).diagonal().all()


def test_flows_over_all_sectors_are_summed_and_new_ones_are_infinite() -> None:
    table = pd.DataFrame(
        [("A", "B", "x", 1.0, 2.0), ("A", "B", "y", 3.0, 4.0), ("B", "A", "x", 0.0, 1.0), ("B", "C", "x", 2.0, 0.0)],
        columns=["exporter", "importer", "sector", "benchmark", "counterfactual"],
    )
    change = flow_change(table, ["A", "B", "C"])
    assert change[0, 1] == pytest.approx(50.0)
    assert np.isposinf(change[1, 0])
    assert change[1, 2] == -100
    assert np.isnan(change[2, 0])
    assert np.isnan(change[0, 0])
    plot.flow_heatmap(table)
    with pytest.raises(DataError, match=r"no z in these flows[\s\S]*no D in these flows"):
        plot.flow_heatmap(table, "z", ["A", "D"])


# --- sectors, bands, firms -----------------------------------------------------------------------------------------------------------


def test_dumbbells_reach_the_changes_and_mark_what_vanishes(tmp_path: Path) -> None:
    table = pd.DataFrame({"country": "A", "sector": ["x", "y", "z"], "output_pct": [-100.0, 5.0, np.nan]})
    ax = plot.sector_dumbbells(table, "A", names={"y": "Manufacture of $cars$ and a very long list of other things"})
    change = next(c for c in ax.collections if c.get_gid() == "change")
    assert_allclose(change.get_offsets(), [[5.0, 0.0], [-100.0, 1.0]])
    assert [label[0] for label in labels(ax)] == ["y", "x", "z"]
    assert "Manufacture" not in labels(ax)[0]
    plot.save(ax, tmp_path / "d.svg")
    assert "$cars$ and" in (tmp_path / "d.svg").read_text(encoding="utf-8")
    with pytest.raises(DataError, match="country: no B"):
        plot.sector_dumbbells(table, "B")


def test_one_sector_that_explodes_does_not_hide_the_others() -> None:
    table = pd.DataFrame({"country": "A", "sector": list("vwxyz"), "output_pct": [26000.0, 5.0, -7.0, 1.0, -100.0]})
    ax = plot.sector_dumbbells(table, "A")
    assert ax.get_xlim()[1] == 200
    assert [text.get_text() for text in ax.texts] == ["+26,000 →"]
    assert not plot.sector_dumbbells(table[1:], "A").texts


def test_changes_that_rounding_leaves_are_none() -> None:
    table = pd.DataFrame({"country": "A", "sector": ["x", "y"], "output_pct": [2e-14, -3e-13]})
    ax = plot.sector_dumbbells(table, "A")
    change = next(c for c in ax.collections if c.get_gid() == "change")
    assert_allclose(change.get_offsets(), [[0.0, 0.0], [0.0, 1.0]], atol=0)
    assert ax.get_xlim() == (-1.0, 1.0)


def test_an_industry_without_firms_says_so(output: Output) -> None:
    firms = read_back(output("run")).tables["firms"]
    ax = plot.firms_distribution(firms.assign(exporters=0.0), "Home", "goods")
    assert [line.get_label() for line in ax.lines] == ["benchmark", "counterfactual: none"]


def test_bands_by_country_and_along_a_key(output: Output) -> None:
    table = spread(read_back(output("draws")))
    ax = plot.sweep_bands(table)
    order = table.sort_values("median", ascending=False)
    assert labels(ax) == list(order["country"])
    assert_allclose(next(line for line in ax.lines if line.get_label() == "median").get_xdata(), order["median"])
    grid = spread(read_back(output("sweep")))
    ax = plot.sweep_bands(grid, "tariff[0].add", ["Home"])
    assert_allclose(ax.lines[0].get_xdata(), np.linspace(0, 0.4, 5))
    assert_allclose(ax.lines[0].get_ydata(), grid[grid["country"] == "Home"]["median"])
    with pytest.raises(DataError, match="several rows for a country"):
        plot.sweep_bands(grid)


def test_labels_of_a_sweep_are_ranked_by_their_effect(output: Output) -> None:
    table = spread(read_back(output("sweep_each")))
    table = table[table["transfers"] == "zero"]
    ax = plot.sweep_labels(table, "tariff[0].importer", ["North", "Home"])
    north = table[table["country"] == "North"].set_index("tariff[0].importer")["median"].sort_values(ascending=False)
    assert labels(ax) == list(north.index)
    marks = {line.get_label(): line.get_xdata() for line in ax.lines}
    assert_allclose(marks["North"], north)
    home = table[table["country"] == "Home"].set_index("tariff[0].importer")["median"]
    assert_allclose(marks["Home"], home.loc[north.index])
    assert not ax.collections  # no draws, no bands
    wide = plot.sweep_labels(table.assign(p05=table["median"] - 1, p95=table["median"] + 2), "tariff[0].importer", ["North"])
    assert_allclose([np.ptp(path[:, 0]) for path in wide.collections[0].get_segments()], 3.0)


def test_labels_of_a_sweep_that_cannot_be_drawn(output: Output) -> None:
    table = spread(read_back(output("sweep_each")))
    with pytest.raises(DataError, match=r"several rows for a value of tariff\[0\]\.importer"):
        plot.sweep_labels(table, "tariff[0].importer")
    with pytest.raises(DataError, match=r"no key tariff\[0\]\.exporter in this table"):
        plot.sweep_labels(table, "tariff[0].exporter")
    with pytest.raises(DataError, match="no Nrth"):
        plot.sweep_labels(table[table["transfers"] == "zero"], "tariff[0].importer", ["Nrth"])


def test_firms_above_each_cutoff(output: Output) -> None:
    firms = read_back(output("run")).tables["firms"]
    ax = plot.firms_distribution(firms, "Home", "goods")
    rows = firms[(firms["exporter"] == "Home") & (firms["sector"] == "goods")].sort_values("cutoff")
    after = next(line for line in ax.lines if line.get_label() == "counterfactual")
    assert_allclose(after.get_xdata(), rows["cutoff"])
    assert_allclose(after.get_ydata(), rows["exporters"])
    slope = np.polyfit(np.log(rows["cutoff"]), np.log(rows["exporters"]), 1)[0]
    assert slope == pytest.approx(-5.0)  # k
    with pytest.raises(DataError, match="sector: no god"):
        plot.firms_distribution(firms, "Home", "god")


# --- files ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_the_same_figure_has_the_same_bytes(ending: str, tmp_path: Path) -> None:
    table = welfare(["USA", "CHN", "ROW"])
    first, second = (plot.save(plot.world_map(table), tmp_path / f"{k}.{ending}").read_bytes() for k in "ab")
    assert first == second
    assert b"CreationDate" not in first


DRAWN = """
import sys
from pathlib import Path
from cge.tell import plot
from cge.tell.page import write_figures
from cge.tell.folder import open_results
from cge.questions.table import QUESTIONS
for kind, folder in zip(sys.argv[2::2], sys.argv[3::2]):
    for form in ("png", "svg", "pdf"):
        write_figures(open_results(Path(folder), QUESTIONS), Path(sys.argv[1]) / kind, form)
"""


@pytest.mark.slow
def test_figures_have_the_same_bytes_in_another_process(output: Output, tmp_path: Path) -> None:
    folders = [str(part) for kind in ("mapped", "sweep_each", "draws_grid") for part in (kind, output(kind))]
    found = []
    for seed in ("1", "2"):
        out = tmp_path / seed
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", DRAWN, str(out), *folders], check=True, env=environment)
        found.append({path.relative_to(out): path.read_bytes() for path in sorted(out.rglob("*.*"))})
    assert len(found[0]) >= 3 * 10
    assert found[0] == found[1]


def test_other_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"x\.gif: figures are written as"):
        plot.save(plot.welfare_bars(welfare(["A"])), tmp_path / "x.gif")
