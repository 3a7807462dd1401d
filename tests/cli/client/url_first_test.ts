import { assertEquals } from "@std/assert";
import { urlFirst } from "../../../lib/cli/client/url_first.ts";

Deno.test("url first: a URL is no value of --exit-on-eof, whose value may be left out", () => {
  const rows: [args: string, expected: string][] = [
    ["", ""],
    ["--exit-on-eof", "--exit-on-eof"],
    ["--exit-on-eof ws://a/", "ws://a/ --exit-on-eof"],
    ["--exit-on-eof ws://a/ -q", "ws://a/ --exit-on-eof -q"],
    ["--exit-on-eof localhost:80 -q", "localhost:80 --exit-on-eof -q"],
    ["--exit-on-eof 1s ws://a/", "--exit-on-eof 1s ws://a/"],
    ["--exit-on-eof 5 ws://a/", "--exit-on-eof 5 ws://a/"],
    ["--exit-on-eof=1s ws://a/", "--exit-on-eof=1s ws://a/"],
    ["--exit-on-eof -H a:b", "--exit-on-eof -H a:b"],
    ["-- --exit-on-eof ws://a/", "-- --exit-on-eof ws://a/"],
    ["--exit-on-eof -- ws://a/", "--exit-on-eof -- ws://a/"],
  ];
  const words = (line: string) => line.split(" ");
  for (const [args, expected] of rows) assertEquals(urlFirst(words(args)), words(expected), args);
});
