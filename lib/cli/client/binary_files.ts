/**
 * Saves binary messages, each as a file of its own.
 *
 * @module
 */
import { errorText } from "../../client/connect_error.ts";
import { UsageError } from "../usage_error.ts";

/** Saves in one folder, and never over a file that is there. */
export class BinaryFiles {
  readonly #folder: string;
  #number = 0;

  /**
   * The folder must be there.
   *
   * @throws {UsageError} when the permission to write there is missing.
   */
  constructor(folder: string) {
    // Asked for now: later, the runtime's question would stand in the way of the prompt.
    const { state } = Deno.permissions.requestSync({ name: "write", path: folder });
    if (state !== "granted") {
      throw new UsageError(`--save-binary needs the permission --allow-write=${folder}`);
    }
    this.#folder = folder.replace(/(?<=.)\/+$/, "");
  }

  /** Saves a message; says where, or why not. */
  save(bytes: Uint8Array): string {
    for (;;) {
      const path = `${this.#folder}/message-${String(++this.#number).padStart(4, "0")}.bin`;
      try {
        Deno.writeFileSync(path, bytes, { createNew: true });
        return `saved as ${path}`;
      } catch (error) {
        if (error instanceof Deno.errors.AlreadyExists) continue;
        return `not saved: ${errorText(error)}`;
      }
    }
  }
}
