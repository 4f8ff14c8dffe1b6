// The page: what is chosen, and everything that follows from it.
const state = { group: 0, view: D.first, statistic: 0, country: 0 };
const whole = [], anew = [drawEnds, drawMap, drawTable], ofCountry = [];   // what sections draw: with the page; whenever a choice is made; whenever the country changes
const group = () => D.groups[state.group];
const several = () => group().views.length > 1;
const view = () => group().views[state.view];
const viewName = (v) => v.word || v.name;
const statistic = () => D.statistics[state.statistic];
const stat = (v, key) => v.stats[key] || D.countries.map(() => null);
const labelOf = (n) => (D.names[n] === D.countries[n] ? D.countries[n] : `${D.countries[n]} ${D.names[n]}`);
const coded = D.countries.some((label, n) => label !== D.names[n]);   // labels are codes, and names stand beside them
const headOf = (n) => (coded ? [D.countries[n], D.names[n]] : [D.countries[n]]);
const places = D.countries.length, groupsOf = D.aggregates;   // groups stand behind the countries; the chosen one is below zero
const wordOf = (n) => (n < 0 ? groupsOf[-1 - n] : labelOf(n)), atOf = (n) => (n < 0 ? places - 1 - n : n);
const headings = coded ? ["Code", "Country"] : ["Country"];
const capital = (word) => word.slice(0, 1).toUpperCase() + word.slice(1);

function controls() {
  const box = byId("controls"), set = (key) => (value) => { state[key] = Number(value); remember(); draw(); };
  if (D.groups.length > 1) box.append(chooser("group", "Scenario", numbered(D.groups.map((g) => g.name)), String(state.group), set("group")));
  if (several()) box.append(chooser("view", D.chooser, numbered(group().views.map(viewName)), String(state.view), set("view")));
  box.append(chooser("statistic", "Statistic", numbered(D.statistics.map((s) => s.title)), String(state.statistic), set("statistic")));
  const options = [...groupsOf.map((label, k) => [String(-1 - k), label]), ...numbered(D.countries.map((_, n) => labelOf(n)))];
  box.append(chooser("country", "Country", options, String(state.country), (value) => choose(Number(value))));
}
function choose(n) {
  state.country = n;
  remember();
  byId("country").value = String(n);
  drawCountry();
  for (const node of document.querySelectorAll(".country, #table tbody tr")) node.classList.toggle("chosen", Number(node.dataset.country) === n);
  for (const row of document.querySelectorAll("#table tbody tr")) row.setAttribute("aria-current", row.classList.contains("chosen"));
}

// --- what is chosen, in the address ---

const CHOSEN = {   // word in the address → the choices by name, and where the place of the one that is chosen is kept
  scenario: [() => D.groups.map((g) => g.name), state, "group"],
  view: [() => group().views.map((v) => v.name), state, "view"],
  statistic: [() => D.statistics.map((s) => s.key), state, "statistic"],
  country: [() => [...D.countries, ...groupsOf], state, "country"],
};   // sections add theirs
const CARRIED = {};   // word in the address → what else a page keeps there: given() as text, and what takes that text back
const signedPlace = (word, k) => (word === "country" && k >= places ? places - 1 - k : k);
function remember() {   // so that a link to the page shows what its sender saw
  const found = new URLSearchParams();
  for (const [word, [names, kept, key]] of Object.entries(CHOSEN)) {
    const every = names(), at = word === "country" ? atOf(kept[key]) : kept[key];
    if (every.length > 1 && every[at] !== undefined) found.set(word, every[at]);
  }
  for (const [word, { given }] of Object.entries(CARRIED)) found.set(word, given());
  history.replaceState(null, "", `#${found}`);
}
function recall() {   // whether the address says anything
  const given = new URLSearchParams(location.hash.slice(1));
  for (const [word, { take }] of Object.entries(CARRIED)) if (given.has(word)) take(given.get(word));
  for (const [word, [names, kept, key]] of Object.entries(CHOSEN)) {
    const at = given.has(word) ? names().indexOf(given.get(word)) : -1;
    if (at >= 0) kept[key] = signedPlace(word, at);
  }
  return [...given.keys()].some((word) => word in CHOSEN || word in CARRIED);
}

// --- the table of countries ---

const tableSort = { column: null, down: true };
function drawTable() {
  const s = statistic(), views = group().views;
  const columns = several() ? views.map((v) => column(viewName(v), s.unit, stat(v, s.key))) : D.statistics.filter((x) => view().stats[x.key]).map((x) => column(x.word, x.unit, stat(view(), x.key)));
  if (several()) { const most = Math.max(...columns.map((c) => c.decimals)); for (const c of columns) c.decimals = most; }
  const rows = D.countries.map((_, n) => ({ head: headOf(n), country: n }));
  sortable(byId("table"), columns, rows, { sort: tableSort, heads: headings, choose, filter: () => byId("filter").value.trim().toLowerCase() });
  byId("found").textContent = `${document.querySelectorAll("#table tbody tr:not([hidden])").length} of ${D.countries.length} ${D.countries.length === 1 ? "country" : "countries"}`;
}

// --- World and groups, and the ends; the map ---

const ENDS = 10;
function drawEnds() {   // World and groups, then who loses and who gains most
  const s = statistic(), values = stat(view(), s.key).map((v) => inUnit(v, s.unit)), order = D.countries.map((_, n) => n).filter((n) => values[n] !== null).sort((a, b) => values[b] - values[a]);
  const whole = (view().together[s.key] || []).map((v) => inUnit(v, s.unit)), unit = unitOf(s.unit), welfare = s.key === "real_income_pct" || s.key === "equivalent_variation";
  const alike = order.length && values[order[0]] - values[order[order.length - 1]] < NOTHING, said = whole.length && whole[0] !== null ? `world ${short(whole[0], isSigned(s.unit))} ${unit}; ` : "";
  byId("brief").textContent = !order.length ? `${s.word}: no country has a number.` : alike && order.length > 1 ? `${s.word}: ${said}every country ${short(values[order[0]], isSigned(s.unit))} ${unit}.` : "";
  byId("ends").replaceChildren();
  if (!order.length || (alike && order.length > 1)) return;
  const most = order.length > 2 * ENDS ? ENDS : Math.ceil(order.length / 2), top = order.slice(0, most), decimals = decimalsOf(values), bottom = order.slice(most).slice(-ENDS).reverse();
  const row = (n, value, word) => html("tr", {}, html("th", { scope: "row" }, html("button", { type: "button", onclick: () => { choose(n); byId("country").scrollIntoView({ block: "nearest" }); } }, word)), html("td", {}, text(value, decimals, isSigned(s.unit))));
  const list = (title, rows) => (rows.length ? [html("table", {}, html("caption", {}, title), html("thead", {}, html("tr", {}, html("th", { scope: "col" }, "Country"), html("th", { scope: "col" }, unit || s.word))), html("tbody", {}, ...rows))] : []);
  const first = groupsOf.map((label, k) => (whole[k] === null || whole[k] === undefined ? null : row(-1 - k, whole[k], label))).filter(Boolean);
  const named = (n) => row(n, values[n], D.names[n]);
  const title = s.title + (several() ? ` (${viewName(view())})` : "") + (D.groups.length > 1 ? ` (${group().name})` : "");
  byId("ends").append(html("h2", {}, title), html("div", { class: "lists" }, ...list("World and groups", first), ...list(welfare ? "Lose most" : "Lowest", bottom.map(named)), ...list(welfare ? "Gain most" : "Highest", top.map(named))));
}
function drawMap() {
  const s = statistic(), values = stat(view(), s.key).map((v) => inUnit(v, s.unit)), label = s.title + (several() ? `, ${viewName(view())}` : "") + (D.groups.length > 1 ? ` (${group().name})` : "");
  if (!D.map) { byId("map").replaceChildren(html("p", { class: "hint" }, "No label of this economy names a country, so there is no map.")); return; }
  byId("map").replaceChildren(...worldMap(values, label, s.unit, choose, state.country));
  if (D.map.without.length) byId("map").append(html("p", { class: "hint" }, "Not on the map: " + D.map.without.map((w) => `${labelOf(D.countries.indexOf(w))} (${short(values[D.countries.indexOf(w)], isSigned(s.unit))})`).join(", ")));
}

// --- all ---

function drawCountry() {
  for (const part of ofCountry) part();
}
let drawnIn = 0;
addEventListener("resize", () => { if (room() !== drawnIn) draw(); });
function draw() {
  drawnIn = room();
  for (const part of anew) part();
  drawCountry();
}
function drawAll() {
  for (const part of whole) part();
  draw();
}
atNight.addEventListener("change", drawAll);
// what is folded or narrow on the screen is not so on paper
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:not([open])")];
  for (const part of folded) part.open = true;
  onPaper = true;
  drawAll();
});
addEventListener("afterprint", () => {
  for (const part of folded) part.open = false;
  onPaper = false;
  drawAll();
});
