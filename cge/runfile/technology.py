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
`final_share` (β; needed with several sectors), `factor_share` and `input_share` (of cost, together one), `transfer`; `title`, `unit`. Elasticities
stand in the run file.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from cge.data.arrays import Array
from cge.errors import DataError, nearest
from cge.model.technology import Technology
from cge.runfile.toml import parse
from cge.solve.levels.world import World

AXES = {
    "endowment": ("country", "factor"),
    "transfer": ("country",),
    "entry_cost": ("country", "sector"),
    "productivity": ("country", "sector"),
    "home_fixed_cost": ("country", "sector"),
    "final_share": ("country", "sector"),
    "iceberg": ("exporter", "importer", "sector"),
    "fixed_cost": ("exporter", "importer", "sector"),
    "tariff": ("exporter", "importer", "sector"),
    "factor_share": ("country", "sector", "factor"),
    "input_share": ("country", "input", "sector"),
}
"""Primitives and the dims by which their tables nest."""

LABELS = {"countries": None, "sectors": None, "factors": ["labour"]}
WORDS = ("title", "unit", "source")
SHARES = 1e-9
"""Shares may miss one by this much, and are scaled."""


def open_technology(path: str | os.PathLike[str]) -> World:
    """Read and check a technology file.

    Raises:
        DataError: with every fault, one sentence each; RunFileError where it is not TOML.
    """
    file = Path(path)
    if not file.is_file():
        siblings = [p.name for p in file.parent.glob("*.toml")] if file.parent.is_dir() else []
        raise DataError(f"technology: no file {file}.{nearest(file.name, siblings)}")
    return make_world(parse(file)[0], str(file))


def make_world(table: Mapping[str, Any], origin: str = "technology") -> World:
    """A checked `World` from the table of a technology file; raises as `open_technology`."""
    faults: list[str] = []
    labels = {name: _labels(table, name, faults) for name in LABELS}
    known = [*LABELS, *AXES, *WORDS]
    faults += [f"{key}: unknown key `{key}`.{nearest(key, known)}" for key in table if key not in known]
    faults += [f"{key}: {table[key]!r} is not text." for key in WORDS if key in table and not isinstance(table[key], str)]
    if not faults or all(labels.values()):
        arrays = _arrays(table, labels, faults)
        if arrays is not None:
            faults += _value_faults(arrays, labels)
    if faults:
        raise DataError(f"{origin}: {fault}" for fault in faults)
    assert arrays is not None
    attrs = {key: str(table[key]) for key in WORDS if key in table}
    return World(
        _technology(arrays), labels["countries"], labels["sectors"], labels["factors"], {"title": Path(origin).stem, **attrs}, origin
    )


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


def _arrays(table: Mapping[str, Any], labels: dict[str, list[str]], faults: list[str]) -> dict[str, Array] | None:
    """Every primitive as an array with the dims of `AXES`; None after adding to the faults."""
    before, several, sectors, factors = len(faults), len(labels["countries"]) > 1, len(labels["sectors"]), len(labels["factors"])
    spare = {"transfer": 0.0, "productivity": 1.0, "tariff": 0.0, "input_share": 0.0}
    spare |= {} if several else {"iceberg": 1.0, "fixed_cost": 1.0}
    spare |= {"final_share": 1.0} if sectors == 1 else {}
    arrays = {}
    for name, dims in AXES.items():
        if name == "factor_share" and factors == 1 and name not in table:
            continue
        axes = [labels[_KIND[dim]] for dim in dims]
        array = np.full([len(axis) for axis in axes], np.nan)
        if name in table:
            _fill(array, table[name], dims, axes, name, faults)
        elif name not in spare:
            faults.append(f'{name}: is missing. Give a number, or a table by {", ".join(dims)}; "*" names the rest.')
            continue
        if name in spare:
            array[np.isnan(array)] = spare[name]
        _own(array, name, labels["countries"], faults)
        missing = np.isnan(array)
        if name in table and missing.any() and not any(f.startswith(name) for f in faults[before:]):
            faults.append(f'{name}: no value for {_place(missing, dims, axes)}; give one, or "*" for the rest.')
        arrays[name] = array
    if len(faults) > before:
        return None
    if "factor_share" not in arrays:
        arrays["factor_share"] = 1.0 - arrays["input_share"].sum(axis=1)[:, :, None]
    return arrays


_KIND = {
    "country": "countries",
    "exporter": "countries",
    "importer": "countries",
    "sector": "sectors",
    "input": "sectors",
    "factor": "factors",
}


def _fill(array: Array, value: Any, dims: tuple[str, ...], axes: list[list[str]], where: str, faults: list[str]) -> None:
    """Put a number, or a table by the labels of one of the dims that are left, into a view of an array; labels before `"*"`, whatever their order."""
    if isinstance(value, bool) or not isinstance(value, int | float | dict):
        faults.append(f"{where}: {value!r} is not a number or a table by {', '.join(dims) or 'label'}.")
        return
    if not isinstance(value, dict):
        array[...] = value
        return
    if not dims:
        faults.append(f"{where}: has a table where a number must stand.")
        return
    named = [key for key in value if key != "*"]
    at = next((d for d, axis in enumerate(axes) if set(named) <= set(axis)), 0)
    faults += [f"{where}: no {dims[at]} {key}.{nearest(key, [*axes[at], '*'])}" for key in named if key not in axes[at]]
    rest = (*dims[:at], *dims[at + 1 :]), [*axes[:at], *axes[at + 1 :]]
    for key in sorted(value, key=lambda key: key != "*"):
        chosen = axes[at] if key == "*" else [key] if key in axes[at] else []
        for label in chosen:
            view = np.moveaxis(array, at, 0)[axes[at].index(label), ...]
            if key == "*" and label in value:
                continue
            _fill(view, value[key], *rest, f"{where}.{key}", faults if label == chosen[0] or key != "*" else [])


def _own(array: Array, name: str, countries: list[str], faults: list[str]) -> None:
    """Own sales bear no iceberg and no tariff, and have a fixed cost of their own key."""
    if AXES[name][0] != "exporter":
        return
    diagonal = np.arange(len(countries))
    array[diagonal, diagonal] = 0.0 if name == "tariff" else 1.0


def _place(mask: np.ndarray[Any, np.dtype[np.bool_]], dims: tuple[str, ...], axes: list[list[str]]) -> str:
    """The labels of the first true cell."""
    return " ".join(f"{dim}={axis[i]}" for dim, axis, i in zip(dims, axes, np.argwhere(mask)[0], strict=True))


# --- what the numbers must obey ------------------------------------------------------------------------------------------------------------

LIMITS = {
    "endowment": (0.0, True, "must be positive: a country without a factor has no income from it and no price of it"),
    "entry_cost": (0.0, True, "must be positive, or entry has no end"),
    "productivity": (0.0, False, "must not be negative (0: cannot be made there)"),
    "home_fixed_cost": (0.0, True, "must be positive: without it no firm is turned away"),
    "fixed_cost": (0.0, True, "must be positive: without it every firm exports"),
    "iceberg": (0.0, True, "must be positive (inf closes a pair)"),
    "tariff": (0.0, False, "must not be negative"),
    "final_share": (0.0, False, "must not be negative"),
    "factor_share": (0.0, False, "must not be negative"),
    "input_share": (0.0, False, "must not be negative"),
    "transfer": (-np.inf, True, "must be a number"),
}
"""Lower limit of a primitive, whether it is excluded, and the rule in words."""


def _value_faults(arrays: dict[str, Array], labels: dict[str, list[str]]) -> Iterable[str]:
    """Faults of the numbers, one sentence each, with the first cell by name."""
    known = 0
    for name, (low, strict, rule) in LIMITS.items():
        array, axes = arrays[name], [labels[_KIND[dim]] for dim in AXES[name]]
        sound = (array > low if strict else array >= low) & (np.isfinite(array) | (name == "iceberg"))
        if not sound.all():
            known += 1
            yield f"{name}: {array[~sound][0]:g} at {_place(~sound, AXES[name], axes)}; it {rule}."
    if not known:
        yield from _sum_faults(arrays, labels)


def _sum_faults(arrays: dict[str, Array], labels: dict[str, list[str]]) -> Iterable[str]:
    countries, sectors = labels["countries"], labels["sectors"]
    final, transfer, endowment = arrays["final_share"].sum(axis=1), arrays["transfer"], arrays["endowment"]
    for country, total in zip(countries, final, strict=True):
        if abs(total - 1) > SHARES:
            yield f"final_share: adds up to {total:.10g} in {country}; shares of final demand must add up to 1."
    cost = arrays["factor_share"].sum(axis=2) + arrays["input_share"].sum(axis=1)
    off = np.abs(cost - 1) > SHARES
    if off.any():
        n, s = np.argwhere(off)[0]
        where = f"country={countries[n]} sector={sectors[s]}"
        yield f"factor_share, input_share: add up to {cost[n, s]:.10g} at {where}; shares of cost must add up to 1."
    if abs(transfer.sum()) > SHARES * endowment.sum():
        yield f"transfer: transfers add up to {transfer.sum():g}; what one country gets another gives, so they must add up to 0."
    made, bought = _made(arrays), _bought(arrays)
    reached = (np.isfinite(arrays["iceberg"]) & made[:, None, :]).any(axis=0)
    if (bought & ~reached).any():
        n, s = np.argwhere(bought & ~reached)[0]
        yield f"iceberg: nobody can sell {sectors[s]} in {countries[n]}, which buys it; leave one iceberg finite or make it there."
    if len(countries) == 1:
        yield "countries: one country has nobody to trade with; give at least two (a prohibitive iceberg makes them closed economies)."


def _made(arrays: dict[str, Array]) -> Array:
    return np.asarray(arrays["productivity"] > 0)


def _bought(arrays: dict[str, Array]) -> Array:
    """Finally, or as an input of something that is made [country, sector]."""
    used = (arrays["input_share"] * _made(arrays)[:, None, :]).sum(axis=2)
    return np.asarray((arrays["final_share"] > 0) | (used > 0))


def _technology(arrays: dict[str, Array]) -> Technology:
    """The primitives in the layout of the solvers; shares add up to one exactly."""
    made = _made(arrays)
    cost = arrays["factor_share"].sum(axis=2) + arrays["input_share"].sum(axis=1)
    fixed, diagonal = arrays["fixed_cost"].copy(), np.arange(len(made))
    fixed[diagonal, diagonal] = arrays["home_fixed_cost"]
    transfer = arrays["transfer"]
    return Technology(
        iceberg=np.ascontiguousarray(arrays["iceberg"].transpose(2, 0, 1)),
        fixed_cost=np.ascontiguousarray(fixed.transpose(2, 0, 1)),
        tariff=np.ascontiguousarray(arrays["tariff"].transpose(2, 0, 1)),
        entry_cost=np.ascontiguousarray(arrays["entry_cost"].T),
        productivity=np.ascontiguousarray(np.where(made, arrays["productivity"], 1.0).T),
        endowment=np.ascontiguousarray(arrays["endowment"].T),
        transfer=transfer - transfer.sum() * arrays["endowment"].sum(axis=1) / arrays["endowment"].sum(),
        factor_share=np.ascontiguousarray((arrays["factor_share"] / cost[:, :, None]).transpose(2, 1, 0)),
        input_share=np.ascontiguousarray((arrays["input_share"] / cost[:, None, :]).transpose(1, 2, 0)),
        final_share=np.ascontiguousarray((arrays["final_share"] / arrays["final_share"].sum(axis=1, keepdims=True)).T),
        made=np.ascontiguousarray(made.T),
        bought=np.ascontiguousarray(_bought(arrays).T),
    )
