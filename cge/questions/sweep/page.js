// Sections of a sweep: curves along a key, bands over draws.
function drawCurves() {
  const c = D.curves, n = state.country, at = atOf(n);
  if (!c) return;
  const lines = c.lines.map((l) => ({ name: l.name, bands: Object.fromEntries(Object.entries(l.bands).map(([q, rows]) => [q, rows.map((row) => row[at])])) }));
  const title = `Real income of ${wordOf(n)}, change in %`, draws = lines.length && lines[0].bands.p05;
  const parts = [html("h3", {}, title), c.numeric ? curveChart(lines, c.values, c.axis, `${title}, along ${c.axis}`) : ranked(c, lines, title)];
  if (draws) parts.push(html("p", { class: "hint" }, c.numeric ? "Bands hold 50 and 90 % of the draws." : "Marks are medians over the draws, lines hold 90 % of them."));
  if (c.of > c.values.length) parts.push(html("p", { class: "hint" }, `${c.values.length} of ${c.of} values of the key are drawn.`));
  if (c.left) parts.push(html("p", { class: "hint" }, `${c.left} more combinations of the other keys are in sweep.zarr.`));
  byId("curves").replaceChildren(...parts);
}
function ranked(c, lines, title) {   // a row for each label that the key takes, the largest effect of the first line above
  const first = lines[0].bands.median, order = c.values.map((_, k) => k).sort((a, b) => (first[b] ?? -Infinity) - (first[a] ?? -Infinity));
  const along = (values) => values && order.map((k) => values[k]), names = new Map(Object.entries(c.words));
  const series = lines.map((l) => ({ name: l.name, values: along(l.bands.median), low: along(l.bands.p05), high: along(l.bands.p95) }));
  return sideBySide(order.map((k) => names.get(c.values[k]) || c.values[k]), series, `${title}, by ${c.axis}`, "Real income, change in %");
}
ofCountry.push(drawCurves);

const differenceSort = { column: null, down: true };
function drawDifferences() {   // of one combination of the keys to another, over the same draws
  const { rows, left } = D.differences, n = state.country, target = byId("difference-table");
  byId("difference-title").textContent = `What sets them apart: real income of ${wordOf(n)}`;
  byId("difference-note").textContent = n < 0 ? "Differences are shown for a single country." : `Over the same draws.${left ? ` ${left} more are in bands.csv.` : ""}`;
  target.hidden = n < 0;
  const columns = [["5th percentile", "p05"], ["Median", "median"], ["95th percentile", "p95"]].map(([word, q]) => column(word, "percentage points", rows.map((r) => (n < 0 ? null : r[q][n])))), most = Math.max(...columns.map((c) => c.decimals));
  for (const c of columns) c.decimals = most;
  sortable(target, columns, rows.map((r) => ({ head: [r.name], country: -1 })), { sort: differenceSort, heads: ["What less what"], choose: null, filter: () => "" });
}
if (byId("difference-table")) ofCountry.push(drawDifferences);

function drawBands() {
  if (!several()) return;
  const s = statistic(), bands = Object.fromEntries(group().views.map((v) => [v.name, stat(v, s.key)])), order = D.countries.map((_, n) => n).sort((a, b) => (bands.median[b] ?? -Infinity) - (bands.median[a] ?? -Infinity));
  byId("bands").replaceChildren(html("h3", {}, s.title), intervals(order, bands, s.title), html("p", { class: "hint" }, "Mark: median; thick: half, thin: nine tenths of what was solved."));
}
anew.push(drawBands);
