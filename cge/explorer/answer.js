// The answer: fresh, stale, refused or invalid, and what is asked of one country.
function badge(word, kind) {
  byId("badge").textContent = word;
  byId("badge").className = kind;
}
function setState(kind) {   // first | stale | fresh | refused | invalid
  byId("main").dataset.state = kind;
  byId("main").setAttribute("aria-busy", String(kind === "stale" || kind === "first"));
  for (const node of byId("out").querySelectorAll("button[data-needs]")) node.disabled = kind !== "fresh";
}
let announcing = 0;
function announce(sentence) {   // read aloud once it has come to rest
  clearTimeout(announcing);
  announcing = setTimeout(() => { byId("status").textContent = sentence; }, 700);
}
function showStale() {
  if (byId("main").dataset.state !== "first") setState("stale");
  badge("Solving …", "busy");
  clearTimeout(announcing);
  byId("status").textContent = "";
}

// --- an answer ---

let last = null;   // the newest answer
HEARD.answer = (m) => {
  if (m.serial < asked && last && m.serial < last.serial) return;
  if (m.outcome === "invalid") { if (newest(m)) { showFaults(m.faults); showInvalid(m.faults); } return; }
  if (m.outcome !== "solved") { if (newest(m)) showRefusal(m); return; }
  last = m;
  showSolved(m);
  if (!newest(m)) { setState("stale"); badge("Solving …", "busy"); return; }
  setState("fresh");
  badge(`✓ ${m.verdict.headline} · ${m.seconds.toFixed(2)} s`, "solved");
  announce(`New answer: ${m.sentence}`);
  byId("main").dataset.answered = m.serial;
  askRange();
};
function showSolved(m) {
  byId("refusal").hidden = true;
  byId("shown").hidden = false;
  const first = !D.groups[0].views[0].stats.real_income_pct;
  setViews(m);
  if (first && !recalled.country) { state.country = mostOf(m); drawControls(); }
  if (first && !war.players) drawOthers();
  draw();   // what measures the page goes before what changes it
  byId("lead").textContent = m.sentence.replaceAll(" %", "\u00a0%");
  byId("tiles").replaceChildren(...m.tiles.map((t) => html("div", {}, html("dt", {}, t.word), html("dd", {}, html("strong", {}, t.value.replaceAll(" %", "\u00a0%")), html("span", {}, t.note)))));
  byId("limits").replaceChildren(...[...m.limits, ...m.notes].flatMap((line, k) => (k ? [html("br"), line] : [line])));
  byId("facts").replaceChildren(...m.verdict.facts.flatMap((f) => [html("dt", {}, f.what), html("dd", {}, f.text)]));
  byId("run-file").textContent = m.run_file;
}
function mostOf(m) {   // who acts, else who moves most
  const acts = [...D.countries, ...groupsOf].indexOf(m.acts), sizes = m.stats.equivalent_variation.map((v) => Math.abs(v || 0));
  return acts >= 0 ? signedPlace("country", acts) : sizes.indexOf(Math.max(...sizes));
}

// --- none ---

function showNone(kind, word, title, ...parts) {
  last = null;
  setState(kind);
  badge(word, kind);
  byId("shown").hidden = true;
  byId("refusal").replaceChildren(html("h2", { id: "refusal-title" }, title), ...parts.filter(Boolean));
  byId("refusal").hidden = false;
  announce(`${title} ${parts.filter(Boolean).map((p) => p.textContent).join(" ")}`);
}
function showInvalid(faults) {
  const place = (f) => { const k = Q.measures.findIndex((m) => m.id === f.measure); return k < 0 ? "" : `Measure ${k + 1}: `; };
  showNone("invalid", "Not a question yet", "This cannot be asked", html("ul", {}, ...faults.map((f) => html("li", {}, place(f) + f.text))));
}
function showRefusal(m) {
  const ways = (m.ways_out || []).map((w) => html("li", {}, button(w.word, () => { Object.assign(Q, w.question); drawForm(); changed(); })));
  showNone("refused", `✕ Refused: ${(m.name || "no answer").replaceAll("_", " ")}`, "No answer is shown", html("p", { class: "headline" }, m.sentence), ways.length ? html("p", {}, "A way out:") : null, ways.length ? html("ul", { class: "ways" }, ...ways) : null);
}
HEARD.error = (m) => {
  for (const [kind, of] of Object.entries(jobs)) if ((m.serials || []).includes(of)) ended(kind);
  if (m.serials && !m.serials.includes(asked) && byId("main").dataset.state === "fresh") return;
  showNone("refused", "✕ No answer", "The solve has ended", html("p", { class: "headline" }, m.text), html("p", {}, "The session goes on: change the question, or ask it again."), html("p", {}, button("Ask again", changed)));
};

// --- of one country ---

const details = new Map();   // of the last answer, by label
const REST = 120;   // ms without a new question, before more is asked of the last answer: a finger on the slider goes first
let detailOf = 0, detailing = 0;
const emptySquare = () => [...D.countries, ...groupsOf].map(() => []);
const chosenLabel = () => (state.country < 0 ? groupsOf[-1 - state.country] : D.countries[state.country]);
function askDetail() {   // sectors and partners of the chosen country or group come behind the answer
  if (!last) return;
  const label = chosenLabel();
  if (detailOf !== last.serial) { details.clear(); detailOf = last.serial; }
  const found = details.get(label);
  if (found) useDetail(found);
  else if (found === undefined && newest(last)) { clearTimeout(detailing); detailing = setTimeout(() => { details.set(label, null); say("detail", { country: label }); }, REST); }
}
HEARD.detail = (m) => {
  if (!last || !m.sectors || m.of !== last.serial) return;
  details.set(m.country, m);
  drawCountry();
};
function useDetail(m) {
  const at = atOf(state.country), every = [...D.countries, ...groupsOf], row = new Map(m.sectors.map((r) => [r.sector, r]));
  const value = (s, key) => row.get(s)?.[key] ?? null;
  D.sectorStatistics = D.sectorColumns.map((c) => ({ ...c, values: D.sectors.map((s) => { const line = []; line[at] = value(s, c.key); return line; }) })).filter((c) => c.values.some((line) => Math.abs(line[at] ?? 0) > NOTHING));
  const before = (s) => { const [after, pct] = [value(s, "sales"), value(s, "sales_pct")]; return after === null || pct === null || pct <= -100 ? null : after / (1 + pct / 100); };
  const placed = (of) => D.sectors.map((s) => { const line = []; line[at] = of(s); return line; });
  D.sales = { before: placed(before), after: placed((s) => value(s, "sales")) };
  D.partners = { exports: emptySquare(), exports_pct: emptySquare() };
  for (const square of Object.values(D.partners)) every.forEach((_, k) => { square[at][k] = null; square[k][at] = null; });
  for (const r of m.partners) {
    const k = every.indexOf(r.partner);
    if (k < 0) continue;
    [D.partners.exports[at][k], D.partners.exports_pct[at][k]] = [r.exports, r.exports_pct];
    [D.partners.exports[k][at], D.partners.exports_pct[k][at]] = [r.imports, r.imports_pct];
  }
}
