"""What the page says in sentences: verdict, elasticities, data, limits, and how to reproduce."""

from __future__ import annotations

import hashlib
import shlex
from pathlib import Path, PurePath
from typing import Any, NamedTuple

import pandas as pd

from cge.data import elasticities
from cge.errors import InputError
from cge.runfile.in_words import MODELS, parsed, spoken
from cge.tell.folder import Results

COMMAND = {"run": "run", "gains": "gains", "comparison": "compare", "sweep": "sweep"}

FREE_ENTRY = ("krugman", "melitz", "external_economies")


class Fact(NamedTuple):
    """A line of the page: what, and what is known of it."""

    what: str
    text: str


# --- verdict -------------------------------------------------------------------------------------------------------------------------


def verdict(found: Results) -> list[Fact]:
    """How far the numbers are to be trusted: residual, market left out, corners, certificate."""
    if found.kind == "sweep":
        return sweep_verdict(found)
    s = found.summary
    facts = [
        Fact("Largest residual", f"{size(s['residual'])}, relative, of all equations of the model"),
        Fact("Walras' law", f"{s['walras']['market']} was left out and holds to {size(s['walras']['residual'])}"),
        Fact("Corners", corners(s["corners"])),
        Fact("Stability", stability(s)),
    ]
    if s.get("levels_vs_hat") is not None:
        facts.append(Fact("Levels against changes", f"the two solutions differ by {size(s['levels_vs_hat'])} at most"))
    return [*facts, Fact("Effort", f"{counted(s['iterations'], 'Newton step', 'Newton steps')}, {s['seconds']:.2f} s")]


def size(value: float) -> str:
    """A residual."""
    return f"{value:.1e}" if value else "0"


def counted(count: int, word: str, several: str) -> str:
    """A number of things: 1 sector, 2 sectors."""
    return f"{count:,} {word if count == 1 else several}"


def corners(counts: dict[str, int]) -> str:
    """Industries that vanish and come back."""
    if not any(counts.values()):
        return "no industry (country and sector) empties out"
    emptied, back, before = counts["emptied"], counts["refilled"], counts["benchmark"]
    parts = [
        f"{counted(emptied, 'industry', 'industries')} (country and sector) {'empties' if emptied == 1 else 'empty'} out",
        f"{back} {'comes' if back == 1 else 'come'} back",
        f"{before} {'was' if before == 1 else 'were'} empty before",
    ]
    return "; ".join(parts)


def stability(summary: dict[str, Any]) -> str:
    """The certificate, or why there is none."""
    found = summary.get("stability")
    if not found:
        return str(summary.get("stability_note") or "not computed")
    after = "" if found.get("radius_solution") is None else f", {found['radius_solution']:.4g} at the solution"
    return f"spectral radius {found['radius']:.4g} at the benchmark{after} (stable below one); critical scale {found['critical_scale']:.4g}"


def sweep_verdict(found: Results) -> list[Fact]:
    """Scenarios solved and failed."""
    s = found.summary
    axes = [f"{name}: {counted(count, 'value', 'values')}" for name, count in s["axes"].items()] + (
        [counted(s["draws"], "draw of elasticities", "draws of elasticities")] if s["draws"] else []
    )
    failed = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in s["failed"].items())
    return [
        Fact("Scenarios", f"{s['scenarios']:,} ({'; '.join(axes)}), of which {s['solved']:,} were solved and verified"),
        Fact("Failed", f"{failed}: they are in no figure here, and listed in failures.csv" if failed else "none"),
        Fact("Largest residual", f"{size(s['residual'])}, relative, of all equations and scenarios"),
    ]


def headline(found: Results) -> str:
    """The verdict in one sentence."""
    s = found.summary
    if found.kind == "sweep":
        return f"Solved and verified: {s['solved']:,} of {s['scenarios']:,} scenarios."
    if found.kind == "comparison":
        solved = sum(member["outcome"] == "solved" for member in s["members"])
        return f"Solved and verified: {solved} of {len(s['members'])} models."
    return f"{str(s['sentence'])[:1].upper()}{str(s['sentence'])[1:]}."


def members(found: Results) -> list[dict[str, str]]:
    """The members of a comparison, each with how it was solved or why it was not."""
    rows = []
    for member in found.summary.get("members", []):
        solved = member["outcome"] == "solved"
        rows.append(
            {
                "Model": spoken(str(member["name"])),
                "Elasticities": str(member.get("elasticities", "")),
                "Inputs": "yes" if member["intermediates"] else "no",
                "Transfers": str(member["transfers"]),
                "Outcome": "solved" if solved else f"{member['outcome'].replace('_', ' ')}: {member['sentence']}",
                "Residual": size(member["residual"]) if solved else "",
                "Emptied": str(member["corners"]["emptied"]) if solved else "",
            }
        )
    return rows


# --- what went in --------------------------------------------------------------------------------------------------------------------


def setup(found: Results) -> list[Fact]:
    """Model, elasticities, data."""
    s = found.summary
    return [
        Fact("Model", f"{MODELS.get(s['model'], s['model'])}, solved in {'changes' if s['method'] == 'hat' else s['method']}"),
        Fact("Elasticities", str(s["elasticities"])),
        Fact("Inputs", inputs(found)),
        Fact("Transfers", TRANSFERS.get(s["transfers"], str(s["transfers"]))),
        Fact("Economy", str(s["economy"])),
        Fact("Size", f"{counted(s['countries'], 'country', 'countries')}, {counted(s['sectors'], 'sector', 'sectors')}"),
    ]


def inputs(found: Results) -> str:
    """What becomes of input-output links."""
    if not found.summary["intermediates"]:
        return "input-output links are left out"
    return "input-output links are kept" if found.linked else "the economy has no input-output links"


TRANSFERS = {
    "fixed": "trade deficits stay as they are in the numeraire (fixed)",
    "zero": "trade deficits are removed first, and changes measured from there (zero)",
    "own_share": "trade deficits move with the country's own income (own_share)",
}


def elasticity_table(found: Results) -> pd.DataFrame | None:
    """`sector, trade, standard_error, source` as text, of the set that a run file takes, on the run's sectors where these are known; None without
    a set, or where its file has changed since.
    """
    given = parsed(found.run_file).get("elasticities", {})
    name = given.get("set") if isinstance(given, dict) else None
    if not isinstance(name, str):
        return None
    chosen = elasticities.chosen(name, Path(str(found.summary["run_file"])).parent)
    if isinstance(chosen, Path) and not unchanged(chosen, found.summary["inputs"].get(name)):
        return None
    try:
        table = elasticities.match(chosen, list(found.sectors)) if found.sectors else elasticities.read_set(chosen)
    except InputError:  # a set of another version of the package
        return None
    table = table.reset_index()[["sector", "trade", "standard_error", "source"]]
    shown = {name: [f"{value:.4g}" if value == value else "" for value in table[name]] for name in ("trade", "standard_error")}
    return table.assign(**shown).fillna("")


def unchanged(path: Path, digest: str | None) -> bool:
    """Whether a file is still there with the bytes that a run has read."""
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest


def treatments(found: Results) -> list[str]:
    """What was done to the data, and what the reader must know beside the numbers."""
    said = ("source", "licence", "year", "unit", "note", "rounding", "treatments")
    about = [f"{key.capitalize()}: {found.economy[key]}" for key in said if found.economy.get(key)]
    return [*(str(note) for note in found.summary.get("notes", [])), *about]


def limits(found: Results) -> list[str]:
    """What the numbers cannot tell, as far as it bears on these."""
    s = found.summary
    asked = [(s["model"], s["intermediates"]), *((member["model"], member["intermediates"]) for member in s.get("members", []))]
    asked = [(model, kept and found.linked) for model, kept in asked]
    links = any(kept for _, kept in asked)
    said = ["Effects are static: no dynamics, no unemployment, no capital accumulation."]
    if any(model in FREE_ENTRY for model, _ in asked):
        said.append(
            "Free entry and external economies empty industries: a country can leave a sector altogether. That is the model, not an error."
        )
        if any(model in FREE_ENTRY and kept for model, kept in asked):
            said.append("With scale effects and input-output links other equilibria may be near; the certificate above says how far away.")
    if links:
        said.append("Inputs and final buyers of a country share one origin mix in every sector (proportionality).")
    if s["transfers"] == "fixed":
        said.append("Trade deficits are constant in the numeraire; under another rule countries with large imbalances answer differently.")
    if found.kind == "gains":
        said.append("Autarky has no transfers: a country that gives them wins back what it gives, so its gains can be negative.")
    if found.kind == "sweep" and s["draws"]:
        said.append(
            "Bands hold what the standard errors of elasticities imply, and no other uncertainty: not the model's, nor that of the data."
        )
    return said


# --- how to reproduce ----------------------------------------------------------------------------------------------------------------


def command(found: Results) -> str:
    """The command that makes the folder again."""
    return f"cge {COMMAND[found.kind]} {shlex.quote(PurePath(str(found.summary['run_file'])).name)}"


def checksums(found: Results) -> list[Fact]:
    """SHA-256 of every file that was read, by its name without folders."""
    return [Fact(PurePath(str(name)).name, str(value)) for name, value in found.summary["inputs"].items()]


def versions(found: Results) -> list[Fact]:
    """Versions of the packages that shape the numbers."""
    return [Fact(str(name), str(value)) for name, value in found.summary["versions"].items()]
