"""Pages of the reference that follow from the package itself: commands, keys of a run file, names."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from inspect import cleandoc

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from cge import names
from cge.runfile.keys.economy import EconomyKeys
from cge.runfile.keys.elasticities import ElasticityKeys
from cge.runfile.keys.questions import DrawKeys, PolicyKeys
from cge.runfile.keys.shocks import SHOCK_TABLES
from cge.runfile.keys.table import as_toml
from cge.runfile.keys.top import RunFile
from cge.runfile.scenarios import ScenarioKeys


def commands() -> str:
    """Every command with its arguments and options, by Typer itself."""
    line = [sys.executable, "-m", "typer", "cge.cli", "utils", "docs", "--name", "cge", "--title", "Commands"]
    return subprocess.run(line, check=True, capture_output=True, text=True, encoding="utf-8").stdout


TABLES: dict[str, tuple[str, type[BaseModel]]] = {
    "": ("At the top", RunFile),
    "economy = {…}": ("A published table in place of an economy file", EconomyKeys),
    "[elasticities]": ("Elasticities", ElasticityKeys),
    **{f"[[{word}]]": ("", table) for word, table in SHOCK_TABLES.items()},
    "[[scenario]]": ("", ScenarioKeys),
    "[sweep.draws]": ("", DrawKeys),
    "[policy]": ("", PolicyKeys),
}


def run_file() -> str:
    """Every key of a run file, table by table."""
    parts = [
        "# Keys of a run file\n\nKeys marked required must be given, and one of `economy` and `technology`. An entry of a selection that begins "
        "with `!` takes away, and `C*` is a pattern. Files are relative to the run file.\n"
    ]
    for head, (title, model) in TABLES.items():
        meaning = cleandoc(model.__doc__ or "").partition(": ")[2].strip()
        text = f"{meaning[:1].upper()}{meaning[1:]}\n\n" if head and meaning else ""
        parts.append(f"## {f'`{head}`' if head else title}\n\n{text}{key_table(model)}")
    return "\n".join(parts)


def key_table(model: type[BaseModel]) -> str:
    """Keys of one table."""
    rows = []
    for name, field in model.model_fields.items():
        default = "" if field.default is PydanticUndefined or field.default in (None, {}) else f"`{as_toml(field.default)}`"
        rows.append([f"`{name}`", field.title or "", field.description or "", "required" if field.is_required() else default])
    return markdown(["key", "decides", "to give", "default"], rows)


def words() -> str:
    """The words of code and files (`cge.names`)."""
    rows = [[f"`{n.word}`", n.symbol, ", ".join(n.dims), n.unit, n.meaning, n.alias] for n in names.NAMES]
    return "# Names\n\nThe words of code and files, with their symbol, and what the literature calls them.\n\n" + markdown(
        ["word", "symbol", "dims", "unit", "meaning", "elsewhere"], rows
    )


def markdown(header: list[str], rows: Iterable[list[str]]) -> str:
    """A table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(text.replace("|", "\\|").replace("*", "\\*") for text in row) + " |" for row in lines) + "\n"


PAGES = {"commands": commands, "run-file": run_file, "names": words}
"""By name."""
