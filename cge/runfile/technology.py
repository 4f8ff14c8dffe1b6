"""A file that describes a world by hand (TOML): labels and primitives, read whole with all faults at once.

    countries = ["Home", "Foreign"]
    sectors = ["goods"]
    endowment = {Home = 100, Foreign = 60}   # units of every factor
    iceberg = 1.4                            # between different countries; own sales bear none; inf closes a pair
    fixed_cost = 1.2                         # of serving another country, in bundles of the exporter
    home_fixed_cost = 1.0                    # of serving the own market (f_ii)
    entry_cost = 0.5                         # in bundles

A primitive is a number, or a table by label, nested in the order of its dims (a level of countries or sectors may be left out where the labels say
which is meant); `"*"` names the rest. Also: `factors` (default labour), `productivity` (lower bound φmin; 0: cannot be made; default 1), `tariff`,
`export_tax`, `final_share` (β; needed with several sectors), `factor_share` and `input_share` (of cost, together one), `transfer`; `title`, `unit`.
Elasticities stand in the run file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from cge.data.arrays import Array
from cge.errors import DataError, nearest
from cge.model.technology import Technology
from cge.runfile.limits import value_faults
from cge.runfile.primitives import AXES, bought, made, read_arrays
from cge.runfile.toml import near, parse
from cge.solve.levels.world import World

LABELS = {"countries": None, "sectors": None, "factors": ["labour"]}
WORDS = ("title", "unit", "source")


def open_technology(path: str | os.PathLike[str]) -> World:
    """Read and check a technology file.

    Raises:
        DataError: with every fault, one sentence each; RunFileError where it is not TOML.
    """
    file = Path(path)
    if not file.is_file():
        raise DataError(f"technology: no file {file}.{near(file, '.toml')}")
    return make_world(parse(file)[0], str(file))


def make_world(table: Mapping[str, Any], origin: str = "technology") -> World:
    """A checked `World` from the table of a technology file; raises as `open_technology`."""
    faults: list[str] = []
    labels = read_labels(table, faults)
    known = [*LABELS, *AXES, *WORDS]
    faults += [f"{key}: unknown key `{key}`.{nearest(key, known)}" for key in table if key not in known]
    faults += [f"{key}: {table[key]!r} is not text." for key in WORDS if key in table and not isinstance(table[key], str)]
    arrays: dict[str, Array] = {}
    if all(labels.values()):
        arrays = read_arrays(table, labels, faults)
        faults += value_faults(arrays, labels)
    if faults:
        raise DataError(f"{origin}: {fault}" for fault in faults)
    attrs = {key: str(table[key]) for key in WORDS if key in table}
    return World(
        _technology(arrays), labels["countries"], labels["sectors"], labels["factors"], {"title": Path(origin).stem, **attrs}, origin
    )


def read_labels(table: Mapping[str, Any], faults: list[str]) -> dict[str, list[str]]:
    """The labels of a technology file, by key of `LABELS`; empty after adding to the faults."""
    return {name: _labels(table, name, faults) for name in LABELS}


def _labels(table: Mapping[str, Any], name: str, faults: list[str]) -> list[str]:
    """The labels of a key; empty after adding to the faults."""
    value = table.get(name, LABELS[name])
    if value is None:
        faults.append(f'{name}: is missing. Give a list of labels: {name} = ["A", "B"].')
    elif not isinstance(value, list) or not value or not all(isinstance(v, str) and v.strip() and v != "*" for v in value):
        faults.append(f'{name}: {value!r} is not a list of labels, as ["A", "B"].')
    elif len(set(value)) < len(value):
        faults.append(f"{name}: {next(v for v in value if value.count(v) > 1)} appears more than once; labels must be unique.")
    else:
        return value
    return []


def _technology(arrays: dict[str, Array]) -> Technology:
    """The primitives in the layout of the solvers; shares add up to one exactly."""
    can = made(arrays)
    cost = arrays["factor_share"].sum(axis=2) + arrays["input_share"].sum(axis=1)
    fixed, diagonal = arrays["fixed_cost"].copy(), np.arange(len(can))
    fixed[diagonal, diagonal] = arrays["home_fixed_cost"]
    transfer = arrays["transfer"]
    return Technology(
        iceberg=np.ascontiguousarray(arrays["iceberg"].transpose(2, 0, 1)),
        fixed_cost=np.ascontiguousarray(fixed.transpose(2, 0, 1)),
        tariff=np.ascontiguousarray(arrays["tariff"].transpose(2, 0, 1)),
        export_tax=np.ascontiguousarray(arrays["export_tax"].transpose(2, 0, 1)),
        entry_cost=np.ascontiguousarray(arrays["entry_cost"].T),
        productivity=np.ascontiguousarray(np.where(can, arrays["productivity"], 1.0).T),
        endowment=np.ascontiguousarray(arrays["endowment"].T),
        transfer=transfer - transfer.sum() * arrays["endowment"].sum(axis=1) / arrays["endowment"].sum(),
        factor_share=np.ascontiguousarray((arrays["factor_share"] / cost[:, :, None]).transpose(2, 1, 0)),
        input_share=np.ascontiguousarray((arrays["input_share"] / cost[:, None, :]).transpose(1, 2, 0)),
        final_share=np.ascontiguousarray((arrays["final_share"] / arrays["final_share"].sum(axis=1, keepdims=True)).T),
        made=np.ascontiguousarray(can.T),
        bought=np.ascontiguousarray(bought(arrays).T),
    )
