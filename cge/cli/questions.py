"""Commands that answer the question of a run file: run, check, gains, compare, sweep, gradient, policy."""

from __future__ import annotations

from typing import Annotated

import typer

from cge.cli.common import UNSOLVED, File, Json, Out, Scenario, answer, app, default_folder, listed, reported


@app.command()
def run(file: File, scenario: Scenario = "", out: Out = None, json: Json = False) -> None:
    """Solve a counterfactual and write its output folder."""
    from cge.questions.run import answer as output
    from cge.questions.run import screen

    answer(
        file,
        out,
        json,
        lambda case, folder, progress: output.write_run(case, folder, progress("")),
        lambda found, case: found[1].summary,
        lambda console, found, case, folder: screen.show_run(console, found[0], case, found[1], folder),
        scenario,
    )


@app.command()
def check(file: File, json: Json = False) -> None:
    """List all faults of data and run file, its scenarios among it; solve nothing."""
    with reported(json):
        from cge.data.files import formats
        from cge.questions import check as checks
        from cge.runfile.description import describe
        from cge.runfile.load import load_all
        from cge.tell import provenance, terminal

        case, *scenarios = load_all(file)
        checks.check(case, scenarios)
        lines = describe(case, scenarios)
        if json:
            typer.echo(formats.as_json({"outcome": "no faults", **provenance.origin(case), "notes": lines}))
            return
        console = terminal.console()
        for line in lines:
            terminal.say(console, line)
        terminal.say(console, "No faults.")


@app.command()
def gains(
    file: File,
    scenario: Scenario = "",
    draws: Annotated[bool, typer.Option("--draws", help="Also bands over the draws of [sweep.draws].")] = False,
    out: Out = None,
    json: Json = False,
) -> None:
    """Gains from trade by country, against autarky."""
    from cge.questions.gains import answer as output
    from cge.questions.gains import screen

    answer(
        file,
        out,
        json,
        lambda case, folder, progress: output.write_gains(case, folder, progress(""), draws),
        output.gains_summary,
        screen.show_gains,
        scenario,
    )


@app.command()
def compare(
    file: File,
    models: Annotated[str, typer.Option(help="These models only, with commas between; the file's own stays.")] = "",
    across: Annotated[
        str, typer.Option(help="Every model also across transfers, intermediates, mobility or several, with commas between.")
    ] = "",
    out: Out = None,
    json: Json = False,
) -> None:
    """Answer the questions of a run file under several models, side by side: its own, and those of its scenarios."""
    from cge.questions.compare import files as output
    from cge.questions.compare import screen as comparison_screen

    answer(
        file,
        out,
        json,
        lambda case, folder, progress: output.write_comparison(
            case, folder, listed(models), listed(across), lambda name: progress(f" {name}")
        ),
        lambda found, case: found[1].summary,
        lambda console, found, case, folder: comparison_screen.show_comparison(console, found[0], case, found[1], folder),
    )


@app.command()
def sweep(
    file: File,
    scenario: Scenario = "",
    scheduler: Annotated[str, typer.Option(help="Address of a Dask scheduler, as tcp://10.0.0.1:8786; this machine where left out.")] = "",
    out: Out = None,
    json: Json = False,
) -> None:
    """Solve many scenarios, those of the table [sweep]; started again it goes on where it was."""
    with reported(json):
        from cge.data.files import formats
        from cge.questions.sweep import answer as sweep_output
        from cge.questions.sweep import screen as sweep_screen
        from cge.questions.sweep import workers
        from cge.questions.sweep.combinations import read_scenarios
        from cge.runfile.load import load
        from cge.tell import terminal

        work = workers.cluster(scheduler) if scheduler else workers.local
        case = load(file, scenario)
        folder = out or default_folder(case)
        with reported(json, folder, kept=True), terminal.bar(len(read_scenarios(case))) as tell:
            summary = sweep_output.write_sweep(case, folder, work, tell)
        if json:
            typer.echo(formats.as_json(summary))
        else:
            sweep_screen.show_sweep(terminal.console(), case, summary, folder)
        if summary["outcome"] != "solved":
            raise typer.Exit(UNSOLVED)


@app.command()
def gradient(
    file: File,
    country: Annotated[str, typer.Option(help="Real income of these countries or groups, with commas between.")] = "",
    scenario: Scenario = "",
    everything: Annotated[bool, typer.Option("--all", help="All derivatives in gradient.csv, not the largest of each kind.")] = False,
    out: Out = None,
    json: Json = False,
) -> None:
    """Which tariffs, trade costs and elasticities matter most to real income, at the solution of a run file."""
    from cge.questions.gradient import answer as output
    from cge.questions.gradient import screen as gradient_screen

    answer(
        file,
        out,
        json,
        lambda case, folder, progress: output.write_gradient(case, folder, listed(country), everything, progress("")),
        output.gradient_summary,
        gradient_screen.show_gradient,
        scenario,
    )


@app.command()
def policy(file: File, scenario: Scenario = "", out: Out = None, json: Json = False) -> None:
    """Find the rates of [policy]: those best for one, of a war, of an agreement; started again after an interruption it goes on where it was."""
    from cge.questions.policy import answer as output
    from cge.questions.policy import screen as policy_screen

    answer(
        file,
        out,
        json,
        lambda case, folder, progress: output.write_policy(case, folder, lambda name: progress(f" {name}", "steps, derivative")),
        lambda found, case: output.summary(found),
        policy_screen.show_policy,
        scenario,
    )
