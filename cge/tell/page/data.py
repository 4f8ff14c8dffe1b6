"""What the page's script draws, small enough to be carried inside the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cge.data.geography import centre, located, world
from cge.tell.headings import titled
from cge.tell.page.numbers import moves, statistics
from cge.tell.plot.style import DIVERGING, DIVERGING_DARK
from cge.tell.plot.welfare import COLOURS
from cge.tell.plot.world import TOO_SMALL
from cge.tell.question import Results, Views


def payload(results: Results) -> dict[str, Any]:
    """Everything that the page's script draws, as plain values: what every question has, and what this one adds."""
    groups, first, chooser, aggregates = (results.question.views or by_country)(results)
    every = [view["stats"] for group in groups for view in group["views"]]
    moving = [key for key in dict.fromkeys(key for stats in every for key in stats) if any(moves(stats.get(key, [])) for stats in every)]
    keys = list(dict.fromkeys([results.question.leads, *moving]))  # what was asked for stands first, also where it is nothing
    return {
        "countries": results.countries,
        "names": list(results.names.values()),
        "statistics": [statistic(results, key) for key in keys],
        "groups": groups,
        "first": first,
        "chooser": chooser,
        "aggregates": list(aggregates),
        "channels": [{"key": key, "word": results.heading(key).word, "colour": colour} for key, colour in COLOURS.items()],
        "unit": results.unit,
        "colours": DIVERGING,
        "coloursDark": DIVERGING_DARK,
        "map": map_of(results.countries, results.country_names, results.economy),
        **results.question.payload(results),
    }


def statistic(results: Results, key: str) -> dict[str, str]:
    """A statistic in words: for the head of a column, and with its unit as a title."""
    heading = results.heading(key)
    return {"key": key, "word": heading.word, "unit": heading.unit, "title": titled(heading, results.unit)}


def by_country(results: Results) -> Views:
    """The main table, and `World` and the groups of the run file where there is a table of them."""
    groups = results.tables.get("groups")
    view = {"name": "", "stats": statistics(results.table), "together": {} if groups is None else statistics(groups)}
    return Views([{"name": "", "views": [view]}], aggregates=() if groups is None else groups["country"].tolist())


def map_of(labels: Iterable[str], names: Mapping[str, str], attrs: Mapping[str, Any]) -> dict[str, Any] | None:
    """Shapes of the labels in their order, other land, and labels without a shape; None where no label, nor its name, nor a member of it, names a
    country.
    """
    labels = list(labels)
    found, without = located(labels, names, attrs)
    if not found:
        return None
    shapes, taken = world().countries, {code for codes in found.values() for code in codes}
    drawn = {label: "".join(shapes[code] for code in codes) for label, codes in found.items()}
    middles = {label: centre(shape) for label, shape in drawn.items()}
    small = {labels.index(label): [round(x), round(y)] for label, (x, y, size) in middles.items() if size < TOO_SMALL}
    other = "".join([*(shape for code, shape in shapes.items() if code not in taken), world().other])
    return {
        "box": world().box,
        "shapes": [[labels.index(label), shape] for label, shape in drawn.items()],
        "small": small,
        "other": other,
        "without": without,
    }
