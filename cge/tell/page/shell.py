"""The page itself: a template filled with sentences and numbers, written under a temporary name."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

from cge.data.files.formats import as_line
from cge.data.files.single import replacing_file
from cge.runfile.in_words import question
from cge.tell.folder import Results
from cge.tell.page import words
from cge.tell.page.data import payload

PARTS = files("cge.tell.page")


def write_report(found: Results, path: Path) -> None:
    """Write the page of an output folder as one file that needs no other.

    Raises:
        InputError: the file cannot be written.
    """
    with replacing_file(path, ".html") as fresh:
        fresh.write_text(page(found), encoding="utf-8")


def page(found: Results) -> str:
    """The page as HTML text; everything in it that was not written here is escaped."""
    import jinja2

    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(_part("page.html"))
    style, script = _part("style.css"), "\n".join(_part(name) for name in ("draw.js", "charts.js", "page.js"))
    return template.render(**context(found), style=style, script=script, data=embedded(payload(found)))


def context(found: Results) -> dict[str, Any]:
    """What the template names."""
    table = words.elasticity_table(found)
    return {
        "kind": found.kind,
        "title": found.title,
        "question": question(found.run_file, found.kind),
        "headline": words.headline(found),
        "verdict": words.verdict(found),
        "members": words.members(found),
        "setup": words.setup(found),
        "elasticities": [] if table is None else table.to_dict("records"),
        "treatments": words.treatments(found),
        "limits": words.limits(found),
        "reasons": found.summary.get("reasons", {}) if found.kind == "gains" else {},
        "has_channels": found.kind in ("run", "comparison"),
        "has_flows": found.flows is not None and len(found.countries) > 1,
        "has_factors": "factors" in found.tables,
        "has_firms": "firms" in found.tables,
        "variance": variance(found),
        "command": words.command(found),
        "run_file": found.run_file,
        "versions": words.versions(found),
        "checksums": words.checksums(found),
    }


MOST = 15
"""Rows of a table that summarises."""


def variance(found: Results) -> list[dict[str, Any]]:
    """The sectors whose elasticity explains most of the variance of real income, averaged over countries and combinations."""
    table = found.tables.get("variance")
    if table is None or table.empty:
        return []
    mean = table.groupby("sector", sort=False)["first_order"].mean().sort_values(ascending=False).head(MOST)
    return [{"sector": str(sector), "share": f"{100 * value:.1f} %"} for sector, value in mean.items()]


def embedded(value: object) -> str:
    """JSON that cannot end the element it stands in, whatever the labels hold."""
    text = as_line(value)
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text


def _part(name: str) -> str:
    """A file of the page."""
    return (PARTS / name).read_text(encoding="utf-8")
