"""The command line. Heavy modules are imported where they are used, so that help and errors of usage are immediate."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer

from cge.errors import InputError, SolveError

SOLVED, UNSOLVED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
"""Exit status: verified; no verified solution; bad input; interrupted, as shells number it."""

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False, no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="FILE", help="Run file (TOML), or the name of a bundled one: cge show runs.")]
Out = Annotated[Path | None, typer.Option("--out", help="Output folder, replaced as a whole [default: runs/out/<stem of FILE>].")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output, and nothing else there.")]


class Shelf(StrEnum):
    """What `cge show` lists."""

    elasticities = "elasticities"
    economies = "economies"
    runs = "runs"


def main() -> None:
    """Entry point: end cleanly when asked to, and print any label whatever the encoding of the terminal."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    app()


@app.callback(invoke_without_command=True)
def version(wanted: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Trade counterfactuals: run a policy through Armington, Eaton-Kortum, Krugman or Melitz on a world input-output table."""
    if wanted:
        from importlib.metadata import version as installed

        typer.echo(f"cge {installed('cge')}")
        raise typer.Exit(SOLVED)


@app.command()
def run(file: File, out: Out = None, json: Json = False) -> None:
    """Solve a counterfactual and write its output folder."""
    with reported(json):
        from cge import formats, output, provenance, screen, terminal
        from cge.runfile import load

        case = load(file)
        folder = out or default_folder(case.path)
        with reported(json, folder), terminal.progress() as progress:
            solution, tables = output.write_run(case, folder, progress(""))
        if json:
            typer.echo(formats.as_json(provenance.summary(solution, case)))
        else:
            screen.show_run(terminal.console(), solution, case, tables, folder)


@app.command()
def check(file: File, json: Json = False) -> None:
    """List all faults of data and run file; solve nothing."""
    with reported(json):
        from cge import formats, output, provenance, terminal
        from cge.runfile import describe, load

        case = load(file)
        output.verify(case)
        lines = describe(case)
        if json:
            typer.echo(formats.as_json({"outcome": "no faults", **provenance.origin(case), "notes": lines}))
            return
        console = terminal.console()
        for line in lines:
            terminal.say(console, line)
        terminal.say(console, "No faults.")


@app.command()
def gains(file: File, out: Out = None, json: Json = False) -> None:
    """Gains from trade by country, against autarky."""
    with reported(json):
        from cge import formats, output, screen, terminal
        from cge.runfile import load

        case = load(file)
        folder = out or default_folder(case.path)
        with reported(json, folder), terminal.progress() as progress:
            found = output.write_gains(case, folder, progress(""))
        if json:
            typer.echo(formats.as_json(output.gains_summary(found, case)))
        else:
            screen.show_gains(terminal.console(), found, case, folder)


@app.command()
def compare(
    file: File,
    models: Annotated[str, typer.Option(help="These models only, with commas between; the file's own stays.")] = "",
    across: Annotated[str, typer.Option(help="Every model also across transfers, intermediates or both, with a comma between.")] = "",
    out: Out = None,
    json: Json = False,
) -> None:
    """Answer the question of a run file under several models, side by side."""
    with reported(json):
        from cge import comparison_screen, formats, output, terminal
        from cge.runfile import load

        case = load(file)
        folder = out or default_folder(case.path)
        with reported(json, folder), terminal.progress() as progress:
            found = output.write_comparison(case, folder, listed(models), listed(across), lambda name: progress(f" {name}"))
        if json:
            typer.echo(formats.as_json(output.comparison_summary(found, case)))
        else:
            comparison_screen.show_comparison(terminal.console(), found, case, folder)


@app.command()
def sweep(
    file: File,
    scheduler: Annotated[str, typer.Option(help="Address of a Dask scheduler, as tcp://10.0.0.1:8786; this machine where left out.")] = "",
    out: Out = None,
    json: Json = False,
) -> None:
    """Solve many scenarios, those of the table [sweep]; started again it goes on where it was."""
    with reported(json):
        from cge import formats, sweep_output, sweep_screen, terminal, workers
        from cge.runfile import load
        from cge.scenarios import read_scenarios

        case = load(file)
        folder = out or default_folder(case.path)
        work = workers.cluster(scheduler) if scheduler else workers.local
        with reported(json, folder, kept=True), terminal.bar(len(read_scenarios(case))) as tell:
            summary = sweep_output.write_sweep(case, folder, work, tell)
        if json:
            typer.echo(formats.as_json(summary))
        else:
            sweep_screen.show_sweep(terminal.console(), case, summary, folder)
        if summary["outcome"] != "solved":
            raise typer.Exit(UNSOLVED)


def listed(text: str) -> list[str]:
    """Words between commas."""
    return [word.strip() for word in text.split(",") if word.strip()]


@app.command()
def show(shelf: Annotated[Shelf | None, typer.Argument(help="What to list; all where left out.")] = None, json: Json = False) -> None:
    """List bundled elasticities, economies and runs."""
    with reported(json):
        from cge import formats, terminal

        shelves = {Shelf.elasticities: elasticities, Shelf.economies: economies, Shelf.runs: runs}
        found = {str(name): records() for name, records in shelves.items() if shelf in (None, name)}
        if json:
            typer.echo(formats.as_json(found))
            return
        for name, records in found.items():
            terminal.show_records(terminal.console(), name.capitalize(), records)


def elasticities() -> list[dict[str, Any]]:
    """Trade elasticities of every bundled set on the sectors of the bundled economy, with standard errors."""
    from cge.elasticities import table

    return [{str(key): value for key, value in row.items()} for row in table().reset_index().to_dict("records")]


def economies() -> list[dict[str, Any]]:
    """Name, title, size, year, unit, licence of every bundled economy."""
    import xarray as xr

    from cge import bundled

    found = []
    for name in bundled.names("data"):
        with xr.open_dataset(bundled.find("data", name), engine="netcdf4") as data:
            about = {key: data.attrs.get(key) for key in ("title", "year", "unit", "licence")}
            size = {"countries": data.sizes["exporter"], "sectors": data.sizes["sector"], "tariffs": "tariff" in data}
            found.append({"name": name, **size, **about})
    return found


def runs() -> list[dict[str, Any]]:
    """Name, title, economy and model of every bundled run file."""
    import tomllib

    from cge import bundled

    found = []
    for name in bundled.names("runs"):
        content = tomllib.loads(bundled.find("runs", name).read_text(encoding="utf-8"))
        found.append({"name": name, **{key: content.get(key) for key in ("title", "economy", "model")}})
    return found


def default_folder(run_file: Path) -> Path:
    """Where results go unless `--out` says otherwise: under the current folder."""
    return Path("runs") / "out" / run_file.stem


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
        lines = [outcome.sentence] if folder is None else [outcome.sentence, f"Figures: {folder / 'diagnosis.json'}"]
        fail(UNSOLVED, lines, as_json, {"outcome": outcome.name, "sentence": outcome.sentence, "diagnosis": error.diagnosis})
    except KeyboardInterrupt:
        left = f": what is done is in {folder}; the same command goes on from there" if kept else f": {folder} is as it was"
        fail(INTERRUPTED, ["Interrupted." if folder is None else f"Interrupted{left}."], False, {})


def fail(status: int, lines: list[str], as_json: bool, facts: dict[str, Any]) -> None:
    """Print one sentence a line on standard error and exit."""
    from cge.formats import as_json as text
    from cge.terminal import printable

    for line in lines:
        typer.echo(printable(line), err=True)
    if as_json:
        with suppress(BrokenPipeError):
            typer.echo(text(facts))
    raise typer.Exit(status)
