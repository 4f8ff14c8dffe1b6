"""What a file is, whatever it is called: by its first bytes, by what lies in an archive or a folder, by the header of a csv.

A whole file of another form is not cut off, and the user is told what it is and what reads it. First bytes are those that the formats
prescribe (gzip RFC 1952, zip, xz, bzip2, HDF5, netCDF classic, Parquet, OLE2, Stata's dta, R's save, MATLAB 5, GDX, a HAR file's first record).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cge.data.packed import BROKEN, Locked, unpacked
from cge.errors import DataError

SAMPLE = 4096
"""Bytes of a file that are looked at."""


@dataclass(frozen=True)
class Form:
    """A kind of file.

    Attributes:
        words: what it is, as it follows "is". cure: what reads it, in a sentence.
        begins: pattern of its first bytes. found: pattern of a name in a folder or archive, or of the archive's own.
    """

    words: str
    cure: str
    begins: bytes = b""
    found: str = ""

    def cure_of(self, path: Path) -> str:
        """The cure for what lies at a path, which stands as PATH in it."""
        return self.cure.replace("PATH", str(path))


AS_CSV = "Save the table as csv with columns exporter, importer, sector, value, and give that to `cge import tidy`."
UNPACK = "Unpack it and give what is in it."

BYTES = (
    Form(
        "R data (save or saveRDS)",
        'In R: write.csv(the table, "table.csv", row.names = FALSE), and give table.csv instead.',
        rb"RD[XAB]\d\n|X\n\x00",
    ),
    Form("a Stata file", f"`cge import wiod2016` reads the one of WIOD 2016. {AS_CSV}", rb"<stata_dta>|[\x69-\x77][\x01\x02]\x01\x00"),
    Form("an Excel workbook of the old kind (xls)", "Save it as xlsx and give that.", rb"\xd0\xcf\x11\xe0"),
    Form(
        "netCDF",
        'If it holds `flow` it is an economy already: economy = "PATH" in the run file, nothing to import.',
        rb"\x89HDF\r\n|CDF[\x01\x02\x05]",
    ),
    Form("a Parquet file", "`cge import tidy` reads it, if it has columns exporter, importer, sector, value.", rb"PAR1"),
    Form("a HAR file of GEMPACK", "`cge import gtap` reads it.", rb"\x04\x00\x00\x00[A-Z0-9 ]{4}\x04\x00\x00\x00"),
    Form("a GDX file of GAMS", "Turn it into HAR (gdx2har comes with GAMS) and give that to `cge import gtap`.", rb".{0,8}GAMSGDX"),
    Form("a MATLAB file", AS_CSV, rb"MATLAB 5\.0"),
    Form("a PDF document", "Fetch the table itself.", rb"%PDF"),
    Form(
        "a web page and not the file behind it",
        "Fetch the file itself: a page for logging in or agreeing to terms may stand before it.",
        rb"(?i)\s*<(!doctype html|html)",
    ),
    Form("a 7z archive", UNPACK, rb"7z\xbc\xaf"),
    Form("a RAR archive", UNPACK, rb"Rar!"),
    Form("a tar archive", UNPACK, rb"(?s).{257}ustar"),
)
"""Forms by their first bytes, under a compression if there is one. PATH in a cure is the path that was given."""

NAMES = (
    Form("a system saved by pymrio", "`cge import mrio` reads it.", found=r"(^|/)file_parameters\.json$"),
    Form("Eora26 as downloaded", "`cge import mrio` parses it.", found=r"(^|/)Eora26_.*(_T\.txt|\.zip)$"),
    Form(
        "GLORIA as downloaded",
        "`cge import mrio` parses the folder with GLORIA_MRIOs_… in it.",
        found=r"(^|/)(GLORIA_(MRIOs|Satellite)|\d+_120secMother_AllCountries)",
    ),
    Form("EXIOBASE 3 as downloaded", "`cge import mrio` reads it.", found=r"(^|/)IOT_\d{4}_(ixi|pxp)\.zip$"),
    Form(
        "WIOD of 2013", "`cge import wiod2013` reads its workbooks (wiotYY_row_….xlsx), one year each.", found=r"(^|/)wiot\d\d_row.*\.xlsx$"
    ),
    Form(
        "WIOD of 2016",
        "`cge import wiod2016` reads its workbooks (WIOTyyyy_Nov16_ROW.xlsb), one year each.",
        found=r"(^|/)WIOT\d{4}_.*\.(xlsb|xlsx|dta)$",
    ),
    Form("OECD ICIO", "`cge import icio` reads its csv files, plain or in the zip.", found=r"(^|/)(ICIO\d{4}_)?\d{4}(_SML)?\.csv$"),
    Form(
        "FIGARO as downloaded",
        "`cge import figaro` reads its files, csv or zip, one year each.",
        found=r"(matrix|flatfile)_eu-ic-io_.*\.(csv|zip)$",
    ),
    Form("ADB MRIO as downloaded", "`cge import adb` reads its workbooks.", found=r"(?i)(^|/)ADB[-_ ]?MRIO.*\.xlsx$"),
    Form(
        "an Excel workbook",
        f"`cge import wiod2013`, `wiod2016`, `adb` read those of WIOD and ADB. {AS_CSV}",
        found=r"^xl/workbook\.(xml|bin)$",
    ),
)
"""Forms by names; the first that fits counts."""

HEADERS = (
    ({"exporter", "importer", "sector", "value"}, "a tidy table", "`cge import tidy` reads it."),
    ({"OUT", "AUS_HFCE"}, "an ICIO table", "`cge import icio` reads it."),
    ({"TOTAL", "AUS_HFCE"}, "an ICIO table", "`cge import icio` reads it."),
    ({"IndustryCode", "RNr"}, "WIOD of 2016 by columns", "`cge import wiod2016` reads it."),
    ({"refArea", "counterpartArea", "obsValue"}, "a flat file of FIGARO", "`cge import figaro` reads it."),
    ({"rowLabels"}, "a FIGARO matrix", "`cge import figaro` reads it."),
    ({"importer", "sector", "tariff"}, "a table of tariffs", "`cge tariffs` attaches it to an economy."),
    ({"country", "sector", "factor", "share"}, "a table of factor shares", "Name it in the run file: factor_shares."),
    ({"dim", "from", "to"}, "a concordance", "`cge aggregate` uses it."),
)
"""What a csv is, by columns that it has, and what reads it."""


def form(path: Path) -> Form | None:
    """What a file or folder is; None where its bytes do not tell, which includes plain text and what is cut off."""
    if path.is_dir():
        return _by_names(inside(path))
    if not zipfile.is_zipfile(path):
        start = beginning(path)
        return next((known for known in BYTES if re.match(known.begins, start)), None)
    with zipfile.ZipFile(path) as archive:
        held = archive.namelist()
    listed = Form(f"a zip archive of {', '.join(held[:3])}{' …' if len(held) > 3 else ''}", "Unpack it and give what is in it.")
    return _by_names([path.name]) or _by_names(held) or listed


def inside(folder: Path) -> list[str]:
    """Names of what lies in a folder and in its folders, in order."""
    return sorted(p.relative_to(folder).as_posix() for depth in ("*", "*/*") for p in folder.glob(depth))


def beginning(path: Path) -> bytes:
    """The first bytes, decompressed; none where the compression is broken."""
    try:
        with unpacked(path) as file:
            return file.read(SAMPLE)
    except BROKEN:
        return b""


def _by_names(names: list[str]) -> Form | None:
    return next((known for known in NAMES if any(re.search(known.found, name) for name in names)), None)


def mistaken(path: Path, wanted: str) -> DataError | None:
    """The fault of a whole file that is something else than is wanted; None where it cannot be told to be."""
    other = form(path)
    if other is not None and other.words == wanted:
        return None
    if other is not None:
        return DataError(f"{path} is {other.words}, not {wanted}. {other.cure_of(path)}")
    line, rest, _ = beginning(path).partition(b"\n")
    if wanted != "csv" and rest and b"," in line and line.isascii():
        return DataError(f"{path} is {headed(line.decode().strip().split(','))}")
    return None


def unreadable(path: Path, wanted: str, error: Exception) -> DataError:
    """Why a file cannot be read as what is wanted: it is locked, something else, in another encoding, or cut off."""
    if isinstance(error, Locked):
        return DataError(f"{path} cannot be read: {error}.")
    if isinstance(error, UnicodeDecodeError) and mistaken(path, wanted) is None:
        return DataError(f"{path} is not text in UTF-8 ({error.reason} at byte {error.start}); save it in UTF-8.")
    cut = DataError(f"{path} cannot be read as {wanted} ({error}); it may be cut off: fetch it again.")
    return mistaken(path, wanted) or cut


def headed(columns: Iterable[str]) -> str:
    """What a csv with these columns is, and what reads it: the end of a sentence, and another."""
    have = [str(column).strip('"') for column in columns]
    for needed, words, cure in HEADERS:
        if needed <= set(have):
            return f"{words} (columns {', '.join(have[:6])}). {cure}"
    shown = f"{', '.join(have[:6])}{' …' if len(have) > 6 else ''}"
    return f"a csv with {len(have)} columns ({shown}). `cge import tidy` reads columns exporter, importer, sector, value."
