/**
 * The compressed payloads of section 25 are what their cases say: those that must be taken inflate
 * to what is expected, and the others cannot be inflated.
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { BEYOND_CASES } from "../../../../autobahn/suite/beyond/mod.ts";
import type {
  CaseEvent,
  FrameSpec,
  ReceivedMessage,
  ScriptedCase,
} from "../../../../autobahn/suite/model/case.ts";
import { DeflateError, MessageInflater } from "../../../../autobahn/suite/wire/deflate.ts";
import { RecordingPeer } from "../cases/recording_peer.ts";

/** The scripted cases of a group. */
function scripted(group: string): ScriptedCase[] {
  return BEYOND_CASES.filter(({ id }) => id.startsWith(`${group}.`)).filter((testCase) =>
    testCase.form === "scripted"
  );
}

/** The frames that a case sends. */
async function framesOf(testCase: ScriptedCase): Promise<FrameSpec[]> {
  const peer = new RecordingPeer();
  await testCase.script(peer);
  return peer.frames;
}

/** What a strict endpoint with a window of its own makes of frames. */
function received(frames: readonly FrameSpec[]): CaseEvent[] {
  const inflater = new MessageInflater({ noContextTakeover: false, windowBits: 15 });
  const events: CaseEvent[] = [];
  let message: { binary: boolean; compressed: boolean; bytes: number[] } | undefined;
  for (const { opcode, payload = new Uint8Array(), fin = true, rsv = 0 } of frames) {
    if (opcode === 9) events.push({ type: "pong", payload });
    if (opcode > 2) continue;
    if (opcode > 0) message = { binary: opcode === 2, compressed: rsv === 4, bytes: [] };
    message!.bytes.push(...payload);
    if (!fin) continue;
    const whole = Uint8Array.from(message!.bytes);
    const { binary, compressed } = message!;
    events.push({
      type: "message",
      payload: compressed ? inflater.decompress(whole) : whole,
      binary,
    });
  }
  inflater.close();
  return events;
}

Deno.test("section 25: good messages inflate to what is expected", async () => {
  const cases = scripted("25.5");
  assert(cases.length > 20);
  for (const testCase of cases) {
    assertEquals(received(await framesOf(testCase)), testCase.expected.OK, testCase.id);
  }
});

Deno.test("section 25: bad messages cannot be inflated, or are no UTF-8", async () => {
  const cases = scripted("25.8");
  assert(cases.length > 12);
  for (const testCase of cases) {
    const frames = await framesOf(testCase);
    if (testCase.rule.includes("§8.1")) {
      const [event] = received(frames);
      const { payload } = event as ReceivedMessage;
      const decoder = new TextDecoder("utf-8", { fatal: true });
      assertThrows(() => decoder.decode(payload), TypeError, undefined, testCase.id);
    } else assertThrows(() => received(frames), DeflateError, undefined, testCase.id);
  }
});
