"""Columns of a long table: labels as positions among their distinct values, numbers from text. What is done for every row is done by arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cge.data.arrays import Array
from cge.data.labels import Mask
from cge.data.tariffs.items import Positions
from cge.data.tariffs.layouts import NOTHING


def distinct(column: pd.Series) -> tuple[list[str], Positions]:
    """The distinct labels of a column, as text without blanks around them, and the position of each row's among them [row]."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        names, code = column.cat.categories, column.cat.codes.to_numpy()
    else:
        code, names = pd.factorize(column)
    text = ["" if name is None or name != name else str(name).strip() for name in names]
    if (code < 0).any():
        text, code = [*text, ""], np.where(code < 0, len(text), code)
    once, first = np.unique(np.array(text, dtype=object), return_inverse=True)
    if len(once) == len(text):
        return text, np.asarray(code)
    return [str(name) for name in once], first[code]


def rows_of(column: pd.Series) -> pd.Series[int]:
    """How many rows have each of the labels of a column that stand in it."""
    names, code = distinct(column)
    count = pd.Series(np.bincount(code, minlength=len(names)), index=names)
    return count[count > 0]


def categories(names: Sequence[str], code: Positions, like: pd.Series) -> pd.Series:
    """A label column from its distinct values and the position of each row's among them [row]."""
    once = list(dict.fromkeys(names))
    if len(once) < len(names):
        place = {name: at for at, name in enumerate(once)}
        code = np.array([place[name] for name in names], dtype=np.intp)[code]
    return pd.Series(pd.Categorical.from_codes(code, categories=pd.Index(once, dtype="str")), index=like.index, name=like.name)


def stacked(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Tables one after the other, rows by their own index; a column that one lacks is empty there, labels stay categories."""
    if len(tables) == 1:
        return tables[0]
    index = pd.Index(np.concatenate([np.asarray(table.index) for table in tables]))
    return pd.DataFrame(
        {name: _joined(name, tables, index) for name in dict.fromkeys(str(name) for table in tables for name in table)}, copy=False
    )


def _joined(name: str, tables: Sequence[pd.DataFrame], index: pd.Index[int]) -> pd.Series:
    numeric = [name in table and table[name].dtype.kind == "f" for table in tables]
    parts = [table[name] if name in table else pd.Series(np.nan if any(numeric) else "", index=table.index) for table in tables]
    if any(numeric):
        return pd.Series(np.concatenate([part.to_numpy() for part in parts]), index=index)
    read = [distinct(part) for part in parts]
    place = {each: at for at, each in enumerate(dict.fromkeys(each for names, _ in read for each in names))}
    size = np.min_scalar_type(-max(1, len(place)))  # the fewest bytes, as rows are many
    code = [np.array([place[each] for each in names], dtype=size)[own] for names, own in read]
    return pd.Series(pd.Categorical.from_codes(np.concatenate(code), categories=pd.Index(list(place), dtype="str")), index=index, name=name)


def numbers(column: pd.Series) -> Array:
    """The numbers of a column [row]; NaN where there is text that is none."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return np.asarray(numbers(pd.Series(column.cat.categories)))[column.cat.codes.to_numpy()]
    if column.dtype.kind in "fiub":
        return column.to_numpy(float)
    try:
        text = pa.array(column, from_pandas=True)
        return np.array(pc.cast(text, pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):  # text that is no number, or a mixture of both
        code, names = pd.factorize(column)
        return np.append(pd.to_numeric(pd.Series(names, dtype=object), errors="coerce").to_numpy(float), np.nan)[code]


def shown(cell: Any) -> str:
    """A cell as it was written, for messages; never nan for one in which nothing stands."""
    return "(empty)" if pd.isna(cell) or not str(cell).strip() else repr(str(cell).removesuffix(".0"))


def numbers_or_nothing(column: pd.Series) -> tuple[Array, Mask]:
    """The numbers of a column [row], NaN where there is none, and in which rows nothing stands [row]."""
    found = numbers(column)
    lost = np.isnan(found)
    if lost.any() and column.dtype != found.dtype:
        lost[lost] = blank(column[lost], NOTHING)
    return found, lost


def trade_values(column: pd.Series) -> tuple[Array, list[str]]:
    """Values of trade [row], zero where nothing stands (NaN still where it does in every row), and in words how often that is."""
    found, lost = numbers_or_nothing(column)
    if lost.all() or not lost.any():
        return found, []
    return np.where(lost, 0.0, found), [f"{lost.sum()} rows have no {column.name}, which is read as no trade."]


def blank(column: pd.Series, words: frozenset[str]) -> npt.NDArray[np.bool_]:
    """Rows whose entry is one of the words that stand for nothing [row], in small letters."""
    names, code = distinct(column)
    return np.array([name.lower() in words for name in names], dtype=bool)[code]
