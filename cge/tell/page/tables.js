// Choosers and tables that sort: what a page is told with besides its charts.
function chooser(id, word, options, value, change) {
  const select = html("select", { id, onchange: (event) => change(event.target.value) });
  for (const [key, name] of options) select.append(html("option", { value: key }, name));
  select.value = value;
  return html("label", { for: id }, word + " ", select);
}
const numbered = (names) => names.map((name, k) => [String(k), name]);

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
  target.replaceChildren(html("table", { style: `--columns:${heads.length + columns.length}` }, html("thead", {}, html("tr", {}, ...heads, ...columns.map((c, k) => head(c.word, unitOf(c.unit), k)))), body));
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
