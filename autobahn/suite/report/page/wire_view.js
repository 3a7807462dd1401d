/**
 * Draws a wire log as a time line of frames.
 *
 * @module
 */
import { octetsShown, toHex } from "./bytes.js";
import { part, ruleText } from "./case_parts.js";
import { make } from "./dom.js";
import { closeCodeName, opcodeName } from "./opcodes.js";
import { counted, printable } from "./printable.js";
import { readWireLog } from "./wire_log.js";

const ARROWS = { sent: ["→", "sent"], received: ["←", "received"] };
/** Payloads up to this length stand open, longer ones are folded. */
const MAX_OPEN = 48;
const ROW = 16;

/** The wire log of a result, with a sentence for each offence. */
export function wirePart(result) {
  const items = readWireLog(result);
  if (items.length === 0) return undefined;
  // Cases below WebSocket have octets only, which then is nothing to mention.
  const hasFrames = items.some((item) => item.kind === "frame" && item.logged);
  const rows = items.map((item) => DRAW[item.kind](item, { wirelog: result.wirelog, hasFrames }));
  const verdicts = items.flatMap((item, index) =>
    item.offence ? [offenceNote(item, rows[index])] : []
  );
  return part("Wire log", ...verdicts, make("ol.wire", {}, ...rows));
}

function offenceNote({ direction, offence, opcode }, row) {
  const who = direction === "sent"
    ? "The suite breaks a rule on purpose: "
    : "The agent breaks a rule: ";
  const show = () => {
    row.scrollIntoView({ block: "center" });
    row.focus();
  };
  return make(
    "p.offence-note",
    { "data-direction": direction },
    make("span", {}, `${who}${offence.says}. `, ruleText(offence.rule)),
    make("button", { type: "button", on: { click: show } }, `Show the ${opcodeName(opcode)} frame`),
  );
}

const DRAW = {
  frame: drawFrame,
  head: drawHead,
  note: ({ says }) => make("li.note", {}, printable(says)),
  octets: (item, { wirelog }) =>
    line(
      item,
      make("span.what", {}, "octets"),
      make("span.soft", {}, sizes(item, wirelog)),
      rawOctets(item, wirelog),
    ),
};

function drawHead(item, { wirelog }) {
  const octets = item.lines.flatMap((line) => [...octetsShown(wirelog[line][1])]);
  const [first] = String.fromCharCode(...octets).split("\r\n", 1);
  return line(
    item,
    make("span.what", {}, "HTTP"),
    make("bdi", {}, printable(first)),
    " ",
    make("span.soft", {}, sizes(item, wirelog)),
  );
}

/** An entry of the time line that went one way or the other. */
function line({ direction }, ...children) {
  const [arrow, word] = ARROWS[direction];
  return make(
    "li",
    { "data-direction": direction, tabindex: "-1" },
    make("span.arrow", { "aria-hidden": "true" }, arrow),
    make("span.unseen", {}, word),
    ...children,
  );
}

function drawFrame(frame, { wirelog, hasFrames }) {
  const { opcode, fin, rsv, length, masked, logged, lines, offence } = frame;
  const bits = [
    fin ? "FIN" : "no FIN",
    ...[1, 2, 3].filter((bit) => rsv & 8 >> bit).map((bit) => `RSV${bit}`),
    masked ? "masked" : "not masked",
  ];
  return line(
    frame,
    make("span.what", { "data-opcode": opcode }, opcodeName(opcode)),
    make("span.size", {}, length === null ? "length unknown" : counted(length, "byte")),
    make("span.bits", {}, bits.join(" · ")),
    hasFrames && !logged && make("span.bits", {}, "seen in the octets only"),
    lines.length > 1 && make("span.soft", {}, sizes(frame, wirelog)),
    words(frame),
    octetGrid(frame),
    offence && make("p.offence", {}, `${offence.says}. `, ruleText(offence.rule)),
  );
}

/** What a payload says to people. */
function words({ opcode, payload, length, rsv }) {
  if (payload.length === 0) return undefined;
  if (opcode === 8 && payload.length >= 2) {
    const code = payload[0] * 256 + payload[1];
    const reason = payload.length > 2 ? `, “${decode(payload.subarray(2))}”` : "";
    return make("p.words", {}, `${code}, ${closeCodeName(code)}${reason}`);
  }
  if (opcode === 2 || rsv & 4) return undefined;
  const more = payload.length < length ? " …" : "";
  return make("p.words", {}, "“", make("bdi", {}, decode(payload)), `”${more}`);
}

function decode(bytes) {
  return printable(new TextDecoder().decode(bytes));
}

/** The header, and the payload without its mask, in hexadecimal. */
function octetGrid({ head, mask, payload, length, offence }) {
  const keyLength = (mask?.length ?? 0) / 2;
  const plain = head.length - keyLength;
  const isShort = payload.length <= ROW && payload.length === length;
  const groups = [
    ["header", head.subarray(0, plain), marked(offence, "head", 0)],
    ["mask", head.subarray(plain), marked(offence, "head", plain)],
    ["payload", isShort ? payload : none(), marked(offence, "payload", 0)],
  ].filter(([, bytes]) => bytes.length > 0);
  const first = groups.flatMap(([name, bytes, isMarked]) => [
    make("span.label", {}, name),
    octets(bytes, isMarked),
  ]);
  return make(
    "div.grid",
    {},
    make("div.octets", {}, ...first),
    !isShort && payload.length > 0 && payloadGrid({ payload, length, offence }),
  );
}

function none() {
  return new Uint8Array();
}

/** A payload of several rows, folded where it is long. */
function payloadGrid({ payload, length, offence }) {
  const rows = [];
  for (let from = 0; from < payload.length; from += ROW) {
    const row = payload.subarray(from, from + ROW);
    rows.push(make("div.octets", {}, octets(row, marked(offence, "payload", from)), ascii(row)));
  }
  const isWhole = payload.length === length;
  const what = isWhole || length === null
    ? counted(payload.length, "byte")
    : `the first ${payload.length} of ${counted(length, "byte")}`;
  const open = payload.length <= MAX_OPEN && isWhole || offence?.part === "payload";
  return make("details.rows", { open }, make("summary", {}, `payload, ${what}`), ...rows);
}

/** The octets of an offence that stand in a row beginning at `start`. */
function marked(offence, part, start) {
  if (offence?.part !== part) return () => false;
  const { from, count } = offence;
  return (index) => index + start >= from && index + start < from + count;
}

function octets(bytes, isMarked) {
  const parts = [];
  for (const [index, byte] of bytes.entries()) {
    const text = byte.toString(16).padStart(2, "0");
    const last = parts.at(-1);
    if (isMarked(index)) parts.push(make("mark", {}, text));
    else if (typeof last === "string") parts[parts.length - 1] = `${last} ${text}`;
    else parts.push(text);
  }
  const spaced = parts.flatMap((part, index) => index === 0 ? [part] : [" ", part]);
  return make("code", {}, ...spaced);
}

function ascii(bytes) {
  const text = [...bytes].map((byte) => byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "·");
  return make("code.ascii", { "aria-hidden": "true" }, text.join(""));
}

/** How many octets, and in how many reads or writes. */
function sizes({ lines, direction }, wirelog) {
  const each = lines.map((line) => wirelog[line][1][0]);
  const total = each.reduce((sum, size) => sum + size, 0);
  const name = direction === "sent" ? "write" : "read";
  const times = each.length > 1 ? ` in ${counted(each.length, name)}` : "";
  return `${counted(total, "octet")}${times}`;
}

function rawOctets({ lines }, wirelog) {
  const rows = lines.slice(0, 100).map((line) => {
    const bytes = octetsShown(wirelog[line][1]);
    const more = bytes.length < wirelog[line][1][0] ? " …" : "";
    const hex = toHex(bytes).replace(/(..)(?!$)/g, "$1 ");
    return make("div.octets", {}, make("code", {}, `${hex}${more}`), ascii(bytes));
  });
  return make("details.rows", {}, make("summary", {}, "in hexadecimal"), ...rows);
}
