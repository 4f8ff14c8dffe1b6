"""A comparison as the instruments of telling know it: one view, one column and one figure for each model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from cge.questions.compare.first import opening
from cge.questions.compare.members import faults
from cge.runfile.in_words import TABLES, asked, changed, parsed, question, spoken
from cge.tell import plot
from cge.tell.answer import Answer
from cge.tell.folder import every, kept
from cge.tell.headings import titled
from cge.tell.page.figures import plain, world_map
from cge.tell.page.numbers import statistics
from cge.tell.page.words import of_solution, size
from cge.tell.paper.table import refuse_unknown
from cge.tell.question import SOLVED, Question, Results, Statistics, Verdict, Views, Wide

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def read(results: Results) -> Results:
    """With what comparison.nc keeps of run file and economy."""
    import xarray as xr

    with xr.open_dataset(results.folder / "comparison.nc", engine="netcdf4") as data:
        return replace(results, countries=every(results), **kept(data.attrs))


# --- its page ------------------------------------------------------------------------------------------------------------------------


def first(results: Results) -> Answer:
    """What a reader sees first."""
    return opening(results.told)


def asks(text: str) -> list[str]:
    """What the run file changes, what its scenarios add to that, and what each of its tables [[compare]] changes in its place."""
    found = question(text)
    table = parsed(text)
    groups = {"groups": table.get("groups", {})}
    for scenario in table.get("scenario", []):
        under = f", on top of {scenario['on_top_of']}" if "on_top_of" in scenario else ""
        found.append(f"Scenario {scenario.get('name')}{under}: {' '.join(changed({**groups, **scenario})) or 'no further shocks.'}")
    for place, member in enumerate(table.get("compare", []), start=1):
        if any(name in member for name in (*TABLES, "baseline")):
            label = member.get("label")
            found.append(
                f"Table {place} of [[compare]]{f' ({label})' if label else ''} instead: {' '.join(asked({**groups, **member})) or 'nothing.'}"
            )
    return found


def verdict(results: Results) -> Verdict:
    """How many models were solved, and each of them."""
    members = results.summary["members"]
    solved = sum(member["outcome"] == "solved" for member in members)
    kind = "members" if any(member.get("scenario") for member in members) else "models"
    headline = f"Solved and verified: {solved} of {len(members)} {kind}."
    several = len({tuple(member["changes"]) for member in members if "changes" in member}) > 1
    return Verdict(headline, of_solution(results).facts, tuple(_member(member, several) for member in members))


def _member(member: dict[str, Any], several: bool) -> dict[str, str]:
    """A member, with how it was solved or why it was not, and where members change `several` things with what it changes."""
    solved = member["outcome"] == "solved"
    return {
        "Model": spoken(str(member["name"])),
        **({"Changes": " ".join(member.get("changes", [])) or "nothing"} if several else {}),
        "Elasticities": str(member.get("elasticities", "")),
        "Inputs": "yes" if member["intermediates"] else "no",
        "Transfers": str(member["transfers"]),
        **({"Mobility": str(member["mobility"])} if member.get("mobility", "inf") != "inf" else {}),
        "Outcome": "solved" if solved else f"{member['outcome'].replace('_', ' ')}: {member['sentence']}",
        "Residual": size(member["residual"]) if solved else "",
        "Emptied": str(member["corners"]["emptied"]) if solved else "",
    }


def views(results: Results) -> Views:
    """A view for each model, that of the run file itself first."""
    groups = results.tables["comparison_groups"]
    together = by_member(groups)
    models = [{"name": name, "stats": stats, "together": together[name]} for name, stats in by_member(results.table).items()]
    kind = "Member" if any(member.get("scenario") for member in results.summary["members"]) else "Model"
    return Views([{"name": "", "views": models}], own(results), kind, list(dict.fromkeys(groups["country"])))


def by_member(table: pd.DataFrame) -> dict[str, Statistics]:
    """Statistics of comparison.csv or comparison_groups.csv by member; a member that was refused has none."""
    order = list(dict.fromkeys(table["country"]))
    found = {}
    for member in dict.fromkeys(table["member"]):
        rows = table[table["member"] == member]
        names = list(dict.fromkeys(rows["statistic"]))
        found[spoken(str(member))] = statistics(
            rows.pivot(index="country", columns="statistic", values="value").reindex(index=order, columns=names)
        )
    return found


def own(results: Results) -> int:
    """Place of the run file's own model among the members."""
    s = results.summary
    keys = ("model", "transfers", "intermediates", "elasticities", "mobility")
    asked = tuple(s.get(name) for name in keys)
    members = [tuple(m.get(name) for name in keys) for m in s["members"]]
    return members.index(asked) if asked in members else 0


# --- its figures and table -----------------------------------------------------------------------------------------------------------


def figures(results: Results) -> Iterator[tuple[str, Axes]]:
    """Welfare and a map for each model that was solved."""
    table, leads = results.table, COMPARISON.leads
    for number, member in enumerate(dict.fromkeys(table["member"]), start=1):
        rows = table[table["member"] == member]
        order = list(dict.fromkeys(rows["country"]))
        wide = rows.pivot(index="country", columns="statistic", values="value").reindex(order).reset_index()
        if wide[leads].notna().any():
            name, title = f"{number}_{plain(member)}", titled(results.heading(leads), results.unit)
            yield f"welfare_{name}", plot.welfare_bars(wide, names=results.names, most=results.chosen.rows)
            named = {"names": results.country_names, "attrs": results.economy}
            yield from world_map(wide, leads, f"{title}, {spoken(str(member))}", f"map_{name}", **named)


def wide(results: Results, wanted: list[str], asked: bool) -> Wide:
    """A column for each model, under each statistic."""
    table = pd.concat([results.table, results.tables["comparison_groups"]])
    refuse_unknown(results, wanted, list(dict.fromkeys(table["statistic"])))
    order = list(dict.fromkeys(table["country"]))
    columns = {}
    for name in wanted:
        words = results.heading(name)
        for member in dict.fromkeys(table["member"]):
            rows = table[(table["member"] == member) & (table["statistic"] == name)]
            if rows.empty:  # the run file itself has no difference
                continue
            word = f"{words.word}: {spoken(str(member))}" if len(wanted) > 1 else spoken(str(member))
            columns[word, words.unit] = rows.set_index("country")["value"].reindex(order)
    members = results.summary["members"]
    about = [f"{spoken(m['name'])}: {m.get('elasticities', m['outcome'])}, transfers {m['transfers']}" for m in members]
    return Wide(columns, about=f"Elasticities and transfers by model: {'; '.join(about)}")


COMPARISON = Question(
    "comparison",
    command="compare",
    files=("comparison.csv", "comparison_groups.csv", "comparison.nc"),
    column="statistic",
    says=(*SOLVED, "acting"),
    read=read,
    answer=first,
    asks=asks,
    verdict=verdict,
    views=views,
    parts=Path(__file__).parent,
    faults=faults,
    figures=figures,
    wide=wide,
)
