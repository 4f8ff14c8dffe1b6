"""Correspondences of products as they are published, carried on to the sectors of an economy; and those built from divisions of ISIC."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from test_tariff_rows import at, world
from typer.testing import CliRunner

import cge
from cge.cli import app
from cge.data.classifications import concordance, division
from cge.data.tariffs.attach import import_tariffs
from cge.data.tariffs.products import products_on
from cge.errors import DataError

WITS = """HS 2007 Product Code,HS 2007 Product Description,ISIC Revision 3 Product Code,ISIC Revision 3 Product Description
10129,"Horses, live",0121,Farming of cattle
240110,Tobacco,1600,Tobacco
710812,Gold,2720,Metals
710812,Gold,3691,Jewellery
300490,Medicaments,2423,Pharmaceuticals
890110,Cruise ships,3511,Ships
"""
HS_CPC = "HS12code,HS12part,CPC21code,CPC21part\n010129,0,02119,1\n720610,0,41121,0\n"
CPC_ISIC = "ISIC4code,ISIC4part,CPC21code,CPC21part\n0142,0,02119,0\n2410,1,41121,0\n"


def carried(
    folder: Path, *tables: str, sectors: str = "A01 C10T12 C20 C21 C24A C24B C31T33 C301 C302T309"
) -> tuple[pd.DataFrame, list[str]]:
    paths = []
    for number, text in enumerate(tables):
        paths.append(folder / f"{number}.csv")
        paths[-1].write_text(text, encoding="utf-8")
    return products_on(paths, sectors.split())


def shares(rows: pd.DataFrame, product: str) -> dict[str, float]:
    own = rows[rows["from"] == product]
    return dict(zip(own["to"], own["weight"].round(12), strict=True))


def test_a_table_of_wits_goes_to_sectors_by_divisions(tmp_path: Path) -> None:
    """Division 24 of revision 3 is 20 and 21 of revision 4; basic metals are told apart by iron, which revision 3 does not by division."""
    rows, said = carried(tmp_path, WITS)
    assert shares(rows, "010129") == {"A01": 1.0}  # with its zero again
    assert shares(rows, "240110") == {"C10T12": 1.0}
    assert shares(rows, "300490") == {"C20": 0.5, "C21": 0.5}
    assert shares(rows, "710812") == {"C24A": 0.25, "C24B": 0.25, "C31T33": 0.5}
    assert shares(rows, "890110") == {"C301": 0.5, "C302T309": 0.5}
    assert said == ["5 products of HS by ISIC revision 3: 2 go to one sector, 3 to several in shares (300490, 710812, 890110)."]


def test_products_reach_sectors_that_have_names(tmp_path: Path) -> None:
    """Of Eora and GLORIA, whose labels are names; tobacco is food in Eora and a sector of its own in GLORIA."""
    (tmp_path / "0.csv").write_text(WITS, encoding="utf-8")
    eora, _ = products_on([tmp_path / "0.csv"], ["Agriculture", "Food & Beverages", "Other Manufacturing", "Transport Equipment"])
    assert shares(eora, "240110") == {"Food & Beverages": 1.0}
    assert shares(eora, "890110") == {"Transport Equipment": 1.0}
    gloria, _ = products_on([tmp_path / "0.csv"], ["Tobacco products", "Basic gold", "Furniture and other manufacturing n.e.c."])
    assert shares(gloria, "240110") == {"Tobacco products": 1.0}
    assert shares(gloria, "710812")["Basic gold"] == 0.25


def test_tables_are_chained_through_the_codes_they_share(tmp_path: Path) -> None:
    for tables in ((HS_CPC, CPC_ISIC), (CPC_ISIC, HS_CPC)):
        rows, said = carried(tmp_path, *tables)
        assert shares(rows, "010129") == {"A01": 1.0}
        assert shares(rows, "720610") == {"C24A": 1.0}
        assert said[-1].startswith("2 products of HS by ISIC revision 4: 2 go to one sector, 0 to several")
    with pytest.raises(DataError, match="HS to CPC do not lead from products to ISIC; add a table that does"):
        carried(tmp_path, HS_CPC)


def test_weights_and_what_goes_nowhere(tmp_path: Path) -> None:
    weighted = "HS17code,ISIC4code,weight\n710812,2420,3\n710812,3211,1\n490110,5811,1\n"
    rows, said = carried(tmp_path, weighted)
    assert shares(rows, "710812") == {"C24B": 0.75, "C31T33": 0.25}
    assert shares(rows, "490110") == {"": 1.0}
    assert said[-1] == "1 products go to no sector of the economy, left out: 490110."
    with pytest.raises(DataError, match=r"row 3: no code of HS and ISIC revision 4, or no share above zero \(1 such rows\)"):
        carried(tmp_path, weighted.replace("3211,1", "3211,0"))
    with pytest.raises(DataError, match="none of the sectors cars, farm is a code or name of a published classification; write from,to"):
        carried(tmp_path, weighted, sectors="cars farm")


def test_own_rows_go_before_published_ones(tmp_path: Path) -> None:
    rows, _ = carried(tmp_path, WITS, "from,to,dim\n300490,C21,\nEUN,DEU,country\n")
    assert shares(rows, "300490") == {"C21": 1.0}
    assert rows.loc[rows["dim"] == "country", "from"].tolist() == ["EUN"]


def test_classes_of_isic_to_divisions() -> None:
    assert [sorted(division(code, "4")) for code in ("0142", "2431", "2432", "2410", "3011", "3030", "9900")] == [
        ["01"], ["241"], ["242"], ["241"], ["301"], ["302"], ["99"],
    ]  # fmt: skip
    assert [sorted(division(code, "3")) for code in ("0121", "2423", "9999")] == [["01"], ["20", "21"], ["99"]]


def test_shares_of_a_concordance_add_up(tmp_path: Path) -> None:
    for source in ("wiod2013", "gtap", "icio"):
        for target in ("icio", "wiod2016"):
            found = concordance(source, target)
            whole = found[found["how"] != "part"].groupby("from")["weight"].sum()
            assert whole.between(1 - 1e-9, 1 + 1e-9).all()
            assert (found.loc[found["how"] == "exact", "weight"] == 1).all()
    result = CliRunner().invoke(app, ["concordance", "wiod2013", "icio2022", "--out", str(tmp_path / "c.csv")])
    assert result.exit_code == 0, result.output
    assert "codes of wiod2013 lie in one code of icio2022" in " ".join(result.output.split())
    rows, said = products_on(tmp_path / "c.csv", cge.open_economy("icio2022").sectors)
    assert shares(rows, "c9") == {"C20": 0.5, "C21": 0.5}
    assert said == []
    assert CliRunner().invoke(app, ["concordance", "icoi", "gtap"]).exit_code == 2


def test_a_published_table_serves_a_table_of_tariffs(tmp_path: Path) -> None:
    economy = world("USA DEU FRA CAN", "A01 C10T12 C20 C21")
    (tmp_path / "h.csv").write_text(WITS, encoding="utf-8")
    (tmp_path / "t.csv").write_text(
        "importer,exporter,sector,tariff\nUSA,*,10129,0.1\nUSA,*,300490,0.2\nUSA,*,240110,0.3\n", encoding="utf-8"
    )
    made = import_tariffs(economy, tmp_path / "t.csv", tmp_path / "h.csv", missing="zero")
    assert [at(made.data["tariff"], "USA", "CAN", s) for s in economy.sectors] == pytest.approx([0.1, 0.3, 0.2, 0.2])
    assert "products of HS by ISIC revision 3" in made.data.attrs["tariffs"]
