"""Damaged files over all readers: each is refused on one screen with file, place and cure, or read as if nothing had happened."""

from pathlib import Path

import numpy as np
import pytest
from damage import LAYOUTS, cases, whole

from cge.data.economy import Economy
from cge.data.sources import import_economy
from cge.errors import DataError

SCREEN = 24
"""Lines of a screen."""


def equal(one: Economy, other: Economy) -> bool:
    """Whether two economies are the same, in any order of their labels."""
    if set(one.countries) != set(other.countries) or set(one.sectors) != set(other.sectors):
        return False
    turned = other.data.sel({dim: one.data[dim].values for dim in ("exporter", "importer", "country", "sector", "input")})
    return all(
        np.allclose(one.data[name].values, turned[name].transpose(*one.data[name].dims).values, rtol=1e-9, atol=1e-9)
        for name in ("flow", "intermediate", "value_added", "tariff")
    )


def verdict(source: str, path: Path, known: Economy) -> str:
    """What becomes of a damaged file: "refused", "read", or what is wrong with that."""
    try:
        found = import_economy(source, path)
    except DataError as error:
        lines = sum(1 + len(fault) // 200 for fault in error.faults)
        if len(error.faults) > SCREEN or lines > 2 * SCREEN:
            return f"{len(error.faults)} faults in {lines} lines"
        return "refused" if all(str(path) in fault for fault in error.faults) else f"no place in {error}"
    return "read" if equal(known, found) else "read as another economy"


@pytest.mark.slow
@pytest.mark.parametrize("name", LAYOUTS)
def test_damage_is_refused_or_does_not_matter(name: str, tmp_path: Path) -> None:
    source = LAYOUTS[name].source
    known = import_economy(source, whole(tmp_path / "whole", LAYOUTS[name]))
    found = {what: verdict(source, write(tmp_path / str(k)), known) for k, (what, write) in enumerate(cases(name))}
    assert {what: said for what, said in found.items() if said not in ("refused", "read")} == {}
    assert list(found.values()).count("refused") > len(found) // 3


def test_there_are_three_hundred() -> None:
    assert sum(len(list(cases(name))) for name in LAYOUTS) >= 300
