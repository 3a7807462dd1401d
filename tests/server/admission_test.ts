import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  addressKey,
  AdmissionControl,
  type AdmissionOptions,
  type Admitted,
  isLoopback,
} from "../../lib/server/admission.ts";

/** Takes a place that must be there. */
function take(control: AdmissionControl, address: string | undefined): Admitted {
  const admission = control.admit(address);
  assert(admission.kind === "admitted", `${address} was refused`);
  return admission;
}

Deno.test("admission: the process is full at maxConnections, and 503 says when to come back", () => {
  const control = new AdmissionControl({ maxConnections: 2 });
  const first = take(control, "192.0.2.1");
  take(control, "192.0.2.2");
  const refused = control.admit("192.0.2.3");
  assertEquals(refused, {
    kind: "refused",
    status: 503,
    message: "The server has as many connections as it takes. Try again later.",
    headers: { "retry-after": "10" },
  });
  assertEquals(control.connections, 2);
  first.release();
  take(control, "192.0.2.3");
  assertStrictEquals(control.admit("192.0.2.4"), refused);
});

Deno.test("admission: 10,000 connections are the default limit of a process", () => {
  const control = new AdmissionControl();
  for (let index = 0; index < 10_000; index++) take(control, undefined);
  assertEquals(control.admit(undefined).kind, "refused");
});

Deno.test("admission: an address is full at perIp with 429, and others are not", () => {
  const control = new AdmissionControl({ perIp: 2 });
  const first = take(control, "192.0.2.1");
  take(control, "192.0.2.1");
  const refused = control.admit("192.0.2.1");
  assert(refused.kind === "refused");
  assertEquals(refused.status, 429);
  assertEquals(refused.headers, { "retry-after": "10" });
  take(control, "192.0.2.2");
  first.release();
  take(control, "192.0.2.1");
  assertEquals(control.admit("192.0.2.1").kind, "refused");
});

Deno.test("admission: a refusal takes no place", () => {
  const control = new AdmissionControl({ maxConnections: 2, perIp: 1 });
  take(control, "192.0.2.1");
  for (let index = 0; index < 10; index++) control.admit("192.0.2.1");
  assertEquals([control.connections, control.addresses], [1, 1]);
  take(control, "192.0.2.2");
  for (let index = 0; index < 10; index++) control.admit(`198.51.100.${index}`);
  assertEquals([control.connections, control.addresses], [2, 2]);
});

Deno.test("admission: release gives one place back, however often it is called", () => {
  const control = new AdmissionControl({ maxConnections: 2, perIp: 2 });
  const first = take(control, "192.0.2.1");
  take(control, "192.0.2.1");
  first.release();
  first.release();
  assertEquals([control.connections, control.addresses], [1, 1]);
  take(control, "192.0.2.1");
  assertEquals(control.admit("192.0.2.1").kind, "refused");
});

Deno.test("admission: a million distinct addresses leave nothing behind", () => {
  const control = new AdmissionControl({ perIp: 1 });
  for (let index = 0; index < 1_000_000; index++) {
    take(control, `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`).release();
  }
  assertEquals([control.connections, control.addresses], [0, 0]);
});

Deno.test("admission: addresses are not remembered when there is no limit for them", () => {
  const control = new AdmissionControl({ perIp: 0 });
  for (let index = 0; index < 100; index++) take(control, "192.0.2.1");
  assertEquals([control.connections, control.addresses], [100, 0]);
});

Deno.test("admission: a connection without an address counts for the process only", () => {
  const control = new AdmissionControl({ maxConnections: 3, perIp: 1 });
  for (let index = 0; index < 3; index++) take(control, undefined);
  assertEquals(control.addresses, 0);
  const refused = control.admit(undefined);
  assert(refused.kind === "refused");
  assertEquals(refused.status, 503);
});

Deno.test("admission: perIp is off on loopback and unix sockets, and 20 elsewhere", () => {
  assertEquals(new AdmissionControl().perIp, 0);
  assertEquals(new AdmissionControl({ hostname: "127.0.0.1" }).perIp, 0);
  assertEquals(new AdmissionControl({ hostname: "0.0.0.0" }).perIp, 20);
  assertEquals(new AdmissionControl({ hostname: "0.0.0.0", perIp: 0 }).perIp, 0);
  assertEquals(new AdmissionControl({ hostname: "::1", perIp: 5 }).perIp, 5);
});

Deno.test("admission: which hostnames are loopback", () => {
  const loopback = [
    "localhost",
    "LOCALHOST",
    "app.localhost",
    "127.0.0.1",
    "127.8.9.10",
    "::1",
    "[::1]",
    "0:0:0:0:0:0:0:1",
    "::ffff:127.0.0.1",
    undefined,
  ];
  for (const hostname of loopback) assert(isLoopback(hostname), hostname);
  const others = [
    "",
    "0.0.0.0",
    "::",
    "10.0.0.1",
    "127.0.0.1.example.org",
    "127.example.org",
    "notlocalhost",
    "::2",
    "::ffff:10.0.0.1",
    "example.org",
  ];
  for (const hostname of others) assert(!isLoopback(hostname), hostname);
});

Deno.test("admission: an address is known by its IPv4 address or IPv6 /64", () => {
  const rows: [address: string, key: string][] = [
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::FFFF:c000:201", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0DB8:0001:0002::", "2001:db8:1:2::/64"],
    ["2001:db8:1:3::1", "2001:db8:1:3::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["::", "0:0:0:0::/64"],
    ["1::8", "1:0:0:0::/64"],
    ["not an address", "not an address"],
    [":::", ":::"],
    ["::1]@[::2", "::1]@[::2"],
    ["", ""],
    ["__proto__", "__proto__"],
  ];
  for (const [address, key] of rows) assertEquals(addressKey(address), key, address);
});

Deno.test("admission: one /64 shares one count", () => {
  const control = new AdmissionControl({ perIp: 2 });
  take(control, "2001:db8::1");
  take(control, "2001:db8::2");
  assertEquals(control.admit("2001:db8::3").kind, "refused");
  take(control, "2001:db8:0:1::1");
});

Deno.test("admission: limits that are no whole numbers in range are refused by name", () => {
  for (const value of [NaN, -1, 1.5, 2 ** 31, Infinity]) {
    assertThrows(() => new AdmissionControl({ perIp: value }), RangeError, `perIp must be`);
    assertThrows(
      () => new AdmissionControl({ maxConnections: value }),
      RangeError,
      `maxConnections must be a whole number from 1 to 2147483647, got ${value}`,
    );
  }
  assertThrows(() => new AdmissionControl({ maxConnections: 0 }), RangeError, "got 0");
  for (const value of ["20", null, true, 20n]) {
    const options = { perIp: value } as unknown as AdmissionOptions;
    assertThrows(() => new AdmissionControl(options), TypeError, "perIp must be a whole number");
  }
});
