"""The page of the explorer, used as a person uses it, in a browser."""

import json
import math
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from asking import drawn
from axe import violations
from browser import Page, browser, needs_browser
from places import TOP

from cge.cli import app
from cge.data.files.formats import as_line

pytestmark = needs_browser

STATE = "document.getElementById('main').dataset.state"
LEAD = "document.getElementById('lead').textContent"
NUMBER = "document.querySelector('.measure input[type=number]')"
SLIDER = "document.querySelector('.measure input[type=range]')"


@contextmanager
def serving(*words: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """The address of a server of its own, and its process."""
    path = os.pathsep.join([str(TOP), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "cge", "explore", *words, "--no-browser"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path})
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip(), process
    finally:
        process.terminate()
        process.wait(timeout=20)
        process.stdout.close()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving("mini") as (found, _):
        yield found


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser() as opened:
        yield opened


@pytest.fixture
def asked(chromium: Page, address: str) -> Iterator[Page]:
    """The page with its first answer, as on a screen of a desk; without a word on the console at the end.

    One that is open starts over: every new tab has a process of its own, which takes a second to come up.
    """
    if chromium.run("location.href.split('#')[0]") != address:
        begin(chromium, address)
    chromium.errors.clear()
    chromium.call("Emulation.setDeviceMetricsOverride", width=1280, height=900, deviceScaleFactor=1, mobile=False)
    press(chromium, "Start over")
    chromium.run("(pins.length = 0, pinsChanged(), state.view = 0)")
    fresh(chromium)
    yield chromium
    assert chromium.errors == []


def begin(page: Page, address: str) -> None:
    page.call("Emulation.setDeviceMetricsOverride", width=1280, height=900, deviceScaleFactor=1, mobile=False)
    page.visit("about:blank")  # the address differs behind its # alone, and would not be read again
    page.errors.clear()
    page.seen.clear()
    page.visit(address)
    fresh(page)


def fresh(page: Page) -> None:
    """Wait until the answer is that of the question."""
    page.until(f"{STATE} === 'fresh'")


def put(page: Page, value: float) -> None:
    """Write a number beside the first slider."""
    page.run(f"{NUMBER}.value = {value}; {NUMBER}.dispatchEvent(new Event('input', {{bubbles: true}}))")


def press(page: Page, word: str, within: str = "body") -> None:
    """Press the button that says so."""
    page.run(f"[...document.querySelectorAll('{within} button')].find((b) => b.textContent === {json.dumps(word)}).click()")


def real_income(page: Page) -> list[float]:
    return [float(v) for v in page.run("last.stats.real_income_pct")]


def measured(page: Page) -> list[dict[str, Any]]:
    return list(page.run("Q.measures"))


# --- asking --------------------------------------------------------------------------------------------------------------------------


def test_it_answers_at_once_and_asks_this_server_alone(asked: Page, address: str) -> None:
    assert "raises tariffs" in asked.run(LEAD)
    assert asked.run("document.getElementById('badge').textContent").startswith("✓ Verified, residual ")
    origin = address.split("/")[2]
    assert address in asked.seen
    assert {found.split("/")[2] for found in asked.seen if not found.startswith(("data:", "about:"))} == {origin}
    assert asked.run("document.querySelectorAll('#table tbody tr').length") == 3
    asked.until("document.querySelectorAll('#sector-chart svg .mark').length === 2")
    asked.until("document.querySelectorAll('#partner-table tbody tr').length > 1")
    assert asked.run("[...document.querySelectorAll('svg')].every((s) => !/NaN|undefined|Infinity/.test(s.outerHTML))")


def test_a_number_and_the_slider_are_one(asked: Page) -> None:
    before = real_income(asked)
    asked.run(f"{NUMBER}.focus(); {NUMBER}.select()")
    asked.type("30")
    fresh(asked)
    assert (asked.run(f"{SLIDER}.value"), measured(asked)[0]["value"]) == ("30", 0.3)
    assert "to 30 %" in asked.run(LEAD).replace("\u00a0", " ") or "30 percentage points" in asked.run(LEAD) or real_income(asked) != before
    asked.run(f"{SLIDER}.focus()")
    asked.key("ArrowRight")
    fresh(asked)
    assert (asked.run(f"{NUMBER}.value"), measured(asked)[0]["value"]) == ("30.5", 0.305)


def test_what_is_old_looks_old_at_once_and_an_answer_that_comes_late_does_not_look_new(asked: Page) -> None:
    looks = f"[{STATE}, getComputedStyle(document.getElementById('lead')).color, document.getElementById('badge').textContent]"
    new = asked.run(looks)
    old = asked.run(
        f"(() => {{ const late = {{...last}}; {SLIDER}.value = 55; {SLIDER}.dispatchEvent(new Event('input', {{bubbles: true}}));"
        f" const now = {looks}; HEARD.answer(late); return [now, {looks}, document.querySelector('#out button').disabled]; }})()"
    )
    for shown in old[:2]:
        assert shown[0] == "stale"
        assert shown[1] != new[1]
        assert shown[2].startswith("Solving")
    assert old[2] is True  # nothing old is pinned or copied
    fresh(asked)
    assert asked.run(looks)[1] == new[1]


def test_measures_stack_and_each_can_be_taken_away(asked: Page) -> None:
    alone = real_income(asked)
    press(asked, "Add a trade cost")
    fresh(asked)
    press(asked, "Add an export tax")
    fresh(asked)
    assert [m["kind"] for m in measured(asked)] == ["tariff", "iceberg", "export_tax"]
    assert real_income(asked) != alone
    shown = tomllib.loads(asked.run("last.run_file"))
    assert {"tariff", "iceberg", "export_tax"} < set(shown)
    asked.click('[aria-label="Remove measure 2"]')
    asked.click('[aria-label="Remove measure 2"]')
    fresh(asked)
    assert real_income(asked) == pytest.approx(alone, rel=1e-9)
    asked.click('[aria-label="Remove measure 1"]')
    fresh(asked)
    assert np.abs(real_income(asked)).max() < 1e-9  # nothing is asked, nothing changes


def test_pinned_answers_stay_and_are_compared(asked: Page) -> None:
    before = real_income(asked)
    press(asked, "Pin")
    put(asked, 40)
    fresh(asked)
    after = real_income(asked)
    assert asked.run("[...document.querySelectorAll('#view option')].map((o) => o.textContent)") == ["Now", "Pin 1", "Now less Pin 1"]
    columns = asked.run("view() && D.groups[0].views.map((v) => v.stats.real_income_pct)")
    np.testing.assert_allclose(columns, [after, before, np.subtract(after, before)], rtol=1e-12)
    asked.choose("#country", -1)
    asked.until("document.querySelector('#waterfall h3').textContent === 'World, Now'")
    asked.choose("#country", 0)
    asked.choose("#view", 2)
    assert "Now less Pin 1" in asked.run("document.querySelector('#ends h2').textContent")
    press(asked, "Ask it again")
    fresh(asked)
    assert real_income(asked) == pytest.approx(before, rel=1e-9)
    press(asked, "Unpin")
    assert asked.run("document.getElementById('view')") is None


def test_labels_are_chosen_in_words(asked: Page) -> None:
    """Every box turns its own countries and no other, whatever is chosen already: off where all of them are, else on."""
    turned = asked.run(
        """(() => {
        const found = [];
        const what = { ...WHO, groups: { Both: { word: "Both", members: ["Home", "North"] } } };
        for (const start of [["*"], ["*", "!North"], ["Home"], ["Both"], ["Both", "!Home"], ["H*"], ["*", "!Both"], []])
          for (const label of ["*", "Both", ...what.list]) {
            const before = chosenBy(start, what.list, what.groups), after = chosenBy(toggled(start, label, what), what.list, what.groups);
            found.push([start, label, [...before], [...after]]);
          }
        return found;
      })()"""
    )
    for start, label, before, after in turned:
        inside = {"*": {"Home", "North", "South"}, "Both": {"Home", "North"}}.get(label, {label})
        assert set(after) - inside == set(before) - inside, (start, label)
        assert set(after) & inside == (set() if set(before) >= inside else inside), (start, label)
    asked.run("document.querySelector('#partner-1 summary').click()")
    asked.until("document.querySelectorAll('#partner-1 li').length > 3")
    asked.click("#partner-1 input[value=North]")
    fresh(asked)
    assert measured(asked)[0]["partner"] == ["*", "!North"]
    assert asked.run("document.querySelector('#partner-1 summary strong').textContent") == "every country except North"


# --- no answer -----------------------------------------------------------------------------------------------------------------------


def test_a_refusal_is_said_in_its_own_words_with_a_way_out(asked: Page) -> None:
    assert asked.run("Q.transfers") == "fixed"
    asked.click('.measure label input[type="checkbox"]')  # answered in kind
    put(asked, 1e9)
    asked.until(f"{STATE} === 'refused'")
    said = asked.run("document.getElementById('refusal').textContent")
    assert "transfer" in said
    assert asked.run("[document.getElementById('shown').hidden, document.querySelector('#out button').disabled]") == [True, True]
    asked.click("#refusal button")
    fresh(asked)
    assert asked.run("[Q.transfers === 'fixed', document.getElementById('refusal').hidden]") == [False, True]


def test_a_question_that_is_none_says_what_is_wrong_and_where(asked: Page) -> None:
    asked.run("document.querySelector('#actor-1 summary').click()")
    asked.until("document.querySelectorAll('#actor-1 li input:checked').length > 0")
    asked.run("document.querySelector('#actor-1 li:not(.group) input:checked').click()")
    asked.until(f"{STATE} === 'invalid'")
    assert asked.run("document.querySelector('.measure .fault').textContent") == "choose at least one."
    assert "Measure 1: choose at least one." in asked.run("document.getElementById('refusal').textContent")
    asked.run("document.querySelector('#actor-1 li:not(.group) input').click()")
    put(asked, -500)  # what the server finds
    asked.until(f"{STATE} === 'invalid'")
    assert asked.run("document.getElementById('refusal').textContent.length") > 40
    put(asked, 5)
    fresh(asked)
    assert asked.run("document.querySelector('.measure .fault').hidden")


# --- out -----------------------------------------------------------------------------------------------------------------------------


def test_the_run_file_that_is_copied_gives_the_same_numbers_to_the_digit(asked: Page, address: str, tmp_path: Path) -> None:
    asked.tab.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address.rsplit("/", 2)[0])
    put(asked, 12.5)
    fresh(asked)
    asked.click('#out button[data-word="Copy run file"]')
    asked.until("document.querySelector('#out button[data-word=\"Copy run file\"]').textContent === 'Copied'")
    path = tmp_path / "copied.toml"
    path.write_text(asked.run("navigator.clipboard.readText()"), encoding="utf-8")
    run(path, tmp_path / "out")
    table = pd.read_csv(tmp_path / "out" / "welfare.csv")
    shown = asked.run("last.stats")
    assert list(table["country"]) == asked.run("D.countries")
    for name in table.columns[1:]:
        assert [None if math.isnan(v) else v for v in table[name].tolist()] == shown[name], name


def run(path: Path, out: Path) -> None:
    """`cge run`."""
    from typer.testing import CliRunner

    result = CliRunner().invoke(app, ["run", str(path), "--out", str(out), "--json"])
    assert result.exit_code == 0, result.output


def test_a_link_opens_the_same_question(asked: Page, address: str) -> None:
    press(asked, "Add a trade cost")
    put(asked, 17)
    fresh(asked)
    asked.choose("#country", 2)
    question, numbers, link = asked.run("Q"), real_income(asked), asked.run("(remember(), location.href)")
    assert link.startswith(f"{address}#")
    begin(asked, link)
    assert (asked.run("Q"), real_income(asked)) == (question, numbers)
    assert asked.run("[state.country, document.getElementById('country').value]") == [2, "2"]
    assert asked.run("document.querySelectorAll('.measure').length") == 2


def test_a_link_that_is_broken_is_said_and_opens_the_first_question(asked: Page, address: str) -> None:
    for broken in ("", "e30", "%%%", asked.run("packed({measures: [{kind: 'gift'}], elasticity: {}})"), asked.run("packed(D.start)")[:-9]):
        assert asked.run(f"unpacked({broken!r})") is None
    begin(asked, f"{address}#question=e30")
    assert asked.run("JSON.stringify(Q) === JSON.stringify(D.start)")
    assert "cannot be read" in asked.run("document.querySelector('#link:not([hidden])').textContent")


@pytest.mark.slow
def test_files_are_saved(asked: Page, tmp_path: Path) -> None:
    put(asked, 14)
    fresh(asked)
    for word, name in (("Run file", "run.toml"), ("Table", "welfare.csv")):
        with asked.tab.expect_download(timeout=60_000) as saved:
            press(asked, word)
        asked.until(f"document.querySelector('#out button[data-word=\"{word}\"]').textContent === 'Saved'", 60)
        assert saved.value.suggested_filename == name
        saved.value.save_as(tmp_path / name)
    assert (tmp_path / "run.toml").read_text(encoding="utf-8") == asked.run("last.run_file")
    assert pd.read_csv(tmp_path / "welfare.csv")["real_income_pct"].tolist() == real_income(asked)


# --- in the background ---------------------------------------------------------------------------------------------------------------


def test_the_curve_below_the_slider_passes_through_the_answer(asked: Page) -> None:
    asked.until("curve.done && document.querySelector('.curve polyline')")
    points = dict(asked.run("[...curve.points].map(([v, by]) => [v, by[0]])"))
    assert len(points) == 21
    place = asked.run("[Q.measures[0].value, last.stats.real_income_pct[0]]")
    assert points[place[0]] == pytest.approx(place[1], rel=1e-6)
    known = asked.run("curve.points.size")
    put(asked, 33)
    assert asked.run("[curve.points.size, document.querySelectorAll('.curve svg').length]") == [known, 1]  # it stays while the slider moves
    fresh(asked)
    press(asked, "Add a tariff")
    assert asked.run("document.querySelectorAll('.curve svg').length") == 0  # another question has another
    fresh(asked)


def test_the_best_rate_is_put_in_and_is_best(asked: Page) -> None:
    asked.choose("#transfers", "zero")  # with deficits that stay, the highest rate of all is best for North
    fresh(asked)
    asked.run("document.querySelector('.best').focus()")
    press(asked, "Best rate")
    asked.until("document.querySelector('.measure .found:not([hidden])')", 60)
    fresh(asked)
    rate, best = measured(asked)[0]["value"], real_income(asked)[asked.run("D.countries.indexOf(Q.measures[0].actor[0])")]
    assert measured(asked)[0]["how"] == "set"
    assert asked.run("document.activeElement.matches('.best')")  # the form was drawn anew below a hand on the keyboard
    for other in (rate - 0.02, rate + 0.02):
        put(asked, 100 * other)
        fresh(asked)
        assert real_income(asked)[asked.run("D.countries.indexOf(Q.measures[0].actor[0])")] < best


def test_the_others_answer_and_their_tariffs_join_the_question(asked: Page) -> None:
    asked.until("war.players")
    players = asked.run("war.players")
    press(asked, "Find their tariffs")
    asked.until("document.getElementById('use-war')", 60)
    asked.click("#use-war")
    fresh(asked)
    assert [m["actor"][0] for m in measured(asked)[1:]] == players
    assert all(m["how"] == "set" and m["value"] > 0 for m in measured(asked)[1:])


def test_bands_hold_their_median_and_go_with_the_question(asked: Page) -> None:
    asked.run("document.getElementById('draws-n').value = 8")
    press(asked, "Draw bands")
    asked.until("document.querySelector('#bands svg')", 60)
    assert asked.run("document.querySelectorAll('#bands svg .mark').length") == 4  # the world and three countries
    put(asked, 22)
    assert asked.run("document.getElementById('bands').childElementCount") == 0
    fresh(asked)


# --- everybody ------------------------------------------------------------------------------------------------------------------------


def test_the_keyboard_alone_does_everything(asked: Page) -> None:
    def tab_to(selector: str) -> None:
        for _ in range(80):
            if asked.run(f"document.activeElement.matches({json.dumps(selector)})"):
                return
            asked.key("Tab")
        raise AssertionError(f"the tab key does not reach {selector}")

    tab_to("#partner-1 summary")
    asked.key("Enter")
    asked.until("document.getElementById('partner-1').open && document.querySelector('#partner-1 li')")
    asked.key("Tab")
    asked.type("nor")
    asked.key("ArrowDown")
    assert asked.run("document.activeElement.value") == "North"
    asked.key("Space")
    fresh(asked)
    assert measured(asked)[0]["partner"] == ["*", "!North"]
    asked.key("Escape")
    assert asked.run("document.activeElement.matches('summary') && !document.getElementById('partner-1').open")
    tab_to("input[type=range]")
    for name in ("ArrowRight", "ArrowRight", "ArrowLeft"):
        asked.key(name)
    fresh(asked)
    assert measured(asked)[0]["value"] == 0.105
    tab_to("#inputs")
    asked.key("Space")
    fresh(asked)
    assert asked.run("Q.intermediates") is (not asked.run("D.start.intermediates"))
    tab_to("#out button")
    asked.key("Enter")
    assert asked.run("pins.length") == 1
    tab_to("#table tbody tr")
    row = asked.run("Number(document.activeElement.dataset.country)")
    asked.key("ArrowDown" if row < 2 else "ArrowUp")
    asked.key("Enter")
    assert asked.run("state.country") == (row + 1 if row < 2 else row - 1)
    asked.until("details.get(D.countries[state.country])")


def test_the_world_has_sectors_and_partners_as_a_country_has(asked: Page) -> None:
    sales = "D.sectors.map((_, s) => salesMoved(s, state.country))"
    moved = np.zeros(2)
    for country in (0, 1, 2):
        asked.choose("#country", country)
        asked.until("details.get(chosenLabel()) && due.size === 0")
        moved += asked.run(sales)
    asked.choose("#country", -1)
    asked.until("details.get('World') && due.size === 0")
    np.testing.assert_allclose(asked.run(sales), moved, rtol=1e-9)
    assert asked.run("byId('partners-of').textContent") == "World"
    assert asked.run("document.querySelectorAll('#partner-table tbody tr').length") == 4  # every country, and itself
    assert asked.run("document.querySelectorAll('#sector-chart svg .mark').length") == 2
    asked.choose("#country", 0)


def test_everything_that_can_be_reached_has_a_name_and_new_answers_are_read_out(asked: Page) -> None:
    asked.run("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    asked.until("document.querySelectorAll('#sector-1 li').length > 1")
    asked.call("Accessibility.enable")
    nodes = asked.call("Accessibility.getFullAXTree")["nodes"]
    reached = [n for n in nodes if any(p["name"] == "focusable" and p["value"]["value"] for p in n.get("properties", []))]
    nameless = {n["role"]["value"] for n in reached if not n.get("name", {}).get("value")} - {"row", "paragraph", "RootWebArea"}
    assert len(reached) > 40
    assert nameless == set()
    put(asked, 21)
    asked.until("document.querySelector('[role=status]#status').textContent.startsWith('New answer: ')")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_screen(width: int, scheme: str, asked: Page) -> None:
    asked.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
    asked.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    asked.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    press(asked, "Pin")
    asked.until("!document.querySelector('.awaited')")  # what a newer answer has not yet drawn stands as wide as it was
    assert asked.run("document.documentElement.scrollWidth <= innerWidth")
    assert asked.run("[...document.querySelectorAll('.chart')].every((c) => c.scrollWidth <= c.clientWidth + 1)")
    asked.call("Emulation.setEmulatedMedia", features=[])


@pytest.mark.parametrize(("width", "scheme"), [pytest.param(1280, "dark", marks=pytest.mark.slow), (390, "light")])
def test_axe_finds_nothing_whatever_is_shown(width: int, scheme: str, asked: Page) -> None:
    asked.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
    asked.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    press(asked, "Pin")
    asked.run("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    asked.until("curve.done && !document.querySelector('.awaited')")
    found = {"an answer": violations(asked)}
    asked.run(
        "[...document.querySelectorAll('.measure label')].find((l) => l.textContent === ' answered in kind').querySelector('input').click()"
    )
    put(asked, 1e9)
    asked.until(f"{STATE} === 'refused'")
    found["a refusal"] = violations(asked)
    put(asked, -500)
    asked.until(f"{STATE} === 'invalid'")
    found["no question"] = violations(asked)
    asked.run("document.querySelectorAll('details').forEach((d) => { d.open = false; })")
    asked.call("Emulation.setEmulatedMedia", features=[])
    assert found == {"an answer": [], "a refusal": [], "no question": []}


def test_what_is_off_the_screen_is_drawn_when_it_is_reached_or_answers_rest(asked: Page) -> None:
    """Never an old chart that looks new: until it is drawn it is not seen."""
    asked.call("Emulation.setDeviceMetricsOverride", width=1280, height=600, deviceScaleFactor=1, mobile=False)
    asked.run("scrollTo(0, 0)")
    asked.until("!onScreen.has(byId('countries')) && due.size === 0")
    shown = """new Promise((done) => {
      const cell = () => document.querySelector('#table tbody td').textContent, old = cell(), section = byId('countries');
      NUMBER.value = 77;
      NUMBER.dispatchEvent(new Event('input', { bubbles: true }));
      const look = () => (STATE === 'fresh' ? done([due.has(section), section.classList.contains('awaited'), old, cell()]) : setTimeout(look, 1));
      look();
    })""".replace("NUMBER", NUMBER).replace("STATE", STATE)
    *waits, old, still = asked.run(shown)
    assert (waits, still) == ([True, True], old)
    asked.until("due.size === 0")  # at rest
    assert asked.run("document.querySelector('#table tbody td').textContent") != old
    assert not asked.run("document.querySelector('.awaited')")
    asked.run("byId('countries').scrollIntoView()")
    asked.until("onScreen.has(byId('countries'))")
    waiting, hidden, old, now = asked.run(shown.replace("77", "3"))
    assert (waiting, hidden) == (False, False)
    assert now != old
    asked.run("scrollTo(0, 0)")


@pytest.mark.slow
def test_two_tabs_do_not_see_each_other(asked: Page, address: str, tmp_path: Path) -> None:
    put(asked, 60)
    fresh(asked)
    mine = real_income(asked)
    with browser() as other:
        begin(other, address)
        put(other, 5)
        fresh(other)
        theirs = real_income(other)
        assert other.errors == []
    assert real_income(asked) == mine != theirs
    assert measured(asked)[0]["value"] == 0.6


@pytest.mark.slow
def test_a_server_that_is_gone_is_said_and_what_is_shown_looks_old(chromium: Page) -> None:
    with serving("mini") as (address, process):
        begin(chromium, address)
        process.terminate()
        chromium.until("!document.getElementById('lost').hidden")
        assert chromium.run(STATE) == "stale"
        assert "cge explore" in chromium.run("document.getElementById('lost').textContent")
        assert violations(chromium) == []
        put(chromium, 44)
        assert (chromium.run(STATE), measured(chromium)[0]["value"]) == ("stale", 0.44)  # what is asked is kept


@pytest.mark.slow
def test_a_run_file_opens_with_its_measures(chromium: Page) -> None:
    with serving(str(TOP / "runs" / "mini.toml")) as (address, _):
        begin(chromium, address)
        assert [(m["how"], m["value"]) for m in measured(chromium)] == [("times", 2), ("set", 0)]
        assert chromium.run("document.querySelectorAll('.measure').length") == 2
        assert chromium.run("document.getElementById('elasticity').value") == "kept"
        assert "Partners" in chromium.run("groupsOf")
        assert chromium.errors == []


@pytest.mark.slow
def test_questions_leave_the_page_as_it_was(chromium: Page) -> None:
    """Its script holds within ten percent of what it holds once the browser has compiled what is called often; no element is kept."""
    warm, count, held = 500, 900, list[dict[str, float]]()
    with serving("mini") as (address, _):
        begin(chromium, address)
        for number, question in enumerate(drawn(count), 1):
            chromium.run(f"askAnew({{...D.start, ...{json.dumps(question)}}})")
            chromium.until(f"['fresh', 'refused', 'invalid'].includes({STATE})")
            if number in (warm, count):
                put(chromium, 10)
                fresh(chromium)
                chromium.call("HeapProfiler.collectGarbage")
                held.append({**chromium.call("Runtime.getHeapUsage"), **chromium.call("Memory.getDOMCounters")})
    assert chromium.errors == []
    assert held[1]["usedSize"] < 1.1 * held[0]["usedSize"]
    assert held[1]["nodes"] < 1.5 * held[0]["nodes"]


@pytest.mark.slow
def test_the_bundled_world_answers_as_the_command_does(chromium: Page, tmp_path: Path) -> None:
    """Up and down the slider on eighty countries, each answer the number of its own question."""
    with serving("icio2022") as (address, _):
        begin(chromium, address)
        for step, rate in enumerate((35, 5, 20)):
            put(chromium, rate)
            chromium.until(f"{STATE} === 'fresh'")
            path = tmp_path / f"{step}.toml"
            path.write_text(chromium.run("last.run_file"), encoding="utf-8")
            run(path, tmp_path / path.stem)
            table = pd.read_csv(tmp_path / path.stem / "welfare.csv")
            assert list(table["country"]) == chromium.run("D.countries")
            assert table["real_income_pct"].tolist() == real_income(chromium)
            assert measured(chromium)[0]["value"] == rate / 100
    assert chromium.errors == []


def test_words_from_a_world_stay_words() -> None:
    """Whatever labels hold, it ends no element and runs nothing."""
    from cge.explorer.page import drawn, page

    label = "</script><script>alert(1)</script>"
    world = {
        "title": label,
        "economy": label,
        "unit": "USD",
        "countries": [{"code": label, "name": label}],
        "sectors": [{"code": label, "name": label}],
        **{name: {} for name in ("country_groups", "sector_groups")},
        **{name: [] for name in ("elasticity_sets", "statistics", "notes")},
        "elasticity_kept": None,
    }
    text = page(world, "abc")
    assert text.count("</script>") == 2
    assert "alert(1)</script>" not in text
    assert as_line(drawn(world)) != text
