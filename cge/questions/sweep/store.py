"""The Zarr store of a sweep: one array for each column of welfare.csv, labelled, written chunk by chunk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cge.data.files.formats import as_json
from cge.questions.datasets import in_words
from cge.questions.policy.chosen import statistics
from cge.questions.sweep.combinations import Scenarios
from cge.runfile.case import Case
from cge.tell.headings import attributes
from cge.tell.provenance import origin

if TYPE_CHECKING:
    import xarray as xr

    from cge.questions.sweep.part import Part

STORE = "sweep.zarr"
OUTCOME = "U24"
"""Names of outcomes are shorter than this; an empty one is a scenario that is not solved yet."""


def create(path: Path, case: Case, scenarios: Scenarios, chunk: int) -> None:
    """A store without results: coordinates of every scenario, NaN and empty text elsewhere.

    Zarr format 2, since version 3 has no stable text type; metadata consolidated, since their number grows with the columns.
    """
    import xarray as xr
    import zarr

    countries, count = list(scenarios.grounds.countries), len(scenarios)
    labels: dict[str, Any] = {"scenario": np.arange(count), "country": countries}
    coordinates = {name: ("scenario", values) for name, values in scenarios.coordinates().items()}
    if scenarios.draws is not None:
        labels["sector"] = list(scenarios.sectors)
        coordinates["trade"] = (("scenario", "sector"), np.tile(scenarios.draws, (len(scenarios.places), 1)))  # type: ignore[assignment]
    facts = origin(case)
    attrs = {"title": case.title, "run_file": case.text, "economy": as_json(case.attrs), "names": as_json(in_words(case))}
    attrs |= {"inputs": as_json(dict(scenarios.grounds.inputs)), "versions": as_json(facts["versions"])}
    xr.Dataset(coords={**labels, **coordinates}, attrs=attrs).to_zarr(path, mode="w", zarr_format=2, consolidated=False)
    store: Any = zarr.open_group(path, mode="r+", zarr_format=2)
    sizes = {"scenario": (count, chunk), "country": (len(countries), len(countries))}
    for name in [*statistics(bool(case.policy)), "residual", "outcome"]:
        dims = ["scenario"] if name in ("residual", "outcome") else ["scenario", "country"]
        shape, chunks = zip(*(sizes[dim] for dim in dims), strict=True)
        kind = {"dtype": f"<{OUTCOME}", "fill_value": None} if name == "outcome" else {"dtype": "<f8", "fill_value": np.nan}
        about = attributes(name, case.attrs.get("unit", "money"))
        store.create_array(name, shape=shape, chunks=chunks, attributes={"_ARRAY_DIMENSIONS": dims, **about}, **kind)
    zarr.consolidate_metadata(path, zarr_format=2)


def put_part(path: Path, start: int, part: Part) -> None:
    """Write the scenarios of a chunk, which are whole chunks of every array."""
    import zarr

    store: Any = zarr.open_group(path, mode="r+", zarr_format=2)
    rows = slice(start, start + len(part.outcome))
    for place, name in enumerate(statistics(len(statistics(False)) < part.values.shape[2])):
        store[name][rows] = part.values[:, :, place]
    store["residual"][rows] = part.residual
    store["outcome"][rows] = np.array(part.outcome, dtype=OUTCOME)


def open_store(path: Path) -> xr.Dataset:
    """The store as a labelled dataset [scenario, country], read when it is used."""
    import xarray as xr

    data: xr.Dataset = xr.open_dataset(path, engine="zarr", consolidated=True, zarr_format=2)
    return data
