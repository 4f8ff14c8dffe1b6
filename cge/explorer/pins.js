// Pinned answers: views beside the one of now, with what differs.
const pins = [];   // {name, sentence, question, stats, together}
const minus = (a, b) => Object.fromEntries(Object.keys(a).filter((key) => b[key]).map((key) => [key, a[key].map((v, n) => (v === null || b[key][n] === null ? null : v - b[key][n]))]));
const along = (together, from, to) => Object.fromEntries(Object.entries(together).map(([key, values]) => [key, to.map((label) => values[from.indexOf(label)] ?? null)]));
function setGroups(labels) {   // World, groups of the run file, and those that a measure names
  if (groupsOf.join() === labels.join()) return false;
  const chosen = state.country < 0 ? groupsOf[-1 - state.country] : null;
  groupsOf.splice(0, groupsOf.length, ...labels);
  D.partners = { exports: emptySquare(), exports_pct: emptySquare() };
  if (chosen !== null) state.country = labels.includes(chosen) ? -1 - labels.indexOf(chosen) : -1;
  return true;
}
function setViews(m) {
  const regrouped = setGroups(m.aggregates), now = { name: "Now", stats: m.stats, together: m.together };
  const views = [now, ...pins.flatMap((p) => {
    const together = along(p.together, p.aggregates, m.aggregates);
    return [{ name: p.name, stats: p.stats, together }, { name: `Now less ${p.name}`, stats: minus(m.stats, p.stats), together: minus(m.together, together) }];
  })];
  const key = statistic().key, before = [D.statistics.map((s) => s.key).join(), D.groups[0].views.map((v) => v.name).join()].join();
  D.groups = [{ name: "", views }];
  const moving = D.everyStatistic.filter((s) => s.key === LEADING || views.some((v) => known(v.stats[s.key] || []).some((x) => Math.abs(x) > NOTHING)));
  D.statistics = moving;
  state.statistic = Math.max(0, moving.findIndex((s) => s.key === key));
  if (state.view >= views.length) state.view = 0;
  if ([moving.map((s) => s.key).join(), views.map((v) => v.name).join()].join() !== before || regrouped) drawControls();
}
const LEADING = "real_income_pct";
function drawControls() {
  const focused = document.activeElement?.id;
  byId("controls").replaceChildren();
  controls();
  if (focused && byId("controls").querySelector(`#${focused}`)) byId(focused).focus();
}
let pinned = 0;
function pin() {
  if (!last || byId("main").dataset.state !== "fresh") return;
  pinned += 1;
  pins.push({ name: `Pin ${pinned}`, sentence: last.sentence, question: structuredClone(Q), stats: last.stats, together: last.together, aggregates: last.aggregates });
  pinsChanged();
  announce(`Pinned as Pin ${pinned}.`);
}
function pinsChanged() {
  drawPins();
  if (last) { setViews(last); draw(); }
}
function drawPins() {
  const list = byId("pins");
  list.hidden = !pins.length;
  list.replaceChildren(...pins.map((p) => html("li", {}, html("strong", {}, p.name), ` ${p.sentence} `, html("span", { class: "buttons" },
    button("Ask it again", () => askAnew(structuredClone(p.question)), { "aria-label": `Ask it again: ${p.name}` }),
    button("Unpin", () => { pins.splice(pins.indexOf(p), 1); pinsChanged(); byId("out").querySelector("button").focus(); }, { "aria-label": `Unpin: ${p.name}` })))));
}
