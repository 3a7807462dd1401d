/**
 * Opening a WebSocket for a raw case, whichever part the testee plays.
 *
 * @module
 */
import type { RawVerdict } from "../model/case.ts";
import type { CaseStream, RawStage } from "../model/stage.ts";
import { field } from "../wire/head.ts";
import { openingFaults, readAnswer } from "./answers.ts";
import { fittingAnswer } from "./deflate_terms.ts";
import { RawSocket } from "./raw_socket.ts";
import { buildRequest } from "./requests.ts";
import { buildResponse } from "./responses.ts";
import { NOT_OPENED, verdict } from "./verdicts.ts";

/** How to open. */
export interface OpenOptions {
  /**
   * The compression to agree on, as a server's request offers it; a client is answered with what is
   * left of it.
   *
   * @default none
   */
  readonly deflate?: {
    readonly offer: string;
    readonly answer: string;
    /** Whether a testee that has compression may decline just this. @default {false} */
    readonly mayDecline?: boolean;
  };
}

/** A WebSocket, or why there is none. */
type Opened = { readonly socket: RawSocket } | { readonly trouble: RawVerdict };

/** Opens a WebSocket to a server, or accepts that of a client. */
async function open(
  stage: RawStage,
  { stream, deflate }: OpenOptions & { stream: CaseStream },
): Promise<Opened> {
  if (stage.accepted !== undefined) return await accept(stage.accepted, deflate);
  const draft = deflate === undefined
    ? {}
    : { fields: { "Sec-WebSocket-Extensions": deflate.offer } };
  const { bytes, key } = buildRequest(stage.target, draft);
  await stream.write(bytes);
  const answer = await readAnswer(stream);
  if (answer.kind !== "response" || answer.response.status !== 101) {
    return { trouble: verdict("FAILED", "The WebSocket could not be opened.", NOT_OPENED) };
  }
  const { head, rest } = answer.response;
  const faults = openingFaults(head, { key, extensions: ["permessage-deflate"] });
  if (faults.length > 0) return { trouble: verdict("FAILED", faults.join("; "), NOT_OPENED) };
  const extensions = field(head, "sec-websocket-extensions") ?? "";
  const socket = new RawSocket(stream, { testee: "server", rest, extensions });
  if (deflate === undefined || extensions !== "") return { socket };
  const closing = await socket.closeNormally();
  return { trouble: { ...deflate.mayDecline ? DECLINED : NOT_COMPRESSED, ...closing } };
}

/** What is said where a case is about compression, and the testee has none. */
const NOT_COMPRESSED: RawVerdict = verdict(
  "UNIMPLEMENTED",
  "permessage-deflate was not negotiated.",
);

/** What is said where a testee does not agree on what it need not agree on. */
const DECLINED: RawVerdict = verdict("INFORMATIONAL", "The offer was declined.");

/** Answers the request of a client. */
async function accept(
  { stream, request }: NonNullable<RawStage["accepted"]>,
  deflate: OpenOptions["deflate"],
): Promise<Opened> {
  const offers = field(request, "sec-websocket-extensions") ?? "";
  const offered = offers.includes("permessage-deflate");
  const extensions = deflate !== undefined && offered ? fittingAnswer(deflate.answer, offers) : "";
  const draft = extensions === "" ? {} : { fields: { "Sec-WebSocket-Extensions": extensions } };
  await stream.write(buildResponse(request, draft));
  const socket = new RawSocket(stream, { testee: "client", extensions });
  if (deflate === undefined || offered) return { socket };
  return { trouble: { ...NOT_COMPRESSED, ...await socket.closeNormally() } };
}

/**
 * Opens a WebSocket, and has `use` find the verdict. Afterwards the connection is dropped, and a
 * server must still echo for others.
 */
export async function withSocket(
  stage: RawStage,
  use: (socket: RawSocket) => Promise<RawVerdict>,
  options: OpenOptions = {},
): Promise<RawVerdict> {
  const stream = stage.accepted?.stream ?? await stage.connect();
  let judged: RawVerdict;
  try {
    const opened = await open(stage, { ...options, stream });
    judged = "trouble" in opened ? opened.trouble : await use(opened.socket);
  } finally {
    stream.drop("fin");
  }
  if (stage.testee === "client" || await stage.stillEchoes()) return judged;
  return verdict("FAILED", `${judged.result} Afterwards the server no longer echoes for others.`);
}
