"""What a page may say, and what a worker is asked because of it: run files, and never anything else of what came."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from cge.explorer.ground import KINDS, Ground, every_group
from cge.explorer.inbox import Message
from cge.explorer.question import Fault, Finite, Invalid, Label, Labels, Measure, Question, Record, read_question
from cge.explorer.run_file import RunFile, run_file
from cge.questions.policy.asked import KINDS as POLICIES
from cge.tell.answer import WORLD

LARGEST = 65_536
"""Bytes of a message or of a body."""

Serial = Annotated[int, Field(ge=0, lt=2**53)]


class Said(Record):
    """A message of the page; `serial` comes back with every reply."""

    serial: Serial
    kind: str
    question: dict[str, Any] | None = None


class Ask(Said):
    """Solve."""


class Range(Said):
    """Real income along the values of a measure."""

    measure: Label
    low: Finite = Field(alias="from")
    high: Finite = Field(alias="to")
    steps: int = Field(41, ge=2, le=201)


class Draws(Said):
    """Bands from draws of the trade elasticity; `standard_error` in place of the published ones."""

    n: int = Field(64, ge=2, le=1000)
    seed: int = Field(0, ge=0, lt=2**31)
    standard_error: Annotated[float, Field(allow_inf_nan=False, gt=0)] | None = None


class Best(Said):
    """The best rate of who acts, one for all that a measure is laid on."""

    measure: Label


class War(Said):
    """What players choose: all at once (war), or in answer to the measures (retaliate)."""

    players: Labels
    answer: Literal["war", "retaliate"] = "retaliate"
    rates: Literal["free", "sector", "partner", "uniform"] = "uniform"


class Detail(Said):
    """More of one country of the last answer, of `World` or of a group of countries."""

    country: Label


class Stop(Said):
    """End what runs in the background."""


def read(ground: Ground, raw: Any) -> Message:
    """What a worker is asked by a message. Raises `Invalid`, with all faults."""
    kind = raw.get("kind") if isinstance(raw, dict) else None
    if not isinstance(kind, str) or kind not in MESSAGES:
        raise Invalid([Fault("", "kind", f"kind: give one of {', '.join(MESSAGES)}.")])
    record, make = MESSAGES[kind]
    try:
        said = record.model_validate(raw)
    except ValidationError as error:
        raise Invalid([Fault("", str(one["loc"][-1]), f"{one['loc'][-1]}: {one['msg']}.") for one in error.errors()]) from error
    return {"kind": kind, "serial": said.serial, **make(ground, said)}


def solvable(found: RunFile) -> Message:
    """A run file as a worker takes it."""
    return {"text": found.text, "places": found.places}


def _ask(ground: Ground, said: Ask) -> Message:
    return solvable(run_file(ground, read_question(said.question)))


def _range(ground: Ground, said: Range) -> Message:
    """A sweep over the value of a measure; an answer in kind moves with it."""
    question = read_question(said.question)
    measure = _measure(question, said.measure)
    entries = run_file(ground, question).places[measure.kind]
    keys = "|".join(f"{measure.kind}[{place}].{measure.how}" for place, name in enumerate(entries) if name == measure.id)
    sweep = {keys: {"from": said.low, "to": said.high, "steps": said.steps}}
    return {"measure": said.measure, **solvable(run_file(ground, question, {"sweep": sweep}))}


def _draws(ground: Ground, said: Draws) -> Message:
    errors = {} if said.standard_error is None else {"standard_error": said.standard_error}
    draws = {"n": said.n, "seed": said.seed, **errors}
    return solvable(run_file(ground, read_question(said.question), {"sweep": {"draws": draws}}))


def _best(ground: Ground, said: Best) -> Message:
    question = read_question(said.question)
    measure = _measure(question, said.measure)
    if measure.kind not in INSTRUMENTS:
        raise Invalid([Fault(measure.id, "kind", "a trade cost is nobody's choice: the best rate is that of a tariff or an export tax.")])
    if len(measure.actor) != 1:
        raise Invalid([Fault(measure.id, "actor", "one country or group chooses: name one, or a group.")])
    policy = {
        "question": "best",
        "player": measure.actor[0],
        "rates": "uniform",
        "sectors": measure.sector,
        "partners": measure.partner,
        "instrument": measure.kind,
    }
    return {"measure": measure.id, **solvable(run_file(ground, question, {"policy": policy}))}


def _war(ground: Ground, said: War) -> Message:
    assert POLICIES[said.answer].several
    policy = {"question": said.answer, "players": said.players, "rates": said.rates}
    return solvable(run_file(ground, read_question(said.question), {"policy": policy}))


def _detail(ground: Ground, said: Detail) -> Message:
    groups = [name for kind, name, _ in every_group(ground) if kind == "country"]
    if said.country not in (*ground.case.countries, WORLD, *groups):
        raise Invalid([Fault("", "country", f"no country and no group {said.country}.")])
    return {"country": said.country}


def _stop(ground: Ground, said: Stop) -> Message:
    return {}


INSTRUMENTS = tuple(name for name in KINDS if name != "iceberg")
"""Measures that are rates which somebody chooses."""

MESSAGES: dict[str, tuple[type[Said], Callable[[Ground, Any], Message]]] = {
    "ask": (Ask, _ask),
    "range": (Range, _range),
    "draws": (Draws, _draws),
    "best": (Best, _best),
    "war": (War, _war),
    "detail": (Detail, _detail),
    "stop": (Stop, _stop),
}
"""What a page may say, with what it becomes."""


def _measure(question: Question, name: str) -> Measure:
    """The measure of this id. Raises `Invalid`."""
    found = next((one for one in question.measures if one.id == name and isinstance(one, Measure)), None)
    if found is None:
        raise Invalid([Fault(name, "measure", "measure: the question has no measure of this id.")])
    return found
