// The small curve below a slider: real income of the chosen country along its range, which fills up in the background.
const STEPS = 21;
let curve = { key: "", points: new Map(), serial: 0, done: false }, resting = 0;
function curveKey() {   // everything but where the slider stands
  return JSON.stringify({ ...Q, measures: Q.measures.map((m) => (m.id === active ? { ...m, value: null } : m)), active });
}
function askRange() {   // once the question rests
  clearTimeout(resting);
  const key = curveKey();
  if (curve.key !== key) curve = { key, points: new Map(), serial: 0, done: false };
  if (!measureOf(active) || curve.done) return;
  resting = setTimeout(() => {
    if (byId("main").dataset.state !== "fresh" || curve.key !== curveKey()) return;
    const [from, to] = endsOf(measureOf(active));
    curve.serial = say("range", { measure: active, from, to, steps: STEPS });
  }, 500);
}
HEARD.range = (m) => {
  if (m.serial !== curve.serial) return;
  for (const [value, by] of m.points || []) curve.points.set(value, by);
  curve.done = m.done === m.total;
  drawCurve();
};
function whoseCurve() {   // the chosen country; a group has no curve, and shows that of who moves most
  const n = state.country >= 0 ? state.country : last ? Math.max(0, mostOf({ ...last, acts: null })) : 0;
  return { n, label: D.countries[n] };
}
let widths = new WeakMap();   // of charts: to measure one at every step would lay the page out twice
addEventListener("resize", () => { widths = new WeakMap(); });
function widthOf(node) {
  if (!widths.get(node)) widths.set(node, node.clientWidth || 320);
  return widths.get(node);
}
function drawCurve() {
  for (const node of document.querySelectorAll("[data-curve]")) if (node.dataset.curve !== active || curve.key !== curveKey()) node.replaceChildren();
  const m = measureOf(active), target = m && document.querySelector(`[data-curve="${active}"]`);
  if (!target || curve.key !== curveKey() || !curve.points.size) return;
  const how = howOf(m), { n } = whoseCurve(), [low, high] = rangeOf(m);
  const points = [...curve.points].map(([v, by]) => [how.shown(v), by === null ? null : by[n]]).sort((a, b) => a[0] - b[0]);
  const here = [how.shown(m.value), last && newest(last) ? last.stats[LEADING][n] : null];
  const label = `Real income of ${D.names[n]} along the slider, in %`;
  target.replaceChildren(sparkline(points, [low, high], here, widthOf(target), label), html("p", { class: "key" }, `${label}${curve.done ? "" : " …"}`));
}
ofCountry.push(drawCurve);
