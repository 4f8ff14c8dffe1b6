"""What a solution tells in Python: its tables, its folder, its page, and what a notebook shows of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import xarray as xr

from cge.data.economy import Economy, make_economy
from cge.data.labels import by_kind
from cge.data.text import counted
from cge.errors import RunFileError
from cge.model.benchmark import Benchmark
from cge.model.exponents import Exponents
from cge.model.shock import RATES
from cge.model.variants import spoken
from cge.questions.run.answer import make_tables, write
from cge.questions.table import QUESTIONS
from cge.results.channels import CHANNELS
from cge.results.welfare import CONSTANT, welfare_table
from cge.runfile.case import Case, Start
from cge.runfile.faults import group_entries
from cge.runfile.groups import Groups, name_groups
from cge.solve.solution import Solution
from cge.tell.folder import open_results
from cge.tell.headings import heading
from cge.tell.page import write_report
from cge.tell.terminal import money, signed
from cge.tell.verdict import countries_shown


def tables(solution: Solution) -> dict[str, pd.DataFrame]:
    """The csv files of an output folder by their names without the ending."""
    return make_tables(solution, asked(solution))


def save(solution: Solution, folder: str | os.PathLike[str], title: str = "", groups: Groups | None = None) -> None:
    """Write the output folder of a solution, as `cge run` does; arguments and errors as `Solution.save`."""
    write(solution, asked(solution, title, groups), folder)


def report(solution: Solution, path: str | os.PathLike[str], title: str = "", groups: Groups | None = None) -> None:
    """Write the page of a solution, as `cge report` does; arguments and errors as `Solution.report`."""
    with TemporaryDirectory() as parent:
        folder = Path(parent) / "solution"
        save(solution, folder, title, groups)
        write_report(open_results(folder, QUESTIONS), Path(path))


def asked(solution: Solution, title: str = "", groups: Groups | None = None) -> Case:
    """The case that a solution answers: that of its run file, or one that says what was done in Python.

    Raises:
        RunFileError: groups that are none, all of them.
    """
    case = solution.case if isinstance(solution.case, Case) else _in_python(solution)
    if title:
        case = replace(case, title=title)
    if groups is None:
        return case
    faults: list[str] = []
    names = name_groups(by_kind(solution.benchmark), group_entries(groups, faults), faults)
    if faults:
        raise RunFileError(faults)
    return replace(case, groups=dict(names["country"].groups), sector_groups=dict(names["sector"].groups))


def _in_python(solution: Solution) -> Case:
    """A case without a run file."""
    benchmark, exponents = solution.benchmark, solution.exponents
    left_out = (
        "" if benchmark.intermediates else "Input-output links are left out: all of sales counts as income, and money is of that size."
    )
    return Case(
        path=Path(),
        text="",
        title=f"{spoken(exponents.variant)}, solved in Python",
        model=exponents.variant,
        transfers=solution.shock.transfers,
        intermediates=benchmark.intermediates,
        method="hat" if solution.method == "hat" else "levels",
        tolerance=max(solution.residual, np.finfo(float).tiny),
        negative_final_demand="zero" if benchmark.negative_final_demand else "refuse",
        unstable="refuse",
        scale=None,
        flows="csv",
        firms=False,
        start=Start(economy_of(benchmark), benchmark, solution.levels),
        exponents=exponents,
        shock=solution.shock,
        parameters=exponents.parameters,
        mobility=None if (who := benchmark.workers) is None else dict(zip(who.groups, who.kappa.tolist(), strict=True)),
        elasticity_source=_elasticities(exponents),
        unused=(left_out,) if left_out else (),
    )


def economy_of(benchmark: Benchmark) -> Economy:
    """The values that a benchmark holds as shares: its economy, without input-output links where it leaves them out."""
    data = benchmark.data
    values = {
        "flow": data["flow"],
        **{name: data[name] for name in RATES if name in data},
        "intermediate": data["input_share"] * data["sales"],
        "value_added": data["factor_share"] * data["sales"],
    }
    return make_economy(xr.Dataset(values, attrs=benchmark.attrs), str(benchmark.attrs.get("title", "benchmark")))


def _elasticities(exponents: Exponents) -> str:
    """Structural parameters in words."""
    return ", ".join(
        f"{name} by sector" if isinstance(value, Mapping) else f"{name} = {value if isinstance(value, str) else format(value, 'g')}"
        for name, value in {**exponents.parameters, **({"demand": exponents.demand} if exponents.demand else {})}.items()
    )


# --- a notebook ----------------------------------------------------------------------------------------------------------------------

SHOWN = ("real_income_pct", CONSTANT, "equivalent_variation", *CHANNELS)
"""Columns of welfare.csv that a notebook shows, as far as there are any."""


def brief(solution: Solution) -> str:
    """One line: model, size, how well it is solved."""
    b = solution.benchmark
    size = f"{counted(len(b.countries), 'country', 'countries')} × {counted(len(b.sectors), 'sector')}"
    return f"<Solution: {solution.exponents.variant}, {size}, {solution.outcome.sentence}>"


def html(solution: Solution) -> str:
    """Real income with its channels: all countries of a small world, of a large one those of the shock, the largest, and who gains and loses most."""
    case, unit = asked(solution), solution.benchmark.unit
    whole = welfare_table(solution)
    columns = [name for name in SHOWN if name in whole]
    parts = {name: part.set_index("country")[columns] for name, part in countries_shown(solution, whole).items()}
    table = pd.concat(parts, names=["", "country"]) if len(parts) > 1 else next(iter(parts.values()))
    units = {name: unit if heading(name).unit == "money" else heading(name).unit for name in columns}
    written = {name: [money(v, table[name]) if units[name] == unit else signed(v) for v in table[name]] for name in columns}
    table = pd.DataFrame({f"{heading(name).word}, {units[name]}": column for name, column in written.items()}, table.index)
    said = [case.title, f"{case.elasticity_source}; transfers {case.transfers}", brief(solution)[1:-1], *solution.warnings]
    return "<br>".join(map(escape, said)) + table.to_html(border=0)
