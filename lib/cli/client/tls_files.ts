/**
 * The files that `--ca`, `--cert` and `--key` name, read and checked: what TLS says of such a file
 * when it cannot use it names neither the file nor what is wrong with it.
 *
 * @module
 */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { errorText } from "../../client/connect_error.ts";
import type { ClientTlsOptions } from "../../client/tls_options.ts";
import { readTextOf, UsageError } from "../usage_error.ts";
import type { HandshakeFlags } from "./client_flags.ts";

/** A certificate in PEM; what is cut off reaches to the end of the text. */
const CERTIFICATE =
  /-----BEGIN [A-Z ]*CERTIFICATE-----[^]*?(?:-----END [A-Z ]*CERTIFICATE-----|$)/g;

/**
 * How TLS is done; `undefined` where no flag says so.
 *
 * @throws {UsageError} when a file cannot be read or is not what the flag needs.
 */
export function tlsOf(flags: HandshakeFlags): ClientTlsOptions | undefined {
  const { ca, cert, key, insecure } = flags;
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError("--cert and --key go together: give both or none");
  }
  const tls: ClientTlsOptions = {
    ...(ca === undefined ? {} : { caCerts: [readCertificates("--ca", ca).pem] }),
    ...(cert === undefined || key === undefined ? {} : readIdentity(cert, key)),
    ...(insecure === true ? { insecure } : {}),
  };
  return Object.keys(tls).length === 0 ? undefined : tls;
}

function readIdentity(certPath: string, keyPath: string): { cert: string; key: string } {
  const { pem: cert, first } = readCertificates("--cert", certPath);
  const key = readPem("--key", keyPath, "PRIVATE KEY");
  if (!first.checkPrivateKey(privateKeyOf(key, keyPath))) {
    throw new UsageError(`--key must be the key of --cert; ${keyPath} belongs to another one`);
  }
  return { cert, key };
}

function readCertificates(flag: string, path: string): { pem: string; first: X509Certificate } {
  const pem = readPem(flag, path, "CERTIFICATE");
  try {
    const [first] = Array.from(pem.matchAll(CERTIFICATE), ([text]) => new X509Certificate(text));
    return { pem, first: first! };
  } catch (error) {
    const reason = errorText(error);
    throw new UsageError(`${flag} needs certificates; one in ${path} cannot be read: ${reason}`);
  }
}

function privateKeyOf(pem: string, path: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    const reason = errorText(error);
    throw new UsageError(
      `--key needs a private key without a passphrase; that in ${path} cannot be read: ${reason}`,
    );
  }
}

function readPem(flag: string, path: string, label: string): string {
  const text = readTextOf(flag, path);
  if (new RegExp(`-----BEGIN [A-Z ]*${label}-----`).test(text)) return text;
  throw new UsageError(
    `${flag} needs PEM, with a line -----BEGIN ${label}-----; ${path} has no such line`,
  );
}
