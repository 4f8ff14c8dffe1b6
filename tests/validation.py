"""Published numbers beside ours: what the tests compare goes into a table, of which `docs/validation_page.py` makes a page."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import pandas as pd
import pytest

Cell = tuple[str, str]
"""Row and column of a published table."""


@dataclass(frozen=True)
class Comparison:
    """A published number and ours.

    Attributes:
        source: who published it; place: table or case, with its scenario in words; row, column: where it stands there.
        published: the number; found: ours, in the same unit; within: largest distance at which the number is met.
        reason: why it is missed; empty where it is met.
    """

    source: str
    place: str
    row: str
    column: str
    published: float
    found: float
    within: float
    reason: str = ""

    @property
    def met(self) -> bool:
        return abs(self.found - self.published) <= self.within


COLUMNS = [field.name for field in fields(Comparison)]
Validate = Callable[..., None]


def within_printed(published: str) -> float:
    """Half a unit of the last digit of a number as it is printed, and a little for the rounding of what it was printed from."""
    decimals = len(published.partition(".")[2])
    return 0.5 * 10.0**-decimals * (1 + 1e-6)


@pytest.fixture
def validate(request: pytest.FixtureRequest) -> Validate:
    """Compare published numbers with ours, note both for the page, and fail where one is missed without a reason (or met with one).

    `validate(source, place, published, found, within, missed)`: `published` and `found` by (row, column); `within` a distance for all or one for
    each cell; `missed` a reason for each cell that is known to be missed.
    """

    def compare(
        source: str,
        place: str,
        published: Mapping[Cell, float],
        found: Mapping[Cell, float],
        within: float | Mapping[Cell, float],
        missed: Mapping[Cell, str] | None = None,
    ) -> None:
        assert published, f"{source}, {place}: nothing to compare"
        reasons = missed or {}
        assert set(reasons) <= set(published)
        surprises = []
        for cell, number in published.items():
            distance = within if isinstance(within, float) else within[cell]
            one = Comparison(source, place, *cell, float(number), float(found[cell]), float(distance), reasons.get(cell, ""))
            request.node.user_properties.append(("comparison", asdict(one)))
            if one.met == bool(one.reason) or not math.isfinite(one.found):
                surprises.append(one)
        assert not surprises, f"{len(surprises)} of {len(published)} numbers not as expected, the first: {surprises[0]}"

    return compare


class Collector:
    """Gathers the comparisons of all tests, those of other processes too, and writes them when the session ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: list[dict[str, object]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            self.rows += [value for name, value in report.user_properties if name == "comparison" and isinstance(value, dict)]

    def pytest_sessionfinish(self) -> None:
        table = pd.DataFrame(self.rows, columns=COLUMNS).drop_duplicates(["source", "place", "row", "column"])
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_suffix(".partial")
        table.to_csv(partial, index=False)
        partial.replace(self.path)
