/**
 * One sequence of messages each way, whatever happens to the connections under it. A failure
 * prints its seed, which `TIDEWIRE_SEED` sets.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  reconnecting,
  ReconnectingConnection,
} from "../../../lib/client/reconnecting/reconnecting.ts";
import { type Opened, settle } from "../../support/connection_pair.ts";
import { seeded } from "../../support/seed.ts";
import { answerClose, breakOff, closeByPeer, Rig } from "./rig.ts";

Deno.test("reconnecting: the function gives what the class is, and needs no options", async () => {
  const connection = reconnecting("ws://127.0.0.1:9/");
  assert(connection instanceof ReconnectingConnection);
  assertEquals(connection.state, "connecting");
  assertEquals([connection.bufferedAmount, connection.droppedMessages], [0, 0]);
  assertEquals((await connection.close()).why, "closed");
});

/** What happens in one step. */
const STEPS = ["send", "receive", "open", "fail", "break", "close", "wait"] as const;
type Step = typeof STEPS[number];

/** A reconnecting connection to which steps happen, and all that was sent each way. */
class Scene {
  readonly rig = new Rig({ backoff: { base: 10, cap: 100 }, stableAfter: 50 });
  readonly sent: string[] = [];
  readonly arrived: string[] = [];
  readonly offered: string[] = [];
  readonly received: string[] = [];
  readonly #loop: Promise<void>;
  #attempts = 0;
  #opened: Opened | undefined;

  constructor() {
    this.#loop = (async () => {
      for await (const message of this.rig.tested) this.received.push(String(message));
    })();
  }

  async step(step: Step): Promise<void> {
    const { rig } = this;
    const opened = this.#opened;
    if (step === "send") this.#send();
    if (step === "wait") await rig.clock.advance(60);
    if (step === "receive") this.#offer();
    if (step === "open" && this.#pending) this.#opened = await (await this.#next()).open();
    if (step === "fail" && this.#pending) await (await this.#next()).fail();
    if (opened !== undefined && (step === "break" || step === "close")) {
      this.#opened = undefined;
      await (step === "break" ? breakOff(opened) : closeByPeer(opened, 1012));
    }
    await settle();
    this.#take(opened);
    this.#take(this.#opened);
  }

  /** Opens a last connection, lets all that waits leave, and ends it. */
  async finish(): Promise<void> {
    const { rig } = this;
    if (this.#opened === undefined) {
      await rig.clock.advance(100);
      this.#opened = await (await this.#next()).open();
    }
    this.#take(this.#opened);
    rig.tested.close();
    await answerClose(this.#opened);
    await this.#loop;
    await rig.over();
  }

  get #pending(): boolean {
    return this.rig.attempts.length > this.#attempts;
  }

  async #next() {
    this.#attempts++;
    return await this.rig.attempt();
  }

  #send(): void {
    this.sent.push(`to ${this.sent.length}`);
    this.rig.tested.send(this.sent.at(-1)!);
  }

  #offer(): void {
    if (this.#opened === undefined) return;
    this.offered.push(`from ${this.offered.length}`);
    this.#opened.peer.sendText(this.offered.at(-1)!);
  }

  #take(opened: Opened | undefined): void {
    const lines = opened?.peer.takeLines() ?? [];
    for (const line of lines) {
      if (line.startsWith("text ")) this.arrived.push(line.slice("text ".length));
    }
  }
}

Deno.test("reconnecting: every message arrives once and in order, where nothing is in flight at a loss", async () => {
  const property = fc.asyncProperty(
    fc.array(fc.constantFrom(...STEPS), { maxLength: 60 }),
    async (steps) => {
      const scene = new Scene();
      for (const step of steps) await scene.step(step);
      await scene.finish();
      assertEquals(scene.arrived, scene.sent);
      assertEquals(scene.received, scene.offered);
    },
  );
  await fc.assert(property, seeded({ numRuns: 150, interruptAfterTimeLimit: 3000 }));
});
