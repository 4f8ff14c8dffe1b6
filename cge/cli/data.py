"""Commands that make data: import, aggregate, tariffs, factors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cge.cli.common import Json, app, reported
from cge.data.choices import (
    Accounts,
    Average,
    Gaps,
    Inputs,
    InternalTariffs,
    Inventories,
    Missing,
    Negative,
    Source,
    Subsidies,
    TariffLayout,
    Unit,
)


@app.command("import")
def import_table(
    source: Annotated[Source, typer.Argument(help="Database that the table is from.")],
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The table as published: a file, or a folder as downloaded.")],
    out: Annotated[Path, typer.Argument(metavar="OUT.nc", help="Economy file to write.")],
    year: Annotated[int | None, typer.Option(help="Year of the table; picks one where a file holds several.")] = None,
    inventories: Annotated[Inventories, typer.Option(help="Rule for negative changes in inventories.")] = "refuse",
    subsidies: Annotated[Subsidies, typer.Option(help="Rule for tariffs below zero, subsidies to imports.")] = "refuse",
    tariffs: Annotated[Path | None, typer.Option(help="Csv of tariffs to attach; further options: cge tariffs.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse a table that needs any treatment.")] = False,
    json: Json = False,
) -> None:
    """Make an economy file from a published table."""
    with reported(json):
        from cge.data import sources
        from cge.data.files import formats
        from cge.data.tariffs.attach import import_tariffs
        from cge.data.text import counted
        from cge.data.write import write_economy
        from cge.tell import terminal

        with terminal.waiting() as report:
            economy = sources.import_economy(
                source, path, year=year, inventories=inventories, subsidies=subsidies, strict=strict, report=report
            )
            if tariffs is not None:
                economy = import_tariffs(economy, tariffs)
            write_economy(economy, out)
        facts = sources.summary(economy, path, out)
        if json:
            typer.echo(formats.as_json(facts))
            return
        console = terminal.console()
        for line in sources.told(economy):
            terminal.say(console, line)
        for line in str(economy.data.attrs.get("tariffs", "")).splitlines():
            terminal.say(console, line)
        size = f"{counted(len(economy.countries), 'country', 'countries')}, {counted(len(economy.sectors), 'sector')}"
        terminal.say(console, f"{facts['title']}: {size}, written to {out}.")


@app.command()
def aggregate(
    economy: Annotated[Path, typer.Argument(metavar="IN.nc", help="Economy file, or the name of a bundled one: cge show economies.")],
    concordance: Annotated[str, typer.Argument(metavar="CONCORDANCE", help="Csv dim,from,to, or bundled groups by name (EU27, sections).")],
    out: Annotated[Path, typer.Argument(metavar="OUT.nc", help="Economy file to write.")],
    internal_tariffs: Annotated[
        InternalTariffs,
        typer.Option(help="Tariffs between countries that become one: an error, or income of the factors that make the good."),
    ] = "refuse",
    json: Json = False,
) -> None:
    """Merge countries and sectors of an economy by a concordance."""
    with reported(json):
        from cge.data.aggregate import account
        from cge.data.aggregate import aggregate as merged
        from cge.data.economy import open_economy
        from cge.data.write import write_economy

        before = open_economy(str(economy))
        after = merged(before, concordance, internal_tariffs=internal_tariffs)
        write_economy(after, out)
        say_all(account(before, after), out, json)


@app.command()
def tariffs(
    economy: Annotated[Path, typer.Argument(metavar="IN.nc", help="Economy file, or the name of a bundled one: cge show economies.")],
    tables: Annotated[
        list[Path],
        typer.Argument(
            metavar="TARIFFS…",
            help="Csv importer,exporter,sector,tariff[,weight,year]; labels, groups or *; as published; archives and folders of them; or netCDF.",
        ),
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT.nc", help="Economy file to write.")],
    concordance: Annotated[
        list[Path] | None,
        typer.Option(
            help="Csv from,to[,weight]: product → sector; with dim country also countries; or published. May stand several times."
        ),
    ] = None,
    average: Annotated[Average, typer.Option(help="Over the products of a sector.")] = "simple",
    missing: Annotated[Missing, typer.Option(help="What trade without a rate becomes.")] = "refuse",
    inputs: Annotated[
        Inputs, typer.Option(help="Intermediates leave the tariffs out (net), hold them already (gross), or net where that can be.")
    ] = "net",
    unit: Annotated[
        Unit | None, typer.Option(help="What the numbers are; without it rates (0.05 is 5 %), refused where they look like others.")
    ] = None,
    year: Annotated[
        int | None, typer.Option(help="Needed where the table has several; importers without it are given their nearest one.")
    ] = None,
    layout: Annotated[TariffLayout | None, typer.Option(help="Publisher of the table; recognised by its headings where left out.")] = None,
    weights: Annotated[
        list[Path] | None,
        typer.Option(help="Trade that weighs the rates: UN Comtrade, or csv importer,exporter,sector,value. May stand several times."),
    ] = None,
    members: Annotated[
        Path | None, typer.Option(help="Who is in the groups that are given preferences: csv group,country, or the workbook of WITS.")
    ] = None,
    json: Json = False,
) -> None:
    """Attach tariffs by importer, exporter and product to an economy."""
    with reported(json):
        from cge.data.economy import open_economy
        from cge.data.tariffs.attach import import_tariffs
        from cge.data.write import write_economy
        from cge.tell import terminal

        with terminal.waiting() as report:
            after = import_tariffs(
                open_economy(str(economy)),
                tables,
                concordance,
                average=average,
                missing=missing,
                inputs=inputs,
                unit=unit,
                year=year,
                layout=layout,
                weights=weights or None,
                members=members,
                report=report,
            )
        write_economy(after, out)
        say_all(str(after.data.attrs["tariffs"]).splitlines(), out, json)


@app.command()
def concordance(
    source: Annotated[
        str,
        typer.Argument(
            metavar="FROM", help="Classification (isic4, icio, figaro, wiod2016, gtap, exiobase3_ixi, eora26, gloria …) or economy."
        ),
    ],
    target: Annotated[str, typer.Argument(metavar="TO", help="Classification or economy.")],
    out: Annotated[Path | None, typer.Option("--out", help="Csv to write, from,to,weight,how: what --concordance takes.")] = None,
    json: Json = False,
) -> None:
    """Which codes of one classification are which of another, by divisions of ISIC: what is exact and what is spread."""
    with reported(json):
        from cge.data.correspondences import account, build
        from cge.data.files import formats
        from cge.data.files.single import replacing_file
        from cge.tell import terminal

        found = build(source, target)
        records = [{str(key): value for key, value in row.items()} for row in found.to_dict("records")]
        if out is not None:
            with replacing_file(out, ".csv") as fresh:
                formats.write_csv(found, fresh)
        lines = account(found, source, target)
        if json:
            typer.echo(formats.as_json({"rows": records, "account": lines, "file": None if out is None else str(out)}))
            return
        console = terminal.console()
        terminal.show_records(console, f"{source} to {target}", records)
        for line in [*lines, *([] if out is None else [f"Written: {out}"])]:
            terminal.say(console, line)


@app.command()
def factors(
    source: Annotated[Accounts, typer.Argument(metavar="SOURCE", help="wiod2013 | wiod2016 | pwt.")],
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The accounts: csv or Excel, for pwt also Stata.")],
    out: Annotated[Path, typer.Argument(metavar="OUT.csv", help="Table to write: factor_shares in a run file.")],
    year: Annotated[int | None, typer.Option(help="Needed where the file has several.")] = None,
    economy: Annotated[str | None, typer.Option(help="Keep its labels only, and say what of it has no accounts.")] = None,
    concordance: Annotated[Path | None, typer.Option(help="Csv from,to[,dim]: labels of the accounts → of the economy.")] = None,
    negative: Annotated[Negative, typer.Option(help="Negative payments: error, zero, or the shares of the country.")] = "refuse",
    missing: Annotated[Gaps, typer.Option(help="Cells without payments: left out, or averages.")] = "leave",
    json: Json = False,
) -> None:
    """Make a table of factor shares from published factor accounts."""
    with reported(json):
        from cge.data.economy import open_economy
        from cge.data.factors.accounts import factor_accounts
        from cge.data.files.formats import write_csv
        from cge.data.files.single import replacing_file

        of = None if economy is None else open_economy(economy)
        found = factor_accounts(source, path, year=year, economy=of, concordance=concordance, negative=negative, missing=missing)
        with replacing_file(out, ".csv") as fresh:
            write_csv(found.table, fresh)
        say_all(list(found.account), out, json)


def say_all(lines: list[str], out: Path, as_json: bool) -> None:
    """The account of a command that wrote one file."""
    from cge.data.files import formats
    from cge.tell import terminal

    if as_json:
        typer.echo(formats.as_json({"outcome": "written", "file": str(out), "account": lines}))
        return
    console = terminal.console()
    for line in [*lines, f"Written: {out}"]:
        terminal.say(console, line)
