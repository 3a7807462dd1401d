/**
 * Negotiating permessage-deflate (RFC 7692 §7.1) in both parts, the way Autobahn|Testsuite does:
 * what an answer leaves out of what was asked for is no fault here.
 *
 * @module
 */
import type { DeflateAgreement, DeflateRequest } from "../model/case.ts";

const NAME = "permessage-deflate";
const MAX_BITS = 15;

/** The parameters of one offer or of one answer. */
interface Parameters {
  readonly serverNoContextTakeover: boolean;
  readonly clientNoContextTakeover: boolean;
  /** 8 to 15; `undefined` where nothing is said. */
  readonly serverMaxWindowBits: number | undefined;
  /** 8 to 15, or `true` without a value; `undefined` where nothing is said. */
  readonly clientMaxWindowBits: number | true | undefined;
}

/** What came of the negotiation: an agreement or none, or what is wrong. */
export type Negotiated =
  | { readonly agreement: DeflateAgreement | undefined; readonly answer?: string | undefined }
  | { readonly fault: string };

/**
 * What a client offers. Besides what is asked for, each offer allows the server to rule over the
 * client's compressor, as Autobahn's do: an answer depends on that.
 */
export function offersField(requests: readonly DeflateRequest[]): string {
  return requests.map(({ noContextTakeover, maxWindowBits }) =>
    [
      NAME,
      "client_no_context_takeover",
      "client_max_window_bits",
      ...(noContextTakeover ? ["server_no_context_takeover"] : []),
      ...(maxWindowBits > 0 ? [`server_max_window_bits=${maxWindowBits}`] : []),
    ].join("; ")
  ).join(", ");
}

/**
 * What a server's answer means for the client.
 *
 * @param offered Whether anything was offered.
 */
export function readAnswer(value: string | undefined, offered: boolean): Negotiated {
  const extensions = parseExtensions(value ?? "");
  if (extensions.length === 0) return { agreement: undefined };
  const [extension, ...others] = extensions;
  if (others.length > 0) return { fault: `one extension was offered; the server has "${value}"` };
  if (!offered || extension!.name !== NAME) {
    return { fault: `the server has the extension "${extension!.name}", which was not offered` };
  }
  const parameters = readParameters(extension!);
  if (typeof parameters === "string") return { fault: parameters };
  if (parameters.clientMaxWindowBits === true) {
    return { fault: "client_max_window_bits needs a value in an answer" };
  }
  return {
    agreement: {
      outgoing: {
        noContextTakeover: parameters.clientNoContextTakeover,
        windowBits: parameters.clientMaxWindowBits ?? MAX_BITS,
      },
      incoming: {
        noContextTakeover: parameters.serverNoContextTakeover,
        windowBits: parameters.serverMaxWindowBits ?? MAX_BITS,
      },
    },
  };
}

/** What a server answers to offers, given what it asks for, in order of preference. */
export function answerOffers(
  value: string | undefined,
  requests: readonly DeflateRequest[],
): Negotiated {
  const offers: Parameters[] = [];
  for (const extension of parseExtensions(value ?? "")) {
    if (extension.name !== NAME) continue;
    const parameters = readParameters(extension);
    if (typeof parameters === "string") return { fault: parameters };
    offers.push(parameters);
  }
  for (const request of requests) {
    const offer = offers.find((offer) =>
      request.maxWindowBits === 0 || offer.clientMaxWindowBits !== undefined
    );
    if (offer !== undefined) return accept(offer, request);
  }
  return { agreement: undefined };
}

function accept(offer: Parameters, request: DeflateRequest): Negotiated {
  const { serverNoContextTakeover, serverMaxWindowBits } = offer;
  return {
    agreement: {
      outgoing: {
        noContextTakeover: serverNoContextTakeover,
        windowBits: serverMaxWindowBits ?? MAX_BITS,
      },
      incoming: {
        noContextTakeover: request.noContextTakeover,
        windowBits: request.maxWindowBits || MAX_BITS,
      },
    },
    answer: [
      NAME,
      ...(serverNoContextTakeover ? ["server_no_context_takeover"] : []),
      ...(serverMaxWindowBits ? [`server_max_window_bits=${serverMaxWindowBits}`] : []),
      ...(request.noContextTakeover ? ["client_no_context_takeover"] : []),
      ...(request.maxWindowBits > 0 ? [`client_max_window_bits=${request.maxWindowBits}`] : []),
    ].join("; "),
  };
}

/** An extension of a list, and its parameters in order. */
interface Extension {
  readonly name: string;
  readonly parameters: readonly (readonly [name: string, value: string | undefined])[];
}

/** The items of `Sec-WebSocket-Extensions` (RFC 6455 §9.1); empty ones are left out. */
function parseExtensions(value: string): Extension[] {
  return value.split(",").map((item) => item.trim()).filter((item) => item !== "").map((item) => {
    const [name = "", ...parameters] = item.split(";").map((part) => part.trim());
    return {
      name: name.toLowerCase(),
      parameters: parameters.map((parameter) => {
        const [key = "", ...rest] = parameter.split("=").map((part) => part.trim());
        const text = rest.length === 0 ? undefined : rest.join("=").replace(/^"(.*)"$/, "$1");
        return [key.toLowerCase(), text] as const;
      }),
    };
  });
}

/** The parameters of permessage-deflate, or what is wrong with them (RFC 7692 §7.1). */
function readParameters({ parameters }: Extension): Parameters | string {
  const found = new Map<string, number | true>();
  for (const [name, value] of parameters) {
    if (found.has(name)) return `the parameter ${name} stands there twice`;
    const read = readParameter(name, value);
    if (typeof read === "string") return read;
    found.set(name, read);
  }
  const bits = found.get("server_max_window_bits");
  return {
    serverNoContextTakeover: found.has("server_no_context_takeover"),
    clientNoContextTakeover: found.has("client_no_context_takeover"),
    serverMaxWindowBits: bits === true ? undefined : bits,
    clientMaxWindowBits: found.get("client_max_window_bits"),
  };
}

function readParameter(name: string, value: string | undefined): number | true | string {
  switch (name) {
    case "server_no_context_takeover":
    case "client_no_context_takeover":
      return value === undefined ? true : `the parameter ${name} must have no value`;
    case "client_max_window_bits":
      if (value === undefined) return true;
      return windowBits(name, value);
    case "server_max_window_bits":
      return windowBits(name, value);
    default:
      return `the parameter ${name} is not known to ${NAME}`;
  }
}

function windowBits(name: string, value: string | undefined): number | string {
  if (value !== undefined && /^([89]|1[0-5])$/.test(value)) return Number(value);
  return `the parameter ${name} must be 8 to 15; got ${value ?? "no value"}`;
}
