"""Tables of factor shares: an economy of one factor becomes one of several, and what is wrong with a table is said by row."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from places import SHARED
from worlds import PRICES, abroad, drawn, random_economy, same, solve, variants

from cge import DataError, RunFileError, calibrate, open_economy, run, with_factors
from cge.data.bundled import find
from cge.data.factors.shares import read_shares
from cge.runfile.load import load

PLAIN = random_economy(np.random.default_rng(7), 3, 3, inputs=0.3)
WIOD = SHARED / "data" / "wiod2011_economy.nc"


def table(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["country", "sector", "factor", "share"])


HALF = table(("*", "*", "skilled", 0.4), ("*", "*", "unskilled", 0.6))


def test_value_added_is_split_cell_by_cell() -> None:
    """Rows in turn: everything, then a sector, then one country's sector."""
    shares = table(
        *HALF.itertuples(index=False),
        ("*", "S1", "skilled", 0.7), ("*", "S1", "unskilled", 0.3),
        ("C2", "S[12]", "skilled", 0.1), ("C2", "S[12]", "unskilled", 0.9),
    )  # fmt: skip
    economy = with_factors(PLAIN, shares)
    old, new = PLAIN.data["value_added"].isel(factor=0, drop=True), economy.data["value_added"]
    assert economy.factors == ["skilled", "unskilled"]
    assert_allclose(new.sum("factor"), old, rtol=1e-14)
    part = new.sel(factor="skilled") / old
    wanted = {("C0", "S0"): 0.4, ("C0", "S1"): 0.7, ("C2", "S0"): 0.4, ("C2", "S1"): 0.1, ("C2", "S2"): 0.1}
    for (country, sector), share in wanted.items():
        assert float(part.sel(country=country, sector=sector)) == pytest.approx(share)


def test_groups_and_three_factors() -> None:
    shares = table(
        ("*", "*", "land", 0.2),
        ("*", "*", "labour", 0.5),
        ("*", "*", "capital", 0.3),
        ("rich", "*", "land", 0.1),
        ("rich", "*", "capital", 0.4),
    )
    economy = with_factors(PLAIN, shares, {"rich": ["C0", "C1"]})
    assert economy.factors == ["land", "labour", "capital"]
    part = economy.data["value_added"] / economy.data["value_added"].sum("factor")
    assert_allclose(part.sel(country="C1"), np.broadcast_to([0.1, 0.5, 0.4], (3, 3)), rtol=1e-12)
    assert_allclose(part.sel(country="C2"), np.broadcast_to([0.2, 0.5, 0.3], (3, 3)), rtol=1e-12)


@pytest.mark.parametrize("model", ["armington", "krugman", "melitz"])
def test_equal_shares_in_all_sectors_change_nothing(model: str) -> None:
    """Two factors that every sector uses alike are one."""
    one, two = calibrate(PLAIN), calibrate(with_factors(PLAIN, HALF))
    e = variants(one.sectors, 0.3)[model]
    first, second = (solve(b, e, iceberg=abroad(b, 0.9)).data for b in (one, two))
    same(second.drop_dims("factor"), first.drop_dims("factor"), *[p for p in PRICES if p != "factor_price"], rtol=1e-9)
    price = second["factor_price"]
    assert_allclose(price.sel(factor="skilled"), price.sel(factor="unskilled"), rtol=1e-9)
    assert_allclose(price.sel(factor="skilled"), first["factor_price"].isel(factor=0), rtol=1e-9)


def test_unequal_shares_move_relative_factor_prices() -> None:
    shares = table(*HALF.itertuples(index=False), ("*", "S0", "skilled", 0.9), ("*", "S0", "unskilled", 0.1))
    b = calibrate(with_factors(PLAIN, shares))
    price = solve(b, variants(b.sectors)["armington"], tariff=abroad(b, 0.3, 0.0)).data["factor_price"]
    assert float(abs(np.log(price.sel(factor="skilled") / price.sel(factor="unskilled"))).max()) > 1e-4


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ((("*", "*", "a", 0.5), ("*", "*", "b", 0.4)), ("add up to 0.9", "country=C0 sector=S0", "8 further")),
        ((("C9", "*", "a", 1.0),), ("row 2", "no country", "C9")),
        ((("*", "S9", "a", 1.0), ("C8", "*", "a", 1.0)), ("row 2", "S9", "row 3", "C8")),
        ((("*", "*", "a", 1.0), ("C0", "*", "b", 1.0), ("C0", "*", "a", 0.0)), ("nothing is paid to a in C0",)),
    ],
)
def test_faults_of_a_table(rows: tuple[Any, ...], words: tuple[str, ...]) -> None:
    with pytest.raises(DataError) as caught:
        with_factors(PLAIN, table(*rows))
    for word in words:
        assert word in str(caught.value)


def test_an_economy_of_two_factors_is_not_split_again() -> None:
    with pytest.raises(DataError, match="has the factors F0, F1 already"):
        with_factors(random_economy(np.random.default_rng(1), 3, 2, 2), HALF)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("country,sector,factor\n", ("no column share",)),
        ("country,sector,factor,share\n*,*,a,x\n*,*,b,-0.1\n*,*,c,1.2\n", ("row 2", "'x'", "row 3", "row 4")),
        ("country,sector,factor,share\n*,*,,1\n", ("row 2: no factor",)),
        ("", ("cannot be read as csv",)),
    ],
)
def test_faults_of_a_file(tmp_path: Path, text: str, words: tuple[str, ...]) -> None:
    (tmp_path / "shares.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_shares(tmp_path / "shares.csv")
    for word in words:
        assert word in str(caught.value)


# --- in a run file -------------------------------------------------------------------------------------------------------------------

RUN = (
    'title = "x"\neconomy = "{}"\nfactor_shares = "{}"\nmodel = "{}"\nintermediates = false\n{}[elasticities]\ntrade = 5.0\nsigma = 4.0\n{}'
)
FALL = '[[iceberg]]\nimporter = "*"\nexporter = "*"\nsector = "*"\ntimes = 0.9\n'


def written(
    folder: Path, shares: pd.DataFrame, economy: object = "icio2022", model: str = "melitz", keys: str = "", shock: str = FALL
) -> Path:
    shares.to_csv(folder / "shares.csv", index=False)
    (folder / "run.toml").write_text(RUN.format(economy, "shares.csv", model, keys, shock), encoding="utf-8")
    return folder / "run.toml"


SKILL = table(
    ("*", "*", "skilled", 0.35), ("*", "*", "unskilled", 0.65),
    ("*", "[ABF]*", "skilled", 0.2), ("*", "[ABF]*", "unskilled", 0.8),
    ("*", "[JKMPQ]*", "skilled", 0.6), ("*", "[JKMPQ]*", "unskilled", 0.4),
    ("rich", "C*", "skilled", 0.45), ("rich", "C*", "unskilled", 0.55),
)  # fmt: skip
GROUPS = '[groups]\nrich = ["USA", "DEU", "JPN"]\n'


@pytest.mark.parametrize("model", ["eaton_kortum", "melitz"])
def test_the_embedded_economy_with_synthetic_shares(tmp_path: Path, model: str) -> None:
    """Skills by kind of sector and group of countries; two factors with selection at 80 × 50."""
    tariff = '[[tariff]]\nimporter = "USA"\nexporter = "*"\nsector = "C*"\nset = 0.1\n'
    path = written(tmp_path, SKILL, model=model, shock=GROUPS + tariff)
    solution = run(path)
    assert solution.residual <= 1e-10
    assert solution.benchmark.factors == ["skilled", "unskilled"]
    payments = solution.benchmark.data["factor_income"].sel(country="USA")
    assert float(payments.sel(factor="skilled") / payments.sum()) < 0.45  # what is protected uses more skills than the rest
    price = np.log(solution.data["factor_price"].sel(country="USA"))
    assert float(price.sel(factor="skilled")) > float(price.sel(factor="unskilled")) + 1e-4
    assert "shares.csv" in load(path).inputs


@pytest.mark.parametrize("model", ["armington", "krugman", "melitz"])
def test_wiod_with_a_skilled_and_unskilled_table(tmp_path: Path, model: str) -> None:
    """Published style: a row for every country, sector and factor."""
    if not WIOD.is_file():
        pytest.skip(f"needs {WIOD.name} beside the checkout (../shared/data)")
    economy = open_economy(WIOD)
    rng = np.random.default_rng(0)
    skilled = rng.uniform(0.15, 0.6, (len(economy.countries), len(economy.sectors)))
    rows = [
        (c, s, f, value)
        for n, c in enumerate(economy.countries)
        for k, s in enumerate(economy.sectors)
        for f, value in (("skilled", round(skilled[n, k], 6)), ("unskilled", round(1 - skilled[n, k], 6)))
    ]
    solution = run(written(tmp_path, table(*rows), WIOD, model))
    assert solution.residual <= 1e-10
    assert solution.benchmark.factors == ["skilled", "unskilled"]


def test_faults_are_those_of_the_run_file(tmp_path: Path) -> None:
    path = written(tmp_path, table(("*", "*", "a", 0.5), ("*", "*", "b", 0.6)), "mini")
    with pytest.raises(RunFileError, match=r"factor_shares: shares\.csv: .* has the factors labour, capital already"):
        load(path)
    (tmp_path / "shares.csv").unlink()
    with pytest.raises(RunFileError, match="factor_shares: no file"):
        load(path)


def test_a_technology_has_its_own(tmp_path: Path) -> None:
    text = RUN.format("", "shares.csv", "melitz", "", "").replace(
        'economy = ""', f'technology = "{find("runs", "two-countries").parent / "technology" / "two-countries.toml"}"'
    )
    (tmp_path / "run.toml").write_text(text, encoding="utf-8")
    with pytest.raises(RunFileError, match="factor_shares: splits an economy"):
        load(tmp_path / "run.toml")


def test_drawn_worlds_are_not_changed_by_the_split() -> None:
    before = drawn(90).data.copy(deep=True)
    with_factors(random_economy(np.random.default_rng(90)), HALF)
    assert before.equals(drawn(90).data)
