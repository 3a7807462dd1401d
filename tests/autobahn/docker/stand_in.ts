/**
 * A stand-in for Autobahn|Testsuite, for tests of what starts it: it speaks with what is tested just
 * enough to see that it is there, and leaves the report that it was told to leave.
 *
 * ```sh
 * deno run -A stand_in.ts <the report to leave> <what wstest would be given…>
 * ```
 *
 * @module
 */

interface Spec {
  outdir: string;
  url: string;
  servers: { url: string }[];
}

/** Opens and closes a WebSocket, as the only case there is. */
async function visit(url: string): Promise<void> {
  const socket = new WebSocket(url);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.onopen = () => socket.close(1000);
  socket.onclose = () => resolve();
  socket.onerror = (event) => reject(event);
  await promise;
}

/** Answers a client of Autobahn's protocol that there is no case, and writes the report. */
function serveClient(url: string, leaveReport: () => void): void {
  const port = Number(new URL(url).port);
  Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    const { pathname } = new URL(request.url);
    socket.onopen = () => {
      if (pathname === "/getCaseCount") socket.send("0");
      if (pathname === "/updateReports") leaveReport();
      socket.close(1000);
    };
    return response;
  });
}

if (import.meta.main) {
  const [report = "", ...words] = Deno.args;
  if (words.includes("--autobahnversion")) Deno.exit(0);
  const mode = words[words.indexOf("--mode") + 1];
  const spec: Spec = JSON.parse(Deno.readTextFileSync(words[words.indexOf("--spec") + 1]!));
  const leaveReport = () => {
    if (report !== "none") Deno.copyFileSync(report, `${spec.outdir}/index.json`);
  };
  if (mode === "fuzzingserver") {
    serveClient(spec.url, leaveReport);
  } else {
    await visit(spec.servers[0]!.url);
    console.log("Running test case ID 1.1.1 for agent tidewire from peer tcp4");
    // It never ends where it is to be interrupted.
    if (report === "hang") await new Promise((resolve) => setTimeout(resolve, 60_000));
    leaveReport();
    if (report === "none") Deno.exit(3);
  }
}
