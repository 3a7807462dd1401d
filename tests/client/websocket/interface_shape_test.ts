import { assertEquals, assertThrows } from "@std/assert";
import { shapeInterface } from "../../../lib/client/websocket/interface_shape.ts";

function shaped() {
  class Sample {
    get size(): number {
      return 1;
    }
    send(_data: unknown, _more?: unknown): void {}
    close(_code?: number): void {}
  }
  shapeInterface(Sample, {
    name: "Sample",
    required: { constructor: 1, send: 1 },
    constants: { OPEN: 1 },
  });
  return Sample;
}

Deno.test("interface shape: members can be enumerated, the constructor cannot", () => {
  const keys: string[] = [];
  for (const key in new (shaped())()) keys.push(key);
  assertEquals(keys.sort(), ["OPEN", "close", "send", "size"]);
});

Deno.test("interface shape: constants are fixed on the class and on its prototype", () => {
  const Sample = shaped();
  const constant = { value: 1, enumerable: true, writable: false, configurable: false };
  assertEquals(Object.getOwnPropertyDescriptor(Sample, "OPEN"), constant);
  assertEquals(Object.getOwnPropertyDescriptor(Sample.prototype, "OPEN"), constant);
  assertThrows(() => Object.defineProperty(Sample.prototype, "OPEN", { value: 2 }), TypeError);
});

Deno.test("interface shape: functions tell how many arguments they need", () => {
  const Sample = shaped();
  assertEquals(Sample.length, 1);
  assertEquals(Sample.prototype.send.length, 1);
  assertEquals(Sample.prototype.close.length, 0);
});

Deno.test("interface shape: instances have a tag", () => {
  assertEquals(String(new (shaped())()), "[object Sample]");
});
