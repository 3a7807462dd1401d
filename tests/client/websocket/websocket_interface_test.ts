/**
 * What the class looks like from outside, beside the runtime's.
 *
 * @module
 */
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { WebSocket } from "../../../lib/client/websocket/websocket.ts";
import { type AnySocket, CLASSES, dial, next } from "./sockets.ts";

/** What ours has beyond the runtime's. */
const EXTRAS = ["connection", "ping"];

function descriptor(owner: object, key: string): PropertyDescriptor {
  const found = Object.getOwnPropertyDescriptor(owner, key);
  assert(found !== undefined, `${key} is missing`);
  return found;
}

function publicKeys(prototype: object): string[] {
  return Object.getOwnPropertyNames(prototype).sort();
}

Deno.test("WebSocket: it has the members of the runtime's class, and a few more", () => {
  const own = publicKeys(WebSocket.prototype).filter((key) => !EXTRAS.includes(key));
  assertEquals(own, publicKeys(globalThis.WebSocket.prototype));
  for (const key of EXTRAS) assert(key in WebSocket.prototype, key);
});

Deno.test("WebSocket: its type fits where that of the runtime's is asked for", async () => {
  // What matters is that this compiles.
  const Class: typeof globalThis.WebSocket = WebSocket;
  await using dialed = await dial((url) => new WebSocket(url));
  const socket: AnySocket = dialed.socket;
  const codes: number[] = [];
  dialed.socket.addEventListener("message", ({ data, origin }) => [data, origin.length]);
  dialed.socket.addEventListener("close", ({ code }) => codes.push(code));
  dialed.socket.onclose = function ({ wasClean, reason }) {
    codes.push(this.readyState, reason.length, Number(wasClean));
  };
  const closed = next(socket, "close");
  socket.close();
  await closed;
  assertEquals(codes, [1006, 3, 0, 0]);
  assert(socket instanceof Class);
});

for (const key of ["url", "readyState", "bufferedAmount", "extensions", "protocol"]) {
  Deno.test(`WebSocket: ${key} is an attribute that cannot be set, as the runtime's`, () => {
    const [own, other] = CLASSES.map(([, Class]) => descriptor(Class.prototype, key));
    assertEquals([own?.enumerable, own?.configurable], [other?.enumerable, other?.configurable]);
    assertEquals([typeof own?.get, own?.set], [typeof other?.get, undefined]);
    assertEquals(own?.get?.name, other?.get?.name);
  });
}

for (const key of ["binaryType", "onopen", "onmessage", "onerror", "onclose"]) {
  Deno.test(`WebSocket: ${key} is an attribute that can be set, as the runtime's`, () => {
    const [own, other] = CLASSES.map(([, Class]) => descriptor(Class.prototype, key));
    assertEquals([own?.enumerable, own?.configurable], [other?.enumerable, other?.configurable]);
    assertEquals([typeof own?.get, typeof own?.set], ["function", "function"]);
  });
}

for (const key of ["send", "close"]) {
  Deno.test(`WebSocket: ${key} is a method as the runtime's`, () => {
    const [own, other] = CLASSES.map(([, Class]) => descriptor(Class.prototype, key));
    const { value, ...flags } = own!;
    const { value: otherValue, ...otherFlags } = other!;
    assertEquals(flags, otherFlags);
    assertEquals([value.name, value.length], [otherValue.name, otherValue.length]);
  });
}

for (const [name, Class] of CLASSES) {
  Deno.test(`WebSocket: the constants, ${name}`, () => {
    const values = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 } as const;
    for (const [key, value] of Object.entries(values)) {
      const { writable, configurable } = descriptor(Class, key);
      assertEquals({ writable, configurable }, { writable: false, configurable: false });
      assertEquals(Reflect.get(Class, key), value);
      assertThrows(() => Reflect.set(Class, key, 9) || fail(), TypeError);
    }
  });

  Deno.test(`WebSocket: name, tag and parent, ${name}`, () => {
    assertEquals(Class.name, "WebSocket");
    assertStrictEquals(Object.getPrototypeOf(Class), EventTarget);
    assertEquals(Object.prototype.toString.call(Class.prototype), "[object WebSocket]");
  });

  Deno.test(`WebSocket: only an instance has the attributes, ${name}`, () => {
    for (const key of ["url", "readyState", "bufferedAmount", "binaryType"]) {
      assertThrows(() => Reflect.get(Class.prototype, key), TypeError);
      assertThrows(() => Reflect.get(Class.prototype, key, {}), TypeError);
    }
    assertThrows(() => Class.prototype.send.call({} as AnySocket, ""), TypeError);
    assertThrows(() => Class.prototype.close.call({} as AnySocket), TypeError);
  });

  Deno.test(`WebSocket: it has to be called with new and with a URL, ${name}`, () => {
    assertThrows(() => Reflect.apply(Class, undefined, ["ws://127.0.0.1:1/"]), TypeError);
    assertThrows(() => Reflect.construct(Class, []), TypeError);
  });

  Deno.test(`WebSocket: attributes that cannot be set stay as they are, ${name}`, async () => {
    await using dialed = await dial((url) => new Class(url));
    const { socket, url } = dialed;
    for (const key of ["url", "readyState", "bufferedAmount", "extensions", "protocol"]) {
      assertEquals(Reflect.set(socket, key, "changed"), false, key);
      assertEquals(Reflect.deleteProperty(socket, key), true, key);
    }
    assertEquals([socket.url, socket.readyState, socket.bufferedAmount], [url, 0, 0]);
    assertEquals([socket.extensions, socket.protocol], ["", ""]);
  });

  Deno.test(`WebSocket: a method can be replaced on an instance, ${name}`, async () => {
    await using dialed = await dial((url) => new Class(url));
    const { socket } = dialed;
    const close = () => {};
    socket.close = close;
    assertStrictEquals(socket.close, close);
  });
}

Deno.test("WebSocket: the constants stand on the prototype, fixed, as Web IDL has it", () => {
  for (const [key, value] of Object.entries({ CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 })) {
    const expected = { value, enumerable: true, writable: false, configurable: false };
    assertEquals(descriptor(WebSocket.prototype, key), expected);
    assertEquals(descriptor(WebSocket, key), expected);
    assertThrows(() => delete (WebSocket.prototype as unknown as Record<string, unknown>)[key]);
    const getter = { get: () => "changed" };
    assertThrows(() => Object.defineProperty(WebSocket.prototype, key, getter), TypeError);
  }
});

Deno.test("WebSocket: its constructor needs one argument", () => {
  assertEquals(WebSocket.length, 1);
});

Deno.test("WebSocket: its members can be enumerated", async () => {
  await using dialed = await dial((url) => new WebSocket(url));
  const keys = new Set<string>();
  for (const key in dialed.socket) keys.add(key);
  const expected = [
    "CLOSED",
    "addEventListener",
    "binaryType",
    "close",
    "onmessage",
    "send",
    "url",
  ];
  for (const key of [...expected, ...EXTRAS]) assert(keys.has(key), key);
});

function fail(): never {
  throw new TypeError("it cannot be set");
}
