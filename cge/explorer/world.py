"""What a page must know before it asks: labels and groups in words, models, sets of elasticities, the map, the first question."""

from __future__ import annotations

from typing import Any

from cge.data.economy import names_in
from cge.data.elasticities import chosen, set_names
from cge.data.geography import name_of
from cge.errors import InputError
from cge.explorer.ground import Ground, every_group
from cge.explorer.question import LONGEST, MOST_LABELS, MOST_MEASURES
from cge.model.parameters import PARAMETERS
from cge.model.transfers import TRANSFER_RULES
from cge.model.variants import VARIANTS, missing
from cge.results.welfare import FURTHER, TABLE
from cge.solve.levels.world import World
from cge.tell.headings import heading, titled
from cge.tell.page.data import map_of
from cge.tell.plot.style import DIVERGING, DIVERGING_DARK
from cge.tell.plot.welfare import COLOURS

LIMITS = {"tariff": [0.0, 1.0], "export_tax": [0.0, 1.0], "iceberg": [0.7, 2.0]}
"""What sliders go through; numbers beside them may be larger."""


def world(ground: Ground) -> dict[str, Any]:
    """The world of a page, as plain values."""
    case = ground.case
    data = None if isinstance(case.start, World) else case.start.benchmark.data
    countries, sectors = ({}, {}) if data is None else (names_in(data), names_in(data, "sector"))
    unit = str(case.attrs.get("unit", "money of the economy"))
    groups = list(every_group(ground))
    return {
        "title": case.title,
        "economy": case.economy_title,
        "year": str(case.attrs.get("year", "")),
        "unit": unit,
        "linked": case.start.linked,
        "countries": [{"code": label, "name": countries.get(label) or name_of(label)} for label in case.countries],
        "sectors": [{"code": label, "name": sectors.get(label) or label} for label in case.sectors],
        **{
            f"{kind}_groups": {name: {"word": name, "members": members} for of, name, members in groups if of == kind}
            for kind in ("country", "sector")
        },
        "elasticity_sets": [_set(name, case.sectors) for name in set_names()],
        "elasticity_kept": _kept(ground),
        "parameters": [
            {"name": name, "word": PARAMETERS[name].title, "above": _above(name), "names": list(PARAMETERS[name].names)}
            for name in PARAMETERS
            if name != "trade"
        ],
        "models": [_model(name, case.start.linked) for name in VARIANTS],
        "transfers": [{"name": rule.name, "word": rule.words} for rule in TRANSFER_RULES.values()],
        "map": map_of(case.countries, countries, case.attrs),
        "colours": DIVERGING,
        "coloursDark": DIVERGING_DARK,
        "channels": [{"key": key, "word": heading(key).word, "colour": colour} for key, colour in COLOURS.items()],
        "statistics": [
            {
                "key": column.name,
                "word": heading(column.name).word,
                "unit": heading(column.name).unit,
                "title": titled(heading(column.name), unit),
            }
            for column in (*TABLE, *FURTHER)
        ],
        "limits": {**LIMITS, "measures": MOST_MEASURES, "labels": MOST_LABELS, "length": LONGEST},
        "kept": ground.kept_in_words(),
        "notes": list(ground.notes),
        "start": ground.start.model_dump(mode="json"),
    }


def _model(name: str, linked: bool) -> dict[str, Any]:
    """A model in words, with the parameters that it uses and, with one number for trade alone, lacks."""
    variant = VARIANTS[name]
    return {
        "name": name,
        "word": variant.words,
        "uses": [parameter for parameter in variant.uses if parameter != "trade"],
        "lacks": missing(name, ["trade"]),
        "scales": variant.scales,
        "usable": True,
        "why": UNSTABLE if variant.scales and linked else "",
    }


UNSTABLE = "With inputs and free entry the benchmark may be unstable, and is then refused: leave the inputs out, or give a lower scale."
"""What is to be known of a model in which industries have a scale."""


def _set(name: str, sectors: list[str]) -> dict[str, Any]:
    """A set of elasticities: whether every sector has an estimate, and whether there are standard errors to draw from."""
    from pathlib import Path

    from cge.data.elasticities import match

    try:
        matched = match(chosen(name, Path()), sectors)
    except InputError as error:
        return {"name": name, "word": _in_words(name), "usable": False, "draws": False, "why": " ".join(error.faults)}
    without = [str(label) for label in matched.index[matched["trade"].isna()]]
    why = f"no estimate for {', '.join(without[:8])}{' and more' if len(without) > 8 else ''}" if without else ""
    return {
        "name": name,
        "word": _in_words(name),
        "usable": not without,
        "draws": bool(matched["standard_error"].notna().any()),
        "why": why,
    }


def _in_words(name: str) -> str:
    """The authors and the year."""
    return " ".join(part.capitalize() for part in name.split("_"))


def _kept(ground: Ground) -> str | None:
    """What the run file says of the trade elasticity, where that is neither a number nor a set that comes with the package."""
    return ground.case.elasticity_source if ground.start.elasticity.kept else None


def _above(name: str) -> float | None:
    """What a parameter exceeds under every model."""
    low = PARAMETERS[name].above
    return None if low == float("-inf") else low
