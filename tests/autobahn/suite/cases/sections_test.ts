/**
 * What the scripted cases send, and when their patience ends.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { toHex } from "../../../../autobahn/suite/cases/bytes.ts";
import { joinBytes, utf8 } from "../../../../autobahn/suite/wire/bytes.ts";
import { encodeFrame } from "../../../../autobahn/suite/wire/frame.ts";
import { AUTOBAHN_CASES } from "../../../../autobahn/suite/cases/mod.ts";
import { scripted } from "./find_case.ts";
import { type Deed, type RecordingOptions, RecordingPeer } from "./recording_peer.ts";

/** Runs the script of a case on a peer without a network. */
async function play(id: string, options: RecordingOptions = {}): Promise<RecordingPeer> {
  const peer = new RecordingPeer(options);
  await scripted(id).script(peer);
  return peer;
}

/** A frame as `opcode`, `fin`, `rsv` and the payload's length, with its chops if any. */
function inShort(peer: RecordingPeer): string[] {
  return peer.frames.map(({ opcode, fin = true, rsv = 0, payload, chopBytes }) => {
    const chop = chopBytes === undefined ? "" : ` by ${chopBytes}`;
    return `${opcode}${fin ? "" : "…"} rsv${rsv} ${payload?.length ?? 0}${chop}`;
  });
}

/** The milliseconds of the one deed that ends the patience. */
function patience(peer: RecordingPeer): string {
  const found = peer.deeds.flatMap((deed) =>
    deed.did === "killAfter" || deed.did === "closeAfter"
      ? [`${deed.did} ${deed.milliseconds}`]
      : []
  );
  assertEquals(found.length, 1);
  return found[0] ?? "";
}

Deno.test("section 1: the lengths, the pieces and the time for an echo", async () => {
  const lengths = [0, 125, 126, 127, 128, 65_535, 65_536, 65_536];
  for (const [group, opcode] of [["1.1", 1], ["1.2", 2]] as const) {
    for (const [index, length] of lengths.entries()) {
      const peer = await play(`${group}.${index + 1}`);
      assertEquals(inShort(peer), [`${opcode} rsv0 ${length}${index === 7 ? " by 997" : ""}`]);
      assertEquals(patience(peer), `killAfter ${length < 1_000 ? 1_000 : 10_000}`);
    }
  }
});

Deno.test("section 2: pings up to 125 bytes are answered, and one of 126 is not", async () => {
  const longest = await play("2.4");
  assertEquals(inShort(longest), ["9 rsv0 125"]);
  const tooLong = await play("2.5");
  assertEquals(inShort(tooLong), ["9 rsv0 126"]);
  assertEquals(scripted("2.5").expectedClose, {
    closedByMe: false,
    closeCodes: [1002],
    requireClean: false,
  });
  assertEquals((await play("2.11")).frames.map(({ chopBytes }) => chopBytes), Array(10).fill(1));
  assertEquals(scripted("2.10").expected.OK?.length, 10);
});

Deno.test("section 3: the reserved bits are counted through", async () => {
  const frames = await Promise.all(["3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "3.7"].map(
    async (id) => inShort(await play(id)),
  ));
  assertEquals(frames, [
    ["1 rsv1 12"],
    ["1 rsv0 12", "1 rsv2 12", "9 rsv0 0"],
    ["1 rsv0 12 by Infinity", "1 rsv3 12 by Infinity", "9 rsv0 0 by Infinity"],
    ["1 rsv0 12 by 1", "1 rsv4 12 by 1", "9 rsv0 0 by 1"],
    ["2 rsv5 8"],
    ["9 rsv6 12"],
    ["8 rsv7 0"],
  ]);
});

Deno.test("section 4: every reserved opcode is used once", async () => {
  const used: number[] = [];
  for (const group of ["4.1", "4.2"]) {
    for (let position = 1; position <= 5; position++) {
      const { frames } = await play(`${group}.${position}`);
      used.push(...frames.map(({ opcode }) => opcode).filter((opcode) => (opcode & 7) > 2));
    }
  }
  assertEquals(used, [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]);
});

Deno.test("section 5: the fragments", async () => {
  assertEquals(inShort(await play("5.1")), ["9… rsv0 8", "0 rsv0 14"]);
  assertEquals(inShort(await play("5.2")), ["10… rsv0 8", "0 rsv0 14"]);
  assertEquals(inShort(await play("5.6")), ["1… rsv0 10", "9 rsv0 10", "0 rsv0 14"]);
  assertEquals(inShort(await play("5.11")), ["0 rsv0 15 by 1", "1 rsv0 9 by 1"]);
  assertEquals(inShort(await play("5.13")), ["0… rsv0 15 by Infinity", "1 rsv0 9 by Infinity"]);
  assertEquals(inShort(await play("5.18")), ["1… rsv0 10", "1 rsv0 14"]);
  assertEquals((await play("5.16")).frames.map(({ opcode }) => opcode), [0, 1, 0, 0, 1, 0]);
});

Deno.test("case 5.19: a second passes between the two parts", async () => {
  const peer = await play("5.19");
  assertEquals(peer.did, [
    ...["send", "send", "send", "wait"],
    ...["send", "send", "send", "send", "closeAfter"],
  ]);
  assertEquals(peer.frames.map(({ opcode }) => opcode), [1, 0, 9, 0, 0, 9, 0]);
});

Deno.test("case 5.19: nothing is sent once the connection has ended", async () => {
  const peer = new RecordingPeer({ waits: [false] });
  peer.state = "closed";
  await scripted("5.19").script(peer);
  assertEquals(peer.did, ["send", "send", "send", "wait"]);
});

Deno.test("case 6.2.3: text in fragments of one byte", async () => {
  const [deed] = (await play("6.2.3")).deeds;
  assert(deed?.did === "sendMessage");
  assertEquals(deed.options, { binary: false, fragmentBytes: 1 });
});

/** The three parts of the cases 6.4. */
const BY_CHARACTER = ["cebae1bdb9cf83cebcceb5", "f4908080", "656469746564"];
const BY_BYTE = ["cebae1bdb9cf83cebcceb5f4", "90", "8080656469746564"];

for (const [id, parts] of [["6.4.1", BY_CHARACTER], ["6.4.2", BY_BYTE]] as const) {
  Deno.test(`case ${id}: three frames, while the testee takes them`, async () => {
    const { frames, received } = await play(id);
    assertEquals(frames.map(({ payload }) => toHex(payload ?? utf8("none"))), [...parts]);
    assertEquals(frames.map(({ opcode, fin = true }) => [opcode, fin]), [
      [1, false],
      [0, false],
      [0, true],
    ]);
    assertEquals(received, scripted(id).expected["NON-STRICT"]);
  });
}

/** What goes over the wire with these deeds, when the suite is what `testee` is not. */
function wire(deeds: readonly Deed[], testee: "server" | "client"): Uint8Array {
  return joinBytes(deeds.flatMap((deed) => {
    if (deed.did === "send") return [encodeFrame(deed.frame, { masked: testee === "server" })];
    return deed.did === "sendBytes" ? [deed.bytes] : [];
  }));
}

for (const [id, parts] of [["6.4.3", BY_CHARACTER], ["6.4.4", BY_BYTE]] as const) {
  Deno.test(`case ${id}: three pieces of one frame, masked as one towards a server`, async () => {
    const toServer = wire((await play(id)).deeds, "server");
    const payload = parts.join("");
    assertEquals(toHex(toServer.subarray(0, 2)), `81${(0x80 + payload.length / 2).toString(16)}`);
    const mask = toServer.subarray(2, 6);
    const unmasked = toServer.subarray(6).map((byte, at) => byte ^ (mask[at % 4] ?? 0));
    assertEquals(toHex(unmasked), payload);
    const toClient = wire((await play(id, { testee: "client" })).deeds, "client");
    assertEquals(toHex(toClient), `81${(payload.length / 2).toString(16)}${payload}`);
  });
}

Deno.test("cases 6.4: what is refused is not followed by anything", async () => {
  for (const id of ["6.4.1", "6.4.2", "6.4.3", "6.4.4"]) {
    const strict = await play(id, { waits: [true, false] });
    assertEquals(strict.received, scripted(id).expected.OK);
    assertEquals(strict.did.length, 4);
    const hasty = await play(id, { waits: [false] });
    assertEquals(hasty.received, []);
    assertEquals(hasty.did.length, 2);
  }
});

Deno.test("section 6: invalid text fails the case when the suite has to close", () => {
  for (const each of AUTOBAHN_CASES) {
    if (!each.id.startsWith("6.") || each.form !== "scripted") continue;
    const { closedByMe, closeCodes, wrongCloserFails = false } = each.expectedClose;
    assertEquals(wrongCloserFails, !closedByMe, each.id);
    assertEquals(closeCodes, closedByMe ? [1000] : [1007], each.id);
  }
});

Deno.test("section 7: the bodies of the close frames", async () => {
  const closes = await Promise.all(["7.3.1", "7.3.2", "7.3.3", "7.3.5", "7.3.6"].map(async (id) => {
    const [deed] = (await play(id)).deeds;
    assert(deed?.did === "sendClose");
    return [deed.code, deed.reason?.length];
  }));
  assertEquals(closes, [
    [undefined, undefined],
    [undefined, 1],
    [1000, undefined],
    [1000, 123],
    [1000, 124],
  ]);
});

Deno.test("section 7: what comes around the close frame", async () => {
  assertEquals((await play("7.1.2")).did, ["sendClose", "send", "killAfter"]);
  assertEquals((await play("7.1.5")).did, ["send", "sendClose", "send", "killAfter"]);
  const { deeds, frames } = await play("7.1.6");
  assertEquals(deeds.map(({ did }) => did), ["send", "send", "sendClose", "send", "killAfter"]);
  assertEquals(frames.map(({ opcode }) => opcode), [1, 1, 9]);
  assertEquals(frames[0]?.payload?.length, 262_144);
});

Deno.test("section 7: only three cases are informational", () => {
  const found = AUTOBAHN_CASES.filter((each) => each.form === "scripted" && each.informational);
  assertEquals(found.map(({ id }) => id), ["7.1.6", "7.13.1", "7.13.2"]);
});

Deno.test("section 7: a wrong code fails the others, which close themselves but for the first", () => {
  for (const each of AUTOBAHN_CASES) {
    if (!each.id.startsWith("7.") || each.form !== "scripted" || each.informational) continue;
    assertEquals(each.wrongCodeFails, true, each.id);
    assertEquals(each.closesItself ?? false, each.id !== "7.1.1", each.id);
  }
});

Deno.test("case 10.1.1: it fails unless the message went in 51 frames", () => {
  const review = scripted("10.1.1").review;
  const peer = new RecordingPeer();
  Object.assign(peer.sentFrames, { 0: 50, 1: 1 });
  assertEquals(review?.(peer), undefined);
  Object.assign(peer.sentFrames, { 0: 51, 1: 1 });
  assertEquals(
    review?.(peer),
    "1 text and 51 continuation frames were sent, not 1 and 50.",
  );
});

Deno.test("scripted cases: whoever is to close first, that is the suite unless it is a refusal", () => {
  for (const each of AUTOBAHN_CASES) {
    if (each.form !== "scripted") continue;
    const { closedByMe, requireClean } = each.expectedClose;
    if (!closedByMe) assertEquals(requireClean, false, each.id);
    assert(each.expected.OK !== undefined, each.id);
  }
});
