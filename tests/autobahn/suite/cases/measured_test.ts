/**
 * What the measured cases send: sections 9, 12 and 13.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { AUTOBAHN_CASES } from "../../../../autobahn/suite/cases/mod.ts";
import type { Measurement } from "../../../../autobahn/suite/model/case.ts";
import { measured } from "./find_case.ts";
import { type RecordingOptions, RecordingPeer } from "./recording_peer.ts";

async function play(
  id: string,
  options: RecordingOptions = {},
): Promise<{ peer: RecordingPeer; found: Measurement }> {
  const peer = new RecordingPeer(options);
  return { found: await measured(id).measure(peer), peer };
}

const KIB = 1024;
const MIB = 1024 * KIB;

Deno.test("section 9: one large message in one frame, of these sizes", async () => {
  const sizes = [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB];
  for (const [group, opcode] of [["9.1", 1], ["9.2", 2]] as const) {
    for (const [index, size] of sizes.entries()) {
      const { peer, found } = await play(`${group}.${index + 1}`);
      assertEquals(peer.frames.map((frame) => [frame.opcode, frame.payload?.length]), [
        [opcode, size],
      ]);
      assertEquals(found, { behavior: "OK", result: "The message came back as sent." });
    }
  }
});

Deno.test("section 9: fragments from 64 bytes to 4 MiB", async () => {
  for (const [group, binary] of [["9.3", false], ["9.4", true]] as const) {
    for (let index = 0; index < 9; index++) {
      const { peer } = await play(`${group}.${index + 1}`);
      const deed = peer.deeds.find(({ did }) => did === "sendMessage");
      assert(deed?.did === "sendMessage");
      assertEquals(deed.payload.length, 4 * MIB);
      assertEquals(deed.options, { binary, fragmentBytes: 64 * 4 ** index });
    }
  }
});

Deno.test("section 9: pieces from 64 to 2048 bytes", async () => {
  for (const [group, opcode] of [["9.5", 1], ["9.6", 2]] as const) {
    for (let index = 0; index < 6; index++) {
      const [frame] = (await play(`${group}.${index + 1}`)).peer.frames;
      assertEquals(frame?.payload?.length, MIB);
      assertEquals([frame?.opcode, frame?.chopBytes], [opcode, 64 * 2 ** index]);
    }
  }
});

Deno.test("section 9: a thousand round trips", async () => {
  for (const [group, opcode] of [["9.7", 1], ["9.8", 2]] as const) {
    for (const [index, size] of [0, 16, 64, 256, 1024, 4096].entries()) {
      const { peer, found } = await play(`${group}.${index + 1}`);
      assertEquals(peer.frames.length, 1000);
      assertEquals(peer.frames[999]?.payload?.length, size);
      assertEquals(peer.frames[999]?.opcode, opcode);
      assertEquals(found.behavior, "OK");
    }
  }
});

/** Seconds that the cases of a group may take. */
function seconds(id: string): Promise<number> {
  return play(id, { echo: () => undefined }).then(({ peer }) => {
    const deed = peer.deeds.find(({ did }) => did === "closeAfter");
    assert(deed?.did === "closeAfter");
    return deed.milliseconds / 1000;
  });
}

Deno.test("section 9: the time for it", async () => {
  const all = (group: string, count: number) =>
    Promise.all(Array.from({ length: count }, (_, index) => seconds(`${group}.${index + 1}`)));
  assertEquals(await all("9.1", 6), [10, 10, 100, 100, 100, 100]);
  assertEquals(await all("9.2", 6), [10, 10, 10, 10, 100, 100]);
  assertEquals(await all("9.3", 9), Array(9).fill(100));
  assertEquals(await all("9.5", 6), Array(6).fill(1000));
  assertEquals(await all("9.8", 6), [60, 60, 60, 120, 240, 480]);
  assertEquals((await all("12.1", 18)).slice(0, 5), [60, 60, 120, 240, 480]);
});

/** Units, and bytes of a fragment. */
const SIZES: readonly (readonly [units: number, fragmentBytes?: number])[] = [
  ...[[16], [64], [256], [1024], [4096], [8192], [16_384], [32_768], [65_536], [131_072]] as const,
  ...[[8192, 256], [16_384, 256], [32_768, 256], [65_536, 256], [131_072, 256]] as const,
  ...[[131_072, 1024], [131_072, 4096], [131_072, 32_768]] as const,
];

Deno.test("section 12: the sizes and the fragments of each of the five kinds of data", async () => {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for (
    const [group, binary] of [[1, false], [2, true], [3, true], [4, false], [5, true]] as const
  ) {
    for (const [index, [units, fragmentBytes]] of SIZES.entries()) {
      // The first message only: the connection ends instead of its echo.
      const { peer } = await play(`12.${group}.${index + 1}`, {
        echo: () => undefined,
      });
      const deed = peer.deeds.find(({ did }) => did === "sendMessage");
      assert(deed?.did === "sendMessage");
      const length = binary ? deed.payload.length : [...decoder.decode(deed.payload)].length;
      assertEquals(length, units);
      assertEquals(
        deed.options,
        fragmentBytes === undefined ? { binary } : { binary, fragmentBytes },
      );
    }
  }
});

Deno.test("section 12: a thousand messages, no two neighbours the same", async () => {
  const { peer, found } = await play("12.2.1");
  assertEquals(found, { behavior: "OK", result: "All 1000 messages came back as sent." });
  const sent = peer.deeds.flatMap((deed) => deed.did === "sendMessage" ? [deed.payload] : []);
  assertEquals(sent.length, 1000);
  assertEquals(sent[1]?.byteOffset, (sent[0]?.byteOffset ?? 0) + 16);
});

Deno.test("section 13: what is asked of the testee's compressor", () => {
  const asked = Array.from(
    { length: 7 },
    (_, index) =>
      measured(`13.${index + 1}.1`).deflate?.map(({ noContextTakeover, maxWindowBits }) =>
        `${noContextTakeover} ${maxWindowBits}`
      ),
  );
  assertEquals(asked, [
    ["false 0"],
    ["true 0"],
    ["false 9"],
    ["false 15"],
    ["true 9"],
    ["true 15"],
    ["true 9", "true 0", "false 0"],
  ]);
});

Deno.test("measured cases: the suite closes with 1000, and it must be clean", () => {
  for (const each of AUTOBAHN_CASES) {
    if (each.form !== "measured") continue;
    assertEquals(each.expectedClose, { closedByMe: true, closeCodes: [1000], requireClean: true });
  }
});
