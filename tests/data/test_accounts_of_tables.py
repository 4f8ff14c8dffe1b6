"""What every import and `cge show FILE.nc` say: edition, year and unit, what was merged, sums, cells, and how far rows and columns balance."""

import json
from pathlib import Path

import numpy as np
import pytest
from layouts import ICIO_USES, icio_frame, published
from test_sources import CODES, LAYOUTS, WORLD, icio, invoke

import cge
from cge.data.sources import Table, import_economy, told
from cge.data.sources.figures import as_published, of_economy, of_table


def table(**changes: object) -> Table:
    """Two countries, one good, one use: inputs 2 of 10, one cell below zero and one empty; output of the second country is said to be 1 more."""
    z = np.array([[1.0, 1.0], [0.0, 0.0]]).reshape(2, 1, 2, 1)
    f = np.array([[7.0, 1.0], [-2.0, 6.0]]).reshape(2, 1, 2, 1)
    facts: dict[str, object] = {"output": np.array([[10.0], [5.0]]), "primary": {"VA": np.array([[9.0], [3.0]])}}
    return Table(["A", "B"], ["g"], ["INVNT"], z, f, inventories=("INVNT",), **(facts | changes))  # type: ignore[arg-type]


def test_figures_of_a_table_by_hand() -> None:
    found = of_table(table())
    assert (found.output, found.value_added, found.final_demand) == (15.0, 13.0, 12.0)
    assert (found.negative, found.zero) == (1 / 8, 2 / 8)
    assert (found.rows, found.columns) == pytest.approx((1 / 15, 1 / 15))
    assert found.sentence("francs") == (
        "World output 15 francs, value added 13, final demand 12; 12.5 % of cells negative, 25 % zero; "
        "rows miss output by 6.67 % of it, columns miss output by 6.67 % of it."
    )
    bare = of_table(table(output=None, primary={}))
    assert (bare.output, bare.rows, bare.columns) == (14.0, None, None)
    assert bare.sentence("francs").endswith("25 % zero.")
    lost = of_table(table(unallocated=np.array([[0.0], [1.0]])))
    assert lost.rows == 0.0


def test_figures_of_an_economy_are_those_of_its_table(tmp_path: Path) -> None:
    for name in ("icio 2025", "wiod2013 xlsx", "tidy csv"):
        source, write = LAYOUTS[name]
        found = import_economy(source, write(tmp_path))
        one, other = as_published(found), of_economy(found)
        assert one is not None
        assert (one.output, one.value_added, one.final_demand) == pytest.approx((other.output, other.value_added, other.final_demand))
        assert other.columns == 0.0


def test_import_and_show_say_the_same(tmp_path: Path) -> None:
    path = icio(tmp_path, 2021, parts=True)
    status, out, err = invoke("import", "icio", path, tmp_path / "e.nc")
    assert (status, err) == (0, "")
    assert "Producers for export and others are added up: CN1 to CHN, CN2 to CHN, MX1 to MEX, MX2 to MEX." in out
    assert "As published: World output" in out
    assert "rows add up to output, columns add up to output" in out
    assert "OECD ICIO, edition 2021, 2014: 5 countries" in out
    status, shown, err = invoke("show", tmp_path / "e.nc")
    assert (status, err) == (0, "")
    for line in told(cge.open_economy(tmp_path / "e.nc")):
        assert line in shown
    assert "1 factor (labour); edition 2021; year 2014; unit million USD." in shown
    facts = json.loads(invoke("show", tmp_path / "e.nc", "--json")[1])["economy"]
    assert (facts["edition"], facts["year"], facts["countries"]) == (2021, 2014, 5)
    assert facts["published"]["output"] == pytest.approx(facts["world"]["output"])


def test_what_an_economy_was_before_it_was_treated_stays_with_it(tmp_path: Path) -> None:
    frame = icio_frame(published(WORLD, ICIO_USES, CODES), 2025)
    frame.loc["AUS_A01", "CHN_INVNT"] -= 5.0
    frame.loc["AUS_A01", "OUT"] -= 5.0
    frame.to_csv(tmp_path / "ICIO2025_2014.csv")
    found = import_economy("icio", tmp_path / "ICIO2025_2014.csv", inventories="drop")
    one, other = as_published(found), of_economy(found)
    assert one is not None
    assert one.negative == 1 / (15 * (15 + 30))
    assert one.columns is not None
    assert one.columns > 0
    assert other.output != pytest.approx(one.output)
    (tmp_path / "all.csv").write_text("dim,from,to\ncountry,USA,NAM\ncountry,MEX,NAM\n")
    assert as_published(cge.aggregate(found, tmp_path / "all.csv")) == one


def test_bundled_economies_are_shown_by_name_and_slips_are_named(tmp_path: Path) -> None:
    assert "80 countries, 50 sectors" in invoke("show", "icio2022")[1]
    status, _, err = invoke("show", "economy")
    assert status == 2
    assert "Did you mean economies?" in err
    status, _, err = invoke("show", tmp_path / "none.nc")
    assert (status, "no such file" in err) == (2, True)
