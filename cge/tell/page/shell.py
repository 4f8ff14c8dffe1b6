"""The page itself: a template filled with sentences and numbers, written under a temporary name."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cge.data.files.formats import as_line
from cge.data.files.single import replacing_file
from cge.tell.answer import limits_in_brief
from cge.tell.page import words
from cge.tell.page.data import payload
from cge.tell.question import Results

if TYPE_CHECKING:
    import jinja2

PARTS = files("cge.tell.page")

SHARED = ("draw.js", "charts.js", "tables.js", "page.js", "channels.js", "satellites.js", "sectors.js")
"""Scripts of every page, in this order: what it draws with, what is chosen, and sections that draw where the page has room for them."""


def write_report(results: Results, path: Path) -> None:
    """Write the page of an output folder as one file that needs no other.

    Raises:
        InputError: the file cannot be written.
    """
    with replacing_file(path, ".html") as fresh:
        fresh.write_text(page(results), encoding="utf-8")


def page(results: Results) -> str:
    """The page as HTML text; everything in it that was not written here is escaped."""
    sections, own = ("", "") if (parts := results.question.parts) is None else (_text(parts / name) for name in ("page.html", "page.js"))
    answer = results.question.answer(results)
    data = {**payload(results), "acts": None if answer is None else answer.who}
    return (
        templates({"sections.html": sections})
        .get_template("page.html")
        .render(
            **context(results),
            answer=answer,
            data=data,
            embedded=embedded(data),
            style=part("style.css"),
            script="\n".join([*map(part, SHARED), own, part("start.js")]),
        )
    )


def templates(own: Mapping[str, str]) -> jinja2.Environment:
    """Templates by name: a page's own, and those that pages share."""
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: own[name] if name in own else part(name)),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def context(results: Results) -> dict[str, Any]:
    """What the template names."""
    table = words.elasticity_table(results)
    return {
        "title": results.title,
        "brief": limits_in_brief(results.summary),
        "question": results.question.asks(results.run_file),
        "verdict": words.verdict(results),
        "setup": words.setup(results),
        "elasticities": [] if table is None else table.to_dict("records"),
        "treatments": words.treatments(results),
        "limits": words.limits(results),
        "reasons": results.summary.get("reasons", {}),
        "command": words.command(results),
        "run_file": results.run_file,
        "versions": words.versions(results),
        "checksums": words.checksums(results),
    }


def embedded(value: object) -> str:
    """JSON that cannot end the element it stands in, whatever the labels hold."""
    text = as_line(value)
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text


def part(name: str) -> str:
    """A file that pages share."""
    return _text(PARTS / name)


def _text(path: Traversable) -> str:
    return path.read_text(encoding="utf-8")
