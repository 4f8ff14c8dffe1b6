// The socket: what is said to the server and heard from it. One question at a time is under way, and the latest waits for it.
const PATIENCE = 300;   // ms that a question may be under way before a newer one replaces it: short answers follow a finger on the slider, long ones are stopped
let socket = null, serial = 0, asked = 0, underWay = false, waiting = 0, sentAt = 0, retrying = 0;
const HEARD = {};   // kind of message → what is done; other parts add theirs
const isOpen = () => socket !== null && socket.readyState === WebSocket.OPEN;

function say(kind, more) {   // its number, by which its answers are known
  serial += 1;
  if (isOpen()) socket.send(JSON.stringify({ serial, kind, question: Q, ...more }));
  return serial;
}
function ask() {
  clearTimeout(waiting);
  waiting = 0;
  const wait = sentAt + PATIENCE - performance.now();
  if (underWay && wait > 0) { waiting = setTimeout(ask, wait); return; }
  asked = say("ask");
  sentAt = performance.now();
  underWay = true;
}
const newest = (message) => message.serial === asked && !waiting;
function changed() {   // anything of the question: what is shown is old from here on
  showStale();
  clearTimeout(detailing);
  stopBackground();
  rememberSoon();
  const faults = faultsHere();
  showFaults(faults);
  if (faults.length) { underWay = false; clearTimeout(waiting); waiting = 0; asked = 0; say("stop"); showInvalid(faults); return; }
  ask();
}
let remembering = 0;
function rememberSoon() {   // a browser does not let the address change many times a second
  clearTimeout(remembering);
  remembering = setTimeout(remember, 600);
}

function connect() {
  clearTimeout(retrying);
  const address = new URL("ask", location.href.split("#")[0]);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(address);
  socket.addEventListener("open", () => { byId("lost").hidden = true; changed(); });
  socket.addEventListener("message", (event) => {
    const message = JSON.parse(event.data);
    if ((message.serial === asked && message.kind === "answer") || message.kind === "error") underWay = false;
    HEARD[message.kind]?.(message);
    if (!underWay && waiting) ask();
  });
  socket.addEventListener("close", lost);
}
function lost() {
  underWay = false;
  clearTimeout(waiting);
  waiting = 0;
  showStale();
  badge("No connection: what is shown may be old", "lost");
  const gone = byId("lost");
  gone.replaceChildren("The server of this page does not answer. If it was ended, start cge explore again; the question stays here and in the address. ", button("Try again", connect));
  gone.hidden = false;
  retrying = setTimeout(connect, 5000);
}
