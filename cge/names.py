"""The words of the package: one table of names, symbols, dims, units and what the literature calls them."""

from __future__ import annotations

from typing import NamedTuple


class Name(NamedTuple):
    """A word of the package.

    Attributes:
        word: name in code and files; symbol: in docstrings; dims: labels it carries, in the order of the solvers; unit (`money`: that of the
            economy; `label`: text); meaning; alias: elsewhere in the literature.
    """

    word: str
    symbol: str
    dims: tuple[str, ...]
    unit: str
    meaning: str
    alias: str = ""


_CELL = ("sector", "country")
_PAIR = ("sector", "exporter", "importer")

_WORDS = (
    # labels
    Name("exporter", "i", ("exporter",), "label", "origin of a flow"),
    Name("importer", "n", ("importer",), "label", "destination of a flow"),
    Name("country", "i, n", ("country",), "label", "country, of its own variables"),
    Name("sector", "s", ("sector",), "label", "sector that sells"),
    Name("input", "k", ("input",), "label", "sector whose good is bought as an input"),
    Name("factor", "f", ("factor",), "label", "labour, or skills, or labour and capital"),
    Name("country_name", "", ("exporter",), "label", "name of a country in words"),
    Name("sector_name", "", ("sector",), "label", "name of a sector in words"),
    # an economy
    Name(
        "flow",
        "F",
        _PAIR,
        "money",
        "sales at producer prices, net of tariff and export tax; own sales on the diagonal",
        "X_ni (Melitz and Redding)",
    ),
    Name("tariff", "t", _PAIR, "rate", "ad valorem rate on the flow", "τ − 1 (Caliendo and Parro)"),
    Name("export_tax", "x", _PAIR, "rate", "ad valorem rate of the exporter on the flow, on which the tariff is laid in turn"),
    Name("intermediate", "", ("country", "input", "sector"), "money", "purchases of inputs by producers, tariff included"),
    Name("value_added", "", ("country", "sector", "factor"), "money", "payments to factors"),
    # a benchmark
    Name("trade_share", "λ", _PAIR, "share", "exporter's share in the importer's spending, tariff included", "π (Eaton and Kortum)"),
    Name("spending", "X", _CELL, "money", "purchases for all uses at user prices", "E, expenditure"),
    Name("sales", "R", _CELL, "money", "sales at producer prices, net of tariff", "Y, gross output"),
    Name("final_share", "β", _CELL, "share", "share of a good in final demand", "α (Caliendo and Parro)"),
    Name("observed_final_share", "", _CELL, "share", "share of a good in final demand as in the data, below zero where these are"),
    Name("factor_share", "a", ("factor", "sector", "country"), "share", "share of a factor in cost"),
    Name("input_share", "γ", ("input", "sector", "country"), "share", "share of an input in cost", "γ^{jk} (Caliendo and Parro)"),
    Name("factor_income", "w V", ("factor", "country"), "money", "payments to a factor in a country"),
    Name("income", "I", ("country",), "money", "factor income, tariff revenue and transfer; equals final demand"),
    Name("tariff_revenue", "", ("country",), "money", "revenue of the importer's tariffs"),
    Name("profit", "", ("country",), "money", "what producers whose number is given keep of their sales"),
    Name("export_tax_revenue", "", ("country",), "money", "revenue of the exporter's taxes"),
    Name("transfer", "D", ("country",), "money", "what a country spends beyond its income", "trade deficit"),
    # what changes (hats: counterfactual over benchmark)
    Name("iceberg", "τ̂", _PAIR, "factor", "change in the variable trade cost", "d (Eaton and Kortum)"),
    Name("fixed_cost", "f̂", _PAIR, "factor", "change in the fixed cost of serving a market"),
    Name("productivity", "Â", _CELL, "factor", "change in productivity", "T^(1/θ) (Eaton and Kortum)"),
    Name("endowment", "V̂", ("factor", "country"), "factor", "change in a factor's endowment", "L"),
    # what is solved for
    Name("factor_price", "ŵ", ("factor", "country"), "hat", "change in a factor's price", "wage, rental"),
    Name("unit_cost", "ĉ", _CELL, "hat", "change in the cost of the bundle of factors and inputs"),
    Name("entry", "Ŝ", _CELL, "hat", "change in the number of entrants under free entry", "M_E"),
    Name("price_index", "P̂", _CELL, "hat", "change in the price index of a good in a country"),
    Name("competition", "Φ", _CELL, "hat", "sum of trade weights in a market", "multilateral resistance, Φ^(−1/trade)"),
    Name("real_income", "Û", ("country",), "hat", "change in income over the consumer price index", "welfare"),
    # firms in levels
    Name("entrants", "M", _CELL, "level", "mass of firms that enter", "M_E"),
    Name("exporters", "N", _PAIR, "level", "mass of firms that sell in a market", "M_ni (Melitz and Redding)"),
    Name("cutoff", "φ*", _PAIR, "level", "lowest productivity that sells in a market"),
    Name("domestic_cutoff", "φ*", _CELL, "level", "lowest productivity that sells at home"),
    Name("average_sales", "", _PAIR, "money", "average sales of the firms that sell in a market, net of tariff"),
    Name("bundle_cost", "c", _CELL, "level", "cost of the bundle of factors and inputs"),
    Name("price_level", "P", _CELL, "level", "price index of a good in a country"),
    Name("welfare", "U", ("country",), "level", "income over the consumer price index"),
    # where gains come from, to first order
    Name("partner", "", ("partner",), "label", "country at the other end of a flow"),
    Name(
        "terms_of_trade",
        "",
        ("country", "partner", "sector"),
        "money",
        "exports and imports of the benchmark times the change of their prices",
    ),
    Name("volume_of_trade", "", ("country", "partner", "sector"), "money", "tariffs of the benchmark on what imports grow by"),
    # exponents
    Name("trade", "ε", ("sector",), "exponent", "on the variable trade cost", "θ, σ − 1, k: the trade elasticity"),
    Name("cost", "κ", ("sector",), "exponent", "on the exporter's unit cost"),
    Name("fixed", "", ("sector",), "exponent", "on the fixed cost of serving a market"),
    Name("scale", "", ("sector",), "exponent", "on entry", "trade elasticity × scale elasticity"),
    Name("market", "m", ("sector",), "exponent", "of the price index on market size"),
    # flows, before and after (flows.nc)
    Name("benchmark", "F", _PAIR, "money", "sales at producer prices in the equilibrium that changes are measured from"),
    Name("counterfactual", "F'", _PAIR, "money", "sales at producer prices in the counterfactual"),
    Name("exporters_pct", "N̂", _PAIR, "percent", "change in the mass of firms that sell in a market"),
    Name("cutoff_pct", "φ̂*", _PAIR, "percent", "change in the lowest productivity that sells in a market"),
)

_FIRMS = ("entrants", "exporters", "cutoff", "domestic_cutoff", "average_sales", "bundle_cost", "price_level", "welfare")

_BEFORE = (
    "spending",
    "sales",
    "income",
    "profit",
    "tariff_revenue",
    "export_tax_revenue",
    "transfer",
    "flow",
    "tariff",
    "export_tax",
    *_FIRMS,
)
"""Values that a solution holds twice: new ones under the word, old ones with `_benchmark` behind it."""

NAMES = _WORDS + tuple(
    name._replace(word=f"{name.word}_benchmark", meaning=f"{name.meaning}; in the equilibrium that changes are measured from")
    for name in _WORDS
    if name.word in _BEFORE
)

BY_WORD = {name.word: name for name in NAMES}
