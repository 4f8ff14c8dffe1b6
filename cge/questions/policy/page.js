// The section of rates that are chosen: players, and a heat map of their rates by sector, of all partners or of one.
const laid = { partner: 0 };   // place among the choices, the mean of all partners first
const playerSort = { column: null, down: true };
function drawPlayers() {
  const columns = D.policy.columns.map((c) => column(c.word, c.unit, c.values)), rows = D.policy.players.map((word) => ({ head: [word], country: -1 }));
  sortable(byId("player-table"), columns, rows, { sort: playerSort, heads: ["Player"], choose: null, filter: () => "" });
}
function drawRates() {
  const target = byId("rates-heat"), p = D.policy, read = html("p", { class: "readout", "aria-live": "polite" }, "\u00a0"), chart = html("div", { class: "chart" });
  const rate = (i, n) => (laid.partner ? p.byPartner[laid.partner - 1] : p.mean)[i][n];
  const tell = (i, n) => { const v = rate(i, n); read.textContent = `${p.rows[i]} on ${p.sectors[n]}: ${v === null ? "nothing is traded" : `${short(v)} %`}`; };
  const options = [["0", "All partners, weighted by what is traded"], ...p.partners.map((word, k) => [String(k + 1), word])];
  const choice = p.partners.length ? [chooser("partner", "Partner", options, String(laid.partner), (value) => { laid.partner = Number(value); drawRates(); byId("partner").focus(); })] : [];
  chart.append(heatMap(p.rows, p.sectors, rate, tell, "Heat map of rates"));
  target.replaceChildren(...choice, read, chart);
}
whole.push(drawPlayers, drawRates);
