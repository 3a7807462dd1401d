/** Flags of the client command that say how the connection is opened. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createServer, type TLSSocket } from "node:tls";
import { CA, CERT, KEY, TlsServer } from "../../client/tls_server.ts";
import { TunnelProxy } from "../../client/tunnel_proxy.ts";
import { UnixServer } from "../../client/unix_server.ts";
import { RawListener } from "../../support/raw_peer.ts";
import { answerClose, converse, echoServer, type Run, run } from "./harness.ts";

/** What is given, and the line of the request that comes of it. */
const FIELDS: [args: string[], line: string][] = [
  [["--origin", "https://example.org"], "Origin: https://example.org"],
  [["--basic-auth", "ann:sec:ret"], "Authorization: Basic YW5uOnNlYzpyZXQ="],
  [["-u", "zoë:ü"], "Authorization: Basic em/DqzrDvA=="],
  [["--cookie", "a=1", "-b", "b=x y"], "Cookie: a=1; b=x y"],
];

Deno.test("client: flags that stand for a field of the request", async () => {
  for (const [args, line] of FIELDS) {
    await using pair = await converse(args);
    assertStringIncludes(pair.request.text, `\r\n${line}\r\n`);
    await pair.client.end();
    await answerClose(pair.peer);
    assertEquals(await pair.client.exitCode(), 0);
  }
});

Deno.test("client: --timeout gives up opening with exit code 4", async () => {
  await using listener = await RawListener.listen();
  const { code, stderr } = await run([`ws://127.0.0.1:${listener.port}/`, "--timeout", "300ms"]);
  assertEquals(code, 4);
  assertStringIncludes(stderr, "did not complete it within 300 ms");
});

Deno.test("client: --redirects follows so many, and none by default", async () => {
  await using server = echoServer();
  const answer = `HTTP/1.1 307 Temporary Redirect\r\nLocation: ${server.url}\r\n` +
    "Content-Length: 0\r\n\r\n";
  for (const [args, expected] of [[["--redirects", "1"], 0], [["-L", "1"], 0], [[], 3]] as const) {
    await using listener = await RawListener.listen();
    const running = run([`ws://127.0.0.1:${listener.port}/`, "--plain", ...args], {
      input: "hi\n",
    });
    await using peer = await listener.accept();
    await peer.readHead();
    await peer.write(answer);
    await peer.halfClose();
    const { code, stdout } = await running;
    assertEquals([code, stdout], [expected, expected === 0 ? "hi\n" : ""]);
  }
});

Deno.test("client: --proxy goes through a proxy, with its own credentials", async () => {
  await using server = echoServer();
  await using proxy = new TunnelProxy();
  for (const flag of ["--proxy", "-x"]) {
    const { code, stdout } = await run(
      [server.url, "--plain", flag, `http://ann:secret@127.0.0.1:${proxy.port}`],
      { input: "through\n" },
    );
    assertEquals([code, stdout], [0, "through\n"]);
  }
  assertEquals(proxy.requests.length, 2);
  assertStringIncludes(proxy.requests[0]!.text, "\r\nProxy-Authorization: Basic YW5uOnNlY3JldA==");
});

Deno.test("client: exit code 3 when the proxy refuses", async () => {
  await using proxy = new TunnelProxy({
    answer: "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
  });
  const args = ["ws://127.0.0.1:9/", "--proxy", `http://127.0.0.1:${proxy.port}`, "--verbose"];
  const { code, stderr } = await run(args);
  assertEquals(code, 3);
  assertStringIncludes(stderr, "> CONNECT 127.0.0.1:9 HTTP/1.1\n");
  assertStringIncludes(stderr, "< HTTP/1.1 407 Proxy Authentication Required\n");
});

Deno.test("client: the environment names a proxy, as for curl; --no-proxy does without", async () => {
  await using server = echoServer();
  await using proxy = new TunnelProxy();
  const http_proxy = `127.0.0.1:${proxy.port}`;
  const { port } = new URL(server.url);
  const rows: [args: string[], env: Record<string, string>, tunnels: number][] = [
    [[], { http_proxy, no_proxy: "" }, 1],
    [[], { all_proxy: http_proxy, no_proxy: "" }, 1],
    [[], { HTTP_PROXY: http_proxy, no_proxy: "" }, 0],
    [[], { http_proxy, no_proxy: "localhost,127.0.0.1" }, 0],
    [["--no-proxy"], { http_proxy, no_proxy: "" }, 0],
    [["--proxy", `http://127.0.0.1:${proxy.port}`], { no_proxy: "*" }, 1],
  ];
  for (const [args, env, tunnels] of rows) {
    proxy.requests.length = 0;
    const { code, stdout } = await run([server.url, "-q", ...args], {
      input: "x\n",
      env: { http_proxy: "", all_proxy: "", ALL_PROXY: "", ...env },
      permissions: ["--allow-net=127.0.0.1", "--allow-read=.", "--allow-env"],
    });
    // The runtime may use the proxy too, to look for a newer version of itself.
    const ours = proxy.requests.filter(({ startLine }) =>
      startLine.includes(` 127.0.0.1:${port} `)
    );
    assertEquals([code, stdout, ours.length], [0, "x\n", tunnels], JSON.stringify(env));
  }
});

/** Runs the client against a server with a certificate of the tests, which then goes away. */
async function runTls(certificate: string, args: readonly string[]): Promise<Run> {
  let running: Promise<Run>;
  {
    await using server = new TlsServer(certificate);
    running = run([`wss://127.0.0.1:${server.port}/`, "--timeout", "5s", ...args]);
    await Promise.race([server.acceptUpgrade().catch(() => {}), running]);
  }
  return await running;
}

Deno.test("client: --ca trusts an authority; without it, exit code 6", async () => {
  const trusted = await runTls("localhost", ["--ca", "tests/fixtures/ca.pem"]);
  assertStringIncludes(trusted.stderr, "connected to wss://127.0.0.1:");
  const refused = await runTls("localhost", []);
  assertEquals(refused.code, 6);
  assertStringIncludes(
    refused.stderr,
    "its authority is not among those that are trusted (see --ca), or it has expired\n",
  );
});

Deno.test("client: --insecure takes any certificate, and says so loudly", async () => {
  for (
    const [flag, certificate] of [["--insecure", "self_signed"], ["-k", "wrong_host"]] as const
  ) {
    const { stderr } = await runTls(certificate, [flag, "--verbose"]);
    assertMatch(stderr, /^client: WARNING: --insecure: no certificate is checked/);
    assertStringIncludes(stderr, "CERTIFICATE NOT VERIFIED");
    assertStringIncludes(stderr, "connected to wss://127.0.0.1:");
  }
  const quiet = await runTls("self_signed", ["-k", "-q"]);
  assertStringIncludes(quiet.stderr, "WARNING");
});

Deno.test("client: --cert and --key show a certificate to the server", async () => {
  const options = { cert: CERT, key: KEY, ca: [CA], requestCert: true, rejectUnauthorized: true };
  const shown = Promise.withResolvers<string | undefined>();
  const server = createServer(options, (socket: TLSSocket) => {
    const { CN } = socket.getPeerCertificate().subject;
    shown.resolve(Array.isArray(CN) ? CN[0] : CN);
    socket.on("error", () => {});
    socket.on("data", () => {
      socket.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
      socket.destroySoon();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert(typeof address === "object" && address !== null);
  const fixtures = "tests/fixtures";
  const { code } = await run([
    `wss://127.0.0.1:${address.port}/`,
    ...["--ca", `${fixtures}/ca.pem`, "--cert", `${fixtures}/localhost.pem`],
    ...["--key", `${fixtures}/localhost_key.pem`],
  ]);
  assertEquals([code, await shown.promise], [3, "localhost"]);
  server.close();
});

Deno.test("client: --unix connects to a unix socket, and the URL gives host and path", async () => {
  const { path } = UnixServer;
  let running: Promise<Run>;
  {
    await using server = new UnixServer();
    running = run(["ws://some.example/path", "--unix", path, "--no-compress"], {
      permissions: [
        `--allow-net=127.0.0.1,unix:${path}`,
        "--allow-read=.",
        `--allow-write=${path}`,
        "--allow-env=NO_COLOR,FORCE_COLOR,CLICOLOR_FORCE",
      ],
    });
    const opened = await Promise.race([server.acceptUpgrade(), running]);
    assert("text" in opened, JSON.stringify(opened));
    assertStringIncludes(opened.text, "GET /path HTTP/1.1\r\nHost: some.example\r\n");
  }
  assertStringIncludes((await running).stderr, "connected to ws://some.example/path\n");
});
