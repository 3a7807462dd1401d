/**
 * The echo page: connects its form, list and plot to a WebSocket.
 *
 * @module
 */
import { closeMeaning, parseClose } from "./close_codes.js";
import { MessageLog } from "./message_log.js";
import { formatSize, parseHex, preview, sizeOf } from "./payload.js";
import { Plot } from "./plot.js";
import { formatDuration, RoundTrips } from "./round_trips.js";
import { Session } from "./session.js";

const CAPACITY = 240;
const STATES = {
  closed: { words: "Not connected", action: "Connect" },
  connecting: { words: "Connecting …", action: "Cancel" },
  open: { words: "Connected", action: "Disconnect" },
  closing: { words: "Closing …", action: "Closing …" },
};

const element = (id) => document.getElementById(id);
const trips = new RoundTrips(CAPACITY);
const plot = new Plot(element("plot"), trips);
const log = new MessageLog(element("log"));
const session = new Session({ state: showState, message: receive, close: showClose });
let ticker;
let redraw;

/** Shows a sentence above the page; none hides it. */
function notice(text = "") {
  element("notice").textContent = text;
  element("notice").hidden = text === "";
}

/** Runs what a person asked for, and says in words what was wrong with it. */
async function attempt(action) {
  notice();
  try {
    await action();
  } catch (error) {
    notice(error.message);
  }
}

function showState(state) {
  const { words, action } = STATES[state];
  element("state").dataset.state = state;
  element("state").textContent = state === "open" && session.protocol !== ""
    ? `${words}, ${session.protocol}`
    : words;
  element("toggle").textContent = action;
  element("send").disabled = state !== "open";
  element("url").readOnly = element("subprotocols").readOnly = state !== "closed";
  if (state === "open") {
    log.add("note", session.protocol === "" ? "Connected." : `Connected, ${session.protocol}.`);
  }
  runTicker();
}

function showClose({ opened, closedHere, code, reason, wasClean }) {
  if (!opened && closedHere) {
    log.add("note", "Cancelled.");
    return;
  }
  if (!opened) {
    const text = "The connection could not be opened. The server may be down, or have refused it " +
      "(the subprotocols, for example). Browsers do not tell pages which.";
    log.add("fault", "Not connected.");
    notice(text);
    return;
  }
  const said = reason === "" ? "" : `, “${preview(reason)}”`;
  log.add(wasClean ? "note" : "fault", `Closed: ${code}, ${closeMeaning(code)}${said}.`);
}

function receive(data, roundTrip) {
  const size = formatSize(sizeOf(data));
  const detail = roundTrip === undefined ? size : `${size} · ${formatDuration(roundTrip)}`;
  log.add("received", preview(data), detail);
  if (roundTrip === undefined) return;
  trips.add(roundTrip);
  redraw ??= requestAnimationFrame(() => {
    redraw = undefined;
    showTrips();
  });
}

function showTrips() {
  element("last").textContent = formatDuration(trips.samples.at(-1));
  element("p50").textContent = formatDuration(trips.quantile(0.5));
  element("p99").textContent = formatDuration(trips.quantile(0.99));
  element("count").textContent = String(trips.total);
  plot.draw();
}

/** Reads the address. The page's security policy lets it reach its own server only. */
function readUrl() {
  const text = element("url").value.trim();
  const url = URL.canParse(text, location.href) ? new URL(text, location.href) : undefined;
  if (url === undefined || !/^(ws|http)s?:$/.test(url.protocol)) {
    throw new Error(`The address must start with ws:// or wss://, such as ${defaultUrl()}`);
  }
  url.protocol = url.protocol.replace("http", "ws");
  if (url.host !== location.host) {
    throw new Error(`This page can only reach the server that it came from, ${location.host}.`);
  }
  if (url.hash !== "") throw new Error("The address cannot have a part that starts with #.");
  return url;
}

function readSubprotocols() {
  const names = element("subprotocols").value.split(",").map((name) => name.trim())
    .filter((name) => name !== "");
  for (const name of names) {
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) {
      throw new Error(`“${name}” cannot be a subprotocol: letters, digits and .-_ make a name.`);
    }
  }
  if (new Set(names).size < names.length) throw new Error("A subprotocol is given twice.");
  return names;
}

function defaultUrl() {
  const url = new URL("echo", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return url.href;
}

function toggle() {
  if (session.isActive) {
    session.close(parseClose(element("close-code").value.trim(), element("close-reason").value));
  } else {
    session.open(readUrl(), readSubprotocols());
  }
}

function chosenKind() {
  return document.querySelector("input[name=kind]:checked").value;
}

async function readMessage() {
  const kind = chosenKind();
  if (kind === "text") return element("text").value;
  if (kind === "bytes") return parseHex(element("bytes").value).buffer;
  const [file] = element("file").files;
  if (file === undefined) throw new Error("Choose a file first.");
  return await file.arrayBuffer();
}

async function sendMessage() {
  const data = await readMessage();
  if (!session.isOpen) throw new Error("There is no connection. Connect first.");
  send(data);
}

function send(data) {
  log.add("sent", preview(data), formatSize(sizeOf(data)));
  session.send(data);
}

function runTicker() {
  clearInterval(ticker);
  const isOn = element("ticker").checked;
  // A screen reader would read every tick.
  element("log").ariaLive = isOn ? "off" : "polite";
  if (!isOn || !session.isOpen) return;
  ticker = setInterval(() => {
    if (!session.isCongested) send(new Date().toISOString());
  }, Number(element("ticker-interval").value));
}

element("url").value = defaultUrl();
showTrips();

element("connection").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(toggle);
});
element("sending").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(sendMessage);
});
element("text").addEventListener("keydown", (event) => {
  // While an input method is composing, Enter chooses a word.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  attempt(sendMessage);
});
element("sending").addEventListener("change", () => {
  for (const field of document.querySelectorAll("[data-kind]")) {
    if (field.closest("#sending")) field.hidden = field.dataset.kind !== chosenKind();
  }
  runTicker();
});
element("clear").addEventListener("click", () => {
  log.clear();
  trips.clear();
  showTrips();
});
