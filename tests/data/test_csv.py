"""Csv files: labels stay what they are, in files of users and in those that the package wrote."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cge.data.csv import read_csv, read_results
from cge.data.files.formats import write_csv
from cge.errors import DataError


def test_labels_stay_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("\ufeffcountry , code\n NA,036\u00a0\nNone, 1e5\n", encoding="utf-8")
    assert read_csv(path, ("country", "code")).to_numpy().tolist() == [["NA", "036"], ["None", "1e5"]]
    with pytest.raises(DataError, match="no column sector; found country, code; the header is country,sector"):
        read_csv(path, ("country", "sector"))


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_and_decimal_commas(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "t.csv"
    rows = [["name", "share", "codes"], ["a, b", "0,5", "15,16"], ["c", "-,25", "17"], ["d", "", "18t19"]]
    path.write_text("\n".join(separator.join(row) for row in rows), encoding="utf-8")
    table = read_csv(path, ("name",))
    assert list(table["name"]) == ["a, b", "c", "d"]
    assert list(table["share"]) == ["0.5", "-.25", ""]
    assert list(table["codes"]) == ["15,16", "17", "18t19"]  # no column of numbers


def test_our_own_tables_come_back(tmp_path: Path) -> None:
    """Countries that look like numbers or like nothing, labels under a swept key, and numbers that are not defined."""
    table = pd.DataFrame(
        {
            "tariff[0].importer": ["036", "NA"],
            "tariff[0].add": [0.1, 0.2],
            "country": ["NA", "554"],
            "sector": ["nan", "01"],
            "mean": [1.5, np.nan],
        }
    )
    write_csv(table, tmp_path / "t.csv")
    pd.testing.assert_frame_equal(read_results(tmp_path / "t.csv"), table)
