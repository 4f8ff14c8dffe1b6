"""What a person takes away: the run file, the page, tables, the whole folder, as `cge run` and `cge report` write them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from cge.data.files.formats import write_csv
from cge.explorer.inbox import Message
from cge.explorer.state import RUN_FILE, Look, Reply, State
from cge.questions.run.answer import write_run
from cge.questions.solve import solve
from cge.questions.table import QUESTIONS
from cge.results.welfare import welfare_table
from cge.runfile.case import Case
from cge.tell.folder import open_results
from cge.tell.page import write_report


def filed(state: State, message: Message, look: Look) -> Iterator[Reply]:
    """The path of a file that answers a question, in the folder of this process."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    yield {"kind": "file", "path": str(FILES[message["name"]](state.case(message["text"]), look).resolve())}


FOLDER = Path("answer")
"""Where the output folder of a question is written, in that of the process."""


def _report(case: Case, look: Look) -> Path:
    """The page of `cge report`; it is made without flows.csv."""
    return _reported(replace(case, flows="none"), look)


def _reported(case: Case, look: Look) -> Path:
    """The output folder of `cge run`, and the page in it."""
    write_run(case, FOLDER, look)
    path = FOLDER / "report.html"
    write_report(open_results(FOLDER, QUESTIONS), path)
    return path


def _welfare(case: Case, look: Look) -> Path:
    """Real income by country."""
    path = Path("welfare.csv")
    write_csv(welfare_table(solve(case, look)), path)
    return path


def _all(case: Case, look: Look) -> Path:
    """The folder, its page, and the run file beside it."""
    _reported(case, look)
    path = Path("all.zip")
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.write(RUN_FILE)
        for file in sorted(FOLDER.iterdir()):
            archive.write(file)
    return path


FILES: dict[str, Callable[[Case, Look], Path]] = {"report.html": _report, "welfare.csv": _welfare, "all.zip": _all}
"""What can be taken away beside the run file, and what makes each."""

TYPES = {
    "run.toml": "application/toml; charset=utf-8",
    "report.html": "text/html; charset=utf-8",
    "welfare.csv": "text/csv; charset=utf-8",
    "all.zip": "application/zip",
}
"""Kinds of contents by name."""
