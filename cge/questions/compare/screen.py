"""What the reader of a terminal sees of a comparison: who answered, real income and gains side by side, and what makes the difference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cge.data.text import counted
from cge.model.new_rates import new_rates
from cge.model.variants import VARIANTS
from cge.questions.compare.answer import Answer, Comparison, changes
from cge.questions.compare.beside import against, below, extra
from cge.questions.compare.first import opening
from cge.questions.policy.chosen import RATES
from cge.results.channels import CHANNELS
from cge.runfile.case import Case
from cge.runfile.scenarios import OWN
from cge.tell.answer import Told
from cge.tell.headings import BRIEF
from cge.tell.opening import show_answer, show_rates_and_limits
from cge.tell.provenance import notes, reference_notes
from cge.tell.terminal import add, number, plain_table, say, show_table, signed
from cge.tell.verdict import countries_shown, show_files

MOST = ("", "in the shock", "largest")
"""Countries whose channels are shown."""

WIDE = 6
"""Up to this many members stand in one table; more in one for every rule for transfers, with inputs and without."""


def show_comparison(out: Console, comparison: Comparison, case: Case, known: Told, folder: Path) -> None:
    """All of a comparison, in the order of its page: the answer, real income, gains from trade, what makes the difference, rates, limits, how every
    member was solved, files.
    """
    first = opening(known)
    show_answer(out, case.title, first)
    rows = {name: {label: known.labelled(label) for label in labels} for name, labels in rows_to_show(comparison).items()}
    for answers in blocks(comparison):
        show_real_income(out, comparison, answers, rows)
        show_rates(out, answers, known)
        show_gains(out, [answer for answer in answers if not _same_gains(answer, below(comparison, answer))], rows)
        for answer, other in [*added(comparison, answers), *steps(comparison, answers)]:
            show_difference(out, answer, other, {name: labels for name, labels in rows.items() if name in MOST})
    if sum(map(len, rows.values())) < len(case.countries):
        say(out, f"The other countries are in {folder / 'comparison.csv'}.")
    show_rates_and_limits(out, first, known.summary)
    size = f"{counted(len(case.countries), 'country', 'countries')} × {counted(len(case.sectors), 'sector')}"
    say(out, f"{size}, {case.economy_title}")
    show_changes(out, comparison)
    for note in remarks(comparison, case):
        say(out, f"Note: {note}", "yellow")
    show_members(out, comparison)
    show_files(out, folder)


def remarks(comparison: Comparison, case: Case) -> list[str]:
    """What the reader must know, once each: of the run file, elasticities, tariffs under each scenario, and of members that warn of something."""
    out = [*comparison.notes, *notes(comparison.solution, case)]
    for answer in comparison.answers:
        if answer.own and answer.scenario and answer.solution is not None:
            out += [f"{answer.scenario}: {line}" for line in new_rates(answer.solution.benchmark, answer.solution.shock) if line not in out]
    for answer in comparison.answers:
        if answer.solution is not None:
            out += [f"{answer.name}: {note}" for note in (*answer.solution.warnings, *reference_notes(answer.solution)) if note not in out]
    return out


def steps(comparison: Comparison, answers: list[Answer]) -> list[tuple[Answer, Answer]]:
    """Pairs of answers that one margin sets apart: links, entry, selection."""
    pairs = []
    for answer in answers:
        others = [o for o in against(comparison, answer).values() if o in answers and o.solution and answer.solution]
        # between these and the answer stands another
        more = [VARIANTS[other.model].fewer for other in others if other.model != answer.model]
        if answer.elasticity_rule == "same_elasticity":
            pairs += [(answer, other) for other in others if not any(other.model in fewer for fewer in more)]
    return pairs


def added(comparison: Comparison, answers: list[Answer]) -> list[tuple[Answer, Answer]]:
    """Pairs of answers that a scenario sets apart, under the model of its run file."""
    pairs = [(answer, below(comparison, answer)) for answer in answers if answer.own and answer.solution]
    return [(answer, other) for answer, other in pairs if other is not None and other.solution]


def show_members(out: Console, comparison: Comparison) -> None:
    """How every member was solved, or why it was not."""
    table = plain_table(["", "elasticities", "inputs", "transfers", "residual", "empty", "steps"], 4)
    for answer in comparison.answers:
        solution, elasticities = answer.solution, answer.case.elasticity_source if answer.case else ""
        links = "yes" if answer.intermediates else "no"
        figures = ["–"] * 3 if solution is None else [f"{solution.residual:.0e}", solution.corners["emptied"], solution.iterations]
        add(table, [answer.name, elasticities, links, answer.transfers, *figures])
    kind = "Scenarios" if comparison.under else "Models"
    show_table(out, f"{kind} (residual: largest of the original equations; empty: industries that vanish)", table)
    for answer in comparison.answers:
        if not answer.outcome.solved:
            say(out, f"{answer.name}: {answer.outcome.sentence}", "red")
        elif answer.solution is not None and answer.solution.stability is not None:
            one = answer.solution.stability
            say(out, f"{answer.name}: stability radius {one.radius:.4g}, critical scale {one.critical_scale:.4g}.")


def show_changes(out: Console, comparison: Comparison) -> None:
    """What every member changes, where they do not all change the same; of a scenario once, whoever answers."""
    several = bool(comparison.under)
    shown = [answer for answer in comparison.answers if answer.case is not None and (answer.own or not several)]
    found = {(answer.scenario or OWN) if several else answer.name: changes(answer) for answer in shown}
    if len({tuple(sentences) for sentences in found.values()}) > 1:
        for name, sentences in found.items():
            say(out, f"{name}: {' '.join(sentences) or 'Nothing changes.'}")


def rows_to_show(comparison: Comparison) -> dict[str, list[str]]:
    """Countries worth showing, by the reason why, from the answer of the run file itself, or of its first scenario where nothing happens without."""
    first = comparison.answers[comparison.own]
    if not any(first.countries["real_income_pct"]):
        first = next((one for one in comparison.answers if one.solution and any(one.countries["real_income_pct"])), first)
    assert first.solution is not None
    return {name: [str(country) for country in part["country"]] for name, part in countries_shown(first.solution, first.countries).items()}


def blocks(comparison: Comparison) -> list[list[Answer]]:
    """Members that stand in one table: those of a scenario, a rule for transfers, with inputs or without; lone ones in a row."""
    if len(comparison.answers) <= WIDE:
        return [comparison.answers]
    if len(comparison.answers) == len(comparison.under) + 1:
        return [comparison.answers[place : place + WIDE] for place in range(0, len(comparison.answers), WIDE)]
    parts: dict[tuple[str, str, bool, str], list[Answer]] = {}
    for answer in comparison.answers:
        parts.setdefault((answer.scenario, answer.transfers, answer.intermediates, answer.mobility), []).append(answer)
    return list(parts.values())


Column = Callable[[str], float]
"""A number for a country or a group."""

Rows = Mapping[str, Mapping[str, str]]
"""Countries by label, with what they are called, by the reason why they are shown."""


def column(answer: Answer, name: str) -> Column:
    """A statistic of an answer by country, or by group."""
    tables = [table for table in (answer.groups, answer.countries) if name in table]
    values = {label: value for table in tables for label, value in zip(table["country"], table[name], strict=True)}
    return lambda label: float(values.get(label, float("nan")))


def over(answer: Answer, other: Answer) -> Column:
    """Extra gain of an answer over another, percent."""
    labels = [*answer.groups["country"], *answer.countries["country"]]
    values = dict(zip(labels, [*extra(answer.groups, other.groups), *extra(answer.countries, other.countries)], strict=True))
    return lambda label: float(values.get(label, float("nan")))


def side_by_side(columns: Mapping[str, Column], rows: Rows, style: Callable[[float], str] = signed) -> Table:
    """A table of columns, country by country; a part with a name stands under it."""
    table = plain_table(["", *(name.replace(", ", "\n").replace(" over ", "\nover ").replace(" less ", "\nless ") for name in columns)], 1)
    for name, labels in rows.items():
        if name:
            table.add_row(Text(name, style="italic"))
        for label, word in labels.items():
            add(table, [word, *(style(value(label)) for value in columns.values())])
    return table


def show_real_income(out: Console, comparison: Comparison, answers: list[Answer], rows: Rows) -> None:
    """Real income under every member, and what models with more margins add."""
    columns = {answer.name: column(answer, "real_income_pct") for answer in answers}
    every = {**rows, "world and groups": {str(label): str(label) for label in answers[0].groups["country"]}}
    show_table(out, "Real income, change in %", side_by_side(columns, every))
    less = {
        f"{answer.name} less {other.name}": _less(column(answer, "real_income_pct"), column(other, "real_income_pct"))
        for answer in answers
        if (other := below(comparison, answer)) is not None
    }
    if less:
        show_table(out, "Difference of real income to what a scenario stands on, percentage points", side_by_side(less, every))
    more = {
        f"{answer.name} over {other.name}": over(answer, other)
        for answer in answers
        for other in against(comparison, answer).values()
        if other in answers
    }
    if more:
        show_table(out, "Extra gain: real income under the one over real income under the other, %", side_by_side(more, every))


def show_rates(out: Console, answers: list[Answer], known: Told) -> None:
    """Rates that players choose under every member, where the run file asks for any."""
    name = RATES[0]
    asked = {answer.name: column(answer, name) for answer in answers if name in answer.countries}
    labels = dict.fromkeys(label for answer in answers for label in answer.countries["country"])
    chosen = {label: known.labelled(label) for label in labels if any(isfinite(rate(label)) for rate in asked.values())}
    if chosen:
        table = side_by_side(asked, {"": chosen}, number)
        show_table(out, "Rates that are chosen: mean weighted by trade, %", table)


def _nothing(label: str) -> float:
    """A channel that an answer does not have."""
    return 0.0


def _less(one: Column, other: Column) -> Column:
    return lambda label: one(label) - other(label)


def _same_gains(answer: Answer, other: Answer | None) -> bool:
    """Whether a scenario has the gains from trade of what it stands on, as it does under the same model."""
    return other is not None and answer.countries["gains_from_trade_pct"].equals(other.countries["gains_from_trade_pct"])


def show_gains(out: Console, answers: list[Answer], rows: Rows) -> None:
    """Gains from trade under every member; no number where there is no autarky."""
    columns = {answer.name: column(answer, "gains_from_trade_pct") for answer in answers}
    if not columns:
        return
    show_table(out, "Gains from trade: real income that autarky would cost, %", side_by_side(columns, rows))
    for answer in answers:
        if answer.gains is not None and answer.gains.reasons:
            explosive = answer.countries[answer.countries["radius"] >= 1]
            kinds = {f"have no autarky (radius of the price map up to {number(explosive['radius'].max())})": len(explosive)}
            kinds["buy what they do not make"] = len(answer.gains.reasons) - len(explosive)
            counts = ", ".join(f"{count} {kind}" for kind, count in kinds.items() if count)
            say(
                out,
                f"{answer.name}: no number for {counted(len(answer.gains.reasons), 'country', 'countries')}: {counts}; `reasons` in summary.json.",
            )


def show_difference(out: Console, answer: Answer, other: Answer, rows: Rows) -> None:
    """The channels by which two answers differ, log points × 100; they add up to 100·ln of the ratio of real incomes."""
    columns: dict[str, Column] = {}
    for term in CHANNELS:
        if any(term in side.countries for side in (answer, other)):
            one, two = (column(side, term) if term in side.countries else _nothing for side in (answer, other))
            columns[BRIEF[term]] = _less(one, two)
    every = list(columns.values())
    columns = {"sum": lambda label: sum(value(label) for value in every), **columns}
    show_table(out, f"What makes the difference: {answer.name} less {other.name}, log points × 100", side_by_side(columns, rows))
