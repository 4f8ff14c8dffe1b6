// Satellite accounts, of a page that has them: producers and final buyers, and what leaks abroad.
const account = { place: 0 }, accountSort = { column: null, down: true }, MOST_MOVED = 20;
if (D.satellites) CHOSEN.account = [() => D.satellites.map((a) => a.name), account, "place"];
function drawSatellites() {
  const a = D.satellites[account.place], at = atOf(state.country), sides = [["by producer", a.producer, a.producerChange], ["by final buyer", a.buyer, a.buyerChange]];
  const pct = (before, change) => before.map((v, k) => (v > 0 ? (100 * change[k]) / v : null));
  const told = ([word, before, change]) => `${word} ${short(before[at])} (${short(change[at], true)}${before[at] > 0 ? `, ${short(pct(before, change)[at], true)} %` : ""})`;
  const order = D.countries.map((_, n) => n).sort((x, y) => Math.abs(a.producerChange[y]) - Math.abs(a.producerChange[x])).slice(0, MOST_MOVED).sort((x, y) => a.producerChange[y] - a.producerChange[x]);
  const series = sides.map(([word, , change]) => ({ name: word, values: order.map((n) => change[n]) })), moved = series.some((s) => s.values.some((v) => v));
  const chart = moved ? sideBySide(order.map((n) => D.names[n]), series, `${a.name}: change by country`, `Change of ${a.name}`) : html("p", { class: "readout" }, "Nothing changes.");
  const choice = D.satellites.length > 1 ? [chooser("account", "Account", numbered(D.satellites.map((one) => one.name)), String(account.place), (value) => { account.place = Number(value); remember(); drawSatellites(); byId("account").focus(); })] : [];
  const more = order.length < D.countries.length ? [html("p", { class: "hint" }, `The ${order.length} countries whose producers change most.`)] : [];
  byId("satellite-chart").replaceChildren(html("h3", {}, a.name), ...choice, html("p", { class: "readout" }, a.said), html("p", { class: "readout" }, `${wordOf(state.country)}: ${sides.map(told).join(", ")}.`), ...more, chart);
  const columns = sides.flatMap(([word, before, change]) => [column(`${capital(word)}, benchmark`, "", before), column(`${capital(word)}, change`, "%", pct(before, change))]);
  const rows = [...D.countries, ...groupsOf].map((label, k) => ({ head: k < places ? headOf(k) : coded ? ["", label] : [label], country: -1 }));
  sortable(byId("satellite-table"), columns, rows, { sort: accountSort, heads: headings, choose: null, filter: () => "" });
}
if (D.satellites) ofCountry.push(drawSatellites);
