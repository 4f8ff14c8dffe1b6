"""An output folder read back: what a report or a table for a paper is made of, without the run file or the economy at hand."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.data.csv import read_results
from cge.data.files.folder import MARKS, marked
from cge.errors import InputError
from cge.tell.question import Question, Results

SAID = (
    "model",
    "transfers",
    "method",
    "intermediates",
    "economy",
    "elasticities",
    "countries",
    "sectors",
    "run_file",
    "inputs",
    "versions",
)
"""Keys of every summary.json that reports and tables are made from."""


def open_results(folder: Path, questions: Sequence[Question]) -> Results:
    """Read an output folder.

    Args:
        questions: those whose folders are known.

    Raises:
        InputError: there is none, it is not one of this package, it holds no solution, or a part of it is missing or damaged.
    """
    summary = _summary(folder, questions)
    question = _question(folder, questions)
    try:
        _says(summary, question)
        results = (question.read or from_summary)(Results(folder, question, summary, _tables(folder)))
        _has_column(results)
    except (OSError, ValueError, KeyError, UnicodeDecodeError) as error:
        sentence = f"{folder}: cannot be read as the output of a {question.name} ({type(error).__name__}: {error}); make it again."
        raise InputError(sentence) from error
    return results


def _summary(folder: Path, questions: Sequence[Question]) -> dict[str, Any]:
    """summary.json of a folder that is ours and solved."""
    if not folder.is_dir():
        *most, last = (question.word for question in questions)
        raise InputError(f"{folder}: is not a folder. Give the output folder of cge {', '.join(most)} or {last}.")
    if not any(marked(folder / name) for name in MARKS):
        raise InputError(f"{folder}: is not an output folder of cge (no {' or '.join(MARKS)} of it).")
    if not marked(folder / "summary.json"):
        reason = json.loads((folder / "diagnosis.json").read_text(encoding="utf-8")).get("sentence", "")
        raise InputError(f"{folder}: holds no solution, so there is nothing to show. {reason}".strip())
    summary: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    if summary["outcome"] == "incomplete":
        raise InputError(f"{folder}: is not finished; the same command goes on where it stopped.")
    if summary["outcome"] != "solved":
        raise InputError(f"{folder}: nothing was solved ({summary['outcome']}).")
    return summary


def _question(folder: Path, questions: Sequence[Question]) -> Question:
    """What made a folder, from what it holds; every part of that is there."""
    question = next((one for one in questions if (folder / one.files[0]).exists()), None)
    if question is None:
        raise InputError(f"{folder}: is incomplete: none of {', '.join(one.files[0] for one in questions)} is there; make it again.")
    missing = [name for name in question.files if not (folder / name).exists()]
    if missing:
        raise InputError(f"{folder}: is incomplete: {', '.join(missing)} is missing; make it again.")
    return question


def _tables(folder: Path) -> dict[str, pd.DataFrame]:
    """The csv files of a folder that hold anything, but for flows.csv."""
    return {path.stem: read_results(path) for path in sorted(folder.glob("*.csv")) if path.stem != "flows" and path.stat().st_size > 1}


def _says(summary: Mapping[str, Any], question: Question) -> None:
    """ValueError where the summary lacks a key."""
    silent = [name for name in (*SAID, *question.says) if summary.get(name) is None]
    if silent:
        raise ValueError(f"summary.json does not say {', '.join(silent)}")


def _has_column(results: Results) -> None:
    """ValueError where the main table lacks its column."""
    column = results.question.column or results.question.leads
    if column not in results.table:
        raise ValueError(f"no column {column} in {results.question.table}.csv")


# --- for readers of their own --------------------------------------------------------------------------------------------------------


def from_summary(results: Results) -> Results:
    """With the countries of the main table, and with what summary.json keeps of run file and economy."""
    kept = results.summary
    economy = dict(kept.get("economy_attributes", {}))
    names = in_words(kept.get("names", {}))
    return replace(results, countries=every(results), run_file=str(kept.get("run_file_text", "")), economy=economy, **names)


def every(results: Results, labels: Iterable[object] | None = None) -> list[str]:
    """Labels of all countries (default: those of the main table), each once; ValueError where the summary counts others."""
    countries = list(dict.fromkeys(str(label) for label in (results.table["country"] if labels is None else labels)))
    if len(countries) != results.summary["countries"]:
        raise ValueError(f"{len(countries)} countries where summary.json has {results.summary['countries']}")
    return countries


def kept(attrs: Mapping[Any, Any]) -> dict[str, Any]:
    """Text of the run file, attributes of the economy, countries and sectors in words from attributes of an array file, as fields of `Results`."""
    names = json.loads(str(attrs.get("names", "{}")))
    economy = json.loads(str(attrs.get("economy", "{}")))
    return {"run_file": str(attrs.get("run_file", "")), "economy": economy, **in_words(names)}


def in_words(names: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of countries and sectors in words, as fields of `Results`."""
    return {"country_names": dict(names.get("country", {})), "sector_names": dict(names.get("sector", {}))}


def from_solution(results: Results) -> Results:
    """With what solution.nc holds of flows, sales, the economy and the run file."""
    from netCDF4 import Dataset  # alone: xarray would load dask to ask whether these arrays are its

    with Dataset(results.folder / "solution.nc") as root:
        root.set_auto_mask(False)
        benchmark, solution = root["benchmark"], root["solution"]
        return replace(
            results,
            countries=every(results),
            run_file=str(root.getncattr("run_file")),
            economy={name: benchmark.getncattr(name) for name in benchmark.ncattrs()},
            sector_names=_words(benchmark, "sector_name", "sector"),
            country_names=_words(benchmark, "country_name", "exporter"),
            sectors=tuple(map(str, benchmark["sector"][:])),
            flows=_pair(solution, "flow", ("sector", "exporter", "importer")),
            sales=_pair(solution, "sales", ("sector", "country")),
        )


def _pair(group: Any, name: str, dims: tuple[str, ...]) -> tuple[Array, Array]:
    """Benchmark and counterfactual of a variable, with its dims in this order."""
    before, after = (group[f"{name}{suffix}"] for suffix in ("_benchmark", ""))
    order = [before.dimensions.index(dim) for dim in dims]
    return np.asarray(before[:]).transpose(order), np.asarray(after[:]).transpose(order)


def _words(group: Any, name: str, dim: str) -> dict[str, str]:
    """Labels in words, as far as the economy says (`cge.data.economy.names_in`)."""
    if name not in group.variables:
        return {}
    return {str(label): str(word) for label, word in zip(group[dim][:], group[name][:], strict=True) if str(word).strip()}
