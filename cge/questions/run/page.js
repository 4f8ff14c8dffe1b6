// Sections of a run that no other question has: firms, trade between countries, factor prices.

// --- firms ---

const industry = { country: null, place: 0 }, firmSort = { column: null, down: true };   // the one of a country that is shown
function drawFirms() {
  const target = byId("firm-chart"), n = state.country, found = D.firms.filter((f) => f.country === n);
  byId("firm-table").hidden = !found.length;
  if (industry.country !== n) Object.assign(industry, { country: n, place: 0 });
  if (!found.length) { target.replaceChildren(html("p", { class: "readout" }, n < 0 ? "Firms are shown for a single country." : `${labelOf(n)}: no firms.`)); return; }
  const f = found[Math.min(industry.place, found.length - 1)], names = found.map((one) => sectorOf(D.sectors.indexOf(one.sector)));
  const sector = chooser("industry", "Industry", numbered(names), String(found.indexOf(f)), (value) => { industry.place = Number(value); drawFirms(); byId("industry").focus(); });
  const points = (x, y) => f.markets.map((m, k) => ({ x: x[k], y: y[k], word: D.names[m] })).filter((p) => p.x !== null && p.y > 0).sort((a, b) => a.x - b.x);
  const states = [{ word: "benchmark", colour: "#D55E00", dash: "6 4", points: points(f.before, f.firmsBefore) }, { word: "counterfactual", colour: "var(--blue-mark)", dash: null, points: points(f.after, f.firmsAfter) }];
  for (const s of states) if (!s.points.length) s.word += ": none";
  const title = `Firms of ${labelOf(n)}, ${names[found.indexOf(f)]}`, note = D.firms.length < D.countries.length * D.sectors.length ? [html("p", { class: "hint" }, "Industries whose exports change most; firms.csv has all.")] : [];
  const chart = states.some((s) => s.points.length) ? firmsChart(states, title) : html("p", { class: "readout" }, "Nothing is sold.");
  target.replaceChildren(html("h3", {}, title), sector, ...note, chart);
  const change = (a, b) => a.map((v, k) => (v === null || b[k] === null || v <= 0 ? null : 100 * (b[k] / v - 1))), rows = f.markets.map((m) => ({ head: headOf(m), country: -1 }));
  const columns = [column("Cutoff before", "", f.before), column("Cutoff after", "", f.after), column("Cutoff, change", "%", change(f.before, f.after)), column("Exporters, change", "%", change(f.firmsBefore, f.firmsAfter))];
  sortable(byId("firm-table"), columns, rows, { sort: firmSort, heads: coded ? ["Code", "Market"] : ["Market"], choose: null, filter: () => "" });
}
if (D.firms) ofCountry.push(drawFirms);

// --- trade between countries ---

const sold = { sector: 0 };   // place among the choices, all sectors together first
CHOSEN.sector = [() => ["*", ...D.flows.sectors.map((s) => D.sectors[s])], sold, "sector"];
const soldSector = () => (sold.sector ? D.flows.sectors[sold.sector - 1] : -1);
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
    const [before, after, change] = cell(soldSector(), i, n), pair = i === n ? `${labelOf(i)} at home` : `${labelOf(i)} → ${labelOf(n)}`;
    const moved = change === null ? "never a flow" : change === Infinity ? "new" : `${short(change, true)} %`;
    read.textContent = `${pair}: ${moved}` + (change === null ? "" : ` (${short(before)} → ${short(after)} ${MONEY})`);
  };
  const paint = () => chart.replaceChildren(heatMap(D.names, D.names, (i, n) => cell(soldSector(), i, n)[2], tell, "Heat map of changes in trade", (i, n) => i === n));
  target.replaceChildren(chooser("sector", "Sector", sectors, String(soldSector()), (value) => { sold.sector = 1 + D.flows.sectors.indexOf(Number(value)); remember(); read.textContent = "\u00a0"; paint(); }), read, chart, html("p", { class: "hint" }, "Change of the flow in %."));
  paint();
}
if (byId("heat")) whole.push(drawFlows);

// --- groups of workers, factor prices ---

function drawByCountry(f, target, head, nothing, sort) {
  const several = new Set(f.label).size > 1;
  const columns = f.statistics.filter((s) => f.stats[s.key].some((v) => Math.abs(v) > NOTHING)).map((s) => column(s.word, s.unit, f.stats[s.key]));
  if (!columns.length) { byId(target).replaceChildren(html("p", { class: "readout" }, nothing)); return; }
  const rows = f.country.map((label, k) => ({ head: [...headOf(D.countries.indexOf(label)), ...(several ? [f.label[k]] : [])], country: -1 }));
  sortable(byId(target), columns, rows, { sort, heads: several ? [...headings, head] : headings, choose: null, filter: () => "" });
}
if (D.workers) drawByCountry(D.workers, "worker-table", "Group", "Nobody earns more or less.", { column: null, down: true });
if (D.factors) drawByCountry(D.factors, "factor-table", "Factor", "No factor price changes.", { column: null, down: true });
