"""What the reader of a terminal sees: the verdict first, then corners, countries and where the files are. Plain text where there is no terminal."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cge.gains import Gains
from cge.provenance import notes
from cge.runfile import Case
from cge.shock import SHOCK_DIMS, Shock
from cge.solution import Solution

FEW = 25
"""All countries are shown up to this number, a selection beyond it."""

MANY = 8
"""A shock that touches more countries than this on one side singles none of them out."""

WIDTH = 120
"""Columns of a table that is not shown on a terminal."""

CHANNELS = {
    "income_over_cost_log": "income\nover cost",
    "own_share_log": "own\nshare",
    "entry_log": "\nentry",
    "market_log": "\nmarket",
    "technology_log": "tech-\nnology",
}
"""Columns of welfare.csv whose sum is 100·ln of real income, and their headings."""


class Screen(Console):
    """A console whose reader may stop reading (`cge run … | head`) without that being a failure."""

    def on_broken_pipe(self) -> None:
        """Send the rest nowhere."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def console() -> Console:
    """Standard output: text as it is (labels may hold any mark), colours only on a terminal."""
    return Screen(markup=False, highlight=False, emoji=False, width=None if sys.stdout.isatty() else WIDTH)


@contextmanager
def progress() -> Iterator[Callable[[int, float], None] | None]:
    """A report for solvers that shows on standard error how far they are; None where that is not a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    began = time.perf_counter()
    with Console(stderr=True, markup=False, highlight=False).status("Solving") as status:

        def report(iteration: int, residual: float) -> None:
            status.update(f"Solving: {iteration} Newton steps, residual {residual:.1e}, {time.perf_counter() - began:.0f} s")

        yield report


def show_run(out: Console, solution: Solution, case: Case, tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """All of a run: verdict, notes, corners, countries, groups, files."""
    show_verdict(out, solution, case)
    show_corners(out, solution)
    welfare = tables["welfare"]
    unit = str(solution.benchmark.attrs.get("unit", "money"))
    if len(welfare) <= FEW:
        show_welfare(out, f"Countries (money: {unit})", {"": welfare})
    else:
        show_welfare(out, f"Countries (money: {unit})", selection(solution, welfare))
        say(out, f"The other countries are in {folder / 'welfare.csv'}.")
    show_welfare(out, "World and groups", {"": tables["groups"]})
    say(out, "Channels are log points × 100 and add up to 100·ln of real income.")
    show_files(out, folder)


def show_verdict(out: Console, solution: Solution, case: Case) -> None:
    """Title, model, how it was solved and verified, stability, notes."""
    say(out, case.title, "bold")
    links = "with inputs" if case.intermediates else "without inputs"
    size = f"{len(solution.benchmark.countries)} countries × {len(solution.benchmark.sectors)} sectors"
    say(out, f"{case.model}, {case.elasticity_source}; {links}; transfers {case.transfers}; {size}, {economy_title(case)}")
    verdict = f"{solution.outcome.sentence}; {solution.dropped} (implied by the others, Walras): {solution.walras:.1e}"
    say(out, f"{verdict}; {solution.iterations} Newton steps, {solution.seconds:.2f} s", "green")
    found = solution.stability
    if found is None:
        say(out, f"Stability: {solution.stability_note}.")
    else:
        after = "" if found.radius_solution is None else f", {found.radius_solution:.4g} at the solution"
        say(out, f"Stability: radius {found.radius:.4g} at the benchmark{after}; critical scale {found.critical_scale:.4g}.")
    for note in notes(solution, case):
        say(out, f"Note: {note}", "yellow")


def economy_title(case: Case) -> str:
    """What the economy calls itself, or where it came from."""
    return str(case.benchmark.attrs.get("title", case.economy.origin))


def say(out: Console, text: str, style: str = "") -> None:
    """One paragraph, wrapped by the terminal and not by us, so that it can be searched and copied."""
    out.print(Text(printable(text), style=style), soft_wrap=True)


def printable(text: str) -> str:
    """`text` on one line, without control characters (a label could hold colour codes)."""
    return "".join(c if c.isprintable() else " " for c in text)


# --- corners -------------------------------------------------------------------------------------------------------------------------


def show_corners(out: Console, solution: Solution, shown: int = 8) -> None:
    """How many producers vanish, and the largest of them by sales in the benchmark."""
    if not solution.counterfactual.system.scale.any():
        return
    counts = solution.corners
    producing = int(((solution.reference.values.sales > 0) & (solution.reference.system.scale > 0)).sum())
    say(
        out,
        f"Corners: {counts['emptied']} of {producing} industries (country and sector) empty out, {counts['refilled']} come back; "
        f"{counts['benchmark']} were empty before.",
    )
    emptied = largest_emptied(solution)
    if emptied.empty:
        return
    table = plain_table(["country", "sector", "", "sales", "% of country"], 3)
    for row in emptied.head(shown).to_dict("records"):
        add(table, [row["country"], row["sector"], row["name"], money(row["sales"], emptied["sales"]), f"{row['share']:.2f}"])
    show_table(out, "Largest industries that vanish", table)
    whole = int((emptied["share"] > 1).sum())
    say(out, f"{whole} of them made more than 1 % of their country's sales; all are in sectors.csv (entry_pct = -100).")


def largest_emptied(solution: Solution) -> pd.DataFrame:
    """Industries that the shock empties: `country, sector, name, sales, share` (benchmark money, percent of the country's sales), largest first."""
    sector, country = np.nonzero(solution.empty(solution.counterfactual) & ~solution.empty(solution.reference))
    benchmark, sales = solution.benchmark, solution.reference.values.sales
    names = benchmark.data["sector_name"].values if "sector_name" in benchmark.data.coords else [""] * len(benchmark.sectors)
    table = pd.DataFrame(
        {
            "country": [benchmark.countries[c] for c in country],
            "sector": [benchmark.sectors[s] for s in sector],
            "name": [str(names[s]) for s in sector],
            "sales": sales[sector, country],
            "share": 100 * (sales / sales.sum(axis=0))[sector, country],
        }
    )
    return table.sort_values("sales", ascending=False, kind="stable")


# --- countries -----------------------------------------------------------------------------------------------------------------------


def selection(solution: Solution, welfare: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The countries worth showing of many, each once: those of the shock, the 10 largest, the 5 that gain and the 5 that lose most."""
    income = pd.Series(solution.reference.values.income, welfare.index)
    by_gain = welfare["real_income_pct"].sort_values(kind="stable")
    wanted = {
        "in the shock": welfare.index[welfare["country"].isin(concerned(solution))],
        "largest": income.nlargest(10).index,
        "gain most": by_gain.index[::-1][:5],
        "lose most": by_gain.index[:5],
    }
    seen: set[int] = set()
    found = {}
    for name, rows in wanted.items():
        fresh = [row for row in rows if row not in seen]
        seen.update(fresh)
        if fresh:
            found[name] = welfare.loc[fresh]
    return found


def concerned(solution: Solution) -> list[str]:
    """Countries that the shock singles out, as importer, exporter or by themselves, where it names only a few on that side."""
    benchmark, baseline = solution.benchmark, solution.shock.baseline or Shock()
    names: list[str] = []
    for field, dims in SHOCK_DIMS.items():
        unchanged = benchmark.data["tariff"].values if field == "tariff" else 1.0
        new, old = (unchanged if (a := getattr(shock, field)) is None else a.values for shock in (solution.shock, baseline))
        touched = np.broadcast_to(new != old, [benchmark_size(benchmark.data.sizes, dim) for dim in dims])
        for axis, dim in enumerate(dims):
            if dim in ("sector", "factor"):
                continue
            some = np.asarray(touched.any(axis=tuple(other for other in range(len(dims)) if other != axis)))
            if some.sum() <= MANY:
                names += [c for c, hit in zip(benchmark.countries, some, strict=True) if hit]
    return list(dict.fromkeys(names))


def benchmark_size(sizes: Mapping[object, int] | Mapping[str, int], dim: str) -> int:
    """Length of a dim."""
    return int(dict(sizes)[dim])


def show_welfare(out: Console, title: str, parts: Mapping[str, pd.DataFrame]) -> None:
    """Real income, equivalent variation and the five channels; a part with a name stands under it."""
    table = plain_table(["", "real\nincome %", "equivalent\nvariation", *CHANNELS.values()], 1)
    every = pd.concat(list(parts.values()))["equivalent_variation"]
    for name, part in parts.items():
        if name:
            table.add_row(Text(name, style="italic"))
        for row in part.to_dict("records"):
            numbers = [signed(row[column]) for column in CHANNELS]
            add(table, [str(row["country"]), signed(row["real_income_pct"]), money(row["equivalent_variation"], every), *numbers])
    show_table(out, title, table)


def show_gains(out: Console, found: Gains, case: Case, folder: Path) -> None:
    """Gains from trade by country, and why some have none."""
    show_verdict(out, found.solution, case)
    table = plain_table(["", "gains %", "radius"], 1)
    for row in found.table.to_dict("records"):
        add(table, [row["country"], signed(row["gains_from_trade_pct"]), number(row["radius"])])
    show_table(out, "Gains from trade: real income that autarky would cost", table)
    if found.reasons:
        say(out, f"No number for {len(found.reasons)} of {len(found.table)} countries:", "yellow")
    for country, reason in found.reasons.items():
        say(out, f"  {country}: {reason}")
    show_files(out, folder)


def show_files(out: Console, folder: Path) -> None:
    """Where the results are."""
    say(out, f"Files: {folder}/ ({', '.join(sorted(path.name for path in folder.iterdir()))})")


def show_records(out: Console, title: str, records: Iterable[Mapping[str, object]]) -> None:
    """Any table, for `cge show`."""
    rows = list(records)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    table = plain_table([column.replace("_", " ") for column in columns], len(columns))
    for row in rows:
        add(table, [entry(row.get(column)) for column in columns])
    show_table(out, title, table)


def entry(value: object) -> str:
    """Anything as text, nothing where there is none."""
    if isinstance(value, float):
        return number(value) if np.isfinite(value) else ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


# --- pieces --------------------------------------------------------------------------------------------------------------------------


def plain_table(columns: Iterable[str], labels: int) -> Table:
    """An open table whose first `labels` columns are text, the others numbers."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="")
    for place, column in enumerate(columns):
        text = place < labels
        # a label is folded where it must be and never cut; the first one has room for the names of parts
        table.add_column(Text(column), justify="left" if text else "right", no_wrap=not text, overflow="fold", min_width=0 if place else 12)
    return table


def show_table(out: Console, title: str, table: Table) -> None:
    """A table under its title."""
    out.print()
    say(out, title, "bold")
    out.print(table)


def add(table: Table, values: Iterable[object]) -> None:
    """A row of text as it is."""
    table.add_row(*(Text(printable(str(value))) for value in values))


def signed(value: float) -> str:
    """A change in percent or log points."""
    return f"{value:+.3f}" if np.isfinite(value) else "–"


def number(value: float) -> str:
    """A number without unit."""
    return f"{value:.4g}" if np.isfinite(value) else "–"


def money(value: float, column: pd.Series) -> str:
    """Money with as many decimals as its column deserves."""
    if not np.isfinite(value):
        return "–"
    return f"{value:,.0f}" if column.abs().max() >= 1000 else f"{value:,.3f}"
