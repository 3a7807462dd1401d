import { assert, assertEquals } from "@std/assert";
import { ConnectError, type ConnectErrorCode } from "../../lib/client/connect_error.ts";
import {
  EXIT_CODE,
  EXIT_CODE_HELP,
  type ExitCode,
  exitCodeForClose,
  exitCodeForFailure,
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
    INCOMPLETE: 8,
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

Deno.test("exit codes: why the connection could not be opened decides", () => {
  const rows: [code: ConnectErrorCode, expected: ExitCode][] = [
    ["ERR_REFUSED", 3],
    ["ERR_HANDSHAKE", 3],
    ["ERR_TIMEOUT", 4],
    ["ERR_UNREACHABLE", 6],
    ["ERR_TLS", 6],
    ["ERR_STREAM", 6],
  ];
  for (const [code, expected] of rows) {
    assertEquals(exitCodeForFailure(new ConnectError(code, "no")), expected, code);
  }
  assertEquals(exitCodeForFailure(new TypeError("no URL")), EXIT_CODE.USAGE);
  assertEquals(exitCodeForFailure(new RangeError("no port")), EXIT_CODE.USAGE);
  assertEquals(exitCodeForFailure(new Deno.errors.NotCapable("no net")), EXIT_CODE.USAGE);
  assertEquals(exitCodeForFailure(new Error("what?")), EXIT_CODE.UNEXPECTED);
  assertEquals(exitCodeForFailure("what?"), EXIT_CODE.UNEXPECTED);
});
