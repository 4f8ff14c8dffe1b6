// The page: what is chosen, and everything that follows from it.
const state = { group: 0, view: D.first, statistic: 0, country: 0 };
const anew = [], ofCountry = [];   // what sections draw: whenever a choice is made; whenever the country changes
const group = () => D.groups[state.group];
const several = () => group().views.length > 1;
const view = () => group().views[state.view];
const viewName = (v) => v.word || v.name;
const statistic = () => D.statistics[state.statistic];
const stat = (v, key) => v.stats[key] || D.countries.map(() => null);
const labelOf = (n) => (D.names[n] === D.countries[n] ? D.countries[n] : `${D.countries[n]} ${D.names[n]}`);
const coded = D.countries.some((label, n) => label !== D.names[n]);   // labels are codes, and names stand beside them
const headOf = (n) => (coded ? [D.countries[n], D.names[n]] : [D.countries[n]]);
const headings = coded ? ["Code", "Country"] : ["Country"];
const capital = (word) => word.slice(0, 1).toUpperCase() + word.slice(1);

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
  if (several()) box.append(chooser("view", D.chooser, numbered(group().views.map(viewName)), String(state.view), set("view")));
  box.append(chooser("statistic", "Statistic", numbered(D.statistics.map((s) => s.title)), "0", set("statistic")));
  const places = numbered(D.countries.map((_, n) => labelOf(n)));
  if (D.aggregates) D.aggregates.labels.forEach((label, k) => places.push([String(-1 - k), label]));
  box.append(chooser("country", "Country", places, String(state.country), (value) => choose(Number(value))));
}
function choose(n) {
  state.country = n;
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

const tableSort = { column: null, down: true };
function drawTable() {
  const s = statistic(), views = group().views;
  const columns = several() ? views.map((v) => column(viewName(v), s.unit, stat(v, s.key))) : D.statistics.filter((x) => view().stats[x.key]).map((x) => column(x.word, x.unit, stat(view(), x.key)));
  if (several()) { const most = Math.max(...columns.map((c) => c.decimals)); for (const c of columns) c.decimals = most; }
  const rows = D.countries.map((_, n) => ({ head: headOf(n), country: n }));
  sortable(byId("table"), columns, rows, { sort: tableSort, heads: headings, choose, filter: () => byId("filter").value.trim().toLowerCase() });
  byId("found").textContent = `${document.querySelectorAll("#table tbody tr:not([hidden])").length} of ${D.countries.length} countries`;
}

// --- all ---

function drawCountry() {
  for (const part of ofCountry) part();
}
function brief() {
  const key = D.statistics[0].key, unit = unitOf(D.statistics[0].unit), order = known(stat(view(), key)).length ? D.countries.map((_, n) => n).filter((n) => stat(view(), key)[n] !== null).sort((a, b) => stat(view(), key)[b] - stat(view(), key)[a]) : [];
  if (!order.length) { byId("brief").textContent = `${D.statistics[0].word}: no country has a number.`; return; }
  const named = (n) => `${D.names[n]} ${short(stat(view(), key)[n], true)} ${unit}`, some = Math.min(3, Math.floor(order.length / 2)), whole = D.aggregates ? (D.aggregates.views[state.view][key] || [])[0] ?? null : null;
  const alike = stat(view(), key)[order[0]] - stat(view(), key)[order[order.length - 1]] < NOTHING, money = (view().stats.equivalent_variation || [])[mostMoved()], parts = whole === null ? [] : [`world ${short(whole, true)} ${unit}`];
  if (alike) parts.push(`${order.length > 1 ? "every country" : D.names[order[0]]} ${short(stat(view(), key)[order[0]], true)} ${unit}`);
  else parts.push(`highest ${order.slice(0, some).map(named).join(", ")}`, `lowest ${order.slice(-some).reverse().map(named).join(", ")}`);
  if (!alike && money) parts.push(`most in money ${named(mostMoved())} (${short(money, true)} ${MONEY})`);
  byId("brief").textContent = D.statistics[0].word + (several() ? ` (${viewName(view())})` : "") + (D.groups.length > 1 ? ` (${group().name})` : "") + ": " + parts.join("; ") + ".";
}
let drawnIn = 0;
addEventListener("resize", () => { if (room() !== drawnIn) draw(); });
function draw() {
  drawnIn = room();
  const s = statistic(), values = stat(view(), s.key).map((v) => inUnit(v, s.unit)), label = s.title + (several() ? `, ${viewName(view())}` : "") + (D.groups.length > 1 ? ` (${group().name})` : "");
  brief();
  if (D.map) {
    byId("map").replaceChildren(...worldMap(values, label, s.unit, choose, state.country));
    if (D.map.without.length) byId("map").append(html("p", { class: "hint" }, "Not on the map: " + D.map.without.map((w) => `${w} (${short(values[D.countries.indexOf(w)], isSigned(s.unit))})`).join(", ")));
  } else byId("map").replaceChildren(html("p", { class: "hint" }, "No label of this economy names a country, so there is no map."));
  drawTable();
  for (const part of anew) part();
  drawCountry();
}
