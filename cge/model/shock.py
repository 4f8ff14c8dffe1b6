"""What changes: policy and primitives of a counterfactual, and the rule for transfers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from cge.data.arrays import BILATERAL, Array, attributes, labelled, place
from cge.data.labels import Labelled
from cge.data.value_faults import word_fault
from cge.errors import DataError, nearest, unlike
from cge.model.benchmark import Benchmark
from cge.model.transfers import TRANSFER_RULES, TransferRule, Transfers

SHOCK_DIMS = {
    "tariff": BILATERAL,
    "export_tax": BILATERAL,
    "iceberg": BILATERAL,
    "fixed_cost": BILATERAL,
    "productivity": ("sector", "country"),
    "endowment": ("factor", "country"),
}

RATES = ("tariff", "export_tax")
"""What of a shock is new ad valorem rates, in place of those of the data; the rest are factors."""


@dataclass(frozen=True, eq=False)
class Shock:
    """One counterfactual, relative to the data of a benchmark.

    Attributes:
        tariff: new ad valorem rates (levels) [sector, exporter, importer]; None: as in the data.
        export_tax: new ad valorem rates that exporters' treasuries lay on what producers get, below tariffs [the same]; None: as in the data.
        iceberg: factor on the variable trade cost [sector, exporter, importer]; `inf` closes a pair; None: one.
        fixed_cost: factor on the fixed cost of serving a market [sector, exporter, importer]; None: one.
        productivity: factor on productivity [sector, country]; None: one.
        endowment: factor on factor endowments [factor, country]; None: one.
        transfers: rule for transfers. `fixed`: constant in the numeraire; `zero`: none, and changes are measured from the equilibrium
            without transfers; `own_share`: in proportion to the country's own factor income, less a share of the world's sum.
        baseline: shock whose equilibrium changes are measured from; None: the data (or, where these are not an equilibrium under
            the transfer rule, the equilibrium without a shock).
    """

    tariff: xr.DataArray | None = None
    export_tax: xr.DataArray | None = None
    iceberg: xr.DataArray | None = None
    fixed_cost: xr.DataArray | None = None
    productivity: xr.DataArray | None = None
    endowment: xr.DataArray | None = None
    transfers: Transfers = "fixed"
    baseline: Shock | None = None

    @property
    def nothing(self) -> bool:
        """Whether policy and primitives are those of the data."""
        return all(getattr(self, name) is None for name in SHOCK_DIMS)

    @property
    def rule(self) -> TransferRule:
        """The rule for transfers."""
        return TRANSFER_RULES[self.transfers]

    @property
    def reference(self) -> Shock:
        """The shock whose equilibrium changes are measured from: the baseline, or none, under the same rule for transfers."""
        return Shock(transfers=self.transfers) if self.baseline is None else replace(self.baseline, baseline=None)

    def rates(self, benchmark: Benchmark, name: str = "tariff") -> Array:
        """Ad valorem rates, one of `RATES`, new or those of the data [sector, exporter, importer], or [1, 1, 1] as `Benchmark.rates`."""
        array = getattr(self, name)
        return benchmark.rates(name) if array is None else np.asarray(array.values)

    def factor(self, name: str) -> Array:
        """What a primitive is multiplied by, dims as in `SHOCK_DIMS`; one number where it stays."""
        array = getattr(self, name)
        return np.ones((1,) * len(SHOCK_DIMS[name])) if array is None else np.asarray(array.values)

    def importers(self, benchmark: Benchmark) -> Array | slice:
        """Places of the importers into whose markets it changes what goes [place], or a slice where these are all."""
        moved = np.zeros(len(benchmark.labels.countries), dtype=bool)
        if self.productivity is not None:
            moved[:] = True
        for name in RATES:
            if getattr(self, name) is not None:
                moved |= (getattr(self, name).values != benchmark.rates(name)).any(axis=(0, 1))
        for name in ("iceberg", "fixed_cost"):
            if getattr(self, name) is not None:
                moved |= (getattr(self, name).values != 1).any(axis=(0, 1))
        return slice(None) if moved.all() else np.flatnonzero(moved)

    def log_factors(self, benchmark: Benchmark, importers: Array | slice = slice(None)) -> dict[str, Array]:
        """ln of what the shock does to each part of a flow's weight, where it does anything, by name of `cge.model.exponents.PAIR`.

        Args:
            importers: places of those that are wanted.

        Returns:
            Arrays that broadcast to [sector, exporter, importer]; infinite where a pair is closed.
        """
        found = {}
        for name in RATES:
            if getattr(self, name) is not None:
                new, old = (of_importers(shock.rates(benchmark, name), importers) for shock in (self, Shock()))
                found[name] = np.log((1 + new) / (1 + old))
        for name in ("iceberg", "fixed_cost"):
            if getattr(self, name) is not None:
                found[name] = np.log(getattr(self, name).values[:, :, importers])
        if self.productivity is not None:
            found["productivity"] = np.log(self.productivity.values)[:, :, None]
        return found


def of_importers(rates: Array, importers: Array | slice) -> Array:
    """Rates of some importers [place], from those of all or one for all [sector, exporter, importer]."""
    return rates[:, :, importers] if rates.shape[2] > 1 else rates


def change(
    benchmark: Labelled,
    *,
    tariff: xr.DataArray | None = None,
    export_tax: xr.DataArray | None = None,
    iceberg: xr.DataArray | None = None,
    fixed_cost: xr.DataArray | None = None,
    productivity: xr.DataArray | None = None,
    endowment: xr.DataArray | None = None,
    transfers: Transfers = "fixed",
    baseline: Shock | None = None,
    subsidies: bool = False,
) -> Shock:
    """A checked `Shock`: arguments as its attributes, [sector, exporter, importer], [sector, country] and [factor, country]
    in any order, labels in any order but the same sets as the benchmark's; rates as numbers (0.05 is 5 %), the rest as factors.

    Args:
        subsidies: whether rates may be below zero, above −1. benchmark: whose labels count; an economy has the same, and so has a world whose
            benchmark is yet to be solved.

    Raises:
        DataError: wrong dims or labels, values that are not numbers, a negative rate, a rate at home, a factor that is not positive, an
            unknown transfer rule; all at once.
    """
    faults: list[str] = []
    if not isinstance(transfers, str) or transfers not in TRANSFER_RULES:
        faults.append(f"transfers: {transfers!r} is not a rule.{nearest(str(transfers), TRANSFER_RULES)}")
    if baseline is not None:
        faults += unlike("baseline", baseline, Shock, "cge.change and cge.scenario make one")
    given = {
        "tariff": tariff, "export_tax": export_tax, "iceberg": iceberg, "fixed_cost": fixed_cost, "productivity": productivity,
        "endowment": endowment,
    }  # fmt: skip
    aligned = {name: _aligned(benchmark, name, array, faults) for name, array in given.items() if array is not None}
    for name, array in aligned.items():
        if array is not None:
            faults += _value_faults(name, array, subsidies)
    if faults:
        raise DataError(faults)
    return Shock(**aligned, transfers=transfers, baseline=baseline)


def _aligned(benchmark: Labelled, name: str, array: xr.DataArray, faults: list[str]) -> xr.DataArray | None:
    """`array` in the dims and label order of the benchmark; None after adding to `faults`."""
    dims = SHOCK_DIMS[name]
    if wrong := unlike(name, array, xr.DataArray, f"give one [{', '.join(dims)}] with labels, or say it in words to cge.scenario"):
        faults += wrong
        return None
    if word := word_fault(array):
        faults.append(f"{name}: {word}")
        return None
    if set(array.dims) != set(dims):
        faults.append(f"{name}: dims are ({', '.join(map(str, array.dims))}); they must be ({', '.join(dims)}), in any order.")
        return None
    order, written = {}, {}
    for dim in dims:
        known = benchmark.sectors if dim == "sector" else benchmark.factors if dim == "factor" else benchmark.countries
        if dim not in array.coords:
            faults.append(f"{name}: {dim} has no labels, so it cannot be aligned; give it the labels of the benchmark.")
            continue
        labels = [str(v) for v in array[dim].values]
        foreign, missing = sorted(set(labels) - set(known)), sorted(set(known) - set(labels))
        faults += [f"{name}: {dim} {label} is not in the benchmark.{nearest(label, known)}" for label in foreign]
        faults += [f"{name}: {dim} {label} is missing; every label of the benchmark needs a value." for label in missing]
        if len(set(labels)) < len(labels):
            faults.append(f"{name}: a label of {dim} appears more than once.")
        if not foreign and not missing and len(labels) == len(known):
            order[dim], written[dim] = known, labels
    if len(order) < len(dims):
        return None
    values = array.transpose(*dims).values
    for axis, dim in enumerate(dims):
        if written[dim] != order[dim]:
            values = values.take([written[dim].index(label) for label in order[dim]], axis=axis)
    found = labelled(np.array(values, dtype=np.float64, order="C"), {dim: order[dim] for dim in dims})
    found.attrs = {**array.attrs, **attributes(name)}
    return found


SUBSIDIES = "subsidies = true allows subsidies, rates above -1"
"""What to say to a rate below zero."""


def _value_faults(name: str, array: xr.DataArray, subsidies: bool) -> Iterable[str]:
    values = array.values
    if name in RATES:
        low, above = values.min(initial=0.0), values.max(initial=0.0)
        if not ((low > -1 if subsidies else low >= 0) and above < np.inf):  # which no NaN passes
            bad = ~(np.isfinite(values) & (values > -1 if subsidies else values >= 0))
            rule = "above -1, where nothing would be paid" if subsidies else f"not negative ({SUBSIDIES})"
            yield f"{name}: rate {values[bad][0]:g} at {place(array, bad)}; rates are finite and {rule}."
        home = np.diagonal(values, axis1=1, axis2=2)
        if np.any(home != 0):
            sector, country = np.argwhere(home != 0)[0]
            where = f"country={array['importer'].values[country]} sector={array['sector'].values[sector]}"
            yield f"{name}: a rate on own-country sales at {where}; it must be 0."
        return
    infinite = np.isposinf(values) if name == "iceberg" else np.zeros(values.shape, bool)
    bad = ~(np.isfinite(values) & (values > 0) | infinite)
    if bad.any():
        allowed = "positive (inf closes a pair)" if name == "iceberg" else "positive and finite"
        yield f"{name}: factor {values[bad][0]:g} at {place(array, bad)}; factors are {allowed}."
