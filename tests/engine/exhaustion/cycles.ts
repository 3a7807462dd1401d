/**
 * Opens and ends connections to a server over and over, on every way there is, and tells
 * after each round what is left: descriptors, places, connections, bytes of heap.
 *
 * Usage: cycles.ts <engine> <rounds> <cycles of each way in a round>
 *
 * @module
 */
import type { EngineName } from "../../../lib/connection/transport.ts";
import { closePayload, RawPeer, upgradeRequest } from "../../support/raw_peer.ts";
import { ECHO, ServerRig } from "../../support/server_rig.ts";
import { limitDescriptors, openDescriptors } from "./libc.ts";

const LIMIT = 1024;
/** Connections at a time. */
const BATCH = 20;

/** Ways for a connection to end; each begins with a fresh one. */
const WAYS: readonly ((peer: RawPeer) => Promise<unknown>)[] = [
  // In order.
  async (peer) => {
    await peer.requestUpgrade();
    await peer.sendMasked({ opcode: 1, payload: "hello" });
    await peer.readFrame();
    await peer.sendMasked({ opcode: 8, payload: closePayload(1000) });
    await peer.readFrame();
  },
  // In order, as the server wishes.
  async (peer) => {
    await peer.requestUpgrade({ startLine: "GET /closes HTTP/1.1" });
    await peer.readFrame();
    await peer.sendMasked({ opcode: 8, payload: closePayload(1000) });
  },
  // A broken rule.
  async (peer) => {
    await peer.requestUpgrade();
    await peer.sendMasked({ opcode: 3 });
    await peer.readToEnd();
  },
  // No close frame.
  async (peer) => {
    await peer.requestUpgrade();
    await peer.halfClose();
    await peer.readToEnd();
  },
  // A reset, open and before.
  async (peer) => {
    await peer.requestUpgrade();
    await peer.reset();
  },
  (peer) => peer.reset(),
  // Refusals: by the check, the routes, the application.
  ...["GET / HTTP/1.0", "GET /none HTTP/1.1", "GET /refuses HTTP/1.1", "GET /throws HTTP/1.1"].map(
    (startLine) => async (peer: RawPeer) => {
      await peer.write(upgradeRequest({ startLine }));
      await peer.readHead();
    },
  ),
  // Plain HTTP.
  async (peer) => {
    await peer.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await peer.readHead();
  },
];

async function cycle(port: number, way: (peer: RawPeer) => Promise<unknown>): Promise<void> {
  await using peer = await RawPeer.connect(port);
  await way(peer);
}

/** Does something as often as was asked for, a few at a time. */
async function many(work: () => Promise<void>): Promise<void> {
  for (let done = 0; done < Number(cycles); done += BATCH) {
    await Promise.all(Array.from({ length: BATCH }, work));
  }
}

const [engine, rounds, cycles] = Deno.args;
const rig = new ServerRig({
  engine: engine as EngineName,
  fetch: () => new Response("plain"),
  // The runtime keeps the timer of a socket that failed until it fires.
  endpoint: { ...ECHO, ...(engine === "native" ? { heartbeat: false } : {}) },
  routes: {
    "/closes": { open: (connection) => void connection.close(1000) },
    "/refuses": { upgrade: () => new Response("no", { status: 401 }) },
    "/throws": {
      upgrade: () => {
        throw new Error("no");
      },
    },
    "/none": { upgrade: () => new Response("", { status: 404 }) },
  },
});
/** For those who are silent; the runtime has no time limit for them. */
const impatient = engine === "native"
  ? undefined
  : new ServerRig({ engine: engine as EngineName, handshakeTimeout: 20 });
limitDescriptors(LIMIT);
for (let round = 0; round < Number(rounds); round++) {
  for (const way of WAYS) await many(() => cycle(rig.port, way));
  if (impatient !== undefined) {
    await many(() => cycle(impatient.port, (peer) => peer.readToEnd()));
    await impatient.untilPlaces(0);
  }
  await rig.untilPlaces(0);
  const unexpected = rig.errors.map(String).filter((error) => error !== "Error: no");
  rig.forget();
  // The runtime closes descriptors a moment after it was asked to.
  await new Promise((resolve) => setTimeout(resolve, 50));
  // What is held weakly goes only the second time.
  for (let turn = 0; turn < 2; turn++) (globalThis as unknown as { gc(): void }).gc();
  console.log(JSON.stringify({
    descriptors: openDescriptors(LIMIT),
    places: rig.places,
    connections: rig.gate.connections.size,
    heap: Deno.memoryUsage().heapUsed,
    unexpected,
  }));
}
await rig.shutdown(1000);
await impatient?.shutdown(1000);
