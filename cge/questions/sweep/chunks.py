"""Many counterfactuals as one labelled store: solved chunk by chunk, on this machine or a Dask cluster, and taken up again where they stopped.

What a chunk holds depends on its scenarios alone (its solves start from each other, BLAS has one thread), so that results are the same to
the last bit however the work was split and however often it was interrupted.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cge.data.files.folder import refuse_foreign, replacing
from cge.data.files.formats import as_json, write_json
from cge.errors import InputError
from cge.questions.policy.chosen import statistics
from cge.questions.sweep.combinations import Scenarios, read_scenarios
from cge.questions.sweep.part import Part, Shared, Tables
from cge.questions.sweep.store import STORE, create, put_part
from cge.runfile.case import Case
from cge.tell.provenance import origin

LOG = "sweep.log"
"""One line of JSON for every chunk that is done, written after the chunk; the record of what need not be solved again."""

CHUNK, MOST = 64, 2000
"""Scenarios of a chunk, and the number of chunks beyond which they grow."""


def chunk_size(count: int) -> int:
    """Scenarios of a chunk, which depends on their number alone."""
    return max(CHUNK, -(-count // MOST))


# --- all of them ---------------------------------------------------------------------------------------------------------------------

Work = Callable[[Shared, list[int], Callable[[int], Tables]], Iterator[tuple[int, Part]]]
"""Solves chunks by number, given the scenarios of each, and yields them as they are done, in any order."""


@dataclass(frozen=True, eq=False)
class Sweep:
    """A sweep that is done.

    Attributes:
        scenarios: what varied; folder: of the results; done, failed: numbers of scenarios; resumed: those that were done before.
    """

    scenarios: Scenarios
    folder: Path
    done: int
    failed: int
    resumed: int


def sweep(case: Case, folder: Path, work: Work, tell: Callable[[int, int], None] = lambda done, failed: None) -> Sweep:
    """Solve every scenario of a run file that is not in the folder already.

    Args:
        folder: output; what an interrupted sweep of the same question left there is kept, anything else of ours is replaced.
        work: solves chunks (`cge.questions.sweep.workers`); tell: is told the scenarios done and failed so far.

    Raises:
        RunFileError: faults of [sweep]. InputError: the folder cannot be written.
    """
    scenarios = read_scenarios(case)
    identity = signature(case, scenarios)
    if not resumable(folder, identity):
        begin(case, scenarios, folder, identity)
    size, count = chunk_size(len(scenarios)), len(scenarios)
    known = finished(folder / LOG)
    done = sum(min(size, count - size * chunk) for chunk in known)
    resumed, failed = done, sum(known.values())
    tell(done, failed)
    shared = Shared(case.path.resolve(), case.text, scenarios.grounds.countries, identity, scenarios.follows, bool(case.policy))
    pending = [chunk for chunk in range(-(-count // size)) if chunk not in known]

    def tables(chunk: int) -> Tables:
        return [scenarios.table(case.table, k) for k in range(size * chunk, min(size * (chunk + 1), count))]

    for chunk, part in work(shared, pending, tables):
        bad = sum(name != "solved" for name in part.outcome)
        record(folder, chunk, size, part, bad)
        done, failed = done + len(part.outcome), failed + bad
        tell(done, failed)
    return Sweep(scenarios, folder, done, failed, resumed)


def record(folder: Path, chunk: int, size: int, part: Part, failed: int) -> None:
    """Write a chunk, and then its line in the log, which is what says that the chunk is done.

    Raises:
        InputError: it cannot be written.
    """
    reasons = sorted({reason for reason in part.reason if reason})
    line = {"chunk": chunk, "seconds": round(part.seconds, 3), "failed": failed, "reasons": reasons}
    try:
        put_part(folder / STORE, size * chunk, part)
        with (folder / LOG).open("a", encoding="utf-8") as log:
            log.write(json.dumps(line, ensure_ascii=False) + "\n")
            log.flush()
            os.fsync(log.fileno())
    except OSError as error:
        sentence = f"out: {folder} cannot be written ({error.strerror or error}); make room and start again: what is done stays there."
        raise InputError(sentence) from error


def signature(case: Case, scenarios: Scenarios) -> str:
    """What makes two sweeps the same: keys of the run file (not its comments or its place), files that it reads, scenarios, columns, versions."""
    facts = {**origin(case), "table": case.table, "count": len(scenarios), "columns": statistics(bool(case.policy))}
    facts["inputs"] = sorted(digest for name, digest in scenarios.grounds.inputs.items() if name != facts["run_file"])
    facts.pop("run_file")
    return hashlib.sha256(as_json(facts).encode()).hexdigest()


def about(case: Case, scenarios: Scenarios) -> dict[str, object]:
    """What a sweep was made from, with the countries and files of all its scenarios: the first keys of its summary."""
    return {**origin(case), "countries": len(scenarios.grounds.countries), "inputs": dict(scenarios.grounds.inputs)}


def begin(case: Case, scenarios: Scenarios, folder: Path, identity: str) -> None:
    """An output folder with an empty store."""
    with replacing(folder) as fresh:
        create(fresh / STORE, case, scenarios, chunk_size(len(scenarios)))
        (fresh / LOG).touch()
        write_json(
            {"outcome": "incomplete", **about(case, scenarios), "scenarios": len(scenarios), "signature": identity}, fresh / "summary.json"
        )


def resumable(folder: Path, identity: str) -> bool:
    """Whether the folder holds a sweep of the same question."""
    refuse_foreign(folder)
    try:
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(summary.get("signature") == identity) and (folder / STORE).is_dir() and (folder / LOG).is_file()


def finished(log: Path) -> dict[int, int]:
    """Failures of every chunk that is done, from the log; a last line that was cut off counts as not written, and is removed."""
    text = log.read_text(encoding="utf-8")
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        log.write_text(whole, encoding="utf-8")
    return {int(line["chunk"]): int(line["failed"]) for line in _lines(log)}


def reasons(log: Path) -> list[str]:
    """Why scenarios of a sweep that is done failed, each sentence once, from the log."""
    return list(dict.fromkeys(reason for line in _lines(log) for reason in line["reasons"]))


def _lines(log: Path) -> Iterator[dict[str, Any]]:
    """What the log says of every chunk."""
    return map(json.loads, log.read_text(encoding="utf-8").splitlines())
