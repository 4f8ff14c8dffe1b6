"""The bridge from Pyomo to IPOPT: derivatives, agreement with CasADi's own IPOPT, second stages, and failures in words."""

import logging
import math
import signal

import casadi as ca
import numpy as np
import pyomo.environ as pyo
import pytest
from numpy.testing import assert_allclose
from pyomo.core.expr.numeric_expr import LinearExpression
from pyomo.mpec import Complementarity, complements

from cge.errors import InputError
from cge.solve.nlp import Structure, compile, confirm, ipopt, newton

H = 1e-30  # complex step: derivative of f at x = Im f(x + i h) / h, exact to rounding


def model(**parts):
    """A concrete model with these components, in this order."""
    m = pyo.ConcreteModel()
    for name, part in parts.items():
        setattr(m, name, part)
    return m


def hs071():
    """Hock and Schittkowski's problem 71, with its usual start."""
    m = model(x=pyo.Var([1, 2, 3, 4], bounds=(1, 5), initialize={1: 1, 2: 5, 3: 5, 4: 1}))
    x = m.x
    m.product = pyo.Constraint(expr=x[1] * x[2] * x[3] * x[4] >= 25)
    m.sphere = pyo.Constraint(expr=sum(x[k] ** 2 for k in x) == 40)
    m.cost = pyo.Objective(expr=x[1] * x[4] * (x[1] + x[2] + x[3]) + x[3])
    return m


def square(seed, n=8):
    """A random square system of n smooth equations in n variables, with a solution near one."""
    rng = np.random.default_rng(seed)
    weights, known = rng.random((n, n)), 1 + 0.2 * rng.standard_normal(n)
    m = model(x=pyo.Var(range(n), initialize=1.0))

    def row(x, k, f):
        return sum(weights[k, j] * x[j] for j in range(n)) + f.exp(x[k]) * x[(k + 1) % n] ** 2 + 3 * f.log(2 + x[k] ** 2)

    m.balance = pyo.Constraint(range(n), rule=lambda m, k: row(m.x, k, pyo) == float(row(known, k, np)))
    return m, known


# --- derivatives -------------------------------------------------------------------------------------------------------------------------


def of(name, inner):
    """The function of this name, numpy's or Pyomo's, of an inner function."""
    return lambda f, x, y: getattr(f, name)(inner(x, y))


# Every kind of expression, for numpy and Pyomo alike.
KINDS = {
    **{name: of(name, lambda x, y: 0.3 * x + 0.2 * y) for name in ["exp", "sin", "cos", "tan", "sinh", "cosh"]},
    **{name: of(name, lambda x, y: 0.2 * x * y) for name in ["tanh", "asin", "acos", "atan", "asinh", "atanh"]},
    **{name: of(name, lambda x, y: 1.5 + x + y) for name in ["log", "log10", "sqrt", "acosh"]},
    "sum": lambda f, x, y: x + y + x * y + 3.0,
    "difference": lambda f, x, y: x * x - y * x,
    "negation": lambda f, x, y: -(x * y),
    "product": lambda f, x, y: x * y * x,
    "division": lambda f, x, y: (x + 1) / (y + x * y),
    "reciprocal": lambda f, x, y: 2.5 / (x * y),
    "square": lambda f, x, y: (x - 2 * y) ** 2,
    "integer power": lambda f, x, y: (x * y) ** -3,
    "real power": lambda f, x, y: (x + y) ** 1.7,
    "power of both": lambda f, x, y: x ** (1 + y),
    "number to a power": lambda f, x, y: 1.7 ** (x * y),
    "linear": lambda f, x, y: 3 * x - 2 * y + 1,
}


def compiled_rows(functions):
    """A problem whose constraints are these functions of two variables, at a point away from special values."""
    m = model(x=pyo.Var(initialize=0.7), y=pyo.Var(initialize=0.9))
    m.row = pyo.Constraint(range(len(functions)), rule=lambda m, k: functions[k](pyo, m.x, m.y) >= 0)
    return compile(m), np.array([0.7, 0.9])


def complex_step(function, x):
    """Gradient of a function of two variables."""
    return [np.imag(function(np, *(x + 1j * H * e))) / H for e in np.eye(2)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_expression(kind):
    problem, x = compiled_rows([KINDS[kind]])
    assert_allclose(problem.rows(x)[0], KINDS[kind](np, *x), rtol=1e-14)
    assert_allclose(problem.jacobian(x).toarray()[0], complex_step(KINDS[kind], x), rtol=1e-13)


@pytest.mark.parametrize("seed", range(5))
def test_random_compositions(seed):
    rng = np.random.default_rng(seed)
    kinds = list(KINDS.values())

    def drawn():
        one, two, three = (kinds[k] for k in rng.integers(len(kinds), size=3))
        a, b = rng.uniform(0.5, 1.5, 2)
        return lambda f, x, y: a * one(f, x, y) * two(f, y, x) - b * three(f, x, y + 0.1) / (3 + two(f, x, y) ** 2) + x

    functions = [drawn() for _ in range(12)]
    problem, x = compiled_rows(functions)
    assert_allclose(problem.rows(x)[:-1], [f(np, *x) for f in functions], rtol=1e-12)
    assert_allclose(problem.jacobian(x).toarray()[:-1], [complex_step(f, x) for f in functions], rtol=1e-10)
    weights = rng.standard_normal(len(functions) + 1)
    h = 1e-6
    expected = [(problem.jacobian(x + h * e) - problem.jacobian(x - h * e)).T @ weights / (2 * h) for e in np.eye(2)]
    lower = np.zeros((2, 2))
    lower[tuple(problem.triangle)] = problem.hessian(x, weights)
    assert_allclose(lower, np.tril(expected), rtol=1e-6, atol=1e-6)


def test_named_expressions_parameters_and_linear_expressions_inside():
    m = model(x=pyo.Var([1, 2], initialize=0.5), p=pyo.Param([1], initialize=2.0, mutable=True), q=pyo.Param(initialize=3.0))
    m.e = pyo.Expression([1], rule=lambda m, _: m.x[1] * m.p[1] + m.x[2] ** 2)
    inside = LinearExpression(constant=1.0, linear_coefs=[2.0, m.p[1]], linear_vars=[m.x[1], m.x[2]])
    m.c = pyo.Constraint(expr=pyo.exp(inside) * m.e[1] + m.e[1] ** 2 + (m.p[1] + m.q) * m.x[1] <= m.p[1] ** 2)
    problem, x = compile(m), np.array([0.5, 0.6])

    def body(a, b):
        e = 2 * a + b**2
        return np.exp(1 + 2 * a + 2 * b) * e + e**2 + 5 * a - 4

    assert_allclose(problem.rows(x)[0] - problem.most[0], body(*x), rtol=1e-14)
    expected = [np.imag(body(*(x + 1j * H * e))) / H for e in np.eye(2)]
    assert_allclose(problem.jacobian(x).toarray()[0], expected, rtol=1e-14)


def test_rows_are_pyomos_own():
    m, _ = square(3)
    m.x[2].fix(0.9)
    problem = compile(m)
    x = np.array([v.value for v in problem.variables])
    assert_allclose(problem.rows(x)[:-1], [pyo.value(c.body) for c in problem.constraints], rtol=1e-14)
    assert m.x[2].fixed  # compile leaves the model as it was


def test_dense_linear_rows_are_not_differentiated():
    def build(dense):
        m = model(x=pyo.Var(range(300), initialize=1.0))
        m.curved = pyo.Constraint(range(300), rule=lambda m, k: pyo.exp(m.x[k]) == 1.0)
        if dense:
            m.sums = pyo.Constraint(
                range(40),
                rule=lambda m, k: (LinearExpression(constant=0.0, linear_coefs=[1.0 + k] * 300, linear_vars=list(m.x.values())), 5.0),
            )
            m.mixed = pyo.Constraint(expr=sum(m.x.values()) + m.x[7] * m.x[8] == 3.0)
        return compile(m)

    plain, dense = build(False), build(True)
    assert plain.places.size == 300
    assert plain.triangle.shape == (2, 300)
    assert dense.places.size == 302  # only what is nonlinear
    assert dense.triangle.shape == (2, 301)
    assert sum(shape.rows.size for shape in dense.shapes) == 301
    assert len(dense.shapes) == 2
    assert dense.linear.nnz == 300 + 41 * 300
    assert_allclose(dense.jacobian(np.ones(300)).toarray()[310], 11.0)


# --- solutions ---------------------------------------------------------------------------------------------------------------------------


def test_hs071_has_its_known_solution():
    result = ipopt(compile(hs071()))
    assert result.outcome.solved
    assert_allclose(result.objective, 17.0140173, atol=1e-7)
    assert_allclose(result.x, [1.0, 4.7429994, 3.8211503, 1.3794082], atol=1e-6)
    assert result.violation < 1e-8
    assert result.seconds > 0
    assert "status 0" in result.outcome.sentence


def rosenbrock():
    m = model(x=pyo.Var(initialize=-1.0), y=pyo.Var(initialize=1.0))
    m.disk = pyo.Constraint(expr=m.x**2 + m.y**2 <= 1.5)
    m.cubic = pyo.Constraint(expr=(m.x - 1) ** 3 - m.y + 1 <= 0.2)
    m.valley = pyo.Objective(expr=(1 - m.x) ** 2 + 100 * (m.y - m.x**2) ** 2)
    return m


def entropy():
    m = model(p=pyo.Var(range(6), bounds=(1e-9, 1), initialize=1 / 6))
    m.total = pyo.Constraint(expr=sum(m.p.values()) == 1)
    m.mean = pyo.Constraint(expr=sum(k * m.p[k] for k in m.p) == 3.5)
    m.spread = pyo.Constraint(expr=pyo.inequality(1.0, sum((k - 3.5) ** 2 * m.p[k] for k in m.p), 2.0))
    m.entropy = pyo.Objective(expr=-sum(m.p[k] * pyo.log(m.p[k]) for k in m.p), sense=pyo.maximize)
    return m


def by_casadi(name, start):
    """The same problems written in CasADi by hand and solved by its own IPOPT."""
    x = ca.SX.sym("x", len(start))
    if name == "hs071":
        f, g = x[0] * x[3] * (x[0] + x[1] + x[2]) + x[2], [x[0] * x[1] * x[2] * x[3], ca.sumsqr(x)]
        limits = {"lbx": 1, "ubx": 5, "lbg": [25, 40], "ubg": [math.inf, 40]}
    elif name == "rosenbrock":
        f, g = (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2, [ca.sumsqr(x), (x[0] - 1) ** 3 - x[1]]
        limits = {"ubg": [1.5, -0.8]}
    else:
        k = ca.DM(range(6))
        f, g = ca.dot(x, ca.log(x)), [ca.sum1(x), ca.dot(k, x), ca.dot((k - 3.5) ** 2, x)]
        limits = {"lbx": 1e-9, "ubx": 1, "lbg": [1, 3.5, 1], "ubg": [1, 3.5, 2]}
    quiet = {"print_time": False, "ipopt": {"print_level": 0, "sb": "yes", "tol": 1e-10}}
    found = ca.nlpsol("s", "ipopt", {"x": x, "f": f, "g": ca.vertcat(*g)}, quiet)(x0=start, **limits)
    return np.array(found["x"]).ravel(), float(found["f"])


@pytest.mark.parametrize(("build", "sign"), [(hs071, 1), (rosenbrock, 1), (entropy, -1)])
def test_casadis_own_ipopt_agrees(build, sign):
    problem = compile(build())
    result = ipopt(problem)
    x, f = by_casadi(build.__name__, [v.value for v in problem.variables])
    assert result.outcome.solved
    assert_allclose(result.x, x, atol=1e-6)
    assert_allclose(result.objective, sign * f, rtol=1e-8)


def test_order_and_names_are_pyomos():
    m = model(b=pyo.Block(), z=pyo.Var(["q", "p"], initialize=1.0), unused=pyo.Var(), a=pyo.Var(initialize=2.0))
    m.b.y = pyo.Var(initialize=3.0)
    m.second = pyo.Constraint(expr=m.a + m.z["p"] == 1)
    m.b.first = pyo.Constraint(expr=m.b.y * m.z["q"] <= 4)
    m.off = pyo.Constraint(expr=m.unused == 1)
    m.off.deactivate()
    problem = compile(m)
    assert [v.name for v in problem.variables] == ["z[q]", "z[p]", "a", "b.y"]
    assert [c.name for c in problem.constraints] == ["second", "b.first"]
    assert_allclose(problem.rows(np.array([1.0, 2.0, 3.0, 5.0])), [5.0, 5.0, 0.0])


def test_values_are_loaded_only_on_request():
    m = hs071()
    result = ipopt(compile(m))
    assert m.x[2].value == 5
    result.load()
    assert_allclose(m.x[2].value, 4.7429994, atol=1e-6)


def test_start_can_be_given():
    problem = compile(hs071())
    solution = ipopt(problem).x
    assert_allclose(ipopt(problem, start=[1.0, 4.0, 4.0, 1.5]).x, solution, atol=1e-6)
    with pytest.raises(InputError, match=r"shape \(2,\), but there are 4"):
        ipopt(problem, start=[1.0, 2.0])


def test_domains_are_bounds():
    m = model(x=pyo.Var(initialize=1.0, domain=pyo.NonNegativeReals), y=pyo.Var(initialize=1.0, bounds=(None, 3)))
    m.sum = pyo.Constraint(expr=m.x + m.y >= 2)
    m.cost = pyo.Objective(expr=(m.x + 1) ** 2 - m.y)
    assert_allclose(ipopt(compile(m)).x, [0, 3], atol=1e-6)


def test_a_problem_without_constraints_or_without_curvature():
    m = model(x=pyo.Var(initialize=1.0))
    m.cost = pyo.Objective(expr=(m.x - 3) ** 2)
    assert_allclose(ipopt(compile(m)).x, [3], atol=1e-6)
    m = model(x=pyo.Var([1, 2], initialize=1.0, bounds=(0, None)))
    m.total = pyo.Constraint(expr=m.x[1] + m.x[2] == 4)
    m.cost = pyo.Objective(expr=m.x[1] + 2 * m.x[2])
    assert_allclose(ipopt(compile(m)).x, [4, 0], atol=1e-6)


# --- optimality --------------------------------------------------------------------------------------------------------------------------


# Objectives that are steep near zero, and where their slope vanishes.
STEEP = {
    "root": (lambda x: x - 2 * pyo.sqrt(x), 1.0),
    "entropy": (lambda x: x * pyo.log(x), math.exp(-1)),
    "cube root": (lambda x: x - 3 * x ** (1 / 3), 1.0),
    "reciprocal": (lambda x: x + 1 / x, 1.0),
}


def steep(kind, start, bounds=(0, None), sense=pyo.minimize, unit=1.0):
    """One of these as the objective of x, beside an idle y."""
    m = model(x=pyo.Var(initialize=start, bounds=bounds), y=pyo.Var(initialize=1.0, bounds=(0, None)))
    m.cost = pyo.Objective(expr=sense * unit * STEEP[kind][0](m.x), sense=sense)
    return m


def is_found(m, x):
    result = ipopt(compile(m))
    assert result.outcome.solved
    assert result.slope <= 1e-8
    assert_allclose(result.x[0], x, rtol=1e-7)


STARTS = [(kind, start) for kind in STEEP for start in (0.0, 1e-12, 1e-3, 0.5) if start or kind != "reciprocal"]
from_steep_starts = pytest.mark.parametrize(("kind", "start"), STARTS)


@from_steep_starts
def test_a_slope_that_is_infinite_where_it_starts_does_not_end_the_solve(kind, start):
    """IPOPT scales the objective by its slope there, to nothing, and says optimal at x = 0.849 for x − 2√x, at 0.364 for x ln x."""
    is_found(steep(kind, start), STEEP[kind][1])


@from_steep_starts
def test_nor_does_it_with_constraints_in_either_sense_or_in_other_units(kind, start):
    optimum = STEEP[kind][1]
    for sense in (pyo.minimize, pyo.maximize):
        m = steep(kind, start, sense=sense)
        m.room = pyo.Constraint(expr=m.x + m.y <= 2)
        is_found(m, optimum)
        m.room.set_value(m.x + m.y == 2)
        is_found(m, optimum)
        m.room.set_value(m.x + m.y == 0.2)
        is_found(m, 0.2)
    is_found(steep(kind, start, bounds=(0, 0.25)), 0.25)
    is_found(steep(kind, start, unit=1e6), optimum)


@pytest.mark.parametrize("kind", ["root", "entropy", "cube root"])
@pytest.mark.parametrize("start", [1e-20, 1e-12])
def test_nor_from_a_steep_start_without_bounds(kind, start):
    is_found(steep(kind, start, bounds=(None, None)), STEEP[kind][1])


def test_ipopts_word_for_an_optimum_proves_nothing():
    """Loose options let it stop early; the slope that is left is measured in the units of the model, and its variable named."""
    m = steep("root", 0.3)
    m.total = pyo.Constraint(expr=m.x + m.y == 2)
    result = ipopt(compile(m), options={"tol": 0.1, "dual_inf_tol": 1.0, "compl_inf_tol": 1.0})
    assert "status 0" in result.outcome.sentence
    assert result.violation < 1e-8
    assert result.outcome.name == "not_converged"
    assert result.steepest(1) == [(result.steepest(2)[0][0], result.slope)]
    assert f"slopes are left along {result.steepest(1)[0][0]}" in result.outcome.sentence


@pytest.mark.parametrize("build", [hs071, rosenbrock, entropy])
@pytest.mark.parametrize("unit", [1.0, 1e6, 1e12])
def test_the_units_of_the_objective_do_not_matter(build, unit):
    plain, m = build(), build()
    cost = next(m.component_objects(pyo.Objective))
    cost.expr = unit * cost.expr
    one, other = ipopt(compile(plain)), ipopt(compile(m))
    assert other.outcome.solved
    assert_allclose(other.x, one.x, atol=1e-6)
    assert_allclose(other.objective, unit * one.objective, rtol=1e-7)


def test_one_run_is_enough_where_slopes_are_moderate(monkeypatch):
    from cge.solve.nlp import solve

    starts, plain = [], solve.run
    monkeypatch.setattr(solve, "run", lambda solver, task, start: starts.append(start) or plain(solver, task, start))
    for build in (hs071, rosenbrock, entropy):
        assert ipopt(compile(build())).outcome.solved
    assert len(starts) == 3
    result = ipopt(compile(steep("root", 0.0)))
    assert len(starts) == 5
    assert_allclose(starts[-1][0], 0.849, atol=1e-3)
    assert result.iterations == 11  # of both


# --- second stages -----------------------------------------------------------------------------------------------------------------------


def test_fixing_freeing_and_bounding_need_no_second_compile():
    m = hs071()
    problem = compile(m)
    free = ipopt(problem)
    for change in (lambda: m.x[1].fix(1.5), lambda: m.x[2].fix(4.6), lambda: m.x[1].unfix(), lambda: m.x[3].setub(3.5)):
        change()
        again, anew = ipopt(problem), ipopt(compile(m))
        assert again.outcome.solved
        assert_allclose(again.x, anew.x, atol=1e-6)
        for v, number in zip(problem.variables, again.x, strict=True):
            assert number == v.value if v.fixed else v.lb <= number <= v.ub
    m.x[2].unfix()
    m.x[3].setub(5)
    assert_allclose(ipopt(problem).x, free.x, atol=1e-6)


def test_equal_bounds_are_as_good_as_fixing():
    m = hs071()
    problem = compile(m)
    m.x[1].setlb(1.5)
    m.x[1].setub(1.5)
    bounded = ipopt(problem)
    m.x[1].setlb(1)
    m.x[1].setub(5)
    m.x[1].fix(1.5)
    assert_allclose(ipopt(problem).x, bounded.x, atol=1e-7)
    assert bounded.x[0] == 1.5


def test_a_variable_fixed_at_compile_can_be_freed():
    m = hs071()
    m.x[1].fix(1.5)
    problem = compile(m)
    m.x[1].unfix()
    assert_allclose(ipopt(problem).objective, 17.0140173, atol=1e-7)


def test_constraints_can_be_deactivated_but_not_added():
    m = hs071()
    problem = compile(m)
    m.sphere.deactivate()
    result = ipopt(problem)
    assert result.outcome.solved
    assert_allclose(result.x, [1, 5, 5, 1], atol=1e-5)
    m.sphere.activate()
    m.extra = pyo.Constraint(expr=m.x[1] == 2)
    with pytest.raises(InputError, match="extra: active, but not when the model was compiled"):
        ipopt(problem)


def test_the_objective_can_be_deactivated():
    m = hs071()
    problem = compile(m)
    m.cost.deactivate()
    result = ipopt(problem)
    assert result.outcome.solved
    assert result.objective > 17.1


# --- failures ----------------------------------------------------------------------------------------------------------------------------


def test_an_impossible_bound_names_the_culprit():
    m, known = square(1)
    m.x[3].setlb(float(known[3]) + 0.5)
    m.x[3].set_value(float(known[3]) + 0.6)
    result = ipopt(compile(m))
    assert result.outcome.name == "infeasible"
    assert result.violation > 1e-3
    assert "status 2" in result.outcome.sentence
    assert result.worst(1)[0][0] in result.outcome.sentence


def test_infeasible_constraint_named():
    m = model(x=pyo.Var([1, 2], initialize=1.0, bounds=(0, 1)))
    m.easy = pyo.Constraint(expr=m.x[1] * m.x[2] <= 0.5)
    m.impossible = pyo.Constraint(expr=m.x[1] + m.x[2] ** 2 >= 3)
    result = ipopt(compile(m))
    assert result.outcome.name == "infeasible"
    assert result.worst(1)[0][0] == "impossible"
    assert "impossible" in result.outcome.sentence


@pytest.mark.parametrize("by_newton", [False, True])
def test_log_of_a_negative_start_is_named(by_newton):
    m = model(x=pyo.Var(["a", "b"], initialize=1.0))
    m.x["b"] = -1.0
    m.level = pyo.Constraint(["a", "b"], rule=lambda m, k: pyo.log(m.x[k]) == 0.5)
    result = newton(compile(m)) if by_newton else ipopt(compile(m))
    assert result.outcome.name == "invalid_number"
    assert "level[b]" in result.outcome.sentence
    assert "level[a]" not in result.outcome.sentence


def test_infinite_slope_is_named():
    m = model(x=pyo.Var(initialize=0.0), y=pyo.Var(initialize=1.0))
    m.root = pyo.Constraint(expr=pyo.sqrt(m.x) + m.y == 2)
    result = ipopt(compile(m))
    assert result.outcome.name == "invalid_number"
    assert "root" in result.outcome.sentence


def test_missing_start_is_named():
    m = hs071()
    m.x[3].set_value(None)
    outcome = ipopt(compile(m)).outcome
    assert outcome.name == "invalid_number"
    assert "x[3]" in outcome.sentence


def test_a_fixed_variable_without_value_is_named():
    m = hs071()
    m.x[3].set_value(None)
    m.x[3].fix()
    outcome = ipopt(compile(m), start=[1.0, 5.0, 5.0, 1.0]).outcome
    assert outcome.name == "invalid_number"
    assert "x[3]" in outcome.sentence


def test_crossed_bounds_are_named():
    m = hs071()
    m.x[2].setlb(7)
    outcome = ipopt(compile(m)).outcome
    assert outcome.name == "infeasible"
    assert "x[2]" in outcome.sentence


def test_contradictory_rows_are_named():
    m = model(x=pyo.Var([1, 2, 3], initialize=1.0))
    m.one = pyo.Constraint(expr=m.x[1] + m.x[2] == 1)
    m.other = pyo.Constraint(expr=m.x[1] + m.x[2] == 2)
    m.third = pyo.Constraint(expr=m.x[3] == m.x[1])
    result = ipopt(compile(m))
    assert result.outcome.name == "infeasible"
    assert {name for name, _ in result.worst(2)} == {"one", "other"}
    assert newton(compile(m)).outcome.name == "not_converged"


@pytest.mark.parametrize("solve", [lambda p: ipopt(p), newton])
def test_more_equations_than_free_variables(solve):
    m = model(x=pyo.Var([1, 2], initialize=1.0))
    m.one = pyo.Constraint(expr=m.x[1] == 1)
    m.two = pyo.Constraint(expr=m.x[1] ** 2 == 1)
    m.free = pyo.Constraint(expr=m.x[2] <= 3)
    problem = compile(m)
    assert ipopt(problem).outcome.solved
    m.x[2].fix(1.0)
    outcome = solve(problem).outcome
    assert outcome.name == "too_few_degrees_of_freedom"
    assert "2 equations in 1 free variable" in outcome.sentence
    assert "for one" in outcome.sentence or "for two" in outcome.sentence


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"tolx": 1e-3}, "tolx = 0.001.*not a valid option"),
        ({"mu_strategy": "adaptiv"}, "mu_strategy = 'adaptiv'.*monotone"),
        ({"max_iter": 2.5}, "max_iter = 2.5.*Integer"),
        ({"tol": -1.0}, "tol = -1.0.*not a valid setting"),
        ({"tolx": 1, "max_iter": -4}, "tolx = 1, max_iter = -4"),
        ({"linear_solver": "ma57"}, "linear solver"),
    ],
)
def test_options_are_checked_and_nothing_is_printed(options, said, capfd):
    calls = []
    with pytest.raises(InputError, match=said):
        ipopt(compile(hs071()), options=options, report=lambda *a: calls.append(a))
    assert not calls
    assert capfd.readouterr() == ("", "")


def test_options_take_numbers_of_numpy_and_whole_numbers():
    result = ipopt(compile(hs071()), options={"max_iter": np.int64(100), "obj_scaling_factor": 2, "mu_init": np.float64(0.01)})
    assert result.outcome.solved


def test_limits_of_iterations_and_time():
    problem = compile(hs071())
    stopped = ipopt(problem, options={"max_iter": 2})
    assert stopped.outcome.name == "not_converged"
    assert "max_iter" in stopped.outcome.sentence
    assert stopped.iterations == 2
    assert ipopt(problem, options={"max_wall_time": 1e-9}).outcome.name == "time_limit"


def test_status_zero_alone_proves_nothing():
    m, _ = square(2)
    result = ipopt(compile(m), options={"tol": 1e6, "constr_viol_tol": 1e6, "dual_inf_tol": 1e6, "compl_inf_tol": 1e6})
    assert "status 0" in result.outcome.sentence
    assert result.outcome.name == "not_converged"
    assert result.worst(1)[0][0] in result.outcome.sentence


def test_violation_without_optimality_is_not_a_solution():
    m = hs071()
    m.cost.expr = m.cost.expr + 100 * (m.x[1] - 1.3) ** 2
    result = ipopt(compile(m), options={"max_iter": 6})
    assert not result.outcome.solved


def test_an_interrupt_ends_the_solve_and_leaves_the_model():
    m = hs071()
    before = [v.value for v in m.x.values()]

    def stop(iteration, infeasibility):
        if iteration == 2:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        ipopt(compile(m), report=stop)
    assert [v.value for v in m.x.values()] == before
    assert ipopt(compile(m)).outcome.solved


def test_progress_is_reported_and_logged(caplog, capfd):
    seen = []
    with caplog.at_level(logging.DEBUG, "cge.solve.nlp"):
        result = ipopt(compile(hs071()), report=lambda *a: seen.append(a))
    assert [k for k, _ in seen] == list(range(result.iterations + 1))
    assert seen[-1][1] < 1e-8
    assert len(caplog.records) == len(seen)
    assert capfd.readouterr() == ("", "")


def test_an_options_file_that_happens_to_be_there_is_not_read(tmp_path, monkeypatch):
    (tmp_path / "ipopt.opt").write_text("max_iter 0\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert ipopt(compile(hs071())).outcome.solved


@pytest.mark.parametrize(
    ("expression", "node"),
    [
        (lambda m: abs(m.x), "AbsExpression"),
        (lambda m: pyo.Expr_if(IF=m.x >= 0, THEN=m.x, ELSE=0), "Expr_ifExpression"),
        (lambda m: pyo.ceil(m.x), "UnaryFunctionExpression"),
        (lambda m: m.x * abs(m.x - 1) + 2, "AbsExpression"),
    ],
)
def test_expressions_that_are_not_smooth_are_named(expression, node):
    m = model(x=pyo.Var(initialize=1.0))
    m.fine = pyo.Constraint(expr=m.x**2 <= 4)
    m.kinked = pyo.Constraint(["a"], rule=lambda m, _: expression(m) <= 1)
    with pytest.raises(InputError, match=rf"kinked\[a\]: {node}"):
        compile(m)


def test_all_faults_at_once():
    m = model(x=pyo.Var(initialize=1.0), whole=pyo.Var(initialize=1, domain=pyo.Integers))
    m.one = pyo.Constraint(expr=abs(m.x) + m.whole <= 1)
    m.cost, m.other = pyo.Objective(expr=m.x), pyo.Objective(expr=-m.x)
    m.pair = Complementarity(expr=complements(m.x >= 0, m.whole >= 0))
    with pytest.raises(InputError) as error:
        compile(m)
    text = str(error.value)
    assert len(error.value.faults) == 4
    assert all(name in text for name in ["one: AbsExpression", "whole: not a continuous", "other: a second", "pair: Complementarity"])


@pytest.mark.parametrize("expression", [lambda m: m.x / m.p, lambda m: m.x**2 * pyo.log(m.p), lambda m: pyo.exp(m.x + 1 / m.p)])
def test_parameters_that_make_no_number_are_named(expression):
    m = model(x=pyo.Var(initialize=1.0), p=pyo.Param(initialize=0.0, mutable=True))
    m.fine = pyo.Constraint(expr=m.x * m.p <= 1)
    m.fault = pyo.Constraint(["a"], rule=lambda m, _: expression(m) <= 1)
    with pytest.raises(InputError, match=r"^fault\[a\]: "):
        compile(m)


def test_zero_and_one_are_left_out_where_infinity_would_be():
    """x¹, and 0 · ln x, at x = 0, with parameters in the place of the numbers."""
    m = model(x=pyo.Var(initialize=0.0), zero=pyo.Param(initialize=0.0, mutable=True), one=pyo.Param(initialize=1.0, mutable=True))
    m.row = pyo.Constraint(expr=pyo.exp(m.zero * pyo.log(m.x) + m.x**m.one) <= 3)
    problem = compile(m)
    assert problem.rows(np.zeros(1))[0] - problem.most[0] == -2.0
    assert problem.jacobian(np.zeros(1)).toarray()[0] == 1.0
    assert problem.hessian(np.zeros(1), np.ones(2)) == 1.0


def test_rows_alike_are_differentiated_once():
    """CES price indices in plain words: one shape for all, whatever their variables and numbers."""
    weight = np.random.default_rng(6).random((6, 6))
    m = model(p=pyo.Var(range(6), initialize=1.1), price=pyo.Var(range(6), initialize=0.9))
    m.ces = pyo.Constraint(range(6), rule=lambda m, n: m.price[n] == sum(weight[i, n] * m.p[i] ** (-4.0 - n) for i in range(6)) ** (-0.25))
    problem = compile(m)
    assert len(problem.shapes) == 1
    x = np.array([v.value for v in problem.variables])
    assert_allclose(problem.rows(x)[:-1], [pyo.value(c.body) for c in problem.constraints], rtol=1e-14)


def test_a_variable_that_stands_twice_in_a_term():
    m = model(x=pyo.Var(initialize=0.7), y=pyo.Var(initialize=1.3))
    m.row = pyo.Constraint([0, 1], rule=lambda m, k: pyo.exp(m.x * (m.y if k else m.x)) * m.x <= 9)
    problem, at = compile(m), np.array([0.7, 1.3])
    lower = np.zeros((2, 2))
    lower[tuple(problem.triangle)] = problem.hessian(at, np.array([1.0, 1.0, 0.0]))
    h, total = 1e-6, np.array([1.0, 1.0, 0.0])
    expected = [(problem.jacobian(at + h * e) - problem.jacobian(at - h * e)).T @ total / (2 * h) for e in np.eye(2)]
    assert_allclose(lower, np.tril(expected), rtol=1e-7)


def test_a_model_without_variables():
    with pytest.raises(InputError, match="no variable"):
        compile(model(x=pyo.Var()))


# --- Newton ------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_newton_and_ipopt_agree_on_square_systems(seed):
    m, known = square(seed)
    problem = compile(m)
    by_newton, by_ipopt = newton(problem, tolerance=1e-11), ipopt(problem)
    assert by_newton.outcome.solved
    assert by_newton.violation <= 1e-11
    assert_allclose(by_newton.x, known, atol=1e-9)
    assert_allclose(by_ipopt.x, known, atol=1e-7)
    assert ipopt(problem, by_newton.x).iterations == 0


def test_a_variable_near_its_bound_does_not_hold_up_the_others():
    """x ≥ 0 starts beside its bound and the first steps push it beyond, until y, far from its solution, has come nearer."""
    m = model(x=pyo.Var(initialize=1e-9, bounds=(0, None)), y=pyo.Var(initialize=3.0))
    m.one = pyo.Constraint(expr=m.x + m.y**2 == 1.5)
    m.other = pyo.Constraint(expr=m.y**3 == 1.0)
    result = newton(compile(m), tolerance=1e-12)
    assert result.outcome.solved
    assert_allclose(result.x, [0.5, 1.0], rtol=1e-10)
    assert result.iterations < 15


def test_newton_factors_once_where_that_serves(monkeypatch):
    """x_i + x_{i−1} x_i² in a ring, from near by: one factorisation for all steps."""
    from cge.solve.nlp import square as module

    n, made = 200, []
    plain = module.splu
    monkeypatch.setattr(module, "splu", lambda matrix: made.append(matrix.shape) or plain(matrix))
    rng = np.random.default_rng(0)
    known = rng.uniform(0.5, 1.5, n)
    m = model(x=pyo.Var(range(n), initialize=lambda m, i: known[i] * np.exp(0.3 * rng.uniform(-1, 1))))
    m.row = pyo.Constraint(range(n), rule=lambda m, i: m.x[i] + m.x[(i - 1) % n] * m.x[i] ** 2 == known[i] + known[i - 1] * known[i] ** 2)
    result = newton(compile(m), tolerance=1e-12)
    assert result.outcome.solved
    assert_allclose(result.x, known, rtol=1e-10)
    assert result.iterations > 3
    assert made == [(n, n)]


def test_factors_that_do_not_help_are_made_anew():
    from scipy.sparse import csc_array, random_array
    from scipy.sparse.linalg import splu

    from cge.solve.nlp.square import solved

    rng = np.random.default_rng(1)
    near, far = (
        csc_array(random_array((300, 300), density=0.05, rng=rng)) + csc_array(np.diag(rng.uniform(0.1, 2, 300))) for _ in range(2)
    )
    right, old = rng.normal(size=300), splu(far)
    solution, factors = solved(near, right, old)
    assert factors is not old
    assert_allclose(near @ solution, right, atol=1e-9)
    again, kept = solved(near, right, factors)
    assert kept is factors
    assert_allclose(near @ again, right, atol=1e-4)


def test_newton_leaves_fixed_variables_and_inequalities_alone():
    m, known = square(5)
    m.x[0].fix(float(known[0]))
    m.balance[2].deactivate()
    m.loose = pyo.Constraint(expr=m.x[1] <= 100)
    result = newton(compile(m))
    assert result.outcome.solved
    assert_allclose(result.x, known, atol=1e-8)
    m.loose.set_value(m.x[1] <= -100)
    result = newton(compile(m))
    assert result.outcome.name == "not_converged"
    assert result.worst(1) == [("loose", pytest.approx(100 + known[1]))]


def test_newton_keeps_within_bounds():
    m = model(x=pyo.Var(initialize=30.0, bounds=(0, None)))
    m.level = pyo.Constraint(expr=pyo.log(m.x) + 1e-3 * m.x == 0)  # the full step from 30 leads below zero
    result = newton(compile(m))
    assert result.outcome.solved
    assert 0 < result.x[0] < 1


def test_newton_names_the_worst_row():
    m = model(x=pyo.Var([1, 2], initialize=1.5))
    m.fine = pyo.Constraint(expr=m.x[1] == 2)
    m.rootless = pyo.Constraint(expr=m.x[2] ** 2 + 1 == 0)
    result = newton(compile(m))
    assert result.outcome.name == "not_converged"
    assert result.worst(1)[0][0] == "rootless"
    assert "rootless" in result.outcome.sentence


def test_newton_needs_a_square_system():
    with pytest.raises(InputError, match="as many equations as free variables; there are 1 and 4"):
        newton(compile(hs071()))


# --- structure ---------------------------------------------------------------------------------------------------------------------------


def ring(n=60, groups=6):
    """Groups of equations that define y from x and close x, tied from group to group through the mean of all y; with their structure."""
    rng = np.random.default_rng(4)
    weight, level = rng.uniform(0.5, 1.5, n), rng.uniform(0.5, 1.5, n)
    m = model(x=pyo.Var(range(n), initialize=1.0), y=pyo.Var(range(n), initialize=1.0, bounds=(0, None)), mean=pyo.Var(initialize=1.0))
    m.define = pyo.Constraint(range(n), rule=lambda m, k: m.y[k] == weight[k] * pyo.exp(m.x[k]))
    m.average = pyo.Constraint(expr=sum(m.y.values()) / n == m.mean)
    m.close = pyo.Constraint(range(n), rule=lambda m, k: m.y[k] * m.x[k - k % groups] + m.x[k] + 0.3 * pyo.log(m.mean) == level[k])
    problem = compile(m)
    group = {f"{name}[{k}]": k // groups for name in ("x", "y", "define", "close") for k in range(n)} | {"mean": -1, "average": -1}
    place = {v.name: k for k, v in enumerate(problem.variables)}
    defines = {f"define[{k}]": place[f"y[{k}]"] for k in range(n)} | {"average": place["mean"]}
    return problem, Structure(
        np.array([group[c.name] for c in problem.constraints]),
        np.array([group[v.name] for v in problem.variables]),
        np.array([defines.get(c.name, -1) for c in problem.constraints]),
        np.full(2 * n + 1, -1),
    )


def test_structure_does_not_change_the_answer(monkeypatch):
    from cge.solve.nlp import square as module

    problem, structure = ring()
    whole, made, plain = newton(problem, tolerance=1e-13), [], module.splu
    monkeypatch.setattr(module, "splu", lambda matrix: made.append(matrix.nnz) or plain(matrix))
    parts = newton(problem, tolerance=1e-13, structure=structure)
    assert whole.outcome.solved
    assert parts.outcome.solved
    assert_allclose(parts.x, whole.x, rtol=1e-12)
    assert parts.iterations <= whole.iterations
    assert max(made) < problem.linear.nnz - 100  # blocks only


def test_what_defines_a_variable_is_substituted():
    """From a start at which the defined variables are far from what defines them, without a step that is due to them."""
    problem, structure = ring()
    start = np.array([50.0 if v.name.startswith("y") else 1.0 for v in problem.variables])
    residuals = []
    result = newton(problem, start, tolerance=1e-12, structure=structure, report=lambda _, size: residuals.append(size))
    assert result.outcome.solved
    assert residuals[0] < 10
    assert len(newton(problem, start, tolerance=1e-12).worst(1)) <= 1
    assert result.iterations == newton(problem, tolerance=1e-12, structure=structure).iterations


@pytest.mark.parametrize("lifted", [False, True])
def test_blocks_that_are_singular_do_not_stop_it(lifted):
    """x and y matter for each other's equation alone: blocks of one are zero, and give way to the whole, or are lifted."""
    m = model(x=pyo.Var(initialize=1.0), y=pyo.Var(initialize=1.0))
    m.one = pyo.Constraint(expr=pyo.exp(m.y) == 2)
    m.other = pyo.Constraint(expr=m.x**3 == 5)
    blocks, none = np.array([0, 1]), np.full(2, -1)
    result = newton(compile(m), tolerance=1e-12, structure=Structure(blocks, blocks, none, blocks if lifted else none))
    assert result.outcome.solved
    assert_allclose(result.x, [5 ** (1 / 3), math.log(2)], rtol=1e-11)


def test_the_central_path_finds_which_of_two_is_zero():
    """x ≥ 0 ⟂ z = f(x) ≥ 0 with f(x) = x_i + (mean of x) − level_i, a problem with one solution."""
    n, level = 12, np.linspace(-1, 2, 12)
    m = model(x=pyo.Var(range(n), bounds=(0, None), initialize=1.0), z=pyo.Var(range(n), bounds=(0, None), initialize=0.1), gap=pyo.Var())
    m.gap.fix(1e-11)
    m.slack = pyo.Constraint(range(n), rule=lambda m, k: m.z[k] == m.x[k] + sum(m.x.values()) / n - level[k])
    m.product = pyo.Constraint(range(n), rule=lambda m, k: m.x[k] * m.z[k] <= m.gap)
    problem = compile(m)
    with pytest.raises(InputError, match="there are 12 and 24"):
        newton(problem)
    result = newton(problem, tolerance=1e-12, path=(m.gap, [0.1 * 10.0**-k for k in range(10)]))
    assert result.outcome.solved
    values = {v.name: number for v, number in zip(problem.variables, result.x, strict=True)}
    assert values["gap"] == m.gap.value
    x, z = (np.array([values[f"{name}[{k}]"] for k in range(n)]) for name in "xz")
    assert 2 < (x < z).sum() < 10
    assert_allclose(x * z, 1e-11, rtol=0.2)
    mean = x.mean()
    assert_allclose(x, np.maximum(level - mean, 0), atol=1e-8)


# --- confirmation ------------------------------------------------------------------------------------------------------------------------


def test_ipopt_confirms_a_solution_without_a_step():
    m, known = square(1)
    problem = compile(m)
    found = newton(problem, tolerance=1e-12)
    confirmed = confirm(problem, found.x, tolerance=1e-10)
    assert confirmed.outcome.solved
    assert "status 0" in confirmed.outcome.sentence
    assert confirmed.iterations == 0
    assert_allclose(confirmed.x, known, atol=1e-10)
    assert (confirmed.x == found.x).all()


def test_what_is_no_solution_is_not_confirmed():
    m, known = square(1)
    confirmed = confirm(compile(m), known + 1e-6)
    assert confirmed.outcome.name == "not_converged"
    assert confirmed.iterations == 0
    assert confirmed.worst(1)[0][0] in confirmed.outcome.sentence
    assert_allclose(confirmed.x, known + 1e-6, atol=1e-15)


def test_bounds_and_inequalities_are_confirmed_too():
    """Points on bounds and beside them; an objective does not matter."""
    m = model(
        x=pyo.Var(initialize=0.0, bounds=(0, None)), y=pyo.Var(initialize=2.0, bounds=(0, 2)), z=pyo.Var(initialize=1e-14, bounds=(0, 1))
    )
    m.sum = pyo.Constraint(expr=m.x + m.y + m.z == 2)
    m.product = pyo.Constraint(expr=m.x * m.y <= 0)
    m.cost = pyo.Objective(expr=m.x)
    problem = compile(m)
    assert confirm(problem).outcome.solved
    m.product.set_value(m.x * m.y >= 1)
    assert confirm(compile(m)).outcome.name == "not_converged"
