"""Derivatives by rates at given weight lead to a country's best tariffs and export taxes: the point where weight and revenue pull alike."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from worlds import Array, abroad, drawn

from cge import Benchmark, Exponents, Solution, change, eaton_kortum, restricted_entry, solve_hat
from cge.model.by_parameter import by_export_tax, by_pair
from cge.model.shock import RATES
from cge.results.differentiable import log_real_income
from cge.results.gradient import gradient
from cge.solve.adjoint import adjoint

HOME = "C0"


def own_flows(b: Benchmark, name: str) -> Array:
    """What HOME can lay its rates on [sector, exporter, importer]."""
    home = np.array(b.countries) == HOME
    side = home[None, :, None] if name == "export_tax" else home[None, None, :]
    return np.asarray(side & ~np.eye(len(home), dtype=bool)[None] & (b.arrays["flow"] > 0))


def better(found: Solution, name: str, trade: Array) -> Array:
    """1 + rate at which a rate stops paying while sensitivities are as they are, (1 + 1/e) G (1 + rate)/(W + G) [sector, exporter, importer].

    G is the derivative of ln real income by ln(1 + rate) at given weight and W that by ln of the weight, which falls by e times the former.
    """
    e = found.counterfactual
    output = log_real_income(found, [[HOME]]).new
    point = adjoint(e.system, e.unknowns)
    x, seeds = point.solve(output).column(0), output.column(0)
    weight, by_tariff = by_pair(point.lin, x, seeds)
    by_rate = by_tariff if name == "tariff" else by_export_tax(point.lin, x, seeds)
    both = weight + by_rate
    return np.asarray(
        (1 + 1 / trade[:, None, None]) * by_rate * (1 + found.shock.rates(found.benchmark, name)) / np.where(both == 0, 1.0, both)
    )


def best(b: Benchmark, exponents: Exponents, name: str) -> Solution:
    """HOME's best rates of a kind, one for every flow, others' as they are."""
    mine, rate = own_flows(b, name), np.broadcast_to(b.rates(name), b.arrays["flow"].shape).copy()
    trade = exponents.on(b.sectors)["trade"]
    for _ in range(200):
        shock: Any = change(b, **{name: abroad(b, rate, 0.0)}, transfers="zero", subsidies=True)
        found = solve_hat(b, exponents, shock)
        new = np.where(mine, better(found, name, trade) - 1, rate)
        if np.abs(new - rate).max() < 1e-9:
            return found
        rate = new
    raise AssertionError("no best rates were found")


@pytest.mark.parametrize("name", RATES)
@pytest.mark.parametrize(("profits", "inputs"), [(False, 0.0), (True, 0.3)], ids=["plain", "profits and inputs"])
def test_at_best_rates_no_rate_pays(name: str, profits: bool, inputs: float) -> None:
    b = drawn(21, 3, 2, inputs=inputs, export_taxes=True)
    found = best(b, restricted_entry(4.0, {"S0": 0.2, "S1": 0.0}) if profits else eaton_kortum(4.0), name)
    slope = gradient(found, [HOME], by=[name])[name].transpose("country", "sector", "exporter", "importer").values[0]
    assert np.abs(slope[own_flows(b, name)]).max() < 1e-7
    assert found.shock.rates(b, name)[own_flows(b, name)].max() > 0.05


def test_the_best_export_tax_gains_what_the_best_tariff_does() -> None:
    """Two countries and one good, no rates in the data: Lerner's symmetry of the optimum."""
    b = drawn(22, 2, 1, tariffs=False)
    tariff, export_tax = (best(b, eaton_kortum(4.0), name) for name in RATES)
    assert_allclose(tariff.log_real_income, export_tax.log_real_income, rtol=1e-8)
    assert tariff.log_real_income[0] > 1e-4
    assert_allclose(tariff.shock.rates(b)[0, 1, 0], export_tax.shock.rates(b, "export_tax")[0, 0, 1], rtol=1e-6)
