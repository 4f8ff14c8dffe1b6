"""The command show: what comes with the package, and what an economy file holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cge.cli.common import Json, app, reported

LABELS = {"countries": "country", "sectors": "sector"}
"""Lists of labels, and the kind of label."""


@app.command()
def show(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="[elasticities|economies|runs|groups|countries|sectors|FILE.nc]", help="What to list; all but labels where left out."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """List what comes with the package, or what is in an economy (a bundled name or a file)."""
    with reported(json):
        from cge.data.files import formats
        from cge.tell import terminal

        facts, lines, found = of_economy(str(what)) if is_economy(what) else ({}, [], listed_under(what))
        if json:
            typer.echo(formats.as_json({**facts, **found}))
            return
        for line in lines:
            terminal.say(terminal.console(), line)
        for name, records in found.items():
            terminal.show_records(terminal.console(), name.capitalize(), with_errors(records))


SHELVES = ("elasticities", "economies", "runs", "groups")
"""What comes with the package."""


def listed_under(what: str | None) -> dict[str, list[dict[str, Any]]]:
    """Records by shelf; all shelves where none is named."""
    from cge.data import bundled

    shelves = dict(zip(SHELVES, (elasticities, economies, runs, groups), strict=True))
    if what in LABELS:
        return {f"{what} of {name}": labels(name, what) for name in bundled.names("data")}
    return {name: records() for name, records in shelves.items() if what in (None, name)}


def is_economy(what: str | None) -> bool:
    """Whether an economy is meant, by its bundled name or as a file. `InputError` where it is neither that nor a shelf."""
    from cge.data import bundled
    from cge.errors import InputError, nearest

    known = bundled.names("data")
    if what is None or what in (*SHELVES, *LABELS):
        return False
    if what in known or Path(what).is_file():
        return True
    words = [*SHELVES, *LABELS, *known]
    raise InputError(f"{what}: is neither a list nor an economy: no such file, and none of {', '.join(words)}.{nearest(what, words)}")


def of_economy(what: str) -> tuple[dict[str, Any], list[str], dict[str, list[dict[str, Any]]]]:
    """What an economy holds, as facts and in sentences, and its labels."""
    from cge.data.economy import open_economy
    from cge.data.sources.described import described

    facts, lines = described(open_economy(what))
    return {"economy": facts}, lines, {kind: labels(what, kind) for kind in LABELS}


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
    from cge.data import bundled

    return [{"name": name, **about(bundled.find("data", name))} for name in bundled.names("data")]


def about(path: Path) -> dict[str, Any]:
    """Title, size, year, unit, licence of an economy in a file."""
    import xarray as xr

    with xr.open_dataset(path, engine="netcdf4") as data:
        size = {"countries": data.sizes["exporter"], "sectors": data.sizes["sector"], "tariffs": "tariff" in data}
        return {**size, **{key: data.attrs.get(key) for key in ("title", "year", "unit", "licence")}}


def labels(economy: str, kind: str) -> list[dict[str, Any]]:
    """Labels of an economy with their names in words and the bundled groups that they are in."""
    from cge.data.concordance import bundled_groups
    from cge.data.economy import open_economy
    from cge.data.geography import name_of

    found = open_economy(economy)
    known = {"country": found.countries, "sector": found.sectors}
    of_kind = LABELS[kind]
    inside = bundled_groups(known)[of_kind]
    names = dict(zip(known[of_kind], found.data.coords.get(f"{of_kind}_name", found.data[of_kind]).values, strict=True))
    if of_kind == "country":
        names = {label: found.country_names.get(label) or name_of(label) for label in names}
    return [
        {of_kind: label, "name": str(names[label]), "groups": ", ".join(group for group, members in inside.items() if label in members)}
        for label in known[of_kind]
    ]


def groups() -> list[dict[str, Any]]:
    """Bundled groups, the list that each is in, and their members: name = "name" in [groups] of a run file."""
    from cge.data.concordance import group_names, read_concordance
    from cge.data.labels import PLURAL

    found = []
    for origin in group_names():
        rows = read_concordance(origin).rows
        for (kind, name), part in rows.groupby(["dim", "to"], sort=False):
            found.append({"group": name, "of": PLURAL[str(kind)], "list": origin, "members": ", ".join(part["from"])})
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
