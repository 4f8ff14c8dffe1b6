// Charts: each takes what it shows and returns an SVG element.

function worldMap(values, label, unit, choose, chosen) {
  const scale = scaleOf(values), [x0, y0, x1, y1] = D.map.box, nodes = [svg("path", { class: "land", d: D.map.other })];
  const mark = (n) => ({ class: "country" + (n === chosen ? " chosen" : ""), "data-country": n, onclick: () => choose(n) });
  const tip = (n) => svg("title", {}, `${D.countries[n]} ${D.names[n]}: ${short(values[n], isSigned(unit))} ${unitOf(unit)}`);
  for (const [n, shape] of D.map.shapes) nodes.push(svg("path", { ...mark(n), d: shape, fill: scale.colour(values[n]), "fill-rule": "evenodd" }, tip(n)));
  for (const [n, [x, y]] of Object.entries(D.map.small)) nodes.push(svg("circle", { ...mark(Number(n)), cx: x, cy: y, r: 26, fill: scale.colour(values[n]) }, tip(n)));
  return [
    svg("svg", { viewBox: `${x0} ${y0} ${x1 - x0} ${y1 - y0}`, role: "img", "aria-label": `World map: ${label}` }, ...nodes),
    picture(`Colours: ${label}`, 400, 30, legend(scale, 400)),
    html("p", { class: "key" }, `${label}. Grey: no number.`),
  ];
}

function waterfall(steps, total, label) {
  // steps: {word, colour, value}; each bar starts where the last one ended
  const width = Math.min(640, room()), left = 175, right = width - 70, row = 30, rows = [...steps, { word: "Real income", colour: INK, value: total, whole: true }];
  let sum = 0;
  const ends = rows.map((r) => (r.whole ? [0, r.value] : [sum, (sum += r.value)]));
  const [low, high] = extent(ends.flat(), true), x = lineAcross(low, high, left, right), bottom = 12 + row * rows.length;
  const nodes = axisBelow(low, high, x, bottom, "Log points × 100", 6), decimals = Math.max(decimalsOf(rows.map((r) => r.value)), decimalsOf([total]));
  rows.forEach((r, k) => {
    const [a, b] = ends[k].map(x), y = 10 + row * k;
    nodes.push(svg("text", { x: left - 8, y: y + 17, "text-anchor": "end", "font-size": 13, "font-weight": r.whole ? 600 : 400 }, r.word));
    nodes.push(svg("rect", { class: "bar", x: Math.min(a, b), y: y + 3, width: Math.max(Math.abs(b - a), 0.8), height: row - 10, fill: r.colour }));
    if (!r.whole) nodes.push(svg("line", { x1: b, x2: b, y1: y + row - 7, y2: y + row + 3, stroke: "var(--soft)" }));
    nodes.push(svg("text", { x: Math.max(a, b) + 5, y: y + 17, "font-size": 12 }, text(r.value, decimals, true)));
  });
  return picture(label, width, bottom + 40, nodes);
}

function dumbbells(rows, label, axis, floor) {
  // rows: {word, value, gone}; from zero to the value; floor: the axis is not cut below it
  const width = room(), left = Math.min(330, 0.45 * width), right = width - 70, row = 17, bottom = 10 + row * rows.length;
  // one that sold next to nothing and grew a hundredfold would press all others onto the axis: it is a number at its end
  const sizes = known(rows.map((r) => r.value)).map(Math.abs).sort((a, b) => a - b), most = 2 * (sizes[Math.floor(0.8 * (sizes.length - 1))] || 0);
  const limit = sizes.length && sizes[sizes.length - 1] > 2 * Math.max(most, floor) ? Math.max(most, floor) : Infinity, within = (v) => Math.max(-limit, Math.min(limit, v));
  const [low, high] = extent(rows.map((r) => (r.value === null ? null : within(r.value))), true), x = lineAcross(low, high, left, right), nodes = axisBelow(low, high, x, bottom, axis, 4);
  rows.forEach((r, k) => {
    const y = 10 + row * k + row / 2, end = r.value === null ? 0 : within(r.value);
    nodes.push(svg("text", { x: left - 10, y: y + 4, "text-anchor": "end", "font-size": 12 }, cut(r.word, Math.floor(left / 7.6)), svg("title", {}, r.word)));
    if (r.value === null) return;
    const colour = r.value < 0 ? "#D55E00" : "var(--blue-mark)";
    nodes.push(svg("line", { x1: x(0), x2: x(end), y1: y, y2: y, stroke: colour, "stroke-width": 2 }));
    nodes.push(svg("circle", { cx: x(0), cy: y, r: 3, fill: PAPER, stroke: "var(--soft)" }));
    nodes.push(svg("circle", { class: "mark", cx: x(end), cy: y, r: 4, fill: end === r.value ? colour : PAPER, stroke: colour }, svg("title", {}, `${r.word}: ${short(r.value, true)}`)));
    nodes.push(svg("text", { x: x(Math.max(end, 0)) + 8, y: y + 4, "font-size": 11 }, short(r.value, true) + (r.gone ? " (vanishes)" : end === r.value ? "" : end > 0 ? " →" : " ←")));
  });
  return picture(label, width, bottom + 40, nodes);
}

function sideBySide(rows, series, label, axis = label) {
  // one row for each word, one kind of mark for each series: {name, values by row, low and high of a band where there is one}
  const colours = SERIES, most = room() < 600 ? 16 : 30, row = 15;
  const left = 24 + 6.6 * Math.max(...rows.map((r) => Math.min(r.length, most))), width = room() + (most === 30 ? 80 : 0), right = width - (series.length > 1 ? 20 : 60), mark = (k, x, y) => {
    const fill = colours[k % colours.length], r = 4;
    if (k % 4 === 0) return svg("circle", { class: "mark", cx: x, cy: y, r: r - 0.5, fill });
    if (k % 4 === 1) return svg("rect", { class: "mark", x: x - r + 0.7, y: y - r + 0.7, width: 2 * r - 1.4, height: 2 * r - 1.4, fill });
    const points = k % 4 === 2 ? `${x},${y - r} ${x + r},${y + r} ${x - r},${y + r}` : `${x},${y - r} ${x + r},${y} ${x},${y + r} ${x - r},${y}`;
    return svg("polygon", { class: "mark", points, fill });
  };
  const per = Math.max(1, Math.floor((right - left) / (30 + 7 * Math.max(...series.map((v) => v.name.length))))), top = series.length > 1 ? 14 + 20 * Math.ceil(series.length / per) : 6;
  const ends = series.map((v) => [v.low || v.values, v.high || v.values]), bottom = top + row * rows.length;
  const [low, high] = extent(ends.flat(2), true), x = lineAcross(low, high, left, right), nodes = axisBelow(low, high, x, bottom, axis, top);
  if (series.length > 1) series.forEach((v, k) => {
    const place = left + (k % per) * ((right - left) / per), y = 12 + 20 * Math.floor(k / per);
    nodes.push(mark(k, place, y), svg("text", { x: place + 9, y: y + 4, "font-size": 12 }, v.name));
  });
  rows.forEach((word, k) => {
    const y = top + row * k + row / 2, found = known(series.map((v) => v.values[k]));
    nodes.push(svg("text", { x: left - 12, y: y + 4, "text-anchor": "end", "font-size": 11 }, cut(word, most), svg("title", {}, word)));
    if (found.length) nodes.push(svg("line", { x1: x(Math.min(...found)), x2: x(Math.max(...found)), y1: y, y2: y, stroke: "var(--line)", "stroke-width": 2 }));
    series.forEach((v, m) => {
      if (v.values[k] === null) return;
      if (v.low) nodes.push(svg("line", { x1: x(v.low[k]), x2: x(v.high[k]), y1: y, y2: y, stroke: colours[m % colours.length], "stroke-width": 1.5 }));
      nodes.push(mark(m, x(v.values[k]), y));
      if (series.length === 1) nodes.push(svg("text", { x: x(Math.max(v.high ? v.high[k] : v.values[k], 0)) + 9, y: y + 4, "font-size": 11 }, short(v.values[k], true)));
    });
  });
  return picture(label, width, bottom + 40, nodes);
}

function intervals(order, view, label) {
  // median with the bands that hold 50 and 90 % of the draws; view: quantile → values by country
  const width = room(), most = width < 600 ? 16 : 30, left = 24 + 6.6 * Math.max(...order.map((n) => Math.min(labelOf(n).length, most))), right = width - 20, row = 15, bottom = 10 + row * order.length;
  const [low, high] = extent([...view.p05, ...view.p95], true), x = lineAcross(low, high, left, right), nodes = axisBelow(low, high, x, bottom, label, 4);
  order.forEach((n, k) => {
    const y = 10 + row * k + row / 2;
    nodes.push(svg("text", { x: left - 12, y: y + 4, "text-anchor": "end", "font-size": 11 }, cut(labelOf(n), most), svg("title", {}, labelOf(n))));
    if (view.median[n] === null) return;
    const bar = (a, b, w, colour) => svg("line", { x1: x(view[a][n]), x2: x(view[b][n]), y1: y, y2: y, stroke: colour, "stroke-width": w });
    nodes.push(bar("p05", "p95", 1.5, "var(--blue-mark)"), bar("p25", "p75", 6, "#80b8d8"), svg("circle", { class: "mark", cx: x(view.median[n]), cy: y, r: 3, fill: INK }));
  });
  return picture(label, width, bottom + 40, nodes);
}

function curveChart(lines, values, axis, label) {
  // lines along a key of numbers: {name, bands: quantile → values by point}
  const colours = SERIES.slice(1), dashes = ["", "7 4", "2 3", "9 3 2 3"], width = room(), left = 80, right = width - 30;
  const named = lines.length > 1, top = 14 + (named ? 18 * lines.length : 0), bottom = top + 300, nodes = [];
  const [xl, xh] = [Math.min(...values), Math.max(...values)], x = lineAcross(xl, xh, left + 10, right - 10);
  const [yl, yh] = extent(lines.flatMap((l) => Object.values(l.bands).flat()), true), y = lineAcross(yl, yh, bottom, top), yTicks = ticks(yl, yh, 6);
  for (const t of yTicks) {
    nodes.push(svg("line", { x1: left, x2: right, y1: y(t), y2: y(t), stroke: t === 0 ? INK : GRID }));
    nodes.push(svg("text", { x: left - 6, y: y(t) + 4, "text-anchor": "end", "font-size": 12 }, text(t, decimalsOfTicks(yTicks), true)));
  }
  for (const t of ticks(xl, xh, width < 600 ? 4 : 8)) nodes.push(svg("text", { x: x(t), y: bottom + 18, "text-anchor": "middle", "font-size": 12 }, String(Number(t.toPrecision(6)))));
  nodes.push(svg("text", { x: (left + right) / 2, y: bottom + 38, "text-anchor": "middle", "font-size": 12 }, cut(axis, Math.floor(width / 6.5))));
  const path = (row) => values.map((v, k) => (row[k] === null ? null : `${x(v).toFixed(1)},${y(row[k]).toFixed(1)}`)).filter(Boolean);
  lines.forEach((l, k) => {
    const colour = colours[k % colours.length], dash = dashes[Math.floor(k / colours.length) % dashes.length];
    for (const [a, b, o] of [["p05", "p95", 0.18], ["p25", "p75", 0.3]]) if (l.bands[a]) nodes.push(svg("polygon", { points: [...path(l.bands[a]), ...path(l.bands[b]).reverse()].join(" "), fill: colour, opacity: o }));
    nodes.push(svg("polyline", { class: "line", points: path(l.bands.median).join(" "), fill: "none", stroke: colour, "stroke-width": 2, "stroke-dasharray": dash }));
    for (const point of path(l.bands.median)) nodes.push(svg("circle", { cx: point.split(",")[0], cy: point.split(",")[1], r: 2.5, fill: colour }));
    if (named) nodes.push(svg("line", { x1: left, x2: left + 26, y1: 10 + 18 * k, y2: 10 + 18 * k, stroke: colour, "stroke-width": 2, "stroke-dasharray": dash }), svg("text", { x: left + 32, y: 14 + 18 * k, "font-size": 12 }, l.name));
  });
  return picture(label, width, bottom + 46, nodes);
}

function sparkline(points, [low, high], here, width, label) {
  // points: [place, value] in their order, as far as they are known; here: [place, value or null], the one that stands for now; as wide as what is above it
  const height = 96, left = 8, right = width - 8, top = 14, bottom = height - 16, x = lineAcross(low, high, left, right), values = points.map((p) => p[1]);
  const [yl, yh] = extent([...values, here[1]], true), y = lineAcross(yl, yh, bottom, top), at = Math.max(left, Math.min(right, x(here[0]))), places = decimalsOf(values);
  const runs = [[]];   // a point without a number breaks the line
  for (const [p, v] of points) { if (v === null) runs.push([]); else runs.at(-1).push(`${x(p).toFixed(1)},${y(v).toFixed(1)}`); }
  const some = points.filter((p) => p[1] !== null), best = some.reduce((a, b) => (b[1] > a[1] ? b : a), some[0] || null);
  const nodes = [svg("line", { x1: left, x2: right, y1: y(0), y2: y(0), stroke: GRID }), svg("line", { x1: at, x2: at, y1: top, y2: bottom, stroke: "var(--soft)", "stroke-dasharray": "2 3" })];
  for (const run of runs) nodes.push(svg("polyline", { class: "line", points: run.join(" "), fill: "none", stroke: "var(--blue-mark)", "stroke-width": 1.8 }));
  if (best) nodes.push(svg("text", { x: Math.max(left + 24, Math.min(right - 24, x(best[0]))), y: Math.max(10, y(best[1]) - 5), "text-anchor": "middle", "font-size": 10.5 }, text(best[1], places, true)));
  if (here[1] !== null) nodes.push(svg("circle", { class: "mark", cx: at, cy: y(here[1]), r: 4.5, fill: "#D55E00", stroke: PAPER, "stroke-width": 1.5 }, svg("title", {}, short(here[1], true))));
  nodes.push(svg("text", { x: left, y: height - 3, "font-size": 10.5 }, String(low)), svg("text", { x: right, y: height - 3, "text-anchor": "end", "font-size": 10.5 }, String(high)));
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label }, ...nodes);
}

function firmsChart(states, label) {
  // states: {word, colour, dash, points: [{x: productivity, y: mass of firms above it, word}]}; both axes in logs
  const width = room(), left = 80, right = width - 60, bottom = 330, few = width < 600 ? 1.5 : 3, all = states.flatMap((s) => s.points), nodes = [], log = Math.log10;
  const ends = (values) => { const low = log(Math.min(...values)), high = log(Math.max(...values)), pad = 0.05 * (high - low || 1); return [low - pad, high + pad]; };
  const [xl, xh] = ends(all.map((p) => p.x)), [yl, yh] = ends(all.map((p) => p.y)), x = lineAcross(xl, xh, left + 10, right - 10), y = lineAcross(yl, yh, bottom, 34);
  const height = (s) => s.points.reduce((sum, p) => sum + log(p.y), 0) / s.points.length, under = height(states[states.length - 1]) < height(states[0]);
  for (const [v, word] of logTicks(xl, xh, few)) {
    nodes.push(svg("line", { x1: x(v), x2: x(v), y1: 34, y2: bottom, stroke: GRID }));
    nodes.push(svg("text", { x: x(v), y: bottom + 18, "text-anchor": "middle", "font-size": 12 }, word));
  }
  for (const [v, word] of logTicks(yl, yh, 3)) {
    nodes.push(svg("line", { x1: left, x2: right, y1: y(v), y2: y(v), stroke: GRID }));
    nodes.push(svg("text", { x: left - 6, y: y(v) + 4, "text-anchor": "end", "font-size": 12 }, word));
  }
  states.forEach((s, k) => {
    const at = left + 130 * k, places = s.points.map((p) => [x(log(p.x)), y(log(p.y)), p.word]), last = k === states.length - 1;
    nodes.push(svg("polyline", { class: "line", points: places.map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`).join(" "), fill: "none", stroke: s.colour, "stroke-width": 1.5, "stroke-dasharray": s.dash }));
    const mark = ([a, b]) => (last ? svg("circle", { class: "mark", cx: a, cy: b, r: 3, fill: s.colour }) : svg("rect", { class: "mark", x: a - 4, y: b - 4, width: 8, height: 8, fill: "none", stroke: s.colour }));
    for (const place of places) { const node = mark(place); node.append(svg("title", {}, place[2])); nodes.push(node); }
    nodes.push(mark([at, 14]), svg("text", { x: at + 12, y: 18, "font-size": 12 }, s.word));
    let free = -Infinity;   // names where there is room below the last one, on the side where the other line is not
    if (last) for (const [a, b, word] of places) if (b - free >= 13) {
      nodes.push(svg("text", { x: a + (under ? -6 : 6), y: b + (under ? 12 : -4), "text-anchor": under ? "end" : "start", "font-size": 11 }, cut(word, 14)));
      free = b;
    }
  });
  nodes.push(svg("text", { x: (left + right) / 2, y: bottom + 38, "text-anchor": "middle", "font-size": 12 }, "Productivity"));
  nodes.push(svg("text", { transform: `translate(16,${bottom / 2 + 10}) rotate(-90)`, "text-anchor": "middle", "font-size": 12 }, "Mass of firms above it"));
  return picture(label, width, bottom + 46, nodes);
}

function heatMap(rows, columns, value, tell, label, home = (i, n) => false) {
  // value(row, column) in percent, rows and columns in words; null: none; cells at home are dark; the cell under the pointer or the arrow keys is told
  const down = rows.length, count = columns.length, size = Math.min(64, 760 / Math.max(count, down)), grid = size * down, font = Math.min(13, Math.max(5.5, size * 0.85)), longest = Math.max(...[...rows, ...columns].map((word) => Math.min(word.length, 18)));
  const edge = 12 + font * 0.58 * longest, values = [], nodes = [];
  for (let i = 0; i < down; i++) for (let n = 0; n < count; n++) values.push(home(i, n) ? null : value(i, n));
  const scale = scaleOf(values.map((v) => (v === Infinity ? null : v))), at_place = (k) => edge + size * (k + 0.5) + font / 3;
  rows.forEach((word, k) => nodes.push(svg("text", { x: edge - 4, y: at_place(k), "text-anchor": "end", "font-size": font }, cut(word, 18), svg("title", {}, word))));
  columns.forEach((word, k) => nodes.push(svg("text", { transform: `translate(${at_place(k)},${edge - 4}) rotate(-90)`, "font-size": font }, cut(word, 18), svg("title", {}, word))));
  values.forEach((v, k) => {
    const i = Math.floor(k / count), n = k % count, fill = home(i, n) ? "#6e6e6e" : v === Infinity ? shade(1) : scale.colour(v);
    nodes.push(svg("rect", { class: "cell", x: (edge + size * n).toFixed(2), y: (edge + size * i).toFixed(2), width: (size + 0.05).toFixed(2), height: (size + 0.05).toFixed(2), fill }));
  });
  const cursor = svg("rect", { width: size, height: size, fill: "none", stroke: INK, "stroke-width": 2, visibility: "hidden" });
  const whole = Math.max(edge + size * count, 560), tall = edge + grid, chart = svg("svg", { viewBox: `0 0 ${whole} ${tall + 40}`, role: "application", tabindex: 0, "aria-label": `${label}; arrow keys move`, style: between(whole) }, ...nodes, cursor, svg("g", { transform: `translate(${edge},${tall + 8})` }, ...legend(scale, whole - edge)));
  let at = [0, Math.min(1, count - 1)];
  const point = (i, n) => {
    at = [Math.max(0, Math.min(down - 1, i)), Math.max(0, Math.min(count - 1, n))];
    cursor.setAttribute("x", edge + size * at[1]);
    cursor.setAttribute("y", edge + size * at[0]);
    cursor.setAttribute("visibility", "visible");
    tell(...at);
  };
  chart.addEventListener("pointermove", (event) => {
    const box = chart.getBoundingClientRect(), ratio = whole / box.width, n = Math.floor(((event.clientX - box.left) * ratio - edge) / size), i = Math.floor(((event.clientY - box.top) * ratio - edge) / size);
    if (i >= 0 && n >= 0 && i < down && n < count) point(i, n);
  });
  chart.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (step) { event.preventDefault(); point(at[0] + step[0], at[1] + step[1]); }
  });
  return chart;
}
