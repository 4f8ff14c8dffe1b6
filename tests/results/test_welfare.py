"""The columns of welfare.csv: one row each, from which headings, groups and the documentation follow."""

import re

import numpy as np
import pytest
from places import TOP

from cge.questions.solve import run
from cge.results.channels import CHANNELS, LINEAR
from cge.results.welfare import ADDITIVE, COLUMNS, EVERY, OF_GROUPS, TABLE, groups_table, welfare_table
from cge.tell.headings import HEADINGS, stacked


def test_channels_and_linear_terms_stand_in_the_table_in_their_order() -> None:
    names = [column.name for column in EVERY]
    assert [name for name in names if name in CHANNELS] == list(CHANNELS)
    assert [name for name in names if name in LINEAR] == list(LINEAR)
    assert {column.name for column in EVERY if column.unit.startswith("log")} == set(CHANNELS)


def test_every_column_has_a_heading_and_the_documentation_has_a_line_for_each() -> None:
    assert set(COLUMNS[1:]) <= set(HEADINGS)
    text = (TOP / "docs" / "reference" / "outputs.md").read_text(encoding="utf-8")
    table = text[text.index("| `country` |") :].partition("\n\n")[0]
    first_cells = " ".join(line.split("|")[1] for line in table.splitlines() if line.startswith("|"))
    assert re.findall(r"`([^`]+)`", first_cells) == [*COLUMNS, *(column.name for column in OF_GROUPS)]


def test_money_is_summed_over_a_group_and_the_rest_lies_between_its_members() -> None:
    solution = run("mini")
    countries, world = welfare_table(solution), groups_table(solution, {}).iloc[0]
    assert set(ADDITIVE) == {column.name for column in EVERY if column.unit == "money"}
    for column in TABLE:
        values = countries[column.name]
        if column.name in ADDITIVE:
            assert world[column.name] == pytest.approx(values.sum())
        elif np.isfinite(values).all():
            assert values.min() <= world[column.name] <= values.max()


def test_a_narrow_heading_has_two_lines() -> None:
    assert (stacked("income_over_cost_log"), stacked("market_log")) == ("income\nover cost", "\nmarket")
