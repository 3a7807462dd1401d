import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  decodeAddress,
  encodeInternetAddress,
  encodeUnixAddress,
} from "../../../lib/engine/epoll/socket_address.ts";
import { seeded } from "../../support/seed.ts";

/** What is left of an address after the way to the system and back. */
function roundTrip(hostname: string): string {
  const { transport, hostname: decoded, port } = decodeAddress(
    encodeInternetAddress(hostname, 8080),
  );
  assertEquals([transport, port], ["tcp", 8080]);
  return decoded;
}

const byte = fc.nat(255);
const ipv4 = fc.tuple(byte, byte, byte, byte).map((bytes) => bytes.join("."));
/** Zeros come often, lest `::` comes seldom. */
const group = fc.oneof(fc.constant(0), fc.nat(0xffff));
const groups = fc.array(group, { minLength: 8, maxLength: 8 });
const ipv6 = groups.map((all) => all.map((word) => word.toString(16)).join(":"));

Deno.test("socket address: IPv4 in bytes", () => {
  assertEquals(encodeInternetAddress("192.0.2.1", 443).toHex(), "020001bbc00002010000000000000000");
});

Deno.test("socket address: IPv6 in bytes", () => {
  assertEquals(
    encodeInternetAddress("2001:db8::1", 65_535).toHex(),
    "0a00ffff00000000" + "20010db8000000000000000000000001" + "00000000",
  );
});

Deno.test("socket address: a unix socket's in bytes", () => {
  assertEquals(encodeUnixAddress("/ü").toHex(), "01002fc3bc00");
});

Deno.test("socket address: every IPv4 address comes back", () => {
  fc.assert(
    fc.property(ipv4, (hostname) => assertEquals(roundTrip(hostname), hostname)),
    seeded({ numRuns: 300, interruptAfterTimeLimit: 2000 }),
  );
});

Deno.test("socket address: every spelling of IPv6 comes back in the canonical one", () => {
  const spellings = [
    ["::", "::"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["2001:DB8::", "2001:db8::"],
    ["1::8", "1::8"],
    ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"],
    ["1:0:0:4:0:0:0:8", "1:0:0:4::8"],
    ["1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8"],
    ["::1.2.3.4", "::102:304"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
    ["::ffff:127.0.0.1", "::ffff:127.0.0.1"],
    ["::ffff:7f00:1", "::ffff:127.0.0.1"],
    ["::fffe:7f00:1", "::fffe:7f00:1"],
  ] as const;
  for (const [hostname, expected] of spellings) assertEquals(roundTrip(hostname), expected);
});

Deno.test({
  name: "socket address: every address comes back as the runtime writes it",
  permissions: { net: false, env: "inherit" },
  fn: async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(ipv4, ipv6), async (hostname) => {
        assertEquals(roundTrip(hostname), await runtimeSpelling(hostname));
      }),
      seeded({ numRuns: 300, interruptAfterTimeLimit: 2000 }),
    );
  },
});

/** The runtime names the address in refusing to connect to it. */
async function runtimeSpelling(hostname: string): Promise<string | undefined> {
  try {
    (await Deno.connect({ hostname, port: 1 })).close();
    throw new Error("Connecting should not be allowed here");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    return /"\[?([^"\]]+)\]?:1"/.exec(error.message)?.[1];
  }
}

Deno.test("socket address: every path of a unix socket comes back", () => {
  const path = fc.string({ unit: "grapheme", minLength: 1, maxLength: 107 })
    .filter((text) => new TextEncoder().encode(text).length <= 107 && !text.includes("\0"));
  fc.assert(
    fc.property(path, (hostname) => {
      assertEquals(decodeAddress(encodeUnixAddress(hostname)), {
        transport: "unix",
        hostname,
        port: 0,
      });
    }),
    seeded({ numRuns: 300, interruptAfterTimeLimit: 2000 }),
  );
});

Deno.test("socket address: a unix socket without a name, and one that fills its place", () => {
  const nameless = { transport: "unix", hostname: "", port: 0 } as const;
  assertEquals(decodeAddress(Uint8Array.of(1, 0)), nameless);
  assertEquals(decodeAddress(Uint8Array.of(1, 0, 0, 65, 66)), nameless);
  const full = new Uint8Array(110).fill(0x61);
  full.set([1, 0]);
  assertEquals(decodeAddress(full).hostname, "a".repeat(108));
});

Deno.test("socket address: what is no IP address is named", () => {
  const others = ["localhost", "", "1.2.3", "1.2.3.256", "1.2.3.4.5", "1:2", "::g", "fe80::1%lo"];
  for (const hostname of others) {
    assertThrows(
      () => encodeInternetAddress(hostname, 0),
      TypeError,
      `not an IP address: ${hostname}`,
    );
  }
});

Deno.test("socket address: a path that the system cannot take is refused", () => {
  for (const [path, length] of [["", 0], ["a\0b", 3], ["a".repeat(108), 108]] as const) {
    assertThrows(
      () => encodeUnixAddress(path),
      TypeError,
      `unix must be a path of 1 to 107 bytes without a zero among them; got ${length} bytes`,
    );
  }
  assertEquals(encodeUnixAddress("a".repeat(107)).length, 110);
});
