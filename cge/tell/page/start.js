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
const acts = D.acts === null ? -1 : [...D.countries, ...groupsOf].indexOf(D.acts);
state.country = acts < 0 ? mostMoved() : signedPlace("country", acts);
recall();
controls();
byId("filter").addEventListener("input", drawTable);
drawAll();
addEventListener("hashchange", () => {   // a link inside the page, or an address that was edited
  if (!recall()) return;
  byId("controls").replaceChildren();
  controls();
  drawAll();
});
document.documentElement.dataset.ready = "yes";
