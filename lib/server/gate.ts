/**
 * The server's side of every opening handshake: who is admitted, which endpoint is meant,
 * from which pages, and what the application says.
 *
 * @module
 */
import type { Connection } from "../connection/connection.ts";
import type { PeerAddress } from "../connection/transport.ts";
import {
  type Acceptance,
  type FetchHandler,
  type Host,
  type Place,
  SHUTTING_DOWN,
  type UpgradeContext,
  type UpgradeDecision,
} from "../engine/host.ts";
import { CloseCode } from "../protocol/close_codes.ts";
import { selectSubprotocol } from "../protocol/handshake/server_handshake.ts";
import type { AdmissionControl } from "./admission.ts";
import type { UpgradeAnswer } from "./endpoint.ts";
import type { RouteMatch, Routes } from "./routes.ts";

/** What a gate depends on. */
export interface GateParts {
  readonly routes: Routes;
  readonly admission: Pick<AdmissionControl, "admit">;
  readonly fetch: FetchHandler | undefined;
  readonly handshakeTimeout: number;
  readonly onError: (error: unknown) => void;
}

/** Stands before every connection of one server, on every engine. */
export class Gate implements Host {
  readonly handshakeTimeout: number;
  readonly fetch: FetchHandler | undefined;
  /** The connections that are open. */
  readonly connections: Set<Connection> = new Set();
  readonly #parts: GateParts;
  #draining = false;

  constructor(parts: GateParts) {
    this.#parts = parts;
    this.handshakeTimeout = parts.handshakeTimeout;
    this.fetch = parts.fetch;
  }

  /** Lets nobody in any more. */
  drain(): void {
    this.#draining = true;
  }

  admit(address: PeerAddress): Place {
    const { transport, hostname } = address;
    const admission = this.#parts.admission.admit(transport === "tcp" ? hostname : undefined);
    if (admission.kind === "admitted") return admission;
    return { ...admission, headers: Object.entries(admission.headers) };
  }

  async decide(context: UpgradeContext): Promise<UpgradeDecision> {
    if (this.#draining) return { kind: "refused", ...SHUTTING_DOWN };
    const match = this.#parts.routes.match(context.url);
    if (match === undefined) return refused(404, "There is no WebSocket at this path.");
    try {
      if (!isOriginAllowed(match, context)) {
        return refused(403, "WebSocket connections from this origin are not allowed.");
      }
      const decision = await askApplication(match, context);
      return this.#draining ? { kind: "refused", ...SHUTTING_DOWN } : decision;
    } catch (error) {
      this.onError(error);
      return refused(500, "Internal Server Error");
    }
  }

  onOpen(connection: Connection): void {
    this.connections.add(connection);
    connection.closed.then(() => this.connections.delete(connection));
    // Its response was on the way when the draining began.
    if (this.#draining) connection.close(CloseCode.GOING_AWAY);
  }

  /** Passes an error on. What its receiver does wrong must not harm the server. */
  onError(error: unknown): void {
    const complain = (second: unknown) => {
      console.error("The onError of a WebSocket server failed:", second, "on", error);
    };
    try {
      const told: unknown = this.#parts.onError(error);
      if (told instanceof Promise) told.catch(complain);
    } catch (second) {
      complain(second);
    }
  }
}

function isOriginAllowed({ route }: RouteMatch, { head, secure }: UpgradeContext): boolean {
  return route.isOriginAllowed(head.headers.getAll("origin"), head.headers.get("host"), secure);
}

async function askApplication(
  { route, params }: RouteMatch,
  context: UpgradeContext,
): Promise<UpgradeDecision> {
  const { endpoint, options, subprotocols } = route;
  const { head, offer, url, remoteAddress, secure, signal } = context;
  const answer = await endpoint.upgrade?.({
    request: new Request(url, { headers: [...head.headers].map(([name, value]) => [name, value]) }),
    subprotocols: offer.subprotocols,
    params,
    remoteAddress,
    secure,
    signal,
  });
  if (answer instanceof Response) return await refusalOf(answer);
  // What is neither of the two might be meant as a refusal.
  if (answer !== undefined && (typeof answer !== "object" || answer === null)) {
    throw new TypeError(
      `The upgrade hook returned ${String(answer)}: it must be a Response, an answer, or nothing`,
    );
  }
  return {
    kind: "accepted",
    subprotocol: subprotocolOf(answer, offer.subprotocols) ??
      selectSubprotocol(offer.subprotocols, subprotocols),
    headers: [...new Headers(answer?.headers)],
    options,
    handlers: endpoint,
    data: answer?.data,
  } satisfies Acceptance;
}

function subprotocolOf(
  answer: UpgradeAnswer | undefined | void,
  offered: readonly string[],
): string | undefined {
  const chosen = answer?.subprotocol;
  if (chosen === undefined || offered.includes(chosen)) return chosen;
  throw new TypeError(
    `The upgrade hook chose the subprotocol ${JSON.stringify(chosen)}, ` +
      `which the client did not offer`,
  );
}

async function refusalOf(response: Response): Promise<UpgradeDecision> {
  const { status } = response;
  if (status < 300) {
    throw new TypeError(
      `The upgrade hook returned a Response with status ${status}: it must be 300 to 599`,
    );
  }
  const framing = new Set(["connection", "content-length", "transfer-encoding"]);
  const headers = [...response.headers].filter(([name]) => !framing.has(name));
  return { kind: "refused", status, headers, message: await response.text() };
}

function refused(status: number, sentence: string): UpgradeDecision {
  return { kind: "refused", status, message: `${sentence}\n` };
}
