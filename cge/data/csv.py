"""Csv read as text, so that labels stay what they are."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from pathlib import Path

import pandas as pd

from cge.errors import DataError

Read = Callable[[Path], bytes]
"""How the bytes of a file are come by: `Path.read_bytes`, or what also notes their checksum."""


def read_csv(path: Path, header: Iterable[str], read: Read | None = None) -> pd.DataFrame:
    """A csv file as text without blanks around it, so that labels stay what they are (a country may be called NA).

    Args:
        header: columns that it must have; read: how its bytes are come by (None: as pandas does, which unpacks archives).

    Raises:
        DataError: it cannot be read, or lacks a column.
    """
    columns = list(header)
    try:
        table = pd.read_csv(path if read is None else io.BytesIO(read(path)), dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read as csv ({error}).") from error
    absent = [column for column in columns if column not in table]
    if absent:
        raise DataError(f"{path}: no column {', '.join(absent)}; the header is {','.join(columns)}.")
    return pd.DataFrame({column: table[column].fillna("").str.strip() for column in table})
