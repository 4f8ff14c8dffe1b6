// The first choices, and everything drawn from them.
function mostMoved() {   // in money where it is known, else in the first statistic
  const values = view().stats.equivalent_variation || stat(view(), D.statistics[0].key), sizes = values.map((v) => Math.abs(v || 0));
  return sizes.indexOf(Math.max(...sizes));
}
function mostMoving() {   // the scenario that moves most money
  const sizes = D.groups.map((g) => known(stat(g.views[D.first], "equivalent_variation")).reduce((sum, v) => sum + Math.abs(v), 0));
  return sizes.indexOf(Math.max(...sizes));
}
state.group = mostMoving();
state.country = mostMoved();
controls();
byId("filter").addEventListener("input", drawTable);
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
