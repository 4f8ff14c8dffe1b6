"""What the page says in sentences: verdict, elasticities, data, limits, and how to reproduce."""

from __future__ import annotations

import hashlib
import shlex
from pathlib import Path, PurePath
from typing import Any

import pandas as pd

from cge.data import elasticities
from cge.data.sources.table import accounted
from cge.data.text import counted
from cge.errors import InputError
from cge.model.transfers import TRANSFER_RULES
from cge.model.variants import VARIANTS
from cge.runfile.in_words import capital, parsed, spoken
from cge.tell.question import Fact, Results, Verdict

# --- verdict -------------------------------------------------------------------------------------------------------------------------


def verdict(results: Results) -> Verdict:
    """How far the numbers are to be trusted."""
    return (results.question.verdict or of_solution)(results)


def of_solution(results: Results) -> Verdict:
    """Of one verified solution: residual, market left out, corners, certificate."""
    s = results.summary
    facts = [
        Fact("Largest residual", f"{size(s['residual'])}, relative, of all equations of the model"),
        Fact("Walras' law", f"{s['walras']['market']} was left out and holds to {size(s['walras']['residual'])}"),
        Fact("Corners", corners(s["corners"])),
        Fact("Stability", stability(s)),
    ]
    if s.get("levels_vs_hat") is not None:
        facts.append(Fact("Levels against changes", f"the two solutions differ by {size(s['levels_vs_hat'])} at most"))
    facts.append(Fact("Effort", f"{counted(s['iterations'], 'Newton step', 'Newton steps')}, {s['seconds']:.2f} s"))
    return Verdict(f"Verified, residual {s['residual']:.0e}", [Fact("Outcome", capital(str(s["sentence"]))), *facts])


def size(value: float) -> str:
    """A residual."""
    return f"{value:.1e}" if value else "0"


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


NUMERAIRE = (
    "world factor income keeps its value (changed endowments count at benchmark prices); changes of money and prices are relative to it"
)


# --- what went in --------------------------------------------------------------------------------------------------------------------


def setup(results: Results) -> list[Fact]:
    """Model, elasticities, data."""
    s = results.summary
    return [
        Fact("Model", f"{spoken(s['model'])}, solved in {'changes' if s['method'] == 'hat' else s['method']}"),
        Fact("Elasticities", str(s["elasticities"])),
        Fact("Inputs", inputs(results)),
        Fact("Transfers", transfers(s["transfers"])),
        Fact("Numeraire", NUMERAIRE),
        Fact("Economy", str(s["economy"])),
        Fact("Size", f"{counted(s['countries'], 'country', 'countries')}, {counted(s['sectors'], 'sector', 'sectors')}"),
    ]


def inputs(results: Results) -> str:
    """What becomes of input-output links."""
    if results.summary["intermediates"]:
        return "input-output links are kept"
    kept = parsed(results.run_file).get("intermediates", True)
    return "the economy has no input-output links" if kept else "input-output links are left out"


def transfers(rule: str) -> str:
    """The rule for transfers; its name where it is of another version of the package."""
    return TRANSFER_RULES[rule].words if rule in TRANSFER_RULES else rule


def elasticity_table(results: Results) -> pd.DataFrame | None:
    """`sector, trade, standard_error, source` as text, of the set that a run file takes, on the run's sectors where these are known; None without
    a set, or where its file has changed since.
    """
    given = parsed(results.run_file).get("elasticities", {})
    name = given.get("set") if isinstance(given, dict) else None
    if not isinstance(name, str):
        return None
    chosen = elasticities.chosen(name, Path(str(results.summary["run_file"])).parent)
    if isinstance(chosen, Path) and not unchanged(chosen, results.summary["inputs"].get(name)):
        return None
    try:
        table = elasticities.match(chosen, list(results.sectors)) if results.sectors else elasticities.read_set(chosen)
    except InputError:  # a set of another version of the package
        return None
    table = table.reset_index()[["sector", "trade", "standard_error", "source"]]
    shown = {name: [f"{value:.4g}" if value == value else "" for value in table[name]] for name in ("trade", "standard_error")}
    return table.assign(**shown).fillna("")


def unchanged(path: Path, digest: str | None) -> bool:
    """Whether a file is still there with the bytes that a run has read."""
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest


def treatments(results: Results) -> list[str]:
    """What was done to the data, and what the reader must know beside the numbers."""
    said = ("source", "licence", "year", "unit", "note", "rounding", "aggregation")
    about = [f"{key.capitalize()}: {results.economy[key]}" for key in said if results.economy.get(key)]
    done = [f"Treated when imported: {entry}" for entry in accounted(results.economy)]
    return [*(str(note) for note in results.summary.get("notes", [])), *about, *done]


def limits(results: Results) -> list[str]:
    """What the numbers cannot tell, as far as it bears on these."""
    s = results.summary
    asked = [(s["model"], s["intermediates"]), *((member["model"], member["intermediates"]) for member in s.get("members", []))]
    links = any(kept for _, kept in asked)
    said = ["Effects are static: no dynamics, no unemployment, no capital accumulation."]
    scales = {name for name, variant in VARIANTS.items() if variant.scales}
    if any(model in scales for model, _ in asked):
        said.append(
            "Free entry and external economies empty industries: a country can leave a sector altogether. That is the model, not an error."
        )
        if any(model in scales and kept for model, kept in asked):
            said.append("With scale effects and input-output links other equilibria may be near; the certificate above says how far away.")
    if links:
        said.append("Inputs and final buyers of a country share one origin mix in every sector (proportionality).")
    if s["transfers"] in TRANSFER_RULES and TRANSFER_RULES[s["transfers"]].limit:
        said.append(TRANSFER_RULES[s["transfers"]].limit)
    return [*said, *results.question.limits(results)]


# --- how to reproduce ----------------------------------------------------------------------------------------------------------------


def command(results: Results) -> str:
    """The command that makes the folder again."""
    name, scenario = PurePath(str(results.summary["run_file"])).name, results.summary.get("scenario")
    chosen = f" --scenario {shlex.quote(str(scenario))}" if scenario else ""
    return f"cge {results.question.word} {shlex.quote(name)}{chosen}" if name else ""


def checksums(results: Results) -> list[Fact]:
    """SHA-256 of every file that was read, by its name without folders."""
    return [Fact(PurePath(str(name)).name, str(value)) for name, value in results.summary["inputs"].items()]


def versions(results: Results) -> list[Fact]:
    """Versions of the packages that shape the numbers."""
    return [Fact(str(name), str(value)) for name, value in results.summary["versions"].items()]
