"""The command line. Heavy modules are imported where they are used, so that help and errors of usage are immediate."""

from __future__ import annotations

import atexit
import gc
import signal
import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from cge.cli import data, docs, explore, questions, results, show
from cge.cli.common import SOLVED, app

__all__ = ["app", "data", "docs", "explore", "main", "questions", "results", "show"]


SELDOM = 300_000
"""Objects that are made before it is asked which are still used: a short command makes fewer, most are of modules that stay for good, and asking
again and again takes it a sixth of its time.
"""


def main() -> None:
    """Entry point: end cleanly when asked to, and print any label whatever the encoding of the terminal."""
    gc.set_threshold(SELDOM)
    atexit.register(gc.freeze)  # nor is it asked at the end, when everything goes with the process
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
