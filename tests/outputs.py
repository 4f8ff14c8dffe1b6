"""Small output folders of every kind, for the tests of what is made from them."""

from pathlib import Path

import xarray as xr

from cge.data import bundled
from cge.data.files.formats import quoted as in_csv
from cge.questions.compare.files import write_comparison
from cge.questions.gains.answer import write_gains
from cge.questions.gradient.answer import write_gradient
from cge.questions.policy.answer import write_policy
from cge.questions.run.answer import write_run
from cge.questions.sweep import workers
from cge.questions.sweep.answer import write_sweep
from cge.questions.table import QUESTIONS
from cge.runfile.load import load
from cge.tell.folder import open_results
from cge.tell.question import Results

HEAD = 'title = "{title}"\neconomy = "{economy}"\nmodel = "{model}"\nintermediates = false\n'
SHOCK = '[[tariff]]\nimporter = {home}\nexporter = "*"\nsector = {goods}\nadd = 0.1\n'
TAIL = f"[groups]\n{{group}} = [{{rest}}]\n[elasticities]\ntrade = 5.0\nsigma = 4.0\n{SHOCK}"
DRAWS = "[sweep.draws]\nn = 8\nseed = 3\nstandard_error = 0.5\n"

SCENARIOS = """
[[scenario]]
name = "<b>They</b> answer, {{ 7*7 }}"
tariff = [{importer = ["*", "!Home"], exporter = "Home", sector = "goods", add = 0.1}]
[[scenario]]
name = "cheaper"
on_top_of = "<b>They</b> answer, {{ 7*7 }}"
iceberg = [{importer = "*", exporter = "*", sector = "*", times = 0.95}]
"""

HOSTILE = ("</script><script>alert(1)</script>", '<b>&amp;"bold"</b>', "A,B {{ 7*7 }} \\textbf{x}_%")
"""Names of countries that are text, whatever they look like."""

HOSTILE_GROUP, HOSTILE_FILE = "<u>R|'\"&_%", "<i>case '&.toml"
"""Names of a group and of a run file that are text, too."""

SATELLITES = ("inputs", "hostile", "policy")
"""Kinds with satellite accounts."""

ACCOUNTS = {"hostile": "</b>'CO2, \\t%", "jobs": "jobs"}
"""Names of two accounts, one of which is text whatever it looks like."""

MAPPED = ("USA", "Germany", "ROW")
"""A code, a name, and a region without a place."""

OUTPUTS = (
    "run",
    "inputs",
    "hostile",
    "mapped",
    "gains",
    "comparison",
    "scenarios",
    "sweep",
    "sweep_each",
    "draws",
    "draws_grid",
    "gradient",
    "gradient_all",
    "policy",
)


def make_output(kind: str, folder: Path) -> Path:
    """Make the output folder of a kind below `folder`."""
    out = folder / "out"
    model, names, sweep = "melitz", ("Home", "North", "South"), ""
    keys = "firms = true\n"
    if kind in ("hostile", "mapped"):
        names = HOSTILE if kind == "hostile" else MAPPED
    if kind == "inputs":
        model, keys = "armington", ""
    if kind == "sweep":
        sweep = '[sweep]\n"tariff[0].add" = {from = 0.0, to = 0.4, steps = 5}\n'
    if kind == "sweep_each":
        sweep = '[sweep]\n"tariff[0].importer" = "each"\ntransfers = ["fixed", "zero"]\n'
    if kind.startswith("draws"):
        sweep = ('[sweep]\n"tariff[0].add" = [0.1, 0.2, 0.3]\n' if kind == "draws_grid" else "") + DRAWS
    if kind == "policy":
        model, sweep = "eaton_kortum", '[policy]\nquestion = "war"\nplayers = ["Home", "Rest"]\nrates = "free"\n'
    elif sweep or kind == "gains":
        model, keys = "eaton_kortum", ""
    path = folder / (HOSTILE_FILE if kind == "hostile" else "case.toml")
    economy = renamed(names, folder / "economy.nc") if names[0] != "Home" else "mini"
    title = names[0] if kind == "hostile" else f"A tariff, {kind}"
    text = HEAD.format(title=quoted(title), economy=economy, model=model) + keys
    rest = ", ".join(f'"{quoted(name)}"' for name in names[1:])
    group = f'"{quoted(HOSTILE_GROUP)}"' if kind == "hostile" else "Rest"
    goods = '"<i>goods"' if kind == "hostile" else '"goods"'
    if kind == "inputs":
        text = text.replace("intermediates = false\n", "")
    if kind in SATELLITES:
        text += 'satellite = "accounts.csv"\n'
    tail = TAIL.format(group=group, rest=rest, home=f'"{quoted(names[0])}"', goods=goods) + sweep
    path.write_text(text + tail + (SCENARIOS if kind == "scenarios" else ""), encoding="utf-8")
    if kind in SATELLITES:
        (folder / "accounts.csv").write_text(satellite(names, goods.strip('"')), encoding="utf-8")
    case = load(path)
    if "[sweep" in sweep:
        write_sweep(case, out, workers.here)
    elif kind == "gains":
        write_gains(case, out)
    elif kind in ("comparison", "scenarios"):
        write_comparison(case, out)
    elif kind == "policy":
        write_policy(case, out)
    elif kind.startswith("gradient"):
        write_gradient(case, out, ["North", "South"] if kind == "gradient_all" else [], everything=kind == "gradient_all")
    else:
        write_run(case, out)
    return out


def read_back(folder: Path) -> Results:
    """An output folder, whatever question it answers."""
    return open_results(folder, QUESTIONS)


def satellite(names: tuple[str, ...], goods: str) -> str:
    """Accounts of all countries, emissions of goods and jobs everywhere."""
    rows = [["country", "sector", "name", "amount", "moves_with"]]
    for place, name in enumerate(names):
        rows.append([name, goods, ACCOUNTS["hostile"], str(10.0 * (place + 1)), "output"])
        rows += [[name, sector, ACCOUNTS["jobs"], str(5.0 + place), "employment"] for sector in (goods, "services")]
    return "".join(",".join(map(in_csv, row)) + "\n" for row in rows)


def quoted(text: str) -> str:
    """Text inside a TOML string."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def renamed(names: tuple[str, ...], path: Path) -> str:
    """The small economy under other names of its countries; markup in that of a sector, too, where a country has any."""
    with xr.open_dataset(bundled.find("data", "mini"), engine="netcdf4") as data:
        data = data.load()
    coordinates = {dim: list(names) for dim in ("exporter", "importer", "country")}
    if "<" in names[0]:
        coordinates |= {dim: ["<i>goods", "services"] for dim in ("sector", "input")}
    data.assign_coords(coordinates).to_netcdf(path, engine="netcdf4")
    return path.name
