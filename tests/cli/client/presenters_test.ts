/** What the presenters write, without a process around them. */
import { assertEquals } from "@std/assert";
import { ProtocolError } from "../../../lib/protocol/errors.ts";
import type { ClientEvent } from "../../../lib/cli/client/events.ts";
import { JsonPresenter } from "../../../lib/cli/client/json_presenter.ts";
import { LinePresenter } from "../../../lib/cli/client/line_presenter.ts";
import { duration, noticesOf } from "../../../lib/cli/client/notices.ts";
import { PlainPresenter } from "../../../lib/cli/client/plain_presenter.ts";
import type { Screen } from "../../../lib/cli/client/screen.ts";

/** A screen that keeps what is written. */
class Notebook implements Screen {
  printed = "";
  notes: string[] = [];

  print(data: string | Uint8Array): undefined {
    this.printed += typeof data === "string" ? data : `{${data.toHex()}}`;
  }

  note(line: string): void {
    this.notes.push(line);
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }
}

function received(data: string | Uint8Array): ClientEvent {
  return { type: "message", direction: "received", data };
}

const PLAIN = {
  delimiter: new Uint8Array([0x3b]),
  base64: false,
  toTerminal: false,
  verbosity: "normal",
} as const;

Deno.test("plain presenter: messages and the delimiter, as they are", () => {
  const screen = new Notebook();
  const presenter = new PlainPresenter(screen, PLAIN);
  presenter.show(received("a\x1b"));
  presenter.show(received(new Uint8Array([1, 2])));
  presenter.show({ type: "message", direction: "sent", data: "mine" });
  assertEquals(screen.printed, "a\x1b;{0102}{3b}");
});

Deno.test("plain presenter: on a terminal nothing that it would obey", () => {
  const screen = new Notebook();
  const presenter = new PlainPresenter(screen, { ...PLAIN, toTerminal: true });
  presenter.show(received("a\x1b"));
  presenter.show(received(new Uint8Array([0x1b])));
  assertEquals(screen.printed, "a\\u001b\n<1 byte> 1b\n");
});

const LINE = {
  verbosity: "normal",
  colour: true,
  noteColour: false,
  timestamps: true,
  roundTrips: true,
  pretty: false,
  save: undefined,
  now: () => new Date(2026, 0, 2, 3, 4, 5, 6),
} as const;

Deno.test("line presenter: time, colour and round trip", () => {
  const screen = new Notebook();
  const presenter = new LinePresenter(screen, LINE);
  presenter.show({ type: "message", direction: "received", data: "x", roundTrip: 1.234 });
  presenter.show({ type: "notice", message: "told" });
  assertEquals(
    screen.printed,
    "\x1b[2m03:04:05.006\x1b[22m \x1b[36mrecv:\x1b[39m x\x1b[2m  (1.23 ms)\x1b[22m\n",
  );
  assertEquals(screen.notes, ["03:04:05.006 told"]);
});

Deno.test("line presenter: switches, and the last binary message", () => {
  const screen = new Notebook();
  const presenter = new LinePresenter(screen, { ...LINE, colour: false });
  assertEquals([presenter.toggle("timestamps"), presenter.toggle("pretty")], [false, true]);
  assertEquals(presenter.lastBinary, undefined);
  presenter.show(received("[1]"));
  presenter.show(received(new Uint8Array([7])));
  assertEquals(screen.printed, "recv: [\n  1\n]\nrecv: <1 byte> 07\n");
  assertEquals(presenter.lastBinary?.toHex(), "07");
});

Deno.test("json presenter: every kind of event", () => {
  const screen = new Notebook();
  const presenter = new JsonPresenter(screen, { roundTrips: true, now: () => new Date(0) });
  const payload = new Uint8Array([97]);
  const error = new ProtocolError("ERR_UTF8");
  const events: ClientEvent[] = [
    { type: "listening", url: "ws://a/" },
    { type: "message", direction: "received", data: "\ud800\u202e", roundTrip: 1.23456 },
    { type: "pong", direction: "received", payload, roundTrip: 0.5 },
    { type: "close", event: { code: 1007, reason: "r", wasClean: false, error } },
    { type: "waiting", delay: 5.0004, cause: "gone" },
    { type: "step", name: "reached", elapsed: 6.036163000000002, lines: ["> GET"] },
    { type: "warning", message: "danger" },
  ];
  for (const event of events) presenter.show(event);
  const time = `"time":"1970-01-01T00:00:00.000Z"`;
  assertEquals(screen.printed.split("\n"), [
    `{"type":"listening",${time},"url":"ws://a/"}`,
    `{"type":"text",${time},"direction":"received","data":"\ufffd\\u202e","roundTrip":1.235}`,
    `{"type":"pong",${time},"direction":"received","data":"YQ==","roundTrip":0.5}`,
    `{"type":"close",${time},"code":1007,"reason":"r","wasClean":false,"error":"${error.message}"}`,
    `{"type":"waiting",${time},"delay":5,"cause":"gone"}`,
    `{"type":"step",${time},"name":"reached","elapsed":6.036,"lines":["> GET"]}`,
    `{"type":"warning",${time},"message":"danger"}`,
    "",
  ]);
});

Deno.test("json presenter: round trips of messages only on request", () => {
  const screen = new Notebook();
  const presenter = new JsonPresenter(screen, { roundTrips: false, now: () => new Date(0) });
  presenter.show({ type: "message", direction: "received", data: "x", roundTrip: 1 });
  assertEquals(
    screen.printed,
    `{"type":"text","time":"1970-01-01T00:00:00.000Z","direction":"received","data":"x"}\n`,
  );
});

Deno.test("notices: errors and warnings are always told, steps only when asked for", () => {
  const warning: ClientEvent = { type: "warning", message: "danger\x1b" };
  const error: ClientEvent = { type: "error", message: "wrong" };
  const step: ClientEvent = { type: "step", name: "reached", elapsed: 2500, lines: ["> GET"] };
  for (const verbosity of ["quiet", "normal", "verbose"] as const) {
    assertEquals(noticesOf(warning, verbosity), ["client: WARNING: danger\\u001b"]);
    assertEquals(noticesOf(error, verbosity), ["client: wrong"]);
  }
  assertEquals(noticesOf(step, "normal"), []);
  assertEquals(noticesOf(step, "verbose"), ["* reached (2.50 s)", "> GET"]);
  assertEquals(noticesOf({ type: "notice", message: "x" }, "quiet"), []);
});

Deno.test("notices: times with as many digits as matter", () => {
  assertEquals([0, 0.123, 9.99, 12.34, 123.4, 999.4, 1000, 61_234].map(duration), [
    "0.00 ms",
    "0.12 ms",
    "9.99 ms",
    "12.3 ms",
    "123 ms",
    "999 ms",
    "1.00 s",
    "61.23 s",
  ]);
});
