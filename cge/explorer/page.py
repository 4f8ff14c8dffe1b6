"""The page as one text: the sections and scripts that it shares with the page of a report, and its own."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from cge.results.sectors import FIRMS
from cge.results.sectors import TABLE as SECTORS
from cge.tell.answer import WORLD
from cge.tell.headings import heading, titled
from cge.tell.page.shell import SHARED, embedded, part, templates

LEADING_SECTOR = "employment_pct"
"""The statistic of sectors that is shown first."""

RENAMED = {
    "statistics": "everyStatistic",
    "country_groups": "countryGroups",
    "sector_groups": "sectorGroups",
    "elasticity_sets": "elasticitySets",
    "elasticity_kept": "elasticityKept",
}
"""What the scripts call otherwise: of the statistics they show those that move."""

PARTS = files("cge.explorer")

OWN = (
    "question.js",
    "picker.js",
    "measures.js",
    "setting.js",
    "talk.js",
    "answer.js",
    "reached.js",
    "pins.js",
    "curve.js",
    "background.js",
    "out.js",
    "begin.js",
)
"""Scripts of the page behind those that are shared, in this order: the question and its form, the server, the answer, what runs in the background."""


def page(world: Mapping[str, Any], nonce: str) -> str:
    """The page of a world, which it carries; all that it asks for is the server's `ask` and `file`.

    Args:
        world: as the server tells it (`cge.explorer.world`). nonce: of the content policy that the page is sent with, for its style and script.
    """
    data = drawn(world)
    return (
        templates({"page.html": own("page.html")})
        .get_template("page.html")
        .render(
            data=data,
            embedded=embedded(data),
            nonce=nonce,
            style="\n".join([part("style.css"), own("explorer.css")]),
            script="\n".join([*map(part, SHARED), *map(own, OWN)]),
        )
    )


def drawn(world: Mapping[str, Any]) -> dict[str, Any]:
    """A world as the scripts know it that this page shares with reports, before there is an answer."""
    codes, names = ({kind: [one[key] for one in world[kind]] for kind in ("countries", "sectors")} for key in ("code", "name"))
    return {
        **{RENAMED.get(key, key): value for key, value in world.items()},
        **codes,
        "names": names["countries"],
        "sectorNames": names["sectors"],
        "statistics": world["statistics"][:1],
        "groups": [{"name": "", "views": [{"name": "Now", "stats": {}, "together": {}}]}],
        "first": 0,
        "chooser": "Show",
        "aggregates": [WORLD],
        "sectorColumns": sorted(
            (
                {"key": column.name, "title": titled(heading(column.name), world["unit"])}
                for column in (*SECTORS, *FIRMS)
                if column.unit == "%"
            ),
            key=lambda one: one["key"] != LEADING_SECTOR,
        ),
        "sectorStatistics": [],
        "sales": {"before": [[] for _ in world["sectors"]], "after": [[] for _ in world["sectors"]]},
        "partners": {key: [[] for _ in range(len(world["countries"]) + 1)] for key in ("exports", "exports_pct")},
    }


def own(name: str) -> str:
    """A file of this page."""
    return (PARTS / name).read_text(encoding="utf-8")
