// Everything is drawn, and the first question asked.
const recalled = { country: new URLSearchParams(location.hash.slice(1)).has("country") };
recall();
byId("question").addEventListener("submit", (event) => event.preventDefault());
byId("filter").addEventListener("input", drawTable);
function drawForm() {
  drawMeasures();
  drawAdd();
  drawSetting();
  drawOthers();
  sayBest();
}
drawForm();
drawOut();
controls();
setState("first");
addEventListener("hashchange", () => {   // a link that was pasted
  if (!recall()) return;
  drawForm();
  drawControls();
  changed();
});
connect();
document.documentElement.dataset.ready = "yes";
