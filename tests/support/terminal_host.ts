/**
 * Runs a program in a pseudo-terminal of 80 columns and 24 rows, and passes bytes between that
 * and its own standard input and output. It needs Linux and `--allow-ffi`.
 *
 * ```sh
 * deno run --allow-ffi --allow-run tests/support/terminal_host.ts PROGRAM ARGUMENTS
 * ```
 *
 * @module
 */

const COLUMNS = 80;
const ROWS = 24;
/** What the C library calls the longest path. */
const PATH_MAX = 4096;

const { symbols: libc } = Deno.dlopen("libc.so.6", {
  openpty: { parameters: ["buffer", "buffer", "buffer", "pointer", "buffer"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize", nonblocking: true },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize", nonblocking: true },
});

/** A pseudo-terminal: the person's end, the program's end, and the path of that. */
interface PseudoTerminal {
  readonly person: number;
  readonly program: number;
  readonly path: string;
}

function openTerminal(): PseudoTerminal {
  const [person, program] = [new Int32Array(1), new Int32Array(1)];
  const name = new Uint8Array(PATH_MAX);
  const size = new Uint16Array([ROWS, COLUMNS, 0, 0]);
  if (libc.openpty(person, program, name, null, size) !== 0) throw new Error("openpty failed");
  const path = new TextDecoder().decode(name.subarray(0, name.indexOf(0)));
  return { person: person[0]!, program: program[0]!, path };
}

/** Types all that comes in. */
async function type(person: number): Promise<void> {
  for await (const chunk of Deno.stdin.readable) {
    for (let rest = chunk; rest.length > 0;) {
      const count = Number(await libc.write(person, rest, BigInt(rest.length)));
      if (count <= 0) return;
      rest = rest.slice(count);
    }
  }
}

/** Gives out all that is shown, until nobody holds the program's end. */
async function show(person: number): Promise<void> {
  const buffer = new Uint8Array(65_536);
  for (;;) {
    const count = Number(await libc.read(person, buffer, BigInt(buffer.length)));
    if (count <= 0) return;
    for (let rest = buffer.subarray(0, count); rest.length > 0;) {
      rest = rest.subarray(await Deno.stdout.write(rest));
    }
  }
}

async function main(command: readonly string[]): Promise<number> {
  const { person, program, path } = openTerminal();
  const starter = new URL("terminal_starter.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-ffi", starter, path, ...command],
    stdin: "null",
  }).spawn();
  type(person);
  const shown = show(person);
  const { code } = await child.status;
  libc.close(program);
  await shown;
  return code;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
