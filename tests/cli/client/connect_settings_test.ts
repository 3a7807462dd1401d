import { assertEquals } from "@std/assert";
import { connectionSettings } from "../../../lib/cli/client/connect_settings.ts";

Deno.test("connect settings: --ping-interval is the heartbeat, off turns it off", () => {
  assertEquals(connectionSettings({ pingInterval: false }).heartbeat, false);
  assertEquals(connectionSettings({ pingInterval: 100 }).heartbeat, { interval: 100 });
  assertEquals("heartbeat" in connectionSettings({}), false);
});
