// The section of a comparison: its members side by side.
function drawDots() {
  const s = statistic(), views = group().views, first = stat(views[D.first], s.key), order = D.countries.map((_, n) => n).sort((a, b) => (first[b] ?? -Infinity) - (first[a] ?? -Infinity));
  byId("dots").replaceChildren(html("h3", {}, s.title), sideBySide(order.map(labelOf), views.map((v) => ({ name: v.name, values: order.map((n) => inUnit(stat(v, s.key)[n], s.unit)) })), s.title));
}
anew.push(drawDots);
