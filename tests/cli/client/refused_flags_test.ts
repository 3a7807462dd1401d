/** Flags of the client command that are wrong, or do not go together. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { clientProgram } from "../../../lib/cli/client/client_program.ts";
import { parseProgram } from "../../../lib/cli/command.ts";
import { CA } from "../../client/tls_server.ts";
import { run, scratchFolder } from "./harness.ts";

/** Command lines that are wrong, and what is said of them. */
const WRONG: [args: string[], message: string][] = [
  [["--wait", "1s"], "--wait needs --one or --count beside it"],
  [["--attempts", "3"], "--attempts and --backoff need --reconnect beside them"],
  [["--listen", "0", "ws://127.0.0.1/"], "--listen takes no URL"],
  [["--one", "--count", "2"], "cannot be used with option '-n, --count <n>'"],
  [["--count", "0"], "It must be a whole number, at least 1."],
  [["--close-code", "1005"], "It must be 1000 to 1003, 1007 to 1014, or 3000 to 4999."],
  [["--close-reason", "x".repeat(124)], "It must be 123 bytes of UTF-8 at most."],
  [["--close-reason", "✓".repeat(42)], "It must be 123 bytes of UTF-8 at most."],
  [["--delimiter", "\\q"], "\\q has no meaning here"],
  [["--cookie", "id"], `It must be a name and a value, such as "id=1"`],
  [["--basic-auth", "ann"], "It must be a user name and a password, such as ann:secret."],
  [["--backoff", "1s"], "It must be"],
  [["--listen", "x"], "It must be a whole number from 0"],
  [["--redirects", "101"], "It must be a whole number from 0 to 100."],
  [["--max-message", "0"], "It must be a number of bytes"],
  [["--cert", "tests/fixtures/localhost.pem"], "--cert and --key go together"],
  [
    ["--cert", "tests/fixtures/localhost.pem", "--key", "tests/fixtures/ca_key.pem"],
    "--key must be the key of --cert; tests/fixtures/ca_key.pem belongs to another one",
  ],
  [
    ["--cert", "LICENSE", "--key", "tests/fixtures/ca_key.pem"],
    "--cert needs PEM, with a line -----BEGIN CERTIFICATE-----; LICENSE has no such line",
  ],
  [
    ["--cert", "tests/fixtures/localhost.pem", "--key", "tests/fixtures/localhost.pem"],
    "--key needs PEM, with a line -----BEGIN PRIVATE KEY-----",
  ],
  [["--ca", "LICENSE", "wss://127.0.0.1:1/"], "--ca needs PEM, with a line -----BEGIN CERTIFICATE"],
  [["--ca", "nowhere.pem"], "Cannot read the file of --ca: No such file"],
  [["--proxy", "socks5://127.0.0.1"], "The proxy's scheme must be http: or https:"],
  [["--cookie", "a=1", "-H", "Cookie: b=2"], "--cookie and --header both give Cookie"],
  [["--insecure", "ws://127.0.0.1/"], "--insecure are for wss, and this URL is ws"],
  [["--save-binary", "tests"], "--save-binary needs the permission --allow-write=tests"],
  [["--output", "tests/nowhere/file"], "Cannot open the file of --output"],
  [["--max-message", "1GiB"], "--max-message must be a whole number from 1 to 536870888"],
  [["--unix", ""], "--unix must be the path of a socket"],
  [["-H", "Proxy-Authorization: x"], "give --proxy a URL with user:password@"],
  [["--ping-interval", "0ms"], "0 is no time between pings; off sends none."],
  [["--exit-on-eof", "5"], "It must be a time with its unit, such as 500ms"],
  [["--listen", "a b:0"], "Cannot use --listen: invalid host 'a b'"],
  [["-u", "a:b", "ws://ann:s3same@127.0.0.1/"], "--basic-auth and the URL both say who logs in"],
  [["-H", "Authorization: x", "ws://ann@127.0.0.1/"], "--header and the URL both say who logs in"],
];

Deno.test("client: exit code 2 when flags are wrong, or do not go together", async (t) => {
  for (const [args, message] of WRONG) {
    await t.step(args.join(" "), async () => {
      const { code, stdout, stderr } = await run(args);
      assertEquals([code, stdout], [2, ""]);
      assertStringIncludes(stderr.replace(/\s+/g, " "), message);
      assert(!stderr.includes("s3same"), stderr);
    });
  }
});

/** Flags of which one would be dropped, without a word, beside any of the others. */
const PAIRS: [flag: string, others: string[]][] = [
  ["--plain", ["--json", "--pretty", "--timestamps", "--round-trips", "--save-binary=x"]],
  ["--json", ["--pretty", "--timestamps", "--quiet", "--save-binary=x"]],
  ["--base64", ["--binary", "--json-input", "--pretty", "--timestamps", "--round-trips"]],
  ["--delimiter=;", ["--pretty", "--timestamps", "--round-trips", "--save-binary=x"]],
  ["--save-binary=x", ["--output=x", "--binary", "--base64", "--quiet"]],
  ["--json-input", ["--binary"]],
  ["--insecure", ["--ca=x", "--listen=0"]],
  ["--quiet", ["--verbose"]],
  ["--reconnect", ["--one", "--listen=0"]],
];

Deno.test("client: flags that take the sense from each other are refused", () => {
  for (const [flag, others] of PAIRS) {
    for (const other of others) {
      for (const args of [[flag, other], [other, flag]]) {
        const program = clientProgram();
        let said = "";
        program.configureOutput({ writeErr: (text) => said += text });
        assertEquals(parseProgram(program, args), { kind: "exit", code: 2 }, args.join(" "));
        for (const word of args) assertStringIncludes(said, word.split("=")[0]!);
        assertStringIncludes(said, "cannot be used with");
      }
    }
  }
});

Deno.test("client: exit code 2 when certificates or keys cannot be read, and which", async () => {
  using folder = scratchFolder();
  const pem = (label: string) => `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;
  const [cert, key] = [`${folder.path}/cert.pem`, `${folder.path}/key.pem`];
  await Deno.writeTextFile(cert, `${CA}${pem("CERTIFICATE")}`);
  await Deno.writeTextFile(key, pem("PRIVATE KEY"));
  const good = "tests/fixtures/localhost";
  const rows: [args: string[], message: string][] = [
    [["--ca", cert], `--ca needs certificates; one in ${cert} cannot be read: `],
    [
      ["--cert", cert, "--key", `${good}_key.pem`],
      `--cert needs certificates; one in ${cert} cannot be read: `,
    ],
    [
      ["--cert", `${good}.pem`, "--key", key],
      `--key needs a private key without a passphrase; that in ${key} cannot be read: `,
    ],
  ];
  for (const [args, message] of rows) {
    const grants = [`--allow-read=${folder.path}`];
    const { code, stderr } = await run(["wss://127.0.0.1:1/", ...args], { grants });
    assertEquals(code, 2);
    assertStringIncludes(stderr, `client: ${message}`);
  }
});
