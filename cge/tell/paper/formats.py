"""How a table for a paper is written: LaTeX, Markdown, csv, Excel."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

from cge.errors import InputError
from cge.tell.paper.table import Paper

FORMATS = ("latex", "markdown", "csv", "xlsx")


SUFFIXES = {".tex": "latex", ".md": "markdown", ".csv": "csv", ".xlsx": "xlsx"}
"""Formats by the ending of a file's name."""


def form_of(form: str | None, out: Path | None, quiet: bool = False) -> str:
    """The format that is asked for: by name, by the ending of the file, else Markdown.

    Args:
        quiet: nothing is printed, so that a workbook needs no file.

    Raises:
        InputError: a workbook without a file to go to.
    """
    found = str(form) if form else SUFFIXES.get(out.suffix.lower() if out else "", "markdown")
    if found == "xlsx" and out is None and not quiet:
        raise InputError("format: a workbook cannot be printed; give a file with --out table.xlsx.")
    return found


def written(table: Paper, form: str) -> bytes:
    """The table as the bytes of a file, in one of `FORMATS`."""
    if form == "xlsx":
        return as_xlsx(table)
    makers: dict[str, Callable[[Paper], str]] = {"latex": as_latex, "markdown": as_markdown, "csv": as_csv}
    return makers[form](table).encode("utf-8")


# --- LaTeX ---------------------------------------------------------------------------------------------------------------------------

_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}",
    "→": r"$\rightarrow$", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}",
    "[": "{[}", "]": "{]}", "*": "{*}",  # a row that begins with one would be an argument of the line end above it
    "−": "$-$", "×": r"$\times$", "–": "--", "…": r"\ldots{}", "≥": r"$\geq$", "≤": r"$\leq$", "·": r"$\cdot$",
    "σ": r"$\sigma$", "θ": r"$\theta$", "ε": r"$\varepsilon$", "ψ": r"$\psi$", "τ": r"$\tau$", "γ": r"$\gamma$", "λ": r"$\lambda$", "β": r"$\beta$",
}  # fmt: skip


def latex_escaped(text: str) -> str:
    """Text that LaTeX sets as it is; line ends become spaces."""
    return "".join(_LATEX.get(mark, mark) for mark in re.sub(r"\s+", " ", text))


def as_latex(table: Paper) -> str:
    """A table environment; needs the package booktabs."""
    count = len(table.columns)
    heads = " & ".join(["", *(latex_escaped(column.word) for column in table.columns)])
    units = " & ".join(["", *(f"({latex_escaped(column.unit)})" if column.unit else "" for column in table.columns)])
    lines = [r"\begin{table}", r"\centering", rf"\caption{{{latex_escaped(table.title)}}}", rf"\begin{{tabular}}{{l*{{{count}}}{{r}}}}"]
    lines += [r"\toprule", rf"{heads} \\", rf"{units} \\", r"\midrule"]
    for row, label in enumerate(table.rows):
        if row == table.aggregates and row > 0:
            lines.append(r"\midrule")
        lines.append(" & ".join([latex_escaped(label), *(latex_escaped(column.cell(row)) for column in table.columns)]) + r" \\")
    note = rf"\par\smallskip\begin{{minipage}}{{\linewidth}}\footnotesize \emph{{Note}}: {latex_escaped(table.note)}\end{{minipage}}"
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", note, r"\end{table}", ""])


# --- Markdown and csv ----------------------------------------------------------------------------------------------------------------


def markdown_escaped(text: str) -> str:
    """Text that Markdown shows as it is; line ends become spaces."""
    return re.sub(r"([\\`*_{}\[\]<>|#~$&])", r"\\\1", re.sub(r"\s+", " ", text))


def as_markdown(table: Paper) -> str:
    """A table of pipes under its title, the note below."""
    heads = [markdown_escaped(f"{column.word} ({column.unit})" if column.unit else column.word) for column in table.columns]
    lines = [f"**{markdown_escaped(table.title)}**", "", f"| | {' | '.join(heads)} |", f"|---|{'---:|' * len(heads)}"]
    for row, label in enumerate(table.rows):
        lines.append(f"| {markdown_escaped(label)} | {' | '.join(column.cell(row) for column in table.columns)} |")
    return "\n".join([*lines, "", f"*Note*: {markdown_escaped(table.note)}", ""])


def as_csv(table: Paper) -> str:
    """One header row and the decimals of the table; title and note are lines that begin with #."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n")
    out.write(f"# {' '.join(table.title.split())}\n")
    write.writerow(["country", *(f"{column.word} ({column.unit})" if column.unit else column.word for column in table.columns)])
    for row, label in enumerate(table.rows):
        write.writerow([label, *(column.cell(row).replace(",", "").replace("−", "-") for column in table.columns)])
    out.write(f"# Note: {' '.join(table.note.split())}\n")
    return out.getvalue()


# --- Excel ---------------------------------------------------------------------------------------------------------------------------


def as_xlsx(table: Paper) -> bytes:
    """A workbook of one sheet: whole numbers in the cells, shown with the table's decimals. No label becomes a formula."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    book = Workbook()
    sheet = book.active
    sheet.title = "Table"
    head = [[table.title], [], ["", *(column.word for column in table.columns)], ["", *(column.unit for column in table.columns)]]
    for line, texts in enumerate(head, start=1):
        for place, text in enumerate(texts, start=1):
            _put(sheet.cell(line, place), text)
            sheet.cell(line, place).font = Font(bold=line != 4)
            sheet.cell(line, place).alignment = Alignment(horizontal="right" if place > 1 else "left", wrap_text=line == 3)
    for row, label in enumerate(table.rows):
        _put(sheet.cell(len(head) + 1 + row, 1), label)
        for place, column in enumerate(table.columns, start=2):
            if column.cell(row):
                cell = sheet.cell(len(head) + 1 + row, place, column.values[row])
                cell.number_format = "#,##0" + ("." + "0" * column.decimals if column.decimals else "")
    _put(sheet.cell(len(head) + len(table.rows) + 2, 1), f"Note: {table.note}")
    sheet.freeze_panes = "B5"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _put(cell: object, text: str) -> None:
    """Text in a cell as text, also where it begins with =; what a workbook cannot hold (control characters) is a question mark."""
    cell.value = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "?", text)  # type: ignore[attr-defined]
    cell.data_type = "s"  # type: ignore[attr-defined]
