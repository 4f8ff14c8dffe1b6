"""Csv files: labels stay what they are, in files of users and in those that the package wrote."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cge.data.csv import read_csv, read_results, separator_of
from cge.data.files.formats import write_csv
from cge.errors import DataError


def test_labels_stay_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("\ufeffcountry , code\n NA,036\u00a0\nNone, 1e5\n", encoding="utf-8")
    assert read_csv(path, ("country", "code")).to_numpy().tolist() == [["NA", "036"], ["None", "1e5"]]
    with pytest.raises(DataError, match="no column sector; found country, code; the header is country,sector"):
        read_csv(path, ("country", "sector"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_letters_of_other_alphabets(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("from,to\ncafé,food\n".encode(encoding))
    assert read_csv(path, ("from", "to"))["from"].tolist() == ["café"]
    path.write_bytes(b"from,to\n\x00\x01,food\n")
    with pytest.raises(DataError, match="is not text in UTF-8"):
        read_csv(path, ("from", "to"))


@pytest.mark.parametrize(("separator", "shares"), [(";", ["0.5", "-.25", ""]), ("\t", ["0,5", "-,25", ""])])
def test_other_separators_and_decimal_commas(tmp_path: Path, separator: str, shares: list[str]) -> None:
    path = tmp_path / "t.csv"
    rows = [["name", "share", "codes"], ["a, b", "0,5", "15,16"], ["c", "-,25", "17"], ["d", "", "18t19"]]
    path.write_text("\n".join(separator.join(row) for row in rows), encoding="utf-8")
    table = read_csv(path, ("name",))
    assert list(table["name"]) == ["a, b", "c", "d"]
    assert list(table["share"]) == shares
    assert list(table["codes"]) == ["15,16", "17", "18t19"]  # no column of numbers
    path.write_text(f"\ufeffsep={separator}\n{path.read_text(encoding='utf-8')}", encoding="utf-8")  # as a spreadsheet is told
    pd.testing.assert_frame_equal(read_csv(path, ("name",)), table)


@pytest.mark.parametrize(
    ("line", "separator"), [("country", ","), ("a,b", ","), ("a;b", ";"), ("a\tb", "\t"), ("a, b;c;d", ";"), ("a, b\tc\td", "\t")]
)
def test_what_separates_fields(line: str, separator: str) -> None:
    assert separator_of(line) == separator


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


def zipped(*names: str) -> Callable[[bytes], bytes]:
    def pack(content: bytes) -> bytes:
        whole = io.BytesIO()
        with zipfile.ZipFile(whole, "w") as archive:
            for name in names:
                archive.writestr(name, zipped("inner.csv")(content) if name.endswith(".zip") else content)
            archive.writestr("ReadMe.txt", "about")
        return whole.getvalue()

    return pack


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zip": zipped("t.csv"), "zip in a zip": zipped("t.zip"),
}  # fmt: skip


@pytest.mark.parametrize("kind", PACKERS)
@pytest.mark.parametrize("name", ["t.csv", "t.csv.packed"])
def test_a_packed_file_is_read_whatever_its_name(kind: str, name: str, tmp_path: Path) -> None:
    packed = PACKERS[kind](b"country,code\nNA,036\n")
    (tmp_path / name).write_bytes(packed)
    assert read_csv(tmp_path / name, ("country",)).to_numpy().tolist() == [["NA", "036"]]
    (tmp_path / name).write_bytes(packed[: len(packed) // 2])
    with pytest.raises(DataError, match="cannot be read as csv"):
        read_csv(tmp_path / name, ("country",))


def test_an_archive_of_several_tables_names_them(tmp_path: Path) -> None:
    (tmp_path / "t.zip").write_bytes(zipped("a.csv", "b.csv")(b"country\nA\n"))
    with pytest.raises(DataError, match=r"holds 2 csv files: a.csv, b.csv. Unpack it"):
        read_csv(tmp_path / "t.zip", ("country",))
    (tmp_path / "t.zip").write_bytes(zipped()(b""))
    with pytest.raises(DataError, match=r"holds 0 csv files: none"):
        read_csv(tmp_path / "t.zip", ("country",))
