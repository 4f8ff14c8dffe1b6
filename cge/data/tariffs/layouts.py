"""Tables of tariffs as their publishers lay them out: one record each, recognised by its headings.

None of them was tried on an original: what stands here is what the publishers' pages say and what public programs read, and the tests build
small files in each layout. Where neither says what a number is (the unit of the Global Tariff Database and of MAcMap-HS6), numbers are taken for
rates and refused where they look like percent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cge.data.choices import TariffLayout, Unit
from cge.errors import DataError, nearest

APPLIED, PREFERENCE, MFN, PLAIN_MFN = 0, 1, 2, 3
"""Kinds of duties, the nearest first: effectively applied; preferential; most favoured nation, with ad valorem equivalents of specific duties or
without."""

LABELS = ("importer", "exporter", "sector", "year", "kind", "revision", "flow")
"""Columns of labels that a layout may have: three keys, the year, the kind of duty, the revision of the Harmonized System, the direction of trade."""

VALUES = ("tariff", "mean", "weight", "unpriced")
"""Columns of numbers: the duty, its mean weighted by trade, the value of trade, and how many tariff lines have no ad valorem rate."""


ALWAYS = ("tariff", "unpriced")
"""Numbers that are read whatever averages are; the others are for weighted ones."""


NOTHING = frozenset({"", "na", "n/a", "n.a.", "nan", "null", "none", "-", "..", "nav"})
"""What stands, in small letters, where a number is lacking: a duty has no ad valorem rate, nothing is traded."""


ZERO = ("", "0", "0.0")
"""How the number 0 stands in a column of labels, where it may be left out."""


@dataclass(frozen=True)
class Layout:
    """How a publisher lays out a table.

    Attributes:
        name: publisher, as `--layout` names it. words: what the table is. source: who describes it so.
        needs: headings, plain, by which it is recognised. columns: for each of `LABELS` and `VALUES` that it has, headings, plain, of which
            the first that is there counts.
        unit: of the duties; None where no source says.
        kinds: kind of duty by what stands in its column, in capitals; others are left out. everybody: an empty partner of a duty for most favoured
            nations stands for all. coded: products are codes of the Harmonized System, of an even number of digits.
        imports: what stands in the column of flows for imports, and the trade is that, not duties.
        whole: by the plain heading of a column that breaks trade down (means of transport, second partners, customs procedures), what stands there,
            in capitals, in rows of the whole; other rows are parts of it.
    """

    name: TariffLayout
    words: str
    source: str
    needs: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    unit: Unit | None = None
    kinds: Mapping[str, int] = field(default_factory=dict)
    everybody: bool = False
    coded: bool = False
    imports: tuple[str, ...] = ()
    whole: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def found_in(self, header: Iterable[str]) -> dict[str, str]:
        """The heading, as it stands, of each of its columns that a table has."""
        own = {plain(name): name for name in header}
        found = {role: next((own[name] for name in names if name in own), None) for role, names in self.columns.items()}
        return {role: name for role, name in found.items() if name is not None}


def plain(heading: str) -> str:
    """A heading in small letters without blanks and signs."""
    return re.sub(r"[\W_]", "", str(heading)).lower()


LAYOUTS = (
    Layout(
        "wits",
        "a tariff query of WITS",
        "WITS online help, Advanced query, Tariffs: results (column headings, duty types, averages in percentage points)",
        ("reporter", "partner", "product", "dutytype", "simpleaverage"),
        {
            "importer": ("reporter",), "exporter": ("partner",), "sector": ("product",), "year": ("tariffyear",), "kind": ("dutytype",),
            "revision": ("nativenomen", "selectednomen"), "tariff": ("simpleaverage",), "mean": ("weightedaverage",),
            "weight": ("importsvaluein1000usd",),
        },
        "percent",
        {"AHS": APPLIED, "PRF": PREFERENCE, "MFN": MFN},
        coded=True,
    ),
    Layout(
        "wits",
        "a schedule of UNCTAD TRAINS in the bulk download of WITS",
        "public readers of the files AVEMFN_… and AVEPref_… (their fifteen and sixteen columns; SimpleAverage in percent)",
        ("nomencode", "reporterison", "productcode", "simpleaverage"),
        {
            "importer": ("reporterison",), "exporter": ("partner",), "sector": ("productcode",), "year": ("year",), "revision": ("nomencode",),
            "tariff": ("simpleaverage",), "unpriced": ("nbrnalines",),
        },
        "percent",
        coded=True,
    ),
    Layout(
        "wto",
        "a download of WTO Stats or its API",
        "public readers of these files (headings; indicators HS_A_0010 and HS_A_0015, MFN applied without and with ad valorem equivalents, "
        "HS_P_0070, lowest preferential rate; percent)",
        ("indicatorcode", "reportingeconomycode", "productsectorcode", "value"),
        {
            "importer": ("reportingeconomyiso3acode", "reportingeconomycode"), "exporter": ("partnereconomyiso3acode", "partnereconomycode"),
            "sector": ("productsectorcode",), "year": ("year",), "kind": ("indicatorcode",), "revision": ("productsectorclassificationcode",),
            "tariff": ("value",),
        },
        "percent",
        {"HS_A_0015": MFN, "HS_A_0010": PLAIN_MFN, "HS_P_0070": PREFERENCE},
        everybody=True,
        coded=True,
    ),
    Layout(
        "wto",
        "applied duties of the WTO Tariff Download Facility",
        "user guide of the Tariff Download Facility (applied MFN duties by subheading) and public readers (Reporter, Year, Product, AVDuty average)",
        ("reporter", "year", "product", "avdutyaverage"),
        {
            "importer": ("reporter",), "exporter": ("partner",), "sector": ("product",), "year": ("year",), "tariff": ("avdutyaverage",),
            "revision": ("nomenclature", "hsversion"), "unpriced": ("numberofnavdutylines", "numberofnav"),
        },
        "percent",
        coded=True,
    ),
    Layout(
        "teti",
        "the Global Tariff Database of Teti",
        "Teti (2024), Missing tariffs, and public readers of tariffsPairs_… and tariff_isic33_… (iso1 the importer, iso2 the exporter; "
        "means simple and weighted, _w)",
        ("iso1", "iso2", "year", "tariff"),
        {
            "importer": ("iso1",), "exporter": ("iso2",), "sector": ("sector", "hs6", "hs4", "hs2", "gtap", "isic33", "section"), "year": ("year",),
            "tariff": ("tariff",), "mean": ("tariffw",),
        },
    ),
    Layout(
        "macmap",
        "MAcMap-HS6 of the CEPII",
        "CEPII, MAcMap-HS6 (ad valorem equivalents of applied protection), and public readers of mmhs6_YEAR.csv (importer, exporter, "
        "hs6_2007, year, adv)",
        ("importer", "exporter", "adv"),
        {
            "importer": ("importer",), "exporter": ("exporter",), "sector": ("hs62007", "hs6", "hs4", "hs2", "gtap"), "year": ("year",),
            "tariff": ("adv",),
        },
        coded=True,
    ),
    Layout(
        "macmap",
        "MAcMap-HS6 of the CEPII, aggregated",
        "CEPII, MAcMap-HS6, and public readers of the aggregated files (reporter, partner, hs2, adv, w_rg: trade of the reference group)",
        ("reporter", "partner", "adv"),
        {
            "importer": ("reporter",), "exporter": ("partner",), "sector": ("hs2", "hs4", "hs6", "gtap", "sector"), "year": ("year",),
            "tariff": ("adv",), "weight": ("wrg",),
        },
    ),
    Layout(
        "comtrade",
        "trade statistics of UN Comtrade",
        "UN Comtrade, API of 2023 on, as public readers list its 47 columns (primaryValue in US dollars; flow M for imports)",
        ("reportercode", "partnercode", "cmdcode", "flowcode", "primaryvalue"),
        {
            "importer": ("reportercode",), "exporter": ("partnercode",), "sector": ("cmdcode",),
            "year": ("refyear", "period"), "flow": ("flowcode",), "revision": ("classificationcode",), "weight": ("primaryvalue",),
        },
        coded=True,
        imports=("M", "IMPORT", "IMPORTS"),
        whole={"motcode": ZERO, "partner2code": ZERO, "customscode": ("", "C00")},
    ),
    Layout(
        "comtrade",
        "trade statistics of UN Comtrade",
        "UN Comtrade, API and downloads until 2023, as public readers list its 35 columns (Trade Value (US$); flow 1 for imports)",
        ("reportercode", "partnercode", "commoditycode", "tradeflowcode", "tradevalueus"),
        {
            "importer": ("reportercode",), "exporter": ("partnercode",), "sector": ("commoditycode",),
            "year": ("year",), "flow": ("tradeflowcode",), "revision": ("classification",), "weight": ("tradevalueus",),
        },
        coded=True,
        imports=("1",),
        whole={"modeoftransportcode": ZERO, "2ndpartnercode": ZERO, "customsproccode": ("", "C00")},
    ),
)  # fmt: skip
"""Every layout; of those that a header fits, the one that asks for most counts."""


def recognised(header: Iterable[str], asked: TariffLayout | None, origin: str) -> Layout | None:
    """The layout of a table by its header; None where it is in none and none is asked for.

    Raises:
        DataError: it is not in the layout that is asked for.
    """
    names = list(header)
    have = {plain(name) for name in names}
    fitting = [layout for layout in LAYOUTS if set(layout.needs) <= have]
    wanted = [layout for layout in fitting if asked in (None, layout.name)]
    if wanted:
        return max(wanted, key=lambda layout: len(layout.needs))
    if asked is None:
        return None
    needs = " or ".join(", ".join(layout.needs) for layout in LAYOUTS if layout.name == asked)
    other = f" It looks like {fitting[0].words}: --layout {fitting[0].name}." if fitting else _misspelt(asked, have)
    raise DataError(
        f"{origin}: not in a layout of {asked}: its headings, without blanks and signs, have {needs}; found {', '.join(names)}.{other}"
    )


def _misspelt(asked: str, have: set[str]) -> str:
    """Headings of the layout that comes nearest which are not there, each with the one that may be meant."""
    layout = max((each for each in LAYOUTS if each.name == asked), key=lambda each: len(set(each.needs) & have))
    return "".join(f" No {name}.{nearest(name, sorted(have - set(layout.needs)))}" for name in layout.needs if name not in have)
