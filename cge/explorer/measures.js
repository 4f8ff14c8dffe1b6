// The form of the measures: a field set for each, with pickers, a slider and the number beside it.
function field(word, node, unit) {
  return html("label", { class: "field" }, html("span", {}, word), node, unit ? html("span", { class: "unit" }, unit) : "");
}
function select(options, value, change, more) {   // options: [key, word, whether it can be had]
  const node = html("select", { ...more, onchange: (event) => change(event.target.value) });
  for (const [key, word, usable = true] of options) node.append(html("option", { value: key, disabled: !usable }, word));
  node.value = value;
  return node;
}
const button = (word, press, more) => html("button", { type: "button", ...more, onclick: press }, word);

const reached = () => [...byId("measures").querySelectorAll("button, input, select, summary")];
function drawMeasures() {
  const at = reached().indexOf(document.activeElement);   // whoever stands in the form stays there
  byId("measures").replaceChildren(...Q.measures.map((m, k) => (m.kind === "kept" ? keptForm(m, k) : measureForm(m, k))));
  if (!Q.measures.length) byId("measures").append(html("p", { class: "hint" }, "Nothing changes yet: add a measure."));
  drawCurve();
  if (at >= 0) reached()[at]?.focus({ preventScroll: true });
}
function remove(id) {
  const at = Q.measures.findIndex((m) => m.id === id);
  Q.measures.splice(at, 1);
  if (active === id) active = Q.measures.find((m) => m.kind !== "kept")?.id ?? null;
  drawMeasures();
  changed();
  (byId("measures").querySelectorAll("fieldset")[Math.min(at, Q.measures.length - 1)]?.querySelector("button, select") || byId("add").firstChild).focus();
}
function keptForm(m, k) {
  return html("fieldset", { class: "measure", "data-id": m.id }, html("legend", {}, `${k + 1}. As in the run file`), html("p", {}, D.kept[m.number] || ""), html("div", { class: "buttons" }, button("Remove", () => remove(m.id), { "aria-label": `Remove measure ${k + 1}` })));
}
function measureForm(m, k) {
  const kind = KINDS[m.kind], how = howOf(m), [low, high] = rangeOf(m), name = `${kind.word} ${k + 1}`;
  const again = (key) => (value) => {
    m[key] = value;
    if (key === "kind") m.how = Object.keys(KINDS[value].hows)[0];
    m.value = howOf(m).start;
    drawMeasures();
    changed();
    byId("measures").querySelector(`[data-id="${m.id}"] [data-key=${key}]`).focus();
  };
  const sideChanged = (side) => (entries) => { m[side] = entries; changed(); };
  const number = html("input", { type: "number", step: "any", value: how.shown(m.value), "aria-label": `${name}: ${how.word}, in ${how.unit}`, "data-key": "value", oninput: () => set(number.valueAsNumber, slider) });
  const slider = html("input", { type: "range", min: low, max: high, step: how.step, "aria-label": `${name}: slider, ${how.unit}`, oninput: () => set(slider.valueAsNumber, number) });
  slider.value = how.shown(m.value);
  const set = (shown, other) => {
    if (!Number.isFinite(shown)) return;
    other.value = shown;
    m.value = how.kept(shown);
    active = m.id;
    forgetBest(m.id);
    changed();
  };
  const answered = html("input", { type: "checkbox", onchange: () => { m.answered = answered.checked; changed(); } });
  answered.checked = m.answered;
  const picked = [["actor", kind.actor, WHO], ["partner", kind.partner, WHO], ["sector", "on which sectors", WHICH]].map(([side, word, what]) => picker(`${side}-${m.id}`, word, what, m[side], sideChanged(side)));
  const hows = Object.entries(kind.hows).map(([key, h]) => [key, h.word]);
  return html("fieldset", { class: "measure", "data-id": m.id },
    html("legend", {}, `${k + 1}. ${kind.word}`),
    html("div", { class: "row" }, select(Object.entries(KINDS).map(([key, one]) => [key, one.word]), m.kind, again("kind"), { "aria-label": `Kind of measure ${k + 1}`, "data-key": "kind" }), button("Remove", () => remove(m.id), { "aria-label": `Remove measure ${k + 1}` })),
    ...picked,
    html("div", { class: "row" }, hows.length > 1 ? select(hows, m.how, again("how"), { "aria-label": `${name}: how`, "data-key": "how" }) : html("span", {}, how.word), number, html("span", { class: "unit" }, how.unit)),
    slider,
    html("div", { class: "curve", "data-curve": m.id }),
    html("div", { class: "row" }, html("label", {}, answered, " answered in kind"), m.kind === "iceberg" ? "" : button("Best rate", () => askBest(m.id), { "aria-label": `Best rate: ${name}`, class: "best" })),
    html("p", { class: "hint found", hidden: true }),
    html("p", { class: "fault", hidden: true }));
}
function setValue(id, how, value) {   // from elsewhere than the form: it is drawn anew
  const m = measureOf(id);
  Object.assign(m, { how, value });
  active = id;
  drawMeasures();
}
function drawAdd() {
  const anew = button("Start over", () => { askAnew(structuredClone(D.start)); byId("add").lastChild.focus(); }, { class: "quiet" });
  byId("add").replaceChildren(...Object.entries(KINDS).map(([key, kind]) => button(`Add ${kind.add}`, () => {
    const m = another(key);
    Q.measures.push(m);
    active = m.id;
    drawMeasures();
    changed();
    byId("measures").lastChild.querySelector("select").focus();
  })), anew);
}

// --- faults ---

function faultsHere() {   // what need not be asked to be known wrong
  return Q.measures.filter((m) => m.kind !== "kept").flatMap((m) => SIDES.filter((side) => !m[side].some((e) => !e.startsWith("!"))).map((side) => ({ measure: m.id, key: side, text: "choose at least one." })));
}
function showFaults(faults) {   // beside the measure that each is of; all of them stand in the answer's place, too
  for (const form of document.querySelectorAll(".measure")) {
    const own = faults.filter((f) => f.measure === form.dataset.id), said = form.querySelector(".fault");
    if (!said) continue;
    said.hidden = !own.length;
    said.textContent = own.map((f) => f.text).join(" ");
  }
}
