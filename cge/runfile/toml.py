"""A run file as a table: found by path or name, read as TOML."""

from __future__ import annotations

import io
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cge.data import bundled
from cge.data.csv import Read
from cge.errors import RunFileError, nearest


def locate(path: Path) -> Path:
    """The run file of a path; where there is none and the path is a bare name, the bundled one of this name.

    Raises:
        RunFileError: neither exists; the nearest file is named.
    """
    if path.exists():
        return path
    known = bundled.names("runs") if path.parent == Path() else []
    if path.name.removesuffix(".toml") in known:
        return bundled.find("runs", path.name)
    raise RunFileError(f"{path}: no such run file.{near(path, '.toml', known=known)}")


def parse(path: Path, read: Read = Path.read_bytes) -> tuple[dict[str, Any], str]:
    """The table and the text of a TOML file; `read` says how its bytes are come by. `RunFileError` where it is not one."""
    try:
        text = io.TextIOWrapper(io.BytesIO(read(path)), encoding="utf-8").read()
        return tomllib.loads(text), text
    except tomllib.TOMLDecodeError as error:
        raise RunFileError(f"{path}: is not TOML: {error}. Text stands in quotes, and every key has a value.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise RunFileError(f"{path}: cannot be read as text in UTF-8 ({error}).") from error


def written(table: Mapping[str, Any]) -> str:
    """The text of a TOML file with this table: keys first, then tables under their names."""
    lists = {
        key: value for key, value in table.items() if isinstance(value, list) and value and all(isinstance(row, dict) for row in value)
    }
    parts = {key: value for key, value in table.items() if isinstance(value, dict)}
    lines = [f"{_key(key)} = {_value(value)}" for key, value in table.items() if key not in lists and key not in parts]
    for head, rows in [*((f"[{_key(key)}]", [part]) for key, part in parts.items()), *((f"[[{_key(key)}]]", lists[key]) for key in lists)]:
        for row in rows:
            lines += ["", head, *(f"{_key(key)} = {_value(value)}" for key, value in row.items())]
    return "\n".join(lines) + "\n"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _value(name)


def _value(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # a string of JSON, but for what TOML forbids
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)} = {_value(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def near(path: Path, *suffixes: str, known: Iterable[str] = (), but: str = "") -> str:
    """The hint at the file of these kinds in the same folder, or the `known` name, that was perhaps meant; never at the file `but`."""
    siblings = [p.name for p in path.parent.iterdir() if p.suffix in suffixes and p.name != but] if path.parent.is_dir() else []
    return nearest(path.name, [*known, *siblings])
