"""Derivatives told: what all rates or primitives of a kind do to a country, and the largest by name, on the page and in a table for a paper."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from browser import browser, needs_browser
from numpy.testing import assert_allclose
from outputs import read_back

import cge
from cge.errors import InputError
from cge.questions.gradient.answer import MEANING, TOP
from cge.tell.page import write_report
from cge.tell.page.data import payload
from cge.tell.page.shell import page
from cge.tell.paper.formats import as_latex
from cge.tell.paper.table import paper

Output = Callable[[str], Path]


def test_totals_are_sums_over_sectors_and_partners_abroad(output: Output) -> None:
    results = read_back(output("gradient"))
    found = cge.gradient(cge.run(output("gradient").parent / "case.toml"))
    table = results.tables["totals"].set_index("country")
    assert list(table.index) == results.countries == ["Home", "North", "South"]
    for country in results.countries:
        own = found.sel(country=country)
        abroad = [label for label in results.countries if label != country]
        expected = {
            "own_tariffs": own["tariff"].sel(importer=country, exporter=abroad),
            "tariffs_abroad": own["tariff"].sel(exporter=country, importer=abroad),
            "import_costs": own["iceberg"].sel(importer=country, exporter=abroad),
            "export_costs": own["iceberg"].sel(exporter=country, importer=abroad),
            "own_productivity": own["productivity"].sel(exporter=country),
            "productivity_abroad": own["productivity"].sel(exporter=abroad),
        }
        for name, array in expected.items():
            assert_allclose(table.loc[country, name], float(array.sum()), rtol=1e-9, atol=1e-13)


def test_the_page_holds_the_largest_of_each_kind_in_words(output: Output) -> None:
    results = read_back(output("gradient"))
    kinds = {kind["word"]: kind for kind in payload(results)["derivatives"]}
    assert set(kinds) == {MEANING[name][0].removeprefix("d ln real income by ") for name in results.table["of"]}
    tariffs = kinds["an ad valorem rate"]
    assert (tariffs["unit"], tariffs["heads"]) == ("percent per percentage point", ["Exporter", "Importer", "Sector"])
    assert kinds["the trade elasticity"]["heads"] == ["Sector"]
    for place, country in enumerate(results.countries):
        rows = [row for row in tariffs["rows"] if row["country"] == place]
        first = results.table[(results.table["country"] == country) & (results.table["of"] == "tariff")].iloc[0]
        assert rows[0]["word"] == f"{first['exporter']} → {first['importer']}, {first['sector']}"
        assert rows[0]["value"] == pytest.approx(first["value"], rel=1e-5)
        assert (np.diff(np.abs([row["value"] for row in rows])) <= 0).all()
        assert len(rows) <= TOP
    text = page(results)
    for words in ("Which tariffs, trade costs", "small changes at this solution", "near a corner", "cge gradient case.toml"):
        assert words in text


def test_all_derivatives_of_some_countries_show_no_more_than_the_largest(output: Output) -> None:
    results = read_back(output("gradient_all"))
    assert results.countries == ["North", "South"]
    shown = payload(results)["derivatives"]
    assert all(len(kind["rows"]) <= TOP * 2 for kind in shown)
    pairs = [row["head"][:2] for kind in shown for row in kind["rows"] if kind["heads"][:2] == ["Exporter", "Importer"]]
    assert pairs
    assert all(exporter != importer for exporter, importer in pairs)


def test_a_table_for_a_paper_has_a_row_for_each_derivative(output: Output) -> None:
    results = read_back(output("gradient"))
    made = paper(results, ["South"], ["tariff", "sigma"])
    rows = results.table[(results.table["country"] == "South") & results.table["of"].isin(["tariff", "sigma"])]
    assert len(made.rows) == made.aggregates == len(rows)
    assert made.rows[0].startswith("South: tariff, ")
    assert [column.unit for column in made.columns] == ["percent per percentage point", "log points per unit"]
    values = np.array([column.values for column in made.columns])
    assert (np.isfinite(values).sum(axis=0) == 1).all()
    assert_allclose(np.nansum(values, axis=0), rows["value"])
    assert r"$\rightarrow$" in as_latex(made)
    with pytest.raises(InputError, match=r"no tarif in .*Did you mean tariff\?"):
        paper(results, statistics=["tarif"])


@needs_browser
def test_the_kind_and_the_country_are_chosen(output: Output, tmp_path: Path) -> None:
    results = read_back(output("gradient"))
    write_report(results, tmp_path / "page.html")
    with browser() as opened:
        opened.open(tmp_path / "page.html")
        for n, country in enumerate(results.countries):
            opened.choose("#country", n)
            for place, kind in enumerate(payload(results)["derivatives"]):
                opened.choose("#kind", place)
                assert opened.run("document.querySelector('#derivative-chart h3').textContent") == f"Real income of {country}"
                drawn = opened.run("[...document.querySelectorAll('#derivative-chart svg text title')].map((t) => t.textContent)")
                assert drawn == [row["word"] for row in kind["rows"] if row["country"] == n]
        assert opened.errors == []
