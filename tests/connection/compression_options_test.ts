/**
 * The options of permessage-deflate: their defaults, and what is refused.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import {
  type CompressionOptions,
  resolveCompression,
} from "../../lib/connection/compression_options.ts";
import { resolveDeflateConfig } from "../../lib/protocol/permessage_deflate/config.ts";

const ROLES = ["server", "client"] as const;

Deno.test("compression options: off on a server, on for a client, unless it is said", () => {
  assertEquals(resolveCompression(undefined, "server"), false);
  const byDefault = resolveCompression(undefined, "client");
  assertEquals(byDefault === false, false);
  assertEquals(resolveCompression(true, "client"), byDefault);
  for (const role of ROLES) assertEquals(resolveCompression(false, role), false);
});

Deno.test("compression options: the defaults", () => {
  for (const role of ROLES) {
    for (const value of [true, {}]) {
      assertEquals(resolveCompression(value, role), {
        deflate: resolveDeflateConfig({}, role),
        level: 1,
        memoryLevel: 8,
        threshold: 1024,
      });
    }
  }
});

Deno.test("compression options: what is given is kept", () => {
  const deflate = {
    serverContextTakeover: "allow",
    clientContextTakeover: "never",
    serverMaxWindowBits: 9,
    clientMaxWindowBits: 10,
  } as const;
  for (const role of ROLES) {
    for (const threshold of [0, 1, Number.MAX_SAFE_INTEGER]) {
      const rest = { level: 9, memoryLevel: 1, threshold };
      assertEquals(resolveCompression({ ...deflate, ...rest }, role), { deflate, ...rest });
    }
  }
});

Deno.test("compression options: what is no object and no boolean is refused", () => {
  const wrong = [[null, "null"], [1, "number"], ["on", "string"], [() => {}, "function"]] as const;
  for (const [value, got] of wrong) {
    for (const role of ROLES) {
      assertThrows(
        () => resolveCompression(value as unknown as boolean, role),
        TypeError,
        `compression must be an object or a boolean; got ${got}`,
      );
    }
  }
});

Deno.test("compression options: each is checked, by its name", () => {
  const assertRefused = (options: unknown, ErrorClass: ErrorConstructor, message: string) => {
    for (const role of ROLES) {
      assertThrows(
        () => resolveCompression(options as CompressionOptions, role),
        ErrorClass,
        message,
      );
    }
  };
  for (const name of ["level", "memoryLevel"]) {
    for (const value of [0, 10, -1, 1.5, NaN, Infinity]) {
      const message = `compression.${name} must be a whole number from 1 to 9; got ${value}`;
      assertRefused({ [name]: value }, RangeError, message);
    }
  }
  for (const value of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
    const message = `compression.threshold must be a whole number from 0 to 9007199254740991`;
    assertRefused({ threshold: value }, RangeError, message);
  }
  for (const name of ["level", "memoryLevel", "threshold"]) {
    for (const value of ["1", null, true, {}]) {
      assertRefused({ [name]: value }, TypeError, `compression.${name} must be a number; got`);
    }
  }
  // The rest is that of the protocol core, which has its own tests.
  assertRefused({ serverMaxWindowBits: 8 }, RangeError, "serverMaxWindowBits must be");
  assertRefused({ clientMaxWindowBits: 16 }, RangeError, "clientMaxWindowBits must be");
  assertRefused({ serverContextTakeover: "maybe" }, RangeError, "serverContextTakeover must be");
  assertRefused({ clientContextTakeover: true }, TypeError, "clientContextTakeover must be");
});
