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


class SourceName(StrEnum):
    """What `cge import` reads."""

    wiod2013 = "wiod2013"
    wiod2016 = "wiod2016"
    icio = "icio"
    mrio = "mrio"
    gtap = "gtap"
    tidy = "tidy"


class InventoryRule(StrEnum):
    """What becomes of negative changes in inventories."""

    refuse = "refuse"
    keep = "keep"
    drop = "drop"
    spread = "spread"
    zero = "zero"


class Shelf(StrEnum):
    """What `cge show` lists."""

    elasticities = "elasticities"
    economies = "economies"
    runs = "runs"


class Average(StrEnum):
    """How `cge tariffs` makes the rate of a sector of those of its products."""

    simple = "simple"
    weighted = "weighted"


class Missing(StrEnum):
    """What `cge tariffs` makes of trade without a rate."""

    refuse = "refuse"
    zero = "zero"
    benchmark = "benchmark"


class Inputs(StrEnum):
    """Whether intermediates leave new tariffs out or hold them already."""

    net = "net"
    gross = "gross"
    mixed = "mixed"


class FactorSource(StrEnum):
    """Accounts that `cge factors` reads."""

    wiod2013 = "wiod2013"
    wiod2016 = "wiod2016"
    pwt = "pwt"


class Negative(StrEnum):
    """What `cge factors` makes of negative payments."""

    refuse = "refuse"
    clip = "clip"
    country = "country"


class Gaps(StrEnum):
    """What `cge factors` makes of cells without payments."""

    leave = "leave"
    average = "average"


class InternalTariffs(StrEnum):
    """What `cge aggregate` makes of tariffs between countries that become one."""

    refuse = "refuse"
    value_added = "value_added"


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


@app.command()
def aggregate(
    economy: Annotated[Path, typer.Argument(metavar="IN.nc", help="Economy file, or the name of a bundled one: cge show economies.")],
    concordance: Annotated[str, typer.Argument(metavar="CONCORDANCE", help="Csv dim,from,to, or bundled groups by name (EU27, sections).")],
    out: Annotated[Path, typer.Argument(metavar="OUT.nc", help="Economy file to write.")],
    internal_tariffs: Annotated[
        InternalTariffs,
        typer.Option(help="Tariffs between countries that become one: an error, or income of the factors that make the good."),
    ] = InternalTariffs.refuse,
    json: Json = False,
) -> None:
    """Merge countries and sectors of an economy by a concordance."""
    with reported(json):
        from cge.aggregate import account
        from cge.aggregate import aggregate as merged
        from cge.reading import find_economy
        from cge.writing import write_economy

        before = find_economy(str(economy))
        after = merged(before, concordance, internal_tariffs=internal_tariffs.value)
        write_economy(after, out)
        say_all(account(before, after), out, json)


@app.command()
def tariffs(
    economy: Annotated[Path, typer.Argument(metavar="IN.nc", help="Economy file, or the name of a bundled one: cge show economies.")],
    table: Annotated[Path, typer.Argument(metavar="TARIFFS.csv", help="Csv importer,exporter,sector,tariff[,weight]; rates, 0.05 is 5 %.")],
    out: Annotated[Path, typer.Argument(metavar="OUT.nc", help="Economy file to write.")],
    concordance: Annotated[
        Path | None, typer.Option(help="Csv from,to[,weight]: product → sector; with dim country also countries.")
    ] = None,
    average: Annotated[Average, typer.Option(help="Over the products of a sector.")] = Average.simple,
    missing: Annotated[Missing, typer.Option(help="What trade without a rate becomes.")] = Missing.refuse,
    inputs: Annotated[
        Inputs, typer.Option(help="Intermediates leave the tariffs out (net), hold them already (gross), or net where that can be.")
    ] = Inputs.net,
    json: Json = False,
) -> None:
    """Attach tariffs by importer, exporter and product to an economy."""
    with reported(json):
        from cge.reading import find_economy
        from cge.tariffs import import_tariffs
        from cge.writing import write_economy

        before = find_economy(str(economy))
        after = import_tariffs(before, table, concordance, average=average.value, missing=missing.value, inputs=inputs.value)
        write_economy(after, out)
        say_all(str(after.data.attrs["tariffs"]).splitlines(), out, json)


@app.command()
def factors(
    source: Annotated[FactorSource, typer.Argument(metavar="SOURCE", help="wiod2013 | wiod2016 | pwt.")],
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The accounts: csv or Excel, for pwt also Stata.")],
    out: Annotated[Path, typer.Argument(metavar="OUT.csv", help="Table to write: factor_shares in a run file.")],
    year: Annotated[int | None, typer.Option(help="Needed where the file has several.")] = None,
    economy: Annotated[str | None, typer.Option(help="Keep its labels only, and say what of it has no accounts.")] = None,
    concordance: Annotated[Path | None, typer.Option(help="Csv from,to[,dim]: labels of the accounts → of the economy.")] = None,
    negative: Annotated[Negative, typer.Option(help="Negative payments: error, zero, or the shares of the country.")] = Negative.refuse,
    missing: Annotated[Gaps, typer.Option(help="Cells without payments: left out, or averages.")] = Gaps.leave,
    json: Json = False,
) -> None:
    """Make a table of factor shares from published factor accounts."""
    with reported(json):
        from cge.factor_accounts import factor_accounts
        from cge.formats import write_csv
        from cge.reading import find_economy
        from cge.writing import replacing_file

        of = None if economy is None else find_economy(economy)
        found = factor_accounts(
            source.value, path, year=year, economy=of, concordance=concordance, negative=negative.value, missing=missing.value
        )
        with replacing_file(out, ".csv") as fresh:
            write_csv(found.table, fresh)
        say_all(list(found.account), out, json)


def say_all(lines: list[str], out: Path, as_json: bool) -> None:
    """The account of a command that wrote one file."""
    from cge import formats, terminal

    if as_json:
        typer.echo(formats.as_json({"outcome": "written", "file": str(out), "account": lines}))
        return
    console = terminal.console()
    for line in [*lines, f"Written: {out}"]:
        terminal.say(console, line)


@app.command()
def gradient(
    file: File,
    country: Annotated[str, typer.Option(help="Real income of these countries or groups, with commas between.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="All derivatives in gradient.csv, not the largest of each kind.")] = False,
    out: Out = None,
    json: Json = False,
) -> None:
    """Which tariffs, trade costs and elasticities matter most to real income, at the solution of a run file."""
    with reported(json):
        from cge import formats, gradient_screen, output, terminal
        from cge.runfile import load

        case = load(file)
        folder = out or default_folder(case.path)
        with reported(json, folder), terminal.progress() as progress:
            found = output.write_gradient(case, folder, listed(country), everything, progress(""))
        if json:
            typer.echo(formats.as_json(output.gradient_summary(found, case)))
        else:
            gradient_screen.show_gradient(terminal.console(), found, case, folder)


@app.command("import")
def import_table(
    source: Annotated[SourceName, typer.Argument(help="Database that the table is from.")],
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The table as published.")],
    out: Annotated[Path, typer.Argument(metavar="OUT.nc", help="Economy file to write.")],
    year: Annotated[int | None, typer.Option(help="Year of the table; picks one where a file holds several.")] = None,
    inventories: Annotated[InventoryRule, typer.Option(help="Rule for negative changes in inventories.")] = InventoryRule.refuse,
    tariffs: Annotated[Path | None, typer.Option(help="Csv of tariffs to attach; further options: cge tariffs.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse a table that needs any treatment.")] = False,
    json: Json = False,
) -> None:
    """Make an economy file from a published table."""
    with reported(json):
        from cge import formats, sources, terminal
        from cge.tariffs import import_tariffs
        from cge.writing import write_economy

        with terminal.waiting() as report:
            economy = sources.import_economy(source.value, path, year=year, inventories=inventories.value, strict=strict, report=report)
            if tariffs is not None:
                economy = import_tariffs(economy, tariffs)
            write_economy(economy, out)
        facts = sources.summary(economy, path, out)
        if json:
            typer.echo(formats.as_json(facts))
            return
        console = terminal.console()
        for entry in sources.account(economy):
            terminal.say(console, str(entry))
        for line in str(economy.data.attrs.get("tariffs", "")).splitlines():
            terminal.say(console, line)
        terminal.say(console, f"{facts['title']}: {facts['countries']} countries, {facts['sectors']} sectors, written to {out}.")


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
            terminal.show_records(terminal.console(), name.capitalize(), with_errors(records))


def with_errors(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Records with standard errors (`<name>_se`) in brackets behind their values."""
    from cge.terminal import entry

    found = []
    for record in records:
        errors = {key: entry(value) for key in record if (value := record.get(f"{key}_se")) is not None}
        shown = {key: f"{entry(value)} ({errors[key]})" if errors.get(key) else value for key, value in record.items()}
        found.append({key: value for key, value in shown.items() if not (key.endswith("_se") and key[:-3] in record)})
    return found


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
