import { assertEquals, assertMatch } from "@std/assert";
import { createLogger, type LogFields, type LogFormat, type LogLevel } from "../../lib/cli/log.ts";

const NOON = "2026-01-31T12:00:00.000Z";

/** What one record at level `info` looks like. */
function record(format: LogFormat, message: string, fields?: LogFields): string {
  const lines: string[] = [];
  const log = createLogger(format, (line) => lines.push(line), { now: () => new Date(NOON) });
  log.info(message, fields);
  assertEquals(lines.length, 1);
  return lines[0] ?? "";
}

Deno.test("log: text has time, level, message and fields in one line", () => {
  assertEquals(
    record("text", "listening", { address: "127.0.0.1:8080", engine: "codec", tls: false, n: 3 }),
    `${NOON} INFO  listening address=127.0.0.1:8080 engine=codec tls=false n=3\n`,
  );
  assertEquals(record("text", "stopped"), `${NOON} INFO  stopped\n`);
});

Deno.test("log: JSON is one object a line", () => {
  assertEquals(
    record("json", "listening", { address: "127.0.0.1:8080", tls: false, n: 3, none: null }),
    `{"time":"${NOON}","level":"info","message":"listening",` +
      `"address":"127.0.0.1:8080","tls":false,"n":3,"none":null}\n`,
  );
});

Deno.test("log: each level has its name", () => {
  for (const format of ["text", "json"] as const) {
    const lines: string[] = [];
    const log = createLogger(format, (line) => lines.push(line), { level: "debug" });
    log.debug("m");
    log.info("m");
    log.warn("m");
    log.error("m");
    assertEquals(
      lines.map((line) => /debug|info|warn|error/i.exec(line)?.[0].toLowerCase()),
      ["debug", "info", "warn", "error"],
    );
  }
});

Deno.test("log: records below the level are dropped; info is the default", () => {
  const rows: [level: LogLevel | undefined, kept: number][] = [
    [undefined, 3],
    ["debug", 4],
    ["info", 3],
    ["warn", 2],
    ["error", 1],
  ];
  for (const [level, kept] of rows) {
    let count = 0;
    const log = createLogger("text", () => count++, { level });
    for (const write of [log.debug, log.info, log.warn, log.error]) write("m");
    assertEquals(count, kept, level);
  }
});

Deno.test("log: the time is the clock's, in UTC", () => {
  const lines: string[] = [];
  createLogger("text", (line) => lines.push(line)).info("m");
  assertMatch(lines[0] ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO {2}m\n$/);
});

Deno.test("log: text quotes what would be read wrongly", () => {
  const rows: [value: string, text: string][] = [
    ["plain", "plain"],
    ["", `""`],
    ["two words", `"two words"`],
    ["a=b", `"a=b"`],
    [`say "hi"`, `"say \\"hi\\""`],
    ["C:\\temp", `"C:\\\\temp"`],
    ["\\n", `"\\\\n"`],
    ["日本", "日本"],
  ];
  for (const [value, text] of rows) {
    assertEquals(record("text", "m", { value }), `${NOON} INFO  m value=${text}\n`);
  }
});

Deno.test("log: nothing in a message or field starts a line or reaches a terminal", () => {
  const rows: [hostile: string, escaped: string][] = [
    ["\r\nINFO forged", "\\r\\nINFO forged"],
    ["\t", "\\t"],
    ["\x1b[2Jgone", "\\u001b[2Jgone"],
    ["\0\x7f\x9b1m", "\\u0000\\u007f\\u009b1m"],
    ["\u2028\u2029\u0085", "\\u2028\\u2029\\u0085"],
    ["\u202egnp.exe\u2066", "\\u202egnp.exe\\u2066"],
    ["\u200b\ufeff", "\\u200b\\ufeff"],
  ];
  for (const [hostile, escaped] of rows) {
    assertEquals(
      record("text", hostile, { [hostile]: hostile }),
      `${NOON} INFO  ${escaped} "${escaped}"="${escaped}"\n`,
    );
    const json = record("json", hostile, { value: hostile });
    assertMatch(json, /^[\x20-\x7e]*\n$/);
    const { message, value } = JSON.parse(json);
    assertEquals([message, value], [hostile, hostile]);
  }
});

Deno.test("log: a lone surrogate becomes U+FFFD in text and is escaped in JSON", () => {
  assertEquals(record("text", "a\ud800b"), `${NOON} INFO  a\ufffdb\n`);
  assertMatch(record("json", "a\ud800b"), /"message":"a\\ud800b"/);
});

Deno.test("log: a field can be a number of any kind, a date, an error, or left out", () => {
  const fields: LogFields = {
    nan: NaN,
    big: 2n ** 64n,
    date: new Date(0),
    never: new Date(NaN),
    error: new TypeError("no\nhost"),
    absent: undefined,
  };
  assertEquals(
    record("text", "m", fields),
    `${NOON} INFO  m nan=NaN big=18446744073709551616 date=1970-01-01T00:00:00.000Z ` +
      `never="Invalid Date" error="TypeError: no\\nhost"\n`,
  );
  assertEquals(JSON.parse(record("json", "m", fields)), {
    time: NOON,
    level: "info",
    message: "m",
    nan: "NaN",
    big: "18446744073709551616",
    date: "1970-01-01T00:00:00.000Z",
    never: "Invalid Date",
    error: "TypeError: no\nhost",
  });
});

Deno.test("log: a field cannot take the place of time, level or message", () => {
  const fields = { time: "then", level: "none", message: "forged", ok: 1 } as unknown as LogFields;
  assertEquals(record("text", "m", fields), `${NOON} INFO  m ok=1\n`);
  assertEquals(
    record("json", "m", fields),
    `{"time":"${NOON}","level":"info","message":"m","ok":1}\n`,
  );
});

Deno.test("log: field names that objects treat specially are kept, in order", () => {
  const fields = JSON.parse(`{"z":1,"__proto__":2,"constructor":3}`);
  assertEquals(
    record("json", "m", fields),
    `{"time":"${NOON}","level":"info","message":"m","z":1,"__proto__":2,"constructor":3}\n`,
  );
});
