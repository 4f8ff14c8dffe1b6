"""Elasticities of a run file on the sectors of an economy, and the exponents that they make."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from cge.data import elasticities
from cge.data.labels import Mask
from cge.model import parameters
from cge.model.exponents import Exponents, PerSector
from cge.model.parameters import PARAMETERS, Parameters
from cge.model.variants import VARIANTS
from cge.model.variants import exponents as exponents_of
from cge.runfile.faults import Given
from cge.runfile.files import Reading
from cge.runfile.keys import RunFile

NOT_IN_SET = (
    "{} has no estimate under these labels. Write trade = a table by sector; for merged sectors cge.data.aggregate.averaged makes one"
)
"""What to do where a set has nothing for a sector."""


class Made(NamedTuple):
    """Exponents, the parameters that they are made from, and where those come from, in words."""

    exponents: Exponents | None
    parameters: Parameters
    elasticity_source: str


def _made(reading: Reading, given: Given, sectors: list[str], active: Mask) -> Made:
    """Exponents on the sectors of an economy, `active` those with sales or spending; None in place of them after adding to the faults."""
    parameters, source = _parameters(reading, given, sectors, active)
    return Made(_exponents(reading, given.top, parameters), parameters, source)


def _parameters(reading: Reading, given: Given, sectors: list[str], active: Mask) -> tuple[Parameters, str]:
    """Elasticities on the sectors of the economy, and where those that count come from, in words."""
    keys = given.elasticities
    tables: dict[str, PerSector] = {name: getattr(keys, name) for name in PARAMETERS if getattr(keys, name) is not None}
    words = {name: f"{name} = {value:g}" if isinstance(value, float) else f"{name} by sector" for name, value in tables.items()}
    of_set = None if keys.set is None else _of_set(reading, keys.set, sectors)
    if keys.set is not None and of_set is not None:
        tables["trade"] = {str(sector): float(trade) for sector, trade in of_set["trade"].dropna().items()}
        words["trade"] = elasticities.origin(keys.set, of_set)
    idle = _idle(given)
    values: dict[str, PerSector | None] = {}
    for name, value in tables.items():
        from_set = name == "trade" and keys.set is not None
        where, more = ("elasticities.set", {"cure": NOT_IN_SET.format(keys.set)}) if from_set else (f"elasticities.{name}", {})
        values[name] = parameters.on_sectors(value, sectors, active, where, reading.faults, cover=name not in idle, **more)
    return {name: value for name, value in values.items() if value is not None}, ", ".join(
        words[name] for name in PARAMETERS if name in words and name not in idle
    )


def _of_set(reading: Reading, name: str, sectors: list[str]) -> pd.DataFrame | None:
    """A set matched to the sectors of the economy; None after adding to the faults."""
    chosen = elasticities.chosen(name, reading.path.parent)
    if isinstance(chosen, Path) and reading.find(name, "elasticities.set", ".csv") is None:
        return None
    matched = reading.attempt(lambda: elasticities.match(chosen, sectors), "elasticities.set: " if isinstance(chosen, Path) else "")
    if matched is not None:
        table, *concordance = elasticities.set_files(chosen)
        reading.note(name, table)
        for path in concordance:
            reading.note(f"concordance {path.stem}", path)
    return matched


def _exponents(reading: Reading, keys: RunFile, given: Parameters) -> Exponents | None:
    """The exponents of the model; None where the model or an elasticity has a fault, or after adding to the faults."""
    if keys.model is None or any(fault.startswith("elasticities") for fault in reading.faults):
        return None
    return reading.attempt(lambda: exponents_of(keys.model, given, keys.scale))


def _idle(given: Given) -> list[str]:
    """Parameters that the run file gives and the model does not use."""
    keys = given.top
    names = ["trade" if name == "set" else name for name in (*PARAMETERS, "set") if getattr(given.elasticities, name) is not None]
    return [] if keys.model is None else VARIANTS[keys.model].unused(names, keys.scale)
