// The question: what is asked now, the kinds of measures in a table, and the question as a part of the address.
const clean = (value) => Number(value.toPrecision(12));   // what a factor of a hundred leaves behind
const points = { word: "raise by", unit: "points", shown: (v) => clean(100 * v), kept: (v) => clean(v / 100) };
const rate = { ...points, word: "set to", unit: "%" };
const factor = { word: "multiply by", unit: "times", shown: (v) => v, kept: (v) => v };
const change = { word: "change by", unit: "%", shown: (v) => clean(100 * (v - 1)), kept: (v) => clean(1 + v / 100) };
const KINDS = {   // who acts and on whom in words, and what may become of the rate: step of the slider as it is shown, its ends where they are others than those of the kind, where it starts
  tariff: { word: "Tariff", add: "a tariff", actor: "Who imports", partner: "from whom", hows: { add: { ...points, step: 0.5, start: 0.1 }, set: { ...rate, step: 0.5, start: 0.1 }, times: { ...factor, step: 0.05, ends: [0, 4], start: 2 } } },
  iceberg: { word: "Trade cost", add: "a trade cost", actor: "Who imports", partner: "from whom", hows: { times: { ...change, step: 0.5, start: 1.1 } } },
  export_tax: { word: "Export tax", add: "an export tax", actor: "Who exports", partner: "to whom", hows: { add: { ...points, step: 0.5, start: 0.1 }, set: { ...rate, step: 0.5, start: 0.1 }, times: { ...factor, step: 0.05, ends: [0, 4], start: 2 } } },
};
const howOf = (m) => KINDS[m.kind].hows[m.how];
const endsOf = (m) => howOf(m).ends || D.limits[m.kind];   // of the slider, as run files write them
const rangeOf = (m) => endsOf(m).map(howOf(m).shown);
const SIDES = ["actor", "partner", "sector"];

let Q = structuredClone(D.start);
let active = Q.measures.find((m) => m.kind !== "kept")?.id ?? null;   // the measure whose slider was touched last
const measureOf = (id) => Q.measures.find((m) => m.id === id && m.kind !== "kept");
function another(kind) {   // a measure that is new: of who acts already, where somebody does
  const before = Q.measures.findLast((m) => m.kind !== "kept"), hows = KINDS[kind].hows, how = Object.keys(hows)[0];
  const id = String(1 + Math.max(0, ...Q.measures.map((m) => Number(m.id) || 0)));
  return { id, kind, actor: before ? [...before.actor] : [D.countries[0]], partner: before ? [...before.partner] : ["*"], sector: ["*"], how, value: hows[how].start, answered: false };
}

// --- in the address ---

function packed(question) {
  const bytes = new TextEncoder().encode(JSON.stringify(question));
  return btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
function unpacked(text) {   // the question of a link; null where it is none
  try {
    const found = JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0))));
    const whole = Array.isArray(found.measures) && found.measures.every((m) => m.kind === "kept" || (m.kind in KINDS && m.how in KINDS[m.kind].hows && SIDES.every((side) => Array.isArray(m[side])) && typeof m.value === "number"));
    return whole && found.elasticity ? found : null;
  } catch {
    return null;
  }
}
function take(question) {   // in place of the one that was asked
  Q = question;
  active = Q.measures.find((m) => m.kind !== "kept")?.id ?? null;
}
function askAnew(question) {
  take(question);
  for (const id of Object.keys(best)) delete best[id];
  drawForm();
  changed();
}
CARRIED.question = { given: () => packed(Q), take: (text) => {
  const found = unpacked(text);
  byId("link").hidden = found !== null;
  take(found || structuredClone(D.start));
} };
