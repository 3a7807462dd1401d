/**
 * How TLS is done by a client, and what can be checked of that beforehand.
 *
 * @module
 */
import { wrongType } from "../connection/numbers.ts";

/** How TLS is done by a client. */
export interface ClientTlsOptions {
  /**
   * Certificates of authorities to trust, in PEM, in place of the usual ones.
   * @default the runtime's: those of Mozilla, or what `--cert` and `DENO_TLS_CA_STORE` say
   */
  caCerts?: string[];
  /** The client's own certificate chain, in PEM. @default undefined */
  cert?: string;
  /** The private key of that certificate, in PEM. @default undefined */
  key?: string;
  /**
   * The host name, or the IP address, that the certificate must be for; a name is also what the
   * server is asked for (SNI).
   * @default the host of the URL
   */
  serverName?: string;
  /**
   * Takes any certificate, whoever it is for and whoever signed it: what is sent can then be
   * read and changed on its way. For tests; better name the authority in `caCerts`.
   * @default false
   */
  insecure?: boolean;
}

/** Whether anything is set in the options. */
export function isEmptyTls(tls: ClientTlsOptions): boolean {
  const { caCerts = [], cert, key, serverName, insecure = false } = tls;
  const texts = [cert, key, serverName];
  return caCerts.length === 0 && !insecure && texts.every((text) => text === undefined);
}

/**
 * Checks what can be checked of the TLS options before anything is opened. `name` is what they
 * are called in messages.
 *
 * @throws {TypeError} when one is of the wrong type or not PEM, or a certificate comes without
 * its key.
 */
export function checkTlsOptions(tls: ClientTlsOptions, name = "tls"): void {
  if (typeof tls !== "object" || tls === null) throw wrongType(name, "an object", tls);
  const { caCerts = [], cert, key, serverName, insecure = false } = tls;
  if (!Array.isArray(caCerts)) throw new TypeError(`${name}.caCerts must be an array of strings`);
  for (const caCert of caCerts) checkPem(`${name}.caCerts`, caCert, "CERTIFICATE");
  if (cert !== undefined) checkPem(`${name}.cert`, cert, "CERTIFICATE");
  if (key !== undefined) checkPem(`${name}.key`, key, "PRIVATE KEY");
  if ((cert === undefined) !== (key === undefined)) {
    throw new TypeError(`${name}.cert and ${name}.key must be given together`);
  }
  if (serverName !== undefined) checkServerName(`${name}.serverName`, serverName);
  if (typeof insecure !== "boolean") throw wrongType(`${name}.insecure`, "a boolean", insecure);
}

function checkPem(name: string, value: unknown, label: string): void {
  if (typeof value !== "string") {
    throw new TypeError(`${name} must be PEM, which is text; got ${typeof value}`);
  }
  if (!new RegExp(`-----BEGIN [A-Z ]*${label}-----`).test(value)) {
    throw new TypeError(`${name} must be PEM, with a line -----BEGIN ${label}-----; got none`);
  }
}

function checkServerName(name: string, value: unknown): void {
  if (typeof value !== "string") throw wrongType(name, "a string", value);
  if (!/^[\w.:-]+$/.test(value)) {
    throw new TypeError(`${name} must be a host name in ASCII or an IP address`);
  }
}
