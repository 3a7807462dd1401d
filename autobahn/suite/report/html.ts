/**
 * Writes the report page: one file that has its styles, its script and its data in it, and needs
 * nothing from anywhere.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { BEHAVIORS } from "../model/behavior.ts";
import type { CaseResult } from "../model/result.ts";
import { joinModules } from "./inline_modules.ts";
import { packResults, pageIndex } from "./page_data.ts";

const PAGE = new URL("./page/", import.meta.url);

/**
 * Makes the page. It needs permission to read the folder `page` beside this file.
 *
 * @param groups Names of sections and groups of cases, by their numbers.
 */
export function reportPage(
  results: readonly CaseResult[],
  groups: Readonly<Record<string, string>>,
): string {
  const styles: string[] = [];
  const scripts: string[] = [];
  const page = readPageFile("index.html")
    .replace(/ *<link rel="stylesheet" href="([\w.]+)" \/>\n/g, (_, name: string) => {
      styles.push(readPageFile(name));
      return element("style", styles.at(-1) ?? "");
    })
    .replace(/ *<script type="module" src="([\w.]+)"><\/script>\n/, (_, name: string) => {
      scripts.push(joinModules(name, readPageFile));
      return element("script", scripts.at(-1) ?? "");
    });
  // Functions, since a dollar sign in a replacement would be read as a reference.
  return page
    .replace("<!-- policy -->", () => policyElement(scripts, styles))
    .replace("<!-- report -->", () => dataElements(results, groups));
}

function readPageFile(name: string): string {
  return Deno.readTextFileSync(new URL(name, PAGE));
}

function element(name: "style" | "script", content: string): string {
  return `    <${name}>${content}</${name}>\n`;
}

/** Lets the page run what is known here by its hash, and load nothing at all. */
function policyElement(scripts: readonly string[], styles: readonly string[]): string {
  const policy = [
    "default-src 'none'",
    `script-src ${scripts.map(hashSource).join(" ")}`,
    `style-src ${styles.map(hashSource).join(" ")}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return `<meta http-equiv="Content-Security-Policy" content="${policy.join("; ")}" />`;
}

function hashSource(content: string): string {
  return `'sha256-${createHash("sha256").update(content).digest("base64")}'`;
}

function dataElements(
  results: readonly CaseResult[],
  groups: Readonly<Record<string, string>>,
): string {
  const index = pageIndex(results, { groups, behaviors: BEHAVIORS });
  const packs = packResults(results).map(({ agent, section, packed }) =>
    `<script type="text/plain" id="pack-${agent}-${section}">${packed}</script>`
  );
  return [
    `<script type="application/json" id="report">${embeddedJson(index)}</script>`,
    ...packs,
  ].join("\n    ");
}

/** JSON that can stand in a script element: nothing in it can end the element or open a comment. */
export function embeddedJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
