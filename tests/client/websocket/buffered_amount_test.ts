import { assertEquals } from "@std/assert";
import { BufferedAmount, type WireBuffer } from "../../../lib/client/websocket/buffered_amount.ts";
import { open, tasksDone } from "./sockets.ts";

/** A connection whose bytes leave when the test says so. */
class Wire implements WireBuffer {
  bufferedAmount = 0;
  readonly #amount: BufferedAmount;

  constructor(amount: BufferedAmount) {
    this.#amount = amount;
  }

  /** Sends a message of `bytes` bytes, in a frame that has 6 more. */
  send(bytes: number): void {
    this.#amount.add(bytes);
    this.#amount.handOver(this, bytes, () => this.bufferedAmount += bytes + 6);
  }
}

Deno.test("bufferedAmount: it is the application data, without frames", async () => {
  const amount = new BufferedAmount();
  const wire = new Wire(amount);
  assertEquals(amount.value, 0);
  wire.send(10);
  wire.send(20);
  assertEquals(amount.value, 30);
  await tasksDone();
  assertEquals(amount.value, 30);
});

Deno.test("bufferedAmount: what has left is taken off, message by message", async () => {
  const amount = new BufferedAmount();
  const wire = new Wire(amount);
  wire.send(10);
  wire.send(20);
  await tasksDone();
  wire.bufferedAmount -= 15;
  assertEquals(amount.value, 30);
  wire.bufferedAmount -= 1;
  assertEquals(amount.value, 20);
  wire.bufferedAmount = 0;
  assertEquals(amount.value, 0);
});

Deno.test("bufferedAmount: within a task it does not go down", async () => {
  const amount = new BufferedAmount();
  const wire = new Wire(amount);
  wire.send(10);
  wire.bufferedAmount = 0;
  assertEquals(amount.value, 10);
  await Promise.resolve();
  wire.send(5);
  wire.bufferedAmount = 0;
  assertEquals(amount.value, 15);
  await tasksDone();
  assertEquals(amount.value, 0);
});

Deno.test("bufferedAmount: what left before the task is taken off all the same", async () => {
  const amount = new BufferedAmount();
  const wire = new Wire(amount);
  wire.send(10);
  await tasksDone();
  wire.bufferedAmount = 0;
  wire.send(1);
  assertEquals(amount.value, 1);
  await tasksDone();
});

Deno.test("bufferedAmount: a control frame that waits takes nothing off", async () => {
  const amount = new BufferedAmount();
  const wire = new Wire(amount);
  wire.send(10);
  await tasksDone();
  wire.bufferedAmount = 6;
  assertEquals(amount.value, 10);
  wire.bufferedAmount = 0;
  assertEquals(amount.value, 0);
});

Deno.test("bufferedAmount: a message that was dropped or compressed away is taken off", async () => {
  const amount = new BufferedAmount();
  const wire = new Wire(amount);
  wire.send(10);
  amount.add(1000);
  amount.handOver(wire, 1000, () => {});
  await tasksDone();
  assertEquals(amount.value, 1010);
  wire.bufferedAmount = 0;
  assertEquals(amount.value, 0);
});

Deno.test("bufferedAmount: what is never handed over stays in", async () => {
  const amount = new BufferedAmount();
  const wire = new Wire(amount);
  amount.add(7);
  wire.send(10);
  await tasksDone();
  wire.bufferedAmount = 0;
  assertEquals(amount.value, 7);
});

Deno.test("WebSocket: bufferedAmount counts UTF-8, bytes and Blobs", async () => {
  await using opened = await open();
  const { socket } = opened;
  const sizes: number[] = [];
  const all = ["Hello", "é€🔌", new ArrayBuffer(10), Uint16Array.of(1, 2, 3), new Blob(["ab"]), ""];
  for (const data of all) {
    socket.send(data);
    sizes.push(socket.bufferedAmount);
  }
  assertEquals(sizes, [5, 14, 24, 30, 32, 32]);
});

Deno.test("WebSocket: bufferedAmount goes down to 0 in a later task, and not before", async () => {
  await using opened = await open();
  const { socket, peer } = opened;
  const data = "x".repeat(65_000);
  socket.send(data);
  assertEquals(socket.bufferedAmount, 65_000);
  for (let step = 0; step < 10; step++) await null;
  assertEquals(socket.bufferedAmount, 65_000);
  assertEquals((await peer.readFrame()).payload.length, 65_000);
  await tasksDone();
  assertEquals(socket.bufferedAmount, 0);
});

Deno.test("WebSocket: once it closes, bufferedAmount only grows", async () => {
  await using opened = await open();
  const { socket, peer } = opened;
  const amounts: number[] = [];
  const closed = Promise.withResolvers<void>();
  const send = () => {
    socket.send("abc");
    socket.send(new Blob(["de"]));
    amounts.push(socket.bufferedAmount);
  };
  socket.onclose = () => {
    send();
    closed.resolve();
  };
  socket.close(1000);
  send();
  const { payload } = await peer.readFrame();
  await peer.send({ opcode: 8, payload });
  await peer.halfClose();
  await closed.promise;
  await tasksDone();
  send();
  assertEquals(amounts, [5, 10, 15]);
});

Deno.test("WebSocket: a close frame that waits brings no message back that has left", async () => {
  await using opened = await open();
  const { socket, peer } = opened;
  socket.send("abc");
  await peer.readFrame();
  await tasksDone();
  socket.close(1000);
  socket.send("too late");
  assertEquals(socket.bufferedAmount, 8);
});

Deno.test("WebSocket: what could not be sent stays in bufferedAmount at the end", async () => {
  await using opened = await open({ writeTimeout: 200 });
  const { socket } = opened;
  const ended = Promise.withResolvers<void>();
  socket.onclose = () => ended.resolve();
  const size = 40_000_000; // more than the buffers of the system hold; the server reads nothing
  socket.send(new Uint8Array(size));
  await ended.promise;
  await tasksDone();
  assertEquals(socket.bufferedAmount, size);
});
