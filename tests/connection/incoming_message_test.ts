/**
 * One message as it comes in, piece by piece.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { ConnectionClosedError } from "../../lib/connection/errors.ts";
import {
  type IncomingMessage,
  MessageFeed,
  PIECE_BYTES,
} from "../../lib/connection/incoming_message.ts";
import type { MessageType } from "../../lib/protocol/opcodes.ts";
import { settle } from "../support/fake_clock.ts";

/** A feed, its message, and what the account holds; `room` is what it still accepts. */
function setUp(type: MessageType = "binary"): {
  feed: MessageFeed;
  message: IncomingMessage;
  account: { held: number; room: number };
} {
  const account = { held: 0, room: Infinity };
  const feed = new MessageFeed({
    hold(bytes) {
      if (account.room < bytes) return false;
      account.held += bytes;
      return true;
    },
    release: (bytes) => void (account.held -= bytes),
  });
  return { feed, message: feed.open(type), account };
}

const bytes = (...values: number[]) => new Uint8Array(values);

Deno.test("incoming message: pieces that came before and after the reading arrive in order", async () => {
  const { feed, message, account } = setUp();
  assertEquals(message.type, "binary");
  feed.push(bytes(1, 2));
  feed.push(bytes(3));
  assertEquals(account.held, 3 + 2 * PIECE_BYTES, "a short piece costs more than its bytes");
  const reader = message.body.getReader();
  assertEquals(await reader.read(), { done: false, value: bytes(1, 2) });
  assertEquals(account.held, 1 + PIECE_BYTES);
  assertEquals(await reader.read(), { done: false, value: bytes(3) });
  const waiting = reader.read();
  await settle();
  feed.push(bytes(4));
  assertEquals(account.held, 0, "what is waited for is not held");
  assertEquals(await waiting, { done: false, value: bytes(4) });
  feed.end();
  assertEquals((await reader.read()).done, true);
});

Deno.test("incoming message: the end comes after the pieces, or to who waits for more", async () => {
  const { feed, message } = setUp();
  feed.push(bytes(1));
  feed.end();
  assertEquals(await message.bytes(), bytes(1));
  const other = setUp();
  const waiting = other.message.bytes();
  await settle();
  other.feed.end();
  assertEquals(await waiting, bytes());
});

Deno.test("incoming message: text comes as UTF-8, whose pieces may cut a character", async () => {
  const { feed, message } = setUp("text");
  const whole = new TextEncoder().encode("\ufeffé😀");
  for (const byte of whole) feed.push(bytes(byte));
  feed.end();
  assertEquals(await message.text(), "\ufeffé😀", "a byte order mark stays");
});

Deno.test("incoming message: who stops reading makes the rest be dropped", async () => {
  const { feed, message, account } = setUp();
  feed.push(bytes(1, 2, 3));
  await message.body.cancel();
  assertEquals(account.held, 0);
  feed.push(bytes(4));
  assertEquals(account.held, 0);
  feed.end();
  feed.fail(new Error("too late to matter"));
  await settle();
});

Deno.test("incoming message: leaving a loop over the body cancels it", async () => {
  const { feed, message, account } = setUp();
  feed.push(bytes(1));
  feed.push(bytes(2));
  for await (const piece of message.body) {
    assertEquals(piece, bytes(1));
    break;
  }
  assertEquals(account.held, 0);
});

Deno.test("incoming message: a message that will never be complete fails, and nothing is held", async () => {
  const { feed, message, account } = setUp();
  feed.push(bytes(1));
  const error = new ConnectionClosedError();
  feed.fail(error);
  assertEquals(await assertRejects(() => message.bytes(), ConnectionClosedError), error);
  assertEquals(account.held, 0);
  const other = setUp();
  const waiting = other.message.body.getReader().read();
  await settle();
  other.feed.fail(error);
  assertEquals(await assertRejects(() => waiting, ConnectionClosedError), error);
});

Deno.test("incoming message: what there is no room for makes it fail, and the rest is dropped", async () => {
  const { feed, message, account } = setUp();
  account.room = 2 + PIECE_BYTES;
  feed.push(bytes(1, 2));
  feed.push(bytes(3, 4, 5));
  feed.push(bytes(6));
  feed.end();
  assertEquals(account.held, 0);
  await assertRejects(() => message.bytes(), ConnectionClosedError);
});
