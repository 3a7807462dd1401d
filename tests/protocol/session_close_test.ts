/**
 * How a session closes (RFC 6455 §5.5.1, §7), in both roles and from either side.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import { isCloseCode } from "../../lib/protocol/close_codes.ts";
import { everyCut } from "../support/cuts.ts";
import { hex, unhex } from "../support/hex.ts";
import { closePayload, type FrameFields } from "../support/raw_frame.ts";
import { SessionPeer } from "../support/session_peer.ts";

const ROLES = ["server", "client"] as const;
const LONGEST_REASON = "r".repeat(123);
const DATA: readonly FrameFields[] = [
  { opcode: 1, payload: "a" },
  { opcode: 2, payload: "b" },
  { opcode: 9, payload: "c" },
  { opcode: 10, payload: "d" },
];

/** Everything that writes, but for what answers. */
function sendAll({ session }: SessionPeer): void {
  session.sendText("a");
  session.sendBinary(unhex("01"));
  session.sendFragment("binary", unhex("01"), { fin: false, compress: true });
  session.sendFrames(unhex("810161"));
  session.ping(unhex("01"));
  session.pong(unhex("01"));
  session.close(1000, "");
}

for (const role of ROLES) {
  Deno.test(`Session: a ${role} echoes the code of a close frame (RFC 6455 §5.5.1)`, () => {
    for (const [code, reason] of [[1000, ""], [1001, "bye"], [4999, LONGEST_REASON]] as const) {
      const peer = new SessionPeer(role);
      assertEquals(peer.session.state, "open");
      peer.send({ opcode: 8, payload: closePayload(code, reason) });
      assertEquals(peer.told(), [`close ${code} ${JSON.stringify(reason)}`]);
      assertEquals(peer.got(), [`8 ${hex(closePayload(code))}`]);
      assertEquals(peer.session.state, "closed");
    }
  });

  Deno.test(`Session: a ${role} is told 1005 when there is no code (RFC 6455 §7.1.5)`, () => {
    const peer = new SessionPeer(role);
    peer.send({ opcode: 8 });
    assertEquals(peer.told(), ['close 1005 ""']);
    assertEquals(peer.got(), ["8 "]);
    assertEquals(peer.session.state, "closed");
  });

  Deno.test(`Session: a ${role} accepts every code that may be sent and refuses the rest`, () => {
    const codes = [0, 1, 999, 1016, 1100, 2000, 2999, 3000, 3999, 4000, 4999, 5000, 32_768, 65_535];
    for (let code = 1000; code <= 1015; code++) codes.push(code);
    for (const code of codes) {
      const peer = new SessionPeer(role);
      peer.send({ opcode: 8, payload: closePayload(code, "r") });
      const valid = isCloseCode(code);
      assertEquals(peer.told(), [valid ? `close ${code} "r"` : "ERR_CLOSE_CODE"], `${code}`);
      assertEquals(peer.got(), [`8 ${hex(closePayload(valid ? code : 1002))}`]);
      assertEquals(peer.session.state, valid ? "closed" : "failed");
    }
  });

  Deno.test(`Session: a ${role} refuses a close body of one byte (RFC 6455 §5.5.1)`, () => {
    for (const pieces of everyCut(new SessionPeer(role).frames({ opcode: 8, payload: "a" }))) {
      const peer = new SessionPeer(role);
      peer.sendPieces(pieces);
      assertEquals(peer.told(), ["ERR_CLOSE_PAYLOAD"]);
      assertEquals(peer.got(), ["8 03ea"]);
      assertEquals(peer.session.state, "failed");
    }
  });

  Deno.test(`Session: a ${role} refuses a reason that is not UTF-8 (RFC 6455 §5.5.1, §8.1)`, () => {
    for (const reason of ["ff", "61e2", "eda080", "c0af", "61".repeat(100) + "80"]) {
      const peer = new SessionPeer(role);
      peer.send({ opcode: 8, payload: unhex(`03e8${reason}`) });
      assertEquals(peer.told(), ["ERR_UTF8"]);
      assertEquals(peer.got(), ["8 03ef"]);
    }
  });

  Deno.test(`Session: a ${role} ignores all that comes after a close frame (§5.5.1)`, () => {
    const peer = new SessionPeer(role);
    peer.send({ opcode: 8, payload: closePayload(1000) }, ...DATA, { opcode: 3 });
    peer.send(...DATA, { opcode: 8, payload: closePayload(1001) });
    peer.sendBytes(unhex("ffffffff"));
    assertEquals(peer.told(), ['close 1000 ""']);
    assertEquals(peer.got(), ["8 03e8"]);
  });

  Deno.test(`Session: a ${role} never delivers a message that a close frame cut short`, () => {
    for (const opcode of [1, 2]) {
      const frames = [{ opcode, fin: false, payload: "a" }, {
        opcode: 8,
        payload: closePayload(1000),
      }];
      for (const piecewise of [false, true]) {
        const peer = new SessionPeer(role, { piecewise });
        peer.send(...frames, { opcode: 0, payload: "b" });
        const begun = piecewise ? [`start ${opcode === 1 ? "text" : "binary"}`, "piece 61"] : [];
        assertEquals(peer.told(), [...begun, 'close 1000 ""']);
        assertEquals(peer.got(), ["8 03e8"]);
        assertEquals(peer.session.midMessage, false);
      }
    }
  });

  Deno.test(`Session: a ${role} closes with a code and a reason, or with neither`, () => {
    const cases: readonly (readonly [code: number | undefined, reason: string, body: string])[] = [
      [undefined, "", ""],
      [1000, "", "03e8"],
      [3000, "\u00e9", "0bb8c3a9"],
      [1001, "\ud800", "03e9efbfbd"],
      [4999, LONGEST_REASON, hex(closePayload(4999, LONGEST_REASON))],
    ];
    for (const [code, reason, body] of cases) {
      const peer = new SessionPeer(role);
      peer.session.close(code, reason);
      assertEquals(peer.session.state, "close-sent");
      assertEquals(peer.got(), [`8 ${body}`]);
    }
  });

  Deno.test(`Session: what a ${role} must not send throws, whatever the state (§7.4)`, () => {
    const peer = new SessionPeer(role);
    const { session } = peer;
    for (const state of ["open", "close-sent", "closed"]) {
      for (const code of [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, NaN, 1000.5]) {
        assertThrows(() => session.close(code, ""), RangeError, `code ${code}`);
      }
      assertThrows(() => session.close(1000, "r".repeat(124)), RangeError, "of 124 bytes");
      assertThrows(() => session.close(1000, "\u00e9".repeat(62)), RangeError, "of 124 bytes");
      assertThrows(() => session.close(undefined, "r"), TypeError, "needs a code");
      assertEquals(session.state, state);
      if (state === "open") session.close(1000, "");
      else peer.send({ opcode: 8 });
    }
    assertEquals(peer.got(), ["8 03e8"]);
  });

  Deno.test(`Session: after its close frame a ${role} sends nothing more (RFC 6455 §5.5.1)`, () => {
    const peer = new SessionPeer(role);
    peer.session.close(1001, "");
    sendAll(peer);
    assertEquals(peer.got(), ["8 03e9"]);
    assertEquals(peer.session.fragmenting, false);
    peer.send({ opcode: 8, payload: closePayload(1001) });
    sendAll(peer);
    assertEquals(peer.got(), []);
  });

  Deno.test(`Session: having sent its close frame, a ${role} still hears the peer`, () => {
    const peer = new SessionPeer(role);
    peer.session.close(1000, "");
    peer.send({ opcode: 1, payload: "a" }, { opcode: 10 }, {
      opcode: 8,
      payload: closePayload(1000),
    });
    assertEquals(peer.told(), ['text "a"', "pong ", 'close 1000 ""']);
    assertEquals(peer.got(), ["8 03e8"]);
    assertEquals(peer.session.state, "closed");
  });

  Deno.test(`Session: a ${role} answers pings until the peer's close frame comes (§5.5.2)`, () => {
    const peer = new SessionPeer(role);
    peer.session.close(1000, "");
    peer.send({ opcode: 9, payload: "a" }, { opcode: 8, payload: closePayload(1000) });
    peer.send({ opcode: 9, payload: "b" });
    assertEquals(peer.told(), ["ping 61", 'close 1000 ""']);
    assertEquals(peer.got(), ["8 03e8", "10 61"]);
  });

  Deno.test(`Session: a pong that a ${role} still owes is dropped when the peer closes`, () => {
    for (const frame of [{ opcode: 8 }, { opcode: 3 }]) {
      const peer = new SessionPeer(role);
      peer.session.backlogged = true;
      peer.send({ opcode: 9, payload: "a" }, frame);
      peer.session.backlogged = false;
      assertEquals(peer.got(), [frame.opcode === 8 ? "8 " : "8 03ea"]);
    }
  });

  Deno.test(`Session: a pong that a ${role} still owes follows its own close frame`, () => {
    const peer = new SessionPeer(role);
    peer.session.backlogged = true;
    peer.send({ opcode: 9, payload: "a" });
    peer.session.close(1000, "");
    peer.session.backlogged = false;
    assertEquals(peer.got(), ["8 03e8", "10 61"]);
  });

  Deno.test(`Session: closing in a handler of a ${role} is idempotent and clean`, () => {
    for (
      const frame of [{ opcode: 1 }, { opcode: 2, payload: "a" }, { opcode: 9 }, { opcode: 10 }]
    ) {
      const peer = new SessionPeer(role);
      peer.sink.onEvent = () => {
        peer.session.close(1000, "");
        peer.session.close(1001, "");
      };
      peer.send(frame, { opcode: 8, payload: closePayload(1000) });
      assertEquals(peer.told().at(-1), 'close 1000 ""');
      assertEquals(peer.got().filter((line) => line.startsWith("8")), ["8 03e8"]);
      assertEquals(peer.session.state, "closed");
    }
  });

  Deno.test(`Session: aborted, a ${role} neither sends nor hears anything`, () => {
    const peer = new SessionPeer(role);
    peer.session.backlogged = true;
    peer.send({ opcode: 9 }, { opcode: 1, fin: false, payload: "a" });
    peer.told();
    peer.session.abort();
    assertEquals(peer.session.state, "failed");
    peer.session.backlogged = false;
    peer.send({ opcode: 0, payload: "b" }, ...DATA, { opcode: 8 });
    sendAll(peer);
    assertEquals(peer.told(), []);
    assertEquals(peer.got(), []);
  });

  Deno.test(`Session: aborted in a handler, a ${role} is told nothing more`, () => {
    const frames = [{ opcode: 1, payload: "a" }, { opcode: 2, payload: "b" }, { opcode: 9 }];
    for (const piecewise of [false, true]) {
      for (const pieces of everyCut(new SessionPeer(role).frames(...frames))) {
        const whole = new SessionPeer(role, { piecewise });
        let events = 0;
        whole.sink.onEvent = () => events++;
        whole.sendPieces(pieces);
        for (let count = 1; count <= events; count++) {
          const peer = new SessionPeer(role, { piecewise });
          let seen = 0;
          peer.sink.onEvent = () => {
            if (++seen === count) peer.session.abort();
          };
          peer.sendPieces(pieces);
          assertEquals(seen, count);
          assertEquals(peer.session.state, "failed");
        }
      }
    }
  });
}

Deno.test("Session: closing from both sides at once is one clean event on each (§7.1.4)", () => {
  const ends = ROLES.map((role) => new SessionPeer(role));
  const [server, client] = [ends[0]!, ends[1]!];
  server.session.close(1001, "s");
  client.session.close(1000, "c");
  const fromServer = server.session.output.take();
  const fromClient = client.session.output.take();
  server.sendBytes(fromClient);
  client.sendBytes(fromServer);
  assertEquals(server.told(), ['close 1000 "c"']);
  assertEquals(client.told(), ['close 1001 "s"']);
  for (const { session } of ends) {
    assertEquals(session.state, "closed");
    assertEquals(session.output.length, 0);
  }
});
