"""The numbers of the page, small enough to be carried inside it: statistics by view, sales, flows packed in two bytes each, curves of a sweep."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.data.geography import centre, located, name_of, world
from cge.questions.run.page import firms
from cge.questions.sweep.page import curves, sweep_groups
from cge.runfile.in_words import spoken
from cge.tell.folder import Results
from cge.tell.headings import heading
from cge.tell.plot.style import DIVERGING
from cge.tell.plot.welfare import COLOURS, NOTHING
from cge.tell.plot.world import TOO_SMALL

LOG_STEP = 1e-3
"""Flows are kept as whole multiples of this in logs: to a tenth of a percent, which is what a reader of a tooltip can use."""

CHANGE_STEP = 1e-4
"""Changes of flows are kept as whole multiples of this in logs: to a hundredth of a percent."""

NEVER, GONE, NEW = -32768, -32767, 32767
"""Marks in place of a change: nothing before or after, nothing after, nothing before."""


MOST_CELLS = 700_000
"""Cells of flows that the page carries, four bytes each; of a larger economy the sectors that trade most."""


def payload(found: Results) -> dict[str, Any]:
    """Everything that the page's script draws, as plain values."""
    views = groups(found)
    every = [view["stats"] for group in views for view in group["views"]]
    leading = "gains_from_trade_pct" if found.kind == "gains" else "real_income_pct"
    moving = [key for key in dict.fromkeys(key for stats in every for key in stats) if any(moves(stats.get(key, [])) for stats in every)]
    keys = list(dict.fromkeys([leading, *moving]))  # what was asked for stands first, also where it is nothing
    return {
        "kind": found.kind,
        "countries": found.countries,
        "names": [name_of(label) for label in found.countries],
        "statistics": [{"key": key, "word": heading(key).word, "unit": heading(key).unit} for key in keys],
        "groups": views,
        "own": own(found),
        "aggregates": aggregates(found),
        "channels": [{"key": key, "word": heading(key).word, "colour": colour} for key, colour in COLOURS.items()],
        "unit": found.unit,
        "colours": DIVERGING,
        "map": map_of(found.countries),
        "sectors": list(found.sectors),
        "sectorNames": [found.sector_names.get(label, "") for label in found.sectors],
        "sales": None if found.sales is None else {"before": rounded(found.sales[0]), "after": rounded(found.sales[1])},
        "flows": None if found.flows is None else packed(*found.flows),
        "factors": factors(found),
        "firms": firms(found),
        "curves": curves(found) if found.kind == "sweep" else None,
    }


def rounded(values: Any) -> Any:
    """Numbers to six digits, None where not finite; lists as deep as the array."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim > 1:
        return [rounded(row) for row in array]
    return [float(f"{value:.6g}") if np.isfinite(value) else None for value in array.tolist()]


def moves(values: list[float | None]) -> bool:
    """Whether any number is more than what rounding leaves."""
    return any(value is not None and abs(value) > NOTHING for value in values)


# --- statistics ----------------------------------------------------------------------------------------------------------------------


def statistics(table: pd.DataFrame) -> dict[str, list[float | None]]:
    """Columns of numbers that are not empty, in their order."""
    return {str(name): rounded(table[name]) for name in table if pd.api.types.is_numeric_dtype(table[name]) and table[name].notna().any()}


def groups(found: Results) -> list[dict[str, Any]]:
    """What the selectors choose from: groups (scenarios of a sweep), each with views (models, quantiles), each with statistics by country."""
    if found.kind == "sweep":
        return sweep_groups(found)
    if found.kind == "comparison":
        return [{"name": "", "views": [{"name": n, "stats": s} for n, s in by_member(found.tables["comparison"]).items()]}]
    table = found.tables["welfare" if found.kind == "run" else "gains"]
    return [{"name": "", "views": [{"name": "", "stats": statistics(table)}]}]


def by_member(table: pd.DataFrame) -> dict[str, dict[str, list[float | None]]]:
    """Statistics of comparison.csv or comparison_groups.csv by member; a member that was refused has none."""
    order = list(dict.fromkeys(table["country"]))
    found = {}
    for member in dict.fromkeys(table["member"]):
        rows = table[table["member"] == member]
        names = list(dict.fromkeys(rows["statistic"]))
        found[spoken(str(member))] = statistics(
            rows.pivot(index="country", columns="statistic", values="value").reindex(index=order, columns=names)
        )
    return found


def own(found: Results) -> int:
    """Place of the run file's own model among the members of a comparison; zero for other kinds."""
    s = found.summary
    asked = tuple(s[name] for name in ("model", "transfers", "intermediates", "elasticities"))
    members = [tuple(m.get(name) for name in ("model", "transfers", "intermediates", "elasticities")) for m in s.get("members", [])]
    return members.index(asked) if asked in members else 0


def aggregates(found: Results) -> dict[str, Any] | None:
    """`World` and the groups of the run file, with the statistics of every view."""
    if found.kind == "run":
        table = found.tables["groups"]
        return {"labels": table["country"].tolist(), "views": [statistics(table)]}
    if found.kind == "comparison":
        table = found.tables["comparison_groups"]
        return {"labels": list(dict.fromkeys(table["country"])), "views": list(by_member(table).values())}
    return None


def factors(found: Results) -> dict[str, Any] | None:
    """Rows of factors.csv."""
    table = found.tables.get("factors")
    if table is None:
        return None
    stats = statistics(table)
    words = [{"key": key, "word": heading(key).word, "unit": heading(key).unit} for key in stats]
    return {"country": table["country"].tolist(), "factor": table["factor"].tolist(), "statistics": words, "stats": stats}


# --- map and flows -------------------------------------------------------------------------------------------------------------------


def map_of(labels: Iterable[str]) -> dict[str, Any] | None:
    """Shapes of the labels in their order, other land, and labels without a shape; None where no label names a country."""
    labels = list(labels)
    found, without = located(labels)
    if not found:
        return None
    shapes, middles = world().countries, {label: centre(world().countries[code]) for label, code in found.items()}
    small = {labels.index(label): [round(x), round(y)] for label, (x, y, size) in middles.items() if size < TOO_SMALL}
    other = "".join([*(shape for code, shape in shapes.items() if code not in found.values()), world().other])
    return {
        "box": world().box,
        "shapes": [[labels.index(label), shapes[code]] for label, code in found.items()],
        "small": small,
        "other": other,
        "without": without,
    }


def packed(before: Array, after: Array) -> dict[str, Any]:
    """Flows [sector, exporter, importer] as two-byte numbers in base64: benchmark in logs (0: nothing), change in logs, with marks.

    `sectors`: places of those that are kept; `appeared`: what flows where nothing did; `totals`: over all sectors.
    """
    whole = totals(before, after)
    traded = before.sum(axis=(1, 2)) - np.trace(before, axis1=1, axis2=2)
    kept = np.sort(np.argsort(-traded, kind="stable")[: max(MOST_CELLS // before[0].size, 1)])
    before, after = before[kept], after[kept]
    some, still = before > 0, after > 0
    low = float(np.log(before[some].min())) if some.any() else 0.0
    span = float(np.log(before[some].max())) - low if some.any() else 0.0
    step = max(LOG_STEP, span / 65000)
    level = np.where(some, 1 + np.rint((np.log(np.where(some, before, 1.0)) - low) / step), 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.rint(np.log(after / before) / CHANGE_STEP)
    change = np.where(some & still, np.clip(change, GONE + 1, NEW - 1), np.where(some, GONE, np.where(still, NEW, NEVER)))
    new = np.argwhere(still & ~some)
    return {
        "sectors": kept.tolist(),
        "level": encoded(level, "<u2"),
        "change": encoded(change, "<i2"),
        "low": low,
        "step": step,
        "changeStep": CHANGE_STEP,
        "never": NEVER,
        "gone": GONE,
        "new": NEW,
        "appeared": [[int(kept[s]), int(i), int(n), float(f"{after[s, i, n]:.6g}")] for s, i, n in new],
        "totals": whole,
    }


def totals(before: Array, after: Array) -> dict[str, Any]:
    """Flows over all sectors [exporter, importer], six digits."""
    return {"before": rounded(before.sum(axis=0)), "after": rounded(after.sum(axis=0))}


def encoded(values: Array, kind: str) -> str:
    """An array as base64."""
    return base64.b64encode(np.ascontiguousarray(values).astype(kind).tobytes()).decode("ascii")
