/** The conformance commands run as processes, as the tasks run them. */

/** The repository, with a slash at the end. */
export const ROOT: string = decodeURIComponent(new URL("../../", import.meta.url).pathname);

/** What a run leaves behind. */
export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a script is run. */
export interface RunOptions {
  readonly permissions: readonly string[];
  /** Environment variables besides our own. @default none */
  readonly env?: Readonly<Record<string, string>>;
  /** How long it may take, in milliseconds. @default 60000 */
  readonly patience?: number;
}

function command(script: string, args: readonly string[], options: RunOptions): Deno.Command {
  const { permissions, env = {}, patience = 60_000 } = options;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--frozen", "--quiet", "--no-prompt", ...permissions]
      .concat("--allow-env=NO_COLOR,FORCE_COLOR,CLICOLOR_FORCE", `${ROOT}${script}`, args),
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(patience),
  });
}

/** Runs a script of the repository, such as `autobahn/check.ts`, to its end. */
export async function run(
  script: string,
  args: readonly string[],
  options: RunOptions,
): Promise<Run> {
  const { code, stdout, stderr } = await command(script, args, options).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** What happens while a script runs. */
export interface FollowOptions extends RunOptions {
  /** What standard error must have for `onText` to be called, once. */
  readonly text: string;
  /** Gets what standard error has so far, and what sends a signal to the process. */
  readonly onText: (
    stderr: string,
    kill: (signal: Deno.Signal) => void,
  ) => Promise<void> | void;
}

/**
 * Runs a script to its end, and does something as soon as standard error has `text`.
 *
 * @throws {Error} when it ends without that text.
 */
export async function follow(
  script: string,
  args: readonly string[],
  options: FollowOptions,
): Promise<Run> {
  const { text, onText } = options;
  const child = command(script, args, options).spawn();
  const stdout = new Response(child.stdout).text();
  const decoder = new TextDecoder();
  let stderr = "";
  let action: Promise<void> | undefined;
  for await (const bytes of child.stderr) {
    stderr += decoder.decode(bytes, { stream: true });
    if (action !== undefined || !stderr.includes(text)) continue;
    action = (async () => await onText(stderr, (signal) => child.kill(signal)))();
    action.catch(() => child.kill("SIGKILL"));
  }
  const { code } = await child.status;
  if (action === undefined) {
    throw new Error(`${script} ended with ${code} without "${text}":\n${stderr}`);
  }
  await action;
  return { code, stdout: await stdout, stderr };
}

/** Runs a script, and sends it a signal as soon as standard error has `text`. */
export function interrupt(
  script: string,
  args: readonly string[],
  { signal, ...options }: RunOptions & { readonly text: string; readonly signal: Deno.Signal },
): Promise<Run> {
  return follow(script, args, { ...options, onText: (_, kill) => kill(signal) });
}

/** A folder for one test, which goes with it. */
export class TestFolder implements Disposable {
  readonly path: string = Deno.makeTempDirSync({ prefix: "conformance-" });

  /** Writes a file; gives its path. */
  write(name: string, text: string, mode = 0o644): string {
    const path = `${this.path}/${name}`;
    Deno.writeTextFileSync(path, text, { mode });
    return path;
  }

  /** The text of a file. */
  read(name: string): string {
    return Deno.readTextFileSync(`${this.path}/${name}`);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}
