"""What Newton's method may know of the model: the blocks of countries, and which equation defines which variable."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyomo.environ import Constraint

from cge.solve.levels.pyomo_model import Model
from cge.solve.nlp import Problem, Structure
from cge.solve.nlp.terms import Indices


def structure(model: Model, problem: Problem) -> Structure:
    """A block for every country, as in the names of variables and constraints; `defines` (see `Model`); and zero profits, which close entry."""
    number: dict[str, int] = {}

    def blocks(components: list[Any]) -> Indices:
        return np.array([number.setdefault(country(model, component), len(number)) for component in components])

    def paired(block: Any, names: dict[str, str]) -> Indices:
        """The variable of the same labels for every constraint of a block with one of these names, or −1."""
        pairs = np.full(len(problem.constraints), -1)
        for row, constraint in enumerate(problem.constraints):
            name, index = constraint.parent_component().local_name, constraint.index()
            if constraint.parent_block() is block and name in names and index in (variables := getattr(model.pyomo, names[name])):
                pairs[row] = place[id(variables[index])]
        return pairs

    place = {id(variable): k for k, variable in enumerate(problem.variables)}
    itself = {c.local_name: c.local_name for c in model.pyomo.defines.component_objects(Constraint)}
    defined, closed = paired(model.pyomo.defines, itself), paired(model.pyomo.closes, {"zero_profit": "entry"})
    return Structure(blocks(problem.constraints), blocks(problem.variables), defined, closed)


def country(model: Model, component: Any) -> str:
    """The country in the name of a variable or constraint; for the numeraire that of the market in whose place it stands."""
    if component.parent_component() is model.pyomo.closes.numeraire:
        return model.dropped[1]
    index = component.index()
    return str(index[0] if isinstance(index, tuple) else index)
