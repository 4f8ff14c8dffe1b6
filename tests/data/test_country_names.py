"""Countries in words, from an economy file to the page and the map."""

import json
from pathlib import Path

import pandas as pd
import pytest
import xarray as xr
from outputs import read_back

import cge
from cge.data.aggregate import aggregate
from cge.data.economy import Economy, make_economy
from cge.data.geography import located
from cge.data.write import write_economy
from cge.model.benchmark import calibrate
from cge.questions.run.answer import write_run
from cge.runfile.load import load
from cge.tell import plot
from cge.tell.page.data import payload

NAMES = {"Home": "Germany", "North": "Land of the north", "South": "South"}


def named(dim: str = "exporter") -> Economy:
    data = cge.open_economy("mini").data
    return make_economy(data.assign_coords(country_name=(dim, [NAMES[str(label)] for label in data[dim].values])))


@pytest.mark.parametrize("dim", ["exporter", "importer", "country"])
def test_names_are_kept_at_the_door_and_in_the_file(dim: str, tmp_path: Path) -> None:
    economy = named(dim)
    assert economy.country_names == NAMES
    assert calibrate(economy).data["country_name"].dims == ("exporter",)
    write_economy(economy, tmp_path / "named.nc")
    assert cge.open_economy(tmp_path / "named.nc").country_names == NAMES
    turned = xr.load_dataset(tmp_path / "named.nc").isel(exporter=[2, 0, 1])
    assert make_economy(turned).country_names == NAMES


def test_a_merged_country_takes_its_new_label() -> None:
    rows = pd.DataFrame({"dim": "country", "from": ["North", "South"], "to": "Abroad"})
    found = aggregate(named(), rows, internal_tariffs="value_added")
    assert found.country_names == {"Home": "Germany", "Abroad": "Abroad"}
    assert aggregate(cge.open_economy("mini"), rows, internal_tariffs="value_added").country_names == {}


def test_page_and_map_use_the_names_of_the_economy(tmp_path: Path) -> None:
    write_economy(named(), tmp_path / "named.nc")
    text = 'title = "x"\neconomy = "named.nc"\nmodel = "armington"\n[elasticities]\ntrade = 5.0\n'
    (tmp_path / "case.toml").write_text(text + '[[tariff]]\nimporter = "Home"\nexporter = "*"\nsector = "*"\nset = 0.3\n')
    write_run(load(tmp_path / "case.toml"), tmp_path / "out")
    results = read_back(tmp_path / "out")
    assert results.country_names == NAMES
    found = payload(results)
    assert found["names"] == list(NAMES.values())
    assert found["map"]["without"] == ["North", "South"]  # a name finds the shape of a label that is no code
    assert json.dumps(found["map"]["shapes"]).startswith("[[0,")
    ax = plot.world_map(results.table, names=results.country_names)
    assert "Land of the north" in ax.get_title(loc="left")
    assert located(["Home"]) == ({}, ["Home"])
