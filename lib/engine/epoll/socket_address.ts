/**
 * Addresses of sockets, as Linux encodes them (`sockaddr`) and as the runtime writes them.
 *
 * @module
 */
import type { PeerAddress } from "../../connection/transport.ts";

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
/** The longest path of a unix socket, in bytes, without its terminating zero. */
const PATH_BYTES = 107;

/**
 * Encodes an IP address, as the runtime writes it, and a port.
 *
 * @throws {TypeError} when `hostname` is no IP address.
 */
export function encodeInternetAddress(hostname: string, port: number): Uint8Array<ArrayBuffer> {
  const address = ipBytes(hostname);
  if (address === undefined) throw new TypeError(`not an IP address: ${hostname}`);
  const four = address.length === 4;
  const bytes = new Uint8Array(four ? 16 : 28);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, four ? AF_INET : AF_INET6, true);
  view.setUint16(2, port);
  bytes.set(address, four ? 4 : 8);
  return bytes;
}

/**
 * Encodes the path of a unix socket.
 *
 * @throws {TypeError} when the path is empty, has a zero, or is longer than 107 bytes.
 */
export function encodeUnixAddress(path: string): Uint8Array<ArrayBuffer> {
  const encoded = new TextEncoder().encode(path);
  if (encoded.length === 0 || encoded.length > PATH_BYTES || encoded.includes(0)) {
    throw new TypeError(
      `unix must be a path of 1 to ${PATH_BYTES} bytes without a zero among them; ` +
        `got ${encoded.length} bytes`,
    );
  }
  const bytes = new Uint8Array(2 + encoded.length + 1);
  bytes[0] = AF_UNIX;
  bytes.set(encoded, 2);
  return bytes;
}

/** What an encoded address says. */
export function decodeAddress(bytes: Uint8Array<ArrayBuffer>): PeerAddress {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (view.getUint16(0, true)) {
    case AF_INET:
      return {
        transport: "tcp",
        hostname: ipv4Text(bytes.subarray(4, 8)),
        port: view.getUint16(2),
      };
    case AF_INET6:
      return {
        transport: "tcp",
        hostname: ipv6Text(bytes.subarray(8, 24)),
        port: view.getUint16(2),
      };
    default:
      return { transport: "unix", hostname: pathText(bytes.subarray(2)), port: 0 };
  }
}

function ipBytes(hostname: string): number[] | undefined {
  if (hostname.includes(":")) return ipv6Bytes(hostname);
  const bytes = hostname.split(".").map(Number);
  return /^\d+(\.\d+){3}$/.test(hostname) && Math.max(...bytes) < 256 ? bytes : undefined;
}

/** Of any spelling, such as `::1` and `::ffff:1.2.3.4`. */
function ipv6Bytes(hostname: string): number[] | undefined {
  const url = URL.parse(`http://[${hostname}]`); // whose host has hexadecimal groups only
  if (url === null) return undefined;
  const [left = "", right] = url.hostname.slice(1, -1).split("::");
  const before = groups(left);
  const after = groups(right ?? "");
  const zeros = new Array<number>(8 - before.length - after.length).fill(0);
  return [...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 0xff]);
}

function groups(text: string): number[] {
  return text === "" ? [] : text.split(":").map((group) => parseInt(group, 16));
}

function ipv4Text(bytes: Uint8Array): string {
  return bytes.join(".");
}

function ipv6Text(bytes: Uint8Array): string {
  const mapped = bytes.subarray(0, 10).every((byte) => byte === 0) &&
    bytes[10] === 0xff && bytes[11] === 0xff;
  if (mapped) return `::ffff:${ipv4Text(bytes.subarray(12))}`;
  const words = Array.from({ length: 8 }, (_, i) => bytes[2 * i]! << 8 | bytes[2 * i + 1]!);
  // A URL writes the address in its canonical form (RFC 5952), as the runtime does.
  return new URL(`http://[${words.map((word) => word.toString(16)).join(":")}]`).hostname
    .slice(1, -1);
}

function pathText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}
