"""Damaged copies of small files of tariffs: what goes wrong between a publisher and a user, one thing at a time, the same every time.

python tests/damaged_rates.py FOLDER      # writes them all
"""

from __future__ import annotations

import csv
import gzip
import io
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tariff_layouts import DUTIES, SCHEDULE

Rows = list[list[str]]


@dataclass(frozen=True)
class Damaged:
    """One damaged file.

    Attributes:
        layout: of `tariff_layouts.DUTIES`; kind: of `DAMAGES`; number: which of its kind. content: bytes.
        harmless: the rates are those of the whole file.
    """

    layout: str
    kind: str
    number: int
    content: bytes
    harmless: bool

    @property
    def name(self) -> str:
        return f"{self.layout}-{self.kind}-{self.number}.csv"


def table(text: str) -> tuple[Rows, str]:
    separator = "\t" if "\t" in text.splitlines()[0] else ","
    return list(csv.reader(io.StringIO(text), delimiter=separator)), separator


def written(rows: Rows, separator: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\n").writerows(rows)
    return out.getvalue()


def duty(rows: Rows) -> int:
    """The column of duties."""
    names = [name.lower().replace(" ", "").replace("_", "") for name in rows[0]]
    return next(names.index(name) for name in ("simpleaverage", "avdutyaverage", "adv", "value", "tariff") if name in names)


def labels(rows: Rows) -> list[int]:
    """Columns of importers and products, which the reader needs."""
    names = [name.lower().replace(" ", "").replace("_", "").replace("/", "") for name in rows[0]]
    wanted = (
        "reporter",
        "reporterison",
        "reportingeconomyiso3acode",
        "iso1",
        "importer",
        "product",
        "productcode",
        "productsectorcode",
        "sector",
    )
    return [names.index(name) for name in (*wanted, "hs62007", "hs2") if name in names]


def with_cell(rows: Rows, row: int, column: int, value: str) -> Rows:
    return [[value if (i, j) == (row, column) else cell for j, cell in enumerate(line)] for i, line in enumerate(rows)]


def of_rows(change: Callable[[Rows, random.Random], Rows]) -> Callable[[str, random.Random], bytes]:
    def damage(text: str, chance: random.Random) -> bytes:
        rows, separator = table(text)
        return written(change(rows, chance), separator).encode()

    return damage


def some_row(rows: Rows, chance: random.Random) -> int:
    return chance.randrange(1, len(rows))


def shuffled(rows: Rows, chance: random.Random) -> Rows:
    return [rows[0], *chance.sample(rows[1:], len(rows) - 1)]


def columns_shuffled(rows: Rows, chance: random.Random) -> Rows:
    order = chance.sample(range(len(rows[0])), len(rows[0]))
    return [[line[k] for k in order] for line in rows]


def renamed(rows: Rows, chance: random.Random) -> Rows:
    column = chance.choice([duty(rows), *labels(rows)])
    return with_cell(rows, 0, column, f"{rows[0][column]} of it")


def decimal_comma(text: str, _: random.Random) -> bytes:
    rows, _separator = table(text)
    return written([[cell.replace(".", ",") if cell.replace(".", "").isdigit() else cell for cell in line] for line in rows], ";").encode()


def cut(text: str, chance: random.Random) -> bytes:
    """In the middle of a line, before its last field."""
    lines = text.splitlines()
    last = chance.randrange(2, len(lines))
    return "\n".join([*lines[:last], lines[last][: len(lines[last]) // 3]]).encode()


def repeated(rows: Rows, chance: random.Random) -> Rows:
    row = some_row(rows, chance)
    return [*rows, rows[row]]


DAMAGES: dict[str, tuple[Callable[[str, random.Random], bytes], bool]] = {
    "cut": (cut, False),
    "shuffled": (of_rows(shuffled), True),
    "columns_shuffled": (of_rows(columns_shuffled), True),
    "renamed": (of_rows(renamed), False),
    "in_utf16": (lambda text, _: text.encode("utf-16"), True),
    "with_a_mark": (lambda text, _: text.encode("utf-8-sig"), True),
    "in_western_letters": (lambda text, _: text.replace("name", "n\u00e9m").encode("cp1252"), True),
    "in_gzip": (lambda text, _: gzip.compress(text.encode(), mtime=0), True),
    "cut_gzip": (lambda text, _: gzip.compress(text.encode(), mtime=0)[:60], False),
    "other_decimal": (decimal_comma, True),
    "separator_told": (lambda text, chance: b"sep=;\r\n" + decimal_comma(text, chance), True),
    "repeated": (of_rows(repeated), False),
    "header_alone": (of_rows(lambda rows, _: rows[:1]), False),
    "nothing": (lambda text, _: b"", False),
    "text": (of_rows(lambda rows, chance: with_cell(rows, some_row(rows, chance), duty(rows), "free")), False),
    "percent_sign": (of_rows(lambda rows, chance: with_cell(rows, some_row(rows, chance), duty(rows), "5 %")), False),
    "negative": (of_rows(lambda rows, chance: with_cell(rows, some_row(rows, chance), duty(rows), "-5")), False),
    "infinite": (of_rows(lambda rows, chance: with_cell(rows, some_row(rows, chance), duty(rows), "inf")), False),
    "nan": (of_rows(lambda rows, chance: with_cell(rows, some_row(rows, chance), duty(rows), "NaN")), False),
    "blank_duty": (of_rows(lambda rows, chance: with_cell(rows, some_row(rows, chance), duty(rows), "")), False),
    "blank_label": (of_rows(lambda rows, chance: with_cell(rows, some_row(rows, chance), chance.choice(labels(rows)), "")), False),
    "unknown_product": (of_rows(lambda rows, chance: with_cell(rows, some_row(rows, chance), labels(rows)[1], "777777")), False),
    "blank_line": (of_rows(lambda rows, chance: [*rows, []]), True),
    "short_line": (of_rows(lambda rows, chance: [*rows, rows[1][:2]]), False),
    "long_line": (of_rows(lambda rows, chance: [*rows, [*rows[1], "x"]]), False),
    "padded": (of_rows(lambda rows, _: [[f" {cell} " for cell in line] for line in rows]), True),
}  # fmt: skip
"""What can happen to a file, and whether its rates are still the same."""


def damaged(times: int = 2) -> Iterator[Damaged]:
    """Every damage of every layout, those that chance chooses a place for so many times."""
    for layout, (_, write) in DUTIES.items():
        text = write(SCHEDULE)
        for kind, (damage, harmless) in DAMAGES.items():
            seen = set()
            for number in range(times):
                content = damage(text, random.Random(f"{layout} {kind} {number}"))
                if content in seen or (layout in ("teti", "macmap", "macmap_aggregated") and kind == "in_western_letters"):
                    continue
                seen.add(content)
                yield Damaged(layout, kind, number, content, harmless)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for one in damaged():
        (folder / one.name).write_bytes(one.content)
