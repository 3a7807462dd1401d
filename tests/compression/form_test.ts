/**
 * The probe: contexts are used where they work, and whatever is wrong with them is found.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { type ContextOpeners, contextsWork, zlibForm } from "../../lib/compression/form.ts";
import {
  openContexts,
  openDeflateContext,
  openInflateContext,
  type ZlibContext,
} from "../../lib/compression/zlib_context.ts";

const OPENERS: ContextOpeners = { deflate: openDeflateContext, inflate: openInflateContext };

type Write = Parameters<ZlibContext["write"]>;

/** A context of this runtime, of which a test breaks a part. */
function broken(
  context: ZlibContext,
  part: Partial<Record<keyof ZlibContext, unknown>>,
): ZlibContext {
  return new Proxy(context, {
    get(target, name) {
      if (name in part) return part[name as keyof ZlibContext];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Openers in which the contexts of one direction have a broken part. */
function breaking(
  which: keyof ContextOpeners,
  part: (context: ZlibContext) => Partial<Record<keyof ZlibContext, unknown>>,
): ContextOpeners {
  return which === "deflate"
    ? {
      ...OPENERS,
      deflate: (settings) => {
        const context = openDeflateContext(settings);
        return broken(context, part(context));
      },
    }
    : {
      ...OPENERS,
      inflate: (bits) => {
        const context = openInflateContext(bits);
        return broken(context, part(context));
      },
    };
}

Deno.test("zlibForm: contexts work on this runtime", () => {
  assertEquals(zlibForm(), "contexts");
  const before = openContexts();
  assertEquals(contextsWork(OPENERS), true);
  assertEquals(openContexts(), before);
});

const BROKEN: readonly (readonly [what: string, openers: ContextOpeners])[] = [
  ["opening fails", {
    ...OPENERS,
    inflate: () => {
      throw new TypeError("no handle");
    },
  }],
  [
    "a write throws",
    breaking("deflate", () => ({
      write: () => {
        throw new Error("gone");
      },
    })),
  ],
  ["a write does nothing to deflate", breaking("deflate", () => ({ write: () => {} }))],
  ["a write does nothing to inflate", breaking("inflate", () => ({ write: () => {} }))],
  ["the counts stay 0", breaking("deflate", () => ({ spaceLeft: 0, inputLeft: 0 }))],
  ["the input seems unused", breaking("deflate", () => ({ inputLeft: 100 }))],
  ["everything seems to fail", breaking("inflate", () => ({ failed: true }))],
  ["nothing seems to fail", breaking("inflate", () => ({ failed: false }))],
  ["a reset does nothing", breaking("inflate", () => ({ reset: () => {} }))],
  [
    "the flush is not obeyed",
    breaking("deflate", (context) => ({
      write: (...[, ...rest]: Write) => context.write(0, ...rest),
    })),
  ],
  [
    "the end of a block is passed over",
    breaking("inflate", (context) => ({
      write: (...[, ...rest]: Write) => context.write(2, ...rest),
    })),
  ],
];

for (const [what, openers] of BROKEN) {
  Deno.test(`contextsWork: no, when ${what}`, () => {
    const before = openContexts();
    assertEquals(contextsWork(openers), false);
    assertEquals(openContexts(), before);
  });
}
