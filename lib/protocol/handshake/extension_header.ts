/**
 * The grammar of `Sec-WebSocket-Extensions` (RFC 6455 §9.1). What the names and parameters
 * mean is for the extensions to say.
 *
 * @module
 */
import { isToken } from "./grammar.ts";

/** One extension with its parameters, offered by a client or accepted by a server. */
export interface ExtensionOffer {
  /** The name, for example `permessage-deflate`. */
  readonly name: string;
  /**
   * The parameters in their order, duplicates included; the value is `true` where there is
   * none.
   */
  readonly parameters: readonly (readonly [name: string, value: string | true])[];
}

const TOKEN_HERE = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const WHITESPACE_HERE = /[ \t]*/y;

/**
 * Reads the value of the field, or of several fields joined with commas. Returns the
 * extensions in their order, or `undefined` where the value is malformed or names none.
 * The time it takes is linear in the length of the value.
 */
export function parseExtensions(value: string): ExtensionOffer[] | undefined {
  const scanner = new Scanner(value);
  const offers: ExtensionOffer[] = [];
  do {
    scanner.skipWhitespace();
    // RFC 9110 §5.6.1.2: a recipient must ignore empty elements.
    if (scanner.atEnd || scanner.at(",")) continue;
    const offer = parseOffer(scanner);
    if (offer === undefined) return undefined;
    offers.push(offer);
  } while (scanner.take(","));
  return scanner.atEnd && offers.length > 0 ? offers : undefined;
}

/**
 * Writes the value of the field, the opposite of {@linkcode parseExtensions}.
 *
 * @throws {TypeError} where a name or a value is not a token.
 */
export function formatExtensions(offers: readonly ExtensionOffer[]): string {
  return offers.map(({ name, parameters }) => {
    const parts = parameters.map(([parameter, value]) =>
      value === true ? token(parameter) : `${token(parameter)}=${token(value)}`
    );
    return [token(name), ...parts].join("; ");
  }).join(", ");
}

/** `text`, which must be a token. */
function token(text: string): string {
  if (isToken(text)) return text;
  throw new TypeError(
    `Cannot write the extensions: names and values must be tokens, got ${JSON.stringify(text)}`,
  );
}

/** `extension-token *( ";" extension-param )` */
function parseOffer(scanner: Scanner): ExtensionOffer | undefined {
  const name = scanner.token();
  if (name === undefined) return undefined;
  const parameters: [string, string | true][] = [];
  scanner.skipWhitespace();
  while (scanner.take(";")) {
    const parameter = parseParameter(scanner);
    if (parameter === undefined) return undefined;
    parameters.push(parameter);
    scanner.skipWhitespace();
  }
  return { name, parameters };
}

/** `token [ "=" ( token | quoted-string ) ]`, with the space that RFC 2616 §2.1 implies. */
function parseParameter(scanner: Scanner): [string, string | true] | undefined {
  scanner.skipWhitespace();
  const name = scanner.token();
  if (name === undefined) return undefined;
  scanner.skipWhitespace();
  if (!scanner.take("=")) return [name, true];
  scanner.skipWhitespace();
  const value = scanner.at('"') ? scanner.quotedToken() : scanner.token();
  return value === undefined ? undefined : [name, value];
}

/** A place in a text, from which it is read to its end and never back. */
class Scanner {
  readonly #text: string;
  #index = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Whether all is read. */
  get atEnd(): boolean {
    return this.#index >= this.#text.length;
  }

  /** Whether `character` comes next. */
  at(character: string): boolean {
    return this.#text[this.#index] === character;
  }

  /** Steps over `character` if it comes next, and says whether it did. */
  take(character: string): boolean {
    const taken = this.at(character);
    if (taken) this.#index++;
    return taken;
  }

  /** Steps over spaces and tabs. */
  skipWhitespace(): void {
    this.#match(WHITESPACE_HERE);
  }

  /** Reads a token. */
  token(): string | undefined {
    return this.#match(TOKEN_HERE);
  }

  /** Reads a quoted string, which must have a token in its quotes once it is unescaped (§9.1). */
  quotedToken(): string | undefined {
    let content = "";
    this.#index++;
    while (!this.atEnd && !this.at('"')) {
      this.take("\\");
      content += this.#text.charAt(this.#index++);
    }
    return this.take('"') && isToken(content) ? content : undefined;
  }

  /** Reads what the sticky `pattern` matches here. */
  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#index;
    const match = pattern.exec(this.#text)?.[0];
    this.#index += match?.length ?? 0;
    return match;
  }
}
