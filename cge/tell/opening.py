"""The first screen on a terminal, in the order of the page: title, sentence, four numbers; and what stands below the tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from cge.tell.answer import Answer, limits_in_brief
from cge.tell.rates import RateTable
from cge.tell.terminal import add, plain_table, say, show_table


def show_answer(out: Console, title: str, answer: Answer) -> None:
    """Title, the sentence, its four numbers."""
    say(out, title, "bold")
    say(out, answer.sentence)
    out.print()
    for tile in answer.tiles:
        say(out, f"{tile.word}: {tile.value}{f' ({tile.note})' if tile.note else ''}")


def show_rates_and_limits(out: Console, answer: Answer, summary: Mapping[str, Any]) -> None:
    """The rates that were imposed, and what the numbers cannot tell."""
    for rates in answer.rates:
        show_rates(out, rates)
    out.print()
    for line in limits_in_brief(summary):
        say(out, line)


def show_rates(out: Console, rates: RateTable) -> None:
    """Tariffs that were imposed."""
    table = plain_table(["", *rates.columns], 1)
    for partner, cells in rates.rows:
        add(table, [partner, *cells])
    show_table(out, rates.title, table)
