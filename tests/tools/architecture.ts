/**
 * The rules that keep the layers apart: who may import whom, and what the protocol
 * core may touch.
 *
 * @module
 */
import type { Import } from "./module_graph.ts";

/** The most lines that a file under `lib/` may have. */
export const MAX_LINES = 400;

/**
 * Which layer may import which, besides itself. It is the direction
 * `protocol ← compression ← connection ← engine ← { server, client } ← cli ← { server.ts, client.ts }`
 * written out.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  compression: ["protocol"],
  connection: ["protocol", "compression"],
  engine: ["protocol", "compression", "connection"],
  server: ["protocol", "compression", "connection", "engine"],
  client: ["protocol", "compression", "connection", "engine"],
  hub: [],
  std: [],
  mod: ["protocol", "compression", "connection", "engine", "server", "client", "hub"],
  cli: [
    "protocol",
    "compression",
    "connection",
    "engine",
    "server",
    "client",
    "hub",
    "mod",
    "std",
    "manifest",
  ],
  command: [
    "protocol",
    "compression",
    "connection",
    "engine",
    "server",
    "client",
    "hub",
    "mod",
    "cli",
  ],
  "autobahn/suite": [],
};

/** Names that tie code to one runtime, or bring in a clock, a timer or randomness. */
const IMPURE_NAMES: ReadonlySet<string> = new Set([
  "Buffer",
  "Date",
  "Deno",
  "Temporal",
  "WebSocket",
  "clearInterval",
  "clearTimeout",
  "console",
  "crypto",
  "fetch",
  "navigator",
  "performance",
  "process",
  "queueMicrotask",
  "setImmediate",
  "setInterval",
  "setTimeout",
]);

/** The layer of a file, or `undefined` for what is outside of them (tests, benchmarks). */
function layerOf(path: string): string | undefined {
  if (path === "lib/mod.ts") return "mod";
  if (path === "deno.json") return "manifest";
  if (path === "server.ts" || path === "client.ts") return "command";
  if (path.startsWith("autobahn/suite/")) return "autobahn/suite";
  return /^lib\/([^/]+)/.exec(path)?.[1];
}

/** Says what is wrong with each import that breaks a rule, as `path:line: reason`. */
export function importViolations(imports: readonly Import[]): string[] {
  return imports.flatMap((each) => {
    const reason = violation(each);
    return reason === undefined ? [] : [`${each.from}:${each.line}: ${reason}`];
  });
}

function violation({ from, to }: Import): string | undefined {
  const layer = layerOf(from);
  if (layer === undefined) return undefined;
  const allowed = MAY_IMPORT[layer];
  if (allowed === undefined) return `${from} is in no layer; add it to MAY_IMPORT or move it`;
  if (/^[a-z]+:/.test(to)) return externalViolation(layer, to);
  const target = layerOf(to);
  if (target === layer || (target !== undefined && allowed.includes(target))) return undefined;
  const may = allowed.length === 0 ? "nothing outside of itself" : `only ${allowed.join(", ")}`;
  return `${layer} must not import ${to}: it may import ${may}`;
}

function externalViolation(layer: string, to: string): string | undefined {
  if (layer === "autobahn/suite") return undefined;
  if (layer === "protocol") {
    return `protocol must not import ${to}: it runs on any JavaScript runtime`;
  }
  if (to === "node:zlib" && layer !== "compression") return "only compression may import node:zlib";
  if (to.startsWith("npm:") && layer !== "cli") return `only cli may import ${to}`;
  if (!to.startsWith("node:") && !to.startsWith("npm:")) return `${layer} must not import ${to}`;
  return undefined;
}

/**
 * Finds what the protocol core must not use: a runtime's own names, timers, clocks,
 * randomness, `await`. Each as `path:line: reason`. Runs only under `deno test`, which
 * is where `Deno.lint.runPlugin` works.
 */
export function purityViolations(path: string, source: string): string[] {
  const plugin: Deno.lint.Plugin = { name: "purity", rules: { pure: { create: purityVisitor } } };
  return Deno.lint.runPlugin(plugin, path, source).map(({ range, message }) =>
    `${path}:${lineOf(source, range[0])}: ${message}`
  );
}

function purityVisitor(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  const report = (node: Deno.lint.Node, what: string): void =>
    context.report({ node, message: `protocol must not use ${what}` });
  return {
    Identifier(node) {
      if (IMPURE_NAMES.has(node.name) && !isPropertyName(node)) report(node, node.name);
    },
    MemberExpression(node) {
      const { object, property } = node;
      if (object.type !== "Identifier" || property.type !== "Identifier") return;
      if (object.name === "Math" && property.name === "random") report(node, "Math.random");
      if (object.name === "globalThis") report(node, "globalThis");
    },
    AwaitExpression: (node) => report(node, "await"),
    "ForOfStatement[await=true]": (node) => report(node, "for await"),
    ":matches(FunctionDeclaration, FunctionExpression, ArrowFunctionExpression)[async=true]": (
      node,
    ) => report(node, "async"),
  };
}

/** Tells `x.Date` and `{ Date: 1 }`, which are only names, from a use of the global `Date`. */
function isPropertyName(node: Deno.lint.Identifier): boolean {
  const parent: Deno.lint.Node = node.parent;
  if (parent.type === "MemberExpression") {
    return !parent.computed && sameNode(parent.property, node);
  }
  if (
    parent.type === "Property" || parent.type === "PropertyDefinition" ||
    parent.type === "MethodDefinition" || parent.type === "TSPropertySignature"
  ) {
    return !parent.computed && sameNode(parent.key, node);
  }
  return false;
}

function sameNode(a: { readonly range: Deno.lint.Range }, b: Deno.lint.Node): boolean {
  return a.range[0] === b.range[0] && a.range[1] === b.range[1];
}

function lineOf(source: string, offset: number): number {
  return source.slice(0, offset).split("\n").length;
}

/** Says which of the files are longer than {@linkcode MAX_LINES} lines. */
export function lengthViolation(path: string, source: string): string | undefined {
  const lines = source.replace(/\n$/, "").split("\n").length;
  return lines > MAX_LINES
    ? `${path}: ${lines} lines, at most ${MAX_LINES} are allowed`
    : undefined;
}
