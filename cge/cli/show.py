"""The command show: what comes with the package."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from cge.cli.common import Json, app, reported

Shelf = Literal["elasticities", "economies", "runs"]
"""What `cge show` lists."""


@app.command()
def show(shelf: Annotated[Shelf | None, typer.Argument(help="What to list; all where left out.")] = None, json: Json = False) -> None:
    """List bundled elasticities, economies and runs."""
    with reported(json):
        from cge.data.files import formats
        from cge.tell import terminal

        shelves = {"elasticities": elasticities, "economies": economies, "runs": runs}
        found = {name: records() for name, records in shelves.items() if shelf in (None, name)}
        if json:
            typer.echo(formats.as_json(found))
            return
        for name, records in found.items():
            terminal.show_records(terminal.console(), name.capitalize(), with_errors(records))


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
