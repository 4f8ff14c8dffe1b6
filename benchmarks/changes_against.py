"""How many times faster counterfactuals in changes are than at an earlier commit: processor seconds of both, in turn, and their ratios.

    python benchmarks/changes_against.py [COMMIT] [CASE ...]

The commit is checked out beside the tree (`git worktree` in a temporary folder). One process for each of the two prepares a case and then works on it
when it is told to, half a second or once, never both at once, so that what else the machine does falls on both alike. Seconds are of the processor
and of one work; trust the ratios.

The worst of the battery is the shock of `tests/battery.py` that takes the earlier commit longest of those that it solves; it is looked for anew, for
minutes.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from earlier import TOP, asked, checked_out, environment
from scenarios import draws, run_file

REPEATS = 5

TURN = 0.5
"""Seconds of the processor that a turn takes at least: after the other's turn a process finds its processor's cache empty."""

WIDE = 64
"""Characters of the name of a case."""

Work = Callable[[], object]


# --- what both trees can do: names of the public interface, or of modules of either ---------------------------------------------------


def module(*names: str) -> object:
    """The first of these modules that there is."""
    from importlib import import_module

    for candidate in names[:-1]:
        try:
            return import_module(candidate)
        except ModuleNotFoundError:
            continue
    return import_module(names[-1])


def world(inputs: bool, countries: int = 80, sectors: int = 50) -> object:
    """The embedded economy, or one of another size made from it."""
    import cge

    if (countries, sectors) != (80, 50):
        return module("scaling").resized(countries, sectors)
    find = module("cge.data.bundled", "cge.bundled").find
    return cge.calibrate(cge.open_economy(find("data", "icio2022")), intermediates=inputs, negative_final_demand="zero")


def tariff(data: object, importer: int, rate: float = 0.1) -> object:
    """A tariff of one country on everything foreign; of all countries where the place is negative."""
    import numpy as np

    import cge

    old = data.data["tariff"]
    mine = np.ones(old.shape[1], bool) if importer < 0 else np.arange(old.shape[1]) == importer
    new = old.values + rate * (mine[None, None, :] & ~np.eye(old.shape[1], dtype=bool)[None])
    return cge.change(data, tariff=old.copy(data=new))


def usa(data: object) -> int:
    """Its place, or that of the largest country where countries have other names."""
    return data.countries.index("USA") if "USA" in data.countries else int(data.data["income"].values.argmax())


def cold(model: Callable[[], object], inputs: bool, importer: int | None = None, **size: int) -> Work:
    """`solve_hat` of a tariff of 10 %, from nothing but the benchmark."""
    import cge

    data, exponents = world(inputs, **size), model()
    shock = tariff(data, usa(data) if importer is None else importer)
    return lambda: cge.solve_hat(data, exponents, shock)


def certificate(at_solution: bool) -> Work:
    """Radius and critical scale at the benchmark, and with `at_solution` also the radius after a tariff of 10 %."""
    import cge

    data, exponents = world(True), cge.krugman(6.0, 0.5)
    solution = cge.solve_hat(data, exponents, tariff(data, usa(data)))
    counterfactual = module("cge.solve.counterfactual", "cge.counterfactual")
    return lambda: certified(counterfactual, solution, at_solution)


def certified(counterfactual: object, solution: object, at_solution: bool) -> None:
    """The certificate of a solution, by either tree."""
    first, _ = counterfactual.certify(solution.reference, "refuse")
    if at_solution:
        counterfactual.certify_solution(first, solution.counterfactual, "refuse")


def adjoints(model: Callable[[], object], inputs: bool) -> Work:
    """The adjoint equations of all countries' real incomes (with what costs nothing beside them: derivatives by endowments)."""
    import cge

    data = world(inputs)
    solution = cge.solve_hat(data, model(), tariff(data, usa(data)))
    return lambda: cge.gradient(solution, by=("endowment",))


AXES = {"draws": draws(64), "rates": '"tariff[0].add" = {from = 0.02, to = 0.5, steps = 64}'}
"""As many scenarios as one chunk of a sweep has: other elasticities, or other rates."""


def swept(axis: str, whole: bool) -> Work:
    """Scenarios of a sweep: their solves alone, or from run file to row."""
    folder = Path(tempfile.mkdtemp())
    path = folder / "case.toml"
    path.write_text(run_file(AXES[axis]), encoding="utf-8")
    load = module("cge.runfile.load", "cge.runfile")
    read = module("cge.questions.sweep.combinations", "cge.questions.sweep.scenarios", "cge.scenarios").read_scenarios
    case = load.load(path)
    scenarios = read(case)
    tables = [scenarios.table(case.table, number) for number in range(len(scenarios))]
    part = module("cge.questions.sweep.part", "cge.sweep")
    if whole:
        shared = part.Shared(path, case.text, tuple(case.benchmark.countries), "") if hasattr(part, "Shared") else None
        return lambda: part.solve_part(shared or module("cge.sweep").Question(path, case.text, len(case.benchmark.countries)), tables)
    made = [load.make_case(table, case.text, path) for table in tables]
    return lambda: solve_each(case.benchmark, [(one.exponents, one.shock) for one in made])


def solve_each(benchmark: object, asked: list[tuple[object, object]]) -> None:
    """The solves of a sweep: together where the tree can, else each cold."""
    import cge

    try:
        from cge.solve.many import solve_many
    except ModuleNotFoundError:
        for exponents, shock in asked:
            cge.solve_hat(benchmark, exponents, shock)
        return
    assert not any(isinstance(found, Exception) for _, found in solve_many(benchmark, asked))


def cases() -> dict[str, Callable[[], Work]]:
    """What is measured, by name; each is called once in a process and gives the work."""
    import cge

    def armington() -> object:
        return cge.eaton_kortum(5.0)

    return {
        "cold solve, inputs, tariff of USA": lambda: cold(armington, True),
        "cold solve, inputs, tariffs of all": lambda: cold(armington, True, -1),
        "cold solve, inputs, 160 x 65": lambda: cold(armington, True, countries=160, sectors=65),
        "cold solve, inputs, scale 0.5": lambda: cold(lambda: cge.krugman(6.0, 0.5), True),
        "Krugman without inputs": lambda: cold(lambda: cge.krugman(6.0), False),
        "Melitz without inputs": lambda: cold(lambda: cge.melitz(4.0, 5.0), False),
        "certificate at the benchmark": lambda: certificate(False),
        "64 draws, solves": lambda: swept("draws", False),
        "64 draws, run file to row": lambda: swept("draws", True),
        "64 tariffs, solves": lambda: swept("rates", False),
        "64 tariffs, run file to row": lambda: swept("rates", True),
        "all gradients, inputs": lambda: adjoints(armington, True),
        "all gradients, Krugman, no inputs": lambda: adjoints(lambda: cge.krugman(6.0), False),
        "certificate, both": lambda: certificate(True),
        **{f"{BATTERY}{model}, {factors}": dict for model in ("Krugman", "Melitz") for factors in ("1 factor", "2 factors")},
    }


BATTERY = "worst of the battery, "
"""What cases of the battery begin with, whose worst shock is looked for: then come the model, how many factors, and the shock once it is known."""

SEED = 2026
"""Of the battery's shocks, as in its tests."""


def battery(case: str) -> tuple[object, object, dict[str, object]]:
    """Benchmark, exponents and shocks by name of a case of the battery, without inputs."""
    from battery import benchmark, shocks, variant

    model, factors = case.removeprefix(BATTERY).split(":")[0].split(", ")
    data = benchmark("icio2022", False, int(factors.split()[0]))
    return data, variant(model.lower(), data), dict(shocks(data, SEED))


def worst(case: str) -> str:
    """The case with the shock that takes this tree longest, of those that it solves."""
    import cge

    data, exponents, shocks = battery(case)
    seconds = {}
    for label, shock in shocks.items():
        began = time.process_time()
        try:
            cge.solve_hat(data, exponents, shock)
        except cge.SolveError:
            continue
        seconds[label] = time.process_time() - began
    return f"{case}: {max(seconds, key=seconds.__getitem__)}"


def one_of_battery(case: str) -> Work:
    """`solve_hat` of the shock that a case of the battery ends with."""
    import cge

    data, exponents, shocks = battery(case)
    shock = shocks[case.split(": ", 1)[1]]
    return lambda: cge.solve_hat(data, exponents, shock)


# --- one process for each tree ----------------------------------------------------------------------------------------------------------


def serve() -> None:
    """Answer the other end of the pipe: prepare the case that a line names; at an empty line do the work and say how long it took.

    The name of a case of the battery without a shock is answered by that with the worst.
    """
    work: Work = dict
    for line in map(str.strip, sys.stdin):
        if line.startswith(BATTERY) and ":" not in line:
            print(worst(line), flush=True)
        elif line:
            work = one_of_battery(line) if line.startswith(BATTERY) else cases()[line]()
            work()
            print("ready", flush=True)
        else:
            print(turn(work), flush=True)


def turn(work: Work) -> float:
    """Seconds of the processor of a work that is done again and again for `TURN`: what the first finds cold weighs on short ones alone."""
    began, count = time.process_time(), 0
    while count == 0 or time.process_time() - began < TURN:
        work()
        count += 1
    return (time.process_time() - began) / count


@contextmanager
def tree(folder: Path) -> Iterator[Callable[[str], str]]:
    """A process that works with the package of a folder; what is said to it is answered."""
    paths = os.pathsep.join(map(str, (folder, folder / "benchmarks", TOP / "benchmarks", folder / "tests")))
    known = {**environment(folder), "PYTHONPATH": paths}
    command = [sys.executable, "-P", __file__, "--serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=known, cwd=folder) as process:

        def ask(line: str) -> str:
            process.stdin.write(line + "\n")
            process.stdin.flush()
            return process.stdout.readline().strip()

        yield ask
        process.stdin.close()


def main(commit: str, wanted: list[str]) -> None:
    """A line for every case: seconds of both trees (minimum and median), and their ratios."""
    print(f"{'case':{WIDE}} {'then s':>8} {'now s':>8} {'ratio':>7}   {'medians':>17} {'ratio':>7}")
    with checked_out(commit) as old:
        for name in [case for case in cases() if not wanted or any(part in case for part in wanted)]:
            with tree(old) as then, tree(TOP) as now:
                name = then(name) if name.startswith(BATTERY) else name
                then(name), now(name)
                seconds = [(float(then("")), float(now(""))) for _ in range(REPEATS)]
            low, middle = ([part(side) for side in zip(*seconds, strict=True)] for part in (min, statistics.median))
            print(
                f"{name:{WIDE}} {low[0]:8.3f} {low[1]:8.3f} {low[0] / low[1]:7.1f}   {middle[0]:8.3f} {middle[1]:8.3f} {middle[0] / middle[1]:7.1f}",
                flush=True,
            )


if __name__ == "__main__":
    serve() if sys.argv[1:] == ["--serve"] else main(*asked(sys.argv[1:]))
