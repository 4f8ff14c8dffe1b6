"""A question as data: what the page asks and what a link carries."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cge.data.elasticities import set_names
from cge.errors import nearest
from cge.model.parameters import PARAMETERS
from cge.model.transfers import Transfers
from cge.model.variants import Model

MOST_MEASURES, MOST_LABELS, LONGEST = 40, 300, 200
"""What a question may hold: measures, labels on a side of one, characters of a label."""

Label = Annotated[str, Field(min_length=1, max_length=LONGEST)]
Labels = Annotated[list[Label], Field(min_length=1, max_length=MOST_LABELS)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class Record(BaseModel):
    """A part of a question; unknown keys and values of another type are faults."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Measure(Record):
    """A tariff, a trade cost (`iceberg`) or an export tax.

    Attributes:
        id: by which the page knows it; actor, partner, sector: labels, groups and patterns as in a run file; how, value: what becomes of the rate
            (0.1 is 10 %) or cost; answered: whether partners lay the same on the actor's goods.
    """

    id: Label
    kind: Literal["tariff", "iceberg", "export_tax"]
    actor: Labels
    partner: Labels
    sector: Labels
    how: Literal["add", "set", "times"]
    value: Finite
    answered: bool = False


class Kept(Record):
    """An entry of the run file that was opened which is no measure (rates in a file, productivity): the place in `Ground.kept`."""

    id: Label
    kind: Literal["kept"]
    number: int = Field(ge=0)


class Elasticity(Record):
    """The trade elasticity: a number, a set that comes with the package, or what the run file that was opened says."""

    trade: Annotated[float, Field(allow_inf_nan=False, gt=0)] | None = None
    set: str | None = None
    kept: bool = False


class Question(Record):
    """What is asked. `parameters`: what stands beside the trade elasticity (sigma, demand, …), numbers or names; `scale`: None for the model's."""

    measures: list[Annotated[Measure | Kept, Field(discriminator="kind")]] = Field(max_length=MOST_MEASURES)
    model: Model
    intermediates: bool
    elasticity: Elasticity
    parameters: dict[str, Finite | Label] = {}
    transfers: Transfers
    scale: Finite | None = None


class Fault(NamedTuple):
    """What is wrong with a question: which measure (its id, empty for none), which key, and a sentence."""

    measure: str
    key: str
    text: str


class Invalid(Exception):
    """A question with faults, all of them."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("; ".join(fault.text for fault in faults))

    @property
    def told(self) -> dict[str, Any]:
        """As a page is told."""
        return {"outcome": "invalid", "faults": [fault._asdict() for fault in self.faults]}


def read_question(raw: Any) -> Question:
    """The question in what came from the page. Raises `Invalid`."""
    try:
        question = Question.model_validate(raw)
    except ValidationError as error:
        raise Invalid([_fault(raw, detail["loc"], detail["msg"]) for detail in error.errors()]) from error
    faults = list(_elasticity_faults(question.elasticity))
    faults += [fault for name, value in question.parameters.items() for fault in _parameter_faults(name, value)]
    ids = [measure.id for measure in question.measures]
    faults += [Fault(one, "id", f"measures: two of them have the id {one}.") for one in sorted({one for one in ids if ids.count(one) > 1})]
    if faults:
        raise Invalid(faults)
    return question


def parsed(text: str | bytes) -> Any:
    """JSON; numbers that JSON does not know are faults. Raises `Invalid`."""
    try:
        return json.loads(text, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise Invalid([Fault("", "", f"what came is not JSON: {error}.")]) from error


def _refused(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _fault(raw: Any, place: tuple[int | str, ...], text: str) -> Fault:
    """A fault at a place of the question."""
    where = ".".join(str(part) for part in place if part not in ("tariff", "iceberg", "export_tax", "kept"))
    return Fault(_id_at(raw, place), str(place[-1]) if place else "", f"{where or 'question'}: {text}.")


def _id_at(raw: Any, place: tuple[int | str, ...]) -> str:
    """The id of the measure at a place of what came; empty where there is none."""
    if len(place) < 2 or place[0] != "measures" or not isinstance(place[1], int):
        return ""
    measure = raw["measures"][place[1]]
    return str(measure.get("id", ""))[:LONGEST] if isinstance(measure, dict) else ""


def _parameter_faults(name: str, value: float | str) -> list[Fault]:
    if name not in PARAMETERS or name == "trade":
        return [Fault("", name, f"parameters.{name}: is no parameter.{nearest(name, PARAMETERS)}")]
    named = PARAMETERS[name].names
    allowed = f"one of {', '.join(named)}" if named else "a number"
    if value not in named if named else isinstance(value, str):
        return [Fault("", name, f"parameters.{name}: {value} is not allowed. Give {allowed}.")]
    return []


def _elasticity_faults(given: Elasticity) -> list[Fault]:
    said = [given.trade is not None, given.set is not None, given.kept]
    if sum(said) != 1:
        return [Fault("", "elasticity", "elasticity: give exactly one of trade, set, kept.")]
    if given.set is not None and given.set not in set_names():  # the name of a set, and never that of a file
        return [Fault("", "elasticity", f"elasticity.set: no set of this name comes with the package.{nearest(given.set, set_names())}")]
    return []
