"""Elasticities of a run file on the sectors of an economy, and the exponents that they make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from cge.data import elasticities
from cge.data.elasticities import ElasticitySet
from cge.model import parameters, variants
from cge.model.exponents import Exponents
from cge.model.parameters import PARAMETERS, Parameters
from cge.model.variants import VARIANTS
from cge.runfile.faults import Given
from cge.runfile.files import Files
from cge.runfile.reading import Reading

NOT_IN_SET = (
    "{} has no estimate under these labels. Write trade = a table by sector; for merged sectors cge.data.aggregate.averaged makes one"
)
"""What to do where a set has nothing for a sector."""


class Made(NamedTuple):
    """What a run file says of elasticities.

    Attributes:
        exponents: None after adding to the faults; parameters: that they are made from; elasticity_source: where those come from, in words.
        estimates: the set that the run file names, on the sectors of the economy (`cge.data.elasticities.match`); None where it names none.
    """

    exponents: Exponents | None
    parameters: Parameters
    elasticity_source: str
    estimates: pd.DataFrame | None


def made(reading: Reading, given: Given, files: Files) -> Made:
    """Elasticities and exponents on the sectors of an economy or technology; where these are not known, what can be said without them is checked."""
    keys, sectors, idle = given.elasticities, files.ground.labels.get("sector"), idle_keys(given)
    values: dict[str, Any] = {name: value for name in PARAMETERS if (value := getattr(keys, name)) is not None}
    words = {
        name: f"{name} by sector" if isinstance(value, Mapping) else f"{name} = {value if isinstance(value, str) else format(value, 'g')}"
        for name, value in values.items()
    }
    estimates = None
    if files.estimates is not None and sectors is not None:
        estimates, values["trade"], words["trade"] = _matched(reading, str(keys.set), files.estimates, sectors)
    if sectors is not None:
        for name in values:  # in the order of the table, where what a parameter is needed by comes before it
            values[name] = _on_sectors(reading, given, files, name, values, name not in idle)
    source = ", ".join(words[name] for name in PARAMETERS if name in words and name not in idle)
    # without sectors a number is as good as known, and a table is not
    whole = sectors is not None or (keys.set is None and not any(isinstance(value, Mapping) for value in values.values()))
    known = {name: sound for name, value in values.items() if (sound := _sound(value)) is not None}
    return Made(_exponents(reading, given, known, whole), known, source, estimates)


def _sound(value: Any) -> Any:
    """A parameter without those sectors whose value has a fault that is told."""
    return {label: one for label, one in value.items() if one is not None} if isinstance(value, Mapping) else value


def _matched(reading: Reading, name: str, given: ElasticitySet, sectors: list[str]) -> tuple[pd.DataFrame, dict[str, float], str]:
    """A set on the sectors, its elasticities by sector, and where they come from, in words."""

    def make() -> tuple[pd.DataFrame, dict[str, float], str]:
        estimates = elasticities.match(given, sectors)
        trade = {str(sector): float(trade) for sector, trade in estimates["trade"].dropna().items()}
        return estimates, trade, elasticities.origin(name, estimates)

    return reading.cache.once(("matched", name, *given.files, *sectors), make)


def _on_sectors(reading: Reading, given: Given, files: Files, name: str, values: Parameters, cover: bool) -> Any:
    """One of the parameters on the sectors; None after adding to the faults, or where it need not cover all of them and does not."""
    value, sectors = values[name], files.ground.labels["sector"]
    assert value is not None
    assert sectors is not None
    active = files.ground.active & parameters.needed(name, values, sectors)
    if name == "trade" and files.estimates is not None:
        cure = NOT_IN_SET.format(given.elasticities.set)
        return parameters.on_sectors(value, sectors, active, "elasticities.set", reading.faults, cover=cover, cure=cure)
    return parameters.on_sectors(value, sectors, active, f"elasticities.{name}", reading.faults, cover=cover)


def _exponents(reading: Reading, given: Given, found: Parameters, whole: bool) -> Exponents | None:
    """The exponents of the model; None after adding to the faults, or where the model has one. `whole`: the sectors of the elasticities are known."""
    model, scale = given.top.model, given.top.scale
    if model is None:
        return None
    named = {"trade" if name == "set" else name for name in given.elasticities.model_fields_set}
    wrong = variants.faults(model, found, PARAMETERS if given.top.elasticities is None else named, scale)
    reading.faults.extend(wrong)
    unread = given.elasticities.set is not None and "trade" not in found
    if wrong or unread or not whole or any(fault.startswith("elasticities") for fault in reading.faults):
        return None
    return variants.exponents(model, found, scale)


def idle_keys(given: Given) -> list[str]:
    """Parameters that the run file gives and the model does not use."""
    keys = given.top
    names = ["trade" if name == "set" else name for name in (*PARAMETERS, "set") if getattr(given.elasticities, name) is not None]
    return [] if keys.model is None else VARIANTS[keys.model].unused(names, keys.scale)
