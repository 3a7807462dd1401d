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
  readonly #onFailure: (error: unknown) => void;
  #number = 0;

  /**
   * Makes the folder where it is missing. `onFailure` is called for each message that cannot be
   * saved.
   *
   * @throws {UsageError} when the permission to write there is missing, or it can be no folder.
   */
  constructor(folder: string, onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
    // Asked for now: later, the runtime's question would stand in the way of the prompt.
    const { state } = Deno.permissions.requestSync({ name: "write", path: folder });
    if (state !== "granted") {
      throw new UsageError(`--save-binary needs the permission --allow-write=${folder}`);
    }
    this.#folder = folder.replace(/(?<=.)\/+$/, "");
    try {
      Deno.mkdirSync(this.#folder, { recursive: true });
    } catch (error) {
      throw new UsageError(`Cannot make the folder of --save-binary: ${errorText(error)}`);
    }
  }

  /** Saves a message; says where, or that it could not. */
  save(bytes: Uint8Array): string {
    for (;;) {
      const path = `${this.#folder}/message-${String(++this.#number).padStart(4, "0")}.bin`;
      try {
        Deno.writeFileSync(path, bytes, { createNew: true });
        return `saved as ${path}`;
      } catch (error) {
        if (error instanceof Deno.errors.AlreadyExists) continue;
        this.#onFailure(error);
        return "not saved";
      }
    }
  }
}
