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
  byId("progress").hidden = false;
  byId("progress").replaceChildren(`${WORKS[kind]}: ${why}`);
  announce(why);
  return true;
}

// --- the best rate ---

const best = {};   // measure → what was found, until it is moved
function askBest(id) { start("best", { measure: id }); }
function forgetBest(id) {
  delete best[id];
  const said = document.querySelector(`.measure[data-id="${id}"] .found`);
  if (said) said.hidden = true;
}
HEARD.best = (m) => {
  if (m.serial !== jobs.best) return;
  ended("best");
  if (failed(m, "best")) return;
  setValue(m.measure, "set", m.rate);
  best[m.measure] = m.sentence;
  changed();
  sayBest();
  announce(m.sentence);
};
function sayBest() {
  for (const [id, sentence] of Object.entries(best)) {
    const said = document.querySelector(`.measure[data-id="${id}"] .found`);
    if (said) { said.hidden = false; said.textContent = sentence; }
  }
}

// --- the others ---

const players = { chosen: null };
function drawOthers() {
  const box = byId("others"), first = Q.measures.find((m) => m.kind === "tariff");
  players.chosen ??= first ? [...new Set([...chosenBy(first.actor, WHO.list, WHO.groups)].slice(0, 1))] : [];
  const table = html("div", { id: "war" });
  box.replaceChildren(html("legend", {}, "The answer of the others"), html("p", { class: "hint" }, "Everybody chosen here lays the tariffs that are best for itself, given those of the others, until nobody wants to move."),
    picker("players", "Players:", WHO, players.chosen, (entries) => { players.chosen = entries; }), html("div", { class: "buttons" }, button("Find their tariffs", () => start("war", { players: players.chosen }))), table);
}
HEARD.war = (m) => {
  if (m.serial !== jobs.war) return;
  ended("war");
  if (failed(m, "war")) return;
  byId("war").replaceChildren(html("p", {}, m.sentence));
  announce(m.sentence);
};

// --- bands ---

function drawDraws() {
  const n = html("input", { type: "number", min: 10, max: 1000, step: 10, value: 100 }), error = html("input", { type: "number", min: 0.01, step: "any", value: 1 });
  byId("draws").replaceChildren(field("Draws", n), field("Standard error where none is published", error), button("Draw bands", () => start("draws", { n: n.valueAsNumber, seed: 1, standard_error: error.valueAsNumber })));
}
HEARD.draws = (m) => {
  if (m.serial !== jobs.draws) return;
  ended("draws");
  if (failed(m, "draws")) return;
  const [low, middle, high] = [m.low, m.median, m.high].map((by) => by[LEADING]), size = (n) => Math.abs(middle[n] ?? 0);
  const order = D.countries.map((_, n) => n).filter((n) => middle[n] !== null).sort((a, b) => size(b) - size(a)).slice(0, 20).sort((a, b) => middle[b] - middle[a]);
  const along = (by) => order.map((n) => by[n]);
  byId("bands").replaceChildren(sideBySide(order.map(labelOf), [{ name: "median", values: along(middle), low: along(low), high: along(high) }], "Real income, %: median and band of 90 %"));
};
