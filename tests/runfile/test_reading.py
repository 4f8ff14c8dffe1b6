"""Reading: every file is opened once, all faults come at once, and nothing is solved."""

from __future__ import annotations

import builtins
import io
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from cge.data import bundled
from cge.errors import RunFileError, SolveError
from cge.questions.compare.answer import compare
from cge.questions.solve import ready, solve, verify
from cge.runfile.description import describe
from cge.runfile.load import load

TITLE, MODEL, TRADE = 'title = "t"\n', 'model = "armington"\n', "[elasticities]\ntrade = 5.0\n"
TARIFF = '[[tariff]]\nimporter = "{}"\nexporter = "{}"\nsector = "goods"\n{}\n'
FALL = '[[iceberg]]\nimporter = "*"\nexporter = "*"\nsector = "*"\ntimes = 0.9\n'
RATES = "exporter,importer,sector,tariff\nSouth,Home,goods,{}\n"
SHARES = "country,sector,factor,share\n*,*,skilled,0.4\n*,*,unskilled,0.6\n"
WORLD = """
countries = ["Home", "Foreign"]
sectors = ["goods"]
endowment = {Home = 100, Foreign = 60}
iceberg = 1.4
fixed_cost = 1.2
home_fixed_cost = 1.0
entry_cost = 0.5
"""

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file beside the others, and return its path."""

    def to(name: str, text: str) -> Path:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return to


@pytest.fixture
def mini(tmp_path: Path) -> Callable[..., None]:
    """Write the small economy, of one factor, to a file after a change of its values."""

    def to(name: str, change: Callable[[xr.Dataset], None] = lambda data: None) -> None:
        data = xr.load_dataset(bundled.find("data", "mini"))
        added = data["value_added"].sum("factor").expand_dims(factor=["labour"])
        data = data.drop_dims("factor").assign(value_added=added)
        change(data)
        data.to_netcdf(tmp_path / name)

    return to


def short(data: xr.Dataset) -> None:
    """Final demand below zero: producers take more goods than Home buys."""
    data["intermediate"].loc["Home", "goods", "services"] = 75.0
    data["value_added"].loc["labour", "Home", "services"] = 20.0


def faults(path: Path) -> list[str]:
    with pytest.raises(RunFileError) as caught:
        load(path)
    return list(caught.value.faults)


def told(path: Path, *words: str) -> None:
    """A run file is refused with these faults, each known by its beginning or what it says, in this order and no others."""
    found = faults(path)
    assert len(found) == len(words), "\n".join(found)
    for fault, word in zip(found, words, strict=True):
        assert word in fault, "\n".join(found)


# --- all faults at once ------------------------------------------------------------------------------------------------------------------


def test_one_fault_of_each_kind_at_once(write: Write, mini: Callable[..., None]) -> None:
    """Keys, files, their values, groups, elasticities, shocks and baselines: none hides another."""
    mini("short.nc", short)
    write("bad.csv", RATES.format("high"))
    write("base.toml", TITLE + 'economy = "short.nc"\nmodel = "krugman"\nscal = 1\n' + TRADE + TARIFF.format("Home", "Suoth", "set = 0.1"))
    text = (
        'economy = "short.nc"\nmodel = "armington"\nmethod = "level"\nbaseline = "base.toml"\n[groups]\nA = ["Nroth"]\nB = 3\n'
        '[elasticities]\ntrade = {god = 5.0, "*" = -1.0}\nsigma = "x"\n'
    )
    text += TARIFF.format("Hoem", "South", "set = 0.1") + TARIFF.format("Home", "South", 'file = "none.csv"')
    text += TARIFF.format("Home", "North", 'file = "bad.csv"') + TARIFF.format("Home", "South", "set = 0.1\nadd = 0.1")
    text += FALL.replace("0.9", "0") + FALL.replace("iceberg", "fixed_cost") + '[[endowment]]\ncountry = "A"\nfactor = "labor"\ntimes = 2\n'
    told(
        write("case.toml", text),
        "title: is missing.",
        'method: "level" is not allowed.',
        "elasticities.sigma",
        "groups.B: 3 is not a list of labels",
        "iceberg[0].times",
        "tariff[3]: has set and add",
        "tariff[1].file: no file",
        'baseline "base.toml": scal: unknown key `scal`.',
        'baseline "base.toml": tariff[0].exporter: no country Suoth.',
        'baseline "base.toml": ',  # its own final demand under its own rule
        "groups.A: no country, sector or group Nroth.",
        "elasticities.trade: no sector god",
        "trade = -1 at sectors goods, services, but it must be positive",
        "tariff[0].importer: no country Hoem.",
        "tariff[2].file: bad.csv: row 2: tariff 'high' is not a rate",
        "endowment[0].factor: no factor labor.",
        "final demand (spending minus intermediate purchases) is negative",
        'baseline: "base.toml" differs in model (armington here, krugman there)',
    )


def test_an_economy_that_cannot_be_opened_hides_nothing(write: Write) -> None:
    text = TITLE + 'economy = "none.nc"\nmodel = "ek"\nbaselin = "x"\n[elasticities]\ntrade = -1.0\n'
    text += TARIFF.format("Home", "South", 'file = "none.csv"')
    told(write("case.toml", text), 'model: "ek"', "baselin: unknown key", "economy: no file", "tariff[0].file: no file")
    told(write("case.toml", text.replace("ek", "melitz").replace("baselin ", "scale = 1 #")),
        "economy: no file", "tariff[0].file: no file", "trade = -1, but it must be positive", "melitz needs sigma",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("model", "given", "words"),
    [
        ("melitz", "trade = 2.0\nsigma = 4.0", "k > sigma − 1"),
        ("melitz", 'trade = {goods = -1.0, "*" = 4.0}\nsigma = 4.0', "trade = -1 at sector=goods"),
        ("melitz", 'set = "caliendo_parro_2015"\nsigma = 0.5', "sigma = 0.5"),
        ("melitz", 'set = "caliendo_parro_2015"', "melitz needs sigma"),
        ("external_economies", 'trade = {goods = 5.0, "*" = 4.0}', "needs psi"),
        ("armington", 'set = "caliendo_paro_2015"', "no set"),
    ],
)
def test_elasticities_are_checked_without_an_economy(write: Write, model: str, given: str, words: str) -> None:
    path = write("case.toml", f'{TITLE}economy = "none.nc"\nmodel = "{model}"\n[elasticities]\n{given}\n')
    told(path, "economy: no file", words)


@pytest.mark.parametrize(
    ("model", "given", "words"),
    [
        (
            "melitz",
            "trade = {goods = -1.0, services = 2.0}\nsigma = 4.0",
            ["trade = -1 at sector=goods, but it must be positive", "k − (sigma − 1) = -1 at sector=services, but Melitz needs"],
        ),
        (
            "melitz",
            'trade = {goods = "x", services = -2.0}\nsigma = {goods = 0.5, services = true}',
            ['trade: "x" at sector=goods is not a number', "sigma: true at sector=services is not", "trade = -2 at", "sigma = 0.5 at"],
        ),
        (
            "external_economies",
            'trade = {goods = 4.0, servces = 5.0, "*" = 3.0}\npsi = {goods = 0.5, services = -0.1}',
            [
                "trade: no sector servces",
                "psi = -0.1 at sector=services, but it must not be negative",
                "scale = trade·psi = 2 at sector=goods",
            ],
        ),
        (
            "restricted_entry",
            "trade = {goods = 0.0, services = 4.0}\nprofit = {goods = 1.5, services = -0.1}",
            ["trade = 0 at sector=goods", "profit = 1.5 at sector=goods", "profit = -0.1 at sector=services"],
        ),
        (
            "variable_markups",
            'trade = -1.0\ndemand = {goods = "carra", services = "pollak"}',
            ["trade = -1, but", "no 'carra'. Did you mean cara? Sectors: goods.", "pollak needs its parameter s, positive and below k + 1"],
        ),
        (
            "variable_markups",
            'trade = 5.0\ndemand = {goods = 3, services = "qmor"}\ndemand_parameter = {goods = 1.0}',
            ["demand: 3 at sector=goods is not a name", "demand_parameter: no value for services"],
        ),
        (
            "variable_markups",
            "trade = {gods = 5.0, services = -5.0}\neta = {goods = 1.5, services = 0.1}",
            ["no sector gods", "no value for goods", "trade = -5 at sector=services", "eta = 1.5 at sector=goods"],
        ),
    ],
)
def test_an_elasticity_of_one_sector_hides_no_fault_of_another(
    write: Write, mini: Callable[..., None], model: str, given: str, words: list[str]
) -> None:
    mini("one.nc")
    told(write("case.toml", f'{TITLE}economy = "one.nc"\nmodel = "{model}"\nintermediates = false\n[elasticities]\n{given}\n'), *words)


def test_fixed_costs_are_checked_without_an_economy(write: Write) -> None:
    path = write("case.toml", TITLE + 'economy = "none.nc"\n' + MODEL + TRADE + FALL.replace("iceberg", "fixed_cost"))
    told(path, "economy: no file", "fixed_cost[0]: plays no role")


@pytest.mark.parametrize("value", [-1.0, np.nan])
def test_faulty_values_leave_their_labels(write: Write, mini: Callable[..., None], value: float) -> None:
    """Groups, elasticities and shocks are checked against the labels; nothing is said of rates that are not known."""

    def spoil(data: xr.Dataset) -> None:
        data["tariff"].loc["South", "Home", "goods"] = value

    mini("bad.nc", spoil)
    shock = TARIFF.format("Home", "Suoth", "add = -0.5") + TARIFF.format("Home", "South", "add = -0.05")
    text = TITLE + 'economy = "bad.nc"\n' + MODEL + '[groups]\nA = ["Nroth"]\n[elasticities]\ntrade = {god = 5.0, "*" = 4.0}\n' + shock
    told(
        write("case.toml", text),
        "bad.nc: tariff: 1 ",
        "groups.A",
        "elasticities.trade: no sector god",
        "tariff[0].exporter: no country Suoth",
    )
    text = text.replace("Suoth", "South") + TARIFF.format("Home", "North", "set = -0.3")
    told(
        write("case.toml", text),
        "bad.nc: tariff: 1 ",
        "groups.A",
        "elasticities.trade: no sector god",
        "tariff: the rate is -0.3 at sector=goods",
    )


def test_factor_shares_with_faults_leave_countries_and_sectors(write: Write, mini: Callable[..., None]) -> None:
    mini("one.nc")
    text = TITLE + 'economy = "one.nc"\nfactor_shares = "shares.csv"\n' + MODEL + TRADE + TARIFF.format("Hoem", "South", "set = 0.1")
    text += '[[endowment]]\ncountry = "Hoem"\nfactor = "{}"\ntimes = 2\n'
    path = write("case.toml", text.format("skilled"))
    told(path, "factor_shares: no file", "tariff[0].importer", "endowment[0].country")
    write("shares.csv", SHARES.replace("0.4", "1.4"))
    told(path, "factor_shares: ", "tariff[0].importer", "endowment[0].country")
    write("shares.csv", SHARES.replace("0.4", "0.5"))
    told(path, "shares add up to 1.1", "tariff[0].importer", "endowment[0].country")
    groups = write("case.toml", text.format("skilled").replace("[elasticities]", '[groups]\nA = ["Nroth"]\n[elasticities]'))
    told(groups, "shares add up to 1.1", "groups.A: no country, sector or group Nroth", "tariff[0].importer", "endowment[0].country")
    told(
        write("case.toml", text.format("skiled")), "shares add up to 1.1", "tariff[0].importer", "no factor skiled", "endowment[0].country"
    )


def test_factor_shares_with_faults_do_not_hide_those_of_the_economy(write: Write, mini: Callable[..., None]) -> None:
    mini("short.nc", short)
    write("base.toml", TITLE + 'economy = "short.nc"\nnegative_final_demand = "zero"\n' + MODEL + TRADE)
    text = TITLE + 'economy = "short.nc"\nfactor_shares = "shares.csv"\nbaseline = "base.toml"\n' + MODEL + TRADE
    told(write("case.toml", text), "factor_shares: no file", "final demand", "differs in negative_final_demand")
    write("shares.csv", SHARES.replace("0.4", "0.5"))
    told(write("case.toml", text), "shares add up to 1.1", "final demand", "differs in negative_final_demand")


def test_a_technology_with_faults_leaves_its_labels(write: Write) -> None:
    write("world.toml", WORLD.replace("iceberg = 1.4", "iceberg = 0.0").replace("entry_cost = 0.5", "transfer = {Home = 3.0}"))
    text = TITLE + 'technology = "world.toml"\nmodel = "melitz"\n[elasticities]\ntrade = 2.0\nsigma = 4.0\n'
    told(
        write("case.toml", text + TARIFF.format("Hoem", "Foreign", "set = 0.1")),
        "entry_cost: is missing.",
        "iceberg: 0 at exporter=Home importer=Foreign sector=goods",
        "transfer: transfers add up to 3",
        "k > sigma − 1",
        "tariff[0].importer: no country Hoem.",
    )


def test_every_baseline_of_a_chain_tells_its_faults(write: Write) -> None:
    head = TITLE + 'economy = "mini"\n'
    write("c.toml", head + MODEL + "tolerance = 2\n" + TRADE)
    write("b.toml", head + 'model = "krugman"\nbaseline = "c.toml"\n' + TRADE + TARIFF.format("Home", "Suoth", "set = 0.1"))
    told(
        write("a.toml", head + MODEL + 'baseline = "b.toml"\ntransfers = "zero"\n' + TRADE),
        'baseline "b.toml": baseline "c.toml": tolerance: 2',
        'baseline "b.toml": tariff[0].exporter: no country Suoth',
        'baseline "b.toml": baseline: "c.toml" differs in model (krugman here, armington there)',
        'baseline: "b.toml" differs in model (armington here, krugman there)',
        'baseline: "b.toml" differs in transfers (zero here, fixed there)',
    )


def test_a_file_that_several_run_files_name_tells_its_faults_once(write: Write, tmp_path: Path) -> None:
    for name in ("bad.nc", "rates.nc"):
        (tmp_path / name).write_bytes(b"no")
    text = (
        TITLE
        + 'economy = "bad.nc"\n'
        + MODEL
        + '{}[elasticities]\nset = "mine.csv"\n'
        + TARIFF.format("Home", "South", 'file = "rates.nc"')
    )
    write("mine.csv", "sector,trade\ngoods,-1\n")
    write("base.toml", text.format(""))
    path = write("case.toml", text.format('baseline = "base.toml"\n'))
    told(path, "cannot be read as netCDF", "elasticities.set: ", "tariff[0].file: ")


# --- each file once ----------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each file of the folder, or one that comes with the package, was opened for reading."""
    count: Counter[str] = Counter()
    folders, real = (tmp_path, bundled.folder("data"), bundled.folder("calibration")), builtins.open

    def counted(file: Any, mode: str = "r", *args: Any, **options: Any) -> Any:
        path = Path(file) if isinstance(file, str | Path) else None
        if path is not None and "r" in mode and any(path.is_relative_to(folder) for folder in folders):
            count[path.name] += 1
        return real(file, mode, *args, **options)

    monkeypatch.setattr(builtins, "open", counted)
    monkeypatch.setattr(io, "open", counted)
    return count


def test_every_file_is_opened_once(write: Write, mini: Callable[..., None], opens: Counter[str], tmp_path: Path) -> None:
    """Through two baselines and all members of a comparison: economy, factor shares, a set with its concordance, rates, run files."""
    mini("one.nc")
    write("shares.csv", SHARES)
    write("mine.csv", "sector,trade,classification\ngoods,6.2,caliendo_parro_2015\nservices,3.1,caliendo_parro_2015\n")
    write("rates.csv", RATES.format(0.3))
    (tmp_path / "rates.nc").write_bytes((tmp_path / "one.nc").read_bytes())
    head = TITLE + 'economy = "one.nc"\nfactor_shares = "shares.csv"\n' + MODEL + '{}[elasticities]\nset = "mine.csv"\n'
    write("c.toml", head.format("") + TARIFF.format("Home", "South", 'file = "rates.csv"'))
    write("b.toml", head.format('baseline = "c.toml"\n') + TARIFF.format("Home", "South", 'file = "rates.nc"'))
    path = write("a.toml", head.format('baseline = "b.toml"\n') + TARIFF.format("Home", "South", 'file = "rates.csv"') * 2)
    opens.clear()
    case = load(path)
    found = compare(case, lambda one, report: solve(one, report))
    assert len([answer for answer in found.answers if answer.solution is not None]) == 4
    expected = {"a.toml", "b.toml", "c.toml", "one.nc", "shares.csv", "mine.csv", "caliendo_parro_2015.csv", "rates.csv", "rates.nc"}
    assert opens.keys() >= expected  # beside them what comes with the package and is read once by whoever asks first
    assert set(opens.values()) == {1}
    assert case.inputs["one.nc"] == sha256((tmp_path / "one.nc").read_bytes()).hexdigest()
    assert {Path(name).name for name in case.inputs} == (expected - {"caliendo_parro_2015.csv"}) | {"concordance caliendo_parro_2015"}


def test_a_technology_is_opened_once(write: Write, opens: Counter[str]) -> None:
    write("world.toml", WORLD)
    head = TITLE + 'technology = "world.toml"\nmodel = "melitz"\n{}[elasticities]\ntrade = 5.0\nsigma = 4.0\n'
    write("base.toml", head.format("") + FALL)
    case = load(write("case.toml", head.format('baseline = "base.toml"\n') + FALL.replace("0.9", "0.8")))
    compare(case, lambda one, report: solve(one, report))
    assert opens == Counter(["case.toml", "base.toml", "world.toml"])


# --- nothing is solved -------------------------------------------------------------------------------------------------------------------


def test_check_of_a_technology_solves_nothing() -> None:
    """In a process of its own: neither IPOPT nor Pyomo nor CasADi is so much as imported."""
    code = (
        "import sys; from typer.testing import CliRunner; from cge.cli import app; "
        "done = CliRunner().invoke(app, ['check', 'factor-abundance']); print(done.output); "
        "print(done.exit_code, sorted({'cyipopt', 'pyomo', 'casadi'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 []"
    text = " ".join(done.stdout.split())
    assert "2 countries, 2 sectors, 2 factors (skills, labour)" in text
    assert "A technology written by hand" in text
    assert "Model melitz, elasticities: trade = 4.25, sigma = 4." in text
    assert "Changes: iceberg in 4 cells." in text
    assert "No faults." in text


def test_the_benchmark_of_a_technology_is_solved_when_it_is_asked_for(write: Write) -> None:
    write("world.toml", WORLD)
    path = write("case.toml", TITLE + 'technology = "world.toml"\nmodel = "melitz"\n[elasticities]\ntrade = 5.0\nsigma = 4.0\n' + FALL)
    case = load(path)
    assert (case.countries, case.sectors, case.factors) == (["Home", "Foreign"], ["goods"], ["labour"])
    with pytest.raises(
        ValueError, match=r"world\.toml: the benchmark of a technology is solved first: case = cge\.questions\.solve\.ready"
    ):
        _ = case.benchmark
    solved = ready(case)
    assert ready(solved) is solved
    assert solved.benchmark.countries == case.countries
    assert solved.levels is not None
    assert describe(solved)[0] == describe(case)[0]


def test_a_technology_is_verified_as_far_as_it_can_be_without_solving(write: Write) -> None:
    write("world.toml", WORLD)
    path = write("case.toml", TITLE + f'technology = "world.toml"\nmodel = "melitz"\n[elasticities]\ntrade = 5.0\nsigma = 4.0\n{FALL}')
    verify(load(path))
    closed = path.read_text(encoding="utf-8").replace("0.9", "inf")
    with pytest.raises(SolveError, match="factor price is not determined"):
        verify(load(write("case.toml", closed)))
    write("world.toml", WORLD.replace("iceberg = 1.4", "iceberg = inf"))
    with pytest.raises(RunFileError, match=r"^technology .*world\.toml: No equilibrium"):
        verify(load(path))
