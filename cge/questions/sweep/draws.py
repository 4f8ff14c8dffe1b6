"""Draws of trade elasticities around their estimates: log-normal with the published standard errors, quasi-random by default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from cge.data.arrays import Array
from cge.errors import nearest
from cge.model.exponents import PerSector, entries
from cge.runfile.case import Case
from cge.runfile.faults import section
from cge.runfile.keys.questions import DrawKeys
from cge.runfile.keys.table import as_toml


def read_draws(spec: Any, case: Case, faults: list[str]) -> Array | None:
    """What a table [sweep.draws] draws, as `draw`; adds to the faults."""
    if not isinstance(spec, dict):
        faults.append(f"sweep.draws: {as_toml(spec)} is not a table; write [sweep.draws] with n = 1000.")
        return None
    known = len(faults)
    keys = section(DrawKeys, spec, "sweep.draws", faults)
    return draw(case, keys, faults) if len(faults) == known else None


def draw(case: Case, keys: DrawKeys, faults: list[str]) -> Array | None:
    """Trade elasticities of every draw [draw, sector]; None after adding to the faults.

    Sector by sector log-normal with the estimate as mean and its standard error as standard deviation: ln ε = ln ε̂ − s²/2 + s z with
    s² = ln(1 + (se/ε̂)²). Over sectors z = √ρ z₀ + √(1−ρ) z_s with the correlation ρ. Sectors without a standard error keep their estimate.
    """
    estimate, error = estimates(case, keys)
    wrong = list(_error_faults(keys.standard_error, case.sectors))
    faults += wrong
    if estimate is None:
        faults.append("sweep.draws: needs trade elasticities in [elasticities], trade or set; sigma alone has no draws.")
    elif not (wrong or (error > 0).any()):
        faults.append(
            "sweep.draws: no sector has a standard error. Name a set that publishes them (cge show elasticities), or write standard_error = a "
            "number or a table by sector in [sweep.draws]."
        )
    elif not wrong:
        s = np.sqrt(np.log1p((error / estimate) ** 2))
        return np.asarray(estimate * np.exp(s * normal(keys, len(estimate)) - s**2 / 2))
    return None


def _error_faults(given: PerSector | None, sectors: list[str]) -> Iterator[str]:
    """Standard errors of no sector, and numbers that are none."""
    for label, error in entries(0.0 if given is None else given):
        if label not in (*sectors, "*", ""):
            yield f"sweep.draws.standard_error: no sector {label} in the economy.{nearest(label, sectors)}"
        if error < 0:
            yield f"sweep.draws.standard_error: {error:g}{f' at sector={label}' if label else ''}, but it must not be negative (zero is no draw)."


def estimates(case: Case, keys: DrawKeys) -> tuple[Array | None, Array]:
    """Estimates and standard errors [sector]; zero where there is none."""
    sectors = case.sectors
    trade = case.parameters.get("trade")
    nothing = np.zeros(len(sectors))
    if trade is None:
        return None, nothing
    error = nothing
    if case.estimates is not None:
        error = case.estimates["standard_error"].fillna(0.0).to_numpy(float)
    if keys.standard_error is not None:
        error = on(keys.standard_error, sectors)
    return on(trade, sectors), error


def on(value: PerSector, sectors: list[str]) -> Array:
    """A number or a table as an array [sector]; `*` names the rest, which is zero where it does not stand."""
    if not isinstance(value, Mapping):
        return np.full(len(sectors), float(value))
    return np.array([float(value.get(sector, value.get("*", 0.0))) for sector in sectors])


def normal(keys: DrawKeys, sectors: int) -> Array:
    """Standard normal numbers [draw, sector], correlated across sectors."""
    from scipy.special import ndtri
    from scipy.stats import qmc

    common = int(keys.correlation > 0)
    if keys.sampling == "quasi":
        sequence = qmc.Sobol(sectors + common, rng=np.random.default_rng(keys.seed))
        uniform = sequence.random_base2(int(np.ceil(np.log2(max(keys.n, 2)))))[: keys.n]
    else:
        uniform = np.random.default_rng(keys.seed).random((keys.n, sectors + common))
    z = ndtri(np.clip(uniform, 1e-15, 1 - 1e-15))
    return np.asarray(np.sqrt(1 - keys.correlation) * z[:, common:] + np.sqrt(keys.correlation) * z[:, : max(common, 1)])
