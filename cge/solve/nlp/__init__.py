"""Any smooth Pyomo model to IPOPT, from pip wheels alone, with exact sparse first and second derivatives.

    problem = compile(model)    # reads expressions and parameters, once
    result = ipopt(problem)     # values, bounds, what is fixed and which constraints are active are read at every solve
    print(result.outcome)
    result.load()               # into the Pyomo variables

Nothing here knows of trade; it depends on `cge.errors` alone.
"""

from cge.solve.nlp.problem import Problem, compile
from cge.solve.nlp.solve import confirm, ipopt
from cge.solve.nlp.square import Structure, newton
from cge.solve.nlp.task import Result

__all__ = ["Problem", "Result", "Structure", "compile", "confirm", "ipopt", "newton"]
