// What runs in the background when it is asked for: the best rate, the answer of the others, bands from draws; with its progress.
const jobs = {};   // kind → number of the message that asked for it
const WORKS = { best: "Looking for the best rate", war: "Looking for the answer of the others", draws: "Drawing elasticities" };
function start(kind, more) {
  jobs[kind] = say(kind, more);
  progress(`${WORKS[kind]} …`);
}
function progress(sentence) {
  const line = byId("progress");
  line.hidden = !sentence;
  line.replaceChildren(sentence, " ", button("Stop", () => { say("stop"); stopBackground(); }));
}
function told(sentence) {   // something that has ended, otherwise than wanted
  byId("progress").hidden = false;
  byId("progress").textContent = sentence;
  announce(sentence);
}
function stopBackground() {   // a new question ends what was done for the last one
  clearTimeout(resting);
  for (const kind of Object.keys(jobs)) delete jobs[kind];
  progress("");
  byId("progress").hidden = true;
  byId("bands").replaceChildren();
}
function ended(kind) {
  delete jobs[kind];
  byId("progress").hidden = true;
}
HEARD.progress = (m) => {
  const kind = Object.keys(jobs).find((one) => jobs[one] === m.serial);
  if (kind) progress(m.text || `${WORKS[kind]}: ${m.done}${m.total ? ` of ${m.total}` : ""} …`);
};
HEARD.dropped = (m) => {
  const kind = Object.keys(jobs).find((one) => jobs[one] === m.serial);
  if (kind) ended(kind);
};
function failed(m, kind) {   // whether there is no answer, which is then said
  if (!m.outcome || m.outcome === "solved") return false;
  const why = m.faults ? m.faults.map((f) => f.text ?? f).join(" ") : m.sentence;
  told(`${WORKS[kind]}: ${why}`);
  return true;
}

// --- the best rate ---

const best = {};   // measure → what was found, until it is moved
const inPercent = (value) => `${short(100 * value)}\u00a0%`;
function askBest(id) { start("best", { measure: id }); }
function forgetBest(id) {
  delete best[id];
  sayBest();
}
HEARD.best = (m) => {
  if (m.serial !== jobs.best) return;
  ended("best");
  if (failed(m, "best")) return;
  const [found] = m.players;
  setValue(m.measure, "set", Number(found.rate.toPrecision(6)));
  best[m.measure] = `Best rate of ${inWords([found.player], WHO)}: ${inPercent(found.rate)}. ${capital(m.certificate)}`;
  changed();
  sayBest();
  announce(best[m.measure]);
};
function sayBest() {
  for (const form of document.querySelectorAll(".measure")) {
    const said = form.querySelector(".found"), sentence = best[form.dataset.id];
    if (said) { said.hidden = !sentence; said.textContent = sentence || ""; }
  }
}

// --- the others ---

const war = { players: null, answer: "retaliate" };
const ANSWERS = [["retaliate", "in answer to this question"], ["war", "all at once, whatever is asked"]];
function largest(count) {   // incomes follow from what they lose, in money and in percent
  const { equivalent_variation: money, real_income_pct: pct } = last.stats, income = (n) => (pct[n] ? money[n] / pct[n] : 0);
  const acts = chosenBy(Q.measures.filter((m) => m.kind !== "kept").flatMap((m) => m.actor), WHO.list, WHO.groups);
  return D.countries.map((_, n) => n).filter((n) => !acts.has(D.countries[n])).sort((a, b) => income(b) - income(a)).slice(0, count).map((n) => D.countries[n]);
}
function drawOthers() {
  war.players ??= last ? largest(2) : null;
  byId("others").replaceChildren(html("legend", {}, "The answer of the others"), html("p", { class: "hint" }, "Each lays the one tariff on everything that is best for itself, given those of the others, until nobody wants to move."),
    picker("players", "Who answers:", WHO, war.players || [], (entries) => { war.players = entries; }),
    select(ANSWERS, war.answer, (value) => { war.answer = value; }, { id: "answer-kind", "aria-label": "How they answer" }),
    html("div", { class: "buttons" }, button("Find their tariffs", () => start("war", { players: war.players || [], answer: war.answer }), { id: "find" })), html("div", { id: "war" }));
}
HEARD.war = (m) => {
  if (m.serial !== jobs.war) return;
  ended("war");
  if (failed(m, "war")) return;
  const row = (p) => html("tr", {}, html("th", { scope: "row" }, inWords([p.player], WHO)), html("td", {}, inPercent(p.rate)), html("td", {}, short(p.real_income_pct, true)));
  byId("war").replaceChildren(
    html("table", {}, html("thead", {}, html("tr", {}, ...["Who", "Tariff", "Real income, %"].map((word) => html("th", { scope: "col" }, word)))), html("tbody", {}, ...m.players.map(row))),
    html("p", { class: "hint" }, capital(m.certificate)), html("div", { class: "buttons" }, button("Put them in the question", () => useWar(m.players), { id: "use-war" })));
  announce(`${m.players.map((p) => `${inWords([p.player], WHO)} ${inPercent(p.rate)}`).join(", ")}. ${m.certificate}`);
};
function useWar(found) {
  for (const p of found) {
    Q.measures = Q.measures.filter((m) => m.kind !== "tariff" || m.actor.join() !== p.player);
    Q.measures.push({ ...another("tariff"), actor: [p.player], partner: p.player in WHO.groups ? ["*", `!${p.player}`] : ["*"], how: "set", value: Number(p.rate.toPrecision(6)) });
  }
  active = Q.measures.at(-1).id;
  drawMeasures();
  changed();
  byId("find").focus();
}

// --- bands ---

function drawDraws() {
  const n = html("input", { type: "number", id: "draws-n", min: 2, max: 1000, value: 64 }), error = html("input", { type: "number", id: "draws-error", min: 0, step: "any", value: Q.elasticity.trade === null ? "" : 1 });
  const given = () => (Number.isFinite(error.valueAsNumber) ? { standard_error: error.valueAsNumber } : {});
  byId("draws").replaceChildren(field("Draws", n), field("Standard error", error, Q.elasticity.trade === null ? "empty: as published" : ""), button("Draw bands", () => start("draws", { n: n.valueAsNumber, seed: 1, ...given() }), { id: "draw" }));
}
const MOST_BANDS = 20;
HEARD.draws = (m) => {
  if (m.serial !== jobs.draws) return;
  ended("draws");
  if (failed(m, "draws")) return;
  const [leads, whole] = [m.stats[LEADING], m.together[LEADING]], size = (n) => Math.abs(leads.median[n] ?? 0), both = (key, order) => [...whole[key], ...order.map((n) => leads[key][n])];
  const order = D.countries.map((_, n) => n).filter((n) => leads.median[n] !== null).sort((a, b) => size(b) - size(a)).slice(0, MOST_BANDS).sort((a, b) => leads.median[b] - leads.median[a]);
  byId("bands").replaceChildren(
    sideBySide([...groupsOf, ...order.map(labelOf)], [{ name: "median", values: both("median", order), low: both("low", order), high: both("high", order) }], "Real income, %: median and the band of 90 %"),
    html("p", { class: "hint" }, `${m.draws} draws${m.failed ? `; ${m.failed} more had no equilibrium and are left out` : ""}. The countries that move most.`));
  announce("Bands are drawn.");
};
