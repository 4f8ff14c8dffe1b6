"""What the reader of a terminal sees of a question of rates: who sets what, what its own policy is worth to it, what it costs others."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from rich.console import Console

from cge.questions.policy.answer import Policy, summary
from cge.questions.policy.words import messages, sentence
from cge.results.welfare import groups_table
from cge.runfile.case import Case
from cge.tell.answer import told_of
from cge.tell.satellites import show_satellites
from cge.tell.terminal import add, plain_table, say, show_table, signed
from cge.tell.verdict import show_files, show_solved

FEW = 10
"""Others that are shown: those to whom it does most."""

MOST, ENDS = 25, 10
"""Players up to which all are shown; of more those at both ends."""

HIGHEST = 8
"""Rates that are shown of each player where one plays."""

COLUMNS = {
    "real_income_pct": "real\nincome %", "gain_from_policy_pp": "gain from\nown policy pp", "rate_median_pct": "median\nrate %",
    "rate_mean_weighted_pct": "mean rate\n(weighted) %", "revenue_share_pct": "revenue %\nof income", "epsilon_pp": "could\ngain pp",
}  # fmt: skip
"""Columns of players.csv that are shown."""


def show_policy(out: Console, found: Policy, case: Case, folder: Path) -> None:
    """All of an answer."""
    asked, answer = found.asked, found.answer
    say(out, case.title, "bold")
    for line in messages(asked, answer):
        say(out, f"Note: {line}", "yellow")
    show_players(out, found)
    show_others(out, found)
    show_rates(out, found)
    say(out, sentence(answer), "green")
    if "satellites" in found.tables:
        said = summary(found)
        show_satellites(out, said, found.tables, told_of(said, found.tables, answer.solution.benchmark))
    show_solved(out, answer.solution, asked.case)
    show_files(out, folder)


def show_players(out: Console, found: Policy) -> None:
    """Who sets what, and what it is worth; of an agreement against the fallback."""
    joint = found.answer.weights is not None
    heads = {**COLUMNS, "gain_from_policy_pp": "gain over\nfallback pp"} if joint else COLUMNS
    table = plain_table(["", *heads.values()], 1)
    players = found.tables["players"].sort_values("real_income_pct", kind="stable")
    few = found.tables["players"] if len(players) <= MOST else pd.concat([players.head(ENDS), players.tail(ENDS)])
    for row in few.to_dict("records"):
        add(table, [row["player"], *(signed(row[name]) if name != "epsilon_pp" else _small(row[name]) for name in heads)])
    if len(players) > MOST:
        say(out, f"The {ENDS} players that lose most and the {ENDS} that lose least of {len(players)}; players.csv has all.")
    title = {"war": "Cost of the war", "retaliate": "Those who answer", "agree": "The agreement", "revenue": "Most revenue"}
    show_table(out, title.get(str(found.asked.keys.question), "Best rates"), table)


def _small(value: float) -> str:
    """A gain that should be none."""
    return "–" if pd.isna(value) else "0" if value == 0 else f"{value:.0e}"


def show_others(out: Console, found: Policy) -> None:
    """What it does to the world and to those who do not play, those to whom it does most."""
    welfare, game = found.tables["welfare"], found.answer.points.game
    countries = found.answer.solution.benchmark.countries
    playing = {countries[place] for player in game.players for place in player.members}
    others = welfare[~welfare["country"].isin(playing)]
    shown = others.loc[others["real_income_pct"].abs().sort_values(ascending=False, kind="stable").index].head(FEW)
    table = plain_table(["", "real\nincome %"], 1)
    world = groups_table(found.answer.solution, {})
    for row in pd.concat([world, shown]).to_dict("records"):
        add(table, [row["country"], signed(row["real_income_pct"])])
    more = f", the {FEW} to whom it does most of {len(others)}" if len(others) > FEW else ""
    show_table(out, f"The world{f' and others{more}' if len(others) else ''}", table)


def show_rates(out: Console, found: Policy) -> None:
    """The highest rates of a player alone, by what tells them apart."""
    policy, tools = found.tables["policy"], found.answer.points.game.instruments
    keys = [*(["instrument"] if len(tools) > 1 else []), *(name for name in ("partner", "sector") if _differ(policy, name))]
    if len(found.tables["players"]) > 1 or not keys:
        return
    every = policy.assign(paid=policy["rate"] * policy["trade"]).groupby(keys, sort=False, observed=True)
    sums = every[["paid", "trade", "trade_benchmark"]].sum().reset_index().assign(rate=every["rate"].mean().to_numpy())
    table = plain_table([*keys, "rate %"], len(keys))
    for row in sums.sort_values("trade", ascending=False, kind="stable").head(HIGHEST).to_dict("records"):
        add(table, [*(row[key] for key in keys), f"{100 * row['rate']:.2f}"])
    show_table(
        out, f"Its rates on what it {' and '.join(tool.trades for tool in tools)} most of (all {len(sums)} are in policy.csv)", table
    )


def _differ(policy: pd.DataFrame, label: str) -> bool:
    """Whether rates differ by a label, all else the same."""
    other = "sector" if label == "partner" else "partner"
    return bool((policy.groupby(["instrument", other], sort=False)["rate"].agg(lambda rates: rates.max() - rates.min()) > 1e-9).any())
