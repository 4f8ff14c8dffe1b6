"""Structural parameters as a run file gives them, on the sectors of an economy, and the exponents that they make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from cge.errors import DataError, nearest
from cge.model.exponents import Exponents, PerSector, armington, eaton_kortum, external_economies, krugman, melitz

SIZE_SHAPE = 1.42
"""k/(σ − 1) where nothing is said of one of the two: k = 4.25 and σ = 4 in Melitz and Redding (2015), American Economic Review 105(3)."""


USED = {
    "armington": {"trade", "sigma"},
    "eaton_kortum": {"trade"},
    "krugman": {"trade", "sigma"},
    "melitz": {"trade", "sigma", "size_shape"},
    "external_economies": {"trade", "psi"},
}
"""The models, and the parameters that each can use."""


EITHER = ("armington", "krugman")
"""Models in which trade = sigma − 1: one of the two is enough, and `trade` counts more, since the file's `sigma` may be meant for Melitz."""


def sigma_from_k(k: float) -> float:
    """σ where only the shape of Melitz firms, the trade elasticity k, is known: σ = 1 + k/1.42."""
    return 1 + k / SIZE_SHAPE


def k_from_sigma(sigma: float) -> float:
    """k where only σ is known: k = 1.42 (σ − 1)."""
    return SIZE_SHAPE * (sigma - 1)


@dataclass(frozen=True)
class Parameters:
    """Structural parameters as a run file gives them, each a number, a number for every sector, or None.

    Attributes:
        trade: exponent on trade cost (σ−1, θ or k); sigma: σ; size_shape: k/(σ−1) > 1; psi: scale elasticity; all dimensionless.
    """

    trade: PerSector | None = None
    sigma: PerSector | None = None
    size_shape: PerSector | None = None
    psi: PerSector | None = None

    @property
    def given(self) -> dict[str, PerSector]:
        """Those that are given."""
        every = {"trade": self.trade, "sigma": self.sigma, "size_shape": self.size_shape, "psi": self.psi}
        return {name: value for name, value in every.items() if value is not None}


def on_sectors(
    value: PerSector,
    sectors: list[str],
    active: npt.NDArray[np.bool_],
    where: str,
    faults: list[str],
    *,
    cover: bool = True,
    cure: str = 'give one, or "*" for the rest',
) -> PerSector | None:
    """A table with `"*"` as a number for every sector; None after adding to `faults`, or where it need not cover every sector and does not.

    Args:
        value: a number (returned as it is) or a table by sector; active: sectors with sales or spending [sector].
        where: place in the run file, for messages; cover: whether every active sector needs a value; cure: what to do where one has none.
    """
    if not isinstance(value, Mapping):
        return value
    known = len(faults)
    faults += [
        f"{where}: no sector {label} in the economy.{nearest(label, sectors)}" for label in value if label not in sectors and label != "*"
    ]
    rest = value.get("*")
    missing = [s for s, needed in zip(sectors, active, strict=True) if needed and s not in value] if rest is None else []
    if missing and not cover:
        return None
    if missing:
        some = f"{', '.join(missing[:8])}{f' and {len(missing) - 8} more' if len(missing) > 8 else ''}"
        faults.append(f"{where}: no value for {some}, where there are sales or spending; {cure}.")
    if len(faults) > known:
        return None
    # A sector without sales and spending plays no role: it takes the value of the first that does, so that all parameters fit together.
    spare = next((value[s] for s, needed in zip(sectors, active, strict=True) if needed and s in value), 0.0) if rest is None else rest
    return {s: float(value.get(s, spare)) for s in sectors}


def exponents(model: str, given: Parameters, scale: float | None = None) -> Exponents:
    """The exponents of a model from the parameters of a run file (MODEL section 4).

    Args:
        model: a key of `USED`; given: parameters, of which `USED` lists those that count.
        scale: replaces the scale exponent; `trade` stays. Under Melitz k is then trade/scale, and what the file gives stays: σ, or
            `size_shape` = k/(σ−1), from which σ = 1 + (trade/scale)/size_shape.

    Raises:
        DataError: a parameter the model needs is missing, or a value is out of range.
    """
    faults = [*out_of_range(model, given, scale), *missing(model, given.given, scale)]
    if faults:
        raise DataError(faults)
    return _MAKERS[model](given, scale)


def missing(model: str, names: Iterable[str], scale: float | None = None) -> list[str]:
    """What a model lacks where the parameters of these `names` are given, whatever their values, one sentence each."""
    given, either = set(names), model in EITHER
    faults = []
    if "trade" not in given and not (either and "sigma" in given):
        also = ", or sigma, from which trade = sigma − 1" if either else ""
        faults.append(f"elasticities: {model} needs trade, the exponent on trade cost, or set = a named set{also}.")
    if model == "melitz" and not given & {"sigma", "size_shape"}:
        faults.append(
            f"elasticities: melitz needs sigma beside trade, or size_shape = k/(sigma − 1); {SIZE_SHAPE} is that of Melitz and Redding (2015)."
        )
    if model == "external_economies" and "psi" not in given and scale is None:
        faults.append("elasticities: external_economies needs psi beside trade (scale = trade·psi).")
    if model == "melitz" and scale == 0:
        faults.append("scale: 0 has no Melitz model (k = trade/scale); use eaton_kortum, or a scale in (0, 1].")
    return faults


def out_of_range(model: str, given: Parameters, scale: float | None = None) -> list[str]:
    """Values that no sector can have among the parameters that play a role under a model, one sentence each."""
    idle = unused(model, given.given, scale)
    return [fault for name, value in given.given.items() if name not in idle for fault in _range_faults(name, value)]


def unused(model: str, given: Iterable[str], scale: float | None = None) -> list[str]:
    """Those of the `given` names of parameters that play no role under a model."""
    names = list(given)
    idle = set(names) - USED[model]
    if model in EITHER and "trade" in names:
        idle.add("sigma")
    if model == "external_economies" and scale is not None:
        idle.add("psi")
    return [name for name in names if name in idle]


def _range_faults(name: str, value: PerSector) -> list[str]:
    """What `value` says that no model allows; the other limits are those of the models."""
    low = {"trade": 0.0, "sigma": 1.0, "size_shape": 1.0, "psi": -np.inf}[name]
    entries = value.items() if isinstance(value, Mapping) else [("", value)]
    return [
        f"elasticities: {name} = {number:g}{f' at sector={sector}' if sector else ''}, but it must {'exceed 1' if low else 'be positive'}."
        for sector, number in entries
        if not number > low
    ]


def _armington(given: Parameters, scale: float | None) -> Exponents:
    return _at_scale(armington(_sigma(given)), scale)


def _eaton_kortum(given: Parameters, scale: float | None) -> Exponents:
    return _at_scale(eaton_kortum(_each(float, given.trade)), scale)


def _krugman(given: Parameters, scale: float | None) -> Exponents:
    return krugman(_sigma(given), 1.0 if scale is None else scale)


def _sigma(given: Parameters) -> PerSector:
    """σ where trade = σ − 1."""
    return _each(float, given.sigma) if given.trade is None else _each(lambda trade: trade + 1, given.trade)


def _melitz(given: Parameters, scale: float | None) -> Exponents:
    """k = trade/scale (MODEL section 4); σ as given, or 1 + k/size_shape, so that k/(σ−1) is the shape that the file gives."""
    part = 1.0 if scale is None else scale
    k = _each(lambda trade: trade / part, given.trade)
    sigma = _each(lambda k, shape: 1 + k / shape, k, given.size_shape) if given.sigma is None else _each(float, given.sigma)
    return melitz(sigma, k, part)


def _external_economies(given: Parameters, scale: float | None) -> Exponents:
    """Without `psi` it follows from the scale that replaces trade·psi."""
    psi = _each(lambda trade: (scale or 0.0) / trade, given.trade) if given.psi is None else given.psi
    return external_economies(_each(float, given.trade), psi, scale)


_MAKERS: dict[str, Callable[[Parameters, float | None], Exponents]] = {
    "armington": _armington,
    "eaton_kortum": _eaton_kortum,
    "krugman": _krugman,
    "melitz": _melitz,
    "external_economies": _external_economies,
}


def _at_scale(made: Exponents, scale: float | None) -> Exponents:
    return made if scale is None else replace(made, scale=scale)


def _each(function: Callable[..., float], *values: PerSector | None) -> PerSector:
    """`function` of numbers, sector by sector where any of `values` is a table (tables of one run file hold the same sectors)."""
    sectors = next((value for value in values if isinstance(value, Mapping)), None)
    if sectors is None:
        return function(*values)
    return {s: function(*(value[s] if isinstance(value, Mapping) else value for value in values)) for s in sectors}
