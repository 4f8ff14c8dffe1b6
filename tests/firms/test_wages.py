"""Wages across workers (chapter, section 10): worked cases, workers weighed firm by firm, the peak in openness, and figures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy import integrate
from validation import Validate
from worked import SOURCE, cases, meet

from cge.errors import DataError
from cge.firms import (
    SearchIndustry,
    WageDistribution,
    inequality_along,
    inequality_figure,
    inequality_path,
    inequality_peaks,
    pareto,
    search_equilibrium,
    wage_distribution,
    wages_figure,
)

Array = NDArray[np.float64]

CASES = cases("wages")
GIVEN = (4.0, 1.2, 0.7, 1.7**0.4, 1.7**0.6)
NAMES = {"zeta_g": "tail", "var_log": "variance_log"}
MEASURES = ("theil", "gini", "variance_log", "cv_squared")
OTHERS = ((5.0, 0.0, 1.3, 1.0, 1.4), (3.2, 0.5, 1.5, 2.5, 1.0), (6.0, 2.0, 1.9, 1.2, 3.0))
"""Further shapes, exponents and premia: without an employment premium, without a wage premium, with a squared CV just finite."""


def case(name: str) -> tuple[str, dict[str, list[float]]]:
    return next((title, table) for title, table in CASES.items() if title.startswith(name))


def rows(found: WageDistribution) -> dict[str, Array]:
    """Everything that a worked case may ask of a distribution; E ln w from quantiles by Gauss and Legendre's rule in the tail's own units."""
    named = {name: getattr(found, name)() for name in (*MEASURES, "mean", "share_domestic")}
    named |= {name: getattr(found, name) for name in ("tail", "top_domestic_wage", "lowest_exporter_wage")}
    home = float(found.share_domestic())
    if not 0 < found.cutoff_ratio < 1:
        return named
    u, weight = np.polynomial.legendre.leggauss(60)
    below = (u + 1) / 2 * home
    logs = weight @ np.log(found.quantile(below)) / 2 * home
    return named | {"mean_log": logs + (1 - home) * (np.log(found.lowest_exporter_wage) + 1 / found.tail)}


# --- worked cases ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rho", [0.5, 0.8])
def test_worked_class(rho: float, validate: Validate) -> None:
    title, table = case("C1")
    title = f"{title.rpartition('=')[0]}={rho:g}"
    meet(validate, title, CASES[title], rows(wage_distribution(*GIVEN, rho)), **NAMES)
    assert table.keys() == CASES[title].keys()


@pytest.mark.parametrize("rho", [0.5, 0.8])
def test_the_printed_denominator_is_wrong(rho: float, validate: Validate) -> None:
    """Cut off at w_x, where nobody works below the jump, G_w,d does not reach one at the highest domestic wage, and G_w would jump there."""
    title = f"C2 printed G_wd at the top domestic wage, rho={rho:g}"
    found = wage_distribution(*GIVEN, rho)
    top, low, share = found.top_domestic_wage, found.lowest_exporter_wage, found.share_domestic()
    printed = (1 - top**-found.tail) / (1 - low**-found.tail)
    here = {"share_domestic": share, "corrected": found.cdf(top), "printed": share * printed, "printed_G_wd": printed}
    meet(validate, title, CASES[title], here)
    assert_allclose(found.cdf([top, (top + low) / 2, low]), share, rtol=1e-14)
    without = replace(found, wage_premium=1.0)  # the printed formula is right where exporting raises no wage
    assert_allclose(1 - without.lowest_exporter_wage**-without.tail, 1 - top**-found.tail, rtol=1e-14)


def test_worked_limits(validate: Validate) -> None:
    """None exports, or all do: Pareto of shape ζ_g, whatever the premia."""
    title, table = case("C3 no")
    for rho in (0.0, 1.0):
        found = wage_distribution(*GIVEN, rho)
        meet(validate, title, table, rows(found), **NAMES)
    title, table = case("C3b")
    k, zl, zw = GIVEN[:3]
    meet(validate, title, table, {"right": found.tail, "firms_instead_of_workers": k / zw, "wage_bill_weights": (k - zl - zw) / zw})


def test_worked_peaks(validate: Validate) -> None:
    """Heights to ten digits; where they are, the cases found by search, to half the digits. That ours are peaks is tested on their own."""
    title, table = case("C4")
    found = inequality_peaks(*GIVEN)
    published = {(row, f"number {i + 1}"): value for row, values in table.items() for i, value in enumerate(values)}
    here = {cell: float(found.loc[NAMES.get(cell[0].split()[0], cell[0].split()[0])].iloc[int(cell[1][-1]) - 1]) for cell in published}
    validate(SOURCE, title, published, here, {cell: 3e-8 if cell[1] == "number 1" else 1e-10 for cell in published})


# --- firm by firm ----------------------------------------------------------------------------------------------------------------------------


def firms(given: tuple[float, ...], rho: float, count: int) -> tuple[Array, Array]:
    """Wages and employment of equally many firms in each slice of a Pareto distribution of productivity, the middle of each."""
    k, zl, zw, employment, wage = given
    phi = ((np.arange(count) + 0.5) / count) ** (-1 / k)
    exports = phi * rho >= 1
    return np.where(exports, wage, 1.0) * phi**zw, np.where(exports, employment, 1.0) * phi**zl


@pytest.mark.parametrize("rho", [0.0, 0.35, 0.7, 1.0])
@pytest.mark.parametrize("given", [GIVEN, OTHERS[0]])
def test_simulated_workers(given: tuple[float, ...], rho: float) -> None:
    found = wage_distribution(*given, rho)
    wage, mass = firms(given, rho, 400_000)
    order = np.argsort(wage)
    wage, mass = wage[order], mass[order] / mass.sum()
    mean = mass @ wage
    share, paid = np.cumsum(mass), np.cumsum(mass * wage) / mean
    assert_allclose(found.mean(), mean, rtol=2e-3)
    assert_allclose(found.theil(), mass @ (wage / mean * np.log(wage / mean)), rtol=2e-2)
    assert_allclose(found.variance_log(), mass @ np.log(wage) ** 2 - (mass @ np.log(wage)) ** 2, rtol=5e-3)
    assert_allclose(found.gini(), 1 - mass @ (2 * paid - mass * wage / mean), rtol=5e-3)
    if rho < 1:
        assert_allclose(found.share_domestic(), mass[wage <= found.top_domestic_wage].sum() if rho else 1.0, rtol=1e-3)
    for u in (0.1, 0.4, 0.6, 0.9, 0.99):
        assert_allclose(found.lorenz(u), np.interp(u, share, paid), atol=2e-3)
        at = float(found.quantile(u))
        assert_allclose(found.cdf(at), np.interp(at, wage, share), atol=1e-3)


@pytest.mark.parametrize("rho", [0.2, 0.5, 0.95])
@pytest.mark.parametrize("given", [GIVEN, *OTHERS])
def test_moments_by_quadrature_over_firms(given: tuple[float, ...], rho: float) -> None:
    """In t = ln φ, employment-weighted; and the Gini from (1 − G_w)², G_w by sums over firms."""
    k, zl, zw, employment, wage = given
    x = -np.log(rho)

    def over(value: object, power: float) -> float:
        """∫ l(φ) w(φ)^power value(ln w) dG."""
        parts = [(0.0, x, 0.0, 1.0), (x, x + 60 / (k - zl - zw * power), np.log(wage), employment)]
        return sum(integrate.quad(lambda t, v=v, e=e: k * e * np.exp((zl - k) * t + power * (v + zw * t)) * value(v + zw * t),
                                  a, b, epsabs=0, epsrel=1e-11, limit=300)[0] for a, b, v, e in parts)  # fmt: skip

    found = wage_distribution(*given, rho)
    workers = over(lambda w: 1.0, 0.0)
    mean = over(lambda w: 1.0, 1.0) / workers
    assert_allclose(found.mean(), mean, rtol=1e-11)
    assert_allclose(found.theil(), over(lambda w: w - np.log(mean), 1.0) / workers / mean, rtol=1e-9)
    log = over(lambda w: w, 0.0) / workers
    assert_allclose(found.variance_log(), over(lambda w: (w - log) ** 2, 0.0) / workers, rtol=1e-9)
    if found.tail > 2.2:
        assert_allclose(found.cv_squared(), over(lambda w: 1.0, 2.0) / workers / mean**2 - 1, rtol=1e-9)

    def earn_more(w: float) -> float:
        """1 − G_w, from the lowest productivity at home and abroad that pays so much."""
        at_home = max(0.0, np.log(w)) / zw
        abroad = max(x, np.log(max(w / wage, 1e-300)) / zw)
        home = max(0.0, np.exp((zl - k) * at_home) - np.exp((zl - k) * x)) if at_home < x else 0.0
        return (home + employment * np.exp((zl - k) * abroad)) * k / (k - zl) / workers

    top, low = float(found.top_domestic_wage), float(found.lowest_exporter_wage)
    grid = np.unique([0.5, 1.0, (1 + top) / 2, top, (top + low) / 2, low, 3 * low])
    assert_allclose(1 - found.cdf(grid), [earn_more(w) for w in grid], rtol=1e-10, atol=1e-15)
    squares = 1 + sum(integrate.quad(lambda w: earn_more(w) ** 2, a, b, epsabs=0, epsrel=1e-12, limit=300)[0]
                      for a, b in ((1.0, top), (top, low)) if b > a)  # fmt: skip
    squares += integrate.quad(
        lambda t: earn_more(low * np.exp(t)) ** 2 * low * np.exp(t), 0, 60 / (2 * found.tail - 1), epsabs=0, epsrel=1e-12
    )[0]
    assert_allclose(found.gini(), 1 - squares / mean, rtol=1e-9)


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.8, 1.0])
def test_quantiles_invert_and_lorenz_integrates(rho: float) -> None:
    """Twice the area between the Lorenz curve and the diagonal is the Gini."""
    found = wage_distribution(*GIVEN, rho)
    u = np.linspace(0, 0.999, 200)
    assert_allclose(found.cdf(found.quantile(u)), u, atol=1e-13)
    assert found.quantile(1.0) == np.inf
    assert found.cdf(np.inf) == 1
    assert found.cdf(0.9) == 0
    assert found.quantile(0.0) == (1.0 if rho < 1 else GIVEN[4])
    home = float(found.share_domestic())
    area = sum(integrate.quad(lambda s: float(found.lorenz(s)), a, b, epsrel=1e-12, limit=200)[0] for a, b in ((0.0, home), (home, 1.0)))
    assert_allclose(1 - 2 * area, found.gini(), rtol=1e-9)
    assert_allclose(found.lorenz([0.0, 1.0]), [0, 1], atol=1e-14)


# --- the chapter's sentences, and their conditions -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [GIVEN, *OTHERS])
def test_trade_raises_inequality_where_some_firms_export(given: tuple[float, ...]) -> None:
    """By every measure and by Lorenz curves; where all export it is what it was. Not where exporting changes neither wage nor employment."""
    shut, *half, full = (wage_distribution(*given, rho) for rho in (0.0, 0.05, 0.5, 0.95, 1.0))
    u = np.linspace(0.01, 0.999, 300)
    for found in half:
        for name in MEASURES:
            assert getattr(found, name)() > getattr(shut, name)() or getattr(shut, name)() == np.inf
        assert (found.lorenz(u) < shut.lorenz(u)).all()
    assert_allclose(full.lorenz(u), shut.lorenz(u), rtol=1e-12)
    for name in MEASURES:
        assert_allclose(getattr(full, name)(), getattr(shut, name)(), rtol=1e-9)
    flat = wage_distribution(*given[:3], 1.0, 1.0, 0.5)
    assert_allclose(flat.lorenz(u), shut.lorenz(u), rtol=1e-12)
    assert_allclose(flat.theil(), shut.theil(), rtol=1e-12)


@pytest.mark.parametrize("given", [GIVEN, *OTHERS])
def test_one_peak_in_openness(given: tuple[float, ...]) -> None:
    rho = np.linspace(0, 1, 4001)
    table, peaks = inequality_path(*given, rho), inequality_peaks(*given)
    assert table.index.name == "rho"
    for name in MEASURES:
        values = table[name].to_numpy()
        if not np.isfinite(values).all():
            assert np.isnan(peaks.loc[name, "rho"])
            continue
        rising = np.diff(values) > 0
        first_fall = int(np.argmin(rising))
        assert rising[:first_fall].all()
        assert not rising[first_fall:].any()
        at, value, over = peaks.loc[name]
        assert abs(at - rho[first_fall]) < 1 / 2000
        assert value >= values.max()
        assert_allclose(over, value / values[0], rtol=1e-13)
        sides = inequality_path(*given, [at - 1e-4, at + 1e-4])[name]  # level on both sides to the second order: a slope of zero
        assert abs(sides.iloc[1] - sides.iloc[0]) < 1e-3 * (value - sides.mean())
    assert_allclose(table["share_domestic"].iloc[[0, -1]], [1, 0], atol=1e-15)


def test_moments_are_finite_or_said_not_to_be() -> None:
    """The squared CV needs ζ_g > 2; the mean, and with it Theil and Gini, ζ_g > 1; employment k > ζ_l."""
    assert wage_distribution(3.21, 1.2, 1.0, 1.2, 1.2, 0.5).cv_squared() < np.inf
    edge = wage_distribution(3.2, 1.2, 1.0, 1.2, 1.2, 0.5)
    assert edge.cv_squared() == np.inf
    assert np.isfinite([edge.theil(), edge.gini(), edge.variance_log()]).all()
    wage_distribution(2.21, 1.2, 1.0, 1.2, 1.2, 0.5)
    with pytest.raises(DataError, match="the mean wage is infinite"):
        wage_distribution(2.2, 1.2, 1.0, 1.2, 1.2, 0.5)
    with pytest.raises(DataError, match="employment is infinite"):
        wage_distribution(1.2, 1.2, 1.0, 1.2, 1.2, 0.5)


def test_nearly_one_wage_keeps_its_digits() -> None:
    """ζ_w → 0 without a premium of wages: all measures vanish, like 1/a² and 1/(2a)."""
    a = 1e7
    found = wage_distribution(4.0, 1.0, 3.0 / a, 1.5, 1.0, 0.0)
    assert_allclose([found.variance_log() * a**2, found.cv_squared() * a**2, found.theil() * 2 * a**2, found.gini() * 2 * a], 1, rtol=1e-6)


def test_two_wages() -> None:
    """ζ_w → 0 with a premium: workers earn one of two wages, S of them the lower; moments, Gini and Lorenz curve by hand."""
    k, zl, employment, V, rho = 4.0, 1.0, 1.5, 1.4, 0.6
    found = wage_distribution(k, zl, 1e-9, employment, V, rho)
    q = rho ** (k - zl)
    S = (1 - q) / (1 - q + q * employment)
    mean = S + (1 - S) * V
    assert_allclose([found.share_domestic(), found.mean()], [S, mean], rtol=1e-8)
    assert_allclose(found.variance_log(), S * (1 - S) * np.log(V) ** 2, rtol=1e-7)
    assert_allclose(found.cv_squared(), S * (1 - S) * (V - 1) ** 2 / mean**2, rtol=1e-7)
    assert_allclose(found.theil(), (1 - S) * V / mean * np.log(V) - np.log(mean), rtol=1e-7)
    assert_allclose(found.gini(), S - S / mean, rtol=1e-7)
    assert_allclose(found.lorenz([S / 2, S, (1 + S) / 2]), [S / 2 / mean, S / mean, (1 + S / mean) / 2], rtol=1e-7)
    assert_allclose(found.quantile([S / 2, (1 + S) / 2]), [1, V], rtol=1e-7)
    assert_allclose(found.cdf([0.99, 1.2, 1.41]), [0, S, 1], rtol=1e-12)


# --- input and figures -----------------------------------------------------------------------------------------------------------------------


def test_faults_come_at_once() -> None:
    with pytest.raises(DataError) as raised:
        wage_distribution(-1.0, -0.5, 0.0, 0.9, np.inf, [0.5, 1.5, np.nan])
    words = (
        "shape = -1",
        "employment_exponent = -0.5",
        "wage_exponent = 0",
        "employment_premium = 0.9",
        "wage_premium = inf",
        "cutoff_ratio = 1.5",
    )
    assert [word in fault for word, fault in zip(words, raised.value.faults, strict=True)] == [True] * len(words)
    wage_distribution(4.0, 0.0, 1.0, 1.0, 1.0, [0.0, 1.0])
    with pytest.raises(DataError, match="no peak"):
        inequality_peaks(4.0, 1.2, 0.7, 1.0, 1.0)
    for share in (-0.1, 1.1, np.nan):
        with pytest.raises(DataError, match="share of workers"):
            wage_distribution(*GIVEN, 0.5).quantile(share)
    for table, word in (
        (inequality_path(*GIVEN, [0.5]), "one row"),
        (inequality_path(*GIVEN, [0.1, 0.5])[["share_domestic"]], "no measure"),
    ):
        with pytest.raises(DataError, match=word):
            inequality_figure(table)
    with pytest.raises(DataError, match="one or two"):
        wages_figure({})


BASE = SearchIndustry(pareto(3.2), 4.0, 1.0, 0.3, 100.0, 0.4, 2.0, 0.1, 3.0, 1.2, 1.0, 0.4)


def test_figures_show_what_tables_hold() -> None:
    found = {"closed": search_equilibrium(BASE), "open": search_equilibrium(replace(BASE, countries=2, iceberg=1.2, fixed_cost=0.7))}
    ax = wages_figure(found)
    assert [line.get_label() for line in ax.lines] == ["closed", "open"]
    wage, share = (np.asarray(part, dtype=float) for part in ax.lines[1].get_data())
    w = found["open"].wages()
    assert_allclose(share, w.cdf(wage / found["open"].lowest_wage))
    flat = np.isclose(share, w.share_domestic())
    assert_allclose(wage[flat][[0, -1]] / found["open"].lowest_wage, [w.top_domestic_wage, w.lowest_exporter_wage])
    table = inequality_along(replace(BASE, countries=2, fixed_cost=0.7, iceberg=1.0), "iceberg", [2.0, 1.5, 1.2])
    ax = inequality_figure(table)
    assert [line.get_label() for line in ax.lines] == ["Theil", "Gini", "Variance of logs", "Squared CV"]
    assert_allclose(ax.lines[0].get_ydata(), table["theil"].sort_index())
    thick = inequality_figure(inequality_path(3.2, 1.2, 1.0, 1.2, 1.2, [0.0, 0.5, 1.0]))
    assert "Squared CV" not in [line.get_label() for line in thick.lines]
