/**
 * Clients with a fault each fail the cases that are about it, and no others.
 */
import { assertEquals } from "@std/assert";
import { compareIds } from "../../../../autobahn/suite/model/ids.ts";
import { testClients } from "../../../../autobahn/suite/run/test_clients.ts";
import { acceptKey } from "../../../../autobahn/suite/wire/handshake.ts";
import { connect } from "../../../../lib/mod.ts";
import { type Mending, MendingProxy } from "./mending_proxy.ts";
import {
  casesOf,
  each,
  isGood,
  made,
  type Planted,
  range,
  setField,
  shortened,
  TOGETHER,
} from "./planted.ts";

const CLIENTS: Readonly<Record<string, Planted>> = {
  "Accept is not looked at": {
    mending: () => accepting(),
    groups: ["21.4"],
    fails: [...range("21.4", 1, 7), ...range("21.4", 16, 17)],
  },
  "any status will do": {
    mending: { response: (head) => head.replace(/^.*\r\n/, "HTTP/1.1 101 Fine\r\n") },
    groups: ["21.6"],
    fails: [...range("21.6", 1, 14), ...range("21.6", 15, 20)],
  },
  "Upgrade is not looked at": {
    mending: { response: (head) => setField(head, "Upgrade", "websocket") },
    groups: ["21.4"],
    fails: range("21.4", 8, 11),
  },
  "Connection is not looked at": {
    mending: { response: (head) => setField(head, "Connection", "Upgrade") },
    groups: ["21.4"],
    fails: range("21.4", 12, 15),
  },
  "whatever is accepted is ignored": {
    mending: { response: (head) => head.replace(/^Sec-WebSocket-(Pro|Ext).*\r\n/gim, "") },
    groups: ["21.5", "25.3"],
    fails: [...range("21.5", 1, 7), ...range("25.3", 1, 14)],
  },
  "the port is left out": {
    mending: { request: (head) => head.replace(/^(Host: [^:\r]*):\d+/im, "$1") },
    groups: ["21.1"],
    fails: ["21.1.2"],
  },
  "the version is left out": {
    mending: { request: (head) => head.replace(/^Sec-WebSocket-Version:.*\r\n/im, "") },
    groups: ["21.1"],
    fails: ["21.1.5"],
  },
  "the key is short": {
    mending: { request: (head) => setField(head, "Sec-WebSocket-Key", "c2hvcnQ=") },
    groups: ["21.1"],
    fails: range("21.1", 1, 8),
  },
  "masked frames are taken": {
    mending: { back: each(({ mask }) => mask ? { mask: false } : {}) },
    groups: ["22.2"],
    fails: range("22.2", 1, 8),
  },
  "all frames have the same key": {
    mending: { ahead: each(() => ({ mask: Uint8Array.of(1, 2, 3, 4) })) },
    groups: ["22.4"],
    fails: ["22.4.1"],
  },
  "frames are not masked": {
    mending: { ahead: each(() => ({ mask: false })) },
    groups: ["22.4"],
    fails: ["22.4.1", "22.4.2"],
  },
  "lengths may have any form": {
    mending: { back: shortened },
    groups: ["22.7"],
    fails: range("22.7", 1, 8),
  },
};

/** Mends the proof in an answer. */
function accepting(): Mending {
  let key = "";
  return {
    request: (head) => {
      key = /^Sec-WebSocket-Key: (.*)\r\n/im.exec(head)?.[1] ?? "";
      return head;
    },
    response: (head) => setField(head, "Sec-WebSocket-Accept", acceptKey(key)),
  };
}

/** The same, for a client that knows the suite's port and not only the proxy's. */
function aimed(mending: Planted["mending"], port: number): () => Mending {
  const make = made(mending);
  return () => {
    const { request = (head: string): string => head, ...rest } = make();
    return { ...rest, request: (head) => request(setField(head, "Host", `127.0.0.1:${port}`)) };
  };
}

/** How long results may take when the clients are gone, in milliseconds. */
const PATIENCE = 30_000;

/** The cases that a client with a fault fails. */
async function failedByClient({ mending, groups }: Planted): Promise<string[]> {
  const cases = casesOf(groups, "client");
  const failed: string[] = [];
  let count = 0;
  const listening = Promise.withResolvers<Deno.NetAddr>();
  const stop = new AbortController();
  const done = testClients({
    hostname: "127.0.0.1",
    port: 0,
    cases,
    signal: stop.signal,
    onListen: listening.resolve,
    onUpdateReports: () => Promise.resolve(),
    onResult: (result) => {
      if (!isGood(result)) failed.push(result.id);
      if (++count === cases.length) stop.abort();
    },
  });
  const { port } = await listening.promise;
  await using proxy = new MendingProxy(port, aimed(mending, port));
  await Promise.all(cases.map(async (_, index) => {
    const url = `ws://127.0.0.1:${proxy.port}/runCase?case=${index + 1}&agent=planted`;
    try {
      const connection = await connect(url, {
        handlers: { message: (connection, data) => connection.send(data) },
      });
      await connection.closed;
    } catch {
      // Many cases are about handshakes that a client must not go along with.
    }
  }));
  // A client that did not come leaves its case without a result.
  const late = setTimeout(() => stop.abort(), PATIENCE);
  await done;
  clearTimeout(late);
  assertEquals(count, cases.length);
  return failed.toSorted(compareIds);
}

Deno.test("planted faults: a client fails the cases that are about its fault", async (t) => {
  await Promise.all(
    Object.entries(CLIENTS).map(([name, planted]) =>
      t.step({
        name,
        fn: async () => assertEquals(await failedByClient(planted), planted.fails),
        ...TOGETHER,
      })
    ),
  );
});
