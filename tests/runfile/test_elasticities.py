"""Elasticities: from a run file to exponents under every model, and the sets of published estimates."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from places import SHARED

import cge
from cge.cli.show import with_errors
from cge.data import bundled, elasticities
from cge.data.classifications import BARE, concordance, divisions, of_sectors
from cge.errors import DataError, RunFileError
from cge.model.exponents import Exponents, names, per_sector
from cge.model.variants import exponents as exponents_of
from cge.model.variants import melitz as melitz_module
from cge.questions.compare import members
from cge.questions.sweep.draws import estimates
from cge.runfile.case import Case
from cge.runfile.keys.questions import DrawKeys
from cge.runfile.load import load

SECTORS = ["goods", "services"]

Write = Callable[..., Path]


@pytest.fixture
def case_of(tmp_path: Path) -> Callable[[str, str], Case]:
    """Read a run file of a model with given elasticities on the small economy."""

    def read(model: str, given: str, keys: str = "", economy: str = "mini") -> Case:
        path = tmp_path / "case.toml"
        path.write_text(f'title = "t"\neconomy = "{economy}"\nmodel = "{model}"\n{keys}\n[elasticities]\n{given}\n', encoding="utf-8")
        return load(path)

    return read


CaseOf = Callable[..., Case]


def faults(read: Callable[[], object]) -> tuple[str, ...]:
    with pytest.raises(RunFileError) as caught:
        read()
    return caught.value.faults


def same(one: Exponents, other: Exponents, sectors: list[str] = SECTORS) -> bool:
    mine, theirs = one.on(sectors), other.on(sectors)
    return all(np.allclose(mine[name], theirs[name], rtol=1e-14, atol=1e-15) for name in names())


# numbers and tables


@pytest.mark.parametrize(
    ("model", "given", "made"),
    [
        ("armington", "trade = 5.0", cge.armington(6.0)),
        ("armington", "sigma = 4.0", cge.armington(4.0)),
        ("armington", "trade = 5.0\nsigma = 4.0", cge.armington(6.0)),
        ("armington", 'sigma = {goods = 4.0, "*" = 3.0}', cge.armington({"goods": 4.0, "services": 3.0})),
        ("eaton_kortum", "trade = 5", cge.eaton_kortum(5.0)),
        ("krugman", "trade = 5.0", cge.krugman(6.0)),
        ("krugman", "sigma = 4.0", cge.krugman(4.0)),
        ("krugman", "trade = 5.0\nsigma = 4.0", cge.krugman(6.0)),
        ("melitz", "trade = 5.0\nsigma = 4.0", cge.melitz(4.0, 5.0)),
        ("melitz", "trade = 5.0\nsize_shape = 1.25", cge.melitz(5.0, 5.0)),
        ("external_economies", "trade = 5.0\npsi = 0.1", cge.external_economies(5.0, 0.1)),
        ("external_economies", "trade = 5.0\npsi = 0.1\nsigma = 4.0", cge.external_economies(5.0, 0.1)),
        ("eaton_kortum", "trade = {goods = 5.0, services = 3.0}", cge.eaton_kortum({"goods": 5.0, "services": 3.0})),
        ("eaton_kortum", 'trade = {goods = 5.0, "*" = 3.0}', cge.eaton_kortum({"goods": 5.0, "services": 3.0})),
        ("eaton_kortum", 'trade = {"*" = 3.0}', cge.eaton_kortum(3.0)),
        ("krugman", 'trade = {goods = 5.0, "*" = 3.0}', cge.krugman({"goods": 6.0, "services": 4.0})),
        ("melitz", 'trade = {goods = 5.0, "*" = 6.0}\nsigma = 4.0', cge.melitz(4.0, {"goods": 5.0, "services": 6.0})),
        ("melitz", 'trade = 6.0\nsigma = {goods = 5.0, "*" = 3.0}', cge.melitz({"goods": 5.0, "services": 3.0}, 6.0)),
        ("melitz", 'trade = 6.0\nsize_shape = {goods = 1.5, "*" = 2.0}', cge.melitz({"goods": 5.0, "services": 4.0}, 6.0)),
        ("external_economies", 'trade = 5.0\npsi = {goods = 0.2, "*" = 0}', cge.external_economies(5.0, {"goods": 0.2, "services": 0.0})),
    ],
)
def test_exponents_of_a_run_file(case_of: CaseOf, model: str, given: str, made: Exponents) -> None:
    case = case_of(model, given)
    assert same(case.exponents, made)
    assert case.exponents.variant == model


@pytest.mark.parametrize("scale", [0.25, 0.5, 1.0])
def test_scale_under_melitz_keeps_trade_and_sigma(case_of: CaseOf, scale: float) -> None:
    """MODEL section 4: market = 1/(σ−1) − scale/trade, cost = tariff = trade (1 + market), fixed = trade · market."""
    e = case_of("melitz", "trade = 6.0\nsigma = 4.0", f"scale = {scale}").exponents.on(SECTORS)
    market = 1 / 3 - scale / 6
    expected = {"trade": 6.0, "scale": scale, "market": market, "cost": 6 * (1 + market), "tariff": 6 * (1 + market), "fixed": 6 * market}
    for name, value in expected.items():
        assert np.allclose(e[name], value, rtol=1e-14), name


@pytest.mark.parametrize("scale", [0.25, 0.5, 1.0])
def test_scale_under_melitz_keeps_trade_and_size_shape(case_of: CaseOf, scale: float) -> None:
    """The Contract: size_shape = k/(σ−1); MODEL section 4: k = trade/scale in the firm margins."""
    made = case_of("melitz", 'trade = {goods = 6.0, "*" = 4.5}\nsize_shape = 1.5', f"scale = {scale}").exponents
    sigma, k = (per_sector(made.parameters[name], SECTORS, name) for name in ("sigma", "k"))
    e = made.on(SECTORS)
    assert np.allclose(k / (sigma - 1), 1.5, rtol=1e-14)
    assert np.allclose(k, e["trade"] / scale, rtol=1e-14)
    assert np.allclose(e["trade"], [6.0, 4.5], rtol=1e-14)
    assert np.all(e["scale"] == scale)
    assert np.allclose(e["market"], 1 / (sigma - 1) - scale / e["trade"], rtol=1e-14)


@pytest.mark.parametrize("model", ["armington", "eaton_kortum", "krugman", "external_economies"])
def test_scale_changes_nothing_else_in_other_models(case_of: CaseOf, model: str) -> None:
    plain = case_of(model, "trade = 5.0\npsi = 0.1").exponents.on(SECTORS)
    scaled = case_of(model, "trade = 5.0\npsi = 0.1", "scale = 0.25").exponents.on(SECTORS)
    assert np.all(scaled["scale"] == 0.25)
    assert all(np.array_equal(plain[name], scaled[name]) for name in names() if name != "scale")


def test_scale_stands_for_psi(case_of: CaseOf) -> None:
    case = case_of("external_economies", "trade = 5.0", "scale = 0.5")
    assert same(case.exponents, cge.external_economies(5.0, 0.1))
    assert case_of("external_economies", "trade = 5.0\npsi = 0.1", "scale = 0.5").unused == (
        "elasticities.psi is not used by external_economies.",
    )


@pytest.mark.parametrize(
    ("model", "given", "unused"),
    [
        ("armington", "trade = 5.0\nsigma = 4.0\npsi = 0.1", ["sigma", "psi"]),
        ("krugman", "trade = 5.0\nsigma = 4.0", ["sigma"]),
        ("krugman", "sigma = 4.0", []),
        ("krugman", "trade = 5.0\nsize_shape = 1.5", ["size_shape"]),
        ("melitz", "trade = 5.0\nsigma = 4.0\npsi = 0.1", ["psi"]),
        ("external_economies", "trade = 5.0\npsi = 0.1\nsize_shape = 1.5", ["size_shape"]),
        ("eaton_kortum", "trade = 5.0\nsigma = {goods = 3.0}", ["sigma"]),  # need not cover every sector
        ("krugman", "trade = 5.0\nsigma = {goods = 0.5}", ["sigma"]),
    ],
)
def test_unused_parameters(case_of: CaseOf, model: str, given: str, unused: list[str]) -> None:
    assert case_of(model, given).unused == tuple(f"elasticities.{name} is not used by {model}." for name in unused)


@pytest.mark.parametrize(
    ("model", "given", "words"),
    [
        ("armington", "psi = 0.1", ("armington needs trade", "or sigma")),
        ("armington", "sigma = 1.0", ("sigma = 1", "exceed 1")),
        ("eaton_kortum", "sigma = 4.0", ("eaton_kortum needs trade",)),
        ("krugman", "psi = 0.1", ("krugman needs trade", "or sigma")),
        ("melitz", "trade = 5.0", ("melitz needs sigma", "size_shape")),
        ("melitz", "sigma = 4.0", ("melitz needs trade",)),
        ("external_economies", "trade = 5.0", ("needs psi",)),
        ("melitz", "trade = 5.0\nsigma = 4.0\nsize_shape = 1.5", ("sigma and size_shape",)),
        ("melitz", "trade = 2.0\nsigma = 4.0", ("k > sigma − 1",)),
        ("melitz", "trade = 5.0\nsize_shape = 1.0", ("size_shape = 1", "exceed 1")),
        ("melitz", "trade = 5.0\nsigma = 1.0", ("sigma = 1", "exceed 1")),
        ("armington", "trade = -1.0", ("trade = -1", "positive")),
        ("krugman", "trade = 0.0", ("trade = 0", "positive")),
        ("external_economies", "trade = 5.0\npsi = 0.3", ("trade·psi", "[0, 1]")),
        ("external_economies", "trade = 5.0\npsi = -0.1", ("psi",)),
        ("eaton_kortum", "trade = {goods = 5.0}", ("elasticities.trade", "no value for services", '"*"')),
        ("eaton_kortum", 'trade = {god = 5.0, "*" = 3.0}', ("no sector god", "Did you mean goods?")),
        ("eaton_kortum", 'trade = 5.0\nsigma = {god = 5.0, "*" = 3.0}', ("elasticities.sigma", "no sector god")),
        ("eaton_kortum", "trade = {}", ("elasticities.trade", "empty")),
        ("eaton_kortum", 'trade = "5"', ("elasticities.trade", "is not a number")),
        ("eaton_kortum", "trade = {goods = true, services = 3}", ("true at sector=goods",)),
        ("eaton_kortum", "trade = nan", ("elasticities.trade",)),
        ("eaton_kortum", 'trade = 5.0\nset = "caliendo_parro_2015"', ("trade and set",)),
        ("eaton_kortum", 'set = "caliendo_paro_2015"', ("no set", "Did you mean caliendo_parro_2015?")),
        ("eaton_kortum", "trade = 5.0\nsgma = 4.0", ("unknown key `sgma`", "Did you mean sigma?")),
        ("eaton_kortum", 'trade = {goods = -1.0, "*" = 3.0}', ("trade = -1 at sector=goods",)),
    ],
)
def test_faults(case_of: CaseOf, model: str, given: str, words: tuple[str, ...]) -> None:
    found = "\n".join(faults(lambda: case_of(model, given)))
    assert all(word in found for word in words), found


def test_scale_of_zero_is_not_melitz(case_of: CaseOf) -> None:
    assert "eaton_kortum" in faults(lambda: case_of("melitz", "trade = 5.0\nsigma = 4.0", "scale = 0.0"))[0]
    assert same(case_of("krugman", "trade = 5.0", "scale = 0.0").exponents, cge.armington(6.0))


def test_faults_of_several_parameters_come_together(case_of: CaseOf) -> None:
    found = faults(lambda: case_of("melitz", 'trade = {goods = -1.0, "*" = 5.0}\nsigma = {goods = 0.5, "*" = 4.0}'))
    assert len(found) == 2


def test_sector_without_sales_or_spending_needs_no_value(case_of: CaseOf, tmp_path: Path) -> None:
    data = xr.load_dataset(bundled.find("data", "mini"))
    empty = {dim: [*data[dim].values.tolist(), "nothing"] for dim in ("sector", "input")}
    data.reindex(empty, fill_value=0.0).to_netcdf(tmp_path / "three.nc")
    case = case_of(
        "melitz", "trade = {goods = 5.0, services = 3.5}\nsigma = {goods = 4.0, services = 3.0}", "intermediates = false", "three.nc"
    )
    sectors = case.economy.sectors
    assert sectors == ["goods", "services", "nothing"]
    assert same(
        case.exponents,
        cge.melitz({"goods": 4.0, "services": 3.0, "nothing": 4.0}, {"goods": 5.0, "services": 3.5, "nothing": 5.0}),
        sectors,
    )


# sets

SETS = elasticities.set_names()


@pytest.mark.parametrize("name", SETS)
def test_sets_are_well_formed(name: str) -> None:
    published = elasticities.read_set(name).reset_index()
    assert list(published.columns) == list(elasticities.COLUMNS)
    assert published["sector"].is_unique
    assert published["classification"].nunique() == 1
    assert (published["trade"] > 0).all()
    assert not (published["standard_error"] <= 0).any()
    assert (published["source"].str.len() > 20).all()


@pytest.mark.parametrize("path", sorted(bundled.folder("calibration").glob("concordances/*.csv")), ids=lambda path: path.stem)
def test_concordances_lead_to_sectors_of_their_classification(path: Path) -> None:
    rows = pd.read_csv(path, dtype=str)
    assert not rows.duplicated().any()
    assert rows.groupby("code")["classification"].nunique().max() == 1
    users = [elasticities.read_set(name) for name in SETS]
    users = [published for published in users if published["classification"].iloc[0] == path.stem]
    assert users
    for published in users:
        assert set(rows["sector"]) <= set(published.index)


@pytest.mark.parametrize("name", SETS)
def test_every_set_covers_the_bundled_world(name: str) -> None:
    sectors = cge.open_economy(bundled.find("data", "icio2022")).sectors
    matched = elasticities.match(name, sectors)
    assert list(matched.index) == sectors
    assert not matched["trade"].isna().any()


def test_estimates_of_table_1() -> None:
    """Caliendo and Parro (2015), Table 1, 99 % sample."""
    matched = elasticities.match("caliendo_parro_2015", ["A01", "C19", "C29", "C26", "K", "Textile"])
    assert matched.loc[["A01", "C19", "C29", "Textile"], "trade"].tolist() == [9.11, 64.85, 1.84, 8.10]
    assert matched.loc[["A01", "C19", "C29", "Textile"], "standard_error"].tolist() == [2.01, 15.61, 0.92, 1.28]
    assert matched.loc["C26", "trade"] == pytest.approx((12.95 + 3.95 + 8.71) / 3)  # office, communication, medical
    assert matched.loc["C26", "standard_error"] == pytest.approx(np.sqrt(4.53**2 + 1.77**2 + 1.56**2) / 3)
    assert matched.loc["C26", "matched"] == "Office + Communication + Medical"
    assert matched.loc["K", "trade"] == 5.0
    assert np.isnan(matched.loc["K", "standard_error"])
    assert matched.loc["K", "source"].startswith("not an estimate")


def test_codes_match_exactly() -> None:
    matched = elasticities.match("costinot_rodriguez_clare_2014", ["c4+c5", "C4", "c04", "goods"])
    assert matched.loc["c4+c5", "trade"] == 5.56
    assert matched.loc[["C4", "c04", "goods"], "trade"].isna().all()
    assert (matched.loc[["C4", "c04", "goods"], "matched"] == "").all()


def test_a_set_in_a_run_file(case_of: CaseOf) -> None:
    case = case_of("eaton_kortum", 'set = "caliendo_parro_2015"', economy="icio2022")
    expected = elasticities.match("caliendo_parro_2015", case.economy.sectors)["trade"]
    assert np.array_equal(case.exponents.on(case.economy.sectors)["trade"], expected)
    assert "27 of 50 sectors: Caliendo and Parro (2015)" in case.elasticity_source
    assert "23 of 50 sectors: not an estimate" in case.elasticity_source
    assert {"caliendo_parro_2015", "concordance caliendo_parro_2015"} < set(case.inputs)
    assert case.parameters["trade"] == expected.to_dict()


def test_a_set_with_size_shape_under_melitz(case_of: CaseOf) -> None:
    case = case_of("melitz", 'set = "caliendo_parro_2015"\nsize_shape = 1.5', "intermediates = false", "icio2022")
    e = case.exponents.on(case.economy.sectors)
    assert np.allclose(e["fixed"], 0.5)  # k/(σ−1) − 1


def test_a_set_that_lacks_sectors(case_of: CaseOf) -> None:
    found = faults(lambda: case_of("eaton_kortum", 'set = "caliendo_parro_2015"'))
    assert len(found) == 1
    assert found[0].startswith(
        "elasticities.set: no value for goods, where there are sales or spending; caliendo_parro_2015 has no estimate"
    )
    assert "Write trade = a table by sector" in found[0]
    assert '"*"' not in found[0]  # trade and set exclude each other, so there is no place for it


def test_table_of_all_sets() -> None:
    table = elasticities.table()
    assert list(table.index) == cge.open_economy(bundled.find("data", "icio2022")).sectors
    assert list(table.columns) == [column for name in SETS for column in (name, f"{name}_se")]
    assert not table[SETS].isna().any().any()
    assert elasticities.table(["c1"]).loc["c1", "costinot_rodriguez_clare_2014"] == 8.11


def test_errors_stand_in_brackets_on_the_screen() -> None:
    records = [{"sector": "A01", "x": 9.11, "x_se": 2.01, "y": 4.0, "y_se": np.nan}]
    assert with_errors(records) == [{"sector": "A01", "x": "9.11 (2.01)", "y": 4.0}]


def test_unknown_set() -> None:
    with pytest.raises(DataError, match="Did you mean caliendo_parro_2015"):
        elasticities.match("caliendo_parro", ["A01"])


def test_a_set_of_ones_own(case_of: CaseOf, tmp_path: Path) -> None:
    """A csv file beside the run file is a set: matched by label or by classification, its source named, its bytes recorded."""
    (tmp_path / "mine.csv").write_text("sector,trade,standard_error\ngoods,6.2,1.4\nservices,3.1,\n", encoding="utf-8")
    case = case_of("eaton_kortum", 'set = "mine.csv"')
    assert same(case.exponents, cge.eaton_kortum({"goods": 6.2, "services": 3.1}))
    assert case.elasticity_source == "set mine.csv (2 of 2 sectors: mine.csv)"
    assert case.inputs["mine.csv"] == sha256((tmp_path / "mine.csv").read_bytes()).hexdigest()
    errors = estimates(case, DrawKeys(n=2))[1]
    assert errors.tolist() == [1.4, 0.0]
    (tmp_path / "packed.csv.gz").write_bytes(gzip.compress((tmp_path / "mine.csv").read_bytes()))
    assert same(case_of("eaton_kortum", 'set = "packed.csv.gz"').exponents, case.exponents)
    (tmp_path / "coded.csv").write_text("sector,trade,classification,source\nC29,7,icio,Me\n", encoding="utf-8")
    matched = elasticities.match(tmp_path / "coded.csv", ["c15", "C29", "goods"])
    assert matched["trade"].dropna().to_dict() == {"c15": 7.0, "C29": 7.0}


def test_faults_of_a_set_of_ones_own_come_together(case_of: CaseOf, tmp_path: Path) -> None:
    rows = ["sector,trade,standard_error,classification", "goods,6.2,1,icio", "goods,-1,0,gtap", ",x,,icio", "services,inf,,icio"]
    (tmp_path / "mine.csv").write_text("\n".join(rows), encoding="utf-8")
    found = faults(lambda: case_of("eaton_kortum", 'set = "mine.csv"'))
    for words in (
        "line 4: no sector",
        "goods stands in several",
        "line 3, sector goods: trade '-1'",
        "standard_error '0'",
        "trade 'x'",
        "trade 'inf'",
    ):
        assert any(words in fault for fault in found), (words, found)
    assert any("icio, gtap" in fault for fault in found)
    assert all(fault.startswith("elasticities.set: ") for fault in found)
    (missing,) = faults(lambda: case_of("eaton_kortum", 'set = "mina.csv"'))
    assert "Did you mean mine.csv?" in missing
    (tmp_path / "mine.csv").write_text("sector,trade,standard_eror\ngoods,5,1\nservices,5,1\n", encoding="utf-8")
    assert "Did you mean standard_error?" in faults(lambda: case_of("eaton_kortum", 'set = "mine.csv"'))[0]
    (tmp_path / "mine.csv").write_text("sector,theta\ngoods,5\n", encoding="utf-8")
    assert "no column trade" in faults(lambda: case_of("eaton_kortum", 'set = "mine.csv"'))[0]


def test_ranges_are_checked_before_the_models() -> None:
    with pytest.raises(DataError) as caught:
        exponents_of("melitz", {"trade": -1.0, "size_shape": 0.5}, None)
    assert len(caught.value.faults) == 2


# means weighted by output


def test_means_are_weighted_by_output_where_it_is_known() -> None:
    """WIOD's c12 is metals (C24A 7.39, C24B 7.39) and metal products (C25 4.22); weights are world output in icio2022, trillion dollars."""
    output = cge.open_economy(bundled.find("data", "icio2022")).data["flow"].sum(["exporter", "importer"]).to_series() / 1e6
    codes = ["C24A", "C24B", "C25"]
    assert elasticities.match("fontagne_guimbard_orefice_2022", ["c12"]).loc["c12", "trade"] == pytest.approx(
        float((output[codes] * [7.39, 7.39, 4.22]).sum() / output[codes].sum()), rel=1e-3
    )
    given = {"C24A": 1.0, "C24B": 0.0, "C25": 3.0}
    found = elasticities.match("fontagne_guimbard_orefice_2022", ["c12", "C25"], given)
    assert found["trade"].tolist() == pytest.approx([(7.39 + 3 * 4.22) / 4, 4.22])


def test_weights_reach_standard_errors_and_must_cover_means() -> None:
    weights = {"Office": 2.0, "Communication": 1.0, "Medical": 1.0}
    found = elasticities.match("caliendo_parro_2015", ["C26", "C27"], weights).loc["C26"]
    assert found["trade"] == pytest.approx((2 * 12.95 + 3.95 + 8.71) / 4)
    assert found["standard_error"] == pytest.approx(np.sqrt((2 * 4.53) ** 2 + 1.77**2 + 1.56**2) / 4)
    assert elasticities.match("caliendo_parro_2015", ["C26"], dict.fromkeys(weights, 0.0)).loc["C26", "trade"] == pytest.approx(
        (12.95 + 3.95 + 8.71) / 3
    )
    with pytest.raises(DataError, match="no weight for Communication, Medical of caliendo_parro_2015"):
        elasticities.match("caliendo_parro_2015", ["C26", "A01"], {"Office": 1.0})


def test_weights_of_the_concordance_are_world_output() -> None:
    output = cge.open_economy(bundled.find("data", "icio2022")).data["flow"].sum(["exporter", "importer"]).to_series() / 1e6
    rows = pd.read_csv(bundled.find("calibration", "concordances/icio"), dtype={"code": str})
    several = rows[rows["code"].duplicated(keep=False)]
    assert np.allclose(several["weight"], output[several["sector"]], atol=5.1e-4)
    assert rows.loc[~rows["code"].duplicated(keep=False), "weight"].isna().all()


# classifications

CLASSIFIED = {name: codes for name, codes in divisions().items() if name not in BARE}


def test_classifications_cover_isic_once() -> None:
    every = divisions()
    whole = frozenset().union(*every["isic4"].values())
    for name, codes in every.items():
        assert frozenset().union(*codes.values()) >= whole - {"99"} or name.endswith("_other"), name
        assert all(codes.values()), name
    for name in ("icio", "icio2018", "icio2021", "wiod2016", "isic4", "figaro", "figaro_cpa"):
        # no division stands twice; the OECD tables leave out 99, extraterritorial bodies
        assert sum(map(len, every[name].values())) == len(whole) - name.startswith("icio"), name
    older = {"icio2016": 34, "icio2018": 36, "icio2021": 45, "icio": 50, "wiod2016": 56, "gtap": 65, "gtap9": 57}
    sizes = {**older, "exiobase3_ixi": 163, "exiobase3_pxp": 200, "eora26": 26, "gloria": 120}
    assert {name: len(every[name]) for name in sizes} == sizes


def test_a_code_means_the_same_wherever_it_stands() -> None:
    seen: dict[str, frozenset[str]] = {}
    for name, codes in CLASSIFIED.items():
        for code, own in codes.items() if name not in ("eora26", "gtap9") else ():  # words that others use as well, and codes that changed
            assert seen.setdefault(code, own) == own, code


def test_labels_of_the_tables_are_classified() -> None:
    assert set(cge.open_economy(bundled.find("data", "icio2022")).sectors) == set(CLASSIFIED["icio"])
    assert {f"c{i}" for i in range(1, 36)} == set(CLASSIFIED["wiod2013"])


def test_concordances_between_classifications() -> None:
    found = concordance("wiod2013", "icio")
    assert found.loc[found["from"] == "c9", "to"].tolist() == ["C20", "C21"]
    back = concordance("icio", "wiod2013")
    assert set(zip(found["from"], found["to"], strict=True)) == set(zip(back["to"], back["from"], strict=True))
    assert concordance("icio_other", "icio").groupby("from")["to"].agg(list)["B05_06"] == ["B05", "B06"]
    wheat = concordance("exiobase3_ixi", "icio").set_index("from").loc["i01.b"]
    assert [wheat["to"], wheat["how"]] == ["A01", "exact"]
    assert concordance("isic3", "isic4").set_index("from").loc["34", "to"] == "29"
    assert concordance("gtap", "wiod2016").set_index("from").loc["mvh", "to"] == "C29"
    with pytest.raises(DataError, match="Did you mean gtap"):
        concordance("gtp", "icio")


@pytest.mark.parametrize("classification", [name for name in CLASSIFIED if not name.startswith("caliendo")])
@pytest.mark.parametrize("name", SETS)
def test_every_set_covers_every_classification(name: str, classification: str) -> None:
    matched = elasticities.match(name, list(CLASSIFIED[classification]))
    assert not matched["trade"].isna().any()


def test_names_of_tables_are_known_as_their_codes_are() -> None:
    """EXIOBASE has names as labels, of industries or products, Eora and GLORIA have nothing else; spelling may differ in signs."""
    found = of_sectors(["Manufacture of beverages", "i15.k", "Cultivation of vegetables, fruit, nuts", "Nothing of it"])
    assert found == {
        "Manufacture of beverages": {"11"},
        "i15.k": {"10"},
        "Cultivation of vegetables, fruit, nuts": {"01"},
    }
    assert of_sectors(["Growing cereals n.e.c", "Basic lead/zinc/silver"]) == {
        "Growing cereals n.e.c": {"01"},
        "Basic lead/zinc/silver": {"242"},
    }
    assert of_sectors(["C16"]) == {"C16": {"16"}}  # and no c16
    assert of_sectors(["16", "24"]) == {}  # of some revision of ISIC
    assert of_sectors(["16", "01T02"]) == {"16": {"16"}, "01T02": {"01", "02"}}


def test_a_word_that_several_tables_use_is_that_of_the_table() -> None:
    eora, published = list(CLASSIFIED["eora26"]), list(CLASSIFIED["caliendo_parro_2015"])
    assert of_sectors(eora)["Agriculture"] == {"01", "02"}
    assert of_sectors(published)["Agriculture"] == {"01", "02", "03"}
    assert "85" in of_sectors(list(CLASSIFIED["gtap9"]))["osg"]  # education, which is a sector of its own from version 10 on
    assert "85" not in of_sectors(list(CLASSIFIED["gtap"]))["osg"]


def test_a_word_among_other_labels_is_not_that_of_a_table() -> None:
    assert of_sectors(["Transport", "farm", "cars"]) == {}
    assert of_sectors(["Transport", "Fishing", "cars"]) == {"Transport": {"49", "50", "51", "52", "79"}, "Fishing": {"03"}}


def test_names_of_pymrio_are_those_of_exiobase() -> None:
    """The list that comes with pymrio, which names every industry and product of EXIOBASE 3."""
    models = Path(pytest.importorskip("pymrio").__file__).parent / "mrio_models"
    for kind, size in (("ixi", 163), ("pxp", 200)):
        table = pd.read_csv(models / f"exio3_{kind}" / "sectors.tsv", sep="\t", dtype=str)
        by_name, by_code = of_sectors(table["ExioName"]), of_sectors(table["ExioCode"])
        assert len(by_name) == len(by_code) == size
        assert list(by_name.values()) == list(by_code.values())


def test_the_concordance_of_a_set_comes_before_shared_divisions() -> None:
    matched = elasticities.match("caliendo_parro_2015", ["E", "mvh", "C31_C32", "34"])
    assert matched["matched"].tolist() == ["services", "Auto", "Other", ""]  # bare numbers of ISIC are not guessed
    assert matched["way"].tolist() == ["concordance", "divisions", "divisions", ""]
    assert elasticities.match("caliendo_parro_2015", ["Auto"])["way"].tolist() == ["own"]
    said = elasticities.origin("caliendo_parro_2015", matched)
    assert said.endswith("; by divisions of ISIC, as means where these are several: mvh, C31_C32)")


# σ and k


def test_sigma_and_k_by_one_rule() -> None:
    """k = 4.25 and σ = 4 of Melitz and Redding (2015) give 1.4167, which the rule rounds to 1.42."""
    assert melitz_module.sigma_from_k(4.25) == pytest.approx(4, abs=0.01)
    assert melitz_module.k_from_sigma(4.0) == pytest.approx(4.25, abs=0.02)
    assert melitz_module.k_from_sigma(melitz_module.sigma_from_k(5.0)) == pytest.approx(5.0)
    assert members.SIZE_SHAPE is melitz_module.SIZE_SHAPE


def test_melitz_with_a_set_alone_names_the_rule(case_of: CaseOf) -> None:
    found = faults(lambda: case_of("melitz", 'set = "shapiro_2016"', "intermediates = false", "icio2022"))
    assert "1.42 is that of Melitz and Redding (2015)" in found[0]
    assert case_of("melitz", 'set = "shapiro_2016"\nsize_shape = 1.42', "intermediates = false", "icio2022").model == "melitz"


# against the tables the numbers were taken from


def shared(name: str) -> list[dict[str, str]]:
    if not (SHARED / "data" / name).is_file():
        pytest.skip(f"{SHARED / 'data' / name} is not here")
    with (SHARED / "data" / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_same_numbers_as_the_shared_table_1() -> None:
    published = elasticities.read_set("caliendo_parro_2015")
    for row in shared("cp2015_elasticities.csv"):
        if row["traded"] == "1":
            assert (published.loc[row["sector"], "trade"], published.loc[row["sector"], "standard_error"]) == (
                float(row["theta_99"]),
                float(row["se_99"]),
            )


def test_same_numbers_as_the_full_sample_and_the_programs() -> None:
    full, programs = (elasticities.read_set(f"caliendo_parro_2015_{name}") for name in ("full", "counterfactuals"))
    for row in shared("cp2015_elasticities.csv"):
        if row["traded"] == "1":
            assert full.loc[row["sector"], ["trade", "standard_error"]].tolist() == [float(row["theta_full"]), float(row["se_full"])]
            assert programs.loc[row["sector"], "trade"] == float(row["trade"])
        else:
            assert programs.loc["services", "trade"] == float(row["trade"])
    assert set(programs.index[programs["trade"] == 8.22]) == {"Auto", "OtherTransport", "services"}


@pytest.mark.parametrize(
    ("name", "column"),
    [("bagwell_staiger_yurukoglu_2021", "BSY"), ("giri_yi_yilmazkuday_2021", "GYY"), ("shapiro_2016", "Shap"), ("oecd_2011_2022", "IS")],
)
def test_same_numbers_as_distributed(name: str, column: str) -> None:
    rows, published = shared("icio2022_elasticities.csv"), elasticities.read_set(name)
    assert published["trade"].tolist() == [float(row[column]) for row in rows]
    assert published.index.tolist() == [row["sector"] for row in rows]
    assert (published["source"].str.startswith("not an estimate") == (published["trade"] == 4)).all()


def test_same_numbers_as_costinot_and_rodriguez_clare() -> None:
    rows = shared("crc2008_elasticities.csv")
    matched = elasticities.match("costinot_rodriguez_clare_2014", [row["sector"] for row in rows])
    assert matched["trade"].tolist() == [float(row["trade"]) for row in rows]


def test_same_numbers_as_fontagne_guimbard_and_orefice() -> None:
    rows = shared("icio2022_elasticities.csv")
    matched = elasticities.match("fontagne_guimbard_orefice_2022", [row["sector"] for row in rows])
    assert matched["trade"].tolist() == [float(row["FGO"]) for row in rows]


@pytest.mark.parametrize("economy", ["cp2015", "crc2008", "wiod2011", "tradewar2017", "icio2022_81x28"])
@pytest.mark.parametrize("name", SETS)
def test_sets_cover_the_shared_economies(economy: str, name: str) -> None:
    path = SHARED / "data" / f"{economy}_economy.nc"
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    sectors = [str(sector) for sector in xr.load_dataset(path)["sector"].values]
    if economy == "cp2015" and not name.startswith("caliendo_parro_2015"):
        pytest.skip("the sectors of Caliendo and Parro are covered by their own set only")
    assert not elasticities.match(name, sectors)["trade"].isna().any()
