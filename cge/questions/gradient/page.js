// The section of derivatives: the largest of a kind for the chosen country, drawn and listed.
const derived = { kind: 0 }, derivedSort = { column: null, down: true };
function drawDerivatives() {
  const target = byId("derivative-chart"), n = state.country, kind = D.derivatives[derived.kind];
  if (!kind) { target.replaceChildren(html("p", { class: "readout" }, "No derivative is more than what rounding leaves.")); return; }
  const kinds = chooser("kind", "Derivative by", numbered(D.derivatives.map((k) => k.word)), String(derived.kind), (value) => { Object.assign(derived, { kind: Number(value) }); drawDerivatives(); byId("kind").focus(); });
  const rows = kind.rows.filter((r) => r.country === n), title = `Real income of ${labelOf(n)}`, axis = `Real income, ${kind.unit}`;
  const chart = rows.length ? dumbbells(rows, title, axis, 0) : html("p", { class: "readout" }, `${labelOf(n)}: nothing of this kind matters to first order.`);
  target.replaceChildren(html("h3", {}, title), kinds, chart);
  const listed = rows.map((r) => ({ head: r.head, country: -1 }));
  sortable(byId("derivative-table"), [column("Real income", kind.unit, rows.map((r) => r.value))], listed, { sort: derivedSort, heads: kind.heads, choose: null, filter: () => "" });
}
ofCountry.push(drawDerivatives);
