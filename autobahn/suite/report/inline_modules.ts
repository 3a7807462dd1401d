/**
 * Joins the modules of the report page to one script, which needs no server to be loaded from.
 *
 * It understands as much of the language as the page uses: named imports from a file beside it,
 * and exported functions, classes and constants, each at the beginning of a line. Anything else
 * is an error.
 *
 * @module
 */

const IMPORT = /^import \{([^}]*)\} from "\.\/([\w.]+)";$/gm;
const EXPORT = /^export ((?:async )?function|class|const) (\w+)/gm;

/** Comments of documentation that have lines of their own; a reader of the page needs none. */
const COMMENT = /^ *\/\*\*[^]*?\*\/\n/gm;

/**
 * Joins a module with all that it imports.
 *
 * @param entry The name of the module to run.
 * @param read Gives the source of a module by its file name.
 * @returns a script without imports and exports.
 * @throws {SyntaxError} when a module uses another form, or modules import each other in a circle.
 */
export function joinModules(entry: string, read: (name: string) => string): string {
  const order: string[] = [];
  const sources = new Map<string, string>();
  const visit = (name: string, path: readonly string[]): void => {
    if (path.includes(name)) {
      throw new SyntaxError(`Modules import each other: ${[...path, name].join(" → ")}`);
    }
    if (sources.has(name)) return;
    const source = read(name);
    for (const [, , dependency = ""] of source.matchAll(IMPORT)) visit(dependency, [...path, name]);
    sources.set(name, source);
    order.push(name);
  };
  visit(entry, []);
  const parts = order.map((name) => enclose(name, sources.get(name) ?? ""));
  return `(() => {\n"use strict";\n${parts.join("\n")}\n})();\n`;
}

/** A module as an object that has what it exports. */
function enclose(name: string, source: string): string {
  const exported = [...source.matchAll(EXPORT)].map((match) => match[2]);
  const body = source
    .replace(COMMENT, "")
    .replace(
      IMPORT,
      (_, names: string, from: string) =>
        `const {${names.replace(/\bas\b/g, ":")}} = ${identifier(from)};`,
    )
    .replace(EXPORT, "$1 $2");
  const left = /^(import|export)\b.*/m.exec(body);
  if (left) throw new SyntaxError(`${name} has a form that is not understood: ${left[0]}`);
  if (/<\/script|<!--/i.test(body)) {
    throw new SyntaxError(`${name} has text that would end or confuse a script element`);
  }
  return `const ${identifier(name)} = (() => {\n${body}\nreturn { ${exported.join(", ")} };\n})();`;
}

function identifier(name: string): string {
  return `$${name.replace(/\.js$/, "").replace(/\W/g, "_")}`;
}
