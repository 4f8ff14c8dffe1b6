"""Factor accounts as a table of factor shares (`cge.with_factors`), with an account of what was missing or negative and what became of it."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cge.data.choices import Gaps, Negative
from cge.data.economy import Economy
from cge.data.factors.accounts_file import SOURCES
from cge.data.factors.shares import HEADER
from cge.data.labels import WILD
from cge.data.tariffs.products import read_products
from cge.errors import DataError, nearest


@dataclass(frozen=True, eq=False)
class FactorShares:
    """A table of factor shares.

    Attributes:
        table: columns `country, sector, factor, share`; rows with `*` come first, and later ones replace them. account: what was done, in sentences.
    """

    table: pd.DataFrame
    account: tuple[str, ...]


def factor_accounts(
    source: str,
    path: str | os.PathLike[str],
    *,
    year: int | None = None,
    economy: Economy | None = None,
    concordance: str | os.PathLike[str] | None = None,
    negative: Negative = "refuse",
    missing: Gaps = "leave",
) -> FactorShares:
    """Shares of factors in value added by country and sector, from published accounts.

    Args:
        source: `wiod2013` (labour by skill, capital; 35 sectors), `wiod2016` (labour, capital; 56 sectors), `pwt` (labour, capital; by country).
        path: the accounts, csv or Excel (`pwt` also Stata). year: needed where the file has several.
        economy: keeps only its labels, and says what of it has no accounts. concordance: csv `from,to[,dim,weight]` from labels of the accounts to
            those of the economy; several that become one are added, in money; one may go to several (weights play no role here).
        negative, missing: see `Negative`, `Gaps`.

    Raises:
        DataError: no such source; faults of the files; negative payments under `refuse`; labels that fit nothing.
    """
    if source not in SOURCES:
        raise DataError(f"factors: no source {source}; known are {', '.join(SOURCES)}.{nearest(source, SOURCES)}")
    lines: list[str] = []
    money = SOURCES[source](path, year)
    lines.append(
        f"{path}: {len(money)} cells of {money.index.get_level_values('country').nunique()} countries, factors {', '.join(map(str, money.columns))}."
    )
    if concordance is not None:
        money = _relabelled(money, read_products(concordance), lines)
    money = _of_economy(money, economy, lines)
    share = _shares(money, negative, str(path), lines)
    return FactorShares(_table(share, money, missing, economy, lines), tuple(lines))


def _relabelled(money: pd.DataFrame, links: pd.DataFrame, lines: list[str]) -> pd.DataFrame:
    """Payments on new labels: those not listed stay, several that become one are added as far as they are known."""
    for level, dim in (("country", "country"), ("code", "sector")):
        listed = links[links["dim"] == dim]
        found = money.index.get_level_values(level).unique()
        unknown = sorted(set(listed["from"]) - set(found))
        if unknown:
            raise DataError(f"concordance: {dim} {unknown[0]} is not in the accounts ({len(unknown)} such).{nearest(unknown[0], found)}")
        same = [str(label) for label in found if label not in set(listed["from"])]
        to = pd.DataFrame({"from": [*listed["from"], *same], "to": [*listed["to"], *same]})
        joined = money.reset_index().merge(to[to["to"] != ""], left_on=level, right_on="from").drop(columns=[level, "from"])
        if dim == "country" and joined.duplicated(["to", "code"]).any():
            raise DataError("concordance: two countries of the accounts go to one; their currencies differ, so they cannot be added.")
        cells = joined.rename(columns={"to": level}).set_index(["country", "code"])
        gaps = cells.isna().any(axis=1).groupby(["country", "code"], sort=False)
        partly = gaps.any() & ~gaps.all()
        if partly.any():
            named = ", ".join(_label(at) for at in partly.index[partly][:8])
            lines.append(f"{partly.sum()} merged cells lack the payments of some of their parts, and are the sum of the others: {named}.")
        money = cells.groupby(["country", "code"], sort=False).sum(min_count=1)
    return money


def _of_economy(money: pd.DataFrame, economy: Economy | None, lines: list[str]) -> pd.DataFrame:
    """Cells on labels of the economy."""
    if economy is None:
        return money
    country, code = money.index.get_level_values("country"), money.index.get_level_values("code")
    kept = money[country.isin(economy.countries) & code.isin([*economy.sectors, *WILD[:1]])]
    if kept.empty:
        hint = nearest(str(code[0]), economy.sectors)
        raise DataError(f"factors: no label of the accounts is one of the economy, first {country[0]} {code[0]}.{hint} Give a concordance.")
    for kind, mine, theirs in (
        ("Countries", economy.countries, kept.index.get_level_values("country")),
        ("Sectors", economy.sectors, code),
    ):
        lost = [label for label in mine if label not in set(theirs)]
        if lost and "*" not in set(theirs):
            lines.append(f"{kind} of the economy without accounts: {', '.join(lost)}.")
    return kept


def _shares(money: pd.DataFrame, negative: Negative, origin: str, lines: list[str]) -> pd.DataFrame:
    """Shares by cell, NaN where there is nothing to share, after the treatment of negative payments."""
    known = money.notna().all(axis=1) & (money.sum(axis=1, skipna=False) > 0)
    bad = (money < 0).any(axis=1) & money.notna().all(axis=1)
    if bad.any():
        worst = money.where(money < 0)[bad].div(money[bad].abs().sum(axis=1), axis=0).min(axis=1).sort_values()
        named = ", ".join(f"{_label(at)} ({value:.1%})" for at, value in worst.head(8).items())
        more = f" and {len(worst) - 8} more" if len(worst) > 8 else ""
        said = f"{bad.sum()} {'cell has' if bad.sum() == 1 else 'cells have'} a negative payment (part of all payments of the cell): {named}{more}."
        if negative == "refuse":
            hint = "negative = clip makes it zero and scales the others, negative = country takes the shares of the country (--negative)."
            raise DataError(f"{origin}: {said} {hint}")
        lines.append(f"{said} {'Set to zero, the others scaled.' if negative == 'clip' else 'They take the shares of their country.'}")
    positive = money.clip(lower=0)
    usable = (known | bad) & (positive.sum(axis=1) > 0)
    share = positive.div(positive.sum(axis=1), axis=0).where(usable)
    if negative == "country" and bad.any():
        share[bad] = _country_shares(money[known & ~bad]).reindex(share.index[bad].get_level_values("country")).to_numpy()
    return share


def _country_shares(money: pd.DataFrame) -> pd.DataFrame:
    total = money.groupby("country", sort=False).sum()
    return total.div(total.sum(axis=1), axis=0)


def _table(share: pd.DataFrame, money: pd.DataFrame, missing: Gaps, economy: Economy | None, lines: list[str]) -> pd.DataFrame:
    """Rows of the table of shares: everything, countries, cells, as far as they are wanted."""
    gaps = share.isna().any(axis=1)
    countries = _country_shares(money[~gaps & (money >= 0).all(axis=1)])
    if gaps.any():
        named = ", ".join(_label(at) for at in share.index[gaps][:8])
        more = f" and {gaps.sum() - 8} more" if gaps.sum() > 8 else ""
        done = "They take the shares of their country, or the mean over countries." if missing == "average" else "They have no rows."
        lines.append(f"{gaps.sum()} cells have no payments: {named}{more}. {done}")
    blocks = [_rows(share[~gaps])]
    if missing == "average":
        several = countries.set_index(pd.MultiIndex.from_product([countries.index, ["*"]], names=["country", "code"]))
        mean = countries.mean().to_frame().T.set_index(pd.MultiIndex.from_tuples([("*", "*")], names=["country", "code"]))
        blocks = [_rows(mean), *([] if set(share.index.get_level_values("code")) == {"*"} else [_rows(several)]), *blocks]
        without = [] if economy is None else [c for c in economy.countries if c not in countries.index]
        if without:
            lines.append(
                f"Mean over {len(countries)} countries, each counting once, for {', '.join(without)}: {_written(countries.mean())}."
            )
    table = pd.concat(blocks, ignore_index=True)
    if table.empty or not np.isfinite(table["share"]).all():
        raise DataError("factors: the accounts leave no cell with payments; check the year and the variables.")
    return table


def _rows(share: pd.DataFrame) -> pd.DataFrame:
    """A row for each cell and factor, cells in turn."""
    cells = [
        (*at, factor, value)
        for at, row in zip(share.index.to_list(), share.to_numpy(), strict=True)
        for factor, value in zip(share, row, strict=True)
    ]
    return pd.DataFrame(cells, columns=list(HEADER))


def _label(at: object) -> str:
    """Country and sector of a cell; of a country as a whole its label alone."""
    return " ".join(str(label) for label in (at if isinstance(at, tuple) else (at,)) if label != "*")


def _written(share: pd.Series) -> str:
    return ", ".join(f"{factor} {value:.3f}" for factor, value in share.items())
