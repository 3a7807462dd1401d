import { assert, assertEquals } from "@std/assert";
import {
  EXIT_CODE,
  EXIT_CODE_HELP,
  type ExitCode,
  exitCodeForClose,
  exitCodeForSignal,
} from "../../lib/cli/exit_codes.ts";

Deno.test("exit codes: they are an interface, and do not change", () => {
  assertEquals({ ...EXIT_CODE }, {
    OK: 0,
    UNEXPECTED: 1,
    USAGE: 2,
    REFUSED: 3,
    TIMEOUT: 4,
    LOST: 5,
    UNREACHABLE: 6,
    CLOSED_BY_PEER: 7,
    INTERRUPTED: 130,
    TERMINATED: 143,
  });
});

Deno.test("exit codes: each has a line of help", () => {
  assertEquals([...EXIT_CODE_HELP.keys()], Object.values(EXIT_CODE));
  for (const line of EXIT_CODE_HELP.values()) assert(line.length > 0 && line.length <= 70, line);
});

Deno.test("exit codes: how a connection ended decides", () => {
  const rows: [code: number, wasClean: boolean, closedByUs: boolean, expected: ExitCode][] = [
    [1000, true, false, 0],
    [1005, true, false, 0],
    [1000, true, true, 0],
    [4000, true, true, 0],
    [1001, true, false, 7],
    [1011, true, false, 7],
    [4000, true, false, 7],
    [1006, false, false, 5],
    [1006, false, true, 5],
    [1002, false, false, 5],
    [1000, false, true, 5],
  ];
  for (const [code, wasClean, closedByUs, expected] of rows) {
    assertEquals(
      exitCodeForClose({ code, wasClean }, { closedByUs }),
      expected,
      `${code} clean ${wasClean} ours ${closedByUs}`,
    );
  }
  assertEquals(exitCodeForClose({ code: 1001, wasClean: true }), EXIT_CODE.CLOSED_BY_PEER);
});

Deno.test("exit codes: a signal is 128 and its number", () => {
  assertEquals(exitCodeForSignal("SIGINT"), 128 + 2);
  assertEquals(exitCodeForSignal("SIGTERM"), 128 + 15);
});
