// Sectors, and trade by partner, of a page that has what sectors.csv and partners.csv hold.
const sectorOf = (s) => (D.sectorNames[s] && D.sectorNames[s] !== D.sectors[s] ? `${D.sectors[s]} ${capital(D.sectorNames[s].replace(/^Manufacture of /, ""))}` : D.sectors[s]);

// --- sectors ---

const measures = () => [...D.sectorStatistics.map((s) => [s.key, s.title]), ["money", `Change of sales, ${MONEY}`]];
const shownSector = { measure: 0 };
function salesMoved(s, n) {   // in money; of a group from what its sales are and were
  const sum = (values) => values.reduce((all, v) => all + (v || 0), 0), [before, after] = [D.sales.before[s], D.sales.after[s]], at = atOf(n);
  if (before[at] !== undefined) return before[at] > 0 ? after[at] - before[at] : null;
  return groupsOf[-1 - n] === "World" ? sum(after) - sum(before) : null;
}
function drawSectors() {
  const target = byId("sector-chart"), n = state.country, word = wordOf(n), every = measures(), [key, title] = every[shownSector.measure] || every[0], money = key === "money";
  const found = D.sectorStatistics.find((s) => s.key === key), gone = D.sectorStatistics.find((s) => s.key === "sales_pct");
  const rows = D.sectors.map((_, s) => {
    const value = money ? salesMoved(s, n) : found.values[s][atOf(n)];
    return { word: sectorOf(s), value: value !== null && Math.abs(value) < NOTHING ? 0 : value, gone: !!gone && gone.values[s][atOf(n)] === -100 };
  }).filter((r) => r.value !== null).sort((a, b) => b.value - a.value);
  const measure = chooser("measure", "Measure", numbered(every.map(([, one]) => one)), String(every.findIndex(([one]) => one === key)), (value) => { shownSector.measure = Number(value); remember(); drawSectors(); byId("measure").focus(); });
  const head = [html("h3", {}, word), measure];
  if (!rows.length) { target.replaceChildren(...head, html("p", { class: "readout" }, `${word}: no number for this measure.`)); return; }
  if (!rows.some((r) => r.value)) { target.replaceChildren(...head, html("p", { class: "readout" }, `${title.split(",")[0]} of no sector changes.`)); return; }
  target.replaceChildren(...head, dumbbells(rows, `${title}, by sector, ${word}`, title, money ? 0 : 100));
}
if (byId("sector-chart")) {
  CHOSEN.measure = [() => measures().map(([key]) => key), shownSector, "measure"];
  ofCountry.push(drawSectors);
}

// --- trade by partner ---

const partnerSort = { column: 0, down: true };
function drawPartners() {
  const n = state.country, at = atOf(n), { exports, exports_pct: pct } = D.partners, every = [...D.countries, ...groupsOf].map((_, k) => k);
  const rows = every.filter((k) => exports[at][k] !== null || exports[k][at] !== null).map((k) => ({ k, head: [k < places ? labelOf(k) : groupsOf[k - places]], country: -1 }));
  const along = (of) => rows.map((r) => of(r.k)), columns = [column("Exports to it", "money", along((k) => exports[at][k])), column("Change", "%", along((k) => pct[at][k])), column("Imports from it", "money", along((k) => exports[k][at])), column("Change", "%", along((k) => pct[k][at]))];
  byId("partners-of").textContent = wordOf(n);
  sortable(byId("partner-table"), columns, rows, { sort: partnerSort, heads: ["Partner"], choose: null, filter: () => "" });
}
if (byId("partner-table")) ofCountry.push(drawPartners);
