"""Tables for papers of what countries are made of: their sectors, factors and partners."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from cge.errors import InputError, nearest
from cge.tell.paper.table import Paper, columns_of, note
from cge.tell.question import Results, Wide


class Part(NamedTuple):
    """Rows of a table that are parts of countries.

    Attributes:
        tables: csv files that hold them; label: their column; statistics: columns unless others are chosen.
    """

    tables: tuple[str, ...]
    label: str
    statistics: tuple[str, ...]


PARTS = {
    "sectors": Part(("sectors", "sector_groups"), "sector", ("output_pct", "employment_pct", "price_pct", "exports_pct", "imports_pct")),
    "factors": Part(("factors",), "factor", ("real_price_pct", "price_pct")),
    "partners": Part(("partners",), "partner", ("exports", "exports_pct", "imports", "imports_pct")),
}
"""What a table may be of beside countries."""


def of_parts(results: Results, of: str, countries: Iterable[str] = (), statistics: Iterable[str] = ()) -> Paper:
    """The table of the sectors, factors or partners of countries: a row for each of them, a column for each statistic and country.

    Args:
        of: a key of `PARTS`; countries: labels of countries or groups, who acts where left out; statistics: columns of the folder's table.

    Raises:
        InputError: labels, statistics or parts that the folder does not have, all of them.
    """
    part = PARTS.get(of)
    found = [] if part is None else [results.tables[name] for name in part.tables if name in results.tables]
    if part is None or not found:
        known = [name for name, one in PARTS.items() if one.tables[0] in results.tables]
        raise InputError(
            f"of: no table of {of} in {results.folder}. There is one of {', '.join(known) or 'countries alone'}.{nearest(of, known)}"
        )
    table = pd.concat(found, ignore_index=True).drop_duplicates(["country", part.label])
    places, wanted = [str(label) for label in table["country"].unique()], list(statistics) or list(part.statistics)
    answer = results.question.answer(results)
    chosen = list(countries) or [answer.who if answer is not None and answer.who in places else places[0]]
    faults = [f"countries: no {label} in {results.folder}.{nearest(label, places)}" for label in chosen if label not in places]
    numbers = [str(name) for name in table.columns[2:]]
    faults += [f"statistics: no {name} in {results.folder}.{nearest(name, numbers)}" for name in wanted if name not in numbers]
    if faults:
        raise InputError(faults)
    order = [str(label) for label in table[part.label].unique()]
    square = table.set_index([part.label, "country"])
    shown = [label for label in order if any((label, place) in square.index for place in chosen)]
    columns: dict[tuple[str, str], pd.Series] = {}
    for name in wanted:
        for place in chosen:
            words, where = results.heading(name), results.names.get(place, place)
            word = words.word if len(chosen) == 1 else where if len(wanted) == 1 else f"{words.word}: {where}"
            columns[word, words.unit] = square[name].xs(place, level="country").reindex(shown)
    wide, names = Wide(columns), results.names | results.sector_names
    about = results.names.get(chosen[0], chosen[0]) if len(chosen) == 1 else results.heading(wanted[0]).word if len(wanted) == 1 else ""
    title = f"{results.title}: {about}" if about else results.title
    rows = tuple(names.get(label) or label for label in shown)
    return Paper(title, rows, len(rows), columns_of(wide, list(range(len(rows))), results.unit), note(results, wanted, wide))
