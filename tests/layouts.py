"""Small worlds in the layouts of the publishers: xlsx and xlsb sheets of WIOD, its Stata columns, csv of the OECD, tidy tables."""

import struct
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
import xlsxwriter

from cge.data.economy import Economy, make_economy

WIOD2013_USES = ("c37", "c38", "c39", "c41", "c42")
WIOD2016_USES = ("CONS_h", "CONS_np", "CONS_g", "GFCF", "INVEN")
ICIO_USES = ("HFCE", "NPISH", "GGFC", "GFCF", "INVNT", "DPABR")


@dataclass(frozen=True)
class Published:
    """What a publisher prints: sales to producers [exporter, sector, importer, use sector] and to final users, gross output."""

    countries: list[str]
    sectors: list[str]
    uses: tuple[str, ...]
    z: np.ndarray
    f: np.ndarray
    output: np.ndarray

    @property
    def rows(self) -> list[tuple[str, str]]:
        return [(c, s) for c in self.countries for s in self.sectors]

    @property
    def columns(self) -> list[tuple[str, str]]:
        return self.rows + [(c, u) for c in self.countries for u in self.uses]

    @property
    def matrix(self) -> np.ndarray:
        """Producers' and final users' columns, then output."""
        n, k = len(self.rows), len(self.countries) * len(self.uses)
        return np.hstack([self.z.reshape(n, n), self.f.reshape(n, k), self.output.reshape(n, 1)])

    @property
    def value_added(self) -> np.ndarray:
        return (self.output - self.z.sum((0, 1))).ravel()


def economy(countries: int = 3, sectors: int = 2, seed: int = 1) -> Economy:
    """A random economy without tariffs; half of sales pay for inputs."""
    rng = np.random.default_rng(seed)
    names = ["AUS", "CHN", "MEX", "USA", "ROW"][:countries]
    goods = [f"s{k + 1}" for k in range(sectors)]
    flow = rng.uniform(1, 9, (countries, countries, sectors)) + 50 * np.eye(countries)[:, :, None]
    share = rng.dirichlet(np.ones(sectors), (countries, sectors)).transpose(0, 2, 1)
    intermediate = 0.5 * share * flow.sum(1)[:, None, :]
    data = {"flow": (("exporter", "importer", "sector"), flow), "intermediate": (("country", "input", "sector"), intermediate)}
    labels = {"exporter": names, "importer": names, "country": names, "sector": goods, "input": goods}
    return make_economy(xr.Dataset(data, labels))


def published(world: Economy, uses: tuple[str, ...], sectors: list[str] | None = None) -> Published:
    """A table whose users of a good all have the origin mix of the economy; final demand is split unevenly over the uses."""
    data = world.data
    flow = data["flow"].transpose("exporter", "sector", "importer").values
    share = flow / np.where(flow.sum(0) > 0, flow.sum(0), 1.0)
    z = np.einsum("isn,nsu->isnu", share, data["intermediate"].values)
    final = flow - z.sum(3)
    final = np.where(final > 1e-12 * flow, final, 0.0)  # what is left of a difference
    weight = np.arange(1.0, len(uses) + 1) / sum(range(1, len(uses) + 1))
    return Published(world.countries, sectors or world.sectors, uses, z, final[..., None] * weight, flow.sum(2))


def with_final(table: Published, place: tuple[int, int, int, int], value: float) -> Published:
    """The table with one final use changed, and output with it."""
    f = table.f.copy()
    f[place] = value
    return replace(table, f=f, output=table.z.sum((2, 3)) + f.sum((2, 3)))


def wiod_cells(table: Published, year: int, release: int) -> list[list[object]]:
    """A WIOD sheet of the 2013 or 2016 release, cell by cell; sectors are c1, c2 … in one and codes in the other."""
    industries = len(table.sectors)
    number = [f"c{k + 1}" for k in range(industries)] + [f"c{(37 if release == 2013 else 57) + k}" for k in range(len(table.uses))]
    if release == 2013:
        number[industries:] = list(table.uses)
    codes = [f"code {s}" if release == 2013 else s for s in table.sectors] + list(table.uses if release == 2016 else [""] * 5)
    per = [*range(industries)] * len(table.countries) + [*range(industries, industries + len(table.uses))] * len(table.countries)
    head: list[list[object]] = [
        ["Intercountry Input-Output Table" + (f", {year}" if release == 2013 else "")],
        ["in current prices"],
        ["(industry-by-industry)", "", "", "", *(codes[k] for k in per), "GO"],
        ["(millions of US$)", "", "", "", *(f"name of {number[k]}" for k in per), "Total output"],
        ["", "", "", "", *(c for c, _ in table.columns), "TOT"],
        ["", "", "", "", *(number[k] for k in per), "c62"],
    ]
    body: list[list[object]] = [
        [codes[k % industries], f"Industry {number[k % industries]}", country, f"r{k % industries + 1}", *map(float, line)]
        for k, ((country, _), line) in enumerate(zip(table.rows, table.matrix, strict=True))
    ]
    wide = len(table.columns) + 1
    sums = table.matrix.sum(0)
    added = np.concatenate([table.value_added, np.zeros(wide - len(table.rows))])
    output = np.concatenate([table.output.ravel(), sums[len(table.rows) :]])
    nothing = np.zeros(wide)
    under = {
        "II_fob": ("r60", sums), "TXSP": ("r99", 0.1 * added), "EXP_adj": ("r61", nothing), "PURR": ("r62", nothing),
        "PURNR": ("r63", nothing), "VA": ("r64", 0.9 * added), "IntTTM": ("r65", nothing), "GO": ("r69", output),
    }  # fmt: skip
    for code, (row, values) in under.items():
        body.append([code if release == 2016 else "", code, "TOT", row, *map(float, values)])
    width = max(map(len, [*head, *body]))
    return [[*line, *[""] * (width - len(line))] for line in head + body]


ADB_USES = ("F1", "F2", "F3", "F4", "F5")


def adb_cells(table: Published, year: int, prices: str = "at current prices", numbered: bool = False) -> list[list[object]]:
    """A sheet of the ADB's tables; `numbered` has the further row of numbers of the tables of Latin America."""
    per = [s for _, s in table.columns]
    economies = len(table.countries)
    head: list[list[object]] = [
        [f"Multiregional Input-Output Table {year}"],
        [f"{economies} economies, {prices} (industry by industry)"],
        ["In millions of US$"],
        [""],
        *([["", "", "", "", *("0001" for _ in per)]] if numbered else []),
        ["", "", "", "", *(f"Name of {code}" for code in per), "TOTAL"],
        ["", "", "", "", *(c for c, _ in table.columns), "ToT"],
        ["", "", "", "", *per],
    ]
    body: list[list[object]] = [
        ["", f"Name of {s}", c, s, *map(float, line)] for (c, s), line in zip(table.rows, table.matrix, strict=True)
    ]
    wide = len(table.columns) + 1
    sums = table.matrix.sum(0)
    added = np.concatenate([table.value_added, np.zeros(wide - len(table.rows))])
    nothing = np.zeros(wide)
    under = {
        "r60": sums, "r99": 0.1 * added, "r61": nothing, "r62": nothing, "r63": nothing, "r64": 0.9 * added, "trs": nothing,
        "r69": np.concatenate([table.output.ravel(), sums[len(table.rows) :]]),
    }  # fmt: skip
    body += [["", f"Name of {code}", "TOT", code, *map(float, values)] for code, values in under.items()]
    width = max(map(len, [*head, *body]))
    return [[*line, *[""] * (width - len(line))] for line in head + body]


def write_xlsx(path: Path, cells: list[list[object]], sheet: str = "WIOT_2011", before: str = "") -> Path:
    """A workbook with the sheet, behind an empty one where `before` names it."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    if before:
        book.add_worksheet(before)
    page = book.add_worksheet(sheet)
    for i, row in enumerate(cells):
        for j, cell in enumerate(row):
            if isinstance(cell, float):
                page.write_number(i, j, cell)
            elif cell != "":
                page.write_string(i, j, str(cell))
    book.close()
    return path


def write_xlsb(path: Path, cells: list[list[object]], sheet: str = "2014") -> Path:
    """The few records of the binary workbook format (MS-XLSB, section 2.3) that a sheet of text and numbers needs."""
    page = [record(0x81), record(0x94, struct.pack("<4I", 0, len(cells) - 1, 0, len(cells[0]) - 1)), record(0x91)]
    for i, row in enumerate(cells):
        page.append(record(0x00, struct.pack("<I", i) + bytes(13)))
        for j, cell in enumerate(row):
            if isinstance(cell, float):
                page.append(record(0x05, struct.pack("<IId", j, 0, cell)))
            elif cell != "":
                page.append(record(0x06, struct.pack("<II", j, 0) + wide(str(cell))))
    page += [record(0x92), record(0x82)]
    listed = record(0x9C, struct.pack("<II", 0, 1) + wide("rId1") + wide(sheet))
    office = "http://schemas.openxmlformats.org"
    relation = (
        f'<Relationships xmlns="{office}/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{office}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.bin"/></Relationships>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.bin", record(0x83) + record(0x8F) + listed + record(0x90) + record(0x84))
        archive.writestr("xl/_rels/workbook.bin.rels", relation)
        archive.writestr("xl/worksheets/sheet1.bin", b"".join(page))
    return path


def record(kind: int, content: bytes = b"") -> bytes:
    """A record: its number and length in groups of seven bits, low ones first, then its content."""
    head, size = [kind] if kind < 0x80 else [kind & 0x7F | 0x80, kind >> 7], len(content)
    while True:
        head.append(size & 0x7F | (0x80 if size > 0x7F else 0))
        size >>= 7
        if not size:
            return bytes(head) + content


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def wiod_columns(table: Published, year: int, prefix: str = "") -> pd.DataFrame:
    """The 2016 release as Stata and R have it: a variable for each column, AUS1 … ROW61 and TOT."""
    number = [*range(1, len(table.sectors) + 1)] * len(table.countries) + [*range(57, 57 + len(table.uses))] * len(table.countries)
    names = [f"{prefix}{c}{k}" for (c, _), k in zip(table.columns, number, strict=True)]
    numbers = pd.DataFrame(table.matrix, columns=[*names, "TOT"])
    about = pd.DataFrame(
        {
            "IndustryCode": [s for _, s in table.rows],
            "IndustryDescription": [f"Industry {s}" for _, s in table.rows],
            "Country": [c for c, _ in table.rows],
            "RNr": [*range(1, len(table.sectors) + 1)] * len(table.countries),
            "Year": year,
        }
    )
    wide_ = np.concatenate([table.value_added, np.zeros(len(table.columns) + 1 - len(table.rows))])
    rows = {
        "II_fob": (65, table.matrix.sum(0)),
        "VA": (70, wide_),
        "GO": (73, np.concatenate([table.output.ravel(), wide_[len(table.rows) :]])),
    }
    below = pd.DataFrame([values for _, values in rows.values()], columns=numbers.columns)
    named = pd.DataFrame(
        {
            "IndustryCode": list(rows),
            "IndustryDescription": list(rows),
            "Country": "TOT",
            "RNr": [n for n, _ in rows.values()],
            "Year": year,
        }
    )
    return pd.concat([pd.concat([about, named], ignore_index=True), pd.concat([numbers, below], ignore_index=True)], axis=1)


ICIO = {
    2016: ("VA+TAXSUB", "OUT", None, "", ("HFCE", "NPS", "GGFC", "GFCF", "INV", "DIRP"), ("C01T05AGR", "C10T14MIN", "C15T16FOD")),
    2018: ("VALU", "OUTPUT", "TOTAL", "", ("HFCE", "NPISH", "GGFC", "GFCF", "INVNT", "P33"), ("01T03", "05T06", "07T08")),
    2021: ("VALU", "OUTPUT", "TOTAL", "", ICIO_USES, ("01T02", "03", "05T06")),
    2023: ("VA", "OUT", "OUT", "", ICIO_USES, ("A01_02", "A03", "B05_06")),
    2025: ("VA", "OUT", "OUT", "V1", ICIO_USES, ("A01", "A02", "A03")),
}
"""Of each edition: rows of value added and of output, column of output, first cell, final uses, first industries."""


def icio_frame(table: Published, edition: int, parts: bool = False) -> pd.DataFrame:
    """An ICIO csv with the labels of an edition; `parts` splits China and Mexico into two kinds of producers, 30 and 70 %."""
    added_row, output_row, output_column, corner, _, _ = ICIO[edition]
    used = (
        [f"{u}_{c}" for u in table.uses for c in table.countries]
        if edition == 2016
        else [f"{c}_{u}" for c, u in table.columns[len(table.rows) :]]
    )
    n, sold = len(table.rows), table.matrix
    if edition == 2016:  # use by use, with a column of discrepancies and none of output
        final = sold[:, n:-1].reshape(n, len(table.countries), -1).transpose(0, 2, 1).reshape(n, -1)
        sold = np.hstack([sold[:, :n], final, np.zeros((n, 1))])
    frame = pd.DataFrame(sold, [f"{c}_{s}" for c, s in table.rows], [*(f"{c}_{s}" for c, s in table.rows), *used, output_column or "DISC"])
    beyond = frame.shape[1] - n
    added = np.concatenate([table.value_added, np.zeros(beyond)])
    taxes = (
        {f"{c}_TAXSUB": 0.1 * added / len(table.countries) for c in table.countries} if edition in (2018, 2021) else {"TLS": 0.1 * added}
    )
    output = np.concatenate([table.output.ravel(), table.matrix.sum(0)[n:]])
    below = {**taxes, added_row: 0.9 * added, output_row: output}
    if edition == 2016:  # nothing stands below final uses
        below = {name: np.append(row[:n], [np.nan] * beyond) for name, row in ((added_row, added), (output_row, output))}
    for name, row in below.items():
        frame.loc[name] = row
    frame.index.name = corner or None
    return split(split(frame, "CHN", ("CN1", "CN2"), table), "MEX", ("MX1", "MX2"), table) if parts else frame


def split(frame: pd.DataFrame, country: str, kinds: tuple[str, str], table: Published) -> pd.DataFrame:
    """Producers of a country become two kinds; rows and columns of the country itself stay, empty, as its final uses do, full."""
    for axis in ("rows", "columns"):
        whole = frame if axis == "rows" else frame.T
        mine = [f"{country}_{s}" for s in table.sectors]
        pieces = [
            whole.loc[mine].mul(weight).rename(lambda label, kind=kind: label.replace(country, kind))
            for kind, weight in zip(kinds, (0.3, 0.7), strict=True)
        ]
        whole = pd.concat([whole.assign(), *pieces])
        whole.loc[mine] = 0.0
        last = [label for label in whole.index if label not in [p for piece in pieces for p in piece.index]]
        made = [label for label in last if "_" in label and label.split("_", 1)[1] in table.sectors]
        order = [*made, *(p for piece in pieces for p in piece.index), *(label for label in last if label not in made)]
        frame = whole.loc[order] if axis == "rows" else whole.loc[order].T
    return frame


FIGARO_USES = ("P3_S13", "P3_S14", "P3_S15", "P51G", "P5M")
FIGARO_COUNTRIES = ["AT", "GR", "US", "CN", "FIGW1"]


def figaro_frame(table: Published, products: bool = False) -> pd.DataFrame:
    """A FIGARO matrix, industry by industry or product by product."""
    code = "CPA_" if products else ""
    rows = [f"{c}_{code}{s}" for c, s in table.rows]
    frame = pd.DataFrame(table.matrix[:, :-1], rows, rows + [f"{c}_{u}" for c, u in table.columns[len(rows) :]])
    added = np.concatenate([table.value_added, np.zeros(frame.shape[1] - len(rows))])
    nothing = np.zeros(frame.shape[1])
    shares = {"D21X31": 0.1, "OP_RES": 0.0, "OP_NRES": 0.0, "D1": 0.5, "D29X39": 0.1, "B2A3G": 0.3}
    for name, share in shares.items():
        frame.loc[f"W2_{name}"] = nothing + share * added
    frame.index.name = "rowLabels"
    return frame


def figaro_flat(frame: pd.DataFrame) -> pd.DataFrame:
    """The same as a line for each cell."""
    long = frame.stack().reset_index()
    long.columns = ["icioiRow", "icioiCol", "obsValue"]
    for area, code, label in (("refArea", "rowIi", "icioiRow"), ("counterpartArea", "colIi", "icioiCol")):
        long[[area, code]] = long[label].str.split("_", n=1, expand=True)
    names = ["icioiRow", "icioiCol", "refArea", "rowIi", "counterpartArea", "colIi", "obsValue"]
    products = long["rowIi"].str.startswith("CPA_").any()
    return long[names].rename(columns=lambda name: name.replace("icioi", "iciop").replace("Ii", "Pp") if products else name)


Headers = dict[str, tuple[np.ndarray, list[tuple[str, list[str]]]]]


def gtap_world() -> Economy:
    """Three regions, two goods, tariffs of 0 to 30 %, two factors."""
    plain = economy(3, 2).data
    rng = np.random.default_rng(5)
    away = 1.0 - np.eye(3)
    tariff = plain["flow"].copy(data=rng.uniform(0, 0.3, (3, 3, 2)) * away[:, :, None])
    share = xr.DataArray([0.6, 0.4], {"factor": ["Labour", "Capital"]}, ["factor"])
    variables = {
        "flow": plain["flow"],
        "tariff": tariff,
        "intermediate": plain["intermediate"],
        "value_added": plain["value_added"].sum("factor") * share,
    }
    return make_economy(xr.Dataset(variables))


def gtap_headers(classic: bool = False) -> Headers:
    """The headers of an economy whose users of a good all buy the same mix of domestic and imported."""
    data = gtap_world().data
    regions, goods = gtap_world().countries, gtap_world().sectors
    value = data["flow"] * (1 + data["tariff"])
    home = np.array([[float(value.sel(exporter=r, importer=r, sector=g)) for r in regions] for g in goods])
    spending = value.sum("exporter").transpose("sector", "importer").values
    domestic = home / spending
    firms = data["intermediate"].transpose("input", "sector", "country").values
    final = spending - firms.sum(1)
    away = 1.0 - np.eye(len(regions))
    basic = value.transpose("sector", "exporter", "importer").values * away
    cif = data["flow"].transpose("sector", "exporter", "importer").values * away
    paid = data["value_added"].transpose("factor", "sector", "country").values
    comm, acts, reg, ends = ("COMM", goods), ("ACTS", goods), ("REG", regions), ("ENDW", gtap_world().factors)
    found: Headers = {
        "VMSB": (basic, [comm, reg, reg]),
        "VCIF": (cif, [comm, reg, reg]),
        "VFOB": (cif, [comm, reg, reg]),
        "EVFB": (paid, [ends, acts, reg]),
    }
    for kind, share in (("D", domestic), ("M", 1 - domestic)):
        found[f"V{kind}FB"] = (firms * share[:, None], [comm, acts, reg])
        for user, weight in (("P", 0.5), ("G", 0.3), ("I", 0.2)):
            found[f"V{kind}{user}B"] = (weight * final * share, [comm, reg])
    return _classic(found, goods) if classic else found


def _classic(found: Headers, goods: list[str]) -> Headers:
    """The classic names, with investment as an activity."""
    names = {"VDPB": "VDPM", "VMPB": "VIPM", "VDGB": "VDGM", "VMGB": "VIGM", "VMSB": "VIMS", "VCIF": "VIWS", "VFOB": "VXWD", "EVFB": "VFM"}
    result = {new: found[old] for old, new in names.items()}
    for old, new, capital in (("VDFB", "VDFM", "VDIB"), ("VMFB", "VIFM", "VMIB")):
        array, sets = found[old]
        result[new] = (np.concatenate([array, found[capital][0][:, None]], axis=1), [sets[0], ("PROD", [*goods, "CGDS"]), sets[2]])
    paid, sets = result["VFM"]
    result["VFM"] = (np.concatenate([paid, np.zeros((2, 1, 3))], axis=1), [sets[0], ("PROD", [*goods, "CGDS"]), sets[2]])
    return result


MRIO_USES = ("Household final consumption P.3h", "Gross fixed capital formation P.51", "Changes in inventories P.52")


def write_lines(path: Path, cells: np.ndarray, separator: str) -> None:
    """Numbers without headings, a line for each row."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(cells).to_csv(path, sep=separator, header=False, index=False)


def eora26(folder: Path, table: Published, year: int, price: str = "bp") -> Path:
    """Eora26 as unpacked: matrices and labels apart, with the region ROW that only balances (sells 1 to each producer, buys 2 of each)."""
    n, stem = len(table.rows), f"Eora26_{year}_{price}"
    z = np.pad(table.matrix[:, :n], ((0, 1), (0, 1)))
    z[-1, :-1], z[:-1, -1] = 1.0, 2.0
    write_lines(folder / f"{stem}_T.txt", z, "\t")
    write_lines(folder / f"{stem}_FD.txt", np.pad(table.matrix[:, n:-1], ((0, 1), (0, len(table.uses)))), "\t")
    write_lines(folder / f"{stem}_VA.txt", np.append(table.value_added, 0.0)[None], "\t")
    write_lines(folder / f"{stem}_Q.txt", np.ones((1, n + 1)), "\t")
    write_lines(folder / f"{stem}_QY.txt", np.ones((1, table.matrix.shape[1] - 1 - n + len(table.uses))), "\t")
    rows = [("Country", c, "Industries", s, "") for c, s in table.rows] + [("Rest", "ROW", "TOTAL", "TOTAL", "")]
    uses = [("Country", c, "Final demand", u, "") for c in [*table.countries, "ROW"] for u in table.uses]
    labels = {"T": rows, "FD": uses, "VA": [("Primary inputs", "Value added", "")], "Q": [("Emissions", "CO2 (Gg)", "")]}
    for name, lines in labels.items():
        pd.DataFrame(lines).to_csv(folder / f"labels_{name}.txt", sep="\t", header=False, index=False)
    return folder


def gloria(folder: Path, table: Published, year: int, version: str = "59") -> Path:
    """GLORIA as unpacked: supply (diagonal) and use in one matrix, region by region industries and then products."""
    countries, goods, n = len(table.countries), len(table.sectors), len(table.rows)
    t = np.zeros((countries, 2, goods, countries, 2, goods))
    t[:, 1, :, :, 0, :] = table.z
    for place in np.ndindex(countries, goods):
        t[place[0], 0, place[1], place[0], 1, place[1]] = table.output[place]
    y = np.zeros((countries, 2, goods, table.matrix.shape[1] - 1 - n))
    y[:, 1] = table.matrix[:, n:-1].reshape(countries, goods, -1)
    v = np.zeros((countries, 3, countries, 2, goods))
    for c in range(countries):
        v[c, 0, c, 0] = table.value_added.reshape(countries, goods)[c]
    stem = f"0_120secMother_AllCountries_002_{{}}-Results_{year}_0{version}_Markup001(full).csv"
    main, satellites = folder / f"GLORIA_MRIOs_{version}_{year}", folder / f"GLORIA_SatelliteAccounts_0{version}_{year}"
    write_lines(main / stem.format("T"), t.reshape(2 * n, 2 * n), ",")
    write_lines(main / stem.format("Y"), y.reshape(2 * n, -1), ",")
    write_lines(main / stem.format("V"), v.reshape(3 * countries, 2 * n), ",")
    write_lines(satellites / stem.format("TQ"), np.ones((1, 2 * n)), ",")
    write_lines(satellites / stem.format("YQ"), np.ones((1, y.shape[-1])), ",")
    sheets = {
        "Regions": {"Region_acronyms": table.countries, "Region_names": table.countries},
        "Sectors": {"Sector_names": table.sectors},
        "Value added and final demand": {"Value_added_names": ["Compensation", "Surplus", "Taxes"], "Final_demand_names": list(table.uses)},
        "Satellites": {"Sat_indicator": ["CO2"], "Sat_head_indicator": ["Emissions"], "Sat_unit": ["kt"]},
    }
    with pd.ExcelWriter(folder / f"GLORIA_ReadMe_0{version}.xlsx", engine="xlsxwriter") as book:
        for name, columns in sheets.items():
            pd.DataFrame(columns).to_excel(book, sheet_name=name, index=False)
    return folder


def gtap_csv(folder: Path, content: Headers, headings: bool = True, zeros: bool = True) -> Path:
    """A file for each header, with its cells line by line; gdxdump of GAMS leaves zeros out."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (array, sets) in content.items():
        labels = pd.MultiIndex.from_product([known for _, known in sets], names=[kind for kind, _ in sets])
        cells = pd.DataFrame({"Value": array.ravel()}, labels)
        (cells if zeros else cells[cells["Value"] != 0]).to_csv(folder / f"{name}.csv", header=headings)
    return folder


def tidy_frame(table: Published) -> pd.DataFrame:
    """One row for each flow of a table, by use."""
    rows = [
        (i, n, s, u, float(value))
        for (i, s), line in zip(table.rows, table.matrix, strict=True)
        for (n, u), value in zip(table.columns, line[:-1], strict=True)
    ]
    return pd.DataFrame(rows, columns=["exporter", "importer", "sector", "use", "value"])
