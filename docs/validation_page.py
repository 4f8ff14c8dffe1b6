"""The validation page: every published number beside ours, made from what the tests compared.

`pytest --validation FILE` writes what was compared. `python docs/validation_page.py FILE` fails where that differs from `validation.csv`,
on which the page rests, or where the page does not follow from it; with `--write` it makes both anew.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from pathlib import Path

import pandas as pd

HERE = Path(__file__).resolve().parent
TABLE, PAGE = HERE / "validation.csv", HERE / "validation.md"
KEY = ["source", "place", "row", "column"]
TEXT = [*KEY, "reason"]
REFERENCES = HERE.parents[1] / "shared" / "references"
"""The tables of articles, beside a checkout of those who have them; the worked cases stand in the tests."""

HEAD = """# Validation

Every number from outside, printed in an article or computed by an independent program, that the tests compare with ours, met or missed, as
they found it: `make test` compares again and fails where one of them has changed its verdict or moved. A number is met where ours lies
within half a unit of its last printed digit, or within the distance that stands with its table. What is missed stands below with its
reason, and in bold in its table. The same numbers for programs: `docs/validation.csv`.

What is tested without published numbers (limits, equivalences, independent derivations from firms, agreement of levels and changes) stands
in the tests themselves; see [the model](model.md).
"""


def read(path: Path) -> pd.DataFrame:
    """Comparisons of a csv file, with `distance` (ours less published, absolute) and `met`; sources and places in natural order."""
    table = pd.read_csv(path, dtype=dict.fromkeys(TEXT, str), keep_default_na=False)
    table = table.astype(dict.fromkeys(("published", "found", "within"), float))
    table["distance"] = (table["found"] - table["published"]).abs()
    table["met"] = table["distance"] <= table["within"]
    return table.sort_values(["source", "place"], key=lambda names: names.map(natural), kind="stable", ignore_index=True)


def natural(name: str) -> tuple[tuple[int, str], ...]:
    """Sorts 'Table 9' before 'Table 10', and 'Table A3' behind both."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name))


def page(table: pd.DataFrame) -> str:
    """The page in Markdown."""
    parts = [HEAD, summary(table), misses(table)]
    for source, of_source in table.groupby("source", sort=False):
        parts.append(f"## {source}\n")
        for place, of_place in of_source.groupby("place", sort=False):
            parts.append(f"### {place}\n\nThe number of the source, and ours in brackets{tolerance(of_place)}.\n\n{numbers(of_place)}")
    return "\n".join(parts)


def summary(table: pd.DataFrame) -> str:
    """How many numbers are met, in all, by source and by place."""
    rows = [counts("**All**", table, bold=True)]
    for source, of_source in table.groupby("source", sort=False):
        rows.append(counts(f"**{source}**", of_source, bold=True))
        rows += [counts(str(place), of_place) for place, of_place in of_source.groupby("place", sort=False)]
    return markdown(["", "numbers", "met", "missed", "largest distance where met"], rows, "lrrrr")


def counts(name: str, part: pd.DataFrame, bold: bool = False) -> list[str]:
    texts = [str(len(part)), str(part["met"].sum()), str((~part["met"]).sum())]
    worst = "" if bold or not part["met"].any() else f"{part['distance'][part['met']].max():.1g}"
    return [name, *(f"**{text}**" if bold else text for text in texts), worst]


def misses(table: pd.DataFrame) -> str:
    """Numbers that are missed, those of one place and reason together."""
    missed = table[~table["met"]]
    if missed.empty:
        return "## Missed\n\nNone.\n"
    rows, last = [], ("", "")
    for source, of_source in missed.groupby("source", sort=False):
        rows.append([f"**{source}**", *[""] * 5])
        for (place, reason), part in of_source.groupby(["place", "reason"], sort=False):
            for one in part.itertuples():
                texts = [one.row, one.column, printed(one.published, one.within), shown(one.published, one.found, one.within)]
                rows.append([place if place != last[0] else "", *texts, reason if (place, reason) != last else ""])
                last = (place, reason)
    return "## Missed\n\n" + markdown(["", "row", "column", "published", "ours", "why"], rows, "lllrrl")


def numbers(part: pd.DataFrame) -> str:
    """A published table in its own shape; what is missed stands in bold."""
    columns = list(dict.fromkeys(part["column"]))
    cells = {(one.row, one.column): cell(one.published, one.found, one.within, one.met) for one in part.itertuples()}
    rows = [[row, *(cells.get((row, column), "") for column in columns)] for row in dict.fromkeys(part["row"])]
    return markdown(["", *columns], rows, "l" + "r" * len(columns))


def cell(published: float, found: float, within: float, met: bool) -> str:
    text = f"{printed(published, within)} ({shown(published, found, within)})"
    return text if met else f"**{text}**"


def printed(published: float, within: float) -> str:
    """The published number, with the zeros at its end if it is met at half a unit of its last digit."""
    text, digits = f"{published:.10g}", round(-math.log10(2 * within))
    half_a_unit = math.isclose(2 * within * 10.0**digits, 1, rel_tol=1e-5)
    return f"{published:.{digits}f}" if half_a_unit and digits > decimals(text) and "e" not in text else text


def shown(published: float, found: float, within: float) -> str:
    """Ours, to the digits that decide whether the number is met, and at least to those of the published number."""
    return f"{found:.{max(0, math.ceil(-math.log10(within)), decimals(printed(published, within)))}f}"


def decimals(text: str) -> int:
    return len(text.partition("e")[0].partition(".")[2])


def tolerance(part: pd.DataFrame) -> str:
    distances = part["within"].unique()
    return f"; met within {distances[0]:.1g}" if len(distances) == 1 else ""


def markdown(header: list[str], rows: list[list[str]], align: str) -> str:
    rule = ["---:" if side == "r" else "---" for side in align]
    return "\n".join("| " + " | ".join(text.replace("|", "\\|") for text in row) + " |" for row in [header, rule, *rows]) + "\n"


def faults(fresh: pd.DataFrame, kept: pd.DataFrame) -> list[str]:
    """What the tests found and the page does not say. Where the tables of articles are missing, they are not judged."""
    if not REFERENCES.is_dir():
        kept = kept[kept["source"].str.startswith("Worked cases") | kept["source"].isin(fresh["source"])]
    both = kept.merge(fresh, on=KEY, how="outer", suffixes=("_page", "_test"), indicator="where")
    found = [f"not on the page: {', '.join(one)}" for one in both.loc[both["where"] == "right_only", KEY].itertuples(index=False)]
    found += [f"no longer compared: {', '.join(one)}" for one in both.loc[both["where"] == "left_only", KEY].itertuples(index=False)]
    both = both[both["where"] == "both"]
    same = (both["published_page"] == both["published_test"]) & (both["met_page"] == both["met_test"])
    same &= (both["found_page"] - both["found_test"]).abs() <= both["within_page"]
    return found + [f"has changed: {', '.join(one)}" for one in both.loc[~same, KEY].itertuples(index=False)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="what the tests compared")
    parser.add_argument("--write", action="store_true", help="make the page anew")
    given = parser.parse_args()
    fresh = read(given.file)
    if given.write:
        fresh[[*KEY, "published", "found", "within", "reason"]].to_csv(TABLE, index=False, lineterminator="\n")
        PAGE.write_text(page(read(TABLE)), encoding="utf-8")
        return
    kept = read(TABLE)
    wrong = faults(fresh, kept)
    if PAGE.read_text(encoding="utf-8") != page(kept):
        wrong.append(f"{PAGE.name} does not follow from {TABLE.name}")
    if wrong:
        sys.exit("\n".join([*wrong[:20], "If that is right: python docs/validation_page.py FILE --write"]))
    print(f"{len(fresh)} of {len(kept)} published numbers compared: as on the page.")


if __name__ == "__main__":
    main()
