"""The command docs: the documentation, page by page, from what is installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from cge.cli.common import Json, app, reported

FOR_SPHINX = "{eval-rst}"
"""A page that holds this is made from docstrings, which `help` in Python prints."""


@app.command()
def docs(
    page: Annotated[str | None, typer.Argument(help="Page to print; all are listed where left out.")] = None, json: Json = False
) -> None:
    """Print a page of the documentation, or list them."""
    with reported(json):
        import re

        from cge.data.files import formats
        from cge.errors import InputError, nearest
        from cge.tell import terminal

        known = pages()
        if page is not None and page not in known:
            raise InputError(f"{page}: there is no such page.{nearest(page, known)} All are listed by: cge docs")
        if page is not None:
            text = re.sub(r"\{py:\w+\}", "", known[page]())
            typer.echo(formats.as_json({"page": page, "text": text}) if json else text)
            return
        found = [{"page": name, "title": title(text())} for name, text in known.items()]
        if json:
            typer.echo(formats.as_json(found))
        else:
            terminal.show_records(terminal.console(), "Pages: cge docs PAGE", found)


def pages() -> dict[str, Callable[[], str]]:
    """What makes the text of every page, by name: those that lead through the package, then the reference."""
    from cge.data import bundled
    from cge.tell.reference import PAGES

    found: dict[str, Callable[[], str]] = {}
    for name in bundled.names("docs"):
        text, short = bundled.find("docs", name).read_text(encoding="utf-8"), name.rpartition("/")[2]
        if FOR_SPHINX not in text and short not in PAGES:
            found[short] = lambda text=text: text  # type: ignore[misc]
    return found | PAGES


def title(text: str) -> str:
    """The first heading of a page."""
    return next(line.removeprefix("# ") for line in text.splitlines() if line.startswith("# "))
