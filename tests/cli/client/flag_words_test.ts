/** Each message is one that the library gives, so that a change of its words is noticed here. */
import { assert, assertEquals } from "@std/assert";
import { checkConnect, connect, type ConnectOptions } from "../../../lib/client/connect.ts";
import { ConnectError } from "../../../lib/client/connect_error.ts";
import { inFlagWords } from "../../../lib/cli/client/flag_words.ts";
import { TlsServer } from "../../client/tls_server.ts";

function messageOf(url: string, options: ConnectOptions): string {
  try {
    checkConnect(url, options);
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
  return "";
}

Deno.test("flag words: options of the library are told as the flags that set them", () => {
  const rows: [message: string, expected: string][] = [
    [
      messageOf("ws://a/", { tls: { insecure: true } }),
      "Cannot open the connection: --ca, --cert, --key and --insecure are for wss, and this URL " +
      "is ws",
    ],
    [
      messageOf("ws://a/", { headers: { "Proxy-Authorization": "x" } }),
      "Cannot open the connection: Proxy-Authorization is not for the server; give --proxy a URL " +
      "with user:password@",
    ],
    [
      messageOf("ws://a/", { maxMessageBytes: 2 ** 30 }),
      "--max-message must be a whole number from 1 to 536870888; got 1073741824",
    ],
    [messageOf("ws://a/", { unix: "" }), "--unix must be the path of a socket, with no NUL in it"],
  ];
  for (const [message, expected] of rows) assertEquals(inFlagWords(message), expected);
});

Deno.test("flag words: whom to trust", async () => {
  const messages = { server: "", proxy: "" };
  for (const to of ["server", "proxy"] as const) {
    await using server = new TlsServer("localhost");
    const url = `wss://127.0.0.1:${server.port}/`;
    const proxied = { proxy: `https://127.0.0.1:${server.port}` };
    const opening = connect(url, to === "proxy" ? proxied : {}).catch((error) => error);
    await server.acceptUpgrade().catch(() => {});
    const error = await opening;
    assert(error instanceof ConnectError, String(error));
    messages[to] = inFlagWords(error.message).replace(/^.*; its/, "its");
  }
  const told = (option: string) =>
    `its authority is not among those that are trusted (see ${option}), or it has expired`;
  assertEquals(messages, { server: told("--ca"), proxy: told("--cert of deno run") });
});
