"""What every command shares: the application, options, exit status, and errors as sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from cge.errors import InputError, SolveError

if TYPE_CHECKING:
    from rich.console import Console

    from cge.runfile.case import Case
    from cge.solve.counterfactual import Report

T = TypeVar("T")
Progress = Callable[..., "Report | None"]
"""Makes the report of a solve from what it solves, and what is counted where these are not Newton steps, in words."""

SOLVED, UNSOLVED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
"""Exit status: verified; no verified solution; bad input; interrupted, as shells number it."""

app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="FILE", help="Run file (TOML), or the name of a bundled one: cge show runs.")]
Out = Annotated[Path | None, typer.Option("--out", help="Output folder, replaced as a whole [default: runs/out/<stem of FILE>].")]
Scenario = Annotated[str, typer.Option("--scenario", help="Ask for this scenario of the file [default: the file's own question].")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output, and nothing else there.")]


def listed(text: str) -> list[str]:
    """Words between commas."""
    return [word.strip() for word in text.split(",") if word.strip()]


def default_folder(case: Case) -> Path:
    """Where results go unless `--out` says otherwise: under the current folder, those of a scenario beside those of the file's own question.

    The dot keeps a scenario `answer` of case.toml apart from a file case-answer.toml.
    """
    from cge.runfile.scenarios import plain

    return Path("runs") / "out" / (case.path.stem + (f".{plain(case.named)}" if case.named else ""))


def answer(
    file: Path,
    out: Path | None,
    as_json: bool,
    write: Callable[[Case, Path, Progress], T],
    summary: Callable[[T, Case], Mapping[str, object]],
    show: Callable[[Console, T, Case, Path], None],
    scenario: str = "",
) -> None:
    """Answer the question of a run file, or of one of its scenarios: write the output folder, then show the result, or print its summary as JSON."""
    with reported(as_json):
        from cge.data.files import formats
        from cge.runfile.load import load
        from cge.tell import terminal

        case = load(file, scenario)
        folder = out or default_folder(case)
        with reported(as_json, folder), terminal.progress() as progress:
            found = write(case, folder, progress)
        if as_json:
            typer.echo(formats.as_json(summary(found, case)))
        else:
            show(terminal.console(), found, case, folder)


@contextmanager
def reported(as_json: bool, folder: Path | None = None, kept: bool = False) -> Iterator[None]:
    """Turn errors a user can act on into sentences on standard error and the exit status of the Contract.

    Args:
        as_json: also print the faults as JSON on standard output; folder: where the diagnosis of an unsolved run was written.
        kept: whether what was done before an interruption stays in the folder.
    """
    try:
        yield
    except InputError as error:
        fail(BAD_INPUT, list(error.faults), as_json, {"outcome": "bad_input", "faults": list(error.faults)})
    except SolveError as error:
        outcome = error.outcome
        lines = [outcome.sentence] if folder is None else [outcome.sentence, f"Diagnosis: {folder / 'diagnosis.json'}"]
        fail(UNSOLVED, lines, as_json, {"outcome": outcome.name, "sentence": outcome.sentence, "diagnosis": error.diagnosis})
    except KeyboardInterrupt:
        left = f": what is done is in {folder}; the same command goes on from there" if kept else f": {folder} is as it was"
        fail(INTERRUPTED, ["Interrupted." if folder is None else f"Interrupted{left}."], False, {})


def fail(status: int, lines: list[str], as_json: bool, facts: dict[str, Any]) -> None:
    """Print one sentence a line on standard error and exit."""
    from cge.data.files.formats import as_json as text
    from cge.tell.terminal import printable

    for line in lines:
        typer.echo(printable(line), err=True)
    if as_json:
        with suppress(BrokenPipeError):
            typer.echo(text(facts))
    raise typer.Exit(status)
