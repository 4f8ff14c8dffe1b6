"""Rows of several tables that lie one after the other, and what each is called in its file."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass


@dataclass(frozen=True)
class Lines:
    """Which file and row a row of tables that are laid one after the other is.

    Attributes:
        names, starts: of each table its file, and the place of its first row; the default is of one table.
    """

    names: tuple[str, ...] = ("",)
    starts: tuple[int, ...] = (0,)

    def of(self, at: int) -> str:
        """The number of a row in its file, where the header is row 1, and the file where there are several."""
        table = bisect_right(self.starts, at) - 1
        return f"{at - self.starts[table] + 2}" + (f" of {self.names[table]}" if len(self.names) > 1 else "")


ONE = Lines()
"""Rows of one table."""
