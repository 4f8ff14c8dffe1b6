// The page: what is chosen, and everything that follows from it.
const state = { group: 0, view: 0, statistic: 0, country: 0, sort: null, down: true, sector: -1, measure: "pct", industry: 0 };
const group = () => D.groups[state.group];
const several = () => group().views.length > 1;
const view = () => group().views[state.view];
const PERCENTILES = { p05: "5th percentile", p25: "25th percentile", p75: "75th percentile", p95: "95th percentile" };
const viewName = (v) => (D.kind === "sweep" && PERCENTILES[v.name]) || v.name;
const statistic = () => D.statistics[state.statistic];
const stat = (v, key) => v.stats[key] || D.countries.map(() => null);
const withUnit = (s) => (s.unit ? `${s.word}, ${isSigned(s.unit) && s.unit === "%" && s.key !== "gains_from_trade_pct" ? "change in %" : unitOf(s.unit)}` : s.word);
const labelOf = (n) => (D.names[n] === D.countries[n] ? D.countries[n] : `${D.countries[n]} ${D.names[n]}`);
const coded = D.countries.some((label, n) => label !== D.names[n]);   // labels are codes, and names stand beside them
const headOf = (n) => (coded ? [D.countries[n], D.names[n]] : [D.countries[n]]);
const headings = coded ? ["Code", "Country"] : ["Country"];
const capital = (word) => word.slice(0, 1).toUpperCase() + word.slice(1);
const sectorOf = (s) => (D.sectorNames[s] ? `${D.sectors[s]} ${capital(D.sectorNames[s].replace(/^Manufacture of /, ""))}` : D.sectors[s]);

function chooser(id, word, options, value, change) {
  const select = html("select", { id, onchange: (event) => change(event.target.value) });
  for (const [key, name] of options) select.append(html("option", { value: key }, name));
  select.value = value;
  return html("label", { for: id }, word + " ", select);
}
const numbered = (names) => names.map((name, k) => [String(k), name]);

function controls() {
  const box = byId("controls"), set = (key) => (value) => { state[key] = Number(value); draw(); };
  if (D.groups.length > 1) box.append(chooser("group", "Scenario", numbered(D.groups.map((g) => g.name)), String(state.group), set("group")));
  if (several()) box.append(chooser("view", D.kind === "comparison" ? "Model" : "Quantile", numbered(group().views.map(viewName)), String(state.view), set("view")));
  box.append(chooser("statistic", "Statistic", numbered(D.statistics.map(withUnit)), "0", set("statistic")));
  const places = numbered(D.countries.map((_, n) => labelOf(n)));
  if (D.aggregates) D.aggregates.labels.forEach((label, k) => places.push([String(-1 - k), label]));
  box.append(chooser("country", "Country", places, String(state.country), (value) => choose(Number(value))));
}
function choose(n) {
  state.country = n;
  state.industry = 0;
  byId("country").value = String(n);
  drawCountry();
  for (const node of document.querySelectorAll(".country, #table tbody tr")) node.classList.toggle("chosen", Number(node.dataset.country) === n);
  for (const row of document.querySelectorAll("#table tbody tr")) row.setAttribute("aria-current", row.classList.contains("chosen"));
}

// --- tables ---

function sortable(target, columns, rows, options) {
  // columns: {word, unit, values (by row), decimals}; rows: {head: [texts], country}
  const sort = options.sort, order = rows.map((_, k) => k);
  if (sort.column !== null) {
    const value = sort.column < 0 ? (k) => rows[k].head[-1 - sort.column] : (k) => columns[sort.column].values[k];
    order.sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      if (x === null || y === null) return (x === null) - (y === null) || a - b;   // without a number: last
      return (x < y ? -1 : x > y ? 1 : 0) * (sort.down ? -1 : 1) || a - b;
    });
  }
  const head = (word, unit, k) => html("th", { scope: "col", class: k < 0 ? "text" : null, "aria-sort": sort.column === k ? (sort.down ? "descending" : "ascending") : "none" }, html("button", { type: "button", onclick: () => {
    sort.down = sort.column === k ? !sort.down : k >= 0;
    sort.column = k;
    sortable(target, columns, rows, options);
    target.querySelectorAll("thead button")[k < 0 ? -1 - k : options.heads.length + k].focus();
  } }, word, unit ? html("small", {}, unit) : ""));
  const body = html("tbody", {});
  for (const k of order) {
    const chosen = options.choose && rows[k].country === state.country;
    const row = html("tr", options.choose ? { "data-country": rows[k].country, tabindex: -1, "aria-current": String(chosen), class: chosen ? "chosen" : "", onclick: () => options.choose(rows[k].country), onkeydown: (event) => walk(event, () => options.choose(rows[k].country)) } : {});
    row.hidden = !rows[k].head.join(" ").toLowerCase().includes(options.filter());
    rows[k].head.forEach((word) => row.append(html("th", { scope: "row" }, word)));
    for (const c of columns) row.append(html("td", {}, text(inUnit(c.values[k], c.unit), c.decimals, isSigned(c.unit))));
    body.append(row);
  }
  const first = body.querySelector("tr.chosen:not([hidden])") || body.querySelector("tr:not([hidden])");
  if (options.choose && first) first.tabIndex = 0;   // one stop for the tab key, and the arrow keys from there
  const heads = options.heads.map((word, k) => head(word, "", -1 - k));
  target.replaceChildren(html("table", {}, html("thead", {}, html("tr", {}, ...heads, ...columns.map((c, k) => head(c.word, unitOf(c.unit), k)))), body));
}
function walk(event, choose) {   // keys in a row of a table
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  if (event.key === "Enter" || event.key === " ") choose();
  else if (!step) return;
  event.preventDefault();
  let row = step ? event.currentTarget[step] : null;
  while (row && row.hidden) row = row[step];
  if (row) row.focus();
}
const column = (word, unit, values) => ({ word, unit, values, decimals: decimalsOf(values.map((v) => inUnit(v, unit))) });

const tableSort = { column: null, down: true }, factorSort = { column: null, down: true }, firmSort = { column: null, down: true };
function drawTable() {
  const s = statistic(), views = group().views;
  const columns = several() ? views.map((v) => column(viewName(v), s.unit, stat(v, s.key))) : D.statistics.filter((x) => view().stats[x.key]).map((x) => column(x.word, x.unit, stat(view(), x.key)));
  if (several()) { const most = Math.max(...columns.map((c) => c.decimals)); for (const c of columns) c.decimals = most; }
  const rows = D.countries.map((_, n) => ({ head: headOf(n), country: n }));
  sortable(byId("table"), columns, rows, { sort: tableSort, heads: headings, choose, filter: () => byId("filter").value.trim().toLowerCase() });
  byId("found").textContent = `${document.querySelectorAll("#table tbody tr:not([hidden])").length} of ${D.countries.length} countries`;
}
function drawFactors() {
  const f = D.factors, several = new Set(f.factor).size > 1;
  const columns = f.statistics.filter((s) => f.stats[s.key].some((v) => Math.abs(v) > NOTHING)).map((s) => column(s.word, s.unit, f.stats[s.key]));
  if (!columns.length) { byId("factor-table").replaceChildren(html("p", { class: "readout" }, "No factor price changes.")); return; }
  const rows = f.country.map((label, k) => ({ head: [...headOf(D.countries.indexOf(label)), ...(several ? [f.factor[k]] : [])], country: -1 }));
  sortable(byId("factor-table"), columns, rows, { sort: factorSort, heads: several ? [...headings, "Factor"] : headings, choose: null, filter: () => "" });
}

// --- what follows from the country ---

function drawCountry() {
  if (byId("waterfall")) drawChannels();
  if (byId("sector-chart")) drawSectors();
  if (byId("curves")) drawCurves();
  if (byId("firm-chart")) drawFirms();
}
function drawChannels() {
  const n = state.country, stats = n < 0 ? D.aggregates.views[state.view] : view().stats, at = n < 0 ? -1 - n : n, word = n < 0 ? D.aggregates.labels[at] : labelOf(n);
  const real = (stats.real_income_pct || [])[at] ?? null;
  if (real === null) { byId("waterfall").replaceChildren(html("p", { class: "readout" }, `${word}: no number.`)); return; }
  const steps = D.channels.map((c) => ({ word: c.word, colour: c.colour, value: (stats[c.key] || [])[at] ?? 0 })).filter((s) => Math.abs(s.value) > NOTHING);
  const total = n < 0 ? steps.reduce((sum, s) => sum + s.value, 0) : 100 * Math.log1p(real / 100);
  if (!steps.length) { byId("waterfall").replaceChildren(html("p", { class: "readout" }, `${word}: nothing changes.`)); return; }
  byId("waterfall").replaceChildren(html("h3", {}, several() ? `${word}, ${view().name}` : word), waterfall(steps, total, `Channels of real income, ${word}`), html("p", { class: "readout" }, `${word}: real income ${short(real, true)} %`));
}
function drawSectors() {
  const target = byId("sector-chart"), n = state.country, whole = (values) => values.map((row) => row.reduce((sum, v) => sum + (v || 0), 0));
  if (n < -1) { target.replaceChildren(html("p", { class: "readout" }, "Sectors are shown for the world or a single country.")); return; }
  const [before, after] = [D.sales.before, D.sales.after].map((values) => (n < 0 ? whole(values) : values.map((row) => row[n])));
  const money = state.measure === "money", word = n < 0 ? "World" : labelOf(n);
  const rows = D.sectors.map((_, s) => {
    const value = money ? after[s] - before[s] : before[s] > 0 ? 100 * (after[s] / before[s] - 1) : null;
    return { word: sectorOf(s), value: value !== null && Math.abs(value) < NOTHING ? 0 : value, gone: before[s] > 0 && after[s] === 0 };
  }).filter((r) => before.length && r.value !== null).sort((a, b) => b.value - a.value);
  const measure = chooser("measure", "Measure", [["pct", "change of sales in %"], ["money", `change of sales, ${MONEY}`]], state.measure, (value) => { state.measure = value; drawSectors(); byId("measure").focus(); });
  if (!rows.some((r) => r.value)) { target.replaceChildren(html("h3", {}, word), html("p", { class: "readout" }, "The sales of no sector change.")); return; }
  target.replaceChildren(html("h3", {}, word), measure, dumbbells(rows, `Sales by sector, ${word}`, money ? `Change of sales, ${MONEY}` : "Change of sales, %", money ? 0 : 100));
}
function drawCurves() {
  const c = D.curves, n = Math.max(state.country, 0);
  if (!c) return;
  const lines = c.lines.map((l) => ({ name: l.name, bands: Object.fromEntries(Object.entries(l.bands).map(([q, rows]) => [q, rows.map((row) => row[n])])) }));
  const title = `Real income of ${labelOf(n)}, change in %`, draws = lines.length && lines[0].bands.p05;
  const parts = [html("h3", {}, title), c.numeric ? curveChart(lines, c.values, c.axis, `${title}, along ${c.axis}`) : ranked(c, lines, title)];
  if (draws) parts.push(html("p", { class: "hint" }, c.numeric ? "Bands hold 50 and 90 % of the draws." : "Marks are medians over the draws, lines hold 90 % of them."));
  if (c.of > c.values.length) parts.push(html("p", { class: "hint" }, `${c.values.length} of ${c.of} values of the key are drawn.`));
  if (c.left) parts.push(html("p", { class: "hint" }, `${c.left} more combinations of the other keys are in sweep.zarr.`));
  byId("curves").replaceChildren(...parts);
}

function drawFirms() {
  const target = byId("firm-chart"), n = state.country, found = D.firms.filter((f) => f.country === n);
  byId("firm-table").hidden = !found.length;
  if (!found.length) { target.replaceChildren(html("p", { class: "readout" }, n < 0 ? "Firms are shown for a single country." : `${labelOf(n)}: no firms.`)); return; }
  const f = found[Math.min(state.industry, found.length - 1)], names = found.map((one) => sectorOf(D.sectors.indexOf(one.sector)));
  const sector = chooser("industry", "Industry", numbered(names), String(found.indexOf(f)), (value) => { state.industry = Number(value); drawFirms(); byId("industry").focus(); });
  const points = (x, y) => f.markets.map((m, k) => ({ x: x[k], y: y[k], word: D.countries[m] })).filter((p) => p.x !== null && p.y > 0).sort((a, b) => a.x - b.x);
  const states = [{ word: "benchmark", colour: "#D55E00", dash: "6 4", points: points(f.before, f.firmsBefore) }, { word: "counterfactual", colour: "#0072B2", dash: null, points: points(f.after, f.firmsAfter) }];
  for (const s of states) if (!s.points.length) s.word += ": none";
  const title = `Firms of ${labelOf(n)}, ${names[found.indexOf(f)]}`, note = D.firms.length < D.countries.length * D.sectors.length ? [html("p", { class: "hint" }, "Industries whose exports change most; firms.csv has all.")] : [];
  const chart = states.some((s) => s.points.length) ? firmsChart(states, title) : html("p", { class: "readout" }, "Nothing is sold.");
  target.replaceChildren(html("h3", {}, title), sector, ...note, chart);
  const change = (a, b) => a.map((v, k) => (v === null || b[k] === null || v <= 0 ? null : 100 * (b[k] / v - 1))), rows = f.markets.map((m) => ({ head: headOf(m), country: -1 }));
  const columns = [column("Cutoff before", "", f.before), column("Cutoff after", "", f.after), column("Cutoff, change", "%", change(f.before, f.after)), column("Exporters, change", "%", change(f.firmsBefore, f.firmsAfter))];
  sortable(byId("firm-table"), columns, rows, { sort: firmSort, heads: coded ? ["Code", "Market"] : ["Market"], choose: null, filter: () => "" });
}
function ranked(c, lines, title) {   // a row for each label that the key takes, the largest effect of the first line above
  const first = lines[0].bands.median, order = c.values.map((_, k) => k).sort((a, b) => (first[b] ?? -Infinity) - (first[a] ?? -Infinity));
  const along = (values) => values && order.map((k) => values[k]), names = new Map(D.countries.map((label, n) => [label, labelOf(n)]));
  const series = lines.map((l) => ({ name: l.name, values: along(l.bands.median), low: along(l.bands.p05), high: along(l.bands.p95) }));
  return sideBySide(order.map((k) => names.get(c.values[k]) || c.values[k]), series, `${title}, by ${c.axis}`, "Real income, change in %");
}

// --- flows ---

function decoded() {
  const bytes = (base) => Uint8Array.from(atob(base), (c) => c.charCodeAt(0)).buffer, f = D.flows, size = D.countries.length ** 2;
  const level = new Uint16Array(bytes(f.level)), change = new Int16Array(bytes(f.change)), place = new Map(f.sectors.map((s, k) => [s, k]));
  const appeared = new Map(f.appeared.map(([s, i, n, v]) => [`${s},${i},${n}`, v]));
  return (s, i, n) => {   // benchmark, counterfactual, change in percent
    if (s < 0) {
      const [a, b] = [f.totals.before[i][n], f.totals.after[i][n]];
      return [a, b, a > 0 ? 100 * (b / a - 1) : b > 0 ? Infinity : null];
    }
    const k = place.get(s) * size + i * D.countries.length + n, mark = change[k];
    if (mark === f.never) return [0, 0, null];
    if (mark === f.new) return [0, appeared.get(`${s},${i},${n}`) ?? 0, Infinity];
    const before = Math.exp(f.low + (level[k] - 1) * f.step);
    if (mark === f.gone) return [before, 0, -100];
    const ratio = Math.exp(mark * f.changeStep);
    return [before, before * ratio, 100 * (ratio - 1)];
  };
}
function drawFlows() {
  const target = byId("heat"), cell = decoded(), read = html("p", { class: "readout", "aria-live": "polite" }, "\u00a0"), chart = html("div", { class: "chart" });
  const sectors = [["-1", "All sectors"], ...D.flows.sectors.map((s) => [String(s), sectorOf(s)])];
  const tell = (i, n) => {
    const [before, after, change] = cell(state.sector, i, n), pair = i === n ? `${D.countries[i]} at home` : `${D.countries[i]} → ${D.countries[n]}`;
    const moved = change === null ? "never a flow" : change === Infinity ? "new" : `${short(change, true)} %`;
    read.textContent = `${pair}: ${moved}` + (change === null ? "" : ` (${short(before)} → ${short(after)} ${MONEY})`);
  };
  const paint = () => chart.replaceChildren(heatMap((i, n) => cell(state.sector, i, n)[2], tell));
  target.append(chooser("sector", "Sector", sectors, "-1", (value) => { state.sector = Number(value); read.textContent = "\u00a0"; paint(); }), read, chart, html("p", { class: "hint" }, "Change of the flow in %. Darkest: this much or more."));
  paint();
}

// --- all ---

function brief() {
  const key = D.statistics[0].key, order = known(stat(view(), key)).length ? D.countries.map((_, n) => n).filter((n) => stat(view(), key)[n] !== null).sort((a, b) => stat(view(), key)[b] - stat(view(), key)[a]) : [];
  if (!order.length) { byId("brief").textContent = `${D.statistics[0].word}: no country has a number.`; return; }
  const named = (n) => `${D.names[n]} ${short(stat(view(), key)[n], true)} %`, some = Math.min(3, Math.floor(order.length / 2)), whole = D.aggregates ? (D.aggregates.views[state.view][key] || [])[0] ?? null : null;
  const alike = stat(view(), key)[order[0]] - stat(view(), key)[order[order.length - 1]] < NOTHING, money = (view().stats.equivalent_variation || [])[mostMoved()], parts = whole === null ? [] : [`world ${short(whole, true)} %`];
  if (alike) parts.push(`${order.length > 1 ? "every country" : D.names[order[0]]} ${short(stat(view(), key)[order[0]], true)} %`);
  else parts.push(`highest ${order.slice(0, some).map(named).join(", ")}`, `lowest ${order.slice(-some).reverse().map(named).join(", ")}`);
  if (!alike && money) parts.push(`most in money ${named(mostMoved())} (${short(money, true)} ${MONEY})`);
  byId("brief").textContent = D.statistics[0].word + (several() ? ` (${viewName(view())})` : "") + (D.groups.length > 1 ? ` (${group().name})` : "") + ": " + parts.join("; ") + ".";
}
let drawnIn = 0;
addEventListener("resize", () => { if (room() !== drawnIn) draw(); });
function draw() {
  drawnIn = room();
  const s = statistic(), values = stat(view(), s.key).map((v) => inUnit(v, s.unit)), label = withUnit(s) + (several() ? `, ${viewName(view())}` : "") + (D.groups.length > 1 ? ` (${group().name})` : "");
  brief();
  if (D.map) {
    byId("map").replaceChildren(...worldMap(values, label, s.unit, choose, state.country));
    if (D.map.without.length) byId("map").append(html("p", { class: "hint" }, "Not on the map: " + D.map.without.map((w) => `${w} (${short(values[D.countries.indexOf(w)], isSigned(s.unit))})`).join(", ")));
  } else byId("map").replaceChildren(html("p", { class: "hint" }, "No label of this economy names a country, so there is no map."));
  drawTable();
  if (byId("dots")) {
    const first = stat(group().views[D.own], s.key), order = D.countries.map((_, n) => n).sort((a, b) => (first[b] ?? -Infinity) - (first[a] ?? -Infinity));
    byId("dots").replaceChildren(html("h3", {}, withUnit(s)), sideBySide(order.map((n) => D.countries[n]), group().views.map((v) => ({ name: v.name, values: order.map((n) => inUnit(stat(v, s.key)[n], s.unit)) })), withUnit(s)));
  }
  if (byId("bands") && several()) {
    const bands = Object.fromEntries(group().views.map((v) => [v.name, stat(v, s.key)])), order = D.countries.map((_, n) => n).sort((a, b) => (bands.median[b] ?? -Infinity) - (bands.median[a] ?? -Infinity));
    byId("bands").replaceChildren(html("h3", {}, withUnit(s)), intervals(order, bands, withUnit(s)), html("p", { class: "hint" }, "Mark: median; thick: half, thin: nine tenths of what was solved."));
  }
  drawCountry();
}

function mostMoved() {   // in money where it is known, else in the first statistic
  const values = view().stats.equivalent_variation || stat(view(), D.statistics[0].key), sizes = values.map((v) => Math.abs(v || 0));
  return sizes.indexOf(Math.max(...sizes));
}
function mostMoving() {   // the scenario that moves most money
  const middle = (g) => g.views.find((v) => v.name === "median") || g.views[0], sizes = D.groups.map((g) => known(stat(middle(g), "equivalent_variation")).reduce((sum, v) => sum + Math.abs(v), 0));
  return sizes.indexOf(Math.max(...sizes));
}
state.group = mostMoving();
if (several() && D.kind === "sweep") state.view = group().views.findIndex((v) => v.name === "median");
if (D.kind === "comparison") state.view = D.own;
state.country = mostMoved();
controls();
byId("filter").addEventListener("input", drawTable);
if (byId("heat")) drawFlows();
if (byId("factor-table")) drawFactors();
draw();
// what is folded or narrow on the screen is not so on paper
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:not([open])")];
  for (const part of folded) part.open = true;
  onPaper = true;
  draw();
});
addEventListener("afterprint", () => {
  for (const part of folded) part.open = false;
  onPaper = false;
  draw();
});
document.documentElement.dataset.ready = "yes";
