// Countries or sectors to tick: groups first, a search above them; `*` is all, `!X` takes X away.
const unquoted = (entry) => entry.replace(/^!/, "");
function members(entry, list, groups) {   // labels that an entry stands for
  if (entry in groups) return groups[entry].members;
  const pattern = new RegExp("^" + entry.replace(/[.+^${}()|\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".") + "$");
  return list.includes(entry) ? [entry] : list.filter((label) => pattern.test(label));
}
function chosenBy(entries, list, groups) {
  const of = (away) => new Set(entries.filter((e) => e.startsWith("!") === away).flatMap((e) => members(unquoted(e), list, groups))), out = of(true);
  return new Set([...of(false)].filter((label) => !out.has(label)));
}
function inWords(entries, what) {   // what: {list, names, groups, all}
  const name = (entry) => (entry === "*" ? what.all : entry in what.groups ? what.groups[entry].word : what.list.includes(entry) ? what.names[what.list.indexOf(entry)] : entry);
  const said = (some) => (some.length > 3 ? `${some.slice(0, 2).map(name).join(", ")} and ${some.length - 2} more` : some.map(name).join(", "));
  const away = entries.filter((e) => e.startsWith("!")).map(unquoted), kept = entries.filter((e) => !e.startsWith("!"));
  return kept.length ? said(kept) + (away.length ? ` except ${said(away)}` : "") : "nobody chosen";
}
function toggled(entries, label, what) {   // all that a label stands for goes where it is whole, and comes where it is not
  const of = (entry) => members(unquoted(entry), what.list, what.groups), inside = of(label), within = (one) => inside.includes(one);
  const whole = (some) => inside.every((one) => chosenBy(some, what.list, what.groups).has(one)), any = (some) => inside.some((one) => chosenBy(some, what.list, what.groups).has(one));
  const rest = entries.filter((e) => !of(e).every(within));   // what speaks of these alone
  if (whole(entries)) return any(rest) ? [...rest, `!${label}`] : rest;
  const freed = rest.flatMap((e) => (e.startsWith("!") && of(e).some(within) ? of(e).filter((one) => !within(one)).map((one) => `!${one}`) : [e]));
  return whole(freed) ? freed : [...freed, label];
}

function picker(id, word, what, entries, tell) {   // a fold that says what is chosen; inside a search and boxes, which the arrow keys walk through
  let now = [...entries];
  const said = html("strong", {}, inWords(now, what)), boxes = html("ul", {}), found = html("span", { class: "unseen", role: "status" });
  const search = html("input", { type: "search", autocomplete: "off", placeholder: "search", "aria-label": `Search: ${word}` });
  const fold = html("details", { class: "picker", id }, html("summary", {}, html("span", {}, `${word} `), said), search, found, boxes);
  const every = [["*", what.all], ...Object.entries(what.groups).map(([label, g]) => [label, g.word]), ...what.list.map((label, k) => [label, what.names[k] === label ? label : `${what.names[k]} ${label}`])];
  const shownBoxes = () => [...boxes.querySelectorAll("li:not([hidden]) input")];
  function paint() {
    const some = chosenBy(now, what.list, what.groups);
    for (const box of boxes.querySelectorAll("input")) {
      const label = box.value, inside = what.list.includes(label) ? [label] : members(label, what.list, what.groups), count = inside.filter((one) => some.has(one)).length;
      box.checked = count > 0 && count === inside.length;
      box.indeterminate = count > 0 && count < inside.length;
    }
    said.textContent = inWords(now, what);
  }
  function filter() {
    const word = search.value.trim().toLowerCase();
    for (const row of boxes.children) row.hidden = !row.textContent.toLowerCase().includes(word);
    shownBoxes().forEach((box, k) => { box.tabIndex = k ? -1 : 0; });
    found.textContent = word ? `${shownBoxes().length} found` : "";
  }
  function walkBoxes(event) {
    const list = shownBoxes(), at = list.indexOf(event.target), step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") { event.preventDefault(); fold.open = false; fold.firstChild.focus(); return; }
    if (event.key === "Enter") { event.preventDefault(); (at < 0 ? list[0] : event.target)?.click(); return; }
    if (!step) return;
    event.preventDefault();
    (at + step < 0 ? search : list[Math.min(at + step, list.length - 1)])?.focus();
  }
  fold.addEventListener("toggle", () => {
    if (!fold.open || boxes.childElementCount) return;
    for (const [label, name] of every) boxes.append(html("li", { class: label === "*" || label in what.groups ? "group" : "" }, html("label", {}, html("input", { type: "checkbox", value: label, onchange: () => { now = toggled(now, label, what); paint(); tell([...now]); } }), " ", name, label in what.groups ? html("small", {}, ` ${cut(what.groups[label].members.map((one) => what.names[what.list.indexOf(one)] ?? one).join(", "), 60)}`) : "")));
    paint();
    filter();
  });
  search.addEventListener("input", filter);
  fold.addEventListener("keydown", (event) => { if (event.target !== fold.firstChild) walkBoxes(event); else if (event.key === "Escape") fold.open = false; });
  return fold;
}
const WHO = { list: D.countries, names: D.names, groups: D.countryGroups, all: "every country" };
const WHICH = { list: D.sectors, names: D.sectors.map((label, s) => (D.sectorNames[s] ? capital(D.sectorNames[s]) : label)), groups: D.sectorGroups, all: "all sectors" };
