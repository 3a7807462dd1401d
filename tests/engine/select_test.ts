import { assertEquals, assertThrows } from "@std/assert";
import { codecDemands, type EngineChoice, selectEngine } from "../../lib/engine/select.ts";
import { CONNECTION_OPTION_NAMES, resolveOptions } from "../../lib/connection/options.ts";

Deno.test("selectEngine: auto is native until something is beyond it", () => {
  assertEquals(selectEngine("auto", []), {
    engine: "native",
    reason: "nothing that is asked for is beyond it",
  });
  assertEquals(selectEngine("auto", ["ping"]), { engine: "codec", reason: "ping needs it" });
  assertEquals(selectEngine("auto", ["ping", "heartbeat", "ping"]), {
    engine: "codec",
    reason: "ping, heartbeat need it",
  });
});

Deno.test("selectEngine: what is asked for by name is had, or refused with the reason", () => {
  assertEquals(selectEngine("codec", ["ping"]), { engine: "codec", reason: "asked for" });
  assertEquals(selectEngine("native", []), { engine: "native", reason: "asked for" });
  const error = assertThrows(() => selectEngine("native", ["ping", "drain", "ping"]), TypeError);
  assertEquals(
    error.message,
    "Cannot serve on the native engine: it cannot honour ping, drain; " +
      'use engine "codec" or "auto", or leave that out',
  );
});

Deno.test("selectEngine: another choice is refused", () => {
  for (const choice of ["", "Native", "Epoll", null, undefined, 1]) {
    assertThrows(
      () => selectEngine(choice as EngineChoice, []),
      TypeError,
      `engine must be "auto", "native", "codec" or "epoll"; got ${choice}`,
    );
  }
});

Deno.test("codecDemands: every connection option and four handlers are beyond the native engine", () => {
  const options = { ...resolveOptions({ compression: true }) };
  assertEquals(codecDemands(options).toSorted(), [...CONNECTION_OPTION_NAMES].toSorted());
  const handler = () => {};
  const handlers = { open: handler, message: handler, close: handler, error: handler };
  assertEquals(codecDemands(handlers), []);
  assertEquals(
    codecDemands({ ...handlers, drain: handler, ping: handler, pong: handler, stream: handler }),
    ["drain", "ping", "pong", "stream"],
  );
});

Deno.test("codecDemands: what is false is asked for as well, what is undefined is not", () => {
  assertEquals(codecDemands({ heartbeat: false, streaming: false }), ["streaming", "heartbeat"]);
  // That nothing is compressed, every engine can promise.
  assertEquals(codecDemands({ compression: false }), []);
  assertEquals(codecDemands(JSON.parse("{}")), []);
});
