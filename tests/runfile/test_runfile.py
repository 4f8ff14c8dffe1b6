"""Run files: every rule of the Contract, and every fault with a sentence that says what, where and what to do."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import cge
from cge.data import bundled
from cge.data.labels import Names, Selection, home, pairs, select
from cge.errors import InputError, RunFileError
from cge.model.demand import demand, markups
from cge.model.shock import SHOCK_DIMS, Shock
from cge.questions.solve import solve
from cge.runfile.case import Case
from cge.runfile.description import describe
from cge.runfile.in_words import question
from cge.runfile.load import load
from cge.runfile.making import make_case
from cge.runfile.reading import Cache
from cge.tell.provenance import notes

TITLE, ECONOMY, MODEL, TRADE = 'title = "test"\n', 'economy = "mini"\n', 'model = "eaton_kortum"\n', "[elasticities]\ntrade = 5.0\n"
HEAD = TITLE + ECONOMY + MODEL
GOOD = HEAD + TRADE

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a run file and return its path."""

    def to(text: str, name: str = "case.toml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return to


def faults(path: Path) -> tuple[str, ...]:
    """The sentences with which a run file is refused."""
    with pytest.raises(RunFileError) as caught:
        load(path)
    return caught.value.faults


def the_fault(path: Path) -> str:
    """The only sentence with which a run file is refused."""
    found = faults(path)
    assert len(found) == 1, found
    return found[0]


def tariff(importer: str = '"Home"', exporter: str = '"South"', sector: str = '"goods"', action: str = "set = 0.25") -> str:
    return f"[[tariff]]\nimporter = {importer}\nexporter = {exporter}\nsector = {sector}\n{action}\n"


def cost(table: str, importer: str = '"*"', exporter: str = '"*"', sector: str = '"*"', times: str = "1.5") -> str:
    return f"[[{table}]]\nimporter = {importer}\nexporter = {exporter}\nsector = {sector}\ntimes = {times}\n"


def rate(case: Case, exporter: str, importer: str, sector: str = "goods") -> float:
    assert case.shock.tariff is not None
    return float(case.shock.tariff.sel(exporter=exporter, importer=importer, sector=sector))


def moved(case: Case, table: str) -> set[tuple[str, ...]]:
    """Labels of the cells that a table of the shock changes, in the order of its dims (sector first)."""
    array = getattr(case.shock, table)
    if array is None:
        return set()
    old = case.benchmark.data["tariff"] if table == "tariff" else xr.ones_like(array)
    return {tuple(str(array[d].values[i]) for d, i in zip(array.dims, at, strict=True)) for at in np.argwhere(array.values != old.values)}


# keys and defaults


def test_defaults(write: Write) -> None:
    path = write(GOOD)
    case = load(path)
    assert (case.title, case.model, case.path) == ("test", "eaton_kortum", path)
    assert (case.transfers, case.intermediates, case.method, case.tolerance) == ("fixed", True, "hat", 1e-10)
    assert (case.negative_final_demand, case.unstable, case.scale, case.flows, case.firms) == ("refuse", "refuse", None, "csv", False)
    assert case.shock.nothing
    assert case.shock.baseline is None
    assert (case.groups, case.sector_groups, case.unused, case.sweep, case.compare) == ({}, {}, (), {}, [])
    assert case.text == GOOD


def test_every_key_is_read(write: Write) -> None:
    keys = (
        'transfers = "own_share"\nintermediates = false\nmethod = "levels"\ntolerance = 1e-8\nnegative_final_demand = "zero"\n'
        'unstable = "follow"\nscale = 0.5\nflows = "netcdf"\nfirms = true\n'
    )
    case = load(write(TITLE + ECONOMY + 'model = "melitz"\n' + keys + TRADE + "sigma = 4.0\n"))
    assert (case.transfers, case.intermediates, case.method, case.tolerance) == ("own_share", False, "levels", 1e-8)
    assert (case.negative_final_demand, case.unstable, case.scale, case.flows, case.firms) == ("zero", "follow", 0.5, "netcdf", True)
    assert case.shock.transfers == "own_share"
    assert not case.benchmark.intermediates


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (ECONOMY + MODEL + TRADE, "title"),
        (TITLE + MODEL + TRADE, "economy"),
        (TITLE + ECONOMY + TRADE, "model"),
        (HEAD, "elasticities"),
    ],
)
def test_required_keys(write: Write, text: str, key: str) -> None:
    assert the_fault(write(text)).startswith(f"{key}: is missing.")


@pytest.mark.parametrize("missing", ["importer", "exporter", "sector"])
def test_label_keys_of_a_shock_are_required(write: Write, missing: str) -> None:
    text = "\n".join(line for line in tariff().splitlines() if not line.startswith(missing))
    assert the_fault(write(GOOD + text)).startswith(f"tariff[0].{missing}: is missing.")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('model = "armingtn"', ("model", "armingtn", "Did you mean armington?")),
        ('transfers = "fix"', ("transfers", "fix", "Did you mean fixed?")),
        ('method = "level"', ("method", "Did you mean levels?")),
        ('unstable = "folow"', ("unstable", "Did you mean follow?")),
        ('flows = "cvs"', ("flows", "Did you mean csv?")),
        ('negative_final_demand = "zeros"', ("negative_final_demand", "Did you mean zero?")),
        ('intermediates = "yes"', ("intermediates", "true or false")),
        ("firms = 1", ("firms", "true or false")),
        ("tolerance = 0.0", ("tolerance", "above 0")),
        ("tolerance = true", ("tolerance", "number")),
        ("tolerance = inf", ("tolerance", "number")),
        ("scale = 1.5", ("scale", "from 0 to 1")),
        ("transfer = 1", ("unknown key `transfer`", "Did you mean transfers?")),
        ('title = ""', ("title", "not allowed")),
        ("economy = 3", ("economy", "bundled name")),
        ("tariff = 0.1", ("tariff", "double brackets")),
    ],
)
def test_bad_values_and_unknown_keys(write: Write, line: str, words: tuple[str, ...]) -> None:
    key = line.split(" = ")[0]
    kept = [old for old in HEAD.splitlines() if not old.startswith(f"{key} = ")]
    found = the_fault(write("\n".join([*kept, line, TRADE])))
    assert all(word in found for word in words), found


def test_tariff_in_single_brackets(write: Write) -> None:
    assert "double brackets" in the_fault(write(GOOD + tariff().replace("[[tariff]]", "[tariff]")))


def test_unknown_key_in_a_shock_names_the_nearest(write: Write) -> None:
    found = faults(write(GOOD + tariff().replace("sector =", "sectr =")))
    assert any("tariff[0].sectr: unknown key `sectr`. Did you mean sector?" in fault for fault in found)


def test_key_below_a_table_header_is_told_where_it_belongs(write: Write) -> None:
    assert "above the first [table]" in the_fault(write(GOOD + "scale = 0.5\n"))
    assert "above the first [table]" in the_fault(write(GOOD + "[groups]\nintermediates = false\n"))
    found = faults(write(HEAD + "trade = 5.0\n"))
    assert any(fault.startswith("trade: unknown key") and "[elasticities]" in fault for fault in found)


def test_not_toml_names_the_line(write: Write) -> None:
    found = the_fault(write("title = \n"))
    assert "not TOML" in found
    assert "line 1" in found


def test_not_text(tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_bytes(b"title = '\xff'")
    assert "UTF-8" in the_fault(tmp_path / "case.toml")
    assert "cannot be read" in the_fault(tmp_path)


def test_missing_run_file_names_the_nearest(write: Write, tmp_path: Path) -> None:
    write(GOOD, "tariffs.toml")
    assert "Did you mean tariffs.toml?" in the_fault(tmp_path / "tarifs.toml")
    assert "Did you mean us-tariff?" in the_fault(Path("us-tarif"))


def test_sweep_and_compare_are_kept_raw(write: Write) -> None:
    case = load(write(GOOD + '[sweep]\n"tariff[0].add" = [0.1, 0.2]\n[sweep.draws]\nn = 5\n[[compare]]\nmodel = "krugman"\n'))
    assert case.sweep == {"tariff[0].add": [0.1, 0.2], "draws": {"n": 5}}
    assert case.compare == [{"model": "krugman"}]


def test_changed_table_makes_a_changed_case(write: Write) -> None:
    case = load(write(GOOD + tariff()))
    table = {**case.table, "tariff": [{**case.table["tariff"][0], "set": 0.5}]}
    again = make_case(table, case.text, case.path, Cache())
    assert rate(case, "South", "Home") == 0.25
    assert rate(again, "South", "Home") == 0.5


def test_all_faults_at_once(write: Write) -> None:
    head = HEAD.replace('"test"', "3").replace("eaton_kortum", "melitz")
    text = (
        head
        + '[groups]\nHome = ["North"]\n[elasticities]\ntrade = 2.0\nsigma = 4.0\n'
        + tariff(exporter='"Suoth"')
        + tariff(action="")
        + cost("iceberg", times="0")
    )
    found = "\n".join(faults(write(text)))
    for words in (
        "title: 3",
        "groups.Home",
        "sigma",
        "tariff[0].exporter: no country Suoth. Did you mean South?",
        "tariff[1]: has no action",
        "iceberg[0].times",
    ):
        assert words in found
    assert len(found.splitlines()) == 6


def test_faults_of_the_economy_come_with_those_of_the_run_file(write: Write, tmp_path: Path) -> None:
    data = xr.load_dataset(bundled.find("data", "mini"))
    data["flow"][0, 1, 0] = -1.0
    data.to_netcdf(tmp_path / "bad.nc")
    found = faults(write(TITLE + 'economy = "bad.nc"\n' + 'model = "ek"\n' + TRADE + tariff(action="set = 0.1\nadd = 0.1")))
    assert any("flow: 1 negative entry" in fault for fault in found)
    assert any(fault.startswith("model:") for fault in found)


def test_labels_are_checked_where_calibration_fails(write: Write, tmp_path: Path) -> None:
    data = xr.load_dataset(bundled.find("data", "mini"))
    data["intermediate"].loc["Home", "goods", "services"] = 75.0  # more goods than Home buys
    data["value_added"].loc["Home", "services"] = [10.0, 10.0]
    data.to_netcdf(tmp_path / "short.nc")
    text = TITLE + 'economy = "short.nc"\n' + MODEL + "{}" + TRADE + tariff(exporter='"Suoth"')
    found = faults(write(text.format("")))
    assert any("final demand" in fault and "negative_final_demand" in fault for fault in found)
    assert any("Suoth" in fault for fault in found)
    assert "Suoth" in the_fault(write(text.format('negative_final_demand = "zero"\n')))


# economy


def test_economy_beside_the_run_file(write: Write, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "mine.nc").write_bytes(bundled.find("data", "mini").read_bytes())
    case = load(write(GOOD.replace('"mini"', '"data/mine.nc"')))
    assert case.economy.countries == ["Home", "North", "South"]
    assert set(case.inputs) == {str(case.path), "data/mine.nc"}


def test_unknown_economy_names_the_nearest(write: Write, tmp_path: Path) -> None:
    assert "Did you mean icio2022?" in the_fault(write(GOOD.replace('"mini"', '"icio2202"')))
    (tmp_path / "tradewar.nc").write_bytes(b"")
    found = the_fault(write(GOOD.replace('"mini"', '"trawedar.nc"')))
    assert "trawedar.nc" in found
    assert "Did you mean tradewar.nc?" in found


@pytest.mark.parametrize(
    ("line", "words"),
    [('economy = {source = "wiod2013", path = "x"}', ("economy", "no file")), ('technology = "t.toml"', ("technology", "economy ="))],
)
def test_what_stands_for_an_economy_file_and_is_not_there(write: Write, line: str, words: tuple[str, ...]) -> None:
    found = the_fault(write(TITLE + line + "\n" + MODEL + TRADE))
    assert all(word in found for word in words)


def test_inputs_hold_the_hash_of_every_file(write: Write, tmp_path: Path) -> None:
    case = load(write(GOOD))
    assert case.inputs["mini"] == "e9625a51e716adfdd96aef5142f964d824f5d571f92d0fc8a0ab48276b511f26"  # data/README.md
    write("exporter,importer,sector,tariff\nSouth,Home,goods,0.3\n", "t.csv")
    write(GOOD, "base.toml")
    case = load(write(HEAD + 'baseline = "base.toml"\n' + TRADE + tariff(action='file = "t.csv"')))
    assert {Path(name).name for name in case.inputs} == {"case.toml", "mini", "t.csv", "base.toml"}
    assert all(len(digest) == 64 for digest in case.inputs.values())


# groups


def test_groups_of_countries_and_of_sectors(write: Write) -> None:
    case = load(write(HEAD + '[groups]\nB = ["South", "Home"]\nG = ["g*"]\n' + TRADE + tariff('"B"', '"North"', '"G"')))
    assert case.groups == {"B": ["Home", "South"]}  # the economy's order
    assert case.sector_groups == {"G": ["goods"]}
    assert moved(case, "tariff") == {("goods", "North", "Home"), ("goods", "North", "South")}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('Home = ["North"]', ("groups.Home", "country of this name")),
        ('goods = ["North"]', ("groups.goods", "sector of this name")),
        ('labour = ["North"]', ("groups.labour", "factor of this name")),
        ('World = ["North"]', ("groups.World", "sum of all countries")),
        ('"!A" = ["North"]', ("groups.!A", "may not begin with !")),
        ('"A*" = ["North"]', ("groups.A*", "meaning in selections")),
        ('B = ["Nort"]', ("groups.B", "Nort", "Did you mean North?")),
        ('B = ["North", "goods"]', ("groups.B", "mixes countries and sectors")),
        ('B = ["*o*"]', ("groups.B", "can be read as countries and as sectors")),
        ('B = ["B"]', ("groups.B", "contains itself (B → B)")),
        ('B = ["C"]\nC = ["North", "B"]', ("groups.B", "contains itself (B → C → B)")),
        ("B = []", ("groups.B", "not a list of labels")),
        ('B = "North"', ("groups.B", "cge show groups", '["DEU", "FRA"]')),
        ('B = "EU27"', ("groups.B", "no groups EU27 with members in this economy")),
        ("B = [3]", ("groups.B", "not a list of labels")),
    ],
)
def test_bad_groups(write: Write, line: str, words: tuple[str, ...]) -> None:
    found = the_fault(write(HEAD + f"[groups]\n{line}\n" + TRADE))
    assert all(word in found for word in words), found


def test_groups_contain_groups(write: Write) -> None:
    case = load(write(HEAD + '[groups]\nB = ["A", "South"]\nA = ["Nor*"]\n' + TRADE + tariff('"Home"', '"B"')))
    assert case.groups == {"B": ["North", "South"], "A": ["North"]}
    assert moved(case, "tariff") == {("goods", "North", "Home"), ("goods", "South", "Home")}


def test_faults_of_a_group_inside_another_are_told_once(write: Write) -> None:
    found = the_fault(write(HEAD + '[groups]\nA = ["Nort"]\nB = ["A", "South"]\n' + TRADE + tariff(exporter='"B"')))
    assert found.startswith("groups.A: ")


def test_bundled_groups_by_name(write: Write) -> None:
    """Of the members those that the economy has; a name of one's own, or that of the package."""
    head = HEAD.replace('"mini"', '"icio2022"')
    case = load(
        write(head + '[groups]\nEU27 = "EU27"\nWest = ["EU27", "USA"]\nMaking = "C"\n' + TRADE + tariff('"EU27"', '"USA"', '"Making"'))
    )
    union = [row["from"] for row in csv.DictReader(bundled.find("calibration", "groups/EU27").read_text(encoding="utf-8").splitlines())]
    assert set(case.groups["EU27"]) == set(union) & set(case.countries)
    assert len(case.groups["EU27"]) == 27
    assert set(case.groups["West"]) == {*case.groups["EU27"], "USA"}
    assert case.sector_groups["Making"] == [sector for sector in case.sectors if sector.startswith("C")]
    assert {importer for _, _, importer in moved(case, "tariff")} == set(case.groups["EU27"])
    found = the_fault(write(head + TRADE + tariff('"EU27"', '"USA"', '"*"')))
    assert found.endswith('no country EU27. It comes with the package: write EU27 = "EU27" in [groups].')


def test_group_of_the_wrong_kind(write: Write) -> None:
    groups = '[groups]\nA = ["North"]\nG = ["goods"]\n'
    assert "G is a group of sectors" in the_fault(write(HEAD + groups + TRADE + tariff(exporter='"G"')))
    assert "North is a country" in the_fault(write(HEAD + groups + TRADE + tariff(sector='"North"')))


# selections

NAMES = Names("country", ["AUT", "AUS", "BEL", "CHN", "c4+c5"], {"EU": ["AUT", "BEL"]}, {"goods": "a sector"})


def chosen(value: str | list[str]) -> list[str]:
    found: list[str] = []
    selection = select(value, NAMES, "here", found)
    assert not found
    assert selection is not None
    return [label for label, taken in zip(NAMES.labels, selection.mask, strict=True) if taken]


@pytest.mark.parametrize(
    ("value", "labels"),
    [
        ("AUT", ["AUT"]),
        ("c4+c5", ["c4+c5"]),
        ("EU", ["AUT", "BEL"]),
        ("A*", ["AUT", "AUS"]),
        ("AU?", ["AUT", "AUS"]),
        ("[BC]*", ["BEL", "CHN"]),
        (["CHN", "EU"], ["AUT", "BEL", "CHN"]),
        (["*", "!EU"], ["AUS", "CHN", "c4+c5"]),
        (["!EU", "*"], ["AUS", "CHN", "c4+c5"]),
        (["EU", "!A*"], ["BEL"]),
        (["EU", "!CHN"], ["AUT", "BEL"]),
        ("!AUT", ["AUS", "BEL", "CHN", "c4+c5"]),
        (["!EU", "!CHN"], ["AUS", "c4+c5"]),
    ],
)
def test_entries(value: str | list[str], labels: list[str]) -> None:
    assert chosen(value) == labels


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("AUD", ("no country", "Did you mean AU")),
        ("aut", ("Did you mean AUT?",)),  # labels are not folded
        ("EUU", ("Did you mean EU?",)),
        ("X*", ("pattern X* matches nothing",)),
        ("!X*", ("pattern X* matches nothing",)),
        (["*", "!AUD"], ("no country or group of countries AUD",)),
        (["EU", "!AUT", "!BEL"], ("matches nothing",)),
        ("!*", ("matches nothing",)),
        ("goods", ("goods is a sector",)),
        ("!", ("(empty)",)),
    ],
)
def test_entries_that_are_wrong(value: str | list[str], words: tuple[str, ...]) -> None:
    found: list[str] = []
    assert select(value, NAMES, "here", found) is None
    assert len(found) == 1
    assert found[0].startswith("here: ")
    assert all(word in found[0] for word in words), found


LABELS = st.lists(st.sampled_from(NAMES.labels), min_size=1, max_size=5)


@settings(deadline=None)
@given(LABELS, LABELS, st.randoms())
def test_selection_is_union_less_what_is_taken_away(plus: list[str], minus: list[str], random: st.DataObject) -> None:
    """Whatever the order of the entries, and however often one stands there."""
    entries = [*plus, *(f"!{label}" for label in minus)]
    random.shuffle(entries)  # type: ignore[attr-defined]
    expected = set(plus) - set(minus)
    found: list[str] = []
    selection = select(entries, NAMES, "here", found)
    if expected:
        assert selection is not None
        assert {label for label, taken in zip(NAMES.labels, selection.mask, strict=True) if taken} == expected
    else:
        assert selection is None
        assert "matches nothing" in found[0]


@settings(deadline=None)
@given(st.lists(st.booleans(), min_size=3, max_size=3), st.lists(st.booleans(), min_size=3, max_size=3))
def test_pairs_leave_out_the_diagonal(exporter: list[bool], importer: list[bool]) -> None:
    made = pairs(Selection(np.array(exporter)), Selection(np.array(importer)))
    assert not made.diagonal().any()
    assert np.array_equal(made | np.eye(3, dtype=bool), np.outer(exporter, importer) | np.eye(3, dtype=bool))


def test_home_needs_the_same_single_label() -> None:
    one, other = np.array([True, False]), np.array([False, True])
    assert home(Selection(one, "A"), Selection(one, "A"))
    assert not home(Selection(one, "A"), Selection(other, "B"))
    assert not home(Selection(one), Selection(one))  # a group or pattern of one
    assert pairs(Selection(one, "A"), Selection(one, "A"))[0, 0]


# tariffs


def test_everything_to_everyone_is_all_pairs_of_two_countries(write: Write) -> None:
    case = load(write(GOOD + tariff('"*"', '"*"', '"*"', "set = 0.5")))
    assert len(moved(case, "tariff")) == 12
    assert case.shock.tariff is not None
    assert np.all(np.diagonal(case.shock.tariff.values, axis1=1, axis2=2) == 0)


@pytest.mark.parametrize(("action", "expected"), [("set = 0.25", 0.25), ("add = 0.05", 0.15), ("times = 0.5", 0.05), ("times = 2", 0.2)])
def test_actions_on_the_rate_of_the_data(write: Write, action: str, expected: float) -> None:
    case = load(write(GOOD + tariff(action=action)))  # the rate in the data is 10 %
    assert rate(case, "South", "Home") == pytest.approx(expected, abs=1e-15)
    assert moved(case, "tariff") == {("goods", "South", "Home")}


def test_later_entries_act_on_the_result_of_earlier_ones(write: Write) -> None:
    case = load(write(GOOD + tariff(action="set = 0.2") + tariff(action="times = 3") + tariff(exporter='"*"', action="add = 0.1")))
    assert rate(case, "South", "Home") == pytest.approx(0.7, abs=1e-15)
    assert rate(case, "North", "Home") == pytest.approx(0.1, abs=1e-15)


def test_trap_of_a_union(write: Write) -> None:
    """The documented trap: from everyone also hits trade inside the group."""
    groups = '[groups]\nU = ["Home", "North"]\n'
    inside = ("goods", "North", "Home")
    assert inside in moved(load(write(HEAD + groups + TRADE + tariff('"U"', '"*"'))), "tariff")
    assert inside not in moved(load(write(HEAD + groups + TRADE + tariff('"U"', '["*", "!U"]'))), "tariff")


@pytest.mark.parametrize(
    ("action", "words"), [("", "no action"), ("set = 0.1\nadd = 0.2", "set and add"), ('times = 2\nfile = "x"', "times and file")]
)
def test_exactly_one_action(write: Write, action: str, words: str) -> None:
    found = the_fault(write(GOOD + tariff(action=action))) if "file" not in action else faults(write(GOOD + tariff(action=action)))[0]
    assert words in found
    assert "exactly one of set, add, times, file" in found


@pytest.mark.parametrize("action", ['set = "much"', "set = nan", "add = inf", "times = true"])
def test_actions_are_finite_numbers(write: Write, action: str) -> None:
    assert the_fault(write(GOOD + tariff(action=action))).startswith(f"tariff[0].{action.split()[0]}: ")


def test_tariff_at_home_is_an_error(write: Write) -> None:
    assert "both Home" in the_fault(write(GOOD + tariff('"Home"', '["Home"]')))


@pytest.mark.parametrize("table", [tariff('"H*"', '"Home"'), cost("iceberg", '"Home"', '"H*"')])
def test_selection_that_pairs_only_a_country_with_itself(write: Write, table: str) -> None:
    assert "matches nothing" in the_fault(write(GOOD + table))


def test_rate_below_zero_after_all_shocks(write: Write) -> None:
    found = the_fault(write(GOOD + tariff(action="set = 0.05") + tariff(exporter='"*"', action="add = -0.1")))
    assert "tariff: the rate is -0.1 at sector=goods exporter=North importer=Home after tariff[1] (2 such cells)" in found
    case = load(write(GOOD + tariff(action="add = -0.3") + tariff(action="add = 0.4")))  # below zero only on the way
    assert rate(case, "South", "Home") == pytest.approx(0.2, abs=1e-15)


def test_rounding_below_zero_is_zero(write: Write) -> None:
    case = load(write(GOOD + tariff(action="set = 0.3") + tariff(action="add = -0.1") * 3))
    assert rate(case, "South", "Home") == 0


def test_tariff_that_changes_nothing_is_no_shock(write: Write) -> None:
    assert load(write(GOOD + tariff(action="set = 0.1"))).shock.nothing


CSV = "exporter,importer,sector,tariff\nSouth,Home,goods,0.3\nNorth,Home,goods,0.4\nMars,Home,goods,9\n"


def test_tariff_file_csv(write: Write) -> None:
    write(CSV, "t.csv")
    case = load(write(GOOD + tariff(exporter='"*"', action='file = "t.csv"')))
    assert rate(case, "South", "Home") == 0.3
    assert rate(case, "North", "Home") == 0.4
    case = load(write(GOOD + tariff(action='file = "t.csv"')))  # cells that are not selected are ignored
    assert moved(case, "tariff") == {("goods", "South", "Home")}


def test_tariff_file_without_a_column_and_with_groups(write: Write) -> None:
    """The reader of `cge tariffs`: a missing column is all of it, groups of the run file are named, the nearer row speaks."""
    write("exporter,importer,tariff\n*,Home,0.3\nThem,Home,0.2\nSouth,Home,0.4\n", "t.csv")
    case = load(write(GOOD + '[groups]\nThem = ["North", "South"]\n' + tariff(exporter='"*"', sector='"*"', action='file = "t.csv"')))
    assert rate(case, "North", "Home") == rate(case, "North", "Home", "services") == 0.2
    assert rate(case, "South", "Home") == 0.4
    assert "every row speaks for all" in " ".join(describe(case))


def test_percent_is_refused_wherever_a_rate_enters(write: Write) -> None:
    found = the_fault(write(GOOD + tariff(action="set = 25")))
    assert found == 'tariff[0].set: 25 is 2,500 %; it looks like percent: write 0.25. If 2,500 % is meant, write unit = "rate" beside it.'
    assert "tariff[0].add: 10 is 1,000 %" in the_fault(write(GOOD + tariff(action="add = 10")))
    write("exporter,importer,sector,tariff\nSouth,Home,goods,25\nNorth,Home,goods,10\n", "t.csv")
    assert "seem to be in percent" in the_fault(write(GOOD + tariff(exporter='"*"', action='file = "t.csv"')))
    assert "unit: says nothing of times" in the_fault(write(GOOD + tariff(action='times = 2\nunit = "rate"')))


def test_what_rates_are_given_in(write: Write) -> None:
    """250 % stays possible; percent and powers are read where they are named."""
    for action, wanted in (
        ("set = 2.5", 2.5),
        ('set = 25\nunit = "rate"', 25.0),
        ('set = 25\nunit = "percent"', 0.25),
        ('set = 1.25\nunit = "power"', 0.25),
        ('add = 15\nunit = "percent"', 0.25),
    ):
        assert rate(load(write(GOOD + tariff(action=action))), "South", "Home") == pytest.approx(wanted)
    write("exporter,importer,sector,tariff\nSouth,Home,goods,1.25\nNorth,Home,goods,1.0\n", "t.csv")
    assert "powers (1 + t)" in the_fault(write(GOOD + tariff(exporter='"*"', action='file = "t.csv"')))
    case = load(write(GOOD + tariff(exporter='"*"', action='file = "t.csv"\nunit = "power"')))
    assert rate(case, "South", "Home") == 0.25
    assert rate(case, "North", "Home") == 0


def test_check_says_what_tariffs_are_after_the_shock(write: Write) -> None:
    """Imports of mini between countries bear 25 % where Home buys goods from South; a wrong rate is seen here."""
    case = load(write(GOOD + tariff()))
    flow = case.benchmark.data["flow"]
    abroad = float(flow.sum() - sum(flow.sel(exporter=c, importer=c).sum() for c in case.benchmark.countries))
    assert case.shock.tariff is not None
    mean = float((case.shock.tariff * flow).sum()) / abroad
    (line,) = (said for said in describe(case) if said.startswith("Tariffs after"))
    assert line == (
        f"Tariffs after: {mean:.2%} of benchmark imports on average, 25.0% at most (sector=goods exporter=South importer=Home); new rates 25.0%."
    )
    assert not any(said.startswith("Tariffs after") for said in describe(load(write(GOOD))))


def test_tariff_file_netcdf_in_any_order(write: Write, tmp_path: Path) -> None:
    data = xr.load_dataset(bundled.find("data", "mini"))["tariff"] + 0.05
    data.transpose("sector", "importer", "exporter").isel(exporter=[2, 0, 1]).to_dataset(name="tariff").to_netcdf(tmp_path / "t.nc")
    case = load(write(GOOD + tariff('"*"', '"*"', '"*"', 'file = "t.nc"')))
    assert rate(case, "South", "Home") == pytest.approx(0.15)
    assert rate(case, "North", "South") == pytest.approx(0.25)
    assert rate(case, "Home", "Home") == 0


def test_tariff_file_must_hold_every_selected_cell(write: Write, tmp_path: Path) -> None:
    write(CSV, "t.csv")
    found = the_fault(write(GOOD + tariff(exporter='"*"', sector='"*"', action='file = "t.csv"')))
    assert "2 of 4 selected cells" in found
    assert "sector=services exporter=North importer=Home" in found
    data = xr.load_dataset(bundled.find("data", "mini"))["tariff"]
    data.sel(exporter=["Home", "North"]).to_dataset(name="tariff").to_netcdf(tmp_path / "t.nc")
    assert "exporter=South" in the_fault(write(GOOD + tariff(action='file = "t.nc"')))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "exporter,importer,good,tariff\nSouth,Home,goods,0.3\n",
            ("no column sector", "found exporter, importer, good, tariff", "good may be it"),
        ),
        ("exporter,importer,sector,tariff\nSouth,Home,goods,high\n", ("row 2", "'high' is not a rate")),
        ("exporter,importer,sector,tariff\nSouth,Home,goods,\n", ("row 2", "not a rate")),
        ("exporter,importer,sector,tariff\n" + "South,Home,goods,0.3\n" * 2, ("rows 2 and 3", "importer=Home exporter=South sector=goods")),
        ("", ("t.csv is empty",)),
        ("exporter,importer,sector,tariff\nSouth,Home,goods,inf\n", ("inf",)),
        ("exporter,importer,sector,tariff\nSouth,Home,goods,-0.1\n", ("row 2", "not a rate from 0 up")),
    ],
)
def test_bad_tariff_csv(write: Write, text: str, words: tuple[str, ...]) -> None:
    write(text, "t.csv")
    found = the_fault(write(GOOD + tariff(action='file = "t.csv"')))
    assert all(word in found for word in words), found


def test_csv_label_that_reads_like_a_missing_value(write: Write, tmp_path: Path) -> None:
    """Namibia is NA."""
    data = xr.load_dataset(bundled.find("data", "mini"))
    renamed = {dim: [label if label != "South" else "NA" for label in data[dim].values] for dim in ("exporter", "importer", "country")}
    data.assign_coords(renamed).to_netcdf(tmp_path / "e.nc")
    write("exporter,importer,sector,tariff\nNA,Home,goods,0.3\n", "t.csv")
    case = load(write(GOOD.replace('"mini"', '"e.nc"') + tariff(exporter='"NA"', action='file = "t.csv"')))
    assert rate(case, "NA", "Home") == 0.3


def test_bad_tariff_netcdf(write: Write, tmp_path: Path) -> None:
    file = write(GOOD + tariff(action='file = "t.nc"'))
    assert "no file" in the_fault(file)
    (tmp_path / "u.nc").write_bytes(b"no")
    assert the_fault(file).endswith("Known: u.nc.")  # an ending that files share does not make them alike
    (tmp_path / "t.nc").write_bytes(b"no")
    assert "cannot be read as netCDF" in the_fault(file)
    data = xr.load_dataset(bundled.find("data", "mini"))
    data[["flow"]].to_netcdf(tmp_path / "v.nc")
    assert "no variable `tariff`" in the_fault(write(GOOD + tariff(action='file = "v.nc"')))
    data[["tariff"]].isel(sector=0).to_netcdf(tmp_path / "w.nc")
    assert "must be exporter, importer, sector" in the_fault(write(GOOD + tariff(action='file = "w.nc"')))
    xr.concat([data[["tariff"]]] * 2, "sector").to_netcdf(tmp_path / "x.nc")
    assert "appears more than once" in the_fault(write(GOOD + tariff(action='file = "x.nc"')))


# costs, productivity, endowments


def test_iceberg_factors_multiply(write: Write) -> None:
    case = load(
        write(
            GOOD
            + cost("iceberg", times="0.9")
            + cost("iceberg", '"Home"', times="0.5")
            + cost("iceberg", '"South"', '"Home"', '"goods"', "inf")
        )
    )
    assert case.shock.iceberg is not None
    factor = case.shock.iceberg.sel(sector="goods")
    assert float(factor.sel(exporter="North", importer="Home")) == pytest.approx(0.45)
    assert float(factor.sel(exporter="North", importer="South")) == 0.9
    assert float(factor.sel(exporter="Home", importer="South")) == np.inf
    assert float(factor.sel(exporter="Home", importer="Home")) == 1  # never with itself


def test_domestic_cost(write: Write) -> None:
    assert moved(load(write(GOOD + cost("iceberg", '"Home"', '"Home"'))), "iceberg") == {
        ("goods", "Home", "Home"),
        ("services", "Home", "Home"),
    }
    head = HEAD.replace("eaton_kortum", "melitz").replace(MODEL, "") + "intermediates = false\n" + TRADE + "sigma = 4.0\n"
    case = load(write(head + cost("fixed_cost", '"Home"', '"Home"', '"goods"')))
    assert moved(case, "fixed_cost") == {("goods", "Home", "Home")}


@pytest.mark.parametrize("model", ["armington", "eaton_kortum", "krugman", "external_economies"])
def test_fixed_cost_needs_a_model_with_fixed_costs(write: Write, model: str) -> None:
    found = the_fault(write(HEAD.replace("eaton_kortum", model) + TRADE + "psi = 0.1\n" + cost("fixed_cost")))
    assert found.startswith("fixed_cost[0]: plays no role")


def test_productivity_and_endowment(write: Write) -> None:
    text = '[[productivity]]\ncountry = ["*", "!Home"]\nsector = "goods"\ntimes = 1.1\n'
    text += '[[endowment]]\ncountry = "Home"\nfactor = "lab*"\ntimes = 1.2\n'
    case = load(write(GOOD + text))
    assert moved(case, "productivity") == {("goods", "North"), ("goods", "South")}
    assert moved(case, "endowment") == {("labour", "Home")}
    assert case.shock.endowment is not None
    assert case.shock.endowment.max() == 1.2


@pytest.mark.parametrize("times", ["0.0", "-1.0", "nan", '"x"', "true"])
@pytest.mark.parametrize("table", ["iceberg", "fixed_cost"])
def test_factors_are_positive(write: Write, table: str, times: str) -> None:
    found = faults(write(GOOD + cost(table, times=times)))
    assert found[0].startswith(f"{table}[0].times: ")


def test_only_iceberg_may_be_infinite(write: Write) -> None:
    found = faults(write(GOOD + '[[endowment]]\ncountry = "Home"\nfactor = "*"\ntimes = inf\n' + cost("fixed_cost", times="inf")))
    assert [fault.split(":")[0] for fault in found] == ["fixed_cost[0].times", "endowment[0].times", "fixed_cost[0]"]


def test_unknown_factor(write: Write) -> None:
    found = the_fault(write(GOOD + '[[endowment]]\ncountry = "Home"\nfactor = "labor"\ntimes = 2\n'))
    assert found.startswith("endowment[0].factor: no factor labor. Did you mean labour?")


# baseline


def test_baseline_is_solved_first(write: Write) -> None:
    write(GOOD + tariff(action="set = 0.4"), "base.toml")
    case = load(write(HEAD + 'baseline = "base.toml"\n' + TRADE + tariff(action="set = 0.5")))
    assert isinstance(case.shock.baseline, Shock)
    assert case.shock.baseline.tariff is not None
    assert float(case.shock.baseline.tariff.sel(exporter="South", importer="Home", sector="goods")) == 0.4
    solution = cge.solve_hat(case.benchmark, case.exponents, case.shock)
    direct = cge.solve_hat(case.benchmark, case.exponents, cge.change(case.benchmark, tariff=case.shock.tariff))
    first = cge.solve_hat(case.benchmark, case.exponents, case.shock.baseline)
    assert np.allclose(solution.data.real_income, direct.data.real_income / first.data.real_income, rtol=1e-9)


@pytest.mark.parametrize(
    ("other", "key"),
    [
        (GOOD.replace("eaton_kortum", "armington"), "model"),
        (GOOD.replace("5.0", "4.0"), "elasticities"),
        (GOOD.replace('"mini"', '"other.nc"'), "economy"),
        (HEAD + "intermediates = false\n" + TRADE, "intermediates"),
        (HEAD + 'transfers = "zero"\n' + TRADE, "transfers"),
        (HEAD + "scale = 0.1\n" + TRADE, "scale"),
        (HEAD + 'negative_final_demand = "zero"\n' + TRADE, "negative_final_demand"),
    ],
)
def test_baseline_must_agree(write: Write, tmp_path: Path, other: str, key: str) -> None:
    data = xr.load_dataset(bundled.find("data", "mini"))
    (data * 2).assign(tariff=data["tariff"]).to_netcdf(tmp_path / "other.nc")
    write(other, "base.toml")
    found = the_fault(write(HEAD + 'baseline = "base.toml"\n' + TRADE))
    assert f'baseline: "base.toml" differs in {key}' in found


def test_baseline_may_be_a_copy_of_the_economy(write: Write, tmp_path: Path) -> None:
    (tmp_path / "copy.nc").write_bytes(bundled.find("data", "mini").read_bytes())
    write(GOOD.replace('"mini"', '"copy.nc"'), "base.toml")
    assert load(write(HEAD + 'baseline = "base.toml"\n' + TRADE)).shock.baseline is not None


def test_baselines_may_not_go_round(write: Write) -> None:
    write(HEAD + 'baseline = "case.toml"\n' + TRADE, "base.toml")
    found = the_fault(write(HEAD + 'baseline = "base.toml"\n' + TRADE))
    assert "goes round in a circle (case.toml → base.toml → case.toml)" in found
    assert "circle" in the_fault(write(HEAD + 'baseline = "case.toml"\n' + TRADE))


def test_faults_of_the_baseline_are_told_with_its_name(write: Write) -> None:
    write(GOOD + tariff(exporter='"Suoth"'), "base.toml")
    found = faults(write(HEAD + 'baseline = "base.toml"\n' + TRADE + tariff(exporter='"Nroth"')))
    assert any(fault.startswith('baseline "base.toml": tariff[0].exporter: no country Suoth') for fault in found)
    assert any(fault.startswith("tariff[0].exporter: no country Nroth") for fault in found)
    assert "Did you mean base.toml?" in the_fault(write(HEAD + 'baseline = "bsae.toml"\n' + TRADE))


FIRST = tariff(action="set = 0.4") + '[[productivity]]\ncountry = "Home"\nsector = "*"\ntimes = 1.1\n'
SECOND = (
    tariff(action="times = 2.0")
    + tariff('"North"', '"Home"', '"services"', "add = 0.1")
    + FIRST[FIRST.index("[[prod") :].replace("1.1", "0.9")
)
ON_TOP = HEAD + 'on_top_of = "first.toml"\n' + TRADE


def test_on_top_of_keeps_the_policies_of_the_other_file(write: Write) -> None:
    """What a second lot of policies adds is what one file with both lots does, measured from the first; together they are the whole."""
    write(GOOD + FIRST, "first.toml")
    stacked = load(write(ON_TOP + SECOND, "second.toml"))
    both = load(write(HEAD + 'baseline = "first.toml"\n' + TRADE + FIRST + SECOND, "both.toml"))
    for name in SHOCK_DIMS:
        one, two = getattr(stacked.shock, name), getattr(both.shock, name)
        assert (one is None and two is None) or np.array_equal(one.values, two.values), name
    first, second, together = (solve(case) for case in (load(write(GOOD + FIRST, "first.toml")), stacked, both))
    assert np.array_equal(second.data.real_income, together.data.real_income)
    whole = solve(load(write(GOOD + FIRST + SECOND, "whole.toml")))
    assert np.allclose(whole.data.real_income, first.data.real_income * second.data.real_income, rtol=1e-9)


def test_files_on_top_of_each_other_make_a_chain(write: Write) -> None:
    """A table that only the lowest file has is still in force at the top."""
    write(GOOD + FIRST, "first.toml")
    write(ON_TOP + SECOND, "second.toml")
    case = load(write(ON_TOP.replace("first", "second") + tariff('"South"', '"*"', action="add = 0.05"), "third.toml"))
    whole = load(write(GOOD + FIRST + SECOND + tariff('"South"', '"*"', action="add = 0.05"), "whole.toml"))
    for name in ("tariff", "productivity"):
        assert np.array_equal(getattr(case.shock, name).values, getattr(whole.shock, name).values)
    assert sorted(map(repr, case.policies)) == sorted(map(repr, whole.policies))
    assert case.shock.baseline is not None
    assert case.shock.baseline.baseline is not None
    write(ON_TOP.replace("first", "third"), "first.toml")
    assert "on_top_of: goes round in a circle (third.toml → second.toml → first.toml → third.toml)" in the_fault(case.path)


def test_on_top_of_is_checked_as_a_baseline(write: Write) -> None:
    write(GOOD.replace("eaton_kortum", "armington") + tariff(action="set = 0.4"), "first.toml")
    path = write(ON_TOP.replace("on_top", 'baseline = "first.toml"\non_top', 1) + tariff(action="add = -0.2"))
    found = faults(path)
    assert any(fault.startswith("on_top_of: stands beside baseline; give one of them") for fault in found)
    assert 'on_top_of: "first.toml" differs in model' in the_fault(write(ON_TOP + tariff(action="add = -0.2")))
    data = xr.load_dataset(bundled.find("data", "mini"))
    data.isel(sector=[0], input=[0]).drop_vars(["intermediate", "value_added"]).to_netcdf(tmp := path.parent / "small.nc")
    write(GOOD.replace('"mini"', f'"{tmp.name}"') + tariff(action="set = 0.4"), "first.toml")
    assert 'on_top_of: "first.toml" differs in economy' in the_fault(write(ON_TOP + tariff(action="times = 2.0")))
    write(GOOD + tariff(action="set = 0.1"), "first.toml")
    assert "tariff: the rate is -0.1" in the_fault(write(ON_TOP + tariff(action="add = -0.2")))  # of the data it would be lower


def test_policies_that_a_baseline_ends_are_named(write: Write) -> None:
    """Who asks what retaliation adds, and names the first tariffs as baseline, is told that these are undone."""
    write(GOOD + FIRST, "first.toml")
    undone = load(write(ON_TOP.replace("on_top_of", "baseline") + tariff('"North"', '"Home"', action="set = 0.4")))
    (said,) = undone.ended
    assert said in describe(undone)
    assert said in notes(solve(undone), undone)
    assert "Home: the tariff on imports of goods from South is set to 40 %" in said
    assert 'on_top_of = "first.toml"' in said
    assert load(write(ON_TOP.replace("on_top_of", "baseline") + FIRST)).ended == ()
    kept = load(write(ON_TOP + SECOND))
    assert kept.ended == ()
    assert (
        "Changes on top of that file: tariff in 2 cells, productivity in 2 cells. Changes are measured from its equilibrium."
        in describe(kept)
    )
    assert question(ON_TOP)[-1].startswith("This comes on top of the policies of first.toml")


# the verdict, and what cge check says


def test_unused_keys_are_named(write: Write) -> None:
    case = load(write(HEAD + "firms = true\n" + TRADE + "sigma = 4.0\npsi = 0.1\n"))
    assert case.unused == (
        "elasticities.sigma is not used by eaton_kortum.",
        "elasticities.psi is not used by eaton_kortum.",
        "firms is not used by eaton_kortum: only melitz tells firms apart.",
    )
    assert case.elasticity_source == "trade = 5"
    assert case.parameters["sigma"] == 4.0


def test_description(write: Write) -> None:
    text = "\n".join(describe(load(write(GOOD + tariff() + cost("iceberg") + "[groups]\n"))))
    for words in (
        "3 countries, 2 sectors, 2 factors (labour, capital)",
        "3.53% of world factor income",
        "South, -10.5%",
        "20.0% at most",
        "nowhere negative",
    ):
        assert words in text
    assert "Changes: tariff in 1 cell, iceberg in 12 cells." in text
    assert "Changes: none." in describe(load(write(GOOD)))[-1]
    assert "ignored" in describe(load(write(HEAD + "intermediates = false\n" + TRADE)))[1]


# files that come with the package


@pytest.mark.parametrize("name", bundled.names("runs"))
def test_bundled_runs_load(name: str) -> None:
    case = load(name)
    assert case.path == bundled.find("runs", name)
    assert case.text.startswith("# ")  # the question
    assert all(key.startswith("elasticities.sigma ") for key in case.unused)  # that of Melitz, which a comparison sets beside the model


@pytest.mark.parametrize("name", ["mini", "us-tariff-inputs", "uk-eu-trade-costs", "us-china-tariff-war"])
def test_bundled_runs_solve(name: str) -> None:
    case = load(name)
    solution = cge.solve_hat(case.benchmark, case.exponents, case.shock, tolerance=case.tolerance)
    assert solution.outcome.solved
    assert abs(solution.data.real_income - 1).max() > 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("name", ["us-tariff", "trade-costs-fall"])
def test_bundled_runs_with_free_entry_solve(name: str) -> None:
    case = load(name)
    assert cge.solve_hat(case.benchmark, case.exponents, case.shock, tolerance=case.tolerance).corners["emptied"] > 0


def test_bundled_files_are_found_by_name() -> None:
    assert bundled.find("data", "mini") == bundled.find("data", "mini.nc")
    assert "us-tariff" in bundled.names("runs")
    assert "elasticities/caliendo_parro_2015" in bundled.names("calibration")
    with pytest.raises(InputError, match="Did you mean icio2022"):
        bundled.find("data", "icio2202")


def test_installed_files_are_found_in_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cge" / "bundled" / "data").mkdir(parents=True)
    (tmp_path / "cge" / "bundled" / "data" / "there.nc").touch()
    monkeypatch.setattr(bundled, "__file__", str(tmp_path / "cge" / "data" / "bundled.py"))
    assert bundled.names("data") == ["there"]
    assert bundled.find("data", "there").parent == (tmp_path / "cge" / "bundled" / "data").resolve()


# variable mark-ups

MARKUPS = TITLE + ECONOMY + 'model = "variable_markups"\nintermediates = false\n[elasticities]\ntrade = 5.0\n'


def test_a_demand_parameter_is_asked_for_where_the_demand_has_one(write: Write) -> None:
    """CARA has none: a table need not cover its sectors. Pollak has: a sector without it is named."""
    case = load(write(MARKUPS + 'demand = {goods = "pollak", services = "cara"}\ndemand_parameter = {goods = 2.0}\n'))
    eta = case.exponents.on(["goods", "services"])["eta"]
    assert eta == pytest.approx([markups(demand("pollak", 2.0), 5.0).eta, markups(demand("cara"), 5.0).eta], rel=1e-12)
    lacking = MARKUPS + 'demand = {goods = "cara", services = "pollak"}\ndemand_parameter = {goods = 2.0}\n'
    assert "demand_parameter: no value for services," in the_fault(write(lacking))


def test_all_that_is_wrong_with_markups_is_said_at_once(write: Write) -> None:
    text = MARKUPS.replace("5.0", "-5.0") + 'demand = {goods = "carra", services = "cara"}\neta = 1.2\ndemand_parameter = "x"\n'
    found = "\n".join(faults(write(text)))
    for words in (
        "trade = -5",
        "no 'carra'. Did you mean cara? Sectors: goods.",
        "eta = 1.2, but it must be below 1",
        "has demand and eta",
        '"x" is not',
    ):
        assert words in found, found
