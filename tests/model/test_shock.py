"""What `change` accepts and what it refuses, with labels and with all faults at once."""

from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.testing import assert_allclose, assert_array_equal
from worlds import abroad, bilateral, by_country, drawn, hats, solve

from cge import DataError, SolveError, armington, change, krugman, melitz
from cge.model.weights import shifted

DATA = drawn(60, 3, 2, F=2)
CELL = {"sector": "S1", "exporter": "C0", "importer": "C2"}


def faults(**shock: Any) -> tuple[str, ...]:
    """What is wrong with a shock."""
    with pytest.raises(DataError) as caught:
        change(DATA, **shock)
    return caught.value.faults


def pairs(value: float, at: float | None = None) -> xr.DataArray:
    """`value` everywhere, `at` in one cell."""
    array = bilateral(DATA, value)
    if at is not None:
        array.loc[CELL] = at
    return array


BAD_VALUES: dict[str, tuple[str, xr.DataArray, str]] = {
    "negative tariff": ("tariff", pairs(0.0, -0.1), "rate -0.1 at sector=S1 exporter=C0 importer=C2"),
    "tariff NaN": ("tariff", pairs(0.0, np.nan), "rate nan at sector=S1 exporter=C0 importer=C2"),
    "infinite tariff": ("tariff", pairs(0.0, np.inf), "rate inf at sector=S1 exporter=C0 importer=C2"),
    "iceberg zero": ("iceberg", pairs(1.0, 0.0), "factor 0 at sector=S1 exporter=C0 importer=C2"),
    "iceberg NaN": ("iceberg", pairs(1.0, np.nan), "factor nan at sector=S1 exporter=C0 importer=C2"),
    "iceberg minus infinity": ("iceberg", pairs(1.0, -np.inf), "factor -inf at sector=S1 exporter=C0 importer=C2"),
    "infinite fixed cost": ("fixed_cost", pairs(1.0, np.inf), "factor inf at sector=S1 exporter=C0 importer=C2"),
    "productivity zero": ("productivity", by_country(DATA, "sector", [[1, 1, 1], [1, 0, 1]]), "factor 0 at sector=S1 country=C1"),
    "negative endowment": ("endowment", by_country(DATA, "factor", [[1, 1, 1], [1, 1, -2]]), "factor -2 at factor=F1 country=C2"),
}


@pytest.mark.parametrize("kind", BAD_VALUES)
def test_a_bad_value_is_named_with_its_cell(kind: str) -> None:
    name, array, words = BAD_VALUES[kind]
    (fault,) = faults(**{name: array})
    assert fault.startswith(f"{name}: ")
    assert words in fault


def test_a_tariff_at_home_is_refused() -> None:
    rate = pairs(0.0)
    rate.loc[{"sector": "S0", "exporter": "C1", "importer": "C1"}] = 0.1
    (fault,) = faults(tariff=rate)
    assert "country=C1 sector=S0" in fault


def test_wrong_dims() -> None:
    (fault,) = faults(productivity=pairs(1.0))
    assert "productivity: dims are (sector, exporter, importer); they must be (sector, country)" in fault


def test_a_label_that_is_not_in_the_benchmark_names_the_nearest() -> None:
    found = faults(iceberg=pairs(1.0).assign_coords(importer=["C0", "C1", "c2x"]))
    assert any("importer c2x is not in the benchmark. Did you mean C2?" in fault for fault in found)
    assert any("importer C2 is missing" in fault for fault in found)


def test_a_missing_label() -> None:
    (fault,) = faults(endowment=by_country(DATA, "factor", 1.0).isel(country=[0, 2]))
    assert "endowment: country C1 is missing" in fault


def test_a_repeated_label() -> None:
    found = faults(iceberg=pairs(1.0).isel(sector=[0, 1, 1]))
    assert any("label of sector appears more than once" in fault for fault in found)


def test_a_dim_without_labels_cannot_be_aligned() -> None:
    (fault,) = faults(iceberg=pairs(1.0).drop_vars("sector"))
    assert "iceberg: sector has no labels" in fault


def test_an_unknown_rule_names_the_nearest() -> None:
    (fault,) = faults(transfers="ownshare")
    assert "'ownshare' is not a rule. Did you mean own_share?" in fault


def test_all_faults_come_at_once() -> None:
    found = faults(
        tariff=pairs(0.0, -0.1),
        iceberg=pairs(1.0, 0.0),
        productivity=by_country(DATA, "sector", 1.0).isel(country=[0, 1]),
        endowment=by_country(DATA, "factor", 1.0).rename(factor="f"),
        transfers="nothing",
    )
    for words in ("rate -0.1", "factor 0", "country C2 is missing", "endowment: dims", "'nothing' is not a rule"):
        assert any(words in fault for fault in found), words


def test_arguments_are_aligned_by_label_and_copied() -> None:
    given = abroad(DATA, np.arange(18.0).reshape(2, 3, 3) / 100, 0.0)
    turned = given.isel(exporter=[2, 0, 1], importer=[1, 2, 0], sector=[1, 0]).transpose("importer", "sector", "exporter")
    shock = change(DATA, tariff=turned)
    assert shock.tariff is not None
    assert shock.tariff.dims == ("sector", "exporter", "importer")
    assert_array_equal(shock.tariff, given)
    turned[:] = 0.0
    assert_array_equal(shock.tariff, given)


def test_whole_numbers_are_numbers() -> None:
    shock = change(DATA, iceberg=pairs(2).astype(int))
    assert shock.iceberg is not None
    assert shock.iceberg.dtype == np.float64


def test_nothing_changes_without_arguments() -> None:
    assert change(DATA).nothing
    assert change(DATA, transfers="zero").nothing
    assert not change(DATA, iceberg=pairs(1.0)).nothing


# --- what a shock does -------------------------------------------------------------------------------------------------------------------


def test_fixed_costs_need_a_variant_that_has_them() -> None:
    with pytest.raises(DataError, match=r"fixed_cost: .* plays no role under krugman"):
        solve(DATA, krugman(5.0), fixed_cost=pairs(1.1))
    assert float(hats(DATA, melitz(4.0, 5.0), fixed_cost=abroad(DATA, 1.1)).real_income.max()) < 1


def test_tariffs_are_levels_and_icebergs_factors_on_the_data() -> None:
    """A tariff as in the data is no change; an iceberg of one is none; a rate in the data that is left out is abolished."""
    assert float(DATA.data.tariff.max()) > 0.1
    kept = hats(DATA, armington(5.0), tariff=DATA.data.tariff, iceberg=pairs(1.0))
    assert_allclose(kept.real_income, 1, rtol=1e-10)
    abolished = hats(DATA, armington(5.0), tariff=pairs(0.0))
    assert_array_equal(abolished.tariff_revenue, 0)
    assert_array_equal(abolished.tariff, 0)
    assert_array_equal(abolished.tariff_benchmark, DATA.data.tariff)


def test_a_domestic_iceberg_is_a_domestic_cost() -> None:
    """Costs at home up by as much as abroad and productivity up by the same: nothing changes."""
    data = hats(DATA, armington(5.0), iceberg=pairs(1.2), productivity=by_country(DATA, "sector", 1.2))
    assert_allclose(data.real_income, 1, rtol=1e-10)
    at_home = hats(DATA, armington(5.0), iceberg=abroad(DATA, 1.0, 1.2))
    assert (at_home.real_income < 1).all()


def test_a_closed_pair_trades_nothing() -> None:
    data = hats(DATA, armington(5.0), iceberg=pairs(1.0, np.inf))
    assert float(data.flow.sel(CELL)) == 0
    assert float(data.flow_benchmark.sel(CELL)) > 0


def test_a_market_closed_to_all_is_an_outcome_not_a_number() -> None:
    cost = pairs(1.0)
    cost.loc[{"sector": "S1", "importer": "C2"}] = np.inf
    with pytest.raises(SolveError, match="S1 in C2"):
        solve(DATA, armington(5.0), iceberg=cost)


def test_sellers_that_are_not_there_do_not_weigh() -> None:
    """However dear those that are become: weights are relative to the largest of them, and nothing leaves the range of floats."""
    weight, log_unit = shifted(np.array([[[0.0], [0.25], [0.75]]]), np.array([[[900.0], [-800.0], [-801.0]]]))
    assert_allclose(weight[0, :, 0], np.array([0.0, 0.25, 0.75 / np.e]) / max(0.25, 0.75 / np.e), rtol=1e-12)
    assert_allclose(log_unit, -800 + np.log(max(0.25, 0.75 / np.e)), rtol=1e-12)
