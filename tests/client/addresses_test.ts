import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  addressesOf,
  type AddressSource,
  authority,
  hostPortOf,
  SYSTEM_ADDRESSES,
} from "../../lib/client/addresses.ts";

/** A source that knows one host, and permissions as `--allow-net` names them. */
function source(found: readonly string[], granted: readonly string[] | "all"): AddressSource {
  return {
    lookUp: () => Promise.resolve(found),
    isGranted: (host) => granted === "all" || granted.includes(host),
  };
}

const FOUND = ["2001:db8::1", "2001:db8::2", "192.0.2.1"];

Deno.test("addresses: those of a name, with the families in turn and each once", async () => {
  const target = { hostname: "host.example", port: 80 };
  const twice = source([...FOUND, ...FOUND], "all");
  assertEquals(await addressesOf(target, twice), ["2001:db8::1", "192.0.2.1", "2001:db8::2"]);
});

Deno.test("addresses: an IP address is its own, without any question", async () => {
  const nothing: AddressSource = {
    lookUp: () => Promise.reject(new Error("looked up")),
    isGranted: () => false,
  };
  for (const hostname of ["192.0.2.1", "2001:db8::1", "::1"]) {
    assertEquals(await addressesOf({ hostname, port: 1 }, nothing), [hostname]);
  }
});

Deno.test("addresses: localhost is the loopback interface in both families", async () => {
  const nothing: AddressSource = {
    lookUp: () => Promise.reject(new Error("looked up")),
    isGranted: (host) => host.endsWith(":81"),
  };
  for (const hostname of ["localhost", "LocalHost", "localhost."]) {
    assertEquals(await addressesOf({ hostname, port: 81 }, nothing), ["::1", "127.0.0.1"]);
  }
  // The system's source, with what `deno task test` grants.
  assertEquals(await addressesOf({ hostname: "localhost", port: 81 }), ["::1", "127.0.0.1"]);
});

/** What is granted, and whether the addresses can be used. */
const PERMISSIONS: [granted: string[] | "all", usable: boolean][] = [
  ["all", true],
  [["host.example"], false],
  [["host.example", "host.example:80"], false],
  [
    ["host.example", "host.example:80", "[2001:db8::1]:80", "[2001:db8::2]:80", "192.0.2.1:80"],
    true,
  ],
  [["host.example", "host.example:80", "[2001:db8::1]:80", "192.0.2.1:80"], false],
  [["host.example:80", "[2001:db8::1]:80", "[2001:db8::2]:80", "192.0.2.1:80"], false],
  [["host.example", "[2001:db8::1]:80", "[2001:db8::2]:80", "192.0.2.1:80"], false],
  [[], false],
];

Deno.test("addresses: where a permission is missing or to be asked for, there are none", async () => {
  for (const [granted, usable] of PERMISSIONS) {
    const found = await addressesOf({ hostname: "host.example", port: 80 }, source(FOUND, granted));
    assertEquals(found !== undefined, usable, String(granted));
  }
});

Deno.test("addresses: what the look-up says is passed on", async () => {
  const failing: AddressSource = {
    lookUp: () => Promise.reject(new Error("no such name")),
    isGranted: () => true,
  };
  const looking = () => addressesOf({ hostname: "host.example", port: 80 }, failing);
  await assertRejects(looking, Error, "no such name");
});

Deno.test("addresses: the system knows names, and what is granted", async () => {
  const { lookUp, isGranted } = SYSTEM_ADDRESSES;
  const found = await lookUp("localhost");
  assert(found.length > 0);
  assertEquals(found.filter((address) => !["127.0.0.1", "::1"].includes(address)), []);
  assertEquals([isGranted("localhost:80"), isGranted("host.example:80")], [true, false]);
});

Deno.test("addresses: host and port of a URL, and in one", () => {
  const rows: [url: string, hostname: string, port: number, both: string][] = [
    ["ws://host.example/", "host.example", 80, "host.example:80"],
    ["ws://host.example:8080/", "host.example", 8080, "host.example:8080"],
    ["ws://[::1]:8080/", "::1", 8080, "[::1]:8080"],
    ["ws://127.1/", "127.0.0.1", 80, "127.0.0.1:80"],
  ];
  for (const [url, hostname, port, both] of rows) {
    const target = hostPortOf(new URL(url), 80);
    assertEquals(target, { hostname, port });
    assertEquals(authority(target), both);
  }
});
