"""The door of the package: what an economy file may hold, what is refused, and in which words."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from numpy.testing import assert_allclose, assert_array_equal
from worlds import dataset, drawn, random_economy, shuffled

from cge import DataError, Shock, calibrate, krugman, make_economy, open_economy, solve_hat
from cge.data import bundled

DATA = random_economy(np.random.default_rng(50), 3, 2, F=2, inputs=0.4).data.drop_vars("country")
DATA = DATA.assign_coords(country=DATA.exporter.values)
CELL = {"exporter": "C0", "importer": "C1", "sector": "S1"}
OWN = {"exporter": "C2", "importer": "C2", "sector": "S0"}


def faults(data: xr.Dataset) -> tuple[str, ...]:
    """What is wrong with an economy."""
    with pytest.raises(DataError) as caught:
        make_economy(data, "file.nc")
    assert all(fault.startswith("file.nc: ") for fault in caught.value.faults)
    return caught.value.faults


def with_cell(name: str, value: float, **labels: str) -> xr.Dataset:
    """The economy with one value replaced."""
    array = DATA[name].copy()
    array.loc[labels] = value
    return DATA.assign({name: array})


# --- values ------------------------------------------------------------------------------------------------------------------------------

BAD_VALUES: dict[str, tuple[str, float, dict[str, str], str]] = {
    "NaN in flow": ("flow", np.nan, CELL, "exporter=C0 importer=C1 sector=S1"),
    "infinite flow": ("flow", np.inf, CELL, "exporter=C0 importer=C1 sector=S1"),
    "negative flow": ("flow", -14.25, CELL, "-14.25 at exporter=C0 importer=C1 sector=S1"),
    "NaN in tariff": ("tariff", np.nan, CELL, "exporter=C0 importer=C1 sector=S1"),
    "subsidy": ("tariff", -0.1, CELL, "-0.1 at exporter=C0 importer=C1 sector=S1"),
    "tariff at home": ("tariff", 0.1, OWN, "exporter=C2 importer=C2 sector=S0"),
    "NaN in intermediate": ("intermediate", np.nan, {"country": "C1", "input": "S0", "sector": "S1"}, "country=C1 input=S0 sector=S1"),
    "negative intermediate": ("intermediate", -1.0, {"country": "C1", "input": "S0", "sector": "S1"}, "country=C1 input=S0 sector=S1"),
    "NaN in value added": ("value_added", np.nan, {"country": "C2", "sector": "S0", "factor": "F1"}, "country=C2 sector=S0 factor=F1"),
    "negative value added": ("value_added", -3.0, {"country": "C2", "sector": "S0", "factor": "F1"}, "country=C2 sector=S0 factor=F1"),
}


@pytest.mark.parametrize("kind", BAD_VALUES)
def test_a_bad_value_is_named_with_its_cell(kind: str) -> None:
    name, value, labels, words = BAD_VALUES[kind]
    assert any(f"{name}: " in fault and words in fault for fault in faults(with_cell(name, value, **labels)))


def test_the_worst_of_several_is_named_and_they_are_counted() -> None:
    flow = DATA.flow.copy()
    flow.loc[CELL], flow.loc[{**CELL, "exporter": "C2"}] = -1.0, -7.0
    assert any("2 negative entries, largest -7 at exporter=C2 importer=C1 sector=S1" in fault for fault in faults(DATA.assign(flow=flow)))


def test_sales_must_be_cost() -> None:
    short = DATA.assign(value_added=DATA.value_added * xr.where(DATA.country == "C1", 0.99, 1.0))
    (fault,) = faults(short)
    assert "sales: 2 cells differ from intermediates plus value added" in fault
    assert "country=C1" in fault


def test_rounding_between_sales_and_cost_is_not_a_fault_and_goes_to_the_factors() -> None:
    rounded = calibrate(make_economy(DATA.assign(value_added=DATA.value_added * (1 + 1e-11))))
    total = rounded.data.factor_share.sum("factor") + rounded.data.input_share.sum("input")
    assert_allclose(total, 1, rtol=1e-15)
    assert solve_hat(rounded, krugman(5.0, 0.3), Shock()).residual < 1e-10


def test_every_country_needs_income() -> None:
    flow = DATA.flow.where(DATA.exporter != "C1", 0.0)
    idle = xr.Dataset({"flow": flow})
    assert any("nothing is paid to country=C1 factor=labour" in fault for fault in faults(idle))


def test_inputs_beyond_sales_are_negative_value_added() -> None:
    sales = DATA.flow.sum("importer").rename(exporter="country")
    heavy = xr.Dataset({"flow": DATA.flow, "intermediate": 0 * DATA.intermediate + 0.7 * sales})
    assert any("value_added: 6 negative entries" in fault and "Inputs exceed sales" in fault for fault in faults(heavy))


def overbought() -> xr.Dataset:
    """Producers of S1 in C1 buy one unit more of S0 than C1 spends on it."""
    flow = DATA.flow * xr.where((DATA.exporter == "C1") & (DATA.sector == "S1"), 9.0, 1.0)
    uses = xr.zeros_like(DATA.intermediate)
    uses.loc[{"country": "C1", "input": "S0", "sector": "S1"}] = float(flow.sel(importer="C1", sector="S0").sum()) + 1.0
    return xr.Dataset({"flow": flow, "intermediate": uses})


def test_negative_final_demand_is_refused_with_the_cell_and_the_cure() -> None:
    with pytest.raises(DataError, match=r"file.nc.*negative in 1 of 6 cells, largest -1 at sector=S0 country=C1.*negative_final_demand"):
        calibrate(make_economy(overbought(), "file.nc"))


def test_negative_final_demand_can_be_zeroed_with_income_and_transfers_as_in_the_data() -> None:
    economy = make_economy(overbought())
    data = calibrate(economy, negative_final_demand="zero")
    assert data.negative_final_demand == 1
    assert float(data.data.final_share.sel(sector="S0", country="C1")) == 0
    assert_allclose(data.data.final_share.sum("sector"), 1)
    spent = economy.data.flow.sum(["exporter", "sector"]).rename(importer="country") - economy.data.intermediate.sum(["input", "sector"])
    assert_allclose(data.data.income, spent)
    solution = solve_hat(data, krugman(5.0, 0.3), Shock(), unstable="follow")
    assert_array_equal(solution.data.real_income, 1)  # changes are measured from the equilibrium that follows
    assert float(abs(solution.data.flow_benchmark - data.data.flow).max()) > 0.1


# --- labels ------------------------------------------------------------------------------------------------------------------------------


def test_a_label_that_stands_on_one_side_only() -> None:
    """An importer renamed: both the foreign and the missing label are named."""
    found = faults(DATA.assign_coords(importer=["C0", "C1", "CX"]))
    assert any("importer" in fault and "CX does not stand in" in fault for fault in found)
    assert any("importer" in fault and "lacks C2" in fault for fault in found)


def test_a_country_in_one_variable_and_not_in_another() -> None:
    found = faults(DATA.isel(country=slice(0, 2)))
    assert any("country of intermediate: lacks C2, which stands in `exporter` of flow" in fault for fault in found)


def test_a_sector_in_one_variable_and_not_in_another() -> None:
    found = faults(DATA.assign_coords(input=["S0", "S9"]))
    assert any("input of intermediate" in fault and "S9" in fault for fault in found)
    assert any("input of intermediate" in fault and "lacks S1" in fault for fault in found)


@pytest.mark.parametrize("dim", ["exporter", "importer", "country", "sector", "input", "factor"])
def test_a_repeated_label(dim: str) -> None:
    labels = DATA[dim].values.copy()
    labels[1] = labels[0]
    assert any(f"{dim}: label {labels[0]} appears more than once" in fault for fault in faults(DATA.assign_coords({dim: labels})))


def test_a_dim_without_labels() -> None:
    assert any("sector: has no labels" in fault for fault in faults(DATA.drop_vars("sector")))


def test_an_empty_label() -> None:
    assert any("factor: an empty label" in fault for fault in faults(DATA.assign_coords(factor=["F0", " "])))


def test_wrong_dims_name_those_that_are_there_and_those_that_must_be() -> None:
    found = faults(DATA.assign(flow=DATA.flow.rename(importer="destination")))
    assert any("flow: dims are (exporter, destination, sector); they must be (exporter, importer, sector)" in fault for fault in found)


def test_flow_is_required_and_the_message_says_what_was_found() -> None:
    (fault,) = faults(DATA.drop_vars("flow"))
    assert "no variable `flow`" in fault
    assert "tariff" in fault


def test_all_faults_of_values_come_at_once() -> None:
    broken = with_cell("flow", np.nan, **CELL)
    tariff = DATA.tariff.copy()
    tariff.loc[OWN], tariff.loc[CELL] = 0.2, -0.5
    found = "\n".join(faults(broken.assign(tariff=tariff, intermediate=-DATA.intermediate)))
    for words in ("flow: 1 entry not a finite", "tariff: 1 negative", "own-country sales", "intermediate: 12 negative"):
        assert words in found


def test_words_in_one_variable_hide_nothing_of_another() -> None:
    flow, tariff = DATA.flow.astype(object), DATA.tariff.copy()
    flow.loc[CELL], tariff.loc[CELL] = "n.a.", -0.5
    found = faults(DATA.assign(flow=flow, tariff=tariff, intermediate=DATA.intermediate.astype(object)))
    assert len(found) == 2
    assert all(
        words in fault
        for words, fault in zip(("flow: 'n.a.' at exporter=C0", "tariff: 1 negative entry, largest -0.5"), found, strict=True)
    )


def test_all_faults_of_labels_come_at_once() -> None:
    found = "\n".join(faults(DATA.assign_coords(importer=["C0", "C1", "CX"], factor=["F0", "F0"], input=["S0", "T"])))
    for words in ("CX", "label F0 appears more than once", "input of intermediate"):
        assert words in found


# --- what is accepted --------------------------------------------------------------------------------------------------------------------


def test_order_of_labels_is_that_of_exporters_everywhere() -> None:
    """Dims and labels of the file in any order; importers, countries and inputs are put in the order of exporters and sectors."""
    economy, mixed = make_economy(DATA), shuffled(make_economy(DATA), 53)
    assert list(mixed.data.importer.values) == list(mixed.data.exporter.values) == mixed.countries != economy.countries
    assert list(mixed.data.input.values) == mixed.sectors
    for name in ("flow", "tariff", "intermediate", "value_added"):
        assert_array_equal(mixed.data[name].reindex_like(economy.data[name]), economy.data[name])


def test_flow_alone_is_an_economy() -> None:
    """Without the rest: no tariff, no inputs, one factor `labour` that earns all sales."""
    economy = make_economy(xr.Dataset({"flow": DATA.flow}))
    assert economy.factors == ["labour"]
    assert_array_equal(economy.data.tariff, 0)
    assert_array_equal(economy.data.intermediate, 0)
    assert_allclose(economy.data.value_added.sum("factor"), DATA.flow.sum("importer").rename(exporter="country"))


def test_absent_value_added_is_sales_less_inputs() -> None:
    economy = make_economy(DATA.drop_vars(["value_added", "factor"]))
    assert_allclose(economy.data.value_added.sum("factor"), DATA.value_added.sum("factor"), rtol=1e-9)


def test_leaving_inputs_out_gives_all_sales_to_factors_and_all_spending_to_final_demand() -> None:
    data = calibrate(make_economy(DATA), intermediates=False).data
    assert_array_equal(data.input_share, 0)
    assert_allclose(data.factor_share.sum("factor"), 1)
    assert_allclose(data.income, data.spending.sum("sector"))
    assert_allclose(data.factor_income.sum("factor"), data.sales.sum("sector"))


def test_identities_of_a_benchmark() -> None:
    """Shares sum to one, transfers to zero, income is factor income, tariff revenue and transfer."""
    data = drawn(51, F=2, inputs=0.4, zeros=0.4).data
    exists = data.spending.values > 0
    assert_allclose(data.trade_share.sum("exporter").values, exists, rtol=1e-12)
    assert_allclose((data.factor_share.sum("factor") + data.input_share.sum("input")).values, data.sales.values > 0, rtol=1e-12)
    assert_allclose(data.final_share.sum("sector"), 1)
    assert abs(float(data.transfer.sum())) < 1e-9
    revenue = (data.flow * data.tariff).sum(["sector", "exporter"]).rename(importer="country")
    assert_allclose(data.income, data.factor_income.sum("factor") + revenue + data.transfer)


def test_cells_that_do_not_exist_are_allowed() -> None:
    """Zero flows, no own sales, a sector without output, a market without spending."""
    data = drawn(52, J=5, zeros=0.6).data
    own = np.diagonal(data.flow.values, axis1=1, axis2=2)
    assert ((own == 0) & (data.spending.values > 0)).any()
    assert (data.sales.values == 0).any()
    assert (data.spending.values == 0).any()


# --- files -------------------------------------------------------------------------------------------------------------------------------


def test_a_file_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "world.nc"
    DATA.assign_attrs(title="World", year="2022").to_netcdf(path)
    economy = open_economy(path)
    assert economy.origin == str(path)
    assert economy.data.attrs["title"] == "World"
    for name in ("flow", "tariff", "intermediate", "value_added"):
        assert_array_equal(economy.data[name].transpose(*DATA[name].dims), DATA[name])


def empty(path: Path) -> None:
    """A file of no bytes."""
    path.touch()


def text(path: Path) -> None:
    """A table someone renamed."""
    path.write_text("exporter,importer,sector,flow\nC0,C1,S0,1\n")


def truncated(path: Path) -> None:
    """A download that broke off."""
    DATA.to_netcdf(path)
    path.write_bytes(path.read_bytes()[:2000])


@pytest.mark.parametrize(
    ("write", "words"), [(empty, "is empty"), (text, "cannot be read as netCDF"), (truncated, "cannot be read as netCDF")]
)
def test_a_file_that_is_no_economy(tmp_path: Path, write: Callable[[Path], None], words: str) -> None:
    path = tmp_path / "world.nc"
    write(path)
    with pytest.raises(DataError, match=words) as caught:
        open_economy(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_suggests_its_neighbour(tmp_path: Path) -> None:
    DATA.to_netcdf(tmp_path / "world.nc")
    with pytest.raises(DataError, match=r"no file .*wrld.nc.* Did you mean world.nc"):
        open_economy(tmp_path / "wrld.nc")


def test_an_economy_that_comes_with_the_package_is_found_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert open_economy("mini").countries == open_economy(bundled.find("data", "mini")).countries
    with pytest.raises(DataError, match="Did you mean icio2022"):
        open_economy("icio2020")


def test_words_among_the_numbers_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "world.nc"
    words = DATA.flow.astype(str).astype(object)
    words.loc[CELL] = "n.a."
    DATA.assign(flow=words).to_netcdf(path)
    with pytest.raises(DataError, match=r"flow: 'n\.a\.' at exporter=\w+ importer=\w+ sector=\w+ is not a number \(1 entry\)"):
        open_economy(path)


def test_integers_are_numbers() -> None:
    whole = make_economy(dataset(np.full((2, 2, 1), 3)))
    assert whole.data.flow.dtype == np.float64


# --- no sales at home, single precision --------------------------------------------------------------------------------------------------


def without_home_sales(count: int) -> xr.Dataset:
    """An economy without inputs of which the first countries sell nothing at home."""
    data = drawn(61, J=2).data[["flow"]].copy(deep=True)
    for country in data["flow"]["exporter"].values[:count]:
        data["flow"].loc[{"exporter": country, "importer": country}] = 0.0
    return xr.Dataset({"flow": data["flow"]})


def test_countries_that_sell_nothing_at_home_are_named() -> None:
    with pytest.raises(DataError) as error:
        make_economy(without_home_sales(2))
    (found,) = error.value.faults
    assert "no sales at home in C0, C1. " in found
    assert "own sales = gross output − exports" in found
    with pytest.raises(DataError, match="no country has any: these are trade statistics"):
        make_economy(without_home_sales(4))
    make_economy(without_home_sales(0))


def bought_by_producers_alone() -> xr.Dataset:
    """An economy without tariffs in which no final user buys the first good, so that spending on it is what producers pay."""
    data = random_economy(np.random.default_rng(63), 4, 4, inputs=0.4, tariffs=False).data
    flow, inputs = data["flow"].copy(deep=True), data["intermediate"].copy(deep=True)
    inputs[..., 0] *= 0.1  # little is made of it
    flow[..., 0] *= (inputs[:, 0].sum("sector") / flow[..., 0].sum("exporter").rename(importer="country")).values
    value_added = flow.sum("importer").rename(exporter="country") - inputs.sum("input")
    assert float(value_added.min()) > 0
    return data.assign(flow=flow, intermediate=inputs, value_added=value_added.expand_dims(factor=["F0"], axis=2))


def test_an_economy_in_single_precision_is_closed_again() -> None:
    exact = bought_by_producers_alone()
    economy, known = make_economy(exact.astype("float32")), make_economy(exact)
    assert "rounding" not in known.data.attrs
    assert "Stored in single precision" in economy.data.attrs["rounding"]
    data = economy.data
    cost = data["intermediate"].sum("input") + data["value_added"].sum("factor")
    assert_allclose(cost, data["flow"].sum("importer"), rtol=1e-14)
    for name in ("flow", "intermediate", "value_added"):
        assert_allclose(data[name], known.data[name], rtol=1e-5)
    assert_allclose(calibrate(economy).data["final_share"], calibrate(known).data["final_share"], atol=1e-7)  # no final demand is negative
    rates = {name: calibrate(each).data["tariff"] + 0.1 * (1 - np.eye(4))[:, :, None] for name, each in (("a", economy), ("b", known))}
    hats = [solve_hat(calibrate(each), krugman(4.0), Shock(tariff=rates["a"])).data["income"] for each in (economy, known)]
    assert_allclose(hats[0], hats[1], rtol=1e-5)


def test_single_precision_excuses_no_more_than_its_rounding() -> None:
    data = DATA.astype("float32")
    data["value_added"][0, 0, 0] *= 1.001
    assert any("differs from intermediates plus value added" in fault for fault in faults(data))
    data = DATA.copy(deep=True)
    data["value_added"][0, 0, 0] *= 1 + 1e-7
    assert any("differs from intermediates plus value added" in fault for fault in faults(data))
