"""How anything is shown: paragraphs, tables and numbers. Plain text where there is no terminal."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cge.tell.digits import fixed

WIDTH = 120
"""Columns of a table that is not shown on a terminal."""


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
def progress() -> Iterator[Callable[..., Callable[[int, float], None] | None]]:
    """Makes reports for solvers that show on standard error how far they are, from what they solve and what they count, in words; None where that is
    not a terminal.
    """
    if not sys.stderr.isatty():
        yield lambda name, counted="": None
        return
    began = time.perf_counter()
    with Console(stderr=True, markup=False, highlight=False).status("Solving") as status:

        def named(name: str, counted: str = "Newton steps, residual") -> Callable[[int, float], None]:
            def report(iteration: int, residual: float) -> None:
                status.update(f"Solving{name}: {iteration} {counted} {residual:.1e}, {time.perf_counter() - began:.0f} s")

            return report

        yield named


@contextmanager
def bar(total: int) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error that is told the scenarios done and failed, with rate and time left; silent where that is not a terminal."""
    if not sys.stderr.isatty():
        yield lambda done, failed: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}, {task.fields[failed]} failed"), TimeRemainingColumn())
    began, first = time.perf_counter(), [-1]
    with Progress(*columns, console=Console(stderr=True, markup=False, highlight=False)) as shown:
        task = shown.add_task("", total=total, rate="", failed=0)

        def tell(done: int, failed: int) -> None:
            if first[0] < 0:
                first[0] = done  # what an interrupted sweep had done says nothing of the speed of this one
            rate = (done - first[0]) / max(time.perf_counter() - began, 1e-9)
            shown.update(task, completed=done, failed=failed, rate=f"{rate:.1f}/s")

        yield tell


@contextmanager
def waiting() -> Iterator[Callable[[str], None] | None]:
    """A report of what is being done, in words, that shows on standard error; None where that is not a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    with Console(stderr=True, markup=False, highlight=False).status("Starting") as status:
        yield lambda words: status.update(f"{printable(words)} …")


def say(out: Console, text: str, style: str = "") -> None:
    """One paragraph, wrapped by the terminal and not by us, so that it can be searched and copied."""
    out.print(Text(printable(text), style=style), soft_wrap=True)


def printable(text: str) -> str:
    """`text` on one line, without control characters (a label could hold colour codes)."""
    return "".join(c if c.isprintable() else " " for c in text)


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


def signed(value: float) -> str:
    """A change in percent or log points."""
    return fixed(value, 3, plus=True) if np.isfinite(value) else "–"


def number(value: float) -> str:
    """A number without unit."""
    return f"{value:.4g}" if np.isfinite(value) else "–"


def money(value: float, column: pd.Series) -> str:
    """Money with as many decimals as its column deserves."""
    if not np.isfinite(value):
        return "–"
    return fixed(value, 0 if column.abs().max() >= 1000 else 3)
