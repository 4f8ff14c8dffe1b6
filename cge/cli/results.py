"""Commands that show results: report, table."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from cge.cli.common import Json, app, listed, reported

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Output folder of any question.")]


Format = Literal["latex", "markdown", "csv", "xlsx"]
"""Forms of `cge table`."""

Figures = Literal["png", "svg", "pdf", "none"]
"""Forms of the figures of `cge report`."""

Size = Literal["paper", "column", "slide"]
"""Sizes of these figures."""


Parts = Literal["countries", "sectors", "factors", "partners"]
"""Rows of `cge table`."""


@app.command()
def report(
    folder: Folder,
    out: Annotated[Path | None, typer.Option("--out", help="HTML file [default: DIR/report.html].")] = None,
    figures: Annotated[Figures, typer.Option(help="Form of the figures, which are written into figures/ beside the page.")] = "png",
    countries: Annotated[str, typer.Option(help="Countries or groups that figures show, with commas between.")] = "",
    size: Annotated[Size, typer.Option(help="Of the figures: as each needs, one column of a journal, or a slide of 16:9.")] = "paper",
    json: Json = False,
) -> None:
    """Make one HTML page, readable without a network, and figures from an output folder."""
    with reported(json):
        from cge.data.files import formats
        from cge.questions.table import asked_in
        from cge.tell import terminal
        from cge.tell.folder import open_results
        from cge.tell.page import write_figures, write_report

        results, path = open_results(folder, asked_in(folder)), out or folder / "report.html"
        write_report(results, path)
        made = [] if figures == "none" else write_figures(results, path.parent / "figures", figures, listed(countries), size)
        if json:
            facts = {"outcome": "written", "kind": results.question.name, "report": path, "bytes": path.stat().st_size, "figures": made}
            typer.echo(formats.as_json(facts))
        else:
            lines = [f"Report: {path}", *([f"Figures: {path.parent / 'figures'}/ ({len(made)})"] if made else [])]
            for line in lines:
                terminal.say(terminal.console(), line)


@app.command()
def table(
    folder: Folder,
    form: Annotated[Format | None, typer.Option("--format", help="[default: by the ending of --out, else markdown]")] = None,
    countries: Annotated[str, typer.Option(help="These countries or groups only, in this order, with commas between.")] = "",
    statistics: Annotated[str, typer.Option(help="These columns of the folder's tables, with commas between.")] = "",
    of: Annotated[
        Parts, typer.Option(help="What the rows are; sectors, factors and partners are those of the countries chosen, or of who acts.")
    ] = "countries",
    out: Annotated[Path | None, typer.Option("--out", help="File to write [default: standard output].")] = None,
    json: Json = False,
) -> None:
    """Make a table for a paper from an output folder."""
    with reported(json):
        from cge.data.files import formats
        from cge.data.files.single import replacing_file
        from cge.questions.table import asked_in
        from cge.tell import terminal
        from cge.tell.folder import open_results
        from cge.tell.paper.formats import form_of, written
        from cge.tell.paper.parts import of_parts
        from cge.tell.paper.table import paper

        chosen = form_of(form, out, json)
        results, given = open_results(folder, asked_in(folder)), (listed(countries), listed(statistics))
        made = paper(results, *given) if of == "countries" else of_parts(results, of, *given)
        if out is not None:
            with replacing_file(out) as fresh:
                fresh.write_bytes(written(made, chosen))
        if json:
            typer.echo(formats.as_json({"outcome": "written" if out else "made", "file": out, **asdict(made)}))
        elif out is None:
            typer.echo(written(made, chosen).decode("utf-8"), nl=False)
        else:
            terminal.say(terminal.console(), f"Table: {out}")
