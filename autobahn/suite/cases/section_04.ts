/**
 * Section 4, reserved opcodes of data and of control frames.
 *
 * @module
 */
import type { ScriptedCase } from "../model/case.ts";
import { chopped, frame, ping, RESERVED_OPCODES, text, textArrives } from "./frames.ts";
import { refused } from "./scripted.ts";

const RULE = "RFC 6455 §5.2";
const GREETING = "Good evening";

interface Row {
  /** The payload of the reserved frame. */
  readonly payload: string;
  /** Whether a text message goes before it and a ping after it. */
  readonly between: boolean;
  readonly chopBytes?: number;
}

/** What happens with each of the five opcodes of a kind, in their order. */
const ROWS: readonly Row[] = [
  { payload: "", between: false },
  { payload: "of no known kind", between: false },
  { payload: "", between: true },
  { payload: GREETING, between: true },
  { payload: GREETING, between: true, chopBytes: 1 },
];

function reserved(kind: string, opcode: number, id: string, row: Row): ScriptedCase {
  const spec = frame(opcode, row.payload);
  const payload = row.payload === "" ? "an empty" : "a";
  const pieces = row.chopBytes === undefined ? "" : ", written byte by byte";
  const what = `frame with ${payload} payload and the reserved ${kind} opcode ${opcode}`;
  if (!row.between) {
    return refused(id, {
      description: `A ${what}.`,
      expectation: "The connection is failed with 1002.",
      rule: RULE,
      frames: [spec],
    });
  }
  return refused(id, {
    description: `A text message, a ${what}, and a ping${pieces}.`,
    expectation:
      "The message comes back, then the connection is failed with 1002; the ping is not answered.",
    rule: RULE,
    frames: chopped([text(GREETING), spec, ping()], row.chopBytes),
    answers: [textArrives(GREETING)],
  });
}

function group(prefix: string, kind: "data" | "control"): ScriptedCase[] {
  return ROWS.map((row, index) =>
    reserved(kind, RESERVED_OPCODES[kind][index] ?? 0, `${prefix}.${index + 1}`, row)
  );
}

/** The 10 cases of section 4. */
export const SECTION_04: readonly ScriptedCase[] = [
  ...group("4.1", "data"),
  ...group("4.2", "control"),
];
