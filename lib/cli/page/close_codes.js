/**
 * Close codes in plain words (RFC 6455 §7.4), and what may be sent.
 *
 * @module
 */

const MEANINGS = new Map([
  [1000, "normal"],
  [1001, "going away"],
  [1002, "protocol error"],
  [1003, "this kind of data is not accepted"],
  [1005, "no code was given"],
  [1006, "lost, without a closing handshake"],
  [1007, "the text was not valid UTF-8"],
  [1008, "against the server’s policy"],
  [1009, "the message was too big"],
  [1010, "an extension is missing"],
  [1011, "the server had an unexpected fault"],
  [1012, "the server is restarting"],
  [1013, "the server is busy; try again later"],
  [1014, "a gateway had a bad answer"],
  [1015, "the TLS handshake failed"],
]);

/**
 * What a code means.
 *
 * @param {number} code
 * @returns {string}
 */
export function closeMeaning(code) {
  if (code >= 4000) return "the application’s own code";
  if (code >= 3000) return "a registered code";
  return MEANINGS.get(code) ?? "an unknown code";
}

/**
 * Reads what is to be sent on closing.
 *
 * @param {string} codeText
 * @param {string} reason
 * @returns {{ code: number, reason: string }}
 * @throws {Error} With a sentence for people.
 */
export function parseClose(codeText, reason) {
  const code = Number(codeText);
  if (!/^\d{4}$/.test(codeText) || !(code === 1000 || (code >= 3000 && code <= 4999))) {
    throw new Error("The close code must be 1000, or from 3000 to 4999: pages may send no other.");
  }
  const length = new TextEncoder().encode(reason).length;
  if (length > 123) {
    throw new Error(`The reason must have at most 123 bytes as UTF-8; this one has ${length}.`);
  }
  return { code, reason };
}
