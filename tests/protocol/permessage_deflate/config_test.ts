import { assertEquals, assertThrows } from "@std/assert";
import {
  type DeflateOptions,
  resolveDeflateConfig,
} from "../../../lib/protocol/permessage_deflate/config.ts";

Deno.test("resolveDeflateConfig: a server takes no context over, a client may", () => {
  assertEquals(resolveDeflateConfig({}, "server"), {
    serverContextTakeover: "never",
    clientContextTakeover: "never",
    serverMaxWindowBits: 15,
    clientMaxWindowBits: 15,
  });
  assertEquals(resolveDeflateConfig({}, "client"), {
    serverContextTakeover: "allow",
    clientContextTakeover: "allow",
    serverMaxWindowBits: 15,
    clientMaxWindowBits: 15,
  });
});

Deno.test("resolveDeflateConfig: what is chosen", () => {
  const options: DeflateOptions = {
    serverContextTakeover: "allow",
    clientContextTakeover: "never",
    serverMaxWindowBits: 9,
    clientMaxWindowBits: 10,
  };
  assertEquals(resolveDeflateConfig(options, "server"), options as Required<DeflateOptions>);
  assertEquals(resolveDeflateConfig(options, "client"), options as Required<DeflateOptions>);
});

Deno.test("resolveDeflateConfig: throws on what is out of range", () => {
  for (const name of ["serverMaxWindowBits", "clientMaxWindowBits"]) {
    for (const value of [8, 16, 0, -9, 9.5, NaN, Infinity]) {
      const error = assertThrows(
        () => resolveDeflateConfig({ [name]: value }, "server"),
        RangeError,
      );
      assertEquals(error.message, `${name} must be a whole number from 9 to 15; got ${value}`);
    }
  }
  for (const name of ["serverContextTakeover", "clientContextTakeover"]) {
    const error = assertThrows(
      () => resolveDeflateConfig({ [name]: "always" }, "server"),
      RangeError,
    );
    assertEquals(error.message, `${name} must be allow or never; got always`);
  }
});

Deno.test("resolveDeflateConfig: throws on what is of the wrong type", () => {
  for (const [value, got] of [["10", "string"], [null, "null"], [true, "boolean"]] as const) {
    for (const name of ["serverMaxWindowBits", "clientMaxWindowBits"]) {
      const error = assertThrows(
        () => resolveDeflateConfig({ [name]: value }, "client"),
        TypeError,
      );
      assertEquals(error.message, `${name} must be a number; got ${got}`);
    }
  }
  for (const [value, got] of [[false, "boolean"], [null, "null"], [1, "number"]] as const) {
    for (const name of ["serverContextTakeover", "clientContextTakeover"]) {
      const error = assertThrows(
        () => resolveDeflateConfig({ [name]: value }, "client"),
        TypeError,
      );
      assertEquals(error.message, `${name} must be allow or never; got ${got}`);
    }
  }
});
