import { assert, assertEquals } from "@std/assert";
import { Session } from "../../../lib/cli/page/session.js";

type CloseInit = { code: number; reason: string; wasClean: boolean };

/** Stands in for the browser's class; the test plays the server. */
class FakeSocket {
  static readonly OPEN = 1;
  static last: FakeSocket;
  readyState = 0;
  protocol = "";
  bufferedAmount = 0;
  binaryType = "blob";
  readonly sent: unknown[] = [];
  readonly closed: unknown[] = [];
  onopen: () => void = () => {};
  onmessage: (event: { data: unknown }) => void = () => {};
  onclose: (event: CloseInit) => void = () => {};

  constructor(readonly url: URL, readonly protocols: string[]) {
    FakeSocket.last = this;
  }

  send(data: unknown): void {
    this.sent.push(data);
  }

  close(...args: unknown[]): void {
    this.closed.push(args);
  }

  open(): void {
    this.readyState = FakeSocket.OPEN;
    this.onopen();
  }
}

/** Runs `body` with a session whose events are recorded, over the stand-in. */
function withSession(body: (session: Session, events: unknown[][]) => void): void {
  const real = globalThis.WebSocket;
  const events: unknown[][] = [];
  globalThis.WebSocket = FakeSocket as unknown as typeof WebSocket;
  try {
    const session = new Session({
      state: (state) => events.push(["state", state]),
      message: (data, roundTrip) => events.push(["message", data, typeof roundTrip]),
      close: (end) => events.push(["close", end]),
    });
    session.open(new URL("ws://localhost/echo"), ["chat"]);
    body(session, events);
  } finally {
    globalThis.WebSocket = real;
  }
}

const END = { code: 1000, reason: "bye", wasClean: true };

Deno.test("page session: opens, sends, closes, and says so", () => {
  withSession((session, events) => {
    const socket = FakeSocket.last;
    assertEquals([socket.url.href, socket.protocols], ["ws://localhost/echo", ["chat"]]);
    assertEquals(socket.binaryType, "arraybuffer");
    assert(session.isActive && !session.isOpen);
    socket.protocol = "chat";
    socket.open();
    assert(session.isOpen);
    assertEquals(session.protocol, "chat");
    session.send("a");
    assertEquals(socket.sent, ["a"]);
    session.close({ code: 3001, reason: "enough" });
    assertEquals(socket.closed, [[3001, "enough"]]);
    socket.onclose(END);
    assert(!session.isActive && !session.isOpen);
    assertEquals(events, [
      ["state", "connecting"],
      ["state", "open"],
      ["state", "closing"],
      ["state", "closed"],
      ["close", { opened: true, closedHere: true, ...END }],
    ]);
  });
});

Deno.test("page session: tells a refusal, a cancellation and a loss apart", () => {
  withSession((session, events) => {
    const lost = { code: 1006, reason: "", wasClean: false };
    FakeSocket.last.onclose(lost);
    assertEquals(events.at(-1), ["close", { opened: false, closedHere: false, ...lost }]);
    session.open(new URL("ws://localhost/"), []);
    session.close({ code: 1000, reason: "" });
    FakeSocket.last.onclose(lost);
    assertEquals(events.at(-1), ["close", { opened: false, closedHere: true, ...lost }]);
    session.open(new URL("ws://localhost/"), []);
    FakeSocket.last.open();
    FakeSocket.last.onclose(lost);
    assertEquals(events.at(-1), ["close", { opened: true, closedHere: false, ...lost }]);
  });
});

Deno.test("page session: only an echo has a round trip, and each once", () => {
  withSession((session, events) => {
    const socket = FakeSocket.last;
    socket.open();
    for (const data of ["a", "b", "b", "c"]) session.send(data);
    events.length = 0;
    for (const data of ["other", "b", "a", "b", "b", "c"]) socket.onmessage({ data });
    assertEquals(events, [
      ["message", "other", "undefined"],
      ["message", "b", "number"],
      ["message", "a", "undefined"],
      ["message", "b", "number"],
      ["message", "b", "undefined"],
      ["message", "c", "number"],
    ]);
  });
});

Deno.test("page session: what waits for an echo is bounded", () => {
  withSession((session, events) => {
    const socket = FakeSocket.last;
    socket.open();
    for (let index = 0; index <= 1000; index++) session.send(String(index));
    socket.onmessage({ data: "0" });
    assertEquals(events.at(-1), ["message", "0", "undefined"]);
    socket.onmessage({ data: "1" });
    assertEquals(events.at(-1), ["message", "1", "number"]);
  });
});

Deno.test("page session: congestion is more than 1 MiB that the network has not taken", () => {
  withSession((session) => {
    FakeSocket.last.bufferedAmount = 1024 * 1024;
    assert(!session.isCongested);
    FakeSocket.last.bufferedAmount++;
    assert(session.isCongested);
  });
});
