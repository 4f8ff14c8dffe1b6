"""Random worlds drawn from quantities: flows, inputs and value added of any size, with zeros, small countries and near-zero producers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr
from anew import Anew, Model, Primitives, worst
from numpy.typing import NDArray
from worlds import abroad, bilateral, by_country, dataset, labels

from cge import (
    Benchmark,
    Economy,
    Exponents,
    Shock,
    armington,
    calibrate,
    change,
    eaton_kortum,
    external_economies,
    krugman,
    make_economy,
    melitz,
    restricted_entry,
)

Array = NDArray[np.float64]

MODELS = ("armington", "eaton_kortum", "krugman", "melitz", "external_economies")
FACTOR = 3.0
"""Icebergs rise or fall by at most this factor."""


@dataclass(frozen=True)
class Quantities:
    """A year as a statistician would count it; money.

    Attributes:
        flow: at producer prices; tariff, export_tax: rates [exporter, importer, sector]; intermediate: both included [country, input, sector];
            value_added [country, sector, factor].
    """

    flow: Array
    tariff: Array
    export_tax: Array
    intermediate: Array
    value_added: Array

    @property
    def spending(self) -> Array:
        """What a country spends, tariffs and export taxes included [country, sector]."""
        return np.asarray((self.flow * (1 + self.export_tax) * (1 + self.tariff)).sum(axis=0))

    @property
    def least_added(self) -> Array:
        """The smallest part of sales that is value added in any country [sector]."""
        sales = self.flow.sum(axis=1)
        part = np.where(sales > 0, self.value_added.sum(axis=2) / np.where(sales > 0, sales, 1.0), 1.0)
        return np.asarray(part.min(axis=0))


def draw_quantities(rng: np.random.Generator, N: int, J: int, F: int, inputs: float, levies: np.random.Generator | None) -> Quantities:
    """Flows are products of lognormal sizes and remoteness; a few producers sell next to nothing, a few countries are tiny.

    Args:
        inputs: mean share of inputs in sales, cut where a country would buy more of a good than there is.
        levies: of export taxes, a stream of their own; None: there are none.
    """
    home = np.eye(N, dtype=bool)[..., None]
    size = rng.lognormal(0, rng.choice([0.3, 1.0, 2.0]), N) * np.where(rng.random(N) < 0.1, 10.0 ** rng.uniform(-5, -2, N), 1.0)
    ability = rng.lognormal(0, 0.7, (N, 1, J)) * size[:, None, None]
    wish = rng.lognormal(0, 0.7, (1, N, J)) * size[None, :, None]
    openness = rng.choice([0.03, 0.2, 0.6])
    flow = ability * wish / size.sum() * rng.lognormal(0, rng.choice([0.3, 1.5]), (N, N, J)) * openness
    flow = np.where(home, 1e-3 * flow + size[:, None, None] * rng.lognormal(0, 0.5, (N, 1, J)), flow)
    kept = rng.random((N, N, J)) >= rng.choice([0.0, 0.0, 0.3, 0.6])
    kept |= home & (rng.random((N, 1, J)) < 0.8)
    kept[..., 0] = True  # the first sector is made, sold and bought everywhere
    flow *= kept
    faint = np.where(rng.random((N, 1, J)) < rng.choice([0.0, 0.0, 0.1]), 10.0 ** rng.uniform(-15, -4, (N, 1, J)), 1.0)
    faint[..., 0] = 1.0
    flow *= faint
    for _ in range(rng.choice([0, 3, 3, 30])):  # trade nearer to balance, or nearly balanced
        abroad = np.where(home, 0.0, flow).sum(axis=2)
        ratio = np.sqrt(abroad.sum(axis=0) / abroad.sum(axis=1))
        flow = np.where(home, flow, flow * ratio[:, None, None] / ratio[None, :, None])
    tariff = np.where(home, 0.0, rng.uniform(0, 0.3, (N, N, J)) * (rng.random((N, N, J)) < 0.7)) * (rng.random() < 0.7)
    export_tax = np.zeros_like(tariff)
    if levies is not None:
        export_tax = np.where(home, 0.0, levies.uniform(0, 0.3, (N, N, J)) * (levies.random((N, N, J)) < 0.7)) * levies.choice([0.0, 1.0])
    sales, spending = flow.sum(axis=1), (flow * (1 + export_tax) * (1 + tariff)).sum(axis=0)
    recipe = rng.lognormal(0, 1.0, (N, J, J)) * (spending > 0)[..., None]
    recipe *= inputs * rng.uniform(0.5, 1.5, (N, 1, J)) / recipe.sum(axis=1, keepdims=True)
    purchases = recipe * sales[:, None, :]
    wanted = purchases.sum(axis=2)
    purchases *= np.minimum(1.0, 0.9 * spending / np.where(wanted > 0, wanted, 1.0))[..., None]
    split = rng.lognormal(0, 0.7, (N, J, F))
    added = (sales - purchases.sum(axis=1))[..., None] * split / split.sum(axis=2, keepdims=True)
    return Quantities(flow, tariff, export_tax, purchases, added)


@dataclass(frozen=True)
class World:
    """A random world, model and shock, all from one seed."""

    seed: int

    @cached_property
    def rng(self) -> np.random.Generator:
        """One stream for shape, quantities, model and shock, in this order."""
        return np.random.default_rng([self.seed, 20260101])

    @cached_property
    def quantities(self) -> Quantities:
        """The year."""
        rng = self.rng
        N, J, F = int(rng.integers(2, 9)), int(rng.integers(1, 7)), int(rng.integers(1, 3))
        return draw_quantities(rng, N, J, F, float(rng.choice([0.0, 0.0, 0.3, 0.6])), self.levies if self.taxes_exports else None)

    @property
    def taxes_exports(self) -> bool:
        """Whether the shock lays export taxes; in half of these worlds the year has some, too."""
        return self.seed % 10 in (1, 3)

    @cached_property
    def levies(self) -> np.random.Generator:
        """One stream for export taxes of the year and then of the shock."""
        return np.random.default_rng([self.seed, 20260202])

    @cached_property
    def benchmark(self) -> Benchmark:
        """Calibrated."""
        q = self.quantities
        economy: Economy = make_economy(dataset(q.flow, q.tariff, q.intermediate, q.value_added, q.export_tax))
        return calibrate(economy)

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """Variant, trade elasticity and σ by sector [sector], scale, profit [sector]; σ plays no role but under Melitz."""
        rng, q = (self.quantities, self.rng)[::-1]
        J = q.flow.shape[2]
        trade = np.exp(rng.uniform(np.log(1.2), np.log(rng.choice([6.0, 15.0])), J))
        model, profit = str(rng.choice(MODELS)), np.zeros(J)
        if self.seed % 10 == 0:
            model, profit = "restricted_entry", self.levies.uniform(0, 0.8) * q.least_added
        full = 1.0 if not q.intermediate.any() else float(rng.uniform(0.1, 0.6))
        scale = {"krugman": np.full(J, full), "melitz": np.full(J, full), "external_economies": full * rng.uniform(0, 1, J)}
        size_shape = rng.uniform(1.05, 2.0, J)
        s = scale.get(model, np.zeros(J))
        sigma = 1 + trade / (size_shape * s) if model == "melitz" else 1 + trade
        return {"model": model, "trade": trade, "sigma": sigma, "scale": s, "profit": profit}

    @cached_property
    def exponents(self) -> Exponents:
        """The package's record of the variant."""
        p = self.parameters
        trade, sigma, scale, profit = (
            dict(zip(labels("S", len(p[n])), p[n].tolist(), strict=True)) for n in ("trade", "sigma", "scale", "profit")
        )
        if p["model"] == "restricted_entry":
            return restricted_entry(trade, profit)
        if p["model"] == "melitz":
            return melitz(sigma, {s: trade[s] / scale[s] for s in trade}, scale)
        if p["model"] == "external_economies":
            return external_economies(trade, 0.0, scale)
        if p["model"] == "krugman":
            return krugman(sigma, scale)
        return armington(sigma) if p["model"] == "armington" else eaton_kortum(trade)

    @cached_property
    def changes(self) -> dict[str, Any]:
        """New primitives: `tariff` and `export_tax` rates, `iceberg` factors [sector, exporter, importer], `productivity`, `endowment`."""
        self.parameters  # noqa: B018 (the stream's order)
        rng, q = self.rng, self.quantities
        N, J, F = len(q.flow), q.flow.shape[2], q.value_added.shape[2]
        away = ~np.eye(N, dtype=bool)
        kinds = rng.choice(["tariff", "iceberg", "productivity", "endowment", "closed"], rng.integers(1, 4), replace=False)
        who = rng.choice(["all", "one", "pairs"])
        place = {"all": away, "one": away & (np.arange(N) == rng.integers(N)), "pairs": away & (rng.random((N, N)) < 0.3)}[who]
        place = place & (rng.random((J, 1, 1)) < rng.choice([0.4, 1.0]))
        out: dict[str, Any] = {}
        old = q.tariff.transpose(2, 0, 1)
        iceberg = np.ones((J, N, N))
        if "tariff" in kinds:
            rate = rng.choice([0.1, 0.3, 1.0]) * (rng.uniform(0, 1, (J, N, N)) if rng.random() < 0.5 else 1.0)
            out["tariff"] = np.where(place, rng.choice([0.0, 1.0]) * old + rate, old)
        if "iceberg" in kinds:
            bound = np.log(rng.choice([1.2, FACTOR]))
            log = rng.uniform(-bound, bound, (J, N, N)) if rng.random() < 0.5 else rng.choice([-bound, bound])
            iceberg = np.where(place, np.exp(log), 1.0)
        if "closed" in kinds:
            closed = away & (rng.random((J, N, N)) < 0.05)
            closed[0] = False
            iceberg = np.where(closed, np.inf, iceberg)
        if (iceberg != 1).any():
            out["iceberg"] = iceberg
        if "productivity" in kinds:
            out["productivity"] = rng.lognormal(0, rng.choice([0.05, 0.3]), (J, N))
        if "endowment" in kinds:
            out["endowment"] = rng.lognormal(0, rng.choice([0.05, 0.3]), (F, N))
        levies = self.levies
        if self.taxes_exports:
            out["export_tax"] = np.where(
                place, levies.choice([0.1, 0.5]) * levies.uniform(0, 1, (J, N, N)), q.export_tax.transpose(2, 0, 1)
            )
        return out

    @cached_property
    def rule(self) -> str:
        """Of transfers."""
        self.changes  # noqa: B018 (the stream's order)
        return str(self.rng.choice(["fixed", "fixed", "zero", "own_share"]))

    @property
    def shock(self) -> Shock:
        """The package's record of the shock."""
        b, c = self.benchmark, self.changes
        given = {name: bilateral(b, c[name]) for name in ("iceberg",) if name in c}
        given |= {name: abroad(b, c[name], 0.0) for name in ("tariff", "export_tax") if name in c}
        given |= {name: by_country(b, dim, c[name]) for name, dim in (("productivity", "sector"), ("endowment", "factor")) if name in c}
        return change(b, **given, transfers=self.rule)

    def anew(self, data: xr.Dataset) -> tuple[float, str]:
        """The largest residual of a solution by equations written anew, and where."""
        q, p, c = self.quantities, self.parameters, self.changes
        model = Model.of(p["model"], p["trade"], p["sigma"], p["scale"], p["profit"])
        N, _, J = q.flow.shape
        ones = {"iceberg": np.ones((J, N, N)), "productivity": np.ones((J, N)), "endowment": np.ones((q.value_added.shape[2], N))}
        old = {"rate": q.tariff.transpose(2, 0, 1), "levy": q.export_tax.transpose(2, 0, 1), **ones}
        new = {**old, **{{"tariff": "rate", "export_tax": "levy"}.get(name, name): value for name, value in c.items()}}
        reference, counterfactual = (
            Anew(q, model, Primitives(**primitives), data, suffix, self.rule) for primitives, suffix in ((old, "_benchmark"), (new, ""))
        )
        return worst(reference, counterfactual, data)
