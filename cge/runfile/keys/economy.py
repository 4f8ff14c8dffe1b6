"""The keys of a published table in place of an economy file."""

from __future__ import annotations

from typing import get_args

from pydantic import Field

from cge.data.choices import Inventories, Source, Subsidies
from cge.runfile.keys.table import Keys


class EconomyKeys(Keys):
    """economy = {…}: a published table and how to import it, as on the line of `cge import`."""

    source: Source = Field(title="Who publishes the table", description=f"Give one of {', '.join(get_args(Source))}.")
    path: str = Field(title="Where it lies", min_length=1, description="Give the published file.")
    year: int | None = Field(None, title="Year of the table", description="Give the year of the table.")
    inventories: Inventories = Field(
        "refuse", title="Rule for negative changes in inventories", description=f"Give one of {', '.join(get_args(Inventories))}."
    )
    subsidies: Subsidies = Field(
        "refuse", title="Rule for tariffs below zero, subsidies to imports", description=f"Give one of {', '.join(get_args(Subsidies))}."
    )
    strict: bool = Field(False, title="Whether a table that needs any treatment is refused", description="Give true or false.")
