"""What a table comes to: world output, value added and final demand, its negative and empty cells, and how far its rows and columns balance."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import numpy as np

from cge.data.economy import Economy
from cge.data.sources.table import Table


@dataclass(frozen=True)
class Figures:
    """Sums and shares of a table, or of an economy.

    Attributes:
        output, value_added, final_demand: of the world, in the unit of the table; value added is output less inputs.
        negative, zero: shares of its cells, between 0 and 1.
        rows: how far uses miss output, the sum of absolute gaps over output; None where the table gives no output.
        columns: how far inputs and value added miss output, the same; None where it gives none of the latter.
    """

    output: float
    value_added: float
    final_demand: float
    negative: float
    zero: float
    rows: float | None
    columns: float | None

    def sentence(self, unit: str) -> str:
        """All of them in words."""
        sums = (
            f"World output {_money(self.output)} {unit}, value added {_money(self.value_added)}, final demand {_money(self.final_demand)}"
        )
        cells = f"{_percent(self.negative)} of cells negative, {_percent(self.zero)} zero"
        gaps = [
            f"{what} miss output by {_percent(gap)} of it" if gap else f"{what} add up to output"
            for what, gap in (("rows", self.rows), ("columns", self.columns))
            if gap is not None
        ]
        return f"{'; '.join([sums, cells, *([', '.join(gaps)] if gaps else [])])}."


def _money(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1e6 else f"{value:,.6g}"


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def of_table(table: Table) -> Figures:
    """Figures of a table as published, before any treatment."""
    sales = table.sales
    output = sales if table.output is None else table.output
    inputs = table.intermediate.sum((0, 1))
    lost = 0.0 if table.unallocated is None else table.unallocated
    cells = max(1, table.intermediate.size + table.final.size)
    return Figures(
        float(output.sum()), float((output - inputs).sum()), float(table.final.sum()),
        sum(int(np.count_nonzero(part < 0)) for part in (table.intermediate, table.final)) / cells,
        1 - sum(int(np.count_nonzero(part)) for part in (table.intermediate, table.final)) / cells,
        None if table.output is None else _gap(output - sales - lost, output),
        _gap(output - inputs - sum(table.primary.values()), output) if table.primary else None,
    )  # fmt: skip


def of_economy(economy: Economy) -> Figures:
    """Figures of an economy: cells are flows; rows are its only output, and columns are held to them when it is opened."""
    data = economy.data
    flow, inputs = data["flow"].values, data["intermediate"].values
    spending = float((flow * (1 + data["tariff"].values)).sum())
    sales = flow.sum(1)
    cost = inputs.sum(1) + data["value_added"].values.sum(2)
    return Figures(
        float(flow.sum()), float(data["value_added"].sum()), spending - float(inputs.sum()),
        float((flow < 0).mean()), float((flow == 0).mean()), None, _gap(sales - cost, sales),
    )  # fmt: skip


def _gap(gap: np.ndarray, output: np.ndarray) -> float:
    """The sum of absolute gaps over output, nothing where it is that of floating point [country, sector]."""
    share = float(np.abs(gap).sum()) / float(output.sum()) if output.sum() > 0 else 0.0
    return share if share > 1e-12 else 0.0


def as_published(economy: Economy) -> Figures | None:
    """Figures of the table that an economy was imported from; None where it was not imported, or by an earlier version of the package."""
    kept = economy.data.attrs.get("published")
    return Figures(**json.loads(str(kept))) if kept else None


def as_attribute(figures: Figures) -> str:
    """Figures as an attribute of an economy file can hold them."""
    return json.dumps(asdict(figures))
