"""Gains from trade and their output folder."""

from __future__ import annotations

from pathlib import Path

from cge.data.files.formats import write_csv, write_json
from cge.questions.solve import ready
from cge.questions.write import produce
from cge.results.gains import Gains, gains
from cge.runfile.load import Case
from cge.solve.counterfactual import Report
from cge.tell.provenance import summary


def write_gains(case: Case, folder: Path, report: Report | None = None) -> Gains:
    """Gains from trade of a case and their output folder; raises as `write_run`."""

    def work(fresh: Path) -> Gains:
        start = ready(case)
        found = gains(start.benchmark, case.exponents, case.shock, tolerance=case.tolerance, report=report)
        write_csv(found.table, fresh / "gains.csv")
        write_json(gains_summary(found, case), fresh / "summary.json")
        return found

    return produce(case, folder, work)


def gains_summary(found: Gains, case: Case) -> dict[str, object]:
    """The keys of summary.json for gains from trade: those of the equilibrium they are measured from, and why a country has no number."""
    kept = {"run_file_text": case.text, "economy_attributes": case.attrs}  # other folders keep these in their netCDF
    return {**summary(found.solution, case), "reasons": found.reasons, **kept}
