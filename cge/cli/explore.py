"""The command that opens a page to ask and see: explore."""

from __future__ import annotations

from typing import Annotated

import typer

from cge.cli.common import Json, app, reported


@app.command()
def explore(
    given: Annotated[
        str | None, typer.Argument(metavar="[FILE|ECONOMY]", help="Run file, or an economy by name or as a file [default: icio2022].")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the page [default: any that is free].")] = 0,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser, and print the address alone.")] = False,
    json: Json = False,
) -> None:
    """Ask what if on a page in the browser, and see who gains and loses; ends with Ctrl-C."""
    with reported(json):
        from cge.explorer.run import explored

        explored(given, port, browser=not (no_browser or json), as_json=json, say=typer.echo)
