"""The page of every kind of output folder: whole, self-contained, escaped, small, and used as a reader uses it."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from axe import violations
from browser import Page, browser, needs_browser
from numpy.testing import assert_allclose
from outputs import HOSTILE, HOSTILE_FILE, HOSTILE_GROUP, OUTPUTS, read_back
from typer.testing import CliRunner

import cge.tell.page
from cge import firm_levels
from cge.cli import app
from cge.data import bundled
from cge.data.files.folder import refuse_foreign
from cge.data.sources.table import Treatment, as_attribute
from cge.data.text import counted
from cge.errors import DataError, InputError
from cge.questions.run.answer import write_run
from cge.questions.run.carried import firms, industries, packed
from cge.questions.solve import solve
from cge.questions.sweep.page import asks
from cge.questions.sweep.uncertainty import spread
from cge.runfile.in_words import question
from cge.runfile.load import load
from cge.tell import plot
from cge.tell.page import write_figures, write_report
from cge.tell.page.data import payload
from cge.tell.page.shell import embedded, page
from cge.tell.page.words import corners, treatments

Output = Callable[[str], Path]
VOID = {"meta", "link", "input", "br", "hr", "img"}


class Reader(HTMLParser):
    """What a page holds: elements, their text, and whether every element that opens also closes."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts.setdefault(self.open[-1], []).append(data)

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.seen)


def data_of(text: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    return dict(json.loads(found.group(1)))


def invoke(*args: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


# --- the page ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", OUTPUTS)
def test_the_page_of_every_kind_is_whole_and_needs_no_network(kind: str, output: Output) -> None:
    text = page(read_back(output(kind)))
    found = Reader(text)
    assert found.open == []
    assert (found.count("h1"), found.count("main"), found.count("script")) == (1, 1, 2)
    ids = [attrs["id"] for _, attrs in found.seen if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {attrs["aria-labelledby"] for _, attrs in found.seen if "aria-labelledby" in attrs} <= set(ids)
    for _, attrs in found.seen:
        assert not {"src", "srcset"} & set(attrs)
        assert (attrs.get("href") or "#").startswith(("#", "data:"))
    addresses = set(re.findall(r"https?://[\w./-]+", text))
    assert addresses <= {"http://www.w3.org/2000/svg"}
    assert len(text) < 500_000


def test_the_page_says_what_was_asked_and_how_well_it_was_solved(output: Output) -> None:
    text = page(read_back(output("run")))
    summary = json.loads((output("run") / "summary.json").read_text(encoding="utf-8"))
    for words in (
        "Home: the tariff on imports of goods from every country rises by 10 percentage points.",
        f"{summary['residual']:.1e}, relative",
        summary["walras"]["market"],
        "cge run case.toml",
        summary["inputs"]["mini"],
        summary["versions"]["numpy"],
        "trade = 5, sigma = 4",
        "proportion" if summary["intermediates"] else "no unemployment",
        "importer = &#34;Home&#34;",
    ):
        assert words in text, words
    assert str(output("run").parent) not in text


def test_a_comparison_names_members_that_were_refused(output: Output, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(output("comparison"), folder)
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    last = summary["members"][0]
    kept = ("name", "model", "elasticity_rule", "transfers", "intermediates")
    summary["members"][0] = {**{key: last[key] for key in kept}, "outcome": "no_equilibrium", "sentence": "no <equilibrium> was found"}
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    for name in ("comparison", "comparison_groups"):
        table = pd.read_csv(folder / f"{name}.csv")
        table.loc[table["member"] == last["name"], "value"] = np.nan
        table.to_csv(folder / f"{name}.csv", index=False)
    text = page(read_back(folder))
    assert "no equilibrium: no &lt;equilibrium&gt; was found" in text
    assert "Solved and verified: 3 of 4 models." in text


def test_numbers_of_the_page_are_those_of_the_tables(output: Output) -> None:
    found = read_back(output("run"))
    data = data_of(page(found))
    stats = data["groups"][0]["views"][0]["stats"]
    assert_allclose(stats["real_income_pct"], found.tables["welfare"]["real_income_pct"], rtol=1e-5)
    assert_allclose(data["groups"][0]["views"][0]["together"]["real_income_pct"], found.tables["groups"]["real_income_pct"], rtol=1e-5)
    assert data["aggregates"] == ["World", "Rest"]
    sales = np.array(data["sales"]["after"]).T.ravel()
    assert_allclose(sales, found.tables["sectors"]["sales"], rtol=1e-5)


def test_quantiles_of_a_sweep_are_those_of_bands_csv(output: Output) -> None:
    found = read_back(output("draws_grid"))
    bands = found.tables["bands"]
    bands = bands[bands["statistic"] == "real_income_pct"].reset_index(drop=True)
    table = spread(found)
    assert list(table["country"]) == list(bands["country"])
    for name in ("p05", "p25", "median", "p75", "p95"):
        assert_allclose(table[name], bands[name], rtol=1e-9, atol=1e-12)
    data = payload(found)
    assert [view["name"] for view in data["groups"][0]["views"]] == ["p05", "p25", "median", "p75", "p95"]
    assert (data["curves"]["axis"], data["curves"]["values"]) == ("The added rate of the tariff (tariff[0].add)", [0.1, 0.2, 0.3])


def test_the_other_keys_of_a_sweep_are_lines(output: Output) -> None:
    curves = payload(read_back(output("sweep_each")))["curves"]
    assert (curves["values"], curves["numeric"]) == (["Home", "North", "South"], False)
    assert [line["name"] for line in curves["lines"]] == ["transfers = fixed", "transfers = zero"]


def test_flows_are_packed_to_a_hundredth_of_a_percent() -> None:
    rng = np.random.default_rng(1)
    before = np.exp(rng.normal(size=(4, 3, 3), scale=8))
    after = before * np.exp(rng.normal(size=before.shape, scale=0.2))
    before[0, 0, 1], after[0, 0, 1] = 0.0, 2.0
    before[1, 0, 1], after[1, 0, 1] = 0.0, 0.0
    after[2, 0, 1] = 0.0
    made = packed(before, after)
    kinds = {"level": "<u2", "change": "<i2"}
    level, change = (np.frombuffer(b64decode(made[key]), kind).reshape(4, 3, 3) for key, kind in kinds.items())
    assert (change[0, 0, 1], change[1, 0, 1], change[2, 0, 1]) == (made["new"], made["never"], made["gone"])
    assert made["appeared"] == [[0, 0, 1, 2.0]]
    plain = (before > 0) & (after > 0)
    assert_allclose(np.exp(made["low"] + (level[plain] - 1.0) * made["step"]), before[plain], rtol=1e-3)
    assert_allclose(np.exp(change[plain] * made["changeStep"]), after[plain] / before[plain], rtol=1e-4)


def test_firms_of_the_page_are_those_of_the_figure_and_of_the_solution(output: Output) -> None:
    found = read_back(output("run"))
    shown = payload(found)["firms"]
    assert [(one["country"], one["sector"]) for one in shown if one["country"] == 0] in (
        [(0, "goods"), (0, "services")],
        [(0, "services"), (0, "goods")],
    )
    levels = firm_levels(solve(load(output("run").parent / "case.toml")))
    for one in shown:
        country, places = found.countries[one["country"]], np.argsort(one["after"])
        ax = plot.firms_distribution(found.tables["firms"], country, one["sector"])
        line = next(line for line in ax.lines if line.get_label() == "counterfactual")
        assert_allclose(np.array(one["after"])[places], line.get_xdata(), rtol=1e-4)
        assert_allclose(np.array(one["firmsAfter"])[places], line.get_ydata(), rtol=1e-4)
        for key, name in (
            ("before", "cutoff_benchmark"),
            ("after", "cutoff"),
            ("firmsBefore", "exporters_benchmark"),
            ("firmsAfter", "exporters"),
        ):
            assert_allclose(one[key], levels[name].sel(exporter=country, sector=one["sector"]).values[one["markets"]], rtol=1e-4)


def test_of_a_large_economy_the_industries_whose_exports_change_most_are_carried(output: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    found = read_back(output("run"))
    table = found.tables["firms"]
    sales = table["exporters"] * table["average_sales"] - table["exporters_benchmark"] * table["average_sales_benchmark"]
    abroad = table.assign(moved=sales.abs())[table["exporter"] != table["importer"]]
    expected = abroad.groupby(["exporter", "sector"])["moved"].sum()
    assert_allclose(industries(table).set_index(["exporter", "sector"])["moved"].loc[expected.index], expected)
    monkeypatch.setattr("cge.questions.run.carried.MOST_PAIRS", 9)
    kept = firms(found)
    assert kept is not None
    assert [one["sector"] for one in kept] == [expected[country].idxmax() for country in found.countries]


def test_runs_without_firms_show_none(output: Output) -> None:
    found = read_back(output("inputs"))
    assert payload(found)["firms"] is None
    assert 'id="firms"' not in page(found)


# --- escaping ------------------------------------------------------------------------------------------------------------------------


def test_labels_with_markup_are_text(output: Output) -> None:
    text = page(read_back(output("hostile")))
    found = Reader(text)
    assert found.count("script") == 2
    assert sum(found.count(tag) for tag in ("b", "i", "u")) == 0
    assert data_of(text)["aggregates"] == ["World", HOSTILE_GROUP]
    assert f"cge run {shlex.quote(HOSTILE_FILE)}" in found.texts["code"]
    assert "".join(found.texts["h1"]) == HOSTILE[0]
    assert data_of(text)["countries"] == list(HOSTILE)
    assert "7*7" in "".join(found.texts["pre"])  # a template would have made it 49


def test_embedded_json_cannot_end_its_element() -> None:
    value = {"a": "</script><!-- & \u2028"}
    text = embedded(value)
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == value


# --- folders -------------------------------------------------------------------------------------------------------------------------


def test_command_writes_the_page_into_the_folder_which_stays_ours(output: Output, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    shutil.copytree(output("run"), folder)
    status, out, err = invoke("report", folder, "--figures", "svg", "--json")
    facts = json.loads(out)
    assert (status, err, facts["outcome"], facts["kind"]) == (0, "", "written", "run")
    assert Path(facts["report"]) == folder / "report.html"
    assert facts["bytes"] == (folder / "report.html").stat().st_size
    assert all(Path(name).exists() for name in facts["figures"])
    refuse_foreign(folder)
    case = load(output("run").parent / "case.toml")
    write_run(case, folder)
    assert not (folder / "report.html").exists()  # a page of other numbers would be wrong


def test_a_form_that_figures_do_not_have_is_bad_input(output: Output, tmp_path: Path) -> None:
    status, _, err = invoke("report", output("gains"), "--out", tmp_path / "page.html", "--figures", "gif")
    assert (status, list(tmp_path.iterdir())) == (2, [])
    assert all(f"'{form}'" in err for form in ("png", "svg", "pdf", "none"))
    with pytest.raises(DataError, match="choose one of png, svg, pdf"):
        write_figures(read_back(output("gains")), tmp_path / "figures", "gif")


def test_command_writes_where_it_is_told(output: Output, tmp_path: Path) -> None:
    deep = tmp_path / "deep"
    status, out, _ = invoke("report", output("mapped"), "--out", deep / "page.html", "--figures", "none")
    assert status == 0
    assert "page.html" in out
    assert [path.name for path in deep.iterdir()] == ["page.html"]
    status, out, _ = invoke("report", output("mapped"), "--out", deep / "page.html")
    assert (status, sorted(path.name for path in deep.iterdir())) == (0, ["figures", "page.html"])
    assert {"map.png", "welfare.png"} <= {path.name for path in (deep / "figures").iterdir()}
    assert not (output("gains") / "report.html").exists()


def damaged(output: Output, tmp_path: Path, kind: str, change: Callable[[Path], object]) -> Path:
    folder = tmp_path / "out"
    shutil.copytree(output(kind), folder)
    change(folder)
    return folder


def put(folder: Path, **keys: object) -> None:
    path = folder / "summary.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **keys}), encoding="utf-8")


@pytest.mark.parametrize(
    ("kind", "change", "words"),
    [
        ("run", lambda f: (f / "summary.json").unlink(), "is not an output folder of cge"),
        ("run", lambda f: (f / "sectors.csv").unlink(), "sectors.csv is missing"),
        ("run", lambda f: (f / "solution.nc").write_bytes(b"x"), "cannot be read as the output of a run"),
        ("run", lambda f: (f / "welfare.csv").write_text("country,x\nHome,1\n"), "1 countries where summary.json has 3"),
        ("run", lambda f: [(f / n).unlink() for n in ("welfare.csv",)], "is incomplete"),
        ("gains", lambda f: (f / "gains.csv").unlink(), "is incomplete"),
        ("gains", lambda f: put(f, walras=None), "summary.json does not say walras"),
        ("sweep", lambda f: put(f, outcome="incomplete"), "is not finished"),
        ("sweep", lambda f: put(f, outcome="not_converged"), "nothing was solved"),
        ("sweep", lambda f: shutil.rmtree(f / "sweep.zarr"), "is incomplete"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["report", "table"])
def test_what_is_not_a_whole_folder_of_ours_is_refused(
    command: str, kind: str, change: Callable[[Path], object], words: str, output: Output, tmp_path: Path
) -> None:
    folder = damaged(output, tmp_path, kind, change)
    status, out, err = invoke(command, folder)
    assert (status, out) == (2, "")
    assert words in err
    assert not (folder / "report.html").exists()


def test_a_folder_without_a_solution_says_why(output: Output, tmp_path: Path) -> None:
    summary = json.loads((output("run") / "summary.json").read_text(encoding="utf-8"))
    (tmp_path / "diagnosis.json").write_text(json.dumps({**summary, "outcome": "fold", "sentence": "It folds."}), encoding="utf-8")
    with pytest.raises(InputError, match=r"holds no solution, so there is nothing to show\. It folds"):
        read_back(tmp_path)
    assert invoke("report", tmp_path / "nowhere")[0] == 2


def test_a_place_that_cannot_be_written_is_bad_input_and_nothing_is_left(output: Output, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be written"):
        write_report(read_back(output("gains")), tmp_path / "file" / "x.html")
    (tmp_path / "taken.html").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        write_report(read_back(output("gains")), tmp_path / "taken.html")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "taken.html"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", OUTPUTS)
def test_figures_of_every_kind(kind: str, output: Output, tmp_path: Path) -> None:
    made = write_figures(read_back(output(kind)), tmp_path / "figures")
    assert all(path.stat().st_size > 1000 for path in made)
    least = {"run": 6, "mapped": 7, "hostile": 6, "inputs": 3, "comparison": 4, "draws": 1, "draws_grid": 2}
    assert len(made) >= least.get(kind, 0)
    exact = {"sweep": ["curves"], "sweep_each": ["labels_1", "labels_2"]}
    assert [path.stem for path in made] == exact.get(kind, [path.stem for path in made])


def test_labels_that_differ_in_marks_alone_have_figures_of_their_own(output: Output, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    shutil.copytree(output("run"), folder)
    table = pd.read_csv(folder / "firms.csv")
    table["sector"] = table["sector"].map({"goods": "a/b", "services": "A|b"})
    table.to_csv(folder / "firms.csv", index=False)
    made = write_figures(read_back(folder), tmp_path / "figures", "svg")
    names = [path.name.lower() for path in made]
    assert len(set(names)) == len(names) == len(list((tmp_path / "figures").iterdir()))
    assert sum(name.startswith("firms_") for name in names) == 6


# --- the question in words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            '[[tariff]]\nimporter="EU"\nexporter=["*","!MEX"]\nsector="*"\nset=0.25',
            "EU: the tariff on imports of all sectors from every country except MEX is set to 25 %.",
        ),
        (
            '[[tariff]]\nimporter=["A","B"]\nexporter="C"\nsector="x"\nadd=-0.05',
            "A and B: the tariff on imports of x from C falls by 5 percentage points.",
        ),
        (
            '[[tariff]]\nimporter="A"\nexporter="C"\nsector="x"\nfile="t.csv"',
            "A: the tariff on imports of x from C follows the rates of a table (t.csv).",
        ),
        ('[[iceberg]]\nimporter="*"\nexporter="*"\nsector="*"\ntimes=0.9', "The cost of trade in all sectors between all countries falls by 10 %."),
        ('[[iceberg]]\nimporter="A"\nexporter="B"\nsector="*"\ntimes=inf', "Trade in all sectors from B to A is closed."),
        (
            '[[iceberg]]\nimporter="A"\nexporter="B"\nsector="*"\nfile="g.csv"\neffect="log"\npartial=true',
            "The cost of trade in all sectors from B to A changes by the effect on trade in the file g.csv where it has one.",
        ),
        (
            '[[fixed_cost]]\nimporter="A"\nexporter="B"\nsector="*"\nfile="f.csv"',
            "The fixed cost of selling all sectors from B to A is multiplied by the factor in the file f.csv.",
        ),
        ('[[productivity]]\ncountry="A"\nsector="x"\ntimes=1.1', "A: the productivity of x rises by 10 %."),
        ('[[endowment]]\ncountry="*"\nfactor="labour"\ntimes=3', "Every country: the endowment of labour is multiplied by 3."),
        ('baseline="b.toml"', "Changes are measured from the equilibrium of b.toml."),
    ],
)  # fmt: skip
def test_what_a_run_file_asks_in_words(text: str, sentence: str) -> None:
    assert question(text) == [sentence]


TWO_TARIFFS = '[[tariff]]\nimporter="A"\nexporter="B"\nsector="x"\nset=0.1\n' * 2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[sweep]\n"tariff[0].add"={from=0,to=1,steps=3}', "The added rate of the tariff (tariff[0].add) goes from 0 to 1 in 3 steps."),
        ('[sweep]\n"tariff[0].importer"="each"', "The importer of the tariff (tariff[0].importer) takes every label in turn."),
        (f'{TWO_TARIFFS}[sweep]\n"tariff[1].set"=[0.1,0.2]', "The rate of the second tariff (tariff[1].set) takes 2 values in turn."),
        (
            f'{TWO_TARIFFS}[sweep]\n"tariff[0].set|tariff[1].set"=[0.1,0.2]',
            "The rate of the first tariff (tariff[0].set) and the rate of the second tariff (tariff[1].set) take 2 values in turn.",
        ),
        ('[sweep]\ntransfers=["fixed","zero"]', "Transfers takes 2 values in turn."),
        ("[sweep.draws]\nn=7", "Elasticities are drawn 7 times from their published standard errors."),
        (
            "[elasticities]\nset='ossa_2015'\n[sweep.draws]\nn=7",
            "Elasticities are drawn 7 times from their published standard errors (set ossa_2015).",
        ),
        ("[elasticities]\nset='mine.csv'\n[sweep.draws]\nn=7", "Elasticities are drawn 7 times from the standard errors in mine.csv."),
        (
            "[sweep.draws]\nn=7\nstandard_error=1.0",
            "Elasticities are drawn 7 times with a standard error of 1 that the run file gives.",
        ),
        (
            "[elasticities]\nset='ossa_2015'\n[sweep.draws]\nn=7\nstandard_error={goods=0.5}",
            "Elasticities are drawn 7 times with standard errors that the run file gives by sector.",
        ),
    ],
)
def test_what_a_sweep_varies_in_words(text: str, sentence: str) -> None:
    assert asks(text)[-1] == sentence
    assert sentence not in question(text)  # nothing else of the file varies


def test_gains_from_trade_ask_of_autarky_and_not_of_the_policy(output: Output) -> None:
    text = page(read_back(output("gains")))
    assert "compared with autarky" in text
    assert "rises by 10 percentage points" not in text
    assert read_back(output("gains")).economy["unit"] in text


def test_words_agree_with_their_numbers() -> None:
    assert (counted(1, "sector", "sectors"), counted(1200, "sector", "sectors")) == ("1 sector", "1,200 sectors")
    assert corners({"emptied": 1, "refilled": 0, "benchmark": 2}) == (
        "1 industry (country and sector) empties out; 0 come back; 2 were empty before"
    )


def test_the_page_does_not_speak_of_inputs_that_the_economy_does_not_have(output: Output, tmp_path: Path) -> None:
    assert "input-output links are left out" in page(read_back(output("run")))
    assert "input-output links are kept" in page(read_back(output("inputs")))
    write_run(load(bundled.find("runs", "two-countries")), tmp_path / "out")
    text = page(read_back(tmp_path / "out"))
    assert "the economy has no input-output links" in text
    assert "proportionality" not in text
    assert "2 countries, 1 sector<" in text


@pytest.mark.parametrize("name", ["mine.csv", "caliendo_parro_2015"])
def test_a_set_of_elasticities_stands_on_the_page_with_its_sources(name: str, tmp_path: Path) -> None:
    """A published one, and one of the user's own as long as its file is what the run has read."""
    (tmp_path / "mine.csv").write_text("sector,trade,standard_error,source\ngoods,6.25,1.5,<Own> work\nservices,3.1,,\n", encoding="utf-8")
    economy = xr.open_dataset(bundled.find("data", "mini"), engine="netcdf4").load()
    named = {dim: (["goods", "services"] if name == "mine.csv" else ["C29", "G"]) for dim in ("sector", "input")}
    economy.assign_coords(named).to_netcdf(tmp_path / "economy.nc")
    text = f'title = "t"\neconomy = "economy.nc"\nmodel = "eaton_kortum"\n[elasticities]\nset = "{name}"\n'
    (tmp_path / "run.toml").write_text(text, encoding="utf-8")
    write_run(load(tmp_path / "run.toml"), tmp_path / "out")

    def cells() -> set[str]:
        texts = Reader(page(read_back(tmp_path / "out"))).texts
        return {*texts.get("td", []), *texts.get("th", [])}

    wanted = {"mine.csv": ["goods", "6.25", "1.5", "<Own> work"], "caliendo_parro_2015": ["C29", "1.84", "0.92"]}[name]
    assert set(wanted) <= cells()
    if name == "mine.csv":
        (tmp_path / "mine.csv").write_text("sector,trade\ngoods,9.5\nservices,9.5\n", encoding="utf-8")
        assert not {"9.5", "6.25"} & cells()


def test_text_that_is_no_run_file_asks_nothing() -> None:
    assert question("") == question("= not toml") == []


# --- in a browser --------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser() as opened:
        yield opened


def shown(chromium: Page, folder: Path, tmp_path: Path) -> Page:
    """The page of a folder, open and without a complaint."""
    write_report(read_back(folder), tmp_path / "page.html")
    chromium.errors.clear()
    chromium.seen.clear()
    chromium.open(tmp_path / "page.html")
    assert chromium.errors == []
    assert chromium.run("document.documentElement.dataset.ready") == "yes"
    assert {address.split(":")[0] for address in chromium.seen} <= {"file", "data"}
    return chromium


@needs_browser
@pytest.mark.parametrize("kind", OUTPUTS)
def test_every_kind_opens_without_an_error(kind: str, output: Output, tmp_path: Path, chromium: Page) -> None:
    opened = shown(chromium, output(kind), tmp_path)
    count = len(read_back(output(kind)).countries)
    assert opened.run("document.querySelectorAll('#table tbody tr').length") == count
    for n in range(count):
        opened.choose("#country", n)
    for selector in ("#group", "#view", "#statistic", "#sector", "#measure", "#kind"):
        options = opened.run(f"[...document.querySelectorAll('{selector} option')].map((o) => o.value)")
        for value in options:
            opened.choose(selector, value)
    assert opened.errors == []
    assert opened.run("[...document.querySelectorAll('main svg')].every((s) => !/NaN|undefined|Infinity/.test(s.outerHTML))")


@needs_browser
def test_a_policy_that_changes_nothing_and_gains_that_nobody_has_are_said_so(output: Output, tmp_path: Path, chromium: Page) -> None:
    path = output("run").parent / "case.toml"
    (tmp_path / "case.toml").write_text(path.read_text(encoding="utf-8").replace("add = 0.1", "times = 1.0"), encoding="utf-8")
    write_run(load(tmp_path / "case.toml"), tmp_path / "out")
    opened = shown(chromium, tmp_path / "out", tmp_path)
    assert opened.run("document.getElementById('brief').textContent") == "Real income: world 0 %; every country 0 %."
    for part, words in (("waterfall", "World: nothing changes."), ("factor-table", "No factor price changes.")):
        assert opened.run(f"document.getElementById('{part}').textContent") == words
    assert "Change of sales of no sector changes." in opened.run("document.getElementById('sector-chart').textContent")
    shutil.copytree(output("gains"), tmp_path / "gains")
    table = pd.read_csv(tmp_path / "gains" / "gains.csv").assign(gains_from_trade_pct=np.nan, radius=np.nan)
    table.to_csv(tmp_path / "gains" / "gains.csv", index=False)
    opened = shown(chromium, tmp_path / "gains", tmp_path)
    assert opened.run("document.getElementById('brief').textContent") == "Gains from trade: no country has a number."


@needs_browser
def test_the_table_sorts_filters_and_chooses(output: Output, tmp_path: Path, chromium: Page) -> None:
    opened = shown(chromium, output("run"), tmp_path)
    first = "document.querySelector('#table tbody tr:not([hidden]) th').textContent"
    values = read_back(output("run")).tables["welfare"].set_index("country")["real_income_pct"]
    opened.click("#table thead th:nth-child(2) button")
    assert opened.run(first) == values.idxmax()
    assert opened.run("document.querySelector('#table thead th:nth-child(2)').getAttribute('aria-sort')") == "descending"
    opened.click("#table thead th:nth-child(2) button")
    assert opened.run(first) == values.idxmin()
    opened.run("const f = document.getElementById('filter'); f.value = 'nor'; f.dispatchEvent(new Event('input'))")
    assert opened.run("[...document.querySelectorAll('#table tbody tr:not([hidden]) th:first-child')].map((c) => c.textContent)") == [
        "North"
    ]
    opened.click("#table tbody tr:not([hidden]) td")
    assert opened.run("document.getElementById('country').value") == "1"
    assert opened.run("document.querySelector('#waterfall h3').textContent") == "North"
    assert opened.errors == []


@needs_browser
def test_the_table_is_used_by_keyboard(output: Output, tmp_path: Path, chromium: Page) -> None:
    opened = shown(chromium, output("run"), tmp_path)
    assert opened.run("document.querySelectorAll('#table tbody tr[tabindex=\"0\"]').length") == 1
    opened.run("document.querySelector('#table tbody tr').focus()")
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp", "Enter"):
        opened.key(key)
    assert opened.run("document.getElementById('country').value") == "1"
    assert opened.run("document.querySelector('#table tbody tr[aria-current=true]').dataset.country") == "1"
    opened.run("document.querySelector('#table thead th:nth-child(2) button').focus()")
    opened.key("Enter")
    assert opened.run("document.querySelector('#table thead th:nth-child(2)').getAttribute('aria-sort')") == "descending"
    opened.run("const f = document.getElementById('filter'); f.value = 'nowhere'; f.dispatchEvent(new Event('input'))")
    assert opened.run("document.getElementById('found').textContent") == "0 of 3 countries"


NARROW = ("mapped", "comparison", "sweep", "hostile")
"""Kinds whose pages the default suite reads on a phone: of the largest map, the most members, a chart of effects, and the longest labels."""


@needs_browser
@pytest.mark.parametrize(
    ("kind", "width"),
    [
        pytest.param(kind, width, id=f"{width}-{kind}", marks=[] if width == 390 and kind in NARROW else pytest.mark.slow)
        for width in (1280, 390)
        for kind in OUTPUTS
    ],
)
def test_a_page_is_legible_at_any_width_does_not_scroll_sideways_and_axe_finds_nothing(
    kind: str, width: int, output: Output, tmp_path: Path, chromium: Page
) -> None:
    chromium.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
    try:
        opened = shown(chromium, output(kind), tmp_path)
        assert opened.run("document.documentElement.scrollWidth <= innerWidth")
        sizes = opened.run("[...document.querySelectorAll('svg text')].map((t) => t.getAttribute('font-size') * t.getScreenCTM().a || 99)")
        assert min(sizes, default=99) > 8
        wide = "[...document.querySelectorAll('.chart')].filter((c) => !c.closest('#heat, #rates-heat') && c.scrollWidth > c.clientWidth + 1).length"
        assert opened.run(wide) == 0  # but for heat maps no chart hides a part of itself
        assert violations(opened) == []
    finally:
        chromium.call("Emulation.clearDeviceMetricsOverride")


@needs_browser
def test_no_two_ticks_of_an_axis_read_alike(output: Output, tmp_path: Path, chromium: Page) -> None:
    opened = shown(chromium, output("sweep"), tmp_path)
    for high in ("0.003", "0.00045", "0.7", "1", "40", "2600"):
        marks = opened.run(f"(() => {{ const m = ticks(0, {high}, 6); return m.map((t) => text(t, decimalsOfTicks(m))); }})()")
        assert len(set(marks)) == len(marks) > 3


@needs_browser
def test_what_is_folded_is_printed(output: Output, tmp_path: Path, chromium: Page) -> None:
    opened = shown(chromium, output("gains"), tmp_path)
    folded = "document.querySelectorAll('details:not([open])').length"
    before = opened.run(folded)
    opened.run("dispatchEvent(new Event('beforeprint'))")
    assert (before > 0, opened.run(folded), opened.run("room()")) == (True, 0, 760)
    opened.run("dispatchEvent(new Event('afterprint'))")
    assert opened.run(folded) == before


@needs_browser
def test_charts_follow_the_width_of_the_page(output: Output, tmp_path: Path, chromium: Page) -> None:
    opened = shown(chromium, output("sweep"), tmp_path)
    width = "document.querySelector('#curves svg').viewBox.baseVal.width"
    found = []
    try:
        for size in (390, 1280):
            opened.call("Emulation.setDeviceMetricsOverride", width=size, height=900, deviceScaleFactor=1, mobile=False)
            opened.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
            found.append((opened.run(width), opened.run("room()")))
    finally:
        opened.call("Emulation.clearDeviceMetricsOverride")
    assert found[0][0] == found[0][1] < 400
    assert found[1] == (760, 760)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_of_text_stand_out_from_what_is_behind(scheme: str) -> None:
    style = (Path(cge.tell.page.__file__).parent / "style.css").read_text(encoding="utf-8")
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", part)) for part in style.split("prefers-color-scheme: dark", 1))
    assert set(dark) == set(light)  # no colour is forgotten at night
    colours = light if scheme == "light" else dark
    for text in ("ink", "soft", "blue"):
        assert min(contrast(colours[text], colours[behind]) for behind in ("paper", "pale", "chosen")) >= 4.5
    for mark in ("ring", "field", "blue-mark"):
        assert contrast(colours[mark], colours["paper"]) >= 3


def contrast(one: str, other: str) -> float:
    """Of two colours; https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    lights = sorted(luminance(colour) for colour in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def luminance(colour: str) -> float:
    parts = np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    return float(np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722])


@needs_browser
def test_quantiles_are_named_in_words(output: Output, tmp_path: Path, chromium: Page) -> None:
    opened = shown(chromium, output("draws"), tmp_path)
    words = ["5th percentile", "25th percentile", "median", "75th percentile", "95th percentile"]
    assert opened.run("[...document.querySelectorAll('#view option')].map((o) => o.textContent)") == words
    assert opened.run("[...document.querySelectorAll('#table thead button')].slice(1).map((b) => b.firstChild.textContent)") == words


@needs_browser
def test_labels_of_a_sweep_are_ranked_on_the_page(output: Output, tmp_path: Path, chromium: Page) -> None:
    opened = shown(chromium, output("sweep_each"), tmp_path)
    table = spread(read_back(output("sweep_each")))
    for n, country in enumerate(("Home", "North", "South")):
        opened.choose("#country", n)
        first = table[(table["country"] == country) & (table["transfers"] == "fixed")].sort_values("median", ascending=False)
        said = opened.run("[...document.querySelectorAll('#curves svg text title')].map((t) => t.textContent)")
        assert said == list(first["tariff[0].importer"])
    assert opened.run("document.querySelectorAll('#group option').length") == 6
    money = spread(read_back(output("sweep_each")), "equivalent_variation")
    moved = money.assign(size=money["median"].abs()).groupby(["tariff[0].importer", "transfers"], sort=False)["size"].sum()
    importer, transfers = moved.idxmax()
    named = f"tariff[0].importer = {importer}, transfers = {transfers}"
    assert opened.run("document.querySelector('#group').selectedOptions[0].textContent") == named  # the scenario that moves most money


@needs_browser
def test_the_firms_of_a_country_are_drawn_and_listed(output: Output, tmp_path: Path, chromium: Page) -> None:
    opened = shown(chromium, output("run"), tmp_path)
    table = pd.read_csv(output("run") / "firms.csv").set_index(["exporter", "sector", "importer"])
    for n, country in enumerate(("Home", "North", "South")):
        opened.choose("#country", n)
        for place in range(2):
            opened.choose("#industry", place)
            sector = opened.run("document.querySelector('#industry').selectedOptions[0].textContent")
            assert opened.run("document.querySelector('#firm-chart h3').textContent") == f"Firms of {country}, {sector}"
            assert opened.run("document.querySelectorAll('#firm-chart circle.mark').length") == 4  # three markets and the key
            row = table.loc[country, sector, "North"]
            said = opened.run(
                "[...document.querySelectorAll('#firm-table tbody tr')].find((r) => r.textContent.startsWith('North')).innerText"
            )
            expected = 100 * (row["exporters"] / row["exporters_benchmark"] - 1)
            assert float(said.split()[-1].replace("−", "-")) == pytest.approx(expected, rel=2e-2, abs=2e-3)
    opened.choose("#country", -1)
    assert "single country" in opened.run("document.querySelector('#firm-chart').textContent")
    assert opened.run("document.getElementById('firm-table').hidden")


@needs_browser
def test_axes_in_logs_have_marks_at_any_span(output: Output, tmp_path: Path, chromium: Page) -> None:
    opened = shown(chromium, output("run"), tmp_path)
    for low, high in ((-0.05, 0.05), (-0.4, 0.7), (-3.2, 5.1), (-30, 12)):
        marks = opened.run(f"logTicks({low}, {high}, 3).map((m) => m[1])")
        assert 2 <= len(marks) <= 12
        assert len(set(marks)) == len(marks)


@needs_browser
def test_the_country_selector_moves_the_waterfall(output: Output, tmp_path: Path, chromium: Page) -> None:
    opened = shown(chromium, output("run"), tmp_path)
    table = read_back(output("run")).tables["welfare"]
    for n, row in enumerate(table.to_dict("records")):
        opened.choose("#country", n)
        said = opened.run("document.querySelector('#waterfall .readout').textContent").replace("−", "-")
        assert said.startswith(row["country"])
        assert float(said.split("income")[1].strip(" %")) == pytest.approx(row["real_income_pct"], rel=1e-2)
    opened.choose("#country", -1)
    assert opened.run("document.querySelector('#waterfall h3').textContent") == "World"


@needs_browser
def test_the_sector_selector_moves_the_heat_map_and_the_keys_read_it(output: Output, tmp_path: Path, chromium: Page) -> None:
    opened = shown(chromium, output("run"), tmp_path)
    flows = pd.read_csv(output("run") / "flows.csv")
    for place, sector in enumerate(("goods", "services")):
        opened.choose("#sector", place)
        rows = flows[(flows["exporter"] == "North") & (flows["importer"] == "Home") & (flows["sector"] == sector)]
        expected = 100 * (rows["counterfactual"].item() / rows["benchmark"].item() - 1)
        opened.run("document.querySelector('#heat svg').focus()")
        for key in ("ArrowLeft", "ArrowDown"):
            opened.key(key)
        said = opened.run("document.querySelector('#heat .readout').textContent").replace("−", "-")
        assert said.startswith("North → Home")
        assert float(said.split(":")[1].split("%")[0]) == pytest.approx(expected, rel=1e-2, abs=0.02)


@needs_browser
def test_the_map_colours_and_names_countries(output: Output, tmp_path: Path, chromium: Page) -> None:
    opened = shown(chromium, output("mapped"), tmp_path)
    assert opened.run("document.querySelectorAll('#map path.country').length") == 2
    assert "ROW" in opened.run("document.querySelector('#map .hint').textContent")
    opened.click("#map path.country[data-country='1']")
    assert opened.run("document.querySelector('#waterfall h3').textContent") == "Germany"


@needs_browser
def test_labels_with_markup_are_text_in_the_browser_too(output: Output, tmp_path: Path, chromium: Page) -> None:
    opened = shown(chromium, output("hostile"), tmp_path)
    assert opened.run("[...document.querySelectorAll('#table tbody th:first-child')].map((c) => c.textContent)") == list(HOSTILE)
    assert opened.run("document.querySelectorAll('main b, main i, main u, main script').length") == 0


@needs_browser
def test_the_first_screen_is_the_answer(output: Output, tmp_path: Path, chromium: Page) -> None:
    """Sentence, four numbers, who loses and gains with World and groups first, the rates, what it cannot tell, the verdict folded."""
    opened = shown(chromium, output("run"), tmp_path)
    order = "[...document.querySelectorAll('.lead, .tiles, #ends .lists, .rates, .limits, #verdict, #controls')].map((e) => e.id || e.className)"
    assert opened.run(order) == ["lead", "tiles", "lists", "rates", "limits", "verdict", "controls"]
    assert opened.run("document.querySelectorAll('.tiles dt').length") == 4
    assert opened.run("document.querySelector('#verdict').open") is False
    assert opened.run("document.querySelector('#verdict summary').textContent").startswith("Verified, residual ")
    captions = opened.run("[...document.querySelectorAll('#ends caption')].map((c) => c.textContent)")
    assert captions == ["World and groups", "Lose most", "Gain most"]
    values = read_back(output("run")).tables["welfare"].set_index("country")["real_income_pct"]
    ends = opened.run("[...document.querySelectorAll('#ends table')].slice(1).map((t) => t.querySelector('tbody button').textContent)")
    assert ends == [values.idxmin(), values.idxmax()]
    assert opened.run("document.querySelector('#country').selectedOptions[0].textContent") == "Home"  # who acts
    opened.click("#ends table:first-child tbody tr:nth-child(2) button")
    assert opened.run("document.querySelector('#country').selectedOptions[0].textContent") == "Rest"


@needs_browser
def test_sectors_and_partners_of_groups_are_shown(output: Output, tmp_path: Path, chromium: Page) -> None:
    opened = shown(chromium, output("run"), tmp_path)
    results = read_back(output("run"))
    opened.choose("#country", -2)
    rows = results.tables["sector_groups"].set_index(["country", "sector"])
    said = opened.run("[...document.querySelectorAll('#sector-chart circle.mark title')].map((t) => t.textContent)")
    assert {line.split(":")[0] for line in said} == {"goods", "services"}
    goods = next(float(line.split(": ")[1].replace("−", "-")) for line in said if line.startswith("goods"))
    assert goods == pytest.approx(rows.loc[("Rest", "goods"), "output_pct"], rel=1e-2)
    partners = results.tables["partners"].set_index(["country", "partner"])
    line = opened.run("[...document.querySelectorAll('#partner-table tbody tr')].find((r) => r.textContent.startsWith('Home')).innerText")
    assert float(line.split()[2].replace("−", "-")) == pytest.approx(partners.loc[("Rest", "Home"), "exports_pct"], abs=0.06)


@needs_browser
def test_a_link_keeps_what_was_chosen(output: Output, tmp_path: Path, chromium: Page) -> None:
    opened = shown(chromium, output("run"), tmp_path)
    assert opened.run("location.hash") == ""
    opened.choose("#statistic", 1)
    opened.choose("#country", -2)
    opened.choose("#sector", 1)
    opened.choose("#measure", 2)
    chosen = "['statistic', 'country', 'sector', 'measure'].map((id) => document.getElementById(id).value)"
    kept, address = opened.run(chosen), opened.run("location.href")
    assert "country=Rest" in address
    opened.call("Page.navigate", url="about:blank")
    opened.call("Page.navigate", url=address)
    opened.run("new Promise((done) => (document.readyState === 'complete' ? done() : addEventListener('load', done)))")
    assert opened.run(chosen) == kept
    opened.run("new Promise((done) => { addEventListener('hashchange', () => setTimeout(done)); location.hash = '#country=North'; })")
    assert opened.run("document.querySelector('#country').selectedOptions[0].textContent") == "North"
    opened.run("location.hash = '#country=nowhere&nothing=1'")  # of another page: what is not there is passed over
    assert opened.errors == []


@needs_browser
@pytest.mark.parametrize("kind", ["run", "comparison", "draws_grid"])
def test_the_page_is_dark_at_night_and_light_on_paper(kind: str, output: Output, tmp_path: Path, chromium: Page) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    texts = "[...document.querySelectorAll('main svg text')].map((t) => getComputedStyle(t).fill)"
    try:
        found = {}
        for scheme in ("light", "dark"):
            chromium.call("Emulation.setEmulatedMedia", media="screen", features=[{"name": "prefers-color-scheme", "value": scheme}])
            opened = shown(chromium, output(kind), tmp_path)
            found[scheme] = (opened.run(ground), set(opened.run(texts)))
        assert found["light"][0] == "rgb(255, 255, 255)"
        assert found["dark"][0] == "rgb(20, 24, 29)"
        assert found["light"][1].isdisjoint(found["dark"][1])
        chromium.call("Emulation.setEmulatedMedia", media="print", features=[{"name": "prefers-color-scheme", "value": "dark"}])
        assert chromium.run(ground) == "rgb(255, 255, 255)"
    finally:
        chromium.call("Emulation.setEmulatedMedia", media="", features=[])


@pytest.mark.slow
@pytest.mark.parametrize("size", ["column", "slide"])
def test_figures_for_chosen_countries_in_a_size(size: str, output: Output, tmp_path: Path) -> None:
    from PIL import Image

    status, out, _ = invoke("report", output("mapped"), "--out", tmp_path / "r.html", "--size", size, "--countries", "USA,Rest", "--json")
    assert status == 0
    names = [Path(name).name for name in json.loads(out)["figures"]]
    assert {"sectors_USA.png", "sectors_Rest.png"} <= set(names)
    for name in names:
        with Image.open(tmp_path / "figures" / name) as image:
            assert image.size == (1920, 1080) if size == "slide" else image.size[0] == 1020
    status, _, err = invoke("report", output("mapped"), "--out", tmp_path / "r.html", "--countries", "Nowhere")
    assert (status, "countries: no Nowhere" in err) == (2, True)


def test_what_was_done_to_an_imported_table_is_said_in_sentences(output: Output) -> None:
    results = read_back(output("run"))
    done = Treatment("inventories spread", 3, 1.5, 0.01, "Inventories were spread over other uses.")
    told = replace(results, economy={**results.economy, "treatments": as_attribute([done])})
    (line,) = [line for line in treatments(told) if line.startswith("Treated when imported")]
    assert "Inventories were spread over other uses." in line
    assert not re.search(r"[\[{]", line)


@pytest.mark.slow
def test_the_page_of_the_embedded_world_is_small(tmp_path: Path) -> None:
    write_run(load(bundled.find("runs", "us-tariff-inputs")), tmp_path / "out")
    write_report(read_back(tmp_path / "out"), tmp_path / "page.html")
    assert (tmp_path / "page.html").stat().st_size < 5e6
    Reader((tmp_path / "page.html").read_text(encoding="utf-8"))


def test_heavy_packages_are_loaded_where_they_are_used() -> None:
    modules = "cge.cli, cge.plot, cge.tell.page, cge.tell.paper.formats, cge.questions.run.screen, cge.questions.compare.screen"
    script = f"import sys, {modules}; print({{'matplotlib', 'jinja2', 'openpyxl', 'scipy'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("kind", ["run", "draws_grid"])
def test_the_same_folder_gives_the_same_page(kind: str, output: Output) -> None:
    assert page(read_back(output(kind))) == page(read_back(output(kind)))
