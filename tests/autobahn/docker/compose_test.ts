/** `compose.yaml` and the specifications beside it, as Docker Compose and the testsuite read them. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { load, YAML11_SCHEMA } from "js-yaml";
import { formatSpec, specFile } from "../../../autobahn/docker/spec.ts";
import { COMPOSE_FILE, DOCKER, WSTEST } from "../../../autobahn/docker/testsuite.ts";
import { FileFormatError } from "../../../autobahn/suite/cli/expected_file.ts";

/** The image whose results are the expected ones. */
const IMAGE = "crossbario/autobahn-testsuite:25.10.1" +
  "@sha256:519915fb568b04c9383f70a1c405ae3ff44ab9e35835b085239c258b6fac3074";

interface Service {
  image: string;
  command: unknown[];
  network_mode: string;
  init: boolean;
  volumes: unknown[];
  profiles: string[];
}

interface Compose {
  name: string;
  services: Record<string, Service>;
}

function readConfig(name: string): string {
  return Deno.readTextFileSync(new URL(`../../../autobahn/config/${name}`, import.meta.url));
}

// The schema with merge keys, which Compose has as well.
const compose = load(Deno.readTextFileSync(COMPOSE_FILE), { schema: YAML11_SCHEMA }) as Compose;

Deno.test("compose: the keys at the top and the services are those that are meant", () => {
  assertEquals(Object.keys(compose), ["name", "x-testsuite", "services"]);
  assertEquals(Object.keys(compose.services), ["fuzzingclient", "fuzzingserver"]);
});

for (const [name, service] of Object.entries(compose.services)) {
  Deno.test(`compose: ${name} runs the pinned image on this machine's network`, () => {
    assertEquals(service.image, IMAGE);
    assertEquals([service.network_mode, service.init], ["host", true]);
    assertEquals(service.profiles, [name === "fuzzingclient" ? "server" : "client"]);
    assertEquals(service.volumes, [
      {
        type: "bind",
        source: "${AUTOBAHN_CONFIG:-./config}",
        target: "/config",
        read_only: true,
      },
      {
        type: "bind",
        source: "${AUTOBAHN_REPORTS:-../.cache/autobahn/reports}",
        target: "/reports",
      },
    ]);
  });

  Deno.test(`compose: ${name} is told its mode and the specification that is there`, () => {
    const words = ["wstest", "--mode", name, "--spec", `/config/${name}.json`];
    if (name === "fuzzingserver") words.push("--webport", "0");
    assertEquals(service.command, words);
    assert(readConfig(`${name}.json`).length > 0);
  });
}

Deno.test("specifications: all cases, and the report where the volume is", () => {
  for (const role of ["server", "client"] as const) {
    const spec = JSON.parse(readConfig(specFile(role)));
    assertEquals(spec.cases, ["*"]);
    assertEquals([spec["exclude-cases"], spec["exclude-agent-cases"]], [[], {}]);
    assertEquals(spec.outdir, "/reports");
  }
});

Deno.test("specifications: a run fills in where and what", () => {
  const server = formatSpec(readConfig("fuzzingclient.json"), {
    role: "server",
    url: "ws://127.0.0.1:4711/echo",
    agent: "tidewire codec server",
    outdir: "/reports",
  });
  assertEquals(JSON.parse(server), {
    outdir: "/reports",
    servers: [{ agent: "tidewire codec server", url: "ws://127.0.0.1:4711/echo" }],
    cases: ["*"],
    "exclude-cases": [],
    "exclude-agent-cases": {},
  });
  const client = formatSpec(readConfig("fuzzingserver.json"), {
    role: "client",
    url: "ws://127.0.0.1:4712",
    agent: "",
    outdir: "/out",
    cases: ["1.1.1"],
  });
  assertEquals(JSON.parse(client), {
    outdir: "/out",
    url: "ws://127.0.0.1:4712",
    cases: ["1.1.1"],
    "exclude-cases": [],
    "exclude-agent-cases": {},
  });
});

Deno.test("specifications: a file that is none is refused", () => {
  const options = { role: "client", url: "", agent: "", outdir: "" } as const;
  assertThrows(() => formatSpec("{", options), FileFormatError, "fuzzingserver.json is no JSON");
  assertThrows(() => formatSpec("{}", options), FileFormatError, '"cases" must be a list');
});

const RUN = { config: "/c", reports: "/r", name: "tidewire-autobahn-1" } as const;

Deno.test("testsuite: the words that Docker is given", () => {
  for (
    const [role, service] of [["server", "fuzzingclient"], ["client", "fuzzingserver"]] as const
  ) {
    const run = { ...RUN, role };
    const { executable, args, env } = DOCKER.command(run);
    assertEquals([executable, ...args], [
      "docker",
      "compose",
      "--file",
      COMPOSE_FILE,
      "run",
      "--rm",
      "--no-TTY",
      "--name",
      "tidewire-autobahn-1",
      service,
    ]);
    assertEquals(env, { AUTOBAHN_CONFIG: "/c", AUTOBAHN_REPORTS: "/r" });
    assertEquals(DOCKER.reportsPath(run), "/reports");
    const cleanUp = DOCKER.cleanUp(run);
    assertEquals([cleanUp?.executable, ...cleanUp?.args ?? []], [
      "docker",
      "rm",
      "--force",
      "tidewire-autobahn-1",
    ]);
  }
});

Deno.test("testsuite: the words that wstest is given", () => {
  const command = (role: "server" | "client") => {
    const { executable, args } = WSTEST.command({ ...RUN, role });
    return [executable, ...args].join(" ");
  };
  assertEquals(command("server"), "wstest --mode fuzzingclient --spec /c/fuzzingclient.json");
  assertEquals(
    command("client"),
    "wstest --mode fuzzingserver --spec /c/fuzzingserver.json --webport 0",
  );
  assertEquals(WSTEST.reportsPath({ ...RUN, role: "server" }), "/r");
  assertEquals(WSTEST.cleanUp({ ...RUN, role: "server" }), undefined);
});
