"""GTAP: `basedata.har` with the headers of the standard model, version 7 (`VDFB`, `VMSB` …) or classic (`VDFM`, `VIMS` …), through harpy3; or csv.

As csv a data base is a folder, or a zip archive, with a file for each header (`gtap_csv`); harpy3 is not needed then.

Read are purchases of domestic and imported goods by firms [COMM, ACTS, REG], households, government and investment [COMM, REG], imports by
source at cif and at basic prices [COMM, REG, REG], and payments to endowments [ENDW, ACTS, REG]. Flows between regions are cif values, so that
the tariff, basic over cif value, is ad valorem on them: transport margins are counted with the good and their sales to the world pool left out,
which the account says. Imported inputs of a firm come from the sources from which its region imports the good. Activities must be commodities
(a diagonal make matrix, as in the published data). Million USD.
"""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from cge.data.arrays import Array
from cge.data.extras import extra
from cge.data.sources.files import agreed_year, existing, frame
from cge.data.sources.gtap_csv import read_headers
from cge.data.sources.matrix import short
from cge.data.sources.table import Table, Treatment
from cge.errors import DataError

CLASSIC = {
    "VDFB": "VDFM", "VMFB": "VIFM", "VDPB": "VDPM", "VMPB": "VIPM", "VDGB": "VDGM", "VMGB": "VIGM", "VMSB": "VIMS", "VCIF": "VIWS",
    "VFOB": "VXWD", "EVFB": "VFM",
}  # fmt: skip
"""Headers of version 7 and what the classic model calls them; there investment is the activity `CGDS`."""

NEEDED = ("VDFB", "VMFB", "VDPB", "VMPB", "VDGB", "VMGB", "VMSB", "VCIF", "EVFB")
READ = (*NEEDED, "VDIB", "VMIB", "VFOB", "MAKB")
SINGLE = 1e-6
"""Rates below this are the rounding of numbers that HAR stores with seven digits."""

Headers = dict[str, tuple[Array, list[list[str]]]]
"""Numbers of each header and the labels of its dims."""


def read_gtap(path: Path, year: int | None = None) -> Table:
    """A GTAP data base.

    Raises:
        DataError: harpy3 is not installed; headers that are absent; labels that differ between headers; cells that are no numbers or negative.
    """
    headers = _with_investment(_named(_of_csv(path) if _is_csv(existing(path, folder=True)) else _of_har(path)))
    faults = list(_faults(headers))
    if faults:
        raise DataError(f"{path}: {fault}" for fault in faults)
    goods, _, regions = headers["VDFB"][1]
    dated = agreed_year(path, year, None)
    about: dict[str, object] = {
        "title": f"GTAP, {dated}" if dated else "GTAP",
        "source": "GTAP Data Base",
        "licence": "GTAP licence: not to be passed on",
    }
    about |= {"year": dated or "", "unit": "million USD"}
    return _table({name: array for name, (array, _) in headers.items()}, goods, regions, headers["EVFB"][1][0], about)


def _is_csv(path: Path) -> bool:
    """Whether a path is a folder or an archive of csv, and no HAR file."""
    return path.is_dir() or zipfile.is_zipfile(path)


def _of_csv(path: Path) -> dict[str, Any]:
    """The headers that are looked for, from csv files."""
    return frame(path, lambda: read_headers(path, {name: name for name in READ} | {old: new for new, old in CLASSIC.items()}), "csv")


def _of_har(path: Path) -> dict[str, Any]:
    """The headers that are looked for, from a HAR file."""
    files = extra("harpy.har_file_io", "gtap").HarFileIO
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # harpy3 uses what numpy is about to drop
        with redirect_stderr(StringIO()):  # where it prints its stack when a file is cut off
            return frame(path, lambda: _read(path, files), "a HAR file of GEMPACK")


def _named(found: Mapping[str, Any]) -> Headers:
    """Headers under the names of version 7."""
    named: Headers = {}
    for name in READ:
        header = found.get(name, found.get(CLASSIC.get(name, name)))
        if header is not None and header.get("sets"):
            labels = [[str(element).strip() for element in dim["dim_desc"] or []] for dim in header["sets"]]
            named[name] = (np.asarray(header["array"], dtype=np.float64), labels)
    return named


def _read(path: Path, files: Any) -> dict[str, Any]:
    """The headers that are looked for, by name. Others are left alone: harpy3 (0.3) reads no RL, DE or DL, and text in UTF-8 only.

    Args:
        files: harpy3's `HarFileIO`.
    """
    listed = files.readHarFileInfo(str(path))
    names = {name.strip().upper(): name for name in listed.getHeaderArrayNames()}
    wanted = {name: names[name] for name in (*READ, *CLASSIC.values()) if name in names}
    return {name: files.readHeader(hfi=listed, header_name=stored) for name, stored in wanted.items()}


def _with_investment(headers: Headers) -> Headers:
    """Classic data with the activity CGDS as purchases of investment, as version 7 has them."""
    for name, own in (("VDFB", "VDIB"), ("VMFB", "VMIB")):
        if name in headers and own not in headers and "CGDS" in [label.upper() for label in headers[name][1][1]]:
            array, (goods, users, regions) = headers[name]
            place = [label.upper() for label in users].index("CGDS")
            headers[own] = (array[:, place], [goods, regions])
            headers[name] = (np.delete(array, place, axis=1), [goods, users[:place] + users[place + 1 :], regions])
    if "EVFB" in headers and len(headers["EVFB"][1][1]) == len(headers.get("VDFB", (0, [[], []]))[1][1]) + 1:
        array, (factors, users, regions) = headers["EVFB"]
        keep = [k for k, label in enumerate(users) if label.upper() != "CGDS"]
        headers["EVFB"] = (array[:, keep], [factors, [users[k] for k in keep], regions])
    return headers


def _faults(headers: Headers) -> Iterator[str]:
    absent = [name for name in (*NEEDED, "VDIB", "VMIB") if name not in headers]
    if absent:
        yield from (f"no header {name}{f' (classic: {CLASSIC[name]})' if name in CLASSIC else ''} with its sets." for name in absent)
        return
    goods, users, regions = headers["VDFB"][1]
    if goods != users:
        yield "VDFB: activities are not the commodities, in the same order; aggregate the data base to a diagonal make matrix first."
    dims = {"VDFB": 3, "VMFB": 3}
    for name, (array, labels) in headers.items():
        first = [headers["EVFB"][1][0]] if name == "EVFB" else [goods]
        kinds = {"EVFB": [goods, regions], "MAKB": [goods, regions], "VMSB": [regions] * 2, "VCIF": [regions] * 2, "VFOB": [regions] * 2}
        wanted = first + kinds.get(name, [goods, regions] if name in dims else [regions])
        if labels != wanted:
            yield f"{name}: its labels are not those of VDFB, in the same order."
        for place in np.argwhere(~np.isfinite(array) | (array < 0))[:3]:
            where = " ".join(labels[k][p] for k, p in enumerate(place))
            yield f"{name} at {where}: {array[tuple(place)]:.6g} is negative or not finite."
    if "MAKB" in headers and headers["MAKB"][1][:2] == [goods, goods]:
        made = headers["MAKB"][0].copy()
        made[np.arange(len(goods)), np.arange(len(goods))] = 0.0
        yield from short(
            [f"MAKB: {goods[p[1]]} of {regions[p[2]]} also makes {goods[p[0]]}; aggregate first." for p in np.argwhere(made > 0)]
        )


def _table(data: Mapping[str, Array], goods: list[str], regions: list[str], factors: list[str], about: Mapping[str, object]) -> Table:
    """Uses by source: domestic ones at home, imported ones in proportion to imports of the good by the region."""
    firms = [data[name].transpose(2, 0, 1) for name in ("VDFB", "VMFB")]  # [importer, good, user]
    final = [np.stack([data[f"V{kind}{user}B"].T for user in "PGI"], axis=2) for kind in "DM"]
    basic, cif = (data[name].transpose(1, 2, 0) for name in ("VMSB", "VCIF"))  # [exporter, importer, good]
    diagonal = np.arange(len(regions))
    inside = basic[diagonal, diagonal]
    rate = np.where(cif > 0, basic / np.where(cif > 0, cif, 1.0) - 1, 0.0)
    rate = np.where(np.abs(rate) < SINGLE, 0.0, rate)
    own = (inside - cif[diagonal, diagonal]).sum()
    rate[diagonal, diagonal] = 0.0
    whole = basic.sum(0)
    # at cif values; where the subsidy is all of the value, nothing is paid for the flow at basic prices
    value = np.where(rate > -1, basic / np.where(rate > -1, 1 + rate, 1.0), cif)
    weight = np.where(whole > 0, value / np.where(whole > 0, whole, 1.0), 0.0)
    parts = []
    for home, foreign in (firms, final):
        part = np.einsum("ing,ngu->ignu", weight, foreign)
        part[diagonal, :, diagonal] += home
        parts.append(part)
    sold = np.where(np.eye(len(regions), dtype=bool)[:, :, None], basic, cif).sum(1)
    output = sold + firms[0].sum(2) + final[0].sum(2)
    payments = {name: paid.T for name, paid in zip(factors, data["EVFB"], strict=True)}
    table = Table(
        regions, goods, ["private", "government", "investment"], parts[0], parts[1], output, factors=payments, tariff=rate, attrs=about
    )
    return replace(table, account=tuple(_account(table, data, own)))


def _account(table: Table, data: Mapping[str, Array], own: float) -> Iterator[Treatment]:
    if "VFOB" in data:
        margin = data["VCIF"] - data["VFOB"]
        text = "Transport margins are counted with the good, at cif values; sales of transport services to the world pool are left out."
        yield table.treatment("transport_margins", np.count_nonzero(margin), np.abs(margin).sum(), text)
    if abs(own) > SINGLE * table.sales.sum():
        yield table.treatment(
            "tariffs_inside_regions", len(table.countries), own, "Tariffs on trade inside a region are counted with home sales."
        )
