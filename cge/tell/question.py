"""What the instruments of telling know of a question: one record, which the question's own folder fills, and what an output folder of it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from cge.data.arrays import Array
from cge.data.geography import name_of
from cge.runfile import in_words
from cge.tell.answer import Answer, Told, within_sentences
from cge.tell.headings import Heading, heading

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

    from cge.runfile.case import Case

Statistics = dict[str, list[float | None]]
"""Numbers by country, in the order of the countries, by column."""


class Fact(NamedTuple):
    """A line of the page: what, and what is known of it."""

    what: str
    text: str


class Verdict(NamedTuple):
    """How far the numbers are to be trusted.

    Attributes:
        headline: in one sentence; facts: a line each; members: where several answered, a row for each of them (the same keys in every row); the
            facts are then those of the run file itself.
    """

    headline: str
    facts: list[Fact]
    members: tuple[dict[str, str], ...] = ()


class Views(NamedTuple):
    """Statistics by country that the page lets a reader choose from.

    Attributes:
        groups: scenarios, each `name` and `views`; each view has `name`, `stats` (`Statistics`), `together` (those of `aggregates`), and `word`
            where it is called otherwise.
        first: place of the view that is shown first; chooser: what a view is, empty where there is one.
        aggregates: labels of the world and of groups.
    """

    groups: list[dict[str, Any]]
    first: int = 0
    chooser: str = ""
    aggregates: Sequence[str] = ()


class Wide(NamedTuple):
    """A table for a paper before rows are chosen.

    Attributes:
        columns: by word and unit, all with one index: the label of a country or group, or that label and what of it, where it has several rows.
        about: what the note says first, in place of model, elasticities, links and transfers; notes: what else it says, a sentence each.
    """

    columns: dict[tuple[str, str], pd.Series]
    about: str = ""
    notes: tuple[str, ...] = ()


class Chosen(NamedTuple):
    """What figures show.

    Attributes:
        countries: labels of countries and groups, in this order; empty for those that matter most. rows: of countries or sectors, the most that a
            figure holds.
    """

    countries: tuple[str, ...] = ()
    rows: int = 20


@dataclass(frozen=True, eq=False)
class Results:
    """An output folder.

    Attributes:
        folder: where it is; question: what was asked; summary: summary.json; tables: csv files by name without the ending (flows.csv is left alone:
            it is large, and solution.nc holds the same); countries: labels in the economy's order; run_file: its text, empty where the folder
            does not keep it.
        economy: attributes of the economy (`source`, `licence`, `unit`, …), empty where not kept; sector_names, country_names: in words, by label,
            those of countries as far as the economy has its own.
        sectors: labels in order, empty where not kept; flows, sales: benchmark and counterfactual, money [sector, exporter, importer] and
            [sector, country], None where not kept.
        store: labelled results by scenario, None where there is one. chosen: what figures show.
    """

    folder: Path
    question: Question
    summary: dict[str, Any]
    tables: dict[str, pd.DataFrame]
    countries: list[str] = field(default_factory=list)
    run_file: str = ""
    economy: dict[str, Any] = field(default_factory=dict)
    sector_names: dict[str, str] = field(default_factory=dict)
    country_names: dict[str, str] = field(default_factory=dict)
    sectors: tuple[str, ...] = ()
    flows: tuple[Array, Array] | None = None
    sales: tuple[Array, Array] | None = None
    store: xr.Dataset | None = None
    chosen: Chosen = field(default_factory=Chosen)

    @property
    def table(self) -> pd.DataFrame:
        """The question's main table."""
        return self.tables[self.question.table]

    @property
    def unit(self) -> str:
        """The unit of money."""
        return str(self.economy.get("unit", "money of the economy"))

    @property
    def title(self) -> str:
        """Of the run file."""
        return str(self.summary.get("title", self.folder.name))

    @property
    def names(self) -> dict[str, str]:
        """Countries in words by label, all of them: the economy's own names, else those of the bundled table, else the label."""
        return {label: self.country_names.get(label) or name_of(label) for label in self.countries}

    @property
    def words(self) -> dict[str, str]:
        """Countries and sectors in words by label."""
        return {**self.sector_names, **self.names}

    @property
    def told(self) -> Told:
        """What an answer is made from."""
        return Told(self.summary, self.tables, self.unit, self.country_names, within_sentences(self.sector_names))

    def heading(self, column: str) -> Heading:
        """A column in words: the question's own, or those that all share."""
        return self.question.headings.get(column) or heading(column)


SOLVED = ("sentence", "iterations", "seconds", "residual", "walras", "corners")
"""What summary.json says of one verified solution."""

OF_SOLUTION = ("welfare.csv", "groups.csv", "factors.csv", "sectors.csv", "sector_groups.csv", "partners.csv", "solution.nc")
"""Files of every folder that holds one solution."""

AT_TIMES = (
    "flows.csv",
    "flows.nc",
    "firms.csv",
    "trade_costs.csv",
    "markups.csv",
    "groups_income.csv",
    "satellites.csv",
    "satellite_groups.csv",
)
"""Files beside them where they are asked for, or the model has what they tell."""


@dataclass(frozen=True, eq=False)
class Question:
    """A question of a run file, as far as pages, figures and tables differ by it. What is left out is as for most questions: one table of
    numbers by country, measured at one verified solution.

    Attributes:
        name: in outputs; command: the word after `cge` (default: the name).
        files: in every output folder beside summary.json, the first in that of no question after it; sometimes: in some of them.
        leads: the column that the page shows first; main: the main table (default: the first of `files`); column: one that it must have (default:
            `leads`).
        says: keys that summary.json must have; headings: columns that no other question has, in words.
        read: adds what the folder keeps beside csv files (default: run file and economy from summary.json).
        answer: what a reader sees first (default: nothing but what was asked).
        asks: sentences on what a run file asks, from its text; limits: sentences on what the numbers cannot tell beside what is true of all.
        verdict (default: of one solution); views (default: the main table, and `groups` beside it).
        payload: what the page carries beside these, by name; parts: folder with `page.html` (a template that may name `data`, the payload) and
            `page.js`, which hold the sections of the page that no other question has; None where there is none.
        faults: of the tables of a run file that belong to this question alone, as far as they can be found without solving.
        figures: names and Axes (default: a map of `leads`).
        statistics: columns of a table for a paper unless others are chosen (default: `leads`); wide: that table, from these and from whether a reader
            has chosen them (default: the main table, and `groups` below it).
    """

    name: str
    files: tuple[str, ...]
    command: str = ""
    sometimes: tuple[str, ...] = ()
    leads: str = "real_income_pct"
    column: str = ""
    main: str = ""
    says: tuple[str, ...] = SOLVED
    headings: Mapping[str, Heading] = field(default_factory=dict)
    read: Callable[[Results], Results] | None = None
    answer: Callable[[Results], Answer | None] = lambda results: None
    asks: Callable[[str], list[str]] = in_words.question
    limits: Callable[[Results], list[str]] = lambda results: []
    verdict: Callable[[Results], Verdict] | None = None
    views: Callable[[Results], Views] | None = None
    payload: Callable[[Results], dict[str, Any]] = lambda results: {}
    parts: Path | None = None
    faults: Callable[[Case], list[str]] = lambda case: []
    figures: Callable[[Results], Iterator[tuple[str, Axes]]] | None = None
    statistics: tuple[str, ...] = ()
    wide: Callable[[Results, list[str], bool], Wide] | None = None

    @property
    def word(self) -> str:
        """Of the command."""
        return self.command or self.name

    @property
    def table(self) -> str:
        """The main table, by its name without the ending."""
        return self.main or next(name.removesuffix(".csv") for name in self.files if name.endswith(".csv"))
