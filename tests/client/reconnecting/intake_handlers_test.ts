/**
 * The handlers of the application beside those that take the messages.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { ReconnectingHandlers } from "../../../lib/client/reconnecting/intake.ts";
import type { Connection } from "../../../lib/connection/connection.ts";
import { OP, settle } from "../../support/connection_pair.ts";
import { answerClose, breakOff, closeByPeer, Rig } from "./rig.ts";

Deno.test("handlers: each connection gets them, with itself as the first argument", async () => {
  const log: string[] = [];
  const seen = new Set<Connection>();
  const note = (connection: Connection, text: string) => {
    seen.add(connection);
    log.push(text);
  };
  const handlers: ReconnectingHandlers = {
    open: (connection) => note(connection, "open"),
    ping: (connection, payload) => note(connection, `ping ${payload.toHex()}`),
    pong: (connection, payload) => note(connection, `pong ${payload.toHex()}`),
    drain: (connection) => note(connection, "drain"),
    close: (connection, { code }) => note(connection, `close ${code}`),
  };
  const rig = new Rig({ handlers, sendHighWaterMark: 10 });
  const first = await rig.open();
  first.peer.send({ opcode: OP.PING, payload: new Uint8Array([1]) });
  first.peer.send({ opcode: OP.PONG, payload: new Uint8Array([2]) });
  await settle();
  rig.tested.send("more than the mark");
  await settle();
  await closeByPeer(first, 1012);
  await rig.clock.advance(499);
  const second = await rig.open();
  await breakOff(second);
  const expected = ["open", "ping 01", "pong 02", "drain", "close 1012", "open", "close 1006"];
  assertEquals(log, expected);
  assertEquals([...seen], [first.connection, second.connection]);
  await rig.end();
});

Deno.test("handlers: one that belongs to an object is called on it", async () => {
  class Counter implements ReconnectingHandlers {
    #opened = 0;
    #closed = 0;
    open(): void {
      this.#opened++;
    }
    close(): void {
      this.#closed++;
    }
    get counts(): number[] {
      return [this.#opened, this.#closed];
    }
  }
  const handlers = new Counter();
  const rig = new Rig({ handlers });
  await breakOff(await rig.open());
  assertEquals(handlers.counts, [1, 1]);
  await rig.end();
});

Deno.test("handlers: open that never settles keeps its own messages back, and no others", async () => {
  let opened = 0;
  const silent = Promise.withResolvers<void>().promise;
  const rig = new Rig({ handlers: { open: () => opened++ === 0 ? silent : undefined } });
  const received: unknown[] = [];
  rig.tested.receive().then((message) => received.push(message));
  const first = await rig.open();
  first.peer.sendText("late");
  await settle();
  assertEquals(received, []);
  await breakOff(first);
  assertEquals(received, ["late"]);
  await rig.clock.advance(499);
  const second = await rig.open();
  second.peer.sendText("two");
  assertEquals(await rig.tested.receive(), "two");
  await rig.end();
});

Deno.test("handlers: one that throws closes its connection with 1011, and another one follows", async () => {
  const errors: unknown[] = [];
  let opened = 0;
  const rig = new Rig({
    handlers: {
      open: async () => {
        await Promise.resolve();
        if (opened++ === 0) throw new Error("not ready");
      },
      error: (_, error) => void errors.push(error),
    },
  });
  const first = await rig.open();
  assertEquals(await answerClose(first), ["close 1011"]);
  assertEquals(errors.map(String), ["Error: not ready"]);
  await rig.clock.advance(499);
  const second = await rig.open();
  second.peer.sendText("ready");
  assertEquals(await rig.tested.receive(), "ready");
  await rig.end();
});
