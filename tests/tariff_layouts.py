"""One small schedule of duties in the layouts of the publishers of tariffs, each with all of its columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

NUMBER = {"USA": "840", "CAN": "124", "DEU": "276", "FRA": "250", "EUN": "918", "WLD": "000", "CHN": "156"}
WTO = {"EUN": "EEC"}
NAME = {"USA": "United States of America", "CAN": "Canada", "EUN": "European Union"}
MEMBERS = {"EUN": ("DEU", "FRA")}
COUNTRIES = ("USA", "CAN", "DEU", "FRA")


@dataclass(frozen=True)
class Duty:
    """One line of a schedule: percent, None where the duty is specific; money of imports."""

    importer: str
    exporter: str
    product: str
    kind: str
    percent: float | None
    imports: float = 100.0
    year: int = 2018


PRODUCTS = ("010129", "020110", "870321")
MOST_FAVOURED = {"USA": (5.0, 10.0, 2.5), "CAN": (0.0, 26.5, 6.1), "EUN": (11.5, 12.8, 10.0)}

SCHEDULE = [
    *(Duty(importer, "WLD", product, "MFN", percent) for importer, duties in MOST_FAVOURED.items()
      for product, percent in zip(PRODUCTS, duties, strict=True)),
    *(Duty(*pair, product, "PRF", 0.0, 50.0) for pair in (("USA", "CAN"), ("CAN", "USA")) for product in PRODUCTS),
    Duty("CAN", "EUN", "870321", "PRF", 3.0, 50.0),
]  # fmt: skip
"""Most favoured nations of three importers, the United States and Canada free with each other, a preference of Canada for cars of the Union."""

CONCORDANCE = "from,to\n010129,farm\n020110,farm\n870321,cars\n"


def expected(importer: str, exporter: str, preferences: bool = True) -> dict[str, float]:
    """Rates of farm (the mean of two products) and cars that the schedule stands for, or what is in it for most favoured nations."""
    by = "EUN" if importer in MEMBERS["EUN"] else importer
    if {importer, exporter} <= set(MEMBERS["EUN"]) or (preferences and {importer, exporter} == {"USA", "CAN"}):
        return {"farm": 0.0, "cars": 0.0}
    first, second, cars = MOST_FAVOURED[by]
    cars = 3.0 if preferences and importer == "CAN" and exporter in MEMBERS["EUN"] else cars
    return {"farm": (first + second) / 200, "cars": cars / 100}


def text(header: str, rows: Iterable[Iterable[object]], separator: str = ",") -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    writer.writerow(header.split(","))
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
    return out.getvalue()


def pairs(duties: list[Duty]) -> Iterator[tuple[str, str, str, float]]:
    """Applied duties of every pair of countries and product, as publishers of applied protection give them."""
    for importer in COUNTRIES:
        for exporter in COUNTRIES:
            named = [d for d in duties if importer in MEMBERS.get(d.importer, (d.importer,)) and importer != exporter]
            for product in PRODUCTS:
                fit = [
                    d for d in named if d.product == product and (d.exporter == "WLD" or exporter in MEMBERS.get(d.exporter, (d.exporter,)))
                ]
                if fit:
                    nearest = min(fit, key=lambda d: d.exporter == "WLD")
                    inside = {importer, exporter} <= set(MEMBERS["EUN"])
                    yield importer, exporter, product, 0.0 if inside else float(nearest.percent or 0.0)


def wits_query(duties: list[Duty]) -> str:
    header = (
        "Selected Nomen,Native Nomen,Reporter,Reporter Name,Product,Product Name,Partner,Partner Name,Tariff Year,Trade Year,Trade Source,DutyType,"
        "Simple Average,Weighted Average,Standard Deviation,Minimum Rate,Maximum Rate,Nbr of Total Lines,Nbr of DomesticPeaks,"
        "Nbr of InternationalPeaks,Imports Value in 1000 USD,Binding Coverage"
    )
    rows = [
        ("H5", "H5", NUMBER[d.importer], "name, of it", d.product, "name, of it", NUMBER[d.exporter], "name", d.year, d.year, "CMT", d.kind,
         d.percent, d.percent, 0, d.percent, d.percent, 3, 0, 0, d.imports, 100)
        for d in duties
    ]  # fmt: skip
    return text(header, rows)


def trains(duties: list[Duty]) -> str:
    header = (
        "NomenCode,Reporter_ISO_N,Year,ProductCode,Partner,Sum_Of_Rates,Min_Rate,Max_Rate,SimpleAverage,Nbr_NA_Lines,Nbr_Free_Lines,"
        "Nbr_AVE_Lines,Nbr_Dutiable_Lines,TotalNoOfValidLines,TotalNoOfLines,EstCode"
    )
    rows = [
        ("H5", NUMBER[d.importer], d.year, d.product, NUMBER[d.exporter], d.percent, d.percent, d.percent, "NA" if d.percent is None else d.percent,
         int(d.percent is None), 0, 0, 1, 1, 1, "U2")
        for d in duties
    ]  # fmt: skip
    return text(header, rows)


def wto(duties: list[Duty]) -> str:
    header = (
        "Indicator Category,Indicator Code,Indicator,Reporting Economy Code,Reporting Economy ISO3A Code,Reporting Economy,Partner Economy Code,"
        "Partner Economy ISO3A Code,Partner Economy,Product/Sector Classification Code,Product/Sector Classification,Product/Sector Code,"
        "Product/Sector,Period Code,Period,Frequency Code,Frequency,Unit Code,Unit,Year,Value Flag Code,Value Flag,Text Value,Value"
    )
    codes = {"MFN": "HS_A_0015", "PRF": "HS_P_0070", "BND": "HS_B_0010"}
    rows = [
        ("Tariffs", codes[d.kind], "HS duties", NUMBER[d.importer], WTO.get(d.importer, d.importer), "name",
         "" if d.kind == "MFN" else NUMBER[d.exporter], "" if d.kind == "MFN" else WTO.get(d.exporter, d.exporter), "", "HS2017", "HS 2017",
         d.product, "name, of it", "A", "Annual", "A", "Annual", "PC", "Percent", d.year, "", "", "" if d.percent is not None else "12 USD/kg",
         d.percent)
        for d in duties
    ]  # fmt: skip
    return text(header, rows)


def facility(duties: list[Duty]) -> str:
    """Most favoured nations alone, in tabs."""
    header = "Reporter,Year,HS code level,Product,AVDuty average,AVDuty minimum,AVDuty maximum,Percent duty free,List of unit values"
    rows = [(NAME[d.importer], d.year, 6, d.product, d.percent, d.percent, d.percent, 0, "") for d in duties if d.kind == "MFN"]
    return text(header, rows, "\t")


def teti(duties: list[Duty]) -> str:
    rows = [
        (n, i, 2018, product, percent, percent, percent, percent, percent, percent, percent, percent)
        for n, i, product, percent in pairs(duties)
    ]
    return text("iso1,iso2,year,sector,tariff,mfn,tariff_w,mfn_w,tariff95,mfn95,tariff95_w,mfn95_w", rows)


def macmap(duties: list[Duty]) -> str:
    return text("importer,exporter,hs6_2007,year,adv", [(n, i, product, 2019, percent / 100) for n, i, product, percent in pairs(duties)])


def macmap_aggregated(duties: list[Duty]) -> str:
    rows = [(NUMBER[n], NUMBER[i], product[:2], percent / 100, 1.0) for n, i, product, percent in pairs(duties)]
    return text("reporter,partner,hs2,adv,w_rg", rows)


COMTRADE = (
    "typeCode,freqCode,refPeriodId,refYear,refMonth,period,reporterCode,reporterISO,reporterDesc,flowCode,flowDesc,partnerCode,partnerISO,partnerDesc,"
    "partner2Code,partner2ISO,partner2Desc,classificationCode,classificationSearchCode,isOriginalClassification,cmdCode,cmdDesc,aggrLevel,isLeaf,"
    "customsCode,customsDesc,mosCode,motCode,motDesc,qtyUnitCode,qtyUnitAbbr,qty,isQtyEstimated,altQtyUnitCode,altQtyUnitAbbr,altQty,"
    "isAltQtyEstimated,netWgt,isNetWgtEstimated,grossWgt,isGrossWgtEstimated,cifvalue,fobvalue,primaryValue,legacyEstimationFlag,isReported,"
    "isAggregate"
)


def comtrade(trade: Iterable[tuple[str, str, str, float]], flow: str = "M") -> str:
    """Imports by reporter, partner and product."""
    rows = [
        ("C", "A", "", 2018, 52, 2018, NUMBER[n], n, "name", flow, "Import", NUMBER[i], i, "name", 0, "W00", "World", "H5", "HS", 1, product,
         "name, of it", 6, 1, "C00", "", 0, 0, "", -1, "N/A", *[""] * 10, value, "", value, 0, 1, 0)
        for n, i, product, value in trade
    ]  # fmt: skip
    return text(COMTRADE, rows)


OLD_COMTRADE = (
    "Classification,Year,Period,Period Desc.,Aggregate Level,Is Leaf Code,Trade Flow Code,Trade Flow,Reporter Code,Reporter,"
    "Reporter ISO,Partner Code,"
    "Partner,Partner ISO,2nd Partner Code,2nd Partner,2nd Partner ISO,Customs Proc. Code,Customs,Mode of Transport Code,Mode of Transport,"
    "Commodity Code,Commodity,Qty Unit Code,Qty Unit,Qty,Alt Qty Unit Code,Alt Qty Unit,Alt Qty,Netweight (kg),Gross weight (kg),Trade Value (US$),"
    "CIF Trade Value (US$),FOB Trade Value (US$),Flag"
)


def old_comtrade(trade: Iterable[tuple[str, str, str, float]]) -> str:
    empty = [""]
    rows = [
        ("H5", 2018, 2018, 2018, 6, 1, 1, "Import", NUMBER[n], "name", n, NUMBER[i], "name", i, *empty * 7, product, "name, of it",
         *empty * 8, value, "", "", 0)
        for n, i, product, value in trade
    ]  # fmt: skip
    return text(OLD_COMTRADE, rows)


DUTIES: dict[str, tuple[str, Callable[[list[Duty]], str]]] = {
    "wits_query": ("wits", wits_query), "trains": ("wits", trains), "wto": ("wto", wto), "facility": ("wto", facility), "teti": ("teti", teti),
    "macmap": ("macmap", macmap), "macmap_aggregated": ("macmap", macmap_aggregated),
}  # fmt: skip
"""Files of duties: what `--layout` calls them, and what writes them."""
