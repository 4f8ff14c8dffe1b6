// Sections off the screen are drawn when they are reached, or once answers have come to rest: a finger on the slider waits for none of them.
const onScreen = new Set(), due = new Map();   // sections; those that are to be drawn anew, with what draws them
const watcher = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) { onScreen.add(target); drawDue(target); } else onScreen.delete(target);
  }
}, { rootMargin: "100px" });
let calm = 0;
function drawDue(section) {
  const part = due.get(section);
  if (!part) return;
  due.delete(section);
  section.classList.remove("awaited");
  part();
}
function drawRest() {   // one after the other, so that the page hears in between
  const [section] = due.keys();
  if (!section) return;
  drawDue(section);
  calm = setTimeout(drawRest);
}
function whenReached(parts, part, id, known = () => true) {   // in place of at once; what is not known is not drawn
  const at = parts.indexOf(part), section = byId(id);
  if (at < 0) return;
  watcher.observe(section);
  parts[at] = () => {
    section.classList.add("awaited");
    due.delete(section);
    if (!known()) return;
    due.set(section, part);
    if (onScreen.has(section)) { drawDue(section); return; }
    clearTimeout(calm);
    calm = setTimeout(drawRest, REST);
  };
}
const detailed = () => Boolean(details.get(chosenLabel()));
whenReached(anew, drawMap, "world");
whenReached(anew, drawTable, "countries");
whenReached(ofCountry, drawChannels, "channels");
whenReached(ofCountry, drawSectors, "sectors", detailed);
whenReached(ofCountry, drawPartners, "partners", detailed);
ofCountry.unshift(askDetail);   // before the sections that draw it
addEventListener("beforeprint", () => { for (const section of [...due.keys()]) drawDue(section); });
