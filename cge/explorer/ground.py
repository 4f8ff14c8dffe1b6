"""What an explorer stands on: an economy, or a run file with all that it says, fixed when the server starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cge.data import bundled
from cge.data.concordance import bundled_groups
from cge.data.elasticities import is_file, set_names
from cge.data.units import as_rates
from cge.errors import RunFileError, nearest
from cge.explorer.question import Elasticity, Kept, Measure, Question
from cge.model.parameters import PARAMETERS
from cge.runfile.case import Case
from cge.runfile.in_words import changed
from cge.runfile.keys.shocks import SHOCK_TABLES
from cge.runfile.load import load
from cge.runfile.toml import written

DEFAULT = "icio2022"
"""The economy where none is named."""

FIRST = {"trade": 5.0, "sigma": 4.0}
"""Elasticities where no run file gives any: the median of estimates from tariffs is 5.03 in Head and Mayer (2014), Handbook of International
Economics 4; σ as in Melitz and Redding (2015), American Economic Review 105(3)."""

FIRST_RATE = 0.1
"""The tariff of the question that an economy opens with."""

FIRST_MODEL = "eaton_kortum"
"""The model of that question: with inputs it has one equilibrium, where those with free entry may be unstable."""

LEFT_OUT = ("sweep", "policy", "compare", "scenario")
"""Tables of a run file that other commands answer."""

KINDS = {"tariff": ("importer", "exporter"), "export_tax": ("exporter", "importer"), "iceberg": ("importer", "exporter")}
"""Tables of a run file that are measures, with the sides of who acts and on whom."""

ACTIONS = ("add", "set", "times")


@dataclass(frozen=True, eq=False)
class Ground:
    """What every question of an explorer shares.

    Attributes:
        case: of the start, read and checked; table: keys of the run file that no question changes, names of files made absolute.
        elasticities: of the run file. groups: that come with the package, by kind and name, with members, but for those that the run file has.
        kept: entries of shock tables that are no measures, behind the name of the table. notes: sentences on what is left out.
        start: the question of the run file, or of the economy.
    """

    case: Case
    table: Mapping[str, Any]
    elasticities: Mapping[str, Any]
    groups: Mapping[str, Mapping[str, list[str]]]
    kept: tuple[tuple[str, Mapping[str, Any]], ...]
    notes: tuple[str, ...]
    start: Question

    def kept_in_words(self) -> list[str]:
        """What each entry that is kept does."""
        groups = self.table.get("groups", {})
        return [" ".join(changed({name: [row], "groups": groups})) for name, row in self.kept]


def open_ground(given: str | None, folder: Path) -> Ground:
    """The ground of a run file, or of an economy: its bundled name, or a file.

    Args:
        folder: where the run file of an economy may be written for a moment.

    Raises:
        RunFileError, DataError: as `load`; neither an economy nor a run file of this name.
    """
    name = DEFAULT if given is None else given
    economies, runs = bundled.names("data"), bundled.names("runs")
    if name in economies or name.endswith(".nc"):
        return of_economy(name if name in economies else str(Path(name).resolve()), folder)
    if not Path(name).exists() and name.removesuffix(".toml") not in runs:
        raise RunFileError(f"{name}: is neither a run file nor an economy.{nearest(name, [*economies, *runs])}")
    return of_case(load(name))


def of_economy(name: str, folder: Path) -> Ground:
    """The ground of an economy, with a tariff of its largest country."""
    path = folder / "explore.toml"
    whole = {"title": name, "economy": name, "model": FIRST_MODEL, "elasticities": dict(FIRST)}
    path.write_text(written(whole), encoding="utf-8")
    ground = of_case(load(path))
    income = ground.case.benchmark.data["income"]
    largest = str(income["country"].values[int(income.values.argmax())])
    first = Measure(id="1", kind="tariff", actor=[largest], partner=["*"], sector=["*"], how="add", value=FIRST_RATE)
    return replace(ground, start=ground.start.model_copy(update={"measures": [first]}))


def of_case(case: Case) -> Ground:
    """The ground of a run file."""
    folder, table = case.path.resolve().parent, case.table
    rows = [(name, anchored(row, folder)) for name in table if name in SHOCK_TABLES for row in table[name]]
    kept = [(name, row) for name, row in rows if as_measure(name, row, "") is None]
    places, measures = iter(range(len(kept))), list[Measure | Kept]()
    for number, (name, row) in enumerate(rows, 1):
        measures.append(as_measure(name, row, str(number)) or Kept(id=str(number), kind="kept", number=next(places)))
    shared = {key: value for key, value in anchored(table, folder).items() if key not in (*OWN, *SHOCK_TABLES, *LEFT_OUT)}
    given = anchored(table["elasticities"], folder)
    left_out = [name for name in LEFT_OUT if table.get(name)]
    start = Question(
        measures=measures,
        model=case.model,
        intermediates=case.intermediates,
        elasticity=_elasticity(given),
        parameters={key: given[key] for key in PARAMETERS if key != "trade" and isinstance(given.get(key), int | float | str)},
        transfers=case.transfers,
        scale=case.scale,
    )
    notes = [f"The {name} of the run file is left out here: cge {ANSWERED[name]} answers it." for name in left_out]
    return Ground(case, shared, given, _groups(case), tuple(kept), tuple(notes), start)


OWN = ("title", "model", "intermediates", "transfers", "scale", "elasticities")
"""Keys that a question gives."""

ANSWERED = {"sweep": "sweep", "policy": "policy", "compare": "compare", "scenario": "compare"}
"""The commands that answer what is left out."""


def as_measure(table: str, row: Mapping[str, Any], name: str) -> Measure | None:
    """An entry of a shock table as a measure with this id; None where it is none."""
    if table not in KINDS or "file" in row:
        return None
    how = next(action for action in ACTIONS if action in row)
    value = float(row[how]) if how == "times" else as_rates(float(row[how]), row.get("unit"))
    if value == float("inf"):
        return None
    acts, on = KINDS[table]
    sides = {"actor": row[acts], "partner": row[on], "sector": row["sector"]}
    labels = {key: [entry] if isinstance(entry, str) else list(entry) for key, entry in sides.items()}
    return Measure.model_validate({"id": name or "1", "kind": table, "how": how, "value": value, **labels})


def _elasticity(given: Mapping[str, Any]) -> Elasticity:
    """What a run file says of the trade elasticity."""
    if isinstance(given.get("trade"), int | float):
        return Elasticity(trade=float(given["trade"]))
    return Elasticity(set=given["set"]) if given.get("set") in set_names() else Elasticity(kept=True)


def _groups(case: Case) -> dict[str, dict[str, list[str]]]:
    """Groups that come with the package and have members here, but for names that the run file or a label bears."""
    taken = {*case.groups, *case.sector_groups, *case.countries, *case.sectors}
    found = bundled_groups({"country": case.countries, "sector": case.sectors})
    return {kind: {name: members for name, members in groups.items() if name not in taken} for kind, groups in found.items()}


# --- names of files ------------------------------------------------------------------------------------------------------------------

FILES = ("economy", "technology", "factor_shares", "group_shares", "satellite", "baseline", "on_top_of", "path", "file", "set")
"""Keys that may name a file."""


def anchored(table: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """A table of a run file with the files that it names as they are found from anywhere."""
    return {key: _anchored(key, value, folder) for key, value in table.items()}


def _anchored(key: str, value: Any, folder: Path) -> Any:
    if key == "economy" and isinstance(value, Mapping):
        return anchored(value, folder)
    named = key in FILES and isinstance(value, str) and not (key == "economy" and value in bundled.names("data"))
    return str((folder / value).resolve()) if named and (key != "set" or is_file(value)) else value


def every_group(ground: Ground) -> Iterator[tuple[str, str, list[str]]]:
    """Kind, name and members of all groups: those of the run file, then those that come with the package."""
    own = {"country": ground.case.groups, "sector": ground.case.sector_groups}
    for kind, groups in own.items():
        for source in (groups, ground.groups.get(kind, {})):
            yield from ((kind, name, list(members)) for name, members in source.items())
