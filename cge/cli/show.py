"""The command show: what comes with the package, and what an economy file holds."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cge.cli.common import Json, app, reported


@app.command()
def show(
    what: Annotated[
        str | None,
        typer.Argument(metavar="[SHELF|FILE.nc]", help="What to list (elasticities, economies, runs; all where left out), or an economy."),
    ] = None,
    json: Json = False,
) -> None:
    """List bundled elasticities, economies and runs, or say what an economy holds."""
    with reported(json):
        from cge.data.files import formats
        from cge.tell import terminal

        shelves = {"elasticities": elasticities, "economies": economies, "runs": runs}
        if what is not None and what not in shelves:
            facts, lines = of_file(what, list(shelves))
            if json:
                typer.echo(formats.as_json(facts))
                return
            for line in lines:
                terminal.say(terminal.console(), line)
            return
        found = {name: records() for name, records in shelves.items() if what in (None, name)}
        if json:
            typer.echo(formats.as_json(found))
            return
        for name, records in found.items():
            terminal.show_records(terminal.console(), name.capitalize(), with_errors(records))


def of_file(what: str, shelves: list[str]) -> tuple[dict[str, Any], list[str]]:
    """What an economy holds, as facts and in sentences.

    Raises:
        InputError: it is neither a shelf nor an economy.
    """
    from pathlib import Path

    from cge.data import bundled
    from cge.data.economy import open_economy
    from cge.data.sources.described import described
    from cge.errors import InputError, nearest

    known = bundled.names("data")
    if what not in known and not Path(what).suffix and not Path(what).is_file():
        raise InputError(f"show: there is no {what} to show.{nearest(what, [*shelves, *known])} Of an economy file, give its path.")
    return described(open_economy(what))


def with_errors(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Records with standard errors (`<name>_se`) in brackets behind their values."""
    from cge.tell.terminal import entry

    found = []
    for record in records:
        errors = {key: entry(value) for key in record if (value := record.get(f"{key}_se")) is not None}
        shown = {key: f"{entry(value)} ({errors[key]})" if errors.get(key) else value for key, value in record.items()}
        found.append({key: value for key, value in shown.items() if not (key.endswith("_se") and key[:-3] in record)})
    return found


def elasticities() -> list[dict[str, Any]]:
    """Trade elasticities of every bundled set on the sectors of the bundled economy, with standard errors."""
    from cge.data.elasticities import table

    return [{str(key): value for key, value in row.items()} for row in table().reset_index().to_dict("records")]


def economies() -> list[dict[str, Any]]:
    """Name, title, size, year, unit, licence of every bundled economy."""
    import xarray as xr

    from cge.data import bundled

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

    from cge.data import bundled

    found = []
    for name in bundled.names("runs"):
        content = tomllib.loads(bundled.find("runs", name).read_text(encoding="utf-8"))
        found.append({"name": name, **{key: content.get(key) for key in ("title", "economy", "model")}})
    return found
