"""A question becomes the run file that `cge run` reads, and a run file the question that a page shows; faults come back where they belong."""

from __future__ import annotations

import copy
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from asking import measure, on
from commands import put

from cge.data import bundled
from cge.errors import RunFileError
from cge.explorer.ground import Ground
from cge.explorer.messages import read
from cge.explorer.question import Invalid, parsed, read_question
from cge.explorer.run_file import located, run_file
from cge.questions.solve import solve
from cge.runfile.case import Case
from cge.runfile.load import load
from cge.solve.solution import Solution

WHOLE = """title = "All that may stand there"
economy = "mini"
model = "krugman"
intermediates = false
transfers = "own_share"
scale = 0.5
tolerance = 1e-9
[groups]
abroad = ["North", "South"]
[elasticities]
trade = {goods = 4.0, services = 6.0}
[[tariff]]
importer = "Home"
exporter = ["*", "!South"]
sector = "goods"
set = 25
unit = "percent"
[[tariff]]
importer = "South"
exporter = "*"
sector = "*"
file = "rates.csv"
[[export_tax]]
exporter = "North"
importer = "Home"
sector = "*"
add = 0.05
[[iceberg]]
importer = "Home"
exporter = "abroad"
sector = "*"
times = 0.9
[[productivity]]
country = "South"
sector = "goods"
times = 1.1
[sweep]
"tariff[0].set" = [10, 20]
"""


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return on("mini", tmp_path_factory.mktemp("ground"))


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    (tmp_path / "rates.csv").write_text("exporter,tariff\nHome,0.3\n*,0.1\n", encoding="utf-8")
    return put(tmp_path, WHOLE)


def solved(text: str, folder: Path) -> Solution:
    folder.mkdir(exist_ok=True)
    return solve(load(put(folder, text, "asked.toml")))


def asking(ground: Ground, *measures: dict[str, Any], **changed: Any) -> str:
    """The run file of the first question with other measures."""
    raw = {**ground.start.model_dump(), **({"measures": list(measures)} if measures else {}), **changed}
    return run_file(ground, read_question(raw)).text


def test_a_run_file_says_the_same_behind_the_explorer(whole: Path, tmp_path: Path) -> None:
    """To the last bit, wherever it is saved: files are named from the root, rates by what they are, and what is no measure stays in its place."""
    ground = on(whole, tmp_path)
    kinds = [one.kind for one in ground.start.measures]
    assert kinds == ["tariff", "kept", "export_tax", "iceberg", "kept"]
    assert ["rates.csv" in words for words in ground.kept_in_words()] == [True, False]
    assert ground.notes == ("The sweep of the run file is left out here: cge sweep answers it.",)
    text = run_file(ground, ground.start).text
    before, after = solve(load(whole)), solved(text, tmp_path / "elsewhere")
    assert np.array_equal(before.log_real_income, after.log_real_income)
    assert tomllib.loads(text)["tolerance"] == 1e-9


@pytest.mark.parametrize("name", bundled.names("runs"))
def test_every_run_file_that_comes_along_is_a_question(name: str, tmp_path: Path) -> None:
    path = bundled.find("runs", name)
    ground = on(path, tmp_path)
    made = load(put(tmp_path, run_file(ground, ground.start).text, "asked.toml"))
    assert alike(made, load(path))


def alike(one: Case, other: Case) -> bool:
    """Whether two cases ask for the same equilibrium."""
    shocks = [
        (getattr(case.shock, name) for name in ("tariff", "export_tax", "iceberg", "fixed_cost", "productivity", "endowment"))
        for case in (one, other)
    ]
    same = all((a is None and b is None) or (a is not None and a.identical(b)) for a, b in zip(*shocks, strict=True))
    rows = [case.exponents.on(case.sectors) for case in (one, other)]
    same &= all(np.array_equal(rows[0][name], rows[1][name]) for name in rows[0])
    return same and (one.model, one.transfers, one.linked) == (other.model, other.transfers, other.linked)


def test_a_measure_is_an_entry_and_its_answer_another(mini: Ground) -> None:
    table = tomllib.loads(
        asking(
            mini,
            measure(partner=["North"], answered=True),
            measure(id="b", kind="export_tax", how="set", value=7.0),
            measure(id="c", kind="iceberg", how="times"),
        )
    )
    assert table["tariff"] == [
        {"importer": "Home", "exporter": "North", "sector": "*", "add": 0.1},
        {"importer": "North", "exporter": "Home", "sector": "*", "add": 0.1},
    ]
    assert table["export_tax"] == [{"exporter": "Home", "importer": "*", "sector": "*", "set": 7.0, "unit": "rate"}]
    assert table["iceberg"] == [{"importer": "Home", "exporter": "*", "sector": "*", "times": 0.1}]
    assert table["title"].startswith("Home: the tariff on imports of all sectors from North rises by 10 percentage points; and 3 more")


def test_parameters_that_the_model_does_not_use_are_left_out(mini: Ground) -> None:
    assert "sigma" not in asking(mini)
    assert tomllib.loads(asking(mini, model="melitz"))["elasticities"] == {"trade": 5.0, "sigma": 4.0}


def test_groups_that_come_along_are_named_where_they_are_used(tmp_path: Path) -> None:
    ground = on("icio2022", tmp_path)
    text = asking(ground, measure(actor=["USA"], partner=["*", "!EU27"]))
    assert tomllib.loads(text)["groups"] == {"EU27": "EU27"}
    assert len(load(put(tmp_path, text)).groups["EU27"]) == 27


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"measures": [measure(value="much")]}, ("a", "value")),
        ({"measures": [measure(value=float("nan"))]}, ("a", "value")),
        ({"measures": [measure(actor=[])]}, ("a", "actor")),
        ({"measures": [measure(partner=["x"] * 301)]}, ("a", "partner")),
        ({"measures": [measure(sector=["x" * 201])]}, ("a", "0")),
        ({"measures": [measure(file="/etc/passwd")]}, ("a", "file")),
        ({"measures": [measure(), measure()]}, ("a", "id")),
        ({"measures": [measure(id=str(n)) for n in range(41)]}, ("", "measures")),
        ({"model": "ricardo"}, ("", "model")),
        ({"economy": "/etc/passwd"}, ("", "economy")),
        ({"elasticity": {"set": "../../secret.csv"}}, ("", "elasticity")),
        ({"elasticity": {"set": "my.csv"}}, ("", "elasticity")),
        ({"elasticity": {"trade": 5.0, "kept": True}}, ("", "elasticity")),
        ({"elasticity": {"trade": -1.0}}, ("", "trade")),
        ({"parameters": {"sgima": 4.0}}, ("", "sgima")),
        ({"parameters": {"sigma": "much"}}, ("", "sigma")),
        ({"parameters": {"demand": "linear"}}, ("", "demand")),
        ({"parameters": {"demand": 1.0}}, ("", "demand")),
    ],
)
def test_what_is_no_question_is_refused_where_it_is_wrong(mini: Ground, changed: dict[str, Any], fault: tuple[str, str]) -> None:
    with pytest.raises(Invalid) as caught:
        read_question({**copy.deepcopy(mini.start.model_dump()), **changed})
    assert [(one.measure, one.key) for one in caught.value.faults] == [fault]


@pytest.mark.parametrize("text", ["{", '{"a": NaN}', "[" * 100_000, b"\xff"])
def test_what_is_no_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(Invalid):
        parsed(text)


def test_an_entry_that_is_not_kept_does_not_exist(mini: Ground) -> None:
    with pytest.raises(Invalid, match="no entry 3 is kept"):
        asking(mini, {"id": "k", "kind": "kept", "number": 3})


def test_faults_of_the_run_file_come_back_to_the_measures(mini: Ground, tmp_path: Path) -> None:
    made = run_file(
        mini,
        read_question(
            {
                **mini.start.model_dump(),
                "measures": [measure(id="x", partner=["Norht"], answered=True), measure(id="y", kind="iceberg", how="add")],
                "model": "melitz",
                "parameters": {},
            }
        ),
    )
    with pytest.raises(RunFileError) as caught:
        load(put(tmp_path, made.text))
    found = {(one.measure, one.key) for one in located(caught.value.faults, made.places)}
    assert found == {("x", "partner"), ("x", "actor"), ("y", "add"), ("y", ""), ("", "elasticities")}
    assert all("[0]" not in one.text for one in located(caught.value.faults, made.places))


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ([], "kind"),
        ({"kind": "shell", "serial": 1}, "kind"),
        ({"kind": "ask", "serial": -1}, "serial"),
        ({"kind": "ask", "serial": 1, "path": "x"}, "path"),
        ({"kind": "range", "serial": 1, "measure": "a", "from": 0, "to": 1, "steps": 10_000}, "steps"),
        ({"kind": "draws", "serial": 1, "n": 10**9}, "n"),
        ({"kind": "detail", "serial": 1, "country": "Nowhere"}, "country"),
    ],
)
def test_what_is_no_message_is_refused(mini: Ground, raw: Any, key: str) -> None:
    with pytest.raises(Invalid) as caught:
        read(mini, raw)
    assert [one.key for one in caught.value.faults] == [key]


def test_a_range_moves_both_sides_of_a_measure(mini: Ground) -> None:
    question = {**mini.start.model_dump(), "measures": [measure(id="z"), measure(answered=True)]}
    made = read(mini, {"kind": "range", "serial": 1, "question": question, "measure": "a", "from": 0.0, "to": 0.5, "steps": 3})
    assert tomllib.loads(made["text"])["sweep"] == {"tariff[1].add|tariff[2].add": {"from": 0.0, "to": 0.5, "steps": 3}}


def test_neither_an_economy_nor_a_run_file(tmp_path: Path) -> None:
    with pytest.raises(RunFileError, match=r"neither a run file nor an economy\. Did you mean icio2022"):
        on("icio2202", tmp_path)


def test_an_economy_in_a_file_is_named_from_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own.nc").write_bytes(bundled.find("data", "mini").read_bytes())
    monkeypatch.chdir(tmp_path)
    ground = on("own.nc", tmp_path)
    assert ground.table["economy"] == str(tmp_path / "own.nc")
    assert solved(run_file(ground, ground.start).text, tmp_path / "elsewhere").outcome.solved
