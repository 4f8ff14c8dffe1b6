"""Distributions of productivity: closed forms against quadrature, limits, cutoffs outside the support, bad parameters."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy import stats

from cge.errors import DataError
from cge.firms import Productivity, from_scipy, log_normal, pareto, truncated_pareto
from cge.firms.productivity import J, mean_productivity, sales_hazard, tail_moment

Array = NDArray[np.float64]

SIGMA = 4.0
CUTOFFS = np.array([0.0, 1e-3, 0.5, 1.0, 1.3, 2.0, 4.0, 8.0, 1e3])

PAIRS = [
    (pareto(4.25), stats.pareto(4.25)),
    (pareto(3.2, 1.5), stats.pareto(3.2, scale=1.5)),
    (truncated_pareto(4.25, 5.0), stats.truncpareto(4.25, 5.0)),
    (truncated_pareto(2.0, 3.0, 0.5), stats.truncpareto(2.0, 6.0, scale=0.5)),
    (truncated_pareto(3.0, 7.0), stats.truncpareto(3.0, 7.0)),  # k = σ − 1, where the antiderivative is a logarithm
    (log_normal(0.4), stats.lognorm(0.4)),
    (log_normal(0.05, 0.1), stats.lognorm(0.05, scale=np.exp(0.1))),
    (log_normal(2.0, -0.3), stats.lognorm(2.0, scale=np.exp(-0.3))),
]
IDS = [closed.name for closed, _ in PAIRS]


@pytest.mark.parametrize(("closed", "frozen"), PAIRS, ids=IDS)
@pytest.mark.parametrize("sigma", [1.5, 4.0])
def test_closed_forms_are_the_integrals(closed: Productivity, frozen: stats.rv_continuous, sigma: float) -> None:
    numerical = from_scipy(frozen)
    inside = CUTOFFS[closed.upper > CUTOFFS]
    assert_allclose(tail_moment(closed, sigma, CUTOFFS), tail_moment(numerical, sigma, CUTOFFS), rtol=1e-12)
    # J is a difference, which loses digits far out in a thin tail
    assert_allclose(J(closed, sigma, CUTOFFS), J(numerical, sigma, CUTOFFS), rtol=1e-9)
    seen = inside[closed.survival(inside) > 0]
    assert_allclose(mean_productivity(closed, sigma, seen), mean_productivity(numerical, sigma, seen), rtol=1e-11)
    assert_allclose(sales_hazard(closed, sigma, seen), sales_hazard(numerical, sigma, seen), rtol=1e-11)
    assert_allclose(closed.survival(CUTOFFS), frozen.sf(CUTOFFS), rtol=1e-12)
    assert_allclose(closed.density(inside), frozen.pdf(inside), rtol=1e-12)


@pytest.mark.parametrize("closed", [closed for closed, _ in PAIRS], ids=IDS)
def test_the_density_is_the_slope_of_the_survival_function(closed: Productivity) -> None:
    phi, step = np.array([1.1, 1.4, 2.5]), 1e-5
    slope = (closed.survival(phi - step) - closed.survival(phi + step)) / (2 * step)
    assert_allclose(closed.density(phi), slope, rtol=1e-5, atol=1e-12)


OTHERS = [
    stats.weibull_min(2.0), stats.gamma(0.5), stats.invweibull(4.0), stats.burr12(3.0, 2.0), stats.uniform(1.0, 2.0), stats.expon(),
    stats.dpareto_lognorm(u=0, s=0.4, a=4.0, b=2.0), stats.genpareto(0.2), stats.beta(2.0, 3.0),
]  # fmt: skip


@pytest.mark.parametrize("frozen", OTHERS, ids=[frozen.dist.name for frozen in OTHERS])
def test_any_continuous_distribution(frozen: stats.rv_continuous) -> None:
    """The total moment is that of `scipy`; J falls from infinity to zero, and its slope is (1−σ)/φ*·∫_φ* (φ/φ*)^(σ−1) dG."""
    numerical = from_scipy(frozen)
    assert_allclose(tail_moment(numerical, SIGMA, 0.0), frozen.moment(3), rtol=1e-9)
    values = J(numerical, SIGMA, CUTOFFS)
    assert values[0] == np.inf
    assert (np.diff(values) <= 0).all()
    assert J(numerical, SIGMA, np.inf) == 0
    phi, step = float(frozen.median()), 1e-4
    slope = (np.log(J(numerical, SIGMA, phi * np.exp(step))) - np.log(J(numerical, SIGMA, phi * np.exp(-step)))) / (2 * step)
    expected = (1 - SIGMA) * tail_moment(numerical, SIGMA, phi) / phi**3 / J(numerical, SIGMA, phi)
    assert_allclose(slope, expected, rtol=1e-6)


def test_a_histogram_of_firms() -> None:
    """Estimated productivities may be given as they are."""
    sample = stats.lognorm(0.4).rvs(500, random_state=3)
    heights, edges = np.histogram(sample, bins=12, density=True)
    firms = from_scipy(stats.rv_histogram((heights, edges), density=True), "a histogram")
    moment = (heights * np.diff(edges**4) / 4).sum()
    assert_allclose(tail_moment(firms, SIGMA, 0.0), moment, rtol=1e-8)
    top = edges[-2]
    assert_allclose(tail_moment(firms, SIGMA, top), heights[-1] * (edges[-1] ** 4 - top**4) / 4, rtol=1e-8)


# --- the chapter's formulas ----------------------------------------------------------------------------------------------------------------


def test_pareto_has_the_closed_forms_of_the_chapter() -> None:
    """J is a power function (footnote 26); what survives is Pareto again, so that φ̃ is proportional to the cutoff."""
    k, lower, phi = 4.25, 1.2, np.array([1.2, 1.7, 3.0, 50.0])
    g = pareto(k, lower)
    assert_allclose(J(g, SIGMA, phi), (SIGMA - 1) / (k - SIGMA + 1) * (lower / phi) ** k, rtol=1e-13)
    assert_allclose(g.survival(phi), (lower / phi) ** k, rtol=1e-13)
    assert_allclose(mean_productivity(g, SIGMA, phi), phi * (k / (k - SIGMA + 1)) ** (1 / (SIGMA - 1)), rtol=1e-13)
    assert_allclose(sales_hazard(g, SIGMA, phi), k - SIGMA + 1, rtol=1e-13)


@pytest.mark.parametrize("g", [pareto(4.25, 1.2), truncated_pareto(4.25, 5.0), from_scipy(stats.pareto(4.25, scale=1.2))])
def test_everyone_produces_below_the_support(g: Productivity) -> None:
    low = g.lower * np.array([0.9, 0.3])
    total = tail_moment(g, SIGMA, 0.0)
    assert_allclose(J(g, SIGMA, low), total / low**3 - 1, rtol=1e-12)
    assert_allclose(mean_productivity(g, SIGMA, low), total ** (1 / 3), rtol=1e-12)
    assert (sales_hazard(g, SIGMA, low) == 0).all()


def test_nobody_produces_above_the_support() -> None:
    for g in (truncated_pareto(4.25, 5.0), from_scipy(stats.truncpareto(4.25, 5.0))):
        above = np.array([5.0, 6.0, np.inf])
        assert (J(g, SIGMA, above) == 0).all()
        assert (tail_moment(g, SIGMA, above) == 0).all()
        assert np.isnan(mean_productivity(g, SIGMA, above)).all()


def test_truncation_matters_less_and_less() -> None:
    """Moments of a truncated Pareto approach those of the Pareto like H^−(k−σ+1)."""
    k = 4.25
    gaps = [1 - tail_moment(truncated_pareto(k, H), SIGMA, 1.5) / tail_moment(pareto(k), SIGMA, 1.5) for H in (1e3, 1e4, 1e5)]
    assert_allclose(np.log10(np.divide(gaps[1:], gaps[:-1])), -(k - SIGMA + 1), rtol=1e-3)


def test_shapes() -> None:
    grid = np.linspace(1.0, 3.0, 6).reshape(2, 3)
    for g in (pareto(4.25), truncated_pareto(4.25, 5.0), log_normal(0.4), from_scipy(stats.lognorm(0.4))):
        for function in (J, tail_moment, mean_productivity, sales_hazard):
            assert function(g, SIGMA, grid).shape == (2, 3)
            assert_allclose(function(g, SIGMA, grid)[1, 2], function(g, SIGMA, 3.0), rtol=1e-13)


# --- bad input -----------------------------------------------------------------------------------------------------------------------------


def test_all_faults_of_a_distribution_at_once() -> None:
    with pytest.raises(DataError, match="must be positive and finite") as raised:
        pareto(-1.0, float("nan"))
    assert len(raised.value.faults) == 2
    with pytest.raises(DataError, match="does not exceed"):
        truncated_pareto(4.0, 1.0, 2.0)
    with pytest.raises(DataError, match="s = 0"):
        log_normal(0.0)
    with pytest.raises(DataError, match="mu = inf"):
        log_normal(0.4, np.inf)


@pytest.mark.parametrize("heavy", [pareto(3.0), pareto(2.5), from_scipy(stats.invweibull(2.9)), from_scipy(stats.pareto(3.0 - 1e-6))])
def test_infinite_average_sales_are_said_in_words(heavy: Productivity) -> None:
    with pytest.raises(DataError, match="average sales are infinite") as raised:
        J(heavy, SIGMA, [-1.0, 2.0])
    assert len(raised.value.faults) == 2  # the negative cutoff too
    assert np.isfinite(J(heavy, 2.0, 2.0))


def test_average_sales_beyond_floating_point() -> None:
    with pytest.raises(DataError, match="exceed floating point"):
        J(log_normal(3.0), 16.0, 1.0)


@pytest.mark.parametrize("sigma", [1.0, 0.5, np.inf, np.nan])
def test_sigma_exceeds_one(sigma: float) -> None:
    with pytest.raises(DataError, match="must exceed 1"):
        tail_moment(log_normal(0.4), sigma, 1.0)


def test_distributions_that_are_not_of_productivity() -> None:
    with pytest.raises(DataError, match="frozen continuous"):
        from_scipy(stats.poisson(3.0))
    with pytest.raises(DataError, match="frozen continuous"):
        from_scipy("lognorm")
    with pytest.raises(DataError, match="productivity is positive"):
        from_scipy(stats.norm(5.0, 1.0))


def test_an_integral_that_cannot_be_trusted_is_an_error() -> None:
    with pytest.raises(DataError, match="resists quadrature"):
        tail_moment(from_scipy(stats.beta(0.5, 0.1)), SIGMA, 0.5)  # infinite density at the top


def test_many_cutoffs_at_once_are_each_alone() -> None:
    """Also beyond both ends and out of order; and across the jumps of a histogram, whose moments are known."""
    cutoffs = np.random.default_rng(0).permutation(np.concatenate([np.linspace(0.0, 3.0, 25), [np.inf, 50.0, 0.0]])).reshape(7, 4)
    firms = from_scipy(stats.weibull_min(2.5))
    alone = [[float(tail_moment(firms, SIGMA, one)) for one in row] for row in cutoffs]
    assert_allclose(tail_moment(firms, SIGMA, cutoffs), alone, rtol=1e-11, atol=1e-300)
    heights, edges = np.histogram(stats.lognorm(0.4).rvs(500, random_state=3), bins=12, density=True)
    firms = from_scipy(stats.rv_histogram((heights, edges), density=True), "a histogram")
    known = [(heights * np.diff(np.clip(edges, min(one, 1e3), None) ** 4) / 4).sum() for one in cutoffs.ravel()]
    assert_allclose(tail_moment(firms, SIGMA, cutoffs).ravel(), known, rtol=1e-8)
