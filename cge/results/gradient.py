"""Derivatives of real income, or of any linear function of a solution, by every policy, primitive and elasticity at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from cge.data.arrays import Array
from cge.errors import DataError, nearest
from cge.model.benchmark import labelled
from cge.model.by_parameter import by_elasticity, by_exponent, by_mobility, by_policy
from cge.model.parameters import PARAMETERS
from cge.model.shock import RATES, SHOCK_DIMS
from cge.model.system import log_profitability
from cge.names import BY_WORD
from cge.results.differentiable import Output, linear, log_real_income
from cge.solve.adjoint import Adjoint, adjoint
from cge.solve.equilibrium import Equilibrium
from cge.solve.solution import Solution

TOGETHER = 16
"""Countries whose adjoint equations are solved together: what is learnt for one serves all, and memory grows with their number."""

NO_GROUPS: Mapping[str, Sequence[str]] = {}

MOBILITY = "mobility"
"""The derivative by κ, with which workers move between sectors."""

NEAR = 1e-2
"""An industry is near its corner where Ŝ, or at Ŝ = 0 what an entrant would lose as a part of its cost, is below this."""


def gradient(
    solution: Solution,
    countries: Iterable[str] | str | None = None,
    by: Iterable[str] | None = None,
    groups: Mapping[str, Sequence[str]] = NO_GROUPS,
) -> xr.Dataset:
    """Derivatives of ln Û_n, for chosen countries n, at a solution.

    By the implicit function theorem: with rows r(x, p) = 0 in unknowns x and parameters p, d ln Û_n/dp = ∂ ln Û_n/∂p + y·∂r/∂p, where
    y·∂r/∂x = −∂ ln Û_n/∂x; one linear solve a country, whatever the number of parameters. Changes are counterfactual over reference: policy
    and primitives move the counterfactual, elasticities both; the data (shares, values, rates) stay as they are. Industries at a corner
    (Ŝ = 0) stay there, so real income is only piecewise smooth where some are near one: see `near_corner`.

    Args:
        countries: labels, or one (default: all); groups: names of several countries, which may stand among them: their real income is the mean with
            weights of benchmark income, as in groups.csv. by: names of derivatives (default: all). Every bilateral one takes
            8·countries·sectors·countries² bytes, 200 MB for all countries of 80 × 50; `gradients` gives one country at a time.

    Returns:
        `tariff`, `export_tax` [country, sector, exporter, importer]: d ln Û/dt', that is percent per percentage point of the rate; `iceberg`,
        `fixed_cost` [the same], `productivity` [country, sector, exporter], `endowment` [country, factor, exporter]: d ln Û/d ln, `exporter` being
        the country that produces; as far as the model has them `trade` (σ − 1, θ, or k·scale at given σ), `sigma`, `psi` [country, sector]: d ln Û
        per unit; where workers move with a finite elasticity `mobility` [country, group], by κ. Zero where
        nothing is traded. Attributes: `corners`, `near_corner` (numbers of industries), `note` (a sentence with names, empty
        where none is near its corner).

    Raises:
        DataError: an unknown country or derivative; SolveError: the linearised system is singular (a fold, or the edge of stability).
    """
    known = solution.benchmark.countries
    wanted = list(known if countries is None else [countries] if isinstance(countries, str) else countries)
    if not wanted:
        raise DataError("gradient: no country was given.")
    arrays: dict[str, Array] = {}
    for place, (_, part) in enumerate(gradients(solution, wanted, by, groups)):
        if not arrays:
            one = part
            arrays = {str(name): np.empty((len(wanted), *array.shape)) for name, array in part.data_vars.items()}
        for name, whole in arrays.items():
            whole[place] = part[name].values
    variables = {name: (("country", *one[name].dims), whole, one[name].attrs) for name, whole in arrays.items()}
    return xr.Dataset(variables, {"country": wanted, **one.coords}, one.attrs)


def gradients(
    solution: Solution, countries: Iterable[str], by: Iterable[str] | None = None, groups: Mapping[str, Sequence[str]] = NO_GROUPS
) -> Iterator[tuple[str, xr.Dataset]]:
    """The derivatives of `gradient` country by country, without the dim `country`; arguments and errors as there."""
    known, wanted = solution.benchmark.countries, list(countries)
    members = {**groups, **{country: [country] for country in known}}
    faults = [f"gradient: no country {country}.{nearest(country, members)}" for country in wanted if country not in members]
    faults += [
        f"gradient: group {name} has {', '.join(strange)}, which the solution lacks."
        for name, labels in groups.items()
        if (strange := [label for label in labels if label not in known]) or not labels
    ]
    if faults:
        raise DataError(faults)
    point = linearise(solution, by)
    for first in range(0, len(wanted), TOGETHER):
        some = wanted[first : first + TOGETHER]
        output = log_real_income(solution, [members[name] for name in some])
        yield from zip(some, derivatives(point, output, producer="exporter"), strict=True)


def gradient_of(solution: Solution, weights: Mapping[str, xr.DataArray], by: Iterable[str] | None = None) -> xr.Dataset:
    """Derivatives of a linear function of the outputs, Σ weights · `solution.data`.

    Args:
        weights: by name of a variable of `solution.data` (none of the `_benchmark` ones, nor `tariff`), its dims in any order, all its labels.
        by: as in `gradient`.

    Returns:
        The variables of `gradient` for this function in its unit, dims as in `Shock`: `tariff`, `export_tax`, `iceberg`, `fixed_cost` [sector,
        exporter, importer], `productivity` [sector, country], `endowment` [factor, country], elasticities [sector]. Attributes as there.

    Raises:
        DataError: an unknown output or derivative, dims or labels that differ, a weight on what is not defined; SolveError: as `gradient`.
    """
    return next(derivatives(linearise(solution, by), linear(solution, weights)))


@dataclass(frozen=True, eq=False)
class Linearisation:
    """A solution linearised, from which derivatives of any number of outputs follow.

    Attributes:
        solution: where; names: of the derivatives wanted; new: adjoint equation at the counterfactual; old: at the reference, None where no
            elasticity moves that (it is the data) or none is wanted. attrs: how smooth real income is, see `smoothness`.
    """

    solution: Solution
    names: tuple[str, ...]
    new: Adjoint
    old: Adjoint | None
    attrs: dict[str, object]


def linearise(solution: Solution, by: Iterable[str] | None = None) -> Linearisation:
    """The solution linearised for the derivatives named in `by` (default: all); raises as `gradient`."""
    elasticities = elasticities_of(solution)
    known = (*SHOCK_DIMS, *elasticities)
    names = known if by is None else tuple(by)
    faults = [f"gradient: no derivative by {name}.{nearest(name, known)}" for name in names if name not in known]
    if faults:
        raise DataError(faults)
    reference = solution.reference
    moved = any(part.any() for part in reference.unknowns[:3]) and bool(set(names) & set(elasticities))
    equilibria = (solution.counterfactual, reference) if moved else (solution.counterfactual,)
    new, *old = (adjoint(found.system, found.unknowns) for found in equilibria)
    return Linearisation(solution, names, new, old[0] if old else None, smoothness(solution, equilibria))


def derivatives(point: Linearisation, output: Output, producer: str = "country") -> Iterator[xr.Dataset]:
    """Derivatives of outputs in turn, dims as in `Shock` (but `producer` for its `country`) or [sector]; adjoint equations are solved together."""
    solution, benchmark, elasticities = point.solution, point.solution.benchmark, [name for name in point.names if name not in SHOCK_DIMS]
    rates = {name: solution.shock.rates(benchmark, name) for name in RATES}
    new, old = point.new.solve(output.new), point.old.solve(output.old) if point.old and elasticities else None
    dims = {name: [producer if dim == "country" else dim for dim in SHOCK_DIMS.get(name, ("sector",))] for name in point.names}
    groups = xr.Coordinates({"group": list(groups_of(solution))})
    for place in range(new.entry.shape[-1]):
        x, seeds = new.column(place), output.new.column(place)
        found = by_policy(point.new.lin, x, seeds, rates, solution.exponents.on(benchmark.sectors), point.names)
        if MOBILITY in elasticities:
            moving = by_mobility(point.new.lin, x, seeds)
            if old is not None and point.old is not None:
                moving = moving + by_mobility(point.old.lin, old.column(place), output.old.column(place))
        if elasticities:
            own = by_exponent(point.new.lin, x, seeds, solution.shock, benchmark)
            if old is not None and point.old is not None:
                before = by_exponent(point.old.lin, old.column(place), output.old.column(place), solution.shock.reference, benchmark)
                own = {name: value + before[name] for name, value in own.items()}
            every = by_elasticity(solution.exponents, benchmark, own)
            found |= {name: every[name] for name in elasticities if name != MOBILITY}
        arrays = {name: labelled(benchmark, found[name], *dims[name]) for name in point.names if name != MOBILITY}
        if MOBILITY in elasticities:
            arrays[MOBILITY] = xr.DataArray(moving, groups, ("group",))
        arrays = {name: array.assign_attrs(meaning(name)) for name, array in arrays.items()}
        yield xr.Dataset(arrays, attrs=point.attrs)


def groups_of(solution: Solution) -> tuple[str, ...]:
    """Groups of workers that move with a finite elasticity."""
    supply = solution.counterfactual.system.supply
    return () if supply is None else supply.groups


def elasticities_of(solution: Solution) -> tuple[str, ...]:
    """Names of the elasticities that there is a derivative by."""
    return (*solution.exponents.slopes, *((MOBILITY,) if groups_of(solution) else ()))


def meaning(name: str) -> dict[str, str]:
    """What a derivative is by, as attributes of its variable."""
    if name in SHOCK_DIMS:
        return {"long_name": f"derivative by: {'' if name in RATES else 'log of the '}{BY_WORD[name].meaning}"}
    if name == MOBILITY:
        return {"long_name": "derivative by: elasticity with which workers move between sectors"}
    return {"long_name": f"derivative by: {PARAMETERS[name].title if name in PARAMETERS else name}"}


# --- corners -------------------------------------------------------------------------------------------------------------------------


def near_corner(found: Equilibrium) -> Array:
    """Industries that a small change may bring to their corner or away from it [sector, country]; only where scale is one."""
    s, entry = found.system, found.unknowns.entry
    loss = -np.expm1(log_profitability(s, found.unknowns, found.values))
    return np.asarray((s.scale == 1) & s.produced & np.where(entry > 0, entry < NEAR, loss < NEAR))


def smoothness(solution: Solution, equilibria: Iterable[Equilibrium]) -> dict[str, object]:
    """Attributes of a gradient: industries held at a corner, those near one, and a sentence with their names."""
    corner = solution.empty(solution.counterfactual)
    near = np.any([near_corner(found) for found in equilibria], axis=0)
    names = [f"{solution.benchmark.sectors[s]} in {solution.benchmark.countries[n]}" for s, n in np.argwhere(near)]
    note = ""
    if names:
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        many = "industries are" if len(names) > 1 else "industry is"
        note = (
            f"Real income is only piecewise smooth, and {len(names)} {many} within {NEAR:g} of a corner ({', '.join(names[:5])}{more}): "
            "these derivatives hold for changes so small that none empties or comes back."
        )
    return {"corners": int(corner.sum()), "near_corner": len(names), "note": note}
