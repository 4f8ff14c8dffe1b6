"""Reallocation between firms in countries alike (chapter, sections 5.5, 5.6), and figures 1.1 to 1.3."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from numpy.testing import assert_allclose

from cge.errors import DataError
from cge.firms import Industry, equilibrium, firm, log_normal, opening_figure, pareto, profit_figure, reallocation

OPEN = {
    "Pareto": Industry(pareto(4.25), 4.0, 1.0, 0.5, 100.0, 3, 1.6, 1.2),
    "log-normal": Industry(log_normal(0.4), 4.0, 1.0, 0.5, 100.0, 3, 1.6, 1.2),
}
EACH = pytest.mark.parametrize("industry", OPEN.values(), ids=OPEN)


@EACH
def test_opening(industry: Industry) -> None:
    """The least productive exit, domestic firms shrink, exporters grow, and labour moves to higher productivity."""
    table = reallocation(replace(industry, countries=1), industry)
    assert list(table.index) == ["exit", "domestic", "new exporter"]
    assert table.loc["exit", "sales_after"] == table.loc["exit", "firms_after"] == 0
    assert table.loc["domestic", "firm_sales_pct"] < 0 < table.loc["new exporter", "firm_sales_pct"]
    for what in ("sales", "labour"):
        share = [table[f"{what}_{when}"] / table[f"{what}_{when}"].sum() for when in ("before", "after")]
        assert share[1]["new exporter"] > share[0]["new exporter"]
        assert share[1]["domestic"] < share[0]["domestic"]


@EACH
@pytest.mark.parametrize("change", [{"countries": 6}, {"iceberg": 1.4}], ids=["more countries", "lower τ"])
def test_more_trade_moves_sales_to_exporters(industry: Industry, change: dict[str, Any]) -> None:
    table = reallocation(industry, replace(industry, **change))
    assert table.index[0] == "exit"
    assert table.loc["domestic", "firm_sales_pct"] < 0 < table.loc["exporter", "firm_sales_pct"]


@EACH
def test_a_lower_fixed_cost_helps_new_exporters_alone(industry: Industry) -> None:
    """Every firm that exported before shrinks (worked case 4): the chapter's sentence needs more countries or lower τ."""
    table = reallocation(industry, replace(industry, fixed_cost=1.0))
    assert list(table.index) == ["exit", "domestic", "new exporter", "exporter"]
    assert (table.loc[["domestic", "exporter"], "firm_sales_pct"] < 0).all()
    assert table.loc["new exporter", "firm_sales_pct"] > 0


@EACH
def test_groups_add_up(industry: Industry) -> None:
    freer = replace(industry, iceberg=1.3)
    table = reallocation(industry, freer)
    for when, here in (("before", industry), ("after", freer)):
        found = equilibrium(here)
        assert_allclose(table[f"firms_{when}"].sum(), found.firms, rtol=1e-10)
        assert_allclose(table[f"sales_{when}"].sum(), 100.0, rtol=1e-10)
        assert_allclose(table[f"labour_{when}"].sum() + found.entrants * here.entry_cost, 100.0, rtol=1e-10)
    back = reallocation(freer, industry)
    assert list(back.index) == ["entry", "domestic", "former exporter", "exporter"]
    assert_allclose(back["sales_before"], table["sales_after"], rtol=1e-12)
    inside = np.array([1.001, 1.001]) * table.loc[["domestic", "exporter"], "from"].to_numpy()
    old, new = firm(industry, equilibrium(industry), inside), firm(freer, equilibrium(freer), inside)
    assert_allclose(100 * (new.revenue / old.revenue - 1), table.loc[["domestic", "exporter"], "firm_sales_pct"], rtol=1e-10)


def test_exporters_are_larger_and_revenue_jumps() -> None:
    """Section 5.5: profits are continuous at φ*_X, revenue and employment jump."""
    industry = OPEN["log-normal"]
    found = equilibrium(industry)
    around = firm(industry, found, found.export_cutoff * np.array([1 - 1e-9, 1 + 1e-9]))
    assert_allclose(around.profit[1], around.profit[0], rtol=1e-6)
    assert around.revenue[1] > 1.3 * around.revenue[0]
    assert around.labour[1] > 1.3 * around.labour[0]


def test_firms_must_be_the_same() -> None:
    with pytest.raises(DataError, match="share one productivity"):
        reallocation(OPEN["Pareto"], replace(OPEN["Pareto"], sigma=3.5))


# --- figures -------------------------------------------------------------------------------------------------------------------------------


def lines(ax: Axes) -> dict[str, tuple[Any, Any]]:
    return {str(line.get_label()): (np.asarray(line.get_xdata()), np.asarray(line.get_ydata())) for line in ax.get_lines()}


def fits(ax: Axes) -> None:
    ax.figure.savefig(BytesIO(), format="pdf")
    box, page = ax.get_tightbbox(), ax.figure.get_window_extent()
    assert box is not None
    assert page.x0 <= box.x0 < box.x1 <= page.x1
    assert page.y0 <= box.y0 < box.y1 <= page.y1


@EACH
def test_figure_1_1(industry: Industry) -> None:
    closed = replace(industry, countries=1)
    found = equilibrium(closed)
    ax = profit_figure(closed)
    drawn = lines(ax)
    x, y = drawn["Profit Bφ^(σ−1) − f"]
    assert_allclose(y, found.demand * x - 1.0, rtol=1e-12)
    assert_allclose(drawn["Entry cost"][1], 0.5)
    assert_allclose(ax.get_xticks(), [found.cutoff**3])
    fits(ax)


@EACH
def test_figure_1_2(industry: Industry) -> None:
    found = equilibrium(industry)
    ax = profit_figure(industry)
    drawn = lines(ax)
    x, total = drawn["Total"]
    domestic, abroad = drawn["Domestic"][1], drawn["Export, one market"][1]
    assert_allclose(total, np.maximum(domestic, 0) + 2 * np.maximum(abroad, 0), atol=1e-9)
    slope = np.diff(total) / np.diff(x)
    assert_allclose([slope[-1], slope[np.searchsorted(x, found.cutoff**3) + 1]], [found.exporter_demand, found.demand], rtol=1e-9)
    assert_allclose(ax.get_xticks(), [found.cutoff**3, found.export_cutoff**3])
    assert profit_figure(industry, ax) is ax
    fits(ax)


@EACH
def test_figure_1_3(industry: Industry) -> None:
    ax = opening_figure(industry)
    drawn = lines(ax)
    x, closed = drawn["Closed economy"]
    _, opened = drawn["Open economy"]
    middle = (x > equilibrium(industry).cutoff ** 3) & (x < equilibrium(industry).export_cutoff ** 3)
    assert (opened[middle] < closed[middle]).all()
    assert opened[-1] > closed[-1]
    assert_allclose(ax.get_xticks(), [c**3 for c in (equilibrium(replace(industry, countries=1)).cutoff, *equilibrium(industry)[:2])])
    fits(ax)
    with pytest.raises(DataError, match=r"figure 1\.3"):
        opening_figure(replace(industry, countries=1))
