/**
 * What is done with the lines at the prompt.
 *
 * @module
 */
import { errorText } from "../../client/connect_error.ts";
import type { Connection } from "../../connection/connection.ts";
import { printableBytes } from "../printable_bytes.ts";
import type { Command } from "./commands.ts";
import type { Presenter } from "./events.ts";
import type { LinePresenter } from "./line_presenter.ts";
import { duration } from "./notices.ts";
import { allows } from "./permissions.ts";
import { parsePromptLine, PROMPT_HELP, type PromptCommand, type Switch } from "./slash_commands.ts";

/** What a session at the prompt acts upon. */
export interface PromptTarget {
  /** Does what concerns the peer. */
  execute(command: Command): unknown;
  /** The connection that is open. */
  readonly connection: () => Connection | undefined;
  readonly presenter: LinePresenter;
}

const SWITCHES: Readonly<Record<Switch, string>> = {
  timestamps: "the time of day",
  roundTrips: "how long answers take",
  pretty: "indented JSON",
};

/** Does what the lines at the prompt say. */
export class PromptSession {
  readonly #target: PromptTarget;
  readonly #show: Presenter["show"];

  constructor(target: PromptTarget) {
    this.#target = target;
    this.#show = (event) => target.presenter.show(event);
  }

  /** A line was entered; resolves when it is done, and never rejects. */
  async enter(line: string): Promise<void> {
    try {
      await this.#do(parsePromptLine(line));
    } catch (error) {
      this.#show({ type: "error", message: errorText(error) });
    }
  }

  async #do(command: PromptCommand): Promise<void> {
    switch (command.kind) {
      case "send":
        return await this.#send(command);
      case "pong":
      case "close":
        this.#target.execute(command);
        return;
      case "ping":
        return await this.#ping(command.payload);
      case "file":
        return await this.#sendFile(command);
      case "save":
        return await this.#save(command.path);
      case "switch": {
        const isOn = this.#target.presenter.toggle(command.name);
        return this.#tell(`${SWITCHES[command.name]}: ${isOn ? "on" : "off"}`);
      }
      case "info":
        return this.#tell(...infoOf(this.#target.connection()));
      case "help":
        return this.#tell(...PROMPT_HELP);
      case "wrong":
        this.#show({ type: "error", message: command.message });
    }
  }

  async #send(command: Command): Promise<void> {
    try {
      await this.#target.execute(command);
    } catch (error) {
      this.#show({ type: "error", message: `not sent: ${errorText(error)}` });
    }
  }

  async #ping(payload: Uint8Array | undefined): Promise<void> {
    const connection = this.#target.connection();
    if (connection === undefined) return this.#tell("there is no connection");
    this.#tell(`pong after ${duration(await connection.ping(payload))}`);
  }

  async #sendFile({ path, format }: { path: string; format: "binary" | "text" }): Promise<void> {
    await allows({ name: "read", path });
    const data = format === "text" ? await Deno.readTextFile(path) : await Deno.readFile(path);
    await this.#target.execute({ kind: "send", data });
    this.#tell(`sent ${path}, ${data.length} ${format === "text" ? "characters" : "bytes"}`);
  }

  async #save(path: string): Promise<void> {
    const bytes = this.#target.presenter.lastBinary;
    if (bytes === undefined) return this.#tell("no binary message has come yet");
    await allows({ name: "write", path });
    await Deno.writeFile(path, bytes, { createNew: true });
    this.#tell(`saved as ${path}: ${printableBytes(bytes)}`);
  }

  #tell(...lines: string[]): void {
    for (const message of lines) this.#show({ type: "notice", message });
  }
}

function infoOf(connection: Connection | undefined): string[] {
  if (connection === undefined) return ["there is no connection"];
  const { url, state, subprotocol, extensions, remoteAddress, latency } = connection;
  const { transport, hostname, port } = remoteAddress;
  return [
    `${state}: ${url}`,
    `  address:     ${transport === "unix" ? `unix ${hostname}` : `${hostname} port ${port}`}`,
    `  subprotocol: ${subprotocol === "" ? "none" : subprotocol}`,
    `  extensions:  ${extensions === "" ? "none" : extensions}`,
    `  round trip:  ${latency === undefined ? "not measured yet" : duration(latency)}`,
  ];
}
