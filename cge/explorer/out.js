// What a reader takes along: text to the clipboard, files from the server, the address.
const FILES = { "run.toml": "Run file", "report.html": "Report", "welfare.csv": "Table", "all.zip": "Everything" };
async function copy(word, text, press) {
  try {
    await navigator.clipboard.writeText(text);
    said(press, "Copied");
    announce(`${word} copied.`);
  } catch {
    said(press, "Not allowed by the browser");
  }
}
function said(press, word) {
  const before = press.dataset.word;
  press.textContent = word;
  setTimeout(() => { press.textContent = before; }, 1500);
}
async function fetched(name, press) {
  press.disabled = true;
  press.textContent = "Making it …";
  let word = "Failed";
  try {
    const answer = await fetch(new URL(`file/${name}`, location.href.split("#")[0]), { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(Q) });
    if (answer.ok) {
      const link = html("a", { href: URL.createObjectURL(await answer.blob()), download: name });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
      word = "Saved";
    } else {
      const why = await answer.json();
      told(`${name}: ${why.sentence ?? why.faults.map((f) => f.text).join(" ")}`);
    }
  } catch {
    told(`${name}: the server does not answer.`);
  } finally {
    press.disabled = false;
    said(press, word);
  }
}
function drawOut() {
  const copies = [["Copy run file", () => last.run_file], ["Copy link", () => { remember(); return location.href; }]];
  const nodes = [button("Pin", pin, { "data-needs": "answer" })];
  for (const [word, of] of copies) { const one = button(word, () => copy(word.replace("Copy r", "R").replace("Copy l", "L"), of(), one), { "data-word": word, "data-needs": "answer" }); nodes.push(one); }
  for (const [name, word] of Object.entries(FILES)) { const one = button(word, () => fetched(name, one), { "data-word": word, "data-needs": "answer", title: `Saves ${name}` }); nodes.push(one); }
  byId("out").replaceChildren(...nodes);
}
