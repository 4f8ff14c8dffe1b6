// Channels of real income, of a page that has columns of welfare.csv.
function drawChannels() {
  const n = state.country, stats = n < 0 ? view().together : view().stats, at = n < 0 ? -1 - n : n, word = wordOf(n);
  const real = (stats.real_income_pct || [])[at] ?? null;
  if (real === null) { byId("waterfall").replaceChildren(html("p", { class: "readout" }, `${word}: no number.`)); return; }
  const constant = (stats.real_income_constant_markups_pct || [])[at] ?? null;
  const steps = D.channels.map((c) => ({ word: c.word, colour: c.colour, value: (stats[c.key] || [])[at] ?? 0 })).filter((s) => Math.abs(s.value) > NOTHING);
  const total = n < 0 ? steps.reduce((sum, s) => sum + s.value, 0) : 100 * Math.log1p(real / 100);
  if (!steps.length) { byId("waterfall").replaceChildren(html("p", { class: "readout" }, `${word}: nothing changes.`)); return; }
  byId("waterfall").replaceChildren(html("h3", {}, several() ? `${word}, ${view().name}` : word), waterfall(steps, total, `Channels of real income, ${word}`), html("p", { class: "readout" }, `${word}: real income ${short(real, true)} %${constant === null ? "" : `, at constant mark-ups ${short(constant, true)} %`}`));
}
if (byId("waterfall")) ofCountry.push(drawChannels);
