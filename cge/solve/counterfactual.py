"""A counterfactual from beginning to end, whatever solves it: check the benchmark, find what changes are measured from, certify, solve, verify."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from cge.errors import Outcome, SolveError
from cge.model.benchmark import Benchmark
from cge.model.build import build
from cge.model.exponents import Exponents
from cge.model.shock import Shock
from cge.model.system import System, start
from cge.model.transfers import TRANSFER_RULES, TransferRule
from cge.solve.asked import Unstable
from cge.solve.equilibrium import Check, Equilibrium, check, equilibrium
from cge.solve.solution import Solution
from cge.solve.stability import EDGE, Stability, leading_mode
from cge.solve.threads import one_thread

Report = Callable[[int, float], None]


@dataclass(frozen=True, eq=False)
class Solved:
    """One equilibrium with its check and the number of iterations it took."""

    found: Equilibrium
    check: Check
    iterations: int = 0


@one_thread
def counterfactual(
    benchmark: Benchmark,
    exponents: Exponents,
    shock: Shock,
    solve: Callable[[Shock], Solved],
    *,
    method: str,
    tolerance: float,
    unstable: Unstable,
) -> Solution:
    """The counterfactual of `shock`, verified; `solve` finds the equilibrium of one shock and raises `SolveError` where it cannot.

    Raises:
        DataError: exponents or shock do not fit the benchmark.
        SolveError: the benchmark does not solve without a shock, is unstable, or no verified solution was found.
    """
    observed = check_benchmark(benchmark, build(benchmark, exponents, Shock()), tolerance)
    began = time.perf_counter()
    reference = solve(shock.reference) if needs_reference(benchmark, shock) else from_data(benchmark, exponents, shock, observed)
    spent = time.perf_counter() - began
    certificate, note = certify(reference.found, unstable)
    began = time.perf_counter()
    unchanged = shock.nothing and shock.baseline is None
    solved = reference if unchanged else solve(shock)
    spent += time.perf_counter() - began
    for one in (reference, solved):
        require_income(benchmark, one.found)
    if certificate is not None:
        certificate = certify_solution(certificate, solved.found, unstable)
    worst = max(reference.check, solved.check, key=lambda c: c.residual)
    return Solution(
        benchmark=benchmark,
        exponents=exponents,
        shock=shock,
        reference=reference.found,
        counterfactual=solved.found,
        outcome=Outcome("solved", f"solved: largest relative residual {worst.residual:.1e} ({worst.market})"),
        residual=worst.residual,
        walras=solved.check.walras,
        dropped=solved.check.dropped,
        iterations=reference.iterations + (0 if unchanged else solved.iterations),
        seconds=spent,
        stability=certificate,
        stability_note=note,
        method=method,
        warnings=edge_warnings(certificate, reference.found),
    )


def check_benchmark(benchmark: Benchmark, data: System, tolerance: float) -> Solved:
    """The data themselves, with observed transfers and observed final shares; they must solve every equation with no shock."""
    share = benchmark.arrays["observed_final_share"]
    observed = data if np.array_equal(share, data.final_share) else replace(data, final_share=share)
    found = equilibrium(observed, start(observed))
    checked = check(benchmark, found)
    if checked.residual > tolerance:
        sentence = (
            f"The benchmark is not an equilibrium: without any shock the {checked.market} has a relative residual of {checked.residual:.2e} "
            f"(tolerance {tolerance:g}). The data do not add up: cge check."
        )
        raise SolveError(Outcome("not_an_equilibrium", sentence), {"market": checked.market, "residual": checked.residual})
    return Solved(found, checked)


def measured_from_data(benchmark: Benchmark, exponents: Exponents, shock: Shock, tolerance: float) -> Solved | None:
    """What a shock is measured from where no other equilibrium is (`needs_reference`): the data; None where they are no equilibrium."""
    try:
        observed = check_benchmark(benchmark, build(benchmark, exponents, Shock()), tolerance)
        return from_data(benchmark, exponents, shock, observed)
    except SolveError:  # the solve of each says so
        return None


def from_data(benchmark: Benchmark, exponents: Exponents, shock: Shock, observed: Solved) -> Solved:
    """The data, which changes are measured from, under the rule for transfers of a shock."""
    if shock.rule is observed.found.system.rule and observed.found.system.final_share is benchmark.arrays["final_share"]:
        return observed
    system = build(benchmark, exponents, shock.reference)
    found = equilibrium(system, start(system))
    return Solved(found, check(benchmark, found))


def needs_reference(benchmark: Benchmark, shock: Shock) -> bool:
    """Whether changes are measured from an equilibrium that must be solved first, not from the data."""
    return shock.baseline is not None or shock.rule.none or benchmark.negative_final_demand > 0


def require_income(benchmark: Benchmark, found: Equilibrium) -> None:
    """`SolveError` where a country would have nothing, or less, to spend: such a point may solve every equation, and is no equilibrium."""
    income = found.values.income
    poorest = int(income.argmin())
    if income[poorest] > 0:
        return
    country, paid = benchmark.countries[poorest], pays(found, poorest)
    why, cure = f"the transfer that it pays ({paid:.6g}) is more than its factors and tariffs earn", lighter(found.system.rule)
    if paid == 0:
        spent = -float(found.values.tariff_revenue[poorest] + found.values.export_tax_revenue[poorest])
        why, cure = f"the subsidies that it pays ({spent:.6g}) are more than its factors earn", "Use lower subsidies."
    sentence = f"No equilibrium: {country} would have {income[poorest]:.6g} to spend, because {why}. {cure}"
    raise SolveError(Outcome("no_equilibrium", sentence), {"market": f"income of {country}", "income": float(income[poorest])})


ROUNDING = 1e-9
"""A transfer up to this part of factor income is the rounding of balanced trade."""


def pays(found: Equilibrium, country: int) -> float:
    """The transfer that a country [place] pays, zero where it pays none."""
    values = found.values
    paid = -float(np.broadcast_to(values.transfer, values.income.shape)[country])
    return paid if paid > ROUNDING * values.factor_income[:, country].sum() else 0.0


def lighter(rule: TransferRule) -> str:
    """What to try where a country cannot pay what it owes under a rule: those by which it would pay less."""
    others = " or ".join(f'"{name}"' for name in list(TRANSFER_RULES)[1:] if TRANSFER_RULES[name] is not rule)
    return f"Use transfers = {others}, or a smaller shock."


def certify(reference: Equilibrium, unstable: Unstable) -> tuple[Stability | None, str]:
    """Radius and critical scale at the reference, or None with the reason; `SolveError` where it is unstable and that is refused."""
    system = reference.system
    if not system.scale.any():
        return None, "no free entry: the equilibrium does not depend on scale"
    if not system.linked:
        return None, (
            "without inputs the response of profits to entry has its largest eigenvalues crowded at one (scale = 1 is the edge of stability), "
            "where Arnoldi's method stalls; not computed"
        )
    found, pattern = leading_mode(system, reference.unknowns)
    certificate = Stability(found, 1 / found if found > 0 else np.inf, pattern=pattern)
    largest = float(system.scale.max())
    if unstable == "refuse" and found * largest > 1 + EDGE:
        # with selection a lower scale raises `market`, and the radius with it: no scale can be named before it is tried
        moves = system.buyer.feels_size
        edge = "" if moves else f"; stable below a scale of {1 / found:.4g}"
        cure = "Try a lower scale (under selection the radius moves with it)" if moves else f"Set scale = {0.9 / found:.2g}"
        sentence = (
            f"Refused: with inputs and free entry the benchmark is unstable at scale {largest:g} (radius {found:.4g}{edge}), so other equilibria "
            f'are near and none can be presented as the answer. {cure}, or intermediates = false, or unstable = "follow" to see one branch.'
        )
        raise SolveError(Outcome("unstable", sentence), {"radius": found, "critical_scale": 1 / found, "scale": largest})
    return certificate, ""


def certify_solution(certificate: Stability, found: Equilibrium, unstable: Unstable) -> Stability:
    """The certificate with the radius at the counterfactual; `SolveError` where that is unstable and refused."""
    after = leading_mode(found.system, found.unknowns, certificate.pattern).value
    largest = float(found.system.scale.max())
    if unstable == "refuse" and after * largest > 1 + EDGE:
        cure = (
            "Try a lower scale (under selection the radius moves with it)"
            if found.system.buyer.feels_size
            else f"Set scale below {1 / after:.3g}"
        )
        sentence = (
            f"Refused: the equilibrium that was found is unstable under entry at scale {largest:g} (radius {after:.4g}), "
            "so it is one branch of several. "
            f'{cure}, or unstable = "follow" to see it.'
        )
        raise SolveError(Outcome("unstable", sentence), {"radius_solution": after, "radius": certificate.radius, "scale": largest})
    return replace(certificate, radius_solution=after)


def edge_warnings(certificate: Stability | None, reference: Equilibrium) -> tuple[str, ...]:
    """What the reader must know of stability."""
    if certificate is None:
        return ()
    scale = float(reference.system.scale.max())
    out = []
    for name, value in (("benchmark", certificate.radius), ("solution", certificate.radius_solution)):
        if value is not None and value * scale > 1 + EDGE:
            out.append(
                f"The {name} is unstable under entry (radius {value:.4g} at scale {scale:g}): this is one branch of several, not the answer."
            )
        elif value is not None and abs(value * scale - 1) <= EDGE:
            out.append(f"The {name} is at the edge of stability (radius {value:.4g} at scale {scale:g}).")
    return tuple(out)
