"use strict";
// Pieces that all charts share: elements, numbers as text, colours, axes.
const D = JSON.parse(document.getElementById("data").textContent);
const MONEY = D.unit;

function make(space, tag, attributes, children) {
  const node = space ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "style") node.style.cssText = value;   // as an attribute a strict page would refuse it
    else if (value !== null && value !== false) node.setAttribute(name, value);
  }
  for (const child of children) node.append(child);   // text stays text, whatever marks it holds
  return node;
}
const html = (tag, attributes, ...children) => make(false, tag, attributes, children);
const svg = (tag, attributes, ...children) => make(true, tag, attributes, children);
const byId = (id) => document.getElementById(id);

// --- numbers ---

const NOTHING = 1e-9;   // what rounding leaves
const known = (values) => values.filter((v) => v !== null && Number.isFinite(v));
const unitOf = (unit) => (unit === "money" ? MONEY : unit === "rate" ? "%" : unit);
const inUnit = (value, unit) => (value === null ? null : unit === "rate" ? 100 * value : value);

function decimalsOf(values) {
  // so many that the typical number shows three digits
  const sizes = known(values).map(Math.abs).filter((v) => v > NOTHING).sort((a, b) => a - b);
  if (!sizes.length) return 0;
  return Math.max(0, Math.min(6, 2 - Math.floor(Math.log10(sizes[Math.floor(sizes.length / 2)]))));
}
const decimalsOfTicks = (marks) => (marks.length > 1 ? Math.max(0, -Math.floor(Math.log10(marks[1] - marks[0]) + 1e-9)) : decimalsOf(marks));   // no two alike
const written = Array.from({ length: 10 }, (_, places) => new Intl.NumberFormat("en-GB", { minimumFractionDigits: places, maximumFractionDigits: places }));   // one made for each number costs more than a table of them
function text(value, decimals, signed) {   // nothing that is something reads as zero, and no zero has a sign
  if (value === null || !Number.isFinite(value)) return "–";
  const size = Math.abs(value), some = size > NOTHING, places = some && Number(size.toFixed(decimals)) === 0 ? Math.min(9, -Math.floor(Math.log10(size))) : decimals;
  const digits = written[Math.min(places, 9)].format(some ? size : 0);
  return (!some ? "" : value < 0 ? "−" : signed ? "+" : "") + digits;
}
const isSigned = (unit) => unit.startsWith("%") || unit.startsWith("log") || unit === "percentage points";
const short = (value, signed) => text(value, decimalsOf([value]), signed);

// --- colours ---

let onPaper = false;
const atNight = matchMedia("(prefers-color-scheme: dark)"), dark = () => atNight.matches && !onPaper;
const colours = () => (dark() ? D.coloursDark : D.colours), LAND = "var(--land)", INK = "var(--ink)", GRID = "var(--grid)", PAPER = "var(--paper)";
const SERIES = [INK, "var(--blue-mark)", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];
function mix(a, b, share) {
  const part = (hex, k) => parseInt(hex.slice(1 + 2 * k, 3 + 2 * k), 16);
  return "rgb(" + [0, 1, 2].map((k) => Math.round(part(a, k) + share * (part(b, k) - part(a, k)))).join(",") + ")";
}
function shade(position) {   // −1 … 1
  const every = colours(), place = ((Math.max(-1, Math.min(1, position)) + 1) / 2) * (every.length - 1);
  const low = Math.min(Math.floor(place), every.length - 2);
  return mix(every[low], every[low + 1], place - low);
}
function scaleOf(values) {   // alike on both sides of zero, to the largest; linear up to what three quarters stay within, then ever slower, so that a few large ones leave colour to the rest
  const sizes = known(values).map(Math.abs).filter((v) => v > NOTHING).sort((a, b) => a - b), top = sizes[sizes.length - 1] || 1;
  const width = sizes.length ? sizes[Math.floor(0.75 * (sizes.length - 1))] : 1, whole = Math.asinh(top / width);
  return {
    colour: (v) => (v === null || !Number.isFinite(v) ? LAND : shade(Math.asinh(v / width) / whole)),
    at: (position) => width * Math.sinh(position * whole),
  };
}
function legend(scale, width) {
  const steps = 60, bar = width * 0.6, left = width * 0.2, nodes = [];
  for (let k = 0; k < steps; k++) nodes.push(svg("rect", { x: left + (bar * k) / steps, y: 0, width: bar / steps + 0.5, height: 10, fill: shade((2 * (k + 0.5)) / steps - 1) }));
  const ends = rough(scale.at(1)).length > 6 ? [-1, 0, 1] : [-1, -0.5, 0, 0.5, 1];
  for (const side of ends) nodes.push(svg("text", { x: left + (bar * (side + 1)) / 2, y: 24, "text-anchor": "middle", "font-size": 12 }, rough(scale.at(side))));
  return nodes;
}
const rough = (value) => text(Number(value.toPrecision(2)), decimalsOf([Number(value.toPrecision(2))].map((v) => 10 * v)), true);   // two digits

// --- axes ---

function ticks(low, high, count) {
  const raw = (high - low) / count || 1, power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((m) => m * power >= raw), found = [];
  for (let t = Math.ceil(low / step - 1e-9) * step; t <= high + step * 1e-9; t += step) found.push(Math.abs(t) < step * 1e-9 ? 0 : t);
  return found;
}
function logTicks(low, high, most) {
  // [place in log10, word]: decades (not all of many), 1, 2 and 5 of each where there are fewer than most, as on any axis within one
  if (high - low < 0.8) return ticks(10 ** low, 10 ** high, most + 2).map((v) => [Math.log10(v), String(Number(v.toPrecision(6)))]);
  const step = Math.ceil((high - low) / 8), found = [], small = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  const power = (p) => (Math.abs(p) <= 3 ? String(Number(`1e${p}`)) : "10" + (p < 0 ? "⁻" : "") + [...String(Math.abs(p))].map((digit) => small[digit]).join(""));
  const parts = high - low > most ? [1] : [1, 2, 5];
  for (let p = Math.floor(low); p <= high; p++) for (const m of p % step ? [] : parts) {
    const at = p + Math.log10(m);
    if (at >= low && at <= high) found.push([at, m === 1 ? power(p) : String(Number((m * 10 ** p).toPrecision(2)))]);
  }
  return found;
}
function extent(values, zero) {
  const all = known(values).concat(zero ? [0] : []);
  if (!all.length) return [-1, 1];
  const low = Math.min(...all), high = Math.max(...all), pad = 0.04 * (high - low || Math.abs(high) || 1);
  return [low < 0 || !zero ? low - pad : 0, high > 0 || !zero ? high + pad : 0];
}
function lineAcross(low, high, left, right) {
  const span = high - low || 1;
  return (v) => left + ((v - low) / span) * (right - left);
}
const room = () => (onPaper ? 760 : Math.max(340, Math.min(760, document.querySelector("main").clientWidth)));   // of a chart, so that a phone need not shrink it
function axisBelow(low, high, x, y, label, top) {
  const marks = ticks(low, high, Math.max(3, Math.min(6, Math.round((x(high) - x(low)) / 70)))), nodes = [], places = decimalsOfTicks(marks);
  for (const t of marks) {
    nodes.push(svg("line", { x1: x(t), x2: x(t), y1: top, y2: y, stroke: t === 0 ? INK : GRID, "stroke-width": t === 0 ? 1 : 0.8 }));
    nodes.push(svg("text", { x: x(t), y: y + 15, "text-anchor": "middle", "font-size": 12 }, text(t, places)));
  }
  nodes.push(svg("text", { x: (x(low) + x(high)) / 2, y: y + 33, "text-anchor": "middle", "font-size": 12 }, label));
  return nodes;
}
const cut = (word, most) => (word.length > most ? word.slice(0, most - 1).trimEnd() + "…" : word);
const between = (width) => `min-width:${0.8 * width}px;max-width:${1.15 * width}px`;   // letters stay legible: a narrow page scrolls the chart
function picture(label, width, height, nodes) {
  return html("div", { class: "chart" }, svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label, style: between(width) }, ...nodes));
}
